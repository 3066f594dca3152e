"""Tiny pictures with a planted square: with default settings the evidence lies on the square that the output sees."""

import cv2
import numpy as np
import pytest
from scipy.stats import rankdata

from mien.explain.explain import explain

METHODS = ["lime", "kernel-shap", "permutation-shap", "rise", "occlusion"]


def area(evidence, square):
    """Probability that a pixel of the square has more evidence than one outside, for or against."""
    rank, inside = rankdata(np.abs(evidence - np.median(evidence)).ravel()), square.ravel()
    count = int(inside.sum())
    return (rank[inside].sum() - count * (count + 1) / 2) / (count * (~inside).sum())


def pictures(rng, kind, side):
    if kind == "noise":
        return rng.uniform(size=(2, 3, side, side)).astype(np.float32)
    smooth = [cv2.GaussianBlur(rng.normal(size=(side, side)), (0, 0), side / 12) for _ in range(6)]
    return (np.reshape(smooth, (2, 3, side, side)) * 5).astype(np.float32)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", [16, 24, 32, 48])
@pytest.mark.parametrize("kind", ["noise", "smooth"])
@pytest.mark.parametrize("sees", ["level", "contrast"])
def test_a_planted_square_is_met(method, side, kind, sees):
    found = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        given, size = pictures(rng, kind, side), side // 4
        y, x = rng.integers(0, side - size + 1, 2)
        square = np.zeros((side, side), dtype=bool)
        square[y : y + size, x : x + size] = True
        if sees == "level":
            given[:, :, square] += 2

        def model(values, square=square):
            inside = values[:, :, square]
            return inside.mean((1, 2)) if sees == "level" else inside.std((1, 2))

        found += [area(one.sum(0), square) for one in explain(model, given, method=method).values]
    assert np.mean(found) > 0.93 and min(found) > 0.8


def test_own_colours_that_hide_nothing_are_noted():
    """The mean of large segments stays what it is when each shows its own mean colour."""
    given = pictures(np.random.default_rng(0), "smooth", 96)

    def level(values):
        return values[:, :, :48].mean((1, 2, 3))

    found = explain(level, given, method="lime", segments="grid", n_segments=16)
    assert found.settings["fill"] == "segment mean" and "Give fill='mean'" in found.settings["notes"][0]
    assert "notes" not in explain(level, given, method="lime", segments="grid", n_segments=16, fill="mean").settings
