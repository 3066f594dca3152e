"""Maps on the canonical face: one scale, grey where nothing is known, outlines of clusters."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from mien.atlas.canonical_map import canonical_face
from mien.report.draw.atlas import Panel, atlas_plot

SHAPE = canonical_face(468).shape


def pictures(svg: str) -> list[np.ndarray]:
    ET.fromstring(svg)
    found = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in found]


def test_panels_share_one_scale_and_one_bar() -> None:
    weak, strong = np.full(SHAPE, 0.5), np.full(SHAPE, -1.0)
    svg = atlas_plot([Panel(weak, ("weak",)), Panel(strong, ("strong",))], title="two", unit="unit")
    one, other = pictures(svg)
    row, column = (int(part.mean()) for part in np.nonzero(canonical_face(468).inside))
    assert abs(int(one[row, column, 3]) - 127) <= 1
    assert other[row, column, 3] == 255
    assert one[row, column, 0] > one[row, column, 2] and other[row, column, 0] < other[row, column, 2]
    assert svg.count(">unit<") == 1


def test_missing_is_grey_and_outside_is_clear() -> None:
    values = np.ones(SHAPE)
    values[: SHAPE[0] // 2] = np.nan
    (found,) = pictures(atlas_plot([Panel(values)], title="half", unit="unit"))
    inside = canonical_face(468).inside
    upper = np.zeros(SHAPE, dtype=bool)
    upper[: SHAPE[0] // 2 - 2] = True
    assert (found[inside & upper][:, 0] == found[inside & upper][:, 2]).all()
    assert (found[~inside][:, 3] == 0).all()


def test_significant_places_are_outlined() -> None:
    outline = np.zeros((56, 50), dtype=bool)
    outline[20:30, 15:25] = True
    plain = atlas_plot([Panel(np.zeros((56, 50)))], title="none", unit="unit", limit=1.0)
    marked = atlas_plot([Panel(np.zeros((56, 50)), outline=outline)], title="one", unit="unit", limit=1.0)
    assert 'stroke-width="1.5"' in marked and 'stroke-width="1.5"' not in plain
