"""Judgements come as squares, pairs or a folder of people; what is wrong with them is a sentence."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.tables.dissimilarities import read_dissimilarities

SQUARE = ",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n"


def written(folder: Path, text: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_square_in_any_order_of_rows(tmp_path: Path) -> None:
    found = read_dissimilarities(written(tmp_path, SQUARE))
    assert found.names == ("a", "b", "c") and found.values[0].tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
    turned = read_dissimilarities(written(tmp_path, "x,c,a,b\nb,3,1,\na,2,,1\nc,,2,3\n"))
    assert turned.names == ("b", "a", "c") and turned.values[0].tolist() == [[0, 1, 3], [1, 0, 2], [3, 2, 0]]
    assert turned.notes == ()


def test_pairs_of_several_people_with_a_hole_and_a_pair_said_twice(tmp_path: Path) -> None:
    rows = "a,b,dissimilarity,subject\nx,y,1,p\ny,x,3,p\nx,z,4,p\ny,z,5,p\nx,y,2,q\nx,z,6,q\n"
    found = read_dissimilarities(written(tmp_path, rows))
    assert found.sources == ("p", "q") and found.values[0, 0, 1] == 2 and np.isnan(found.values[1, 1, 2])
    assert any("1 of 6 pairs have no value" in note for note in found.notes)
    assert any("with their mean" in note for note in found.notes)


def test_similarities_are_turned_where_they_are_said_to_be_some(tmp_path: Path) -> None:
    pairs = read_dissimilarities(written(tmp_path, "a,b,similarity\nx,y,1\nx,z,4\ny,z,5\n"))
    assert pairs.values[0, 0, 1] == 4 and pairs.values[0, 1, 2] == 0
    alike = written(tmp_path, ",a,b,c\na,1,.2,.3\nb,.2,1,.4\nc,.3,.4,1\n")
    with pytest.raises(InputError, match=r"these look like similarities.*--similarities"):
        read_dissimilarities(alike)
    assert read_dissimilarities(alike, similarities=True).values[0, 0, 1] == pytest.approx(0.8)


def test_a_square_that_is_not_symmetric_counts_with_its_mean_and_a_note(tmp_path: Path) -> None:
    found = read_dissimilarities(written(tmp_path, ",a,b,c\na,0,1,2\nb,3,0,3\nc,2,3,0\n"))
    assert found.values[0, 0, 1] == 2 and "not symmetric (up to 2" in found.notes[0]


def test_a_folder_holds_a_square_for_each_person(tmp_path: Path) -> None:
    for name in ("p1", "p2"):
        written(tmp_path / "people", SQUARE, f"{name}.csv")
    found = read_dissimilarities(tmp_path / "people")
    assert found.sources == ("p1", "p2") and found.values.shape == (2, 3, 3)
    written(tmp_path / "people", SQUARE.replace("c", "d"), "p3.csv")
    with pytest.raises(InputError, match=r"p3.csv: every person's table names the same pictures, but 'c', 'd'"):
        read_dissimilarities(tmp_path / "people")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",a,b,c\na,0,1,2\nb,1,0,3\n", "as many rows as columns"),
        (",a,b,c\na,0,1,2\nb,1,0,3\nd,2,3,0\n", "is only in one of them"),
        (",a,b,a\na,0,1,2\nb,1,0,3\na,2,3,0\n", "more than one column 'a'"),
        (",a,b,c\na,0,one,2\nb,1,0,3\nc,2,3,0\n", "row 2, column 'b': a dissimilarity is a number, but got 'one'"),
        ("a,b\nx,y\n", "a row for each pair with the columns a, b and dissimilarity"),
        (",a,b,c\na,0,1,\nb,1,0,\nc,,,0\n", "no dissimilarity of 'c' to anything"),
        ("a,b,distance\nx,,1\n", "row 2: a pair names two pictures"),
    ],
)
def test_what_is_no_matrix_is_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_dissimilarities(written(tmp_path, text))
