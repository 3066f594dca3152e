"""Faces of real pictures whose truth is known, with the defaults."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("weights")


def test_group_pictures(shared_data: Callable[[str], Path]) -> None:
    from benchmarks.extraction_accuracy import detection

    result = detection(shared_data("detection"))
    assert result["faces"] == 124
    assert result["found"] >= 122
    assert result["false"] <= 2


def test_portraits_and_their_pupils(shared_data: Callable[[str], Path]) -> None:
    from benchmarks.extraction_accuracy import london

    result = london(shared_data("london"))
    assert result["with a face"] == result["rows"] == 204
    assert result["iris_error_percent_ipd"]["mean"] < 1.3


def test_the_clip_is_one_person_in_every_frame(shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    from mien.data.shards import read_faces
    from mien.faces.extract import extract

    extract(shared_data("pexels") / "WolfgangLanger_Pexels.mp4", tmp_path, every=4)
    faces = read_faces(tmp_path)
    assert len(faces) == 118
    assert faces.ok.all()
    assert set(faces.track) == {0}
