"""``discrepancy``: heterogeneity behind one total score, its null, and what leaving heterogeneous people out does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from mien.cohort.discrepancy_null import LEAST_PEOPLE, SetsBeyond, nulls_of, set_index
from mien.cohort.discrepancy_result import Discrepancy, SetDiscrepancy
from mien.cohort.item_patterns import discrepancy_index
from mien.cohort.study_inputs import samples_of
from mien.cohort.trim_curve import trim_curve
from mien.cohort.trim_point import TrimPoint
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.questionnaires.answers import read_answers
from mien.data.questionnaires.result import Questionnaire, of_answers
from mien.data.questionnaires.scale import ScoringKey, Subscale
from mien.data.questionnaires.scale_file import read_scale
from mien.engine.spread import Spreading, workers_for
from mien.engine.work import Spread
from mien.models.maker import maker_for
from mien.stats.folds import subject_folds

SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_NAN = float("nan")
# A class of fewer people is in too few folds.
_LEAST_OF_CLASS = 2
# The trim curve is a hundred trainings; of more people they would take hours.
_MOST_IN_CURVE = 2000


@checked_numbers
def discrepancy(
    samples: Samples | str | Path,
    *,
    scale: ScoringKey | str | Path,
    items: str | Sequence[str] = "",
    measures: Measures | str | Path | None = None,
    target: str = "",
    model: str = "trees",
    by: str = "",
    distance: str = "city-block",
    neighbours: int = 0,
    n_null: int = 99,
    n_folds: int = 5,
    seed: int = 0,
    output: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | None = None,
) -> Discrepancy:
    """The Symptom Discrepancy Index of people and of the set, its nulls, and the trim curve of a model.

    Parameters
    ----------
    samples : Samples, str or Path
        As for ``mien.questionnaire``; for the trim curve with paths of the recordings.
    scale, items
        As for ``mien.questionnaire``.
    measures : Measures, str or Path, optional
        What faces did, or the study that holds it; with them the trim curve is computed.
    target : str
        Of the trim curve: a column of classes among the samples, or of the questionnaire, such as
        ``'dass_21_depression_band'``.
    model : str
        Kind of model, as of ``mien.train``, that takes named numbers: ``'trees'``, ``'expression'``.
    by : str
        Subscale by whose index people are left out. By default that of all items, else the first.
    distance : {'city-block', 'euclidean'}
    neighbours : int
        Totals that differ by no more than this count as the same (sums of items, before any factor).
    n_null : int
        Sets drawn for each null.
    n_folds, seed : int
    output : str or Path, optional
        Folder that receives ``discrepancy.json`` and ``people.parquet``, as ``STUDY/discrepancy/NAME``.
    columns, missing : optional
        How a table is read, see ``mien.data.samples.read_samples``.
    workers, engine, address
        As in ``mien.engine.work.Spread``, of the nulls' sets and the trim curve's trainings; results do not depend on
        them.
    progress : callable (done, total), optional

    Returns
    -------
    Discrepancy

    Raises
    ------
    InputError
        If items are not there, the target has one class only, or nobody's recording has measures.

    Notes
    -----
    Index and trimming as in Xu et al. (arXiv:2405.20072v2). The index is computed from the questionnaire, from which
    the target comes, too: leaving out test people by it selects easy cases with knowledge that is not there when the
    model is used. So the curve has both: ``'honest'`` (people of the training only, by an index of the training's
    people alone) and ``'as published'``. Folds and intervals are over people. The curve is a hundred trainings: of more
    than 2,000 people with measures, a class and all items so many are drawn at random for it, which a note says.

    Examples
    --------
    >>> import numpy as np, mien
    >>> rng = np.random.default_rng(0)
    >>> ratings = {f"gad_{i}": rng.integers(0, 4, 60).astype(float) for i in range(1, 8)}
    >>> names = [f"p{i}" for i in range(60)]
    >>> samples = mien.Samples(path=names, subject=names, ratings=ratings)
    >>> found = mien.discrepancy(samples, scale="gad-7", n_null=19)
    >>> found.sets[0].name, found.sets[0].people + found.sets[0].alone
    ('total', 60)
    """
    if output is not None:
        check_folder(output)
    if (measures is None) != (not target):
        raise InputError("The trim curve needs both measures (--measures STUDY) and a target (--target COLUMN).")
    how = Spread(engine, workers, address=address)
    key = read_scale(scale)
    answers = read_answers(samples, key, items, dict(columns or {}), missing)
    scored = of_answers(key, answers)
    turned = key.turned(answers.values) - key.low
    index, relative, sets = {}, {}, []
    # Somebody who answers again would be compared with himself.
    rows = _one_row_each(answers.subject, ~np.isnan(turned).any(axis=1))
    with workers_for(SetsBeyond(distance, neighbours), how) as spreading:
        for one in key.subscales:
            given = turned[rows][:, np.array(one.items) - 1]
            *values, found = _set(one, given, distance, neighbours, n_null, seed, spreading)
            index[one.name], relative[one.name] = (_in_rows(column, rows, len(turned)) for column in values)
            sets.append(found)
    trimmed = _trimmed_by(key, by)
    notes = list(answers.notes)
    if len(rows) < len(turned):
        notes.append(
            f"{len(turned) - len(rows)} rows of people who are in an earlier row as well do not count: each "
            "person's first complete answers do."
        )
    curve: list[TrimPoint] = []
    if measures is not None:
        curve, more = _curve(
            samples, columns, missing, scored, turned[:, np.array(trimmed.items) - 1], measures, target, model,
            (distance, neighbours), n_folds, seed, progress, how,
        )  # fmt: skip
        notes += more
    settings = {
        "scale": key.name, "distance": distance, "neighbours": neighbours, "n_null": n_null, "n_folds": n_folds,
        "seed": seed, "target": target, "model": model if curve else "", "by": trimmed.name,
    }  # fmt: skip
    result = Discrepancy(
        key.title, answers.subject, answers.path, index, relative, tuple(sets), tuple(curve), settings, tuple(notes)
    )
    if output is not None:
        result.write(output)
    return result


def _one_row_each(subjects: np.ndarray, complete: np.ndarray) -> np.ndarray:
    """Each person's first row that is complete, or else the first, in the order of the rows."""
    first: dict[str, int] = {}
    for row in [*np.flatnonzero(complete), *np.flatnonzero(~complete)]:
        first.setdefault(str(subjects[row]), int(row))
    return np.array(sorted(first.values()), dtype=int)


def _in_rows(values: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Values of some rows among all, NaN in the others."""
    found = np.full(count, _NAN)
    found[rows] = values
    return found


def _trimmed_by(key: ScoringKey, by: str) -> Subscale:
    if by:
        found = next((one for one in key.subscales if one.name.casefold() == by.casefold()), None)
        if found is None:
            raise InputError(f"by: {key.title} has no '{by}'; it has {', '.join(one.name for one in key.subscales)}.")
        return found
    return max(key.subscales, key=lambda one: len(one.items))


def _set(
    one: Subscale, answers: np.ndarray, distance: str, neighbours: int, n_null: int, seed: int, spreading: Spreading
) -> tuple[np.ndarray, np.ndarray, SetDiscrepancy]:
    """Index and what is beyond one factor for every row, and the set's."""
    complete = ~np.isnan(answers).any(1)
    index, relative = np.full(len(answers), _NAN), np.full(len(answers), _NAN)
    given = answers[complete].astype(int)
    nulls: list[Any] = []
    with_total = _NAN
    if len(given):
        index[complete], _ = discrepancy_index(given, distance=distance, neighbours=neighbours)
    known = np.isfinite(index)
    people = int(known.sum())
    if people >= LEAST_PEOPLE and given.max() > 0:
        nulls, expected = nulls_of(
            given, distance=distance, neighbours=neighbours, n_null=n_null, seed=seed, spreading=spreading
        )
        relative[complete] = index[complete] - expected
        totals, own = answers[known].sum(1), index[known]
        if np.ptp(totals) and np.ptp(own):
            with_total = float(spearmanr(totals, own)[0])
    return index, relative, SetDiscrepancy(
        one.name, len(one.items), people, len(given) - people, int((~complete).sum()),
        set_index(index) if people >= LEAST_PEOPLE else _NAN, with_total, tuple(nulls),
    )  # fmt: skip


def _curve(
    samples: Any, columns: Any, missing: Any, scored: Questionnaire, answers: np.ndarray, measures: Any, target: str,
    model: str, apart: tuple[str, int], n_folds: int, seed: int, progress: Progress | None, how: Spread,
) -> tuple[list[TrimPoint], list[str]]:  # fmt: skip
    """The trim curve over the recordings that have measures, a class and all items, or why there is none; notes."""
    if not isinstance(samples, Samples):
        samples = samples_of(samples, columns=columns, missing=missing)
    if target in samples.labels:
        labels = samples.labels[target]
    else:
        labels = scored.beside(samples).target(target)
    if labels.dtype != object:
        raise InputError(f"target: '{target}' holds numbers; the trim curve needs classes, such as a band.")
    measured = (measures if isinstance(measures, Measures) else Measures.read(measures)).beside(samples.path.tolist())
    place, _ = scored.places(samples)
    own = np.where((place >= 0)[:, None], answers[place], _NAN)
    complete = ~np.isnan(own).any(1)
    usable = measured.ok & (labels != "") & complete
    several = int(usable.sum())
    first = np.flatnonzero(usable)
    usable[:] = False
    usable[first[_one_row_each(samples.subject[first], np.ones(len(first), dtype=bool))]] = True
    several -= int(usable.sum())
    everybody = np.flatnonzero(usable)
    if len(everybody) > _MOST_IN_CURVE:
        usable[:] = False
        usable[np.random.default_rng(seed).permutation(everybody)[:_MOST_IN_CURVE]] = True
    kinds, counts = np.unique(labels[usable].astype(str), return_counts=True)
    rare = [str(kind) for kind, count in zip(kinds, counts, strict=True) if count < max(_LEAST_OF_CLASS, n_folds)]
    usable &= ~np.isin(labels.astype(str), rare)
    if len(kinds) - len(rare) < 2:
        return [], [
            f"No trim curve: of {len(samples)} recordings {several + len(everybody)} have measures, a '{target}' and "
            f"all items, and they do not hold two classes of at least {max(_LEAST_OF_CLASS, n_folds)} people each."
        ]
    rows = np.flatnonzero(usable)
    values, subjects, y = measured.values[rows], samples.subject[rows].astype(str), labels[rows].astype(str)
    make = maker_for(model, {"name": "columns"}, tuple(measured.names), "", seed=seed, settings={})
    kept = own[rows].astype(int)

    def index_of(some: np.ndarray) -> np.ndarray:
        return discrepancy_index(kept[some], distance=apart[0], neighbours=apart[1])[0]

    folds = subject_folds(subjects, y, n_folds=n_folds, seed=seed)
    found = trim_curve(make, values, y, subjects, index_of, folds, SHARES, seed=seed, progress=progress, how=how)
    notes = [
        f"Trim curve: {len(rows)} of {len(samples)} recordings have measures, a class of '{target}' and all items."
    ]
    notes.append(
        "Intervals of the trim curve are over people with the models as they were fitted; trainings are not drawn "
        "anew, so one of its many intervals may miss 0 by chance. Compare with as many people left out at random."
    )
    if len(everybody) > _MOST_IN_CURVE:
        notes.append(f"The trim curve is of {_MOST_IN_CURVE} people, drawn at random from {len(everybody)}.")
    if several:
        notes.append(f"{several} further recordings of the same people are not in the trim curve.")
    if rare:
        notes.append(f"Left out of the trim curve, as fewer than {n_folds} recordings show them: {', '.join(rare)}.")
    return found, notes
