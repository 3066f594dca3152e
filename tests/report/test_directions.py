"""A drawing and the table beside it say one thing; what has no direction is drawn as an amount."""

import re

import numpy as np
import pytest

from mien.atlas.regions import on_regions, regions
from mien.atlas.summary import summarise
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.target import Target
from mien.core.topology import topology
from mien.explain.methods import sign_is_direction
from mien.report.draw import svg
from mien.report.draw.evidence import plots
from mien.report.draw.face import face_plot
from mien.report.draw.gallery import gallery

pytestmark = pytest.mark.usefixtures("weights")
RNG = np.random.default_rng(0)


def build(values, method="integrated-gradients", names=("x", "y"), space="landmarks x time", target="smiling"):
    count = len(values)
    return summarise(
        Evidence(
            values=values,
            space=space,
            names=names,
            target=Target(target),
            method=method,
            settings={SIGN_IS_DIRECTION: sign_is_direction(method)},
            sample=[str(i) for i in range(count)],
            subject=[f"s{i}" for i in range(count)],
            label=[""] * count,
            output=np.zeros(count),
            gap=np.full(count, np.nan),
            status=["ok"] * count,
            topology="ibug-68" if space == "landmarks x time" else "",
        )
    )


SEQUENCES = RNG.normal(size=(8, 9, 68, 2))
FEATURES = ("mouthSmileLeft", "mouthSmileRight", "browInnerUp", "jawOpen")


@pytest.mark.parametrize("shape", ["sequence", "features"])
def test_without_a_direction_there_is_one_hue_and_no_word_of_against(shape):
    if shape == "sequence":
        summary, kinds = build(SEQUENCES, "saliency"), ["regions", "face", "coordinates", "phases", "time"]
    else:
        summary = build(RNG.normal(size=(8, 4)), "saliency", FEATURES, "named features")
        kinds = ["regions", "features"]
    drawn = plots(summary)
    assert [plot.kind for plot in drawn] == kinds
    for plot in drawn:
        assert svg.AMOUNT in plot.svg and svg.POSITIVE not in plot.svg and svg.NEGATIVE not in plot.svg, plot.kind
        assert "−" not in plot.svg and not re.search(r"against|signed|\bred\b|blue", plot.svg + plot.caption), plot.kind
    assert all(row.signed != row.signed for row in regions(summary))


def test_with_a_direction_both_hues_are_drawn():
    for plot in plots(build(SEQUENCES)):
        assert svg.POSITIVE in plot.svg and svg.NEGATIVE in plot.svg and svg.AMOUNT not in plot.svg, plot.kind


def test_the_face_by_regions_is_as_strong_as_the_table_says():
    """Few points drew the brows (8 %) stronger than the mouth (47 %): each point has its region's share now."""
    names = ("mouthSmileLeft", "browOuterUpLeft", "jawOpen")
    summary = build(np.array([[4.7, 0.8, 4.5]] * 8), names=names, space="named features")
    share = {row.name: row.share for row in regions(summary)}
    assert share["mouth"] == pytest.approx(0.47) and share["left brow"] == pytest.approx(0.08)
    drawn, _ = on_regions(summary)
    for name, part in topology(summary.topology).regions.items():
        np.testing.assert_allclose(drawn[part], share[name])
    face = next(plot for plot in plots(summary) if plot.kind == "regions")
    strengths = sorted({float(v) for v in re.findall(r'fill-opacity="([\d.]+)"', face.svg.split("<rect")[0])})
    assert strengths[-1] == 1 and strengths[0] == pytest.approx(0.08 / 0.47, abs=0.01)


def test_of_a_regions_dots_as_many_are_red_as_its_evidence_speaks_for_the_target():
    values = np.zeros((8, 4))
    values[:, 0] = [3, 3, 3, 3, 3, 3, -3, -3]
    summary = build(values, names=FEATURES, space="named features")
    _, speaks_for = on_regions(summary)
    mouth = topology(summary.topology).regions["mouth"]
    np.testing.assert_allclose(speaks_for[mouth], 0.75)
    face = next(plot for plot in plots(summary) if plot.kind == "regions")
    dots = re.findall(r"<circle[^>]*fill=\"(#\w+)\"", face.svg)
    assert len(dots) == len(mouth) and dots.count(svg.POSITIVE) / len(dots) == pytest.approx(0.75, abs=0.05)


def bars(drawn):
    """Numbers of colour bars: each starts with 24 cells of one height."""
    return len(re.findall(r"<rect[^>]*/>", drawn)) // 25


def test_every_scale_has_a_bar_of_its_own():
    one, other = build(SEQUENCES, target="smile"), build(2 * SEQUENCES, target="neutral")
    drawn = gallery([one, other])
    words = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert (
        bars(drawn) == 2
        and "logit per point (upper faces)" in words
        and "amount, logit per point (lower faces)" in words
    )
    amounts = gallery([build(SEQUENCES, "saliency", target=name) for name in ("smile", "neutral")])
    assert bars(amounts) == 1 and svg.POSITIVE not in amounts and "lower" not in amounts
    assert all(bars(plot.svg) == 1 for plot in plots(one) if plot.kind != "time")


@pytest.mark.parametrize("width", [60.0, 130.0, 290.0])
@pytest.mark.parametrize("limit", [0.00067, 1.0, 12345.0])
@pytest.mark.parametrize("amount", [False, True])
def test_words_of_a_colour_bar_do_not_run_into_each_other(width, limit, amount):
    drawn = svg.colour_bar(
        limit, "Grad-CAM times guided gradient", x=0, y=0, width=width, size=11, beyond=True, amount=amount
    )
    words = re.findall(r'<text x="([\d.-]+)" y="[\d.]+" font-size="([\d.]+)" text-anchor="(\w+)"[^>]*>([^<]*)<', drawn)
    assert words[-1][3] == "Grad-CAM times guided gradient"
    ends = []
    for x, size, anchor, text in words[:-1]:
        room = 0.55 * float(size) * len(text)
        start = float(x) - room * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        assert all(start >= end for end in ends) or width < 100
        ends.append(start + room)
    assert drawn.count("<path") == 5  # ticks stay where their words do not fit


def test_a_zero_is_no_direction():
    assert "circle" not in face_plot(np.zeros(68), "ibug-68", title="t", amount=True)
