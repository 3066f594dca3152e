"""Correlation of time courses with time courses, and what it is by chance when both are correlated over time.

A test that takes samples for independent is wrong by a multiple here: neighbouring volumes say nearly the same.
Chance is what is left when the first stream is shifted against the second within each run, around its end, by an
amount drawn for each run; every shift keeps the course of both and what viewers have in common. Or the first stream is
replaced by one with the same power spectrum and other phases, drawn for each run.

Gaps are shifted with their stream: the second is never cut down to moments that the first has, because shifted against
such a second stream the first would meet fewer moments than it does unshifted, and chance would look too small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft

from mien.compare.timelines.standard import scaled_by_run, somewhere, standard
from mien.core.brief import brief

SHIFT, PHASE = "shift", "phase"
NULLS = (SHIFT, PHASE)
_CLOSE = 1e-12
# Inner products of a run's courses, the first turned in drawn ways, with the second.
_Turn = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Correlated:
    """Correlations of columns with columns.

    Attributes
    ----------
    each : ndarray, shape (viewers, first columns, second columns)
        NaN where one of them does not vary.
    by_run : ndarray, shape (viewers, runs, first columns, second columns)
        Within each run.
    p, p_corrected : ndarray, shape (first columns, second columns)
        Two-sided, of the mean over viewers; alone, and for the largest of all.
    possible : float
        How many different shifts there are (infinite for phases).
    """

    __repr__ = brief

    each: np.ndarray
    by_run: np.ndarray
    p: np.ndarray
    p_corrected: np.ndarray
    possible: float


def correlate(
    first: Sequence[Sequence[np.ndarray]],
    second: Sequence[Sequence[np.ndarray]],
    *,
    null: str = SHIFT,
    detrend: bool = False,
    n_permutations: int = 999,
    seed: int = 0,
) -> Correlated:
    """Correlate time courses over all runs of each viewer.

    Parameters
    ----------
    first : sequence (viewers) of sequence (runs) of ndarray, each of shape (samples, columns)
        One viewer for all: what belongs to the stimulus. NaN where missing.
    second : sequence (viewers) of sequence (runs) of ndarray, each of shape (samples, columns)
        Of the same samples.
    null : {'shift', 'phase'}
    detrend : bool
        Take a straight line out of each run of both.
    n_permutations, seed : int
    """
    viewers, runs = len(second), len(second[0])
    ones, others = _at_once(first, second)
    x = [standard(own, detrend) for own in ones]
    x = x * viewers if len(x) == 1 else x
    y = [standard(scaled_by_run(own), detrend) for own in others]
    shape = (x[0][0].shape[1], y[0][0].shape[1])
    by_run = np.empty((viewers, runs, *shape))
    for viewer in range(viewers):
        for run in range(runs):
            by_run[viewer, run] = _r(x[viewer][run], y[viewer][run])
    each = np.stack([sum(x[v][r].T @ y[v][r] for r in range(runs)) for v in range(viewers)])
    varies = np.stack([_varies(x[v])[:, None] & _varies(y[v])[None] for v in range(viewers)])
    observed, drawn = _tested(first, second, null, detrend, n_permutations, np.random.default_rng(seed))
    p, corrected = p_values(observed, drawn, np.any(varies, axis=0))
    possible = float(np.prod([float(len(part)) for part in second[0]])) if null == SHIFT else np.inf
    return Correlated(np.where(varies, each, np.nan), by_run, p, corrected, possible)


def _at_once(
    first: Sequence[Sequence[np.ndarray]], second: Sequence[Sequence[np.ndarray]]
) -> tuple[list[list[np.ndarray]], list[list[np.ndarray]]]:
    """Both streams of each viewer at the moments that both have; the first is one list for all where it can be."""
    ones, others = [], []
    for viewer, own in enumerate(second):
        pairs = list(zip(first[viewer if len(first) > 1 else 0], own, strict=True))
        lost = [np.isnan(x).all(1) | np.isnan(y).all(1) for x, y in pairs]
        ones.append([np.where(gone[:, None], np.nan, x) for gone, (x, _) in zip(lost, pairs, strict=True)])
        others.append([np.where(gone[:, None], np.nan, y) for gone, (_, y) in zip(lost, pairs, strict=True)])
    alike = len(first) == 1 and all(
        np.array_equal(x, one, equal_nan=True) for own in ones for x, one in zip(own, ones[0], strict=True)
    )
    return ones[:1] if alike else ones, others


def p_values(
    observed: np.ndarray, drawn: np.ndarray, known: np.ndarray, *, above: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """p of every entry, alone and for the largest of all; the observed one counts as drawn.

    Parameters
    ----------
    observed : ndarray, shape (..., columns)
    drawn : ndarray, shape (draws, ..., columns)
        By chance. Each column is measured in standard deviations of its own chance, so that none rules the largest.
    known : ndarray of bool, shape (..., columns)
    above : bool
        One-sided: only what is above chance; else both sides count.

    Returns
    -------
    p, p_corrected : ndarray, shape (..., columns)
        NaN where not known.
    """
    everything = np.concatenate([observed[None], drawn])
    spread = everything.std(0)
    size = np.divide(everything, spread, out=np.zeros_like(everything), where=(spread > 0) & known)
    size = size if above else np.abs(size)
    # Sums of the same numbers in another order are the same.
    least = size[0] - _CLOSE * (1 + np.abs(size[0]))
    p = (size >= least).mean(0)
    most = size.reshape(len(size), -1).max(1).reshape(-1, *[1] * (size.ndim - 1))
    corrected = (most >= least).mean(0)
    return np.where(known, p, np.nan), np.where(known, corrected, np.nan)


def _varies(runs: Sequence[np.ndarray]) -> np.ndarray:
    return np.any([(values != 0).any(0) for values in runs], axis=0)


def _r(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Correlations within one run of what has mean 0 already; NaN where one does not vary."""
    size = np.sqrt((x**2).sum(0)[:, None] * (y**2).sum(0)[None])
    return np.divide(x.T @ y, size, out=np.full(size.shape, np.nan), where=size > 0)


def _tested(
    first: Sequence[Sequence[np.ndarray]], second: Sequence[Sequence[np.ndarray]], null: str, detrend: bool, draws: int,
    draw: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What is tested, summed over viewers: as it is, and with the first stream drawn anew, for all viewers alike.

    Where both streams have gaps, sums over fewer common moments are smaller by chance alone: each is divided by the
    root of how many there are.
    """
    runs = range(len(second[0]))
    kept = somewhere([*first, *second])
    turned = [_turns(null, int(part.sum()), draws, draw) for part in kept]
    x = [_cut(standard(own, detrend), kept) for own in first]
    y = [_cut(standard(scaled_by_run(own), detrend), kept) for own in second]
    first, second = [_cut(own, kept) for own in first], [_cut(own, kept) for own in second]
    gaps = [_any_missing(first)] * len(second) if len(first) == 1 else [_any_missing([own]) for own in first]
    gaps = [gap and _any_missing([own]) for gap, own in zip(gaps, second, strict=True)]
    if len(x) == 1 and not any(gaps):
        x, y, gaps = x[:1], [[np.sum([other[run] for other in y], axis=0) for run in runs]], [False]
    observed = np.zeros((x[0][0].shape[1], y[0][0].shape[1]))
    total = np.zeros((draws, *observed.shape))
    for viewer, other in enumerate(y):
        own = x[viewer if len(x) > 1 else 0]
        inner = _by_chance(own, other, turned, detrend)
        now = np.sum([own[run].T @ other[run] for run in runs], axis=0)
        if gaps[viewer]:
            known = [np.isfinite(part).astype(np.float64) for part in first[viewer if len(first) > 1 else 0]]
            also = [np.isfinite(part).astype(np.float64) for part in second[viewer]]
            now = _per_root(now, np.sum([known[run].T @ also[run] for run in runs], axis=0))
            inner = _per_root(inner, _common(known, also, null, turned))
        observed += now
        total += inner
    return observed, total


def _cut(runs: Sequence[np.ndarray], kept: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [values[moments] for values, moments in zip(runs, kept, strict=True)]


def _any_missing(viewers: Sequence[Sequence[np.ndarray]]) -> bool:
    return any(np.isnan(part).any() for own in viewers for part in own)


def _per_root(sums: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Sums divided by the root of how many moments are in them; 0 where there is none."""
    divided: np.ndarray = np.divide(
        sums, np.sqrt(np.maximum(moments, 0)), out=np.zeros_like(sums), where=moments > 0.5
    )  # fmt: skip
    return divided


def _common(known: Sequence[np.ndarray], also: Sequence[np.ndarray], null: str, turned: Sequence[_Turn]) -> np.ndarray:
    """How many moments both have when the first is shifted; with other phases its gaps are anywhere: the mean."""
    if null == SHIFT:
        return np.sum([turn(one, other) for turn, one, other in zip(turned, known, also, strict=True)], axis=0)
    return np.sum(
        [np.outer(one.sum(0), other.sum(0)) / len(one) for one, other in zip(known, also, strict=True)], axis=0
    )[None]


def _by_chance(
    own: Sequence[np.ndarray], other: Sequence[np.ndarray], turned: Sequence[_Turn], detrend: bool
) -> np.ndarray:
    """One viewer's correlations over all runs, of the first stream drawn anew."""
    inner: np.ndarray = np.zeros(0)
    left: np.ndarray = np.zeros(0)
    for run, turn in enumerate(turned):
        line = np.arange(len(other[run]), dtype=np.float64)
        line -= line.mean()
        line /= np.sqrt((line**2).sum())
        products = turn(own[run], np.column_stack([other[run], line]))
        # A shifted course has a straight line again, which the second has not: what is left of it is smaller.
        size = (own[run] ** 2).sum(0) - (products[:, :, -1] ** 2 if detrend else 0.0 * products[:, :, -1])
        inner, left = (inner + products[:, :, :-1], left + size) if run else (products[:, :, :-1].copy(), size)
    shown: np.ndarray = np.divide(inner, np.sqrt(left)[:, :, None], out=inner, where=left[:, :, None] > _CLOSE)
    return shown


def _turns(null: str, samples: int, draws: int, draw: np.random.Generator) -> _Turn:
    """Inner products of a run's courses, the first turned in as many drawn ways, with the second."""
    if null == SHIFT:
        at = draw.integers(samples, size=draws)
        # All shifts at once: the correlation of two circles.
        return lambda x, y: irfft(_crossed(x, y), samples, axis=0)[at]
    # The same power spectrum with other phases; those of the mean, and of the fastest of an even number, have none.
    turn = np.exp(1j * draw.uniform(0, 2 * np.pi, (draws, samples // 2 + 1)))
    weight = np.full(samples // 2 + 1, 2.0)
    turn[:, 0] = weight[0] = 1.0
    if samples % 2 == 0:
        turn[:, -1] = np.sign(turn[:, -1].real)
        weight[-1] = 1.0
    # Parseval.
    return lambda x, y: np.einsum("dk,kij->dij", turn * weight / samples, _crossed(x, y)).real


def _crossed(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    crossed: np.ndarray = np.conj(rfft(x, axis=0))[:, :, None] * rfft(y, axis=0)[:, None]
    return crossed
