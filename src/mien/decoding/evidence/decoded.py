"""A decoding as evidence needs it: rows, cells, and what each fold's decoder answers and can be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.decoding.chance import null_labels
from mien.decoding.decoders import FittedDecoder, fit
from mien.decoding.evidence.attribution import tree_shap
from mien.decoding.evidence.cells import FoldDecoder, Rows
from mien.decoding.result import DecodedSource, Decoding
from mien.decoding.rows import BLOCK

# Of two classes, what is called so is the absence of the other one.
_NOTHING = ("none", "no", "other", "rest", "absent", "not", "0", "false")


@dataclass(frozen=True, eq=False)
class DecodedBrain:
    """One source of a decoding.

    Attributes
    ----------
    name : str
    rows : Rows
    targets : tuple of str
        The classes; of two classes the one that is not the absence of the other; of a number its column.
    cells : tuple of (str, str)
        Viewer and run of each cell of the rows.
    folds : tuple of FoldDecoder
    space : BrainSpace
    notes : tuple of str
    """

    name: str
    rows: Rows
    targets: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    folds: tuple[FoldDecoder, ...]
    space: BrainSpace
    decoding: Decoding
    source: DecodedSource
    notes: tuple[str, ...] = ()

    def shifted(self, seed: int) -> DecodedBrain:
        """The same with decoders fitted to labels that are shifted (blocks: permuted) within their runs."""
        given, unit = self.decoding, str(self.decoding.settings.get("unit", BLOCK))
        labels = next(iter(null_labels(given.observed, given.run, given.viewer, given.time_s, unit, 1, seed)))
        folds = []
        for old, fitted in zip(self.folds, self.source.folds, strict=True):
            strength, columns = (fitted.settings.get(name, 0) for name in ("strength", "columns"))
            again = fit(
                fitted.kind, self.rows.x[old.train], labels[old.train], len(given.classes), value=float(strength),
                columns=int(columns), seed=seed,
            )  # fmt: skip
            folds.append(_fold(again, old.train, old.test, _sign(given)))
        return replace(self, rows=replace(self.rows, y=_truth(labels, given)), folds=tuple(folds))


def decoded_of(decoding: Any, source: str = "") -> DecodedBrain:
    """What a decoding, or the folder of one, holds for evidence.

    Raises
    ------
    InputError
        If it is none.
    """
    if isinstance(decoding, str | Path):
        name, decoding = Path(decoding).name, Decoding.read(decoding)
    elif isinstance(decoding, Decoding):
        name = decoding.target
    else:
        raise InputError(f"Expected a decoding or the folder of one, as 'mien decode' wrote it, but got {decoding!r}.")
    found = decoding.source(source)
    pairs = list(zip(decoding.viewer.tolist(), decoding.run.tolist(), strict=True))
    cells = tuple(dict.fromkeys(pairs))
    places = {cell: number for number, cell in enumerate(cells)}
    rows = Rows(
        found.values.astype(np.float64), _truth(decoding.observed, decoding),
        np.array([places[pair] for pair in pairs]), bool(decoding.classes),
    )  # fmt: skip
    folds = tuple(
        _fold(fitted, decoding.rows_of(number, training=True), decoding.rows_of(number), _sign(decoding))
        for number, fitted in enumerate(found.folds)
    )
    space = found.space or BrainSpace(np.array(found.columns, dtype=object))
    return DecodedBrain(name, rows, _targets(decoding), cells, folds, space, decoding, found)


def _targets(decoding: Decoding) -> tuple[str, ...]:
    if len(decoding.classes) != 2:
        return decoding.targets
    return (decoding.classes[1] if _sign(decoding) > 0 else decoding.classes[0],)


def _sign(decoding: Decoding) -> float:
    """-1 where a score above 0 is for the class that says that nothing is there."""
    classes = decoding.classes
    nothing = len(classes) == 2 and classes[1].lower() in _NOTHING and classes[0].lower() not in _NOTHING
    return -1.0 if nothing else 1.0


def _truth(observed: np.ndarray, decoding: Decoding) -> np.ndarray:
    """Which target is there in each row, or the number, shape (rows, targets)."""
    if not decoding.classes:
        return observed.astype(np.float64)[:, None]
    if len(decoding.classes) == 2:
        return (observed == (1 if _sign(decoding) > 0 else 0)).astype(np.float64)[:, None]
    return (observed[:, None] == np.arange(len(decoding.classes))).astype(np.float64)


def _fold(fitted: FittedDecoder, train: np.ndarray, test: np.ndarray, sign: float) -> FoldDecoder:
    def trees(rows: np.ndarray) -> np.ndarray:
        seen = (rows[:, fitted.columns] - fitted.centre) / fitted.scale
        values = tree_shap(fitted.booster, seen)
        every = np.zeros((len(values), *rows.shape))
        every[:, :, fitted.columns] = sign * values
        return every

    linear = fitted.linear
    return FoldDecoder(
        lambda rows: sign * fitted.scores(rows), None if linear is None else sign * linear[0],
        trees if fitted.booster else None, train, test,
    )  # fmt: skip
