"""Maps on the canonical face: one scale, grey where nothing is known, outlines of clusters."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from mien.atlas.canonical_map import canonical_face
from mien.report.draw.atlas import Panel, atlas_plot
from mien.report.draw.average_face import average_face

SHAPE = canonical_face(468).shape


def pictures(svg: str) -> list[np.ndarray]:
    ET.fromstring(svg)
    found = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    every = [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in found]
    # The face below each map is grey.
    return [picture for picture in every if picture.shape[2] == 4]


def test_panels_share_one_scale_and_one_bar() -> None:
    weak, strong = np.full(SHAPE, 0.5), np.full(SHAPE, -1.0)
    svg = atlas_plot([Panel(weak, ("weak",)), Panel(strong, ("strong",))], title="two", unit="unit")
    one, other = pictures(svg)
    row, column = (int(part.mean()) for part in np.nonzero(canonical_face(468).inside))
    assert abs(int(one[row, column, 3]) - 127) <= 1
    assert other[row, column, 3] == 255
    assert one[row, column, 0] > one[row, column, 2] and other[row, column, 0] < other[row, column, 2]
    assert svg.count(">unit<") == 1


def test_missing_is_striped_and_outside_is_clear() -> None:
    values = np.ones(SHAPE)
    values[: SHAPE[0] // 2] = np.nan
    (found,) = pictures(atlas_plot([Panel(values)], title="half", unit="unit"))
    inside = canonical_face(468).inside
    upper = np.zeros(SHAPE, dtype=bool)
    upper[: SHAPE[0] // 2 - 2] = True
    missing = found[inside & upper]
    assert (missing[:, 0] == missing[:, 2]).all() and 0.3 < (missing[:, 3] > 0).mean() < 0.7
    assert (found[~inside][:, 3] == 0).all()


def test_significant_places_are_outlined() -> None:
    outline = np.zeros((56, 50), dtype=bool)
    outline[20:30, 15:25] = True
    plain = atlas_plot([Panel(np.zeros((56, 50)))], title="none", unit="unit", limit=1.0)
    marked = atlas_plot([Panel(np.zeros((56, 50)), outline=outline)], title="one", unit="unit", limit=1.0)
    assert 'stroke-width="1.5"' in marked and 'stroke-width="1.5"' not in plain


def test_lines_go_round_thirds_of_the_scale_and_a_face_lies_below() -> None:
    rows, columns = np.indices(SHAPE)
    hill = np.exp(-((rows - 110) ** 2 + (columns - 100) ** 2) / 800.0)
    svg = atlas_plot([Panel(hill)], title="hill", unit="unit", limit=1.0)
    lines = re.findall(r'<g[^>]*stroke="#d6402b"[^>]*>(.*?)</g>', svg)
    assert len(lines) == 1 and lines[0].count("<path") == 2
    assert svg.count("<image") == 2
    face = average_face()
    brow, cheek = face[100, 115, 0], face[240, 120, 0]
    assert face[0, 0, 1] == 0 and cheek > 180 and int(brow) < cheek - 40


def test_many_faces_stand_in_rows_whose_letters_can_be_read_in_print() -> None:
    face, largest = Panel(np.ones(SHAPE), ("model of one", "shown other")), 180 / 25.4 * 72
    for count, across, rows in ((1, 1, 1), (4, 4, 1), (5, 3, 2), (9, 3, 3), (15, 4, 4)):
        root = ET.fromstring(atlas_plot([face] * count, title="many", unit="unit"))
        width = float(root.attrib["viewBox"].split()[2])
        names = [node for node in root.iter() if node.text == "model of one"]
        assert [len({node.attrib[axis] for node in names}) for axis in "xy"] == [across, rows] and len(names) == count
        # Over the width of a page.
        assert 10 * largest / width >= 6.9
