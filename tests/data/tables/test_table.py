"""Tables as spreadsheets, R and pandas write them: what is read, and the sentence where it cannot be."""

import datetime
import decimal
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.core.errors import InputError
from mien.data.samples import read_samples
from mien.data.tables.numerals import number
from mien.data.tables.table import read_table


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def refusal(path, **settings):
    with pytest.raises(InputError) as error:
        read_table(path, **settings)
    return str(error.value)


def many(remark, row=2, rows=200):
    """A table of people with a remark, one of which is given."""
    head = "path,subject,expression,remark\n"
    return head + "".join(f"{i}.jpg,{i},{'a' if i % 2 else 'b'},{remark if i == row else 'ok'}\n" for i in range(rows))


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(tmp_path):
    said = refusal(write(tmp_path / "s.csv", many('"nice')))
    assert "s.csv: line 4 opens a quotation mark that is never closed" in said


def test_rows_between_two_stray_quotation_marks_are_not_swallowed(tmp_path):
    text = many('"nice')
    # Closed by the next stray one: behind its line's own text, at the end of a cell, or at the start of one.
    for other in ('"good', 'good"', '"good"'):
        both = text.replace("150.jpg,150,b,ok", f"150.jpg,150,b,{other}")
        assert "line 4 opens a quotation mark" in refusal(write(tmp_path / "s.csv", both))


def test_quotation_marks_that_mean_something_stay(tmp_path):
    text = 'path,subject,height,words\na,P,5" tall,"he said ""no"", twice"\nb,Q,6",""\n'
    text += 'c,R,,"two\nlines, and, with, commas"\n'
    table = read_table(write(tmp_path / "s.csv", text))
    assert list(table.columns["height"]) == ['5" tall', '6"', ""]
    assert list(table.columns["words"]) == ['he said "no", twice', "", "two\nlines, and, with, commas"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings_that_say_what_they_are_are_read(tmp_path, encoding):
    table = read_table(write(tmp_path / "s.csv", "path;subject\nMüller.jpg;Jürgen\n", encoding))
    assert list(table.columns) == ["path", "subject"] and list(table.columns["path"]) == ["Müller.jpg"]


def test_excels_line_about_the_separator_is_no_header(tmp_path):
    table = read_table(write(tmp_path / "s.csv", "sep=;\r\npath;y\r\na,b;1,5\r\n", "utf-8-sig"))
    assert list(table.columns["path"]) == ["a,b"] and table.numbers("y")[0][0] == 1.5 and table.first_row == 3


def test_empty_columns_and_rows_at_the_end_are_no_part_of_the_table(tmp_path):
    table = read_table(write(tmp_path / "s.csv", ",path,subject,,\n1,a,P,,\n2,b,Q,,\n,,,,\n,,,,\n"))
    assert list(table.columns) == ["", "path", "subject"] and len(table) == 2
    assert len(read_samples(tmp_path / "s.csv")) == 2


def test_tables_of_r_with_names_of_rows(tmp_path):
    spaced = '"path" "subject" "y"\n"1" "a b.jpg" "P" 1.5\n"2" "c.jpg" "Q" 2\n'
    for text in (spaced, spaced.replace('" "', '"\t"').replace('" ', '"\t')):
        table = read_table(write(tmp_path / "r.txt", text))
        assert list(table.columns) == ["", "path", "subject", "y"]
        assert list(table.columns["path"]) == ["a b.jpg", "c.jpg"] and table.numbers("y")[0].tolist() == [1.5, 2]


def test_decimal_commas_between_commas_are_not_taken_for_names_of_rows(tmp_path):
    said = refusal(write(tmp_path / "s.csv", "path,subject,y\na.jpg,1,3,5\nb.jpg,2,4,5\n"))
    assert "decimal comma" in said and "semicolons" in said


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("1.5", False, 1.5), ("1,234.5", False, 1234.5), ("1,234,567", False, 1234567), ("1 234", False, 1234),
        ("1'234.5", False, 1234.5), ("-2e-3", False, -0.002), (".5", False, 0.5), ("1,5", True, 1.5), (",5", True, 0.5),
        ("1.234,5", True, 1234.5), ("1.234.567", True, 1234567), ("1\u00a0234,5", True, 1234.5), ("2.5", True, 2.5),
        ("1,234", True, 1.234),
    ],
)  # fmt: skip
def test_numbers_that_can_mean_one_thing_only_are_read(text, comma, value):
    assert number(text, comma) == (value, False)


@pytest.mark.parametrize(
    ("text", "comma"),
    [("1,234", False), ("1.234", True), ("1_000", False), ("inf", False), ("1e999", False), ("12,34.5", False),
     ("#DIV/0!", False), ("1.2.3", False), ("5 %", False)],
)  # fmt: skip
def test_what_could_be_two_numbers_or_none_is_none(text, comma):
    value, bad = number(text, comma)
    assert np.isnan(value) and bad


@pytest.mark.parametrize("text", ["", " ", "NA", "#N/A", "NaN", "NULL", "<NA>", "#NV"])
def test_no_value_in_other_programs_is_missing(text):
    value, bad = number(text, False)
    assert np.isnan(value) and not bad


def test_titles_and_merged_cells_above_the_header_are_told(tmp_path):
    said = refusal_of_samples(write(tmp_path / "s.csv", "Study 3,,x\npath,subject,y\na,P,1\n"))
    assert "row 2" in said and "remove the rows above it" in said


def refusal_of_samples(path):
    with pytest.raises(InputError) as error:
        read_samples(path)
    return str(error.value)


def parquet(path, **columns):
    pq.write_table(pa.table({"path": ["a", "b"], "subject": ["1", "2"], **columns}), path)
    return path


def test_every_type_of_a_parquet_column(tmp_path):
    big = 2**60 + 1
    place = parquet(
        tmp_path / "t.parquet",
        id=pa.array([big, big + 1]),
        when=pa.array([datetime.datetime(2024, 5, 1, 12), None]),
        day=pa.array([datetime.date(2024, 5, 1), None]),
        took=pa.array([datetime.timedelta(milliseconds=1500), None]),
        score=pa.array([decimal.Decimal("1.50"), None]),
        yes=pa.array([True, False]),
        kind=pa.array(["x", "y"]).dictionary_encode(),
        level=pa.array([1, 3]).dictionary_encode(),
        vector=pa.array([[1.0, 2.0], [3.0]]),
        raw=pa.array([b"\xff\xfe", b"\x00"]),
        plain=pa.array([b"u", b"v"]),
        none=pa.nulls(2),
        small=pa.array([1, None], pa.int8()),
    )
    table = read_table(place)
    assert list(table.columns["id"]) == [str(big), str(big + 1)]
    assert list(table.columns["when"]) == ["2024-05-01 12:00:00", ""]
    assert list(table.columns["day"]) == ["2024-05-01", ""]
    assert table.numbers("took")[0][0] == 1.5 and table.numbers("score")[0][0] == 1.5
    assert list(table.columns["yes"]) == ["True", "False"] and list(table.columns["kind"]) == ["x", "y"]
    assert list(table.columns["level"]) == ["1", "3"] and list(table.columns["plain"]) == ["u", "v"]
    assert list(table.columns["none"]) == ["", ""] and list(table.columns["small"]) == ["1", ""]
    assert set(table.skipped) == {"vector", "raw"}
    with pytest.raises(InputError, match=r"'vector' .* holds list<"):
        table.need("vector", "asked for")
    fast = read_table(place, numbers=True)
    assert fast.columns["took"][0] == 1.5 and fast.columns["score"][0] == 1.5
    # Not rounded to the next number that float64 has.
    assert list(fast.columns["id"]) == [str(big), str(big + 1)]
    samples = read_samples(place)
    assert samples.ratings["took"][0] == 1.5 and any("'vector'" in note for note in samples.notes)


def test_parquet_values_that_nobody_can_read_are_told(tmp_path):
    late = pa.array([2**60, 0], pa.int64()).cast(pa.timestamp("us"))
    said = refusal(parquet(tmp_path / "d.parquet", x=late))
    assert "'x'" in said and "no calendar has in row 1" in said
    said = refusal(parquet(tmp_path / "u.parquet", x=pa.array([b"a", b"\xff"]).view(pa.string())))
    assert "'x'" in said and "not UTF-8 in row 2" in said


def test_a_folder_called_like_a_column_adds_none(tmp_path):
    (tmp_path / "group=1").mkdir()
    assert "group" not in read_table(parquet(tmp_path / "group=1" / "t.parquet")).columns


def test_a_parquet_file_that_claims_too_much_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("mien.data.tables.parquet.MOST_CELLS", 3)
    assert "4 cells" in refusal(parquet(tmp_path / "t.parquet"))


def workbook(path, cells):
    book = openpyxl.Workbook()
    book.active.append(["path", "subject", "y"])
    for place, value in cells.items():
        book.active[place] = value
    book.save(path)
    return path


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD2"])
def test_a_cell_far_out_is_told_and_allocates_nothing(tmp_path, cell):
    if cell == "XFD1048576":
        said = refusal(workbook(tmp_path / "t.xlsx", {cell: 1}))
        assert f"reaches to {cell}" in said and "17,179,869,184 cells" in said
    else:
        # A million rows of three columns, or one row of all columns, fit.
        assert len(read_table(workbook(tmp_path / "t.xlsx", {cell: "x"})))


def test_cells_without_an_address_count_where_their_row_says(tmp_path):
    place = workbook(tmp_path / "t.xlsx", {"A2": "a"})
    edited(place, "xl/worksheets/sheet1.xml", lambda text: text.replace(b'<c r="A2"', b"<c").replace(
        b'<row r="2"', b'<row r="99999999999"'))  # fmt: skip
    assert "row 99999999999" in refusal(place)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mien.data.tables.workbook_size.MOST_BYTES", 3_000_000)
    place = workbook(tmp_path / "t.xlsx", {"A2": "a"})
    edited(
        place,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b"</worksheet>", b" " * 4_000_000 + b"</worksheet>"),
    )
    assert "holds more than mien unpacks" in refusal(place)


def test_a_damaged_workbook_is_told(tmp_path):
    place = workbook(tmp_path / "t.xlsx", {"A2": "a"})
    whole = place.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 8):
            damaged[at] = rng.integers(0, 256)
        place.write_bytes(bytes(damaged))
        try:
            read_table(place)
        except InputError as error:
            assert "t.xlsx" in str(error)


def edited(place, part, change):
    """Change a part of a zip file."""
    with zipfile.ZipFile(place) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)


@pytest.mark.parametrize(
    "text",
    [
        # R's write.table(sep = ","): no name above the names of the rows.
        '"path","subject","y"\n"1","a.png","p",0.5\n"2","b.png","q",0.25\n',
        '"path","subject","y"\n"1","a.png","p",5\n"2","b.png","q",7\n',
        "path,subject,y\nx1,a.png,p,5\nx2,b.png,q,7\n",
        # Remarks above the header.
        "# exported by a program\npath,subject,y\na.png,p,5\nb.png,q,7\n",
        "# exported, on Monday\n#\npath;subject;y\na.png;p;5\nb.png;q;7\n",
    ],
)
def test_names_of_rows_and_remarks_between_commas(tmp_path, text):
    table = read_table(write(tmp_path / "r.csv", text))
    assert list(table.columns["path"]) == ["a.png", "b.png"] and list(table.columns["subject"]) == ["p", "q"]
    assert table.numbers("y")[0].tolist() in ([5, 7], [0.5, 0.25])


def test_a_header_may_begin_with_a_hash(tmp_path):
    assert list(read_table(write(tmp_path / "r.csv", "#frame,AU12\n1,2\n2,3\n")).columns) == ["#frame", "AU12"]


def test_what_may_be_names_of_rows_or_decimal_commas_is_told_as_both(tmp_path):
    said = refusal(write(tmp_path / "s.csv", "frame,AU12\n1,0,5\n2,0,7\n3,1,2\n"))
    assert "decimal comma" in said and "row.names = FALSE" in said
    said = refusal(write(tmp_path / "e.csv", "path,subject,y\na.png,p,1\n# the end\n"))
    assert "begins with '#'" in said and "decimal" not in said
