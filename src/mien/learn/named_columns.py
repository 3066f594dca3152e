"""What columns of a table may not be or perhaps are: features that are the target, classes coded as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.patterns import fits, patterns_of
from mien.core.samples import Samples
from mien.features.columns import KEEP, LEAVE_OUT, MEASURES, SAMPLES
from mien.models.catalogue import spec, trainable

RECIPE = "columns"
# Stands for the apparent action units that mien measures in pictures.
OWN_ACTIONS = "actions"
# Stands before measures over time: 'functionals:mouth*'.
FUNCTIONALS = "functionals"
# Rounded numbers of one column are not the same to the last bit.
_SAME = 1 - 1e-9
# Rows that are looked at first.
_FIRST = 200
# Data sets of emotions code up to a dozen.
_MOST_CODES = 12


def columns_recipe(features: str | Sequence[str], model: str, recipe: dict[str, Any] | None = None) -> dict[str, Any]:
    """The recipe of a model that learns from named columns, or from the action units that mien measures itself.

    Parameters
    ----------
    features : str or sequence of str
        Names or patterns; or ``'actions'``; or ``'functionals:PATTERNS'``, measures over time.
    model : str
    recipe : dict, optional
        Further settings of the recipe 'columns'.

    Raises
    ------
    InputError
        If the model looks at faces themselves, or there are no patterns.
    """
    able = [name for name, row in trainable().items() if row.recipe["name"] == "expression"]
    if model not in able:
        raise InputError(f"The model '{model}' cannot learn from named columns; those that can are {', '.join(able)}.")
    patterns = patterns_of(features)
    if list(patterns) == [OWN_ACTIONS]:
        return {"name": "action_units"}
    own = {key: value for key, value in (recipe or {}).items() if (recipe or {}).get("name") in (None, RECIPE)}
    start, _, rest = patterns[0].partition(":") if patterns else ("", "", "")
    if start == FUNCTIONALS:
        patterns, own = patterns_of([rest, *patterns[1:]]) or ("*",), {**own, "source": MEASURES}
    if not patterns:
        raise InputError("features: name at least one column, such as 'AU*'.")
    missing = KEEP if spec(model).takes_gaps else LEAVE_OUT
    return {"missing": missing, **own, "name": RECIPE, "columns": list(patterns)}


def refuse_known(recipe: dict[str, Any], targets: Sequence[str], group_by: str) -> None:
    """Refuse features that are what is to be predicted, or what the folds are made by.

    Raises
    ------
    InputError
        With the column, and how it is left out.
    """
    if recipe.get("name") != RECIPE or recipe.get("source") != SAMPLES:
        return
    for name in (*targets, group_by):
        if name in recipe["columns"]:
            what = "what is to be predicted" if name in targets else "what no fold may split"
            raise InputError(
                f"The column '{name}' is {what}, so it cannot be a feature as well. Leave it out of the features: "
                f"'!{name}'."
            )


def notes_of_columns(features: Features, keep: np.ndarray, y: np.ndarray) -> list[str]:
    """Which features are the target itself under another name, and how many values are missing."""
    if features.recipe.get("name") != RECIPE:
        return []
    values = features.values[keep]
    same = [name for i, name in enumerate(features.names) if _is_target(values[:, i].astype(np.float64), y)]
    notes = [f"The feature '{name}' is the target under another name: one tells the other exactly." for name in same]
    gaps = ~np.isfinite(values)
    if gaps.any():
        notes.append(
            f"{gaps.mean():.1%} of the features' values are missing, in {int(gaps.any(axis=1).sum())} samples; the "
            "model takes them as missing."
        )
    return notes


def notes_of_choice(asked: dict[str, Any], used: dict[str, Any], samples: Samples, faces_given: bool) -> list[str]:
    """What patterns of columns did not bring: columns of text, columns that cannot be read, faces that were given.

    Parameters
    ----------
    asked, used : dict
        The recipe before and after it was computed.
    samples : Samples
    faces_given : bool
        Whether faces were named beside the table.
    """
    if used.get("name") != RECIPE or used.get("source") != SAMPLES:
        return []
    patterns = [pattern for pattern in asked.get("columns", []) if pattern != "*"]
    notes = [
        f"The features {', '.join(patterns)} fit '{name}' as well, but it holds text, so it is no feature."
        for name in samples.labels
        if fits(name, patterns)
    ]
    notes += [f"'{name}' is no feature. {why}" for name, why in samples.unread.items() if fits(name, patterns)]
    if faces_given and not asked.get("source"):
        notes.append(
            "The features are columns of the samples' own table; the faces that were given play no part. Those of "
            "imported tables are meant with --set source=faces (recipe={'source': 'faces'})."
        )
    return notes


def notes_of_codes(ratings: Sequence[str], y: np.ndarray) -> list[str]:
    """A hint where a rating holds a few whole numbers only, as codes of classes do."""
    notes = []
    for name, values in zip(ratings, y.T, strict=True):
        found = np.unique(values)
        if len(found) <= _MOST_CODES and (found == np.round(found)).all():
            notes.append(
                f"'{name}' holds the whole numbers {found[0]:.0f} to {found[-1]:.0f} and is taken as a rating; if "
                f"these are classes: --labels {name} (read_samples(..., labels=['{name}']))."
            )
    return notes


def _is_target(values: np.ndarray, y: np.ndarray) -> bool:
    known = np.isfinite(values)
    values, y = values[known], y[known]
    if len(values) < 3 or np.ptp(values) == 0:
        return False
    if y.dtype.kind != "f":
        # Most columns have more values than there are classes, which a few rows show.
        if len(np.unique(values[:_FIRST])) > len(set(y.tolist())):
            return False
        codes = np.unique(y.astype(str), return_inverse=True)[1]
        pairs = len(np.unique(np.stack([codes, np.unique(values, return_inverse=True)[1]]), axis=1)[0])
        return bool(pairs == codes.max() + 1 == len(np.unique(values)))
    columns = y.reshape(len(y), -1)
    return any(np.ptp(c) > 0 and abs(np.corrcoef(values, c)[0, 1]) > _SAME for c in columns.T)
