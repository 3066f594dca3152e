"""Lesions: which units are silenced, what a reader that was trained without lesions then does, and dissociations.

The units are chosen, and the reader is trained, on one half of the sources; both are tested on the other half, and the
halves change places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.core.errors import InputError
from mien.responses.units.design import LEAST, UnitDesign
from mien.responses.units.lesion_scores import Readings, joined, readings
from mien.responses.units.result import Dissociation, LesionScore
from mien.responses.units.selectivity import LayerTest
from mien.stats import student
from mien.stats.correction import holm

TASKS = ("faces", "objects")


@dataclass(frozen=True, eq=False)
class Silenced:
    """Sets of units; the first is empty.

    Attributes
    ----------
    masks : ndarray of bool, shape (sets, units)
    kind : ndarray of str, shape (sets,)
        ``'none'``, ``'faces'``, ``'others'`` or ``'random'``. Random sets come in pairs that share no unit, as those
        that respond more and less to faces share none.
    dose : ndarray of float, shape (sets,)
    """

    masks: np.ndarray
    kind: np.ndarray
    dose: np.ndarray

    def rows(self, kind: str, dose: float) -> np.ndarray:
        """Numbers of the sets of one kind and dose."""
        return np.flatnonzero((self.kind == kind) & (self.dose == dose))


@dataclass(frozen=True, eq=False)
class LesionTask:
    """What a reader is asked.

    Attributes
    ----------
    name : str
    names : tuple of str
        Categories, in the order of the truth's numbers.
    truth : ndarray of int, shape (sources,)
        -1 for sources that are not asked about.
    """

    name: str
    names: tuple[str, ...]
    truth: np.ndarray


# From answers of some pictures and their truth to weights (units, columns) and offsets (columns,).
Fit = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
# For pictures (rows of the activations) and sets of units, the scores that remain: (pictures, sets, columns) per task.
Read = Callable[[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]], list[np.ndarray]]


def tasks_of(design: UnitDesign) -> list[LesionTask]:
    """Faces against all others, and the others' categories among each other.

    Raises
    ------
    InputError
        If fewer than two other categories have enough sources.
    """
    if len(design.others) < 2:
        raise InputError(
            f"A lesion is also tested on telling objects apart, which needs two categories beside the faces with "
            f"{2 * LEAST} sources or more, but there {'is one' if design.others else 'is none'}. Leave out the lesion, "
            "or add categories."
        )
    objects = np.full(len(design), -1)
    for place, name in enumerate(design.others):
        objects[design.category == name] = place
    return [
        LesionTask("faces", ("others", "faces"), design.face.astype(int)),
        LesionTask("objects", design.others, objects),
    ]


def silenced_sets(d: np.ndarray, living: np.ndarray, doses: Sequence[float], n_random: int, seed: int) -> Silenced:
    """The units with the largest d', those with the smallest, and random ones, equally many of each.

    Parameters
    ----------
    d : ndarray, shape (units,)
        d' on the half that chooses.
    living : ndarray of bool, shape (units,)
        Units that do not answer the same to everything; only these are silenced.
    doses : sequence of float
        Shares of the living units.
    n_random : int
        Random sets of each dose; one or two more than asked where that makes whole pairs.
    seed : int
    """
    rng = np.random.default_rng(seed)
    alive = np.flatnonzero(living)
    ranked = alive[np.argsort(-np.nan_to_num(d[alive], nan=0.0), kind="stable")]
    orders = [("faces", ranked), ("others", ranked[::-1])]
    for _ in range((n_random + 1) // 2):
        order = rng.permutation(alive)
        orders += [("random", order), ("random", order[::-1])]
    masks, kinds, of = [np.zeros(len(d), dtype=bool)], ["none"], [0.0]
    for dose in doses:
        count = min(max(1, round(dose * len(alive))), len(alive) // 2)
        for kind, order in orders:
            mask = np.zeros(len(d), dtype=bool)
            mask[order[:count]] = True
            masks.append(mask)
            kinds.append(kind)
            of.append(float(dose))
    return Silenced(np.array(masks), np.array(kinds), np.array(of))


def read_within(values: np.ndarray) -> Read:
    """Answers of the layer itself with columns of zeros."""

    def read(rows: np.ndarray, masks: np.ndarray, readers: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
        x, silent = values[rows], masks.astype(np.float32).T
        found = []
        for weights, offset in readers:
            lost = [(x * weights[:, column]) @ silent for column in range(weights.shape[1])]
            found.append((x @ weights + offset)[:, None, :] - np.stack(lost, axis=2))
        return found

    return read


def lesioned(
    test: LayerTest, design: UnitDesign, read_values: np.ndarray, read: Read, fit: Fit, *, doses: Sequence[float],
    n_random: int, seed: int,
) -> tuple[Silenced, dict[str, Readings]]:  # fmt: skip
    """What is left of each task under each lesion of a layer.

    Parameters
    ----------
    test : LayerTest
        Of the layer in which units are silent.
    design : UnitDesign
    read_values : ndarray, shape (pictures, units)
        Answers without a lesion of the layer that the readers see.
    read : callable
        See ``Read``.
    fit : callable
        See ``Fit``.
    doses, n_random, seed
        As for ``silenced_sets``.

    Returns
    -------
    (Silenced, dict)
        The sets of the first half, whose rows stand for the same kinds and doses as those of the second; readings of
        each task.
    """
    tasks = tasks_of(design)
    parts: dict[str, list[Readings]] = {task.name: [] for task in tasks}
    sets = []
    for half in (0, 1):
        # One half chooses the units and trains the readers; the other is tested.
        given = silenced_sets(test.d[half], ~test.constant, doses, n_random, seed + half)
        sets.append(given)
        own = design.half[design.row] == half
        readers = []
        for task in tasks:
            truth = task.truth[design.row]
            used = own & (truth >= 0)
            readers.append(fit(read_values[design.picture[used]], truth[used]))
        asked = np.flatnonzero(~own)
        scores = read(design.picture[asked], given.masks, readers)
        for task, found in zip(tasks, scores, strict=True):
            sources = np.unique(design.row[asked])
            means = _by_source(found, design.row[asked], sources)
            known = task.truth[sources] >= 0
            parts[task.name].append(readings(means[known], task.truth[sources][known]))
    return sets[0], {name: joined(both) for name, both in parts.items()}


def _by_source(scores: np.ndarray, row: np.ndarray, sources: np.ndarray) -> np.ndarray:
    place = np.searchsorted(sources, row)
    total = np.zeros((len(sources), *scores.shape[1:]))
    np.add.at(total, place, scores)
    return total / np.bincount(place)[:, None, None]


def lesion_rows(layer: str, read_at: str, sets: Silenced, found: dict[str, Readings]) -> list[LesionScore]:
    """One row for each task, dose and kind of lesion."""
    rows = []
    for task in TASKS:
        given = found[task]
        for dose in np.unique(sets.dose):
            for kind in ("none", "faces", "others", "random"):
                at = sets.rows(kind, dose)
                if not len(at):
                    continue
                weights = np.zeros(len(sets.kind))
                weights[at] = 1 / len(at)
                value, low, high, _ = given.contrast(weights)
                middle = np.quantile(given.auc[at], (0.025, 0.975)) if kind == "random" else (np.nan, np.nan)
                rows.append(
                    LesionScore(
                        layer, read_at, task, kind, float(dose), int(sets.masks[at[0]].sum()), len(at), value,
                        max(0.0, low), min(1.0, high), float(middle[0]), float(middle[1]),
                    )
                )  # fmt: skip
    return rows


def dissociation(layer: str, read_at: str, sets: Silenced, found: dict[str, Readings], dose: float) -> Dissociation:
    """Do both lesions of a dose differ, each on its own task.

    Notes
    -----
    Of each task two p have to be small, and the larger counts: of the difference over sources, and of the difference
    against those of the random pairs of sets (Student's t about 0, which is their mean as neither set of a pair is
    special). For a double dissociation both tasks have to differ. What the units that respond more to faces cost beyond
    random ones is tested in the same two ways.
    """
    values: dict[str, float] = {}
    for task, (better, worse) in (("faces", ("others", "faces")), ("objects", ("faces", "others"))):
        given = found[task]
        weights = np.zeros(len(sets.kind))
        weights[sets.rows(better, dose)[0]], weights[sets.rows(worse, dose)[0]] = 1.0, -1.0
        value, low, high, p_sources = given.contrast(weights)
        random = given.auc[sets.rows("random", dose)]
        chance = random[::2] - random[1::2]
        scale = float(np.sqrt((chance**2).mean()))
        p_random = _tail(value, scale, len(chance))
        against = np.zeros(len(sets.kind))
        against[sets.rows("random", dose)] = 1 / len(random)
        against[sets.rows("faces", dose)[0]] = -1.0
        cost, cost_low, cost_high, cost_sources = given.contrast(against)
        spread = float(random.std(ddof=1)) * np.sqrt(1 + 1 / len(random))
        cost_random = _tail(cost, spread, len(random) - 1)
        of = "cost" if task == "faces" else "cost_objects"
        values |= {of: cost, f"{of}_low": cost_low, f"{of}_high": cost_high, f"{of}_p": max(cost_sources, cost_random)}
        values |= {task: value, f"{task}_low": low, f"{task}_high": high, f"{task}_p": max(p_sources, p_random)}
    p = max(values["faces_p"], values["objects_p"])
    return Dissociation(layer=layer, read_at=read_at, dose=float(dose), **values, p=p, p_corrected=p)


def _tail(value: float, scale: float, df: int) -> float:
    """One-sided p of Student's t."""
    return float(student.sf(value / scale, df)) if scale > 0 else float(value <= 0)


def corrected(rows: Sequence[Dissociation]) -> list[Dissociation]:
    """The same with p corrected over layers and doses."""
    adjusted = holm([row.p for row in rows])
    return [replace(row, p_corrected=float(p)) for row, p in zip(rows, adjusted, strict=True)]
