"""What ``mien extract`` prints beside its counts: one line for what has to be known of the files, and no flood."""

from pathlib import Path

from mien.cli.extract import MOST_NAMED, _notes
from mien.faces.extract import Extraction


def result(**changed: object) -> Extraction:
    given: dict = {
        "folder": Path("x"),
        "sources": 9,
        "computed": 9,
        "counts": {"ok": 9},
        "problems": (),
        "left_out": {},
    }
    return Extraction(**given | changed)


def test_nothing_is_said_where_there_is_nothing_to_know() -> None:
    assert list(_notes(result())) == []


def test_many_of_a_kind_are_counted_and_not_all_named() -> None:
    copies = tuple((f"a{i}.jpg", f"b{i}.jpg") for i in range(MOST_NAMED + 2))
    films = tuple((f"{i}.mp4", 3, 10) for i in range(MOST_NAMED + 1))
    lines = list(_notes(result(copies=copies, repeating=films, faces_found=9, doubtful=2)))
    assert lines[0].startswith("2 of 9 faces have a presence below 0.9")
    assert "the same file under several names: a0.jpg, b0.jpg" in lines
    assert f"a{MOST_NAMED}.jpg" not in "".join(lines) and "and 2 other files under several names" in lines
    assert lines[-1] == "and 1 other films like that" and sum("are the one before" in line for line in lines) == 5
