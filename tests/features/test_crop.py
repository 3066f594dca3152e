"""Aligned crops of pictures whose every pixel is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.samples import Samples
from mien.features import compute
from mien.features.crop import cut

SIDE = 200


def picture(angle_deg: float = 0.0, distance: float = 40.0, centre: tuple[float, float] = (100.0, 90.0)) -> np.ndarray:
    """Smooth colours that are fixed to the face: red grows along the eyes' line, green down the face."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    a = np.deg2rad(angle_deg)
    along = ((x - centre[0]) * np.cos(a) + (y - centre[1]) * np.sin(a)) / distance
    down = (-(x - centre[0]) * np.sin(a) + (y - centre[1]) * np.cos(a)) / distance
    channels = [128 + 40 * along, 128 + 40 * down, np.full_like(x, 60.0)]
    return np.clip(np.stack(channels, 2), 0, 255).round().astype(np.uint8)


def face(angle_deg: float = 0.0, distance: float = 40.0, centre: tuple[float, float] = (100.0, 90.0)) -> np.ndarray:
    """68 points; the eyes' centres lie ``distance`` apart on a line of that angle."""
    points = np.full((68, 3), np.nan)
    a = np.deg2rad(angle_deg)
    for corner, offset in zip((36, 39, 42, 45), (-0.75, -0.25, 0.25, 0.75), strict=True):
        points[corner] = (centre[0] + offset * distance * np.cos(a), centre[1] + offset * distance * np.sin(a), 0)
    return points


def crops(tmp_path: Path, pictures: list[np.ndarray], points: list[np.ndarray], **settings: object) -> Features:
    names = [f"p{i}.png" for i in range(len(pictures))]
    for name, values in zip(names, pictures, strict=True):
        Image.fromarray(values).save(tmp_path / name)
    faces = Faces.build(
        len(names), topology="ibug-68", source=np.array(names, dtype=object), track=np.zeros(len(names)),
        landmarks_px=np.stack(points), width_px=np.full(len(names), SIDE), height_px=np.full(len(names), SIDE),
    )  # fmt: skip
    samples = Samples(path=np.array(names, dtype=object), subject=np.array(names, dtype=object), root=tmp_path)
    return compute({"name": "crop", "size": 32, **settings}, samples, faces)


def test_colours_fixed_to_the_face_stay_where_they_are(tmp_path: Path) -> None:
    found = crops(tmp_path, [picture()], [face()], side=2.0, eyes_at=0.4).values[0]
    step = 2.0 / 32
    across = (np.arange(32) + 0.5) * step - 1.0
    down = (np.arange(32) + 0.5) * step - 2.0 * 0.4
    assert np.abs(found[0] - (128 + 40 * across[None, :]) / 255).max() < 1 / 255
    assert np.abs(found[1] - (128 + 40 * down[:, None]) / 255).max() < 1 / 255
    assert np.allclose(found[2], 60 / 255)


def test_place_size_and_turn_of_the_face_do_not_matter(tmp_path: Path) -> None:
    others = {"angle_deg": 25.0, "distance": 30.0, "centre": (110.0, 85.0)}
    both = crops(tmp_path, [picture(), picture(**others)], [face(), face(**others)], side=2.0).values
    assert np.abs(both[0] - both[1]).max() < 1.5 / 255
    boxes = crops(tmp_path, [picture(), picture(25.0)], [face(), face(25.0)], align="none").values
    assert np.abs(boxes[0] - boxes[1]).max() > 10 / 255


def test_a_smaller_copy_is_averaged_not_thinned_out() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    found = cut(stripes, np.array([32.0, 32.0]), np.array([64.0, 0.0]), 16)
    assert np.abs(found.astype(float) - 100).max() <= 1
    same = cut(stripes, np.array([32.0, 32.0]), np.array([64.0, 0.0]), 64)
    assert np.array_equal(same, stripes)


def test_grey_is_brightness_in_every_channel(tmp_path: Path) -> None:
    colour = crops(tmp_path, [picture()], [face()]).values[0]
    grey = crops(tmp_path, [picture()], [face()], grey=True).values[0]
    assert np.allclose(grey, grey[:1]) and np.allclose(
        grey[0], np.tensordot([0.299, 0.587, 0.114], colour, 1), atol=1e-6
    )


def test_what_cannot_be_cut_says_why(tmp_path: Path) -> None:
    blind = face()
    blind[36] = np.nan
    good = [picture(), picture()[:150], picture(), picture()]
    for name, values in zip(("p0.png", "p1.png", "p2.png"), good, strict=False):
        Image.fromarray(values).save(tmp_path / name)
    (tmp_path / "p3.png").write_bytes(b"no picture")
    names = np.array([f"p{i}.png" for i in range(6)], dtype=object)
    faces = Faces.build(
        7, topology="ibug-68", source=np.array([*names[:5], "p5.png", "p5.png"], dtype=object), track=np.zeros(7),
        frame=[0, 0, 0, 0, 0, 0, 1], status=np.array(["ok"] * 4 + ["no face"] + ["ok"] * 2, dtype=object),
        landmarks_px=np.stack([face(), face(), blind, face(), face(), face(), face()]),
        width_px=np.full(7, SIDE), height_px=np.full(7, SIDE),
    )  # fmt: skip
    found = compute({"name": "crop", "size": 16}, Samples(path=names, subject=names, root=tmp_path), faces)
    assert list(found.status) == [
        "ok", "changed since extraction", "missing values", "unreadable", "no face", "a clip, not a picture",
    ]  # fmt: skip
    assert np.isfinite(found.values[0]).all() and np.isnan(found.values[1:]).all()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"size": 3}, "'size' is a whole number from 16"),
        ({"side": "x"}, "'side'"),
        ({"size": 40.5}, "whole"),
        ({"alig": 1}, "align"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, setting: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        crops(tmp_path, [picture()], [face()], **setting)
