"""``train``: cross-validated evaluation on people the model has not seen, then one model fitted on everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.files import sha256_of
from mien.core.provenance import versions
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.data.shards import read_faces
from mien.features import compute
from mien.features.match import choose
from mien.models.base import Model
from mien.models.crossval import Progress, cross_predict, shuffled_labels
from mien.models.evaluation import (
    EVALUATION_FILE,
    PREDICTIONS_FILE,
    Evaluation,
    Predictions,
    check_learnable,
    score,
)
from mien.models.specs import maker, prepared, spec
from mien.models.store import save_model
from mien.stats.folds import Scheme, subject_folds

NO_LABEL = "no label"
# Of SHA-256: enough to tell apart more samples than there are.
IDENTITY_DIGITS = 16


@dataclass(frozen=True, eq=False)
class Trained:
    """What ``train`` gives.

    Attributes
    ----------
    model : Model
        Fitted on all usable samples.
    evaluation : Evaluation or None
        Of models fitted in training folds only; None with ``evaluate=False``.
    predictions : Predictions or None
        One row per usable sample, made by a model that had not seen its subject.
    folder : Path or None
    """

    model: Model
    evaluation: Evaluation | None
    predictions: Predictions | None
    folder: Path | None


@dataclass(frozen=True, eq=False)
class Table:
    """Usable samples of a target: what goes into training; ``rows`` are their places among all samples."""

    features: Features
    y: np.ndarray
    subjects: np.ndarray
    path: np.ndarray
    left_out: dict[str, int]
    notes: list[str]
    rows: np.ndarray


def train(
    samples: Samples | str | Path,
    *,
    target: str,
    model: str = "expression",
    faces: Faces | str | Path | None = None,
    group_by: str = "subject",
    scheme: Scheme = "stratified",
    n_folds: int = 10,
    seed: int = 0,
    output: str | Path | None = None,
    evaluate: bool = True,
    noise_check: bool = False,
    recipe: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train a model and say how well it does on people it has not seen.

    Parameters
    ----------
    samples : Samples, str or Path
        Read with ``read_samples`` if it is not ``Samples`` yet.
    target : str
        Label to be predicted.
    model : str
        ``'expression'`` (named features), ``'picture'`` (pixels) or ``'landmark-net'`` (landmark sequences) and its
        kin; see ``mien.models.specs.SPECS``.
    faces : Faces, str or Path, optional
        The samples' faces, or the folder that ``mien extract`` wrote; not needed for data that bring landmarks.
    group_by : str
        Column whose values are never split over folds: ``'subject'``, ``'group'`` or a label.
    scheme, n_folds, seed
        See ``mien.stats.folds.subject_folds``; the seed is also that of training.
    output : str or Path, optional
        Folder for model.json, weights.safetensors, evaluation.json and predictions.parquet.
    evaluate : bool
        Cross-validate before the final fit.
    noise_check : bool
        Train on shuffled labels too, on the same folds; the scores of that have to be at chance.
    recipe, settings : dict, optional
        Instead of the model's own features; parameters of its estimator.
    progress : callable (done, total), optional
        Called after every fold and after the final fit.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        For an unknown target, model or setting, samples without faces, one class only, one subject only.
    """
    samples, found = load(samples, faces)
    chosen = spec(model)
    table = usable(samples, found, recipe or chosen.recipe, target, group_by)
    make = maker(model, table.features, seed=seed, settings=settings or {})
    folds = subject_folds(table.subjects, table.y, scheme=scheme, n_folds=n_folds, seed=seed) if evaluate else []
    total = len(folds) * (2 if noise_check else 1) + 1
    protocol = {
        "scheme": scheme,
        "n_folds": len(folds),
        "n_subjects": len(np.unique(table.subjects.astype(str))),
        "n_samples": len(table.y),
        "seed": seed,
        "group_by": group_by,
    }
    evaluation = predictions = None
    values = prepared(make, table.features)
    if evaluate:
        predictions = _predictions(make, values, table, table.y, folds, _shifted(progress, 0, total))
        shuffled = None
        if noise_check:
            labels = shuffled_labels(table.y, table.subjects, seed)
            shuffled = _predictions(make, values, table, labels, folds, _shifted(progress, len(folds), total))
        evaluation = score(
            predictions,
            target=target,
            model=model,
            protocol=protocol,
            left_out=table.left_out,
            noise=shuffled,
            notes=table.notes,
            seed=seed,
        )
    fitted = make().fit(values, table.y, groups=table.subjects)
    final = fitted.model(
        name=model,
        target=target,
        recipe=table.features.recipe,
        feature_names=table.features.names,
        info=_info(samples, table, protocol),
    )
    if progress is not None:
        progress(total, total)
    folder = None if output is None else Path(output)
    if folder is not None:
        _write(folder, final, evaluation, predictions)
    return Trained(final, evaluation, predictions, folder)


def load(samples: Samples | str | Path, faces: Faces | str | Path | None) -> tuple[Samples, Faces]:
    """Samples and their faces, read where they are given by name.

    Raises
    ------
    InputError
        If there are no faces; the message says which command extracts them.
    """
    given = samples if isinstance(samples, (str, Path)) else None
    if not isinstance(samples, Samples):
        samples = read_samples(samples)
    if isinstance(faces, (str, Path)):
        return samples, read_faces(Path(faces))
    if faces is None and given is not None:
        from mien.data.samples import read_ready_faces

        faces = read_ready_faces(given)
    if faces is None:
        where = "PICTURES" if samples.root is None else str(samples.root)
        raise InputError(
            f"{samples.name or 'The samples'}: the faces in these pictures or videos are not extracted yet. First run: "
            f"mien extract {where} -o STUDY, then give the folder with --faces STUDY (in Python: faces='STUDY')."
        )
    return samples, faces


def usable(
    samples: Samples,
    faces: Faces,
    recipe: dict[str, Any],
    target: str,
    group_by: str = "subject",
    *,
    learnable: bool = True,
) -> Table:
    """Samples with features and a label; the others are counted by status.

    With ``learnable``, one class only or one subject only is refused.
    """
    y = samples.target(target)
    if target in samples.ratings:
        raise InputError(
            f"'{target}' holds numbers, but these models predict classes. If its numbers are names of classes, give it "
            "as text (for a table: read_samples(..., labels=['" + target + "']))."
        )
    subjects = _grouping(samples, group_by)
    features = compute(recipe, samples, faces)
    status = np.where(features.ok & (y == ""), NO_LABEL, features.status.astype(str))
    keep = np.flatnonzero(status == "ok")
    left_out = {name: count for name, count in sorted(Counter(status).items()) if name != "ok"}
    if not len(keep):
        reasons = ", ".join(f"{count} '{name}'" for name, count in left_out.items())
        raise InputError(
            f"None of the {len(samples)} samples can be used: {reasons or 'there are none'}. If they are not "
            "extracted, check that the faces were extracted from the same files."
        )
    if learnable:
        check_learnable(y[keep], subjects[keep], target)
    several = sum(choice.n_faces > 1 for choice in choose(samples, faces))
    notes = []
    if several:
        notes.append(f"{several} samples show several faces; the largest (in clips: the one seen longest) was taken.")
    # Without a copy where nothing is left out: pictures are large.
    kept = features if len(keep) == len(features) else features[keep]
    return Table(kept, y[keep], subjects[keep], samples.path[keep], left_out, notes, keep)


def _grouping(samples: Samples, group_by: str) -> np.ndarray:
    if group_by == "subject":
        return samples.subject
    column = samples.group if group_by == "group" and samples.group is not None else samples.target(group_by)
    # Folds by something coarser than the subject still must not split a subject.
    groups = np.array([str(v) for v in column], dtype=object)
    for person in np.unique(samples.subject.astype(str)):
        if len(set(groups[samples.subject == person])) > 1:
            raise InputError(
                f"Grouping by '{group_by}' would put the subject '{person}' on both sides of a fold; use 'subject'."
            )
    return groups


def _predictions(
    make: Callable[[], Any],
    values: np.ndarray,
    table: Table,
    y: np.ndarray,
    folds: list[Any],
    progress: Progress | None,
) -> Predictions:
    classes = tuple(sorted(set(y.astype(str))))
    probabilities, fold = cross_predict(make, values, y, table.subjects, folds, classes, progress)
    return Predictions(table.path, table.subjects, y, fold, probabilities, classes)


def _info(samples: Samples, table: Table, protocol: dict[str, Any]) -> dict[str, Any]:
    return {
        "samples": {"name": samples.name, "licence": samples.licence, "credit": samples.credit},
        "n_samples": len(table.y),
        "n_per_class": {str(k): int(v) for k, v in sorted(Counter(table.y.astype(str)).items())},
        "subjects": sorted(set(table.subjects.astype(str))),
        "seen": sorted({mark for marks in identities(samples, table) for mark in marks}),
        "left_out": table.left_out,
        "notes": table.notes,
        "protocol": protocol,
        "versions": versions(),
    }


def identities(samples: Samples, table: Table) -> list[set[str]]:
    """What each usable sample can be recognised by under any name or path.

    Beginnings of SHA-256: of its file, where there is one, and of its features, which two different samples do not
    share to the last bit.
    """
    files = samples.files()
    found = []
    for row, values in zip(table.rows, np.ascontiguousarray(table.features.values, dtype=np.float32), strict=True):
        marks = {sha256(values.tobytes()).hexdigest()[:IDENTITY_DIGITS]} if np.ptp(values) > 0 else set()
        if files[row].is_file():
            marks.add(sha256_of(files[row])[:IDENTITY_DIGITS])
        found.append(marks)
    return found


def _shifted(progress: Progress | None, start: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, _: progress(start + done, total)


def _write(folder: Path, model: Model, evaluation: Evaluation | None, predictions: Predictions | None) -> None:
    save_model(model, folder)
    if evaluation is not None and predictions is not None:
        evaluation.write(folder / EVALUATION_FILE)
        predictions.write(folder / PREDICTIONS_FILE)
    else:
        # Scores of an earlier model must not stand beside this one.
        (folder / EVALUATION_FILE).unlink(missing_ok=True)
        (folder / PREDICTIONS_FILE).unlink(missing_ok=True)
