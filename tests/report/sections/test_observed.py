"""Predicted against observed: drawn for every rating, with r, interval and n; a null is called one."""

import re

import numpy as np
import pytest

import mien
from mien.learn.evaluation import Evaluation


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    rng = np.random.default_rng(1)
    people = np.repeat([f"p{i}" for i in range(12)], 3)
    x = rng.normal(size=(36, 3))
    measures = {f"m{i}": x[:, i] for i in range(3)}
    ratings = {"seen": 10 * x[:, 0] + rng.normal(0, 2, 36), "noise": rng.normal(size=36)}
    folder = tmp_path_factory.mktemp("study")
    samples = mien.Samples(path=[f"{i}.png" for i in range(36)], subject=people, ratings={**measures, **ratings})
    mien.train(
        samples, target=list(ratings), model="logistic", features="m*", n_folds=3, output=folder / "models" / "mine"
    )
    return folder


def test_every_rating_has_a_figure_whose_numbers_are_those_of_the_scores(study):
    page = mien.report(study).read_text(encoding="utf-8").replace("\u00a0", " ")
    shown = {name: mien.figure(study, f"observed-mine-{name}") for name in ("seen", "noise")}
    score = Evaluation.read(study / "models" / "mine").per_rating["seen"]["pearson"]
    for name, one in shown.items():
        assert f"Predicted against observed '{name}'" in one.caption and "36 samples of 12 people" in one.caption
        assert "n = 36" in one.svg and one.captions[0].replace("'", "&#39;") in page
        assert len(re.findall(r"M[\d.]+ [\d.]+h0", one.svg)) == 36
    assert (
        f"{score.value:.2f} (95 % interval" in shown["seen"].caption and "do not interpret" not in shown["seen"].caption
    )
    assert "Not predicted: do not interpret" in shown["noise"].caption


def test_dots_lie_on_the_line_where_both_are_the_same():
    from mien.report.draw.scatter import scatter_plot

    drawn = scatter_plot(np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, 3.0]), said="", title="t")
    dots = [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", drawn)]
    ends = re.search(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", drawn).groups()
    x0, y0, x1, y1 = map(float, ends)
    assert len(dots) == 2
    for x, y in dots:
        assert (x - x0) / (x1 - x0) == pytest.approx((y - y0) / (y1 - y0), abs=0.01)


def test_thousands_of_samples_stay_a_small_drawing():
    from mien.report.draw.scatter import MOST_DOTS, scatter_plot

    many = np.random.default_rng(0).normal(size=(2, 50_000))
    drawn = scatter_plot(*many, said="", title="t")
    assert drawn.count("h0") == MOST_DOTS and len(drawn) < 25_000
