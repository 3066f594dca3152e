"""Captions of learning curves name what is drawn, and nothing else."""

import re

import pytest

from mien.cohort.learning_curve_result import BestOfSet, CurveEstimate, CurveSize, LearningCurve
from mien.report.draw.learning_curve import BEST, curve_words, learning_curve_plot
from mien.report.sections.learning_curve import section
from mien.stats.power_law import Beyond, PowerLaw

NAN = float("nan")


def curve(people, *, known=True, chosen=False, beyond=False):
    """Scores of so many people each, with intervals if they are ``known``."""
    low, high = (0.1, 0.6) if known else (NAN, NAN)
    held, within = CurveEstimate(0.3, low, high), CurveEstimate(0.5, low, high)
    best = BestOfSet(2, within, held, CurveEstimate(0.2)) if chosen else None
    sizes = tuple(CurveSize(n, 5, held, within, (0.3, 0.7), CurveEstimate(0.2), best) for n in people)
    law = (
        PowerLaw(0.5, 1.0, 0.5, (Beyond(200, 0.4, 0.2, 0.6),))
        if beyond
        else PowerLaw(NAN, NAN, NAN, refused="few sizes.")
    )
    return LearningCurve("score", "pearson", 0.0, ("trees", "ridge"), sizes, law, settings={"n_folds": 5})


@pytest.mark.parametrize("people", [(37,), (10, 20, 40)])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("more", [{}, {"chosen": True}, {"beyond": True}])
def test_only_what_is_drawn_is_named(people, known, more):
    found = curve(people, known=known, **more)
    drawn, words = learning_curve_plot(found), curve_words(found)
    assert ("Bars" in words) == known == ('stroke-opacity="0.4"' in drawn)
    assert ("Violet" in words) == (BEST in drawn)
    assert ("power law" in words) == ('stroke-dasharray="3 4"' in drawn)
    assert ("shaded" in words) == (len(people) > 1) == ('fill-opacity="0.12"' in drawn)


def test_one_number_of_people_is_no_curve(tmp_path):
    curve((37,), known=False).write(tmp_path)
    (block,) = section([tmp_path], [])
    assert block["trained"] == "37 people, the only number that was tried"
    # It stands in the middle, not at an end of an axis.
    spots = [float(x) for x in re.findall(r'cx="([\d.]+)"', block["curve"])]
    assert all(abs(x - 315) < 5 for x in spots)
