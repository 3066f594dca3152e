"""Which of two sources decodes better: differences of scores over viewers or runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from mien.decoding.result import DecodingContrast
from mien.decoding.score import FEWEST, Statistic, interval_over, interval_p, statistics_of
from mien.stats.correction import holm
from mien.stats.permutation import sign_flip_test


def contrasts_of(
    scores: Mapping[str, np.ndarray],
    observed: np.ndarray,
    run: np.ndarray,
    viewer: np.ndarray,
    tested: Mapping[str, np.ndarray],
    *,
    classes: int,
    overlapping: bool,
    shared: Collection[str],
) -> tuple[DecodingContrast, ...]:
    """Every pair of sources by their main score.

    With a source that is the same for all viewers units are runs: how it does in this film, by chance too, is the same
    beside every viewer, who would each confirm it anew.

    Parameters
    ----------
    scores : mapping of str to ndarray, each of shape (rows, outputs)
        Of held-out rows, by source.
    observed : ndarray, shape (rows,)
        Codes of classes, or numbers.
    run, viewer : ndarray of str, shape (rows,)
    tested : mapping of str to ndarray of int
        The rows of each source that count, of what all viewers saw those of one.
    classes : int
    overlapping : bool
        As of ``mien.decoding.score.scored``.
    shared : collection of str
        Sources that are the same for all viewers.
    """
    if len(scores) < 2:
        return ()
    name, statistic = next(iter(statistics_of(classes).items()))
    found = []
    for one, other in combinations(scores, 2):
        by_viewer = len(set(viewer[tested[one]].tolist())) > 1 and not {one, other} & set(shared)
        ours, others = (
            _by_unit(statistic, observed, scores[source], tested[source], viewer if by_viewer else run, viewer)
            for source in (one, other)
        )
        pairs = np.array([(value, others[unit]) for unit, value in ours.items() if unit in others]).reshape(-1, 2)
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        each = pairs[:, 0] - pairs[:, 1]
        low = high = p = float("nan")
        if len(each) >= FEWEST:
            low, high = interval_over(each, float(each.mean()), overlapping or not by_viewer)
            # Flips of signs take units to be independent.
            p = interval_p(each, low, high) if overlapping or not by_viewer else sign_flip_test(each).p
        a, b = pairs.mean(axis=0).tolist() if len(pairs) else (float("nan"),) * 2
        over = "viewers" if by_viewer else "runs"
        found.append(DecodingContrast(one, other, name, a - b, low, high, p, p, a, b, over, len(pairs)))
    corrected = holm(np.array([row.p for row in found]))
    return tuple(replace(row, p_corrected=float(held)) for row, held in zip(found, corrected, strict=True))


def _by_unit(
    statistic: Statistic, observed: np.ndarray, scores: np.ndarray, at: np.ndarray, unit: np.ndarray, viewer: np.ndarray
) -> dict[str, float]:
    """The score in each unit, the mean over the viewers there: decoders of two viewers have scales of their own."""
    found = {}
    for name in dict.fromkeys(unit[at].tolist()):
        inside = at[unit[at] == name]
        parts = (inside[viewer[inside] == who] for who in dict.fromkeys(viewer[inside].tolist()))
        known = [value for own in parts if (value := statistic(observed[own], scores[own])) == value]
        found[name] = float(np.mean(known)) if known else float("nan")
    return found
