"""A probe applied unchanged to other pictures: whose fit answers, and how many are called a face."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.core.samples import Samples
from mien.responses.activations import Activations
from mien.responses.probes.linear import Design, LayerFits
from mien.responses.probes.rows import CalledFace, Estimated
from mien.stats.paired import subject_mean
from mien.stats.shares import mean_interval

# Columns that say what was done to a picture and which belong together, beside the category.
MADE_FROM, ALTERATION, PAIR, ORIENTATION = "made_from", "alteration", "pair", "orientation"
KINDS = (ALTERATION, ORIENTATION)


@dataclass(frozen=True, eq=False)
class AnsweredSet:
    """Pictures with the probe's answers.

    Attributes
    ----------
    name : str
        ``''`` for the set that the probe was trained on.
    samples : Samples
    source : ndarray of str, shape (pictures,)
    fold : ndarray of int, shape (pictures,)
        Whose fit answered: that which did not see the picture's source; 0 for the fit to all training pictures.
    values : ndarray, shape (pictures, layers)
        NaN where the network did not answer.
    """

    name: str
    samples: Samples
    source: np.ndarray
    fold: np.ndarray
    values: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """A column of text, ``''`` throughout where there is none."""
        found = self.samples.labels.get(name)
        return np.full(len(self.samples), "", dtype=object) if found is None else found.astype(object)

    def kinds(self, target: str) -> Iterator[tuple[dict[str, str], np.ndarray]]:
        """What pictures are, by category and by how they were altered, each with the rows that are so and answered."""
        names = [name for name in (target, *KINDS) if name in self.samples.labels]
        if not names:
            yield {}, np.flatnonzero(np.isfinite(self.values).any(1))
            return
        table = np.stack([self.column(name).astype(str) for name in names], axis=1)
        for row in np.unique(table, axis=0):
            rows = np.flatnonzero((table == row).all(1) & np.isfinite(self.values).any(1))
            if len(rows):
                yield {name: str(value) for name, value in zip(names, row, strict=True) if value}, rows


def check_same_body(one: Activations, other: Activations, layers: Sequence[str], name: str) -> None:
    """Refuse answers of another body, or without the layers that a probe is applied to.

    Raises
    ------
    InputError
    """
    mine, theirs = one.body, other.body
    if (mine.name, mine.sha256, mine.side_px, mine.fit) != (theirs.name, theirs.sha256, theirs.side_px, theirs.fit):
        raise InputError(
            f"The probe was trained on answers of {mine.name} ({mine.weights}, {mine.side_px} px, {mine.fit}), but "
            f"'{name}' holds those of {theirs.name} ({theirs.weights}, {theirs.side_px} px, {theirs.fit}). Run 'mien "
            "activations' on these pictures with the same network, weights, size and fit."
        )
    for layer in layers:
        if layer not in other.layers:
            raise InputError(
                f"'{name}' has no layer '{layer}', which the probe reads; it has {', '.join(other.layers)}. Run 'mien "
                "activations' on these pictures with the same layers, or name layers that both have."
            )
        sizes = one.layer(layer).shape[1], other.layer(layer).shape[1]
        if sizes[0] != sizes[1]:
            raise InputError(
                f"Layer '{layer}' has {sizes[0]} features in the training pictures but {sizes[1]} in '{name}'; run "
                "'mien activations' on both with the same settings (averaged or whole)."
            )


def training_set(activations: Activations, design: Design, fits: Mapping[str, LayerFits]) -> AnsweredSet:
    """The set that the probe was trained on, with its pictures of other categories."""
    found = applied(activations, "", activations, design, fits)
    for column, fit in enumerate(fits.values()):
        found.values[design.rows, column] = fit.held_out
    found.fold[design.rows] = design.fold
    found.source[design.rows] = design.source
    return found


def applied(
    activations: Activations, name: str, trained_on: Activations, design: Design, fits: Mapping[str, LayerFits]
) -> AnsweredSet:
    """Answers to pictures of a set, by the fits that did not see their sources.

    Parameters
    ----------
    activations : Activations
    name : str
    trained_on : Activations
    design : Design
    fits : mapping of str to LayerFits
        Of the probe's layers.

    Notes
    -----
    A picture belongs to a source of the training if it is called so, is made from one of its pictures (column
    ``made_from``), or is answered like one to the last bit (a copy of the file).
    """
    seen = _Seen.of(trained_on, design)
    fold = seen.folds(activations)
    values = np.full((len(activations), len(fits)), np.nan)
    for column, (layer, fit) in enumerate(fits.items()):
        found = activations.layer(layer)
        known = activations.ok & np.isfinite(found).all(1)
        for number in np.unique(fold[known]):
            rows = np.flatnonzero(known & (fold == number))
            own = fit.whole if number == 0 else fit.folds[number - 1]
            values[rows, column] = own.direction.answers(found[rows])
    return AnsweredSet(name, activations.samples, activations.samples.subject.astype(object), fold, values)


@dataclass(frozen=True, eq=False)
class _Seen:
    """The test fold of every source of the training: by its name, its pictures' paths and what they are answered."""

    source: dict[str, int]
    path: dict[str, int]
    answer: dict[bytes, int]
    layer: str

    @classmethod
    def of(cls, activations: Activations, design: Design) -> _Seen:
        samples, fold = activations.samples[design.rows], design.fold.tolist()
        layer = activations.layers[-1]
        rows = np.ascontiguousarray(activations.layer(layer)[design.rows])
        answer = {row.tobytes(): number for row, number in zip(rows, fold, strict=True)}
        return cls(
            {person_key(str(name)): number for name, number in zip(samples.subject, fold, strict=True)},
            {str(path): number for path, number in zip(samples.path, fold, strict=True)},
            # Pictures that a layer answers alike for other reasons are no copies.
            answer if len(answer) > len(fold) / 2 else {},
            layer,
        )

    def folds(self, activations: Activations) -> np.ndarray:
        samples = activations.samples
        fold = np.array([self.source.get(person_key(str(name)), 0) for name in samples.subject])
        if MADE_FROM in samples.labels:
            by_path = np.array([self.path.get(str(path), 0) for path in samples.labels[MADE_FROM]])
            fold = np.where(fold == 0, by_path, fold)
        if self.answer and self.layer in activations.layers:
            rows = np.ascontiguousarray(activations.layer(self.layer))
            fold = np.where(fold == 0, [self.answer.get(row.tobytes(), 0) for row in rows], fold)
        return fold


def called_face(answered: AnsweredSet, target: str, layers: Sequence[str]) -> list[CalledFace]:
    """Shares called face and mean answers of every kind of picture and layer.

    Parameters
    ----------
    answered : AnsweredSet
    target : str
        Column of categories.
    layers : sequence of str
    """
    result = []
    for kind, rows in answered.kinds(target):
        source = answered.source[rows]
        for column, layer in enumerate(layers):
            values = answered.values[rows, column]
            known = np.isfinite(values)
            if not known.any():
                continue
            share = mean_interval(values[known] > 0, source[known])
            mean = subject_mean(values[known], source[known])
            result.append(
                CalledFace(
                    answered.name, layer, kind,
                    Estimated(float((values[known] > 0).mean()), share.low, share.high, withheld=share.withheld),
                    Estimated(mean.value, float(mean.low), float(mean.high)), int(known.sum()), mean.subjects,
                )
            )  # fmt: skip
    return result
