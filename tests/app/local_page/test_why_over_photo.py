"""Evidence over the photo lies where it was found, on the points that it is about, on one scale, in mien's colours."""

import base64
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

from mien.app.local_page.why import over_photo as module
from mien.app.local_page.why.evidence import OneFace
from mien.app.local_page.why.over_photo import over_photo
from mien.app.local_page.why.stage import MARGIN, SIDE_PX, Stage
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.features import NAMED, PICTURE
from mien.core.placing import place_columns
from mien.core.target import Target

POINTS = np.random.default_rng(0).uniform(100, 300, (478, 2))
POINTS[0], POINTS[1] = (100, 100), (300, 300)
SIDE = 200 * MARGIN


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A face that fills a square of 200 px of a grey photo."""
    grey = np.full((SIDE_PX, SIDE_PX, 3), 128, np.uint8)
    stage = Stage(grey, (POINTS - (200 - SIDE / 2)) / SIDE, 0.3)
    monkeypatch.setattr(module, "stage_of", lambda asked, row: stage)
    faces = SimpleNamespace(landmarks_px=POINTS[None].repeat(3, 2)[:, :, :3], frame=np.zeros(1, int))
    return SimpleNamespace(of_pixels=False, faces=faces, choices=[SimpleNamespace(rows=np.array([0]))])


def about(values: np.ndarray, space: str, names: tuple[str, ...] = (), **more: Any) -> OneFace:
    given: dict[str, Any] = {
        "target": Target("smile"), "method": "occlusion", "settings": {}, "sample": np.array(["x.png"]),
        "subject": np.array(["p"]), "label": np.array([""]), "output": np.zeros(1), "gap": np.array([np.nan]),
        "status": np.array(["ok"]), "model": {}, **more,
    }  # fmt: skip
    return OneFace(Evidence(values=values, space=space, names=names, **given))


def seen(one: Any) -> np.ndarray:
    raw = base64.b64decode(one.address.partition(",")[2])
    return cv2.imdecode(np.frombuffer(raw, np.uint8), 1)[:, :, ::-1].astype(float)


def place(point: np.ndarray) -> np.ndarray:
    return (point - (200 - SIDE / 2)) / SIDE * SIDE_PX


def test_pixels_lie_where_their_crop_was_cut(asked: Any) -> None:
    values = np.zeros((1, 3, 40, 40), np.float32)
    values[0, :, 30:34, 10:14] = 1
    matrix = np.array([[5.0, 0, 102], [0, 5.0, 102]])
    columns = place_columns(matrix[None], np.array([[400, 400]]))
    (one,), said = over_photo(asked, 0, [about(values, PICTURE, columns=columns)])
    red = seen(one)[..., 0] - seen(one)[..., 2]
    y, x = np.argwhere(red > red.max() / 2).mean(axis=0)
    # The middle of the pixels 10 to 13 lies at 11.5 from the middle of the first, half a pixel from the corner.
    assert np.allclose([x + 0.5, y + 0.5], place(np.array([11.5, 31.5]) * 5 + 102.5), atol=2) and said == []
    assert one.words == "occlusion: red for, blue against 'smile'"


def test_measures_lie_on_their_points_and_what_is_against_is_blue(asked: Any) -> None:
    names = tuple(f"point {number} {axis}" for number in range(478) for axis in "xy")
    values = np.zeros((1, len(names)), np.float32)
    values[0, 2 * 1], values[0, 2 * 0] = 1, -1
    about_points = {"topology": "mediapipe-478"}
    (one,), _ = over_photo(asked, 0, [about(values, NAMED, names, **about_points)])
    picture = seen(one)
    (x, y), (u, v) = (place(POINTS[number]).astype(int) for number in (1, 0))
    assert picture[y, x, 0] > picture[y, x, 2] + 40 and picture[v, u, 2] > picture[v, u, 0] + 40
    assert np.ptp(picture[SIDE_PX // 2, 5]) < 8


def test_amounts_have_a_hue_of_their_own_and_what_failed_is_not_drawn(asked: Any) -> None:
    values = np.ones((1, 3, 20, 20), np.float32)
    columns = place_columns(np.array([[[5.0, 0, 150], [0, 5.0, 150]]]), np.array([[400, 400]]))
    amounts = about(values, PICTURE, columns=columns, settings={SIGN_IS_DIRECTION: False})
    failed = about(values, PICTURE, columns=columns, status=np.array(["constant"]))
    (one,), said = over_photo(asked, 0, [amounts, failed])
    assert one.words == "occlusion: amounts" and said == []
    nowhere = about(values, PICTURE)
    assert "is not known" in over_photo(asked, 0, [nowhere])[1][0]
