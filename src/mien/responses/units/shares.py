"""How many units of a layer respond more to faces: share with interval over sources, and of shuffled labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mien.responses.units.design import UnitDesign
from mien.responses.units.selectivity import LayerTest, Moments, adjusted, chosen_by, layer_test, welch
from mien.stats import student

# Times that sources are drawn anew for an interval.
DRAWS = 200
# Draws x units that are computed at once.
_CELLS = 2_000_000


@dataclass(frozen=True, eq=False)
class UnitShare:
    """Share of selective units of a layer.

    Attributes
    ----------
    value, low, high : float
        NaN for bounds where no unit is near the threshold, whatever sources are drawn.
    drawn : ndarray, shape (DRAWS,)
        Shares of sources drawn with replacement, from Welch's p; they lie too high (see ``share_of``).
    """

    value: float
    low: float
    high: float
    drawn: np.ndarray


def share_of(test: LayerTest, means: np.ndarray, design: UnitDesign, level: float, seed: int) -> UnitShare:
    """Share of units that count as selective at a false-discovery rate, with its 95 % interval over sources.

    Parameters
    ----------
    test : LayerTest
    means : ndarray, shape (sources, units)
    design : UnitDesign
    level : float
        False-discovery rate.
    seed : int
        Which sources are drawn; the same for every layer and network.

    Notes
    -----
    The interval is the observed share plus and minus 1.96 standard errors of the bootstrap over sources (drawn within
    faces, others and both halves). Only the spread of the drawn shares is used: sources drawn with replacement vary
    twice as much about the truth, so that among the drawn shares noise passes the test more often, and percentiles
    would lie too high. Coverage is simulated in ``benchmarks/object_nets/units.py``.
    """
    drawn = _drawn_shares(means, design, level, seed)
    value = float((adjusted(test.p) <= level).mean())
    return UnitShare(value, *_around(value, drawn, least=0.0), drawn)


def difference_of(a: UnitShare, b: UnitShare) -> tuple[float, float, float]:
    """Share of one network's layer less that of another's, with its interval over the same sources."""
    gap = a.value - b.value
    return (gap, *_around(gap, a.drawn - b.drawn, least=-1.0))


def shuffled_shares(
    means: np.ndarray, design: UnitDesign, level: float, *, n_shuffles: int, n_permutations: int, seed: int
) -> np.ndarray:
    """Shares where whole sources of each half have changed places between faces and others, shape (n_shuffles,)."""
    rng, found = np.random.default_rng(seed), np.zeros(n_shuffles)
    for number in range(n_shuffles):
        face = design.face.copy()
        for half in (0, 1):
            here = np.flatnonzero(design.half == half)
            face[here] = face[rng.permutation(here)]
        test = layer_test(
            means, replace(design, face=face), n_permutations=n_permutations, seed=seed + number, strict=False
        )
        found[number] = (adjusted(test.p) <= level).mean()
    return found


def _around(value: float, drawn: np.ndarray, *, least: float) -> tuple[float, float]:
    half = 1.96 * float(drawn.std(ddof=1))
    return (max(least, value - half), min(1.0, value + half)) if half > 0 else (float("nan"), float("nan"))


def _drawn_shares(means: np.ndarray, design: UnitDesign, level: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = [
        [np.flatnonzero((design.half == half) & (design.face == face)) for face in (True, False)] for half in (0, 1)
    ]
    counts = [
        [rng.multinomial(len(r), np.full(len(r), 1 / len(r)), DRAWS).astype(float) for r in pair] for pair in rows
    ]
    found, block = np.zeros(DRAWS), max(1, _CELLS // means.shape[1])
    for start in range(0, DRAWS, block):
        draws = slice(start, start + block)
        each = [
            welch(*(_moments(means[r], c[draws]) for r, c in zip(rows[half], counts[half], strict=True)))
            for half in (0, 1)
        ]
        chosen = [chosen_by(t, df) for t, df in each]
        p = [np.where(chosen[1 - half], student.sf(*each[half]), np.nan) for half in (0, 1)]
        found[draws] = [(adjusted(np.stack(pair)) <= level).mean() for pair in zip(*p, strict=True)]
    return found


def _moments(values: np.ndarray, counts: np.ndarray) -> Moments:
    """Of sources that count so often, shape (draws, sources); mean and variance have the shape (draws, units)."""
    n = len(values)
    centre = values.mean(0, dtype=np.float64)
    apart = values - centre
    mean = counts @ apart / n
    return Moments(n, mean + centre, np.maximum(counts @ apart**2 / n - mean**2, 0.0) * n / (n - 1))
