"""What decoders reach by chance: trained and tested anew on labels that were shifted or permuted within runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import exp, lgamma, log
from typing import Any

import numpy as np

from mien.decoding.decoders import FittedDecoder, fit
from mien.decoding.folds import DecodingFold
from mien.decoding.rows import BLOCK, DecodedRows
from mien.decoding.score import mean_over, statistics_of
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from mien.learn.fold_work import threads_here, use_threads


def null_scores(
    rows: DecodedRows,
    observed: np.ndarray,
    classes: int,
    folds: Sequence[DecodingFold],
    fitted: Sequence[FittedDecoder],
    *,
    unit: str,
    n_permutations: int,
    seed: int,
    step: Callable[[], None],
    how: Spread | None = None,
) -> dict[str, np.ndarray]:
    """Every score of decoders that were fitted to labels without effect.

    Folds share training rows, so their scores go together by chance more than test labels alone would show; therefore
    the decoders are fitted anew each time, with the settings that the fold chose.

    Parameters
    ----------
    rows : DecodedRows
    observed : ndarray, shape (rows,)
    classes : int
    folds, fitted : sequences
        Folds with their decoders.
    unit : str
        ``'block'`` or ``'volume'``.
    n_permutations : int
    seed : int
    step : callable
        Called after each permutation.
    how : Spread, optional
        Over which workers permutations are spread. Labels are drawn here, one after the other, so that each is the
        same wherever decoders are fitted to it.

    Returns
    -------
    dict of str to ndarray, each of shape (permutations,)
    """
    found: dict[str, list[float]] = {name: [] for name in statistics_of(classes)}
    drawn = null_labels(observed, rows.run, rows.viewer, rows.time_s, unit, n_permutations, seed)
    items = (Item(f"permutation {number + 1}", labels) for number, labels in enumerate(drawn))
    work = DecodersOfNoEffect(rows, classes, tuple(folds), tuple(real.kind for real in fitted),
                              tuple(real.settings for real in fitted), seed)  # fmt: skip
    for done in spread(work, items, how):
        for name, score in done.result().items():
            found[name].append(score)
        step()
    return {name: np.array(values) for name, values in found.items()}


@dataclass(frozen=True, eq=False)
class DecodersOfNoEffect:
    """What a worker does to labels without effect: fit a decoder in every fold, as the real one was chosen.

    Attributes
    ----------
    rows : DecodedRows
    classes : int
    folds : tuple of DecodingFold
    kinds, chosen : tuple
        Of each fold the kind of decoder and the settings that were selected.
    seed : int
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    rows: DecodedRows
    classes: int
    folds: tuple[DecodingFold, ...]
    kinds: tuple[str, ...]
    chosen: tuple[dict[str, Any], ...]
    seed: int
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(self, ready: None, value: np.ndarray, step: Callable[[Any], None]) -> dict[str, float]:
        """Every score of decoders that were fitted to these labels."""
        rows, labels = self.rows, value
        tested = np.unique(np.concatenate([fold.test for fold in self.folds]))
        viewers = list(dict.fromkeys(rows.viewer[tested].tolist()))
        scores = np.full((len(rows), self.classes if self.classes > 2 else 1), np.nan)
        for fold, kind, chosen in zip(self.folds, self.kinds, self.chosen, strict=True):
            train = labels[fold.train]
            if self.classes and len(set(train.tolist())) < self.classes:
                continue
            again = fit(
                kind, rows.values[fold.train], train, self.classes, value=chosen.get("strength", 0.0),
                columns=chosen["columns"], seed=self.seed,
            )  # fmt: skip
            scores[fold.test] = again.scores(rows.values[fold.test])
        known = tested[np.isfinite(scores[tested]).all(axis=1)]
        return {
            name: mean_over(statistic, labels[known], scores[known], rows.viewer[known], viewers)
            for name, statistic in statistics_of(self.classes).items()
        }


@dataclass(frozen=True, eq=False)
class Course:
    """The labels of a run as viewers saw them, one after the other, and the rows that show them.

    Attributes
    ----------
    run : str
    labels : ndarray, shape (moments,)
    rows, moment : ndarray of int, shape (rows,)
        Rows of all viewers who saw this, and the moment of each.
    """

    run: str
    labels: np.ndarray
    rows: np.ndarray
    moment: np.ndarray


def courses(observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, time_s: np.ndarray) -> list[Course]:
    """What was shown in each run: once for all viewers with the same labels at the same times, else for each.

    Viewers lack volumes of their own. Along their own rows, the label of one moment would be shifted to another moment
    for each of them: labels that no film has.
    """
    found = []
    for name in dict.fromkeys(run.tolist()):
        shown: list[tuple[dict[float, Any], list[int]]] = []
        for who in dict.fromkeys(viewer[run == name].tolist()):
            rows = np.flatnonzero((run == name) & (viewer == who))
            own = dict(zip(np.round(time_s[rows], 3).tolist(), observed[rows].tolist(), strict=True))
            fits = [one for one in shown if _same(one[0], own)] if len(own) == len(rows) else []
            if fits:
                fits[0][0].update(own)
                fits[0][1].extend(rows.tolist())
            else:
                shown.append((own, rows.tolist()))
        found += [_course(name, observed, np.array(rows), np.round(time_s[rows], 3)) for _, rows in shown]
    return found


def _same(shown: dict[float, Any], own: dict[float, Any]) -> bool:
    """Whether half of a viewer's moments, or more, are among those shown, all with the same label."""
    common = shown.keys() & own.keys()
    return 2 * len(common) >= min(len(own), len(shown)) and all(shown[time] == own[time] for time in common)


def _course(run: str, observed: np.ndarray, rows: np.ndarray, time_s: np.ndarray) -> Course:
    times, first, moment = np.unique(time_s, return_index=True, return_inverse=True)
    if len(times) < len(rows) and (observed[rows[first]][moment] != observed[rows]).any():
        # Several rows of one viewer at one moment, such as blocks that begin together.
        order = np.argsort(time_s, kind="stable")
        return Course(run, observed[rows[order]], rows[order], np.arange(len(rows)))
    return Course(run, observed[rows[first]], rows, moment)


def null_labels(
    observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, time_s: np.ndarray, unit: str, many: int, seed: int
) -> Iterator[np.ndarray]:
    """Labels without effect: permuted over the blocks of each run, or shifted around within it.

    A shift leaves what follows what as it is. Every shift counts, none and small ones too: without those that resemble
    the labels p would be too small. Viewers who saw the same run get the same draw.
    """
    rng = np.random.default_rng(seed)
    shown = courses(observed, run, viewer, time_s)
    for _ in range(many):
        labels = observed.copy()
        orders: dict[tuple[str, int], np.ndarray] = {}
        shifts: dict[str, tuple[int, int]] = {}
        for one in shown:
            size = len(one.labels)
            if unit == BLOCK:
                if (one.run, size) not in orders:
                    orders[one.run, size] = rng.permutation(size)
                order = orders[one.run, size]
            else:
                # Viewers who were shown other things are shifted alike, too.
                if one.run not in shifts:
                    shifts[one.run] = int(rng.integers(size)), size
                by, of = shifts[one.run]
                order = (np.arange(size) + by * size // of) % size
            labels[one.rows] = one.labels[order][one.moment]
        yield labels


def arrangements(
    observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, time_s: np.ndarray, unit: str
) -> float:  # fmt: skip
    """How many orders (or combinations of shifts) of labels there are; infinite where they are beyond count."""
    count, seen = 0.0, set()
    for one in courses(observed, run, viewer, time_s):
        size = len(one.labels)
        key = (one.run, size if unit == BLOCK else 0)
        if key in seen:
            continue
        seen.add(key)
        if unit == BLOCK:
            count += lgamma(size + 1) - sum(lgamma(n + 1) for n in np.unique(one.labels, return_counts=True)[1])
        else:
            count += log(size)
    return float(round(exp(count))) if count < 40 else float("inf")
