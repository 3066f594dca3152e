"""Folds over runs or viewers with a gap between; what would leak is refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mien.core.errors import InputError
from mien.decoding.rows import DecodedRows

RUN, VIEWER, STRETCH, SHUFFLED = "run", "viewer", "stretch", "shuffled"
LEAK = (
    "Neighbouring volumes resemble each other whatever is shown: in folds that are drawn at random a decoder finds a "
    "test volume's neighbours in its training and looks right where there is nothing to decode. Leave out runs, "
    "viewers or stretches of time (leave_out)."
)

# From this agreement on (Cohen's kappa, of numbers the correlation) viewers saw the same; clocks that are half a volume
# apart change labels where one follows the other.
SAME_LABELS = 0.7


@dataclass(frozen=True)
class DecodingFold:
    """One fold: what is left out, the rows of training and those of the test."""

    name: str
    viewer: str
    train: np.ndarray
    test: np.ndarray


def folds_of(rows: DecodedRows, leave_out: str, gap_s: float, n_stretches: int = 5) -> list[DecodingFold]:
    """Folds.

    Parameters
    ----------
    rows : DecodedRows
    leave_out : str
        ``'run'``: for every viewer alone, each run once; ``'viewer'``: each viewer once, trained on all others; where
        viewers saw the same labels at the same times (to half a volume, see ``SAME_LABELS``), each run of each viewer,
        trained on the others' other runs;
        ``'stretch'``: for every viewer and run alone, stretches of time with a gap.
    gap_s : float
        Samples of the same run and viewer within this many seconds of a test sample are not trained on.
    n_stretches : int

    Raises
    ------
    InputError
        If there are too few runs or viewers, or shuffled folds are asked for.
    """
    if leave_out == SHUFFLED:
        raise InputError(LEAK)
    folds: list[DecodingFold] = []
    viewers = list(dict.fromkeys(rows.viewer.tolist()))
    if leave_out == VIEWER:
        if len(viewers) < 3:
            raise InputError(f"Leaving out viewers needs three or more, but there are {len(viewers)}; leave out runs.")
        return _by_viewer(rows, viewers)
    if leave_out not in (RUN, STRETCH):
        raise InputError(f"leave_out is run, viewer or stretch, but got '{leave_out}'.")
    for viewer in viewers:
        own = rows.viewer == viewer
        runs = list(dict.fromkeys(rows.run[own].tolist()))
        if leave_out == RUN and len(runs) < 2:
            who = f" of {viewer}" if viewer else ""
            raise InputError(
                f"There is one run only{who}, so none can be left out. With leave_out='stretch' stretches of it are "
                "left out instead, with a gap."
            )
        for run in runs:
            inside = own & (rows.run == run)
            if leave_out == RUN:
                folds.append(DecodingFold(run, viewer, np.flatnonzero(own & ~inside), np.flatnonzero(inside)))
            else:
                folds += _stretches(rows, inside, run, viewer, gap_s, n_stretches)
    return folds


def _by_viewer(rows: DecodedRows, viewers: list[str]) -> list[DecodingFold]:
    """A viewer's rows never teach what is tested on them; nor do other viewers' rows of the same moments."""
    runs = list(dict.fromkeys(rows.run.tolist()))
    if not _same_labels(rows, viewers):
        return [
            DecodingFold(who, who, np.flatnonzero(rows.viewer != who), np.flatnonzero(rows.viewer == who))
            for who in viewers
        ]
    if len(runs) < 2:
        raise InputError(
            "The viewers saw one run with the same labels: a decoder of other viewers would recognise moments of the "
            "run, whatever their labels. Show two or more runs, or leave out stretches of time (leave_out='stretch')."
        )
    folds = []
    for who in viewers:
        for run in runs:
            test = (rows.viewer == who) & (rows.run == run)
            if test.any():
                train = np.flatnonzero((rows.viewer != who) & (rows.run != run))
                folds.append(DecodingFold(run, who, train, np.flatnonzero(test)))
    return folds


def _same_labels(rows: DecodedRows, viewers: list[str]) -> bool:
    """Whether two viewers saw the same in a run: at the same moments, to half a volume, the same labels hold."""
    runs = dict.fromkeys(rows.run.tolist())
    for run in runs:
        parts = [part for who in viewers if len(part := np.flatnonzero((rows.viewer == who) & (rows.run == run)))]
        if any(_alike(rows, one, other) for one, other in combinations(parts, 2)):
            return True
    return False


def _alike(rows: DecodedRows, one: np.ndarray, other: np.ndarray) -> bool:
    one, other = (part[np.argsort(rows.time_s[part], kind="stable")] for part in (one, other))
    time, mine = rows.time_s[other], rows.time_s[one]
    after = np.clip(np.searchsorted(time, mine), 1, max(len(time) - 1, 1)) % len(time)
    near = np.where(np.abs(time[after - 1] - mine) <= np.abs(time[after] - mine), (after - 1) % len(time), after)
    met = np.abs(time[near] - mine) <= float(np.median(rows.duration_s[one])) / 2 + 1e-9
    if met.sum() < 0.5 * min(len(one), len(other)) or not met.any():
        return False
    a, b = rows.observed[one[met]], rows.observed[other[near[met]]]
    return _agreement(a, b) >= SAME_LABELS


def _agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Cohen's kappa of words, the correlation of numbers; 1 where both are constant and equal."""
    if (a == b).all():
        return 1.0
    if a.dtype != object:
        return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else 0.0
    words = set(a) | set(b)
    expected = sum(float((a == word).mean() * (b == word).mean()) for word in words)
    return (float((a == b).mean()) - expected) / (1 - expected)


def _stretches(
    rows: DecodedRows, inside: np.ndarray, run: str, viewer: str, gap_s: float, many: int
) -> list[DecodingFold]:
    places = np.flatnonzero(inside)
    begin = rows.time_s[places]
    borders = np.linspace(begin.min(), (begin + rows.duration_s[places]).max() + 1e-9, many + 1)
    folds = []
    for number in range(many):
        test = (begin >= borders[number]) & (begin < borders[number + 1])
        if not test.any():
            continue
        first, last = begin[test].min() - gap_s, (begin + rows.duration_s[places])[test].max() + gap_s
        near = (begin + rows.duration_s[places] > first) & (begin < last)
        train = places[~near]
        if len(train):
            folds.append(DecodingFold(f"{run}, stretch {number + 1}", viewer, train, places[test]))
    return folds


def inner_groups(rows: DecodedRows, train: np.ndarray, leave_out: str, most: int = 5) -> np.ndarray:
    """Groups of training rows for nested selection: runs (or viewers), as they are left out outside; at most five.

    Returns
    -------
    ndarray of int, shape (training rows,)
    """
    if leave_out == VIEWER:
        names = rows.viewer[train]
    elif leave_out == RUN:
        names = rows.run[train]
    else:
        names = np.digitize(rows.time_s[train], np.quantile(rows.time_s[train], (0.25, 0.5, 0.75)))
    codes = np.unique(np.asarray(names).astype(str), return_inverse=True)[1]
    found: np.ndarray = codes % most
    return found
