"""Faces of a turned picture, in the picture as it is: points, boxes, irises and roll are where they were."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mien.data.media.video import Sampling
from mien.faces.reader import Looker, LookSettings
from mien.faces.sources import find_sources
from mien.faces.upright import turned_back, upright
from tests.media import astronaut

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def looker(weights: None) -> Looker:
    return Looker(LookSettings(Sampling()), 1)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_faces_are_found_where_they_are(looker: Looker, turns: int, tmp_path: Path) -> None:
    """``turns`` to the right make the picture; as many to the left bring it back."""
    picture = astronaut()[:, :300]
    Image.fromarray(picture).save(tmp_path / "level.png")
    Image.fromarray(np.ascontiguousarray(np.rot90(picture, -turns))).save(tmp_path / "turned.png")
    level, turned = find_sources([tmp_path]).sources
    faces = looker.picture(level)
    assert upright(looker, level, faces) is faces
    found = upright(looker, turned, looker.picture(turned))
    (height, width) = np.rot90(picture, -turns).shape[:2]
    expected = turned_back(faces, turns, height, width)
    np.testing.assert_allclose(found.landmarks_px, expected.landmarks_px, atol=0.01)
    np.testing.assert_allclose(found.box_px, expected.box_px, atol=0.01)
    assert (found.height_px[0], found.width_px[0]) == (height, width)
    # Where the points are says so, too: the middle of the irises, and the side on which the chin is.
    eyes, chin = found.iris_px[0].mean(0), found.landmarks_px[0, 152, :2]
    lean = np.degrees(np.arctan2(-(chin - eyes)[0], (chin - eyes)[1]))
    assert abs((lean - found.pose_deg[0, 2] + 180) % 360 - 180) < 10
    assert abs((found.pose_deg[0, 2] - faces.pose_deg[0, 2] - 90 * turns + 180) % 360 - 180) < 0.1


def test_no_face_stays_none(looker: Looker, tmp_path: Path) -> None:
    Image.new("RGB", (160, 120), (90, 120, 90)).save(tmp_path / "meadow.png")
    (meadow,) = find_sources([tmp_path]).sources
    assert upright(looker, meadow, looker.picture(meadow)).status.tolist() == ["no face"]
