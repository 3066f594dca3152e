"""Inter-subject correlation: each viewer's time course with the mean of all other viewers (leave one out)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.compare.timelines.correlate import p_values
from mien.compare.timelines.standard import scaled_by_run, somewhere, standard
from mien.core.brief import brief


@dataclass(frozen=True, eq=False)
class SharedCourse:
    """Correlations of every viewer with the others.

    Attributes
    ----------
    each : ndarray, shape (viewers, columns)
        NaN where the viewer, or the others, do not vary.
    without : ndarray, shape (viewers, columns)
        The mean over viewers if one of them had not been there, for the jackknife.
    p, p_corrected : ndarray, shape (columns,)
        Of the mean over viewers; alone, and for the largest of all columns.
    """

    __repr__ = brief

    each: np.ndarray
    without: np.ndarray
    p: np.ndarray
    p_corrected: np.ndarray


def shared_course(
    viewers: Sequence[Sequence[np.ndarray]], *, detrend: bool = False, n_permutations: int = 999, seed: int = 0
) -> SharedCourse:
    """Correlate every viewer with the mean of the others, over all runs.

    Hasson et al. 2004, Science 303; leave-one-out form and circular shifts of every viewer as in Nastase et al. 2019,
    Soc. Cogn. Affect. Neurosci. 14.

    Parameters
    ----------
    viewers : sequence (viewers) of sequence (runs) of ndarray, each of shape (samples, columns)
        NaN where missing.
    detrend : bool
    n_permutations, seed : int
        Chance: each run of each viewer is shifted around its end by an amount of its own.
    """
    kept = somewhere(viewers)
    lengths = [int(moments.sum()) for moments in kept]
    courses = np.stack([np.concatenate(standard(scaled_by_run(own), detrend)) for own in viewers])
    courses = courses[:, np.concatenate(kept)]
    known = (courses != 0).any(1)
    each = _with_others(courses, known)
    draw = np.random.default_rng(seed)
    mean = _mean(each)
    drawn = np.empty((n_permutations, len(mean)))
    starts = np.cumsum([0, *lengths[:-1]])
    for number in range(n_permutations):
        order = np.concatenate([
            start + (np.arange(length)[None] + draw.integers(length, size=(len(courses), 1))) % length
            for start, length in zip(starts, lengths, strict=True)
        ], axis=1)  # fmt: skip
        shifted = np.take_along_axis(courses, order[:, :, None], 1)
        drawn[number] = _mean(_with_others(shifted, known))
    # One-sided: viewers who have nothing in common are at or below 0.
    p, corrected = p_values(mean, drawn, np.isfinite(mean), above=True)
    without = np.stack([_mean(_with_others(np.delete(courses, v, 0), np.delete(known, v, 0)))
                        for v in range(len(courses))]) if len(courses) > 2 else np.full(each.shape, np.nan)  # fmt: skip
    return SharedCourse(each, without, p, corrected)


def _with_others(courses: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Correlation of each with the sum of the others; courses have mean 0 in each run and length 1."""
    total = courses.sum(0)
    own = np.einsum("vtc,vtc->vc", courses, courses)
    both = np.einsum("vtc,tc->vc", courses, total)
    others = np.einsum("tc,tc->c", total, total) - 2 * both + own
    size = np.sqrt(own * np.maximum(others, 0))
    return np.divide(both - own, size, out=np.full(size.shape, np.nan), where=known & (size > 1e-9))


def _mean(each: np.ndarray) -> np.ndarray:
    count = np.isfinite(each).sum(0)
    mean: np.ndarray = np.divide(np.nansum(each, 0), count, out=np.full(each.shape[1], np.nan), where=count > 0)
    return mean
