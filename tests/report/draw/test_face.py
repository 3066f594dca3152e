"""What is drawn where: one circle per point with evidence, hue by sign, area by amount, one scale for all."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from mien.atlas.frontal import contours, frontal_points
from mien.core.errors import InputError
from mien.core.topology import topology
from mien.report.draw import svg
from mien.report.draw.face import face_plot, limit_of

NS = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.usefixtures("weights")


def circles(drawn):
    return [element.attrib for element in ET.fromstring(drawn).iter(f"{NS}circle")]


@pytest.mark.parametrize("name", ["mediapipe-478", "mediapipe-468", "ibug-68"])
def test_mirror_partners_lie_opposite_each_other(name):
    points = frontal_points(name)
    mirrored = points[topology(name).mirror] * [-1, 1]
    assert points.shape == (len(topology(name)), 2)
    assert np.abs(points - mirrored).max() < 0.35  # cm; the 68 are the nearest points of the mesh


def test_the_person_is_seen_from_the_front_and_upright():
    points, regions = frontal_points("mediapipe-478"), topology("mediapipe-478").regions
    centre = {name: points[part].mean(axis=0) for name, part in regions.items()}
    assert centre["left eye"][0] > 2 and centre["right eye"][0] < -2
    assert centre["forehead"][1] < centre["nose"][1] < centre["mouth"][1] < centre["chin"][1]
    eye = points[[33, 133, 159, 145]]
    assert (eye.min(axis=0) < points[468]).all() and (points[468] < eye.max(axis=0)).all()
    assert len(contours()) == 9


@pytest.mark.parametrize("name", ["mediapipe-478", "ibug-68"])
def test_points_are_drawn_where_they_are_with_hue_and_size(name):
    signed = np.zeros(len(topology(name)))
    signed[[10, 20, 30]] = [4, -1, 0.001]
    drawn = circles(face_plot(signed, name, title="t"))
    assert len(drawn) == 2  # what is under a hundredth of the scale stays a faint dot
    large, small = drawn
    places = frontal_points(name) * 10
    assert [float(large[k]) for k in ("cx", "cy")] == pytest.approx(places[10], abs=0.06)
    assert large["fill"] == svg.POSITIVE and small["fill"] == svg.NEGATIVE
    assert (large["fill-opacity"], small["fill-opacity"]) == ("1", "0.25")
    assert float(large["r"]) / float(small["r"]) == pytest.approx(2, abs=0.1)  # area is the amount


def test_one_limit_makes_pictures_comparable():
    signed = np.zeros(68)
    signed[3] = 1
    faint = circles(face_plot(signed, "ibug-68", title="t", limit=10.0, largest=4.0))[0]
    assert faint["fill-opacity"] == "0.1" and float(faint["r"]) == pytest.approx(2.1)
    assert limit_of(signed, -3 * signed, np.array([np.nan])) == 3


def test_the_colour_bar_says_its_unit_and_ends():
    drawn = face_plot(np.linspace(-2, 1, 68), "ibug-68", title="t", unit="logit per point")
    words = [element.text for element in ET.fromstring(drawn).iter(f"{NS}text")]
    assert words == ["−2", "−1", "0", "+1", "+2", "logit per point"]


def test_no_evidence_and_nan_draw_a_bare_face():
    for values in (np.zeros(478), np.full(478, np.nan)):
        assert circles(face_plot(values, "mediapipe-478", title="t", unit="u")) == []


def test_a_title_cannot_break_out():
    drawn = face_plot(np.zeros(68), "ibug-68", title="</title><script>alert(1)</script>", unit="<b>")
    assert "<script" not in drawn and "<b>" not in drawn
    ET.fromstring(drawn)


def test_a_full_face_is_small():
    drawn = face_plot(np.random.default_rng(0).normal(size=478), "mediapipe-478", title="t", unit="logit")
    assert len(drawn) < 45_000
    assert not re.search(r"\d\.\d{3}", drawn)


def test_wrong_shapes_are_told():
    with pytest.raises(InputError, match="68 points, but the evidence has shape"):
        face_plot(np.zeros(67), "ibug-68", title="t")
