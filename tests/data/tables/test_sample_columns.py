"""What tables of samples hold besides plain numbers and text: nothing of it is lost or changed without a word."""

import re
import zipfile

import numpy as np
import openpyxl
import pytest

from mien.cli.inputs import pairs_of
from mien.core.errors import InputError
from mien.data.samples import read_samples
from mien.data.tables.ratings import single_ratings
from mien.data.tables.table import read_table


def table(place, *cells, name="y", separator=","):
    """A table with one column of these cells."""
    rows = [["path", "subject", name], *([f"{i}.png", f"p{i}", cell] for i, cell in enumerate(cells))]
    place.write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding="utf-8")
    return place


def workbook(place, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(place)
    return place


def refusal(place, **options):
    with pytest.raises(InputError) as caught:
        read_samples(place, **options)
    return str(caught.value)


ROWS = [["path", "subject", "y"], *([f"{i}.png", f"p{i}", i] for i in range(4))]


def test_numbers_in_two_notations_stay_numbers_and_are_told(tmp_path):
    samples = read_samples(table(tmp_path / "t.csv", "20.5", '"21,5"', "19.25", '"18,5"'))
    assert samples.ratings["y"].tolist() == [20.5, 21.5, 19.25, 18.5]
    (note,) = samples.notes
    assert "'20.5' in row 2 and '21,5' in row 3 (2 with a comma)" in note
    # Half and half once made classes of such a column, without a word.
    assert "y" not in samples.labels
    german = read_samples(table(tmp_path / "g.csv", "20,5", "21.5", "3", separator=";"))
    assert german.ratings["y"].tolist() == [20.5, 21.5, 3] and "two notations" in german.notes[0]
    assert not read_samples(table(tmp_path / "p.csv", "20,5", "21,5", separator=";")).notes
    # One and a half thousand, or one and a half: nobody can know.
    assert "'1,500'" in refusal(table(tmp_path / "u.csv", "20.5", "19.5", '"1,500"'))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (("12 %", "15 %", "20 %"), "3 of 3 cells are no plain numbers, such as '12 %' in row 2"),
        (("5 cm", "3 cm", "high"), "such as '5 cm' in row 2"),
        (("1", "2", "a", "b", "c"), "3 of 5 cells are no plain numbers, such as 'a' in row 4"),
        (("~5", "< 3", "4?"), "'~5'"),
    ],
)
def test_a_column_that_looks_like_numbers_does_not_become_classes_without_a_word(tmp_path, cells, told):
    samples = read_samples(table(tmp_path / "t.csv", *cells))
    assert list(samples.labels["y"]) == list(cells)
    assert "'y' is read as classes" in samples.notes[0] and told in samples.notes[0]


def test_plain_classes_need_no_word(tmp_path):
    assert not read_samples(table(tmp_path / "t.csv", "happy", "sad", "1st", "happy", "sad", "NA")).notes


def test_codes_for_no_answer_are_named(tmp_path):
    place = table(tmp_path / "t.csv", "1", "-9", "3.5", "-9.0", "k.A.", "7")
    assert "--missing 'k.A.'" in refusal(place)
    samples = read_samples(place, missing=(-9, "k.A."))
    assert samples.ratings["y"] == pytest.approx([1, np.nan, 3.5, np.nan, np.nan, 7], nan_ok=True)
    assert "-9 in 2 cells, k.A. in 1 cell." in samples.notes[0]
    # Names of people and pictures are no answers.
    people = table(tmp_path / "p.csv", "1", "2").read_text().replace("p1", "p999")
    (tmp_path / "p.csv").write_text(people)
    assert list(read_samples(tmp_path / "p.csv", missing="p999").subject) == ["p0", "p999"]
    with pytest.raises(InputError, match="numbers or texts"):
        read_samples(place, missing=[None])
    (tmp_path / "classes" / "x").mkdir(parents=True)
    assert "missing names codes of a table" in refusal(tmp_path / "classes", missing=[9])


def test_formulas_without_results_are_no_empty_cells(tmp_path):
    place = workbook(tmp_path / "f.xlsx", {"A": [[*row, f"=C{i + 1}*2" if i else "z"] for i, row in enumerate(ROWS)]})
    samples = read_samples(place)
    assert samples.ratings["y"].tolist() == [0, 1, 2, 3] and "z" not in samples.ratings
    assert "The column 'z' was left out. D2 to D5 (4 cells): formulas without their results" in samples.notes[0]
    with pytest.raises(InputError, match=r"'z' cannot be used\. D2 to D5 .* Open the workbook in Excel or LibreOffice"):
        samples.target("z")
    named = workbook(tmp_path / "n.xlsx", {"A": [["path", "subject", "y"], ["a.png", '="p"&1', 1], ["b.png", "q", 2]]})
    assert "the column 'subject' (who is shown; all rows of a person are in one fold) cannot be used. B2:" in refusal(
        named
    )


def test_zeros_that_wait_for_excel_are_no_results(tmp_path):
    place = workbook(tmp_path / "f.xlsx", {"A": [[*row, f"=C{i + 1}*2" if i else "z"] for i, row in enumerate(ROWS)]})

    def with_results(results, order=b'fullCalcOnLoad="1"'):
        found, number = tmp_path / f"{len(list(tmp_path.iterdir()))}.xlsx", iter(results)
        with zipfile.ZipFile(place) as old, zipfile.ZipFile(found, "w") as new:
            for name in old.namelist():
                text = old.read(name).replace(b'fullCalcOnLoad="1"', order)
                new.writestr(name, re.sub(rb"<v ?/>|<v></v>", lambda _: b"<v>%d</v>" % next(number), text))
        return read_samples(found)

    # XlsxWriter writes 0 and tells Excel to compute; what Excel saved itself is computed, zeros among it.
    assert "z" in with_results([0, 0, 0, 0]).unread
    assert with_results([0, 2, 4, 6], b"").ratings["z"].tolist() == [0, 2, 4, 6]


def test_the_sheet_with_samples_is_read_and_named(tmp_path):
    notes = [["Study 3"], ["collected in spring"]]
    place = workbook(tmp_path / "s.xlsx", {"Notes": notes, "Data": ROWS})
    samples = read_samples(place)
    assert len(samples) == 4 and "Read from the sheet 'Data'" in samples.notes[0]
    assert "not read, as their columns are others: 'Notes' (2 rows)" in samples.notes[0]
    german = [["Bild", "Vp", "y"], *ROWS[1:]]
    place = workbook(tmp_path / "g.xlsx", {"Notes": notes, "Daten": german})
    assert len(read_samples(place, columns={"path": "Bild", "subject": "Vp"})) == 4
    place = workbook(tmp_path / "c.xlsx", {"Notes": notes, "Daten": [[" Clip ", "Subject ", "y"], *ROWS[1:]]})
    said = refusal(place)
    assert "(sheet 'Daten') has no column 'clip'" in said and "Perhaps 'Clip' is meant: rename it to 'clip'" in said
    assert "--columns clip=Clip,subject=Subject" in said
    assert len(read_samples(place, columns={"clip": "Clip", "subject": "Subject"})) == 4


def test_a_column_has_one_role(tmp_path):
    place = table(tmp_path / "t.csv", "1", "2")
    said = refusal(place, columns={"clip": "subject", "group": "subject"})
    assert "the column 'subject' is named as 'clip' and as 'group'" in said


def test_the_extra_header_rows_of_qualtrics_are_no_people(tmp_path):
    place = tmp_path / "q.csv"
    place.write_text(
        'path,subject,happy\nPicture,Who?,"How happy, from 1 to 7?"\n'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}","{""ImportId"":""QID3""}"\na.png,p,3\nb.png,q,x\n'
    )
    assert "'x' in row 5" in read_samples(place).notes[-1]
    place.write_text(place.read_text().replace(",x", ",5"))
    samples = read_samples(place)
    assert samples.ratings["happy"].tolist() == [3, 5] and "Qualtrics" in samples.notes[0]


def test_two_columns_of_one_name_on_the_command_line_are_refused():
    assert pairs_of("path=A, subject=B", "--columns") == {"path": "A", "subject": "B"}
    with pytest.raises(InputError, match="--columns names two columns as 'path': 'A' and 'B'"):
        pairs_of("path=A,path=B", "--columns")


def test_minus_signs_of_word_processors_and_separators_at_the_end_of_rows(tmp_path):
    assert read_samples(table(tmp_path / "m.csv", "\u22120.5", "2")).ratings["y"].tolist() == [-0.5, 2]
    assert read_samples(table(tmp_path / "e.csv", "1,", "2,")).ratings["y"].tolist() == [1, 2]


def test_a_comma_that_may_stand_between_thousands_is_named_as_such(tmp_path):
    said = refusal(table(tmp_path / "u.csv", "20.5", "19.5", '"-1,265"'))
    assert "'-1,265' in row 4 (1 such rows), which may stand before decimals or between thousands" in said
    for cells in (('"6,241"', '"7,100"', '"5,020"'), ('"6,241"', '"7,100"', "12")):
        said = refusal(table(tmp_path / "all.csv", *cells))
        assert "'6,241', which may be 6.241 or 6241: " in said and "Write '6.241' or '6241', whichever is meant" in said


def semicolons(place, **columns):
    """A table with columns between semicolons."""
    rows = [["path", "subject", *columns]]
    rows += [[f"{i}.png", f"p{i}", *cells] for i, cells in enumerate(zip(*columns.values(), strict=True))]
    place.write_text("\n".join(";".join(row) for row in rows) + "\n", encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("6.692", "0.167", "2.264"), [6.692, 0.167, 2.264]),  # no group of thousands begins with 0
        (("0.911", "0.121", "-0.912"), [0.911, 0.121, -0.912]),
        (("1.333", "2.5", "4.125"), [1.333, 2.5, 4.125]),
        (("1.333", "1234", "4.125"), [1.333, 1234, 4.125]),  # thousands are not grouped here
        (("1.333", "3", "1,234.5"), [1.333, 3, 1234.5]),
        (("1.234.567", "2.345", "1"), None),  # points between thousands and one that may be either
        (("1.234,5", "2,5", "1"), [1234.5, 2.5, 1]),
        (("1,234", "2,345", "1"), [1.234, 2.345, 1]),
    ],
)
def test_three_digits_behind_a_point_are_decimals_where_the_column_shows_it(tmp_path, cells, values):
    place = semicolons(tmp_path / "t.csv", y=cells)
    if values is None:
        assert "a point, such as '2.345'" in refusal(place)
    else:
        samples = read_samples(place)
        assert samples.ratings["y"].tolist() == values and not samples.notes


def test_a_table_has_one_notation_so_that_its_other_columns_decide(tmp_path):
    unsure = ("1.333", "2.667", "4.125")
    points = read_samples(semicolons(tmp_path / "p.csv", y=unsure, z=("0.5", "2", "3")))
    assert points.ratings["y"].tolist() == [1.333, 2.667, 4.125]
    commas = read_samples(semicolons(tmp_path / "c.csv", y=unsure, z=("0,5", "2", "3")))
    assert commas.ratings["y"].tolist() == [1333, 2667, 4125]
    assert "'1.333', which was read as 1333, as the other columns write decimals with a comma" in commas.notes[0]
    tabs = tmp_path / "t.csv"
    tabs.write_text((tmp_path / "c.csv").read_text().replace(";", "\t"))
    assert read_samples(tabs).ratings["y"].tolist() == [1333, 2667, 4125]


@pytest.mark.parametrize(
    ("cells", "readings"),
    [
        (("1.100", "900", "950"), ("1.1", "1100", "'1,1'")),
        (("1.333", "2.667", "4"), ("1.333", "1333", "'1,333'")),
        (("1.333", "2.667", "4.125"), ("1.333", "1333", "'1,333'")),
        (("-12.500", "", "7"), ("-12.5", "-12500", "'-12,5'")),
    ],
)
def test_a_column_that_nothing_decides_is_refused_with_both_readings(tmp_path, cells, readings):
    said = refusal(semicolons(tmp_path / "t.csv", y=cells))
    decimal, whole, written = readings
    assert f"'{cells[0]}' in row 2" in said and f"which may be {decimal} or {whole}" in said
    assert f"Write {written} or '{whole}'" in said
    # As the same numbers with a comma, where commas separate the columns.
    assert "between thousands" in refusal(table(tmp_path / "u.csv", "20", "900", '"1,100"'))


def test_commas_in_a_column_are_refused_where_the_others_write_points(tmp_path):
    said = refusal(semicolons(tmp_path / "t.csv", y=("1,100", "900", "950"), z=("0.5", "1.5", "2.5")))
    assert "'1,100' in row 2 (1 such rows), which may be 1.1 or 1100" in said and "Write '1.1' or '1100'" in said


def test_single_ratings_that_nothing_decides_are_refused_too(tmp_path):
    place = tmp_path / "r.csv"
    place.write_text("path;rater;attribute;rating\na.png;r1;happy;1.100\nb.png;r1;happy;900\n")
    with pytest.raises(InputError, match=r"'1\.100' in row 2 .*may be 1\.1 or 1100"):
        single_ratings(read_table(place))
