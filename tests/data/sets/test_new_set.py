"""A known data set is one file and one row: a made-up one is read by its name."""

from pathlib import Path

import pytest

import mien
import mien.data.sets
from mien.core.errors import InputError
from mien.data.ratings import read_single_ratings
from mien.data.sets.catalogue import SETS, DataSet

FILE = '''
"""Three faces that two people rated."""

from pathlib import Path

import numpy as np

from mien.core.samples import Samples
from mien.data.tables.ratings import SingleRatings

PATHS = np.array(["1.png", "2.png", "3.png"], dtype=object)


def three(folder: Path) -> Samples:
    return Samples(path=PATHS, subject=PATHS, ratings={"calm": np.array([1.0, 2.0, 3.0])}, root=folder, name="Three")


def three_ratings(folder: Path) -> SingleRatings:
    people = np.array(["a", "a", "a", "b", "b", "b"], dtype=object)
    values = np.array([1.0, 2.0, 2.0, 1.0, 2.0, 4.0])
    return SingleRatings(np.tile(PATHS, 2), np.full(6, "calm", dtype=object), values, people)
'''


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, after the set's file and its row were added."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "three_faces.py").write_text(FILE)
    monkeypatch.setattr(mien.data.sets, "__path__", [*mien.data.sets.__path__, str(tmp_path / "home")])
    row = DataSet("three", "three_faces:three", "three faces", folder="few/three", ratings="three_faces:three_ratings")
    monkeypatch.setitem(SETS, row.name, row)
    monkeypatch.setenv("MIEN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_new_data_set_is_read_by_its_name(three: Path, tmp_path: Path) -> None:
    assert mien.read_samples("three").root == three / "few" / "three"
    elsewhere = mien.read_samples(f"three:{tmp_path}")
    assert elsewhere.root == tmp_path and list(elsewhere.ratings["calm"]) == [1, 2, 3]
    assert list(read_single_ratings("three:").value) == [1, 2, 2, 1, 2, 4]
    with pytest.raises(InputError, match="Did you mean 'three'"):
        mien.read_samples("thre")
