"""The camera: frames are checked, answered, forgotten; one is kept only when that is asked."""

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from mien.app.guard import Refused
from mien.app.local_page.folders import Folders, OpenStudies
from mien.app.local_page.live.frames import KIND, MOST_BYTES, CameraFrames
from mien.app.local_page.live.offered import live_models, not_live
from mien.core.errors import InputError


def jpeg(side: int = 64) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((side, side, 3), 120, np.uint8))[1].tobytes())


@pytest.fixture
def opened(tmp_path: Path) -> tuple[CameraFrames, str, Path]:
    studies = OpenStudies(Folders.of([tmp_path]))
    return CameraFrames(studies), studies.open(tmp_path).name, tmp_path


def test_a_frame_is_answered_and_nothing_is_kept(opened: tuple[CameraFrames, str, Path]) -> None:
    frames, name, folder = opened
    found = frames.said(name, "rules", True, KIND, jpeg())
    assert found["status"] == "no face" and found["faces"] == []
    assert list(folder.iterdir()) == []


def test_a_frame_is_kept_when_that_is_asked(opened: tuple[CameraFrames, str, Path]) -> None:
    frames, name, folder = opened
    place = folder / frames.kept(name, KIND, jpeg())
    assert place.parent == folder / "media" and place.read_bytes() == jpeg()


@pytest.mark.parametrize(
    ("kind", "content"),
    [("text/html", jpeg()), (KIND, b"<html>"), (KIND, b""), (KIND, jpeg() + bytes(MOST_BYTES)), (KIND, jpeg(1600))],
)
def test_what_is_no_frame_is_refused(opened: tuple[CameraFrames, str, Path], kind: str, content: bytes) -> None:
    frames, name, folder = opened
    with pytest.raises(Refused):
        frames.said(name, "rules", False, kind, content)
    if content != jpeg(1600):
        with pytest.raises(Refused):
            frames.kept(name, kind, content)
    assert list(folder.iterdir()) == []


def test_only_models_of_single_pictures_are_offered(opened: tuple[CameraFrames, str, Path]) -> None:
    frames, name, folder = opened
    for model, recipe in {"pictures": '{"name": "crop"}', "clips": '{"name": "displacement"}', "broken": "]"}.items():
        (folder / "models" / model).mkdir(parents=True)
        (folder / "models" / model / "model.json").write_text(f'{{"recipe": {recipe}}}')
    study = frames.studies.named(name)
    assert list(live_models(study)) == ["rules", "pictures"]
    broken, clips = not_live(study)
    assert "broken" in broken and "'clips' cannot answer about a single picture" in clips
    with pytest.raises(InputError, match="single pictures"):
        frames.said(name, "clips", False, KIND, jpeg())


def test_too_many_frames_are_sent_away(opened: tuple[CameraFrames, str, Path]) -> None:
    frames, name, _ = opened
    frames.rate.per_second, frames.rate.clock = 1.0, lambda: 0.0
    for _ in range(2):
        frames.said(name, "rules", False, KIND, jpeg())
    with pytest.raises(Refused, match="Too many"):
        frames.said(name, "rules", False, KIND, jpeg())
