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
    drawn = null_labels(observed, rows.run, rows.viewer, unit, n_permutations, seed)
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


def null_labels(
    observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, unit: str, many: int, seed: int
) -> Iterator[np.ndarray]:
    """Labels without effect: permuted over the blocks of each run, or shifted around within it.

    A shift leaves what follows what as it is. Every shift counts, none and small ones too: without those that resemble
    the labels p would be too small. Viewers who saw the same run get the same draw.
    """
    rng = np.random.default_rng(seed)
    places = _parts(run, viewer)
    for _ in range(many):
        labels = observed.copy()
        orders: dict[tuple[str, int], np.ndarray] = {}
        shifts: dict[str, tuple[int, int]] = {}
        for (_, name), rows in places.items():
            size = len(rows)
            if unit == BLOCK:
                if (name, size) not in orders:
                    orders[name, size] = rng.permutation(size)
                order = orders[name, size]
            else:
                # Viewers of one film who lack some volumes are shifted alike, too.
                if name not in shifts:
                    shifts[name] = int(rng.integers(size)), size
                by, of = shifts[name]
                order = (np.arange(size) + by * size // of) % size
            labels[rows] = observed[rows][order]
        yield labels


def arrangements(observed: np.ndarray, run: np.ndarray, viewer: np.ndarray, unit: str) -> float:
    """How many orders (or combinations of shifts) of labels there are; infinite where they are beyond count."""
    count, seen = 0.0, set()
    for (_, name), rows in _parts(run, viewer).items():
        size = len(rows)
        key = (name, size if unit == BLOCK else 0)
        if key in seen:
            continue
        seen.add(key)
        if unit == BLOCK:
            count += lgamma(size + 1) - sum(lgamma(n + 1) for n in np.unique(observed[rows], return_counts=True)[1])
        else:
            count += log(size)
    return float(round(exp(count))) if count < 40 else float("inf")


def _parts(run: np.ndarray, viewer: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    parts: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(viewer.tolist(), run.tolist(), strict=True)):
        parts.setdefault(key, []).append(row)
    return {key: np.array(rows) for key, rows in parts.items()}
