"""Does one group of people have more of something, for very many measures at once: whole people change groups."""

from __future__ import annotations

import numpy as np

from mien.stats.studentised import ROUNDING, welch_t

# Measures that chance reaches this often in the first arrangements are not followed further: their p is above .05.
_FIRST, _OFTEN = 500, 25
_CELLS = 2_000_000


def one_sided_p(values: np.ndarray, first: np.ndarray, *, n_permutations: int = 10_000, seed: int = 0) -> np.ndarray:
    """Probability of a first group at least so far above the others if people were exchangeable.

    Parameters
    ----------
    values : ndarray, shape (people, measures)
        One row for each person (or source of pictures), all known.
    first : ndarray of bool, shape (people,)
    n_permutations : int
        The observed arrangement counts as one more, so that no p is below ``1 / (n_permutations + 1)``.
    seed : int

    Returns
    -------
    ndarray, shape (measures,)
        1 where a measure is the same for everybody.

    Notes
    -----
    The statistic is Welch's t, as in ``mien.stats.two_groups``; exact for measures of any distribution, such as answers
    that are 0 for most pictures, for which Student's quantiles are not. Measures whose p is above .05 after the first
    500 arrangements keep that p (Besag and Clifford 1991, "Sequential Monte Carlo p-values", Biometrika 78(2)).
    """
    centred = values - values.mean(0)
    size = np.sqrt((centred**2).mean(0))
    scaled = (centred / np.where(size > 0, size, 1.0)).astype(np.float64)
    known, observed = np.ones((len(scaled), 1)), np.asarray(first, dtype=np.float64)[None]
    t = welch_t(observed, scaled, known)[0]
    limit = t - np.abs(np.where(np.isfinite(t), t, 0.0)) * ROUNDING
    rng = np.random.default_rng(seed)
    reached, of = np.ones(len(t)), np.ones(len(t))
    follow, done = np.flatnonzero(size > 0), 0
    while done < n_permutations and len(follow):
        block = min(_FIRST, n_permutations) if done == 0 else max(1, _CELLS // max(len(follow), len(scaled)))
        block = min(block, n_permutations - done)
        order = np.argsort(rng.random((block, len(scaled))), axis=1)[:, : int(observed.sum())]
        chosen = np.zeros((block, len(scaled)))
        np.put_along_axis(chosen, order, 1.0, axis=1)
        for start in range(0, len(follow), step := max(1, _CELLS // block)):
            part = follow[start : start + step]
            reached[part] += (welch_t(chosen, scaled[:, part], known) >= limit[part]).sum(0)
        of[follow] += block
        if done == 0:
            follow = follow[reached[follow] <= _OFTEN]
        done += block
    return reached / of
