"""Excel workbooks say the same as the same table as CSV."""

import datetime

import openpyxl
import pytest

from mien.core.errors import InputError
from mien.data.samples import read_samples
from mien.data.tables.table import read_table

ROWS = [["path", "subject", "sex", "happy", "seen"], ["a.png", 7, "f", 2.5, 1], ["b.png", 8, "m", None, 0]]


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_holds_the_samples_of_the_same_csv(tmp_path):
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in ROWS)
    (tmp_path / "t.csv").write_text(text)
    workbook(tmp_path / "t.xlsx", ("empty", []), ("Data", [[], *ROWS, [None] * 5]), ("Other", [["x"], [1]]))
    a, b = read_samples(tmp_path / "t.csv"), read_samples(tmp_path / "t.xlsx")
    for name in ("path", "subject"):
        assert list(getattr(a, name)) == list(getattr(b, name))
    assert {k: list(v) for k, v in a.labels.items()} == {k: list(v) for k, v in b.labels.items()} == {"sex": ["f", "m"]}
    assert str(a.ratings) == str(b.ratings) and set(b.ratings) == {"happy", "seen"}


def test_rows_are_counted_as_excel_counts_them(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ("Data", [[], [], ["path", "subject", "happy"], ["a", "p", 1], ["b", "p", 2],
                                                    ["c", "p", "much"]]))  # fmt: skip
    with pytest.raises(InputError, match="row 6 says 'much'"):
        read_samples(path)


def test_cells_are_text_as_people_write_them(tmp_path):
    row = [7, 0.1, True, datetime.date(2020, 1, 2), "  x "]
    table = read_table(workbook(tmp_path / "t.xlsx", ("Data", [list("abcde"), row, ["n", "n", "n", "n", "n"]])))
    assert [table.columns[name][0] for name in "abcde"] == ["7", "0.1", "True", "2020-01-02", "x"]


def test_sheets_are_found_by_name_and_what_is_wrong_is_told(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ("One", [["x"], [1]]), ("Two", [["y", "z"], [2, 3]]), ("None", []))
    assert list(read_table(path, sheet="Two").columns) == ["y", "z"]
    assert list(read_table(path, sheet="Two", without=("y",)).columns) == ["z"]
    for sheet, words in (("Three", "no sheet 'Three'; its sheets: 'One', 'Two', 'None'"), ("None", "is empty")):
        with pytest.raises(InputError, match=words):
            read_table(path, sheet=sheet)
    (tmp_path / "locked.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    with pytest.raises(InputError, match="protected by a password or of an old Excel"):
        read_table(tmp_path / "locked.xlsx")
    titled = workbook(
        tmp_path / "titled.xlsx", ("One", [["My study", None, None], ["path", "subject", "x"], ["a", "b", 1]])
    )
    with pytest.raises(InputError, match="Remove titles above it"):
        read_table(titled)
    (tmp_path / "bad.xlsx").write_text("path,subject")
    with pytest.raises(InputError, match="not a readable Excel workbook"):
        read_table(tmp_path / "bad.xlsx")


def test_hidden_sheets_are_not_taken_for_the_first_one(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ("Old", [["x"], [1]]), ("Data", [["y"], [2]]))
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.active = 1
    book.save(path)
    assert list(read_table(path).columns) == ["y"] and list(read_table(path, sheet="Old").columns) == ["x"]


DATA = [["path", "subject", "label"], ["a.png", "p", "x"], ["b.png", "q", "y"]]


@pytest.mark.parametrize(
    "second",
    [
        [DATA[0], ["c.png", "r", "x"]],
        [["My second session"], [], DATA[0], ["c.png", "r", "x"]],
        [["Path", "Subject", "warmth", "age", "sex", "site", "hand"], ["c.png", "r", 1, 2, 3, 4, 5]],
        [["path", "label"], ["c.png", "x"]],
        [["c.png", "r", "x"], ["d.png", "r", "y"]],
    ],
)
def test_rows_in_several_sheets_are_never_lost(tmp_path, second):
    place = workbook(tmp_path / "t.xlsx", ("spring", DATA), ("autumn", second), ("legend", [["label", "means"], [1]]))
    with pytest.raises(InputError, match=r"t.xlsx has 2 sheets .*'spring' \(3\), 'autumn' \([2-4]\).*into one sheet"):
        read_samples(place)
    assert len(read_table(place, sheet="spring")) == 2
    book = openpyxl.load_workbook(place)
    book["autumn"].sheet_state = "hidden"
    book.save(place)
    assert len(read_samples(place)) == 2


def test_sheets_of_other_columns_or_without_rows_are_named_only(tmp_path):
    book = workbook(
        tmp_path / "t.xlsx", ("Data", DATA), ("People", [["subject", "age", "bdi"], ["p", 3, 4]]), ("Form", DATA[:1])
    )
    (note,) = read_samples(book).notes
    assert "from the sheet 'Data' of t.xlsx" in note and "'People' (2 rows), 'Form' (1 rows)" in note
    assert not read_samples(workbook(tmp_path / "one.xlsx", ("Data", DATA), ("Sheet2", []))).notes
