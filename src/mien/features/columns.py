"""Recipe 'columns': named numbers that another tool measured, of the samples' own table or of every frame."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.features import NAMED, Features
from mien.core.patterns import chosen, fits
from mien.core.samples import Samples
from mien.data.tables.numerals import looks_measured
from mien.features.expression import FUNCTIONALS, functionals
from mien.features.match import Choice
from mien.features.settings import GAPS, resolve
from mien.features.timeline import regular

SAMPLES, FACES, MEASURES = "samples", "faces", "measures"
LEAVE_OUT, KEEP = "leave out", "keep"
MISSING_VALUES = "missing values"
DEFAULTS: dict[str, Any] = {
    "columns": [],
    "source": "",
    "over_time": "",
    "missing": LEAVE_OUT,
    "max_missing": 0.3,
    "max_gap": 15,
}
KINDS: dict[str, Any] = {
    "source": Literal["", SAMPLES, FACES, MEASURES],
    "over_time": Literal["", "mean", "functionals"],
    "missing": Literal[LEAVE_OUT, KEEP],
    **GAPS,
}


def columns(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Named numbers of each sample, as another tool measured them.

    Settings of the recipe
    ----------------------
    columns : list of str
        Names or patterns such as ``'AU*'``, with ``!`` in front those to be left out again.
    source : str
        ``'samples'``: columns of numbers of the samples' table, one row per sample. ``'faces'``: further columns of
        imported tables (``Faces.extra``), of every frame. ``'measures'``: what ``mien functionals`` summed up over
        time, put beside the samples by ``mien.features.over_time.table.with_measures``. Empty: the samples' table if
        every pattern fits a column there.
    over_time : str
        Of faces: ``'mean'`` over the frames with a face, or ``'functionals'``: mean, standard deviation, 10th and 90th
        percentile, and rise (mean of the last third minus mean of the first). Empty: functionals if any sample has
        several frames, else the values themselves.
    missing : str
        A sample that lacks one of the values is ``'leave out'``, with the status ``'missing values'``, or ``'keep'``:
        the value is NaN, which only models that say so can take (trees).
    max_missing, max_gap
        Of the frames of a clip, see ``mien.features.timeline.regular``; with ``'keep'`` column by column.

    Returns
    -------
    Features
        ``'named features'``, (samples, features).
    """
    settings = resolve("columns", recipe, DEFAULTS, KINDS)
    settings["source"] = settings["source"] or (SAMPLES if in_samples(recipe, samples) else FACES)
    if settings["source"] != FACES:
        values, names, status = _of_samples(settings, samples)
    else:
        values, names, status = _of_faces(settings, samples, choices, faces)
    finite = np.isfinite(values)
    # Without any value there is nothing to keep.
    lacking = ~finite.any(axis=1) if settings["missing"] == KEEP else ~finite.all(axis=1)
    status[(status == OK) & lacking] = MISSING_VALUES
    values[status != OK] = np.nan
    return Features(values, NAMED, names, settings, status)


def in_samples(recipe: dict[str, Any], samples: Samples) -> bool:
    """Whether the columns are those of the samples' own table, so that no faces are needed."""
    if recipe.get("source"):
        return bool(recipe["source"] != FACES)
    try:
        chosen(list(samples.ratings), recipe.get("columns", []), "")
    except InputError:
        return False
    return True


def not_there(recipe: dict[str, Any], samples: Samples) -> str:
    """The sentence about columns that neither the samples' table nor imported tables have."""
    if refused := _no_numbers(recipe, samples):
        return refused
    known = ", ".join(list(samples.ratings)[:12]) or "none"
    return (
        f"No column of numbers in the table of {samples.name or 'samples'} fits {', '.join(recipe['columns'])} (there "
        f"are: {known}), and no named numbers of another tool are there per frame. Import "
        "its tables with: mien import TABLE --features 'NAME*' -o STUDY, then give --faces STUDY."
    )


def _no_numbers(recipe: dict[str, Any], samples: Samples) -> str:
    """A sentence where a column is named that the samples' table has, but not as numbers; '' else."""
    for name in recipe["columns"]:
        if name in samples.unread or name in samples.labels:
            why = samples.unread.get(name) or _held(samples.labels[name])
            return f"The column '{name}' of {samples.name or 'the samples'} cannot be a feature. {why}"
    if any(fits(name, recipe["columns"]) for name in samples.ratings):
        return ""
    # A pattern that fits texts only: what they hold says why they are no numbers.
    unread = {**samples.unread, **{name: _held(column) for name, column in samples.labels.items()}}
    for name, why in unread.items():
        if fits(name, recipe["columns"]):
            return f"No column of {samples.name or 'the samples'} that fits can be a feature. '{name}': {why}"
    return ""


def _held(column: np.ndarray) -> str:
    """What a column of texts holds, in a sentence."""
    cell = next(filter(None, column), "")
    marked = " Write plain numbers, without signs and units." if looks_measured(cell) else ""
    return f"It holds text, such as '{cell}'.{marked}"


def _of_samples(settings: dict[str, Any], samples: Samples) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    where = f"the table '{samples.name}'" if samples.name else "the samples"
    if refused := _no_numbers(settings, samples):
        raise InputError(refused)
    names = chosen(list(samples.ratings), settings["columns"], where)
    settings["columns"] = names
    values = np.stack([samples.ratings[name] for name in names], axis=1)
    return values, tuple(names), np.full(len(samples), OK, dtype=object)


def _of_faces(
    settings: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces
) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    known = [name for name, column in faces.extra.items() if column.dtype.kind in "fiu"]
    if not known:
        raise InputError(not_there(settings, samples))
    names = chosen(known, settings["columns"], "the imported tables")
    settings["columns"] = names
    if not settings["over_time"]:
        settings["over_time"] = "functionals" if any(len(choice.frames) > 1 for choice in choices) else "mean"
    parts = FUNCTIONALS if settings["over_time"] == "functionals" else ("mean",)
    feature_names = names if parts == ("mean",) else [f"{name} {part}" for part in parts for name in names]
    block = np.stack([np.asarray(faces.extra[name], dtype=np.float64) for name in names], axis=1)
    values = np.full((len(choices), len(feature_names)), np.nan)
    status = np.array([choice.status for choice in choices], dtype=object)
    for row, choice in enumerate(choices):
        if choice.status == OK:
            values[row], status[row] = _over_time(settings, choice, faces.frame[choice.rows], block[choice.rows])
    return values, tuple(feature_names), status


def _over_time(
    settings: dict[str, Any], choice: Choice, frames: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, str]:
    """Values of one sample, summed up over its frames; a status other than 'ok' where the gaps are too large."""
    if settings["missing"] == KEEP and values.shape[1] > 1:
        alone = {**settings, "missing": LEAVE_OUT}
        each = [_over_time(alone, choice, frames, values[:, [i]])[0] for i in range(values.shape[1])]
        return np.stack(each, axis=1).reshape(-1), OK
    several = settings["over_time"] == "functionals"
    empty = np.full(values.shape[1] * (len(FUNCTIONALS) if several else 1), np.nan)
    if len(choice.frames) > 1:
        values, status = regular(
            frames, values, choice.frames, max_missing=settings["max_missing"], max_gap=settings["max_gap"]
        )
        if status != OK:
            return empty, status
    return (functionals(values) if several else values.mean(0)), OK
