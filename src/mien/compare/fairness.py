"""``fairness``: does a model do equally well, and mean what it says, for each group of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.fairness_result import FAIRNESS_FILE, Fairness, Gap, GroupScore, GroupSize
from mien.compare.group_columns import Grouping, groupings, is_people
from mien.compare.group_scores import Key, bins_of, curves_of, group_scores, part_of, summed
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import read_json
from mien.core.labels import label_key
from mien.core.numbers import check_number, checked_numbers
from mien.core.outcome import CLASSES, RATINGS
from mien.core.output import check_folder
from mien.core.samples import Samples
from mien.data.samples import given_samples, read_samples
from mien.learn.evaluate import judged
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions, read_predictions
from mien.models.base import Model
from mien.models.store import PREDICTIONS_FILE, load_model, stored_evaluation
from mien.stats.group_gaps import corrected, gap_interval, gap_test, permuted_groups
from mien.stats.subjects import codes_of

_NAN = float("nan")


@checked_numbers
def fairness(
    model: AnyPredictions | Model | str | Path,
    samples: Samples | str | Path | None = None,
    *,
    group: str | Sequence[str] = (),
    faces: Faces | str | Path | None = None,
    target: str = "",
    other_people: bool = False,
    least_people: int = 10,
    n_permutations: int = 9999,
    seed: int = 0,
    output: str | Path | None = None,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
) -> Fairness:
    """Scores and calibration of a model by groups of people, with intervals, and tests of the gaps between groups.

    Parameters
    ----------
    model : ClassPredictions, RatingPredictions, Model, str or Path
        A folder that ``mien train`` wrote: its held-out predictions are used, where ``samples`` holds them. A model is
        asked about other people, as by ``evaluate``.
    samples : Samples, str or Path, optional
        Who belongs to which group: the samples of the training, or a table of people with a column ``subject``; or
        samples of other people, about which the model is then asked. By default the samples that the study's
        provenance names.
    group : str or sequence of str
        Columns of groups; numbers with bounds, as ``'age=30,60'``. By default every column of labels with 2 to 12
        values.
    faces, target, other_people
        As for ``evaluate``, where the model is asked about other people.
    least_people : int
        Groups of fewer people are shown, but not tested.
    n_permutations, seed : int
        Of the tests of gaps.
    output : str or Path, optional
        Folder that receives ``fairness.json``.
    labels, subject_pattern, columns, missing : optional
        How a table or folder of samples is read, see ``mien.data.samples.read_samples``.

    Returns
    -------
    Fairness
        ``.table`` and ``.gap_table`` have a row per score and gap.

    Raises
    ------
    InputError
        If nobody's group is known, a column is not there or holds one group only, or the samples of other people cannot
        be evaluated.

    Notes
    -----
    The person is the unit of intervals and tests. Of classes: accuracy, balanced accuracy, recalls, root mean square
    calibration error without what chance adds (``mien.stats.calibration_scores``), mean confidence less accuracy,
    calibration slope and intercept of the stated odds. Of ratings: correlation, root mean squared error, mean error,
    slope of the rating on the predicted one. Tests: ``mien.stats.group_gaps``. False positives and coverage are
    simulated in ``benchmarks/fairness.py``.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=24, expressions=("neutral", "smile"), frames=8)
    >>> _ = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> with open("sexes.csv", "w") as file:
    ...     lines = [f"s{i:03d},{'woman' if i % 2 else 'man'}" for i in range(1, 25)]
    ...     _ = file.write("\\n".join(["subject,sex", *lines]))
    >>> found = mien.fairness("study/models/mine", "sexes.csv", group="sex")
    >>> [(size.group, size.people) for size in found.sizes], found.missing
    ([('man', 12), ('woman', 12)], {'sex': 0})
    """
    check_number("least_people", least_people)
    if output is not None:
        check_folder(output)
    asked = (group,) if isinstance(group, str) and group else tuple(group)
    reading: dict[str, Any] = {"labels": labels, "subject_pattern": subject_pattern, "columns": columns,
                               "missing": missing}  # fmt: skip
    given = _given(model, samples, target, {"faces": faces, "other_people": other_people, "seed": seed}, reading)
    found, notes = groupings(given.source, given.predictions.path, given.predictions.subject, asked, given.target)
    result = by_groups(given.predictions, found, least_people=least_people, n_permutations=n_permutations, seed=seed)
    result = replace(
        result,
        target=given.target,
        model=given.model,
        settings={**result.settings, "predictions": given.kind},
        notes=(*given.notes, *notes, *result.notes),
    )
    if output is not None:
        result.write(Path(output) / FAIRNESS_FILE)
    return result


@dataclass(frozen=True, eq=False)
class _Given:
    """Predictions, what says whose they are, the target and the model's name, how the predictions were made."""

    predictions: AnyPredictions
    source: Any
    target: str
    model: str
    kind: str
    notes: tuple[str, ...] = ()


def _given(model: Any, samples: Any, target: str, asking: dict[str, Any], reading: dict[str, Any]) -> _Given:
    said = any(value not in ((), None, {}, "") for value in reading.values())
    if isinstance(model, (ClassPredictions, RatingPredictions)):
        if samples is None:
            raise InputError(
                "Predictions do not say who belongs to which group; give the samples, or a table of people."
            )
        return _Given(model, _read(samples, reading) if said else samples, target, "", "given")
    folder = Path(model) if isinstance(model, (str, Path)) else None
    if samples is None:
        source = _of_provenance(folder, reading)
    else:
        source = _read(samples, reading) if said else samples
    if folder is not None and (folder / PREDICTIONS_FILE).is_file() and not asking["other_people"]:
        predictions, told = read_predictions(folder), stored_evaluation(folder)
        if _holds(source, predictions, str(told.get("target", ""))):
            return _Given(
                predictions, source, str(told.get("target", "")), folder.name, "held-out people of the training"
            )
    asked = model if isinstance(model, Model) else load_model(model)
    read = source if isinstance(source, Samples) else read_samples(source)
    evaluation, predictions = judged(asked, read, target=target, **asking)
    name = folder.name if folder is not None else asked.name
    return _Given(predictions, read, evaluation.target, name, "other people than those of the training",
                  tuple(evaluation.notes))  # fmt: skip


def _read(samples: Any, reading: dict[str, Any]) -> Samples:
    found = given_samples(samples, **reading)
    return found if isinstance(found, Samples) else read_samples(found)


def _of_provenance(folder: Path | None, reading: dict[str, Any]) -> Samples:
    """The samples that a training in a study named."""
    path = None if folder is None else folder.absolute().parent.parent / "provenance.json"
    steps = read_json(path) if path is not None and path.is_file() else {}
    step = steps.get(f"train {folder.name}") if isinstance(steps, dict) and folder is not None else None
    found = step.get("samples") if isinstance(step, dict) else None
    if not isinstance(found, str):
        raise InputError(
            "Nothing says who belongs to which group: give the samples of the training, or a table of people with a "
            "column 'subject' (--samples)."
        )
    try:
        return _read(found, reading)
    except InputError as error:
        raise InputError(
            f"The samples that the study's provenance names cannot be read from here: {error} Give them with --samples "
            "(samples=...)."
        ) from error


def _holds(source: Any, predictions: AnyPredictions, target: str) -> bool:
    """Whether the table is about the predicted samples or people; a table of people has no paths."""
    if is_people(source):
        return True
    samples = source if isinstance(source, Samples) else read_samples(source)
    row = {str(name): number for number, name in enumerate(samples.path)}
    at = np.array([row.get(str(name), -1) for name in predictions.path])
    both = at >= 0
    if isinstance(predictions, ClassPredictions) and target in samples.labels:
        label = samples.labels[target]
        other = [
            label_key(str(a)) != label_key(str(b))
            for a, b in zip(predictions.label[both], label[at[both]], strict=True)
        ]
        if any(other):
            raise InputError(
                f"{sum(other)} samples have the same path as predicted ones, but another '{target}': they are not "
                "those of the training. If they show other people, say so: other_people=True (--other-people)."
            )
    return bool(both.any())


def by_groups(
    p: AnyPredictions, columns: Sequence[Grouping], *, least_people: int = 10, n_permutations: int = 9999, seed: int = 0
) -> Fairness:
    """The same of predictions whose groups are known.

    Parameters
    ----------
    p : ClassPredictions or RatingPredictions
    columns : sequence of Grouping
    least_people, n_permutations, seed : int
        As for ``fairness``.
    """
    rated = isinstance(p, RatingPredictions)
    pooled = p.pooled if isinstance(p, RatingPredictions) else None
    edges = bins_of(p)
    who = codes_of(p.subject)[1]
    sizes, gaps, curves = [], [], []
    scores: list[GroupScore] = []
    notes: list[str] = []
    for column in columns:
        of_group: dict[str, dict[Key, GroupScore]] = {}
        for name in column.order:
            rows = np.flatnonzero(column.group == name)
            part = part_of(p, rows)
            people = len(np.unique(who[rows]))
            sizes.append(GroupSize(column.name, name, people, len(rows), people < least_people))
            found = group_scores(part, edges, None if pooled is None else pooled[rows])
            of_group[name] = {
                key: GroupScore(column.name, name, *key, value, i.low, i.high, i.people, i.withheld)
                for key, (value, i) in found.items()
            }
            scores += of_group[name].values()
            curves += curves_of(part, edges, column.name, name)
        notes += _several(column, who)
        small = {size.group for size in sizes if size.column == column.name and size.small}
        pairs = [*combinations(column.order, 2)]
        tested = sum(not small & {*pair} for pair in pairs)
        for pair in pairs:
            given = _Pair(p, column, pair, who, edges, pooled, least_people, tested, bool(small & {*pair}))
            gaps += _gaps(given, of_group, n_permutations, seed)
    return Fairness(
        predicts=RATINGS if rated else CLASSES,
        target="",
        model="",
        sizes=tuple(sizes),
        scores=tuple(scores),
        gaps=tuple(gaps),
        curves=tuple(curves),
        missing={column.name: int((column.group == "").sum()) for column in columns},
        settings={"least_people": least_people, "n_permutations": n_permutations, "seed": seed, "unit": "person"},
        notes=tuple(notes),
    )


def _several(column: Grouping, who: np.ndarray) -> list[str]:
    """A sentence where people have samples in several groups."""
    known = column.group != ""
    pairs = np.unique(
        np.stack([who[known], np.unique(column.group[known].astype(str), return_inverse=True)[1]]), axis=1
    )
    several = int((np.bincount(pairs[0]) > 1).sum())
    if not several:
        return []
    return [
        f"'{column.name}' differs between the samples of {several} people: in tests their samples of the one and of "
        "the other group change places."
    ]


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two groups of a column, in all predictions; ``tested``: how many pairs of the column are."""

    p: AnyPredictions
    column: Grouping
    pair: tuple[str, str]
    who: np.ndarray
    edges: list[np.ndarray]
    pooled: np.ndarray | None
    least_people: int
    tested: int
    small: bool


def _gaps(given: _Pair, scores: dict[str, dict[Key, GroupScore]], n_permutations: int, seed: int) -> list[Gap]:
    one, other = given.pair
    rows = np.flatnonzero((given.column.group == one) | (given.column.group == other))
    first = given.column.group[rows] == one
    names, who = np.unique(given.who[rows], return_inverse=True)
    people = len(names)
    sums = {} if given.small else summed(
        part_of(given.p, rows), given.edges, None if given.pooled is None else given.pooled[rows]
    )  # fmt: skip
    in_one, in_other = (np.bincount(who[side], minlength=people) > 0 for side in (first, ~first))
    kept = permuted_groups(in_one, in_other, 0 if given.small else n_permutations, np.random.default_rng(seed))
    keys = [key for key in scores[one] if key in scores[other]]
    why = {key: "few people" if given.small else _untested(given, key, first, rows, who) for key in keys}
    tests = {
        key: gap_test(sums[key].of(first, who, people), sums[key].of(~first, who, people), kept)
        for key in keys
        if key in sums and not why[key]
    }
    p_corrected = dict(zip(tests, corrected([*tests.values()], max(1, given.tested)).tolist(), strict=True))
    found = []
    for key in keys:
        a, b, test = scores[one][key], scores[other][key], tests.get(key)
        p = _NAN if test is None else test.p
        reason = why[key] or ("" if p == p else "not defined in both groups")
        low, high = gap_interval(
            (a.value, a.low, a.high), (b.value, b.low, b.high), 0.0 if test is None else test.shared
        )
        found.append(
            Gap(
                given.column.name, one, other, *key, a.value - b.value, low, high, p, p_corrected.get(key, _NAN), reason
            )
        )
    return found


def _untested(given: _Pair, key: Key, first: np.ndarray, rows: np.ndarray, who: np.ndarray) -> str:
    """Why a measure of two groups is not tested; ``''`` where nothing speaks against it."""
    if not isinstance(given.p, ClassPredictions):
        return ""
    label = given.p.label[rows].astype(str)
    if key[0] == "recall":
        shown = min(len(np.unique(who[(label == key[1]) & side])) for side in (first, ~first))
        return f"few people show '{key[1]}'" if shown < given.least_people else ""
    if key[0] == "balanced_accuracy" and {*label[first]} != {*label[~first]}:
        return "the groups show different classes"
    return ""
