"""Models of similarity from columns of the samples: pairs of one category are alike, all others are not."""

from __future__ import annotations

import numpy as np

from mien.compare.conditions import CATEGORY, Conditions
from mien.core.errors import InputError
from mien.core.labels import label_key
from mien.core.words import did_you_mean, listed

AND = "+"


def category_model(text: str, conditions: Conditions) -> tuple[str, np.ndarray]:
    """A model by its text.

    Parameters
    ----------
    text : str
        A column of the samples: 0 for pairs with the same value, 1 for others. Or ``'NAME=VALUE+VALUE'``: whether the
        category is one of these; ``'animate=face+cat'``.
    conditions : Conditions

    Returns
    -------
    name : str
    values : ndarray, shape (conditions, conditions)
        NaN for conditions without a value.

    Raises
    ------
    InputError
        If there is no such column or category, or it is the same, or another one, for all conditions.
    """
    name, equals, values = (part.strip() for part in text.partition("="))
    column = CATEGORY if equals else name
    if column not in conditions.columns:
        raise InputError(_no_column(column, conditions))
    found = np.array([str(v) for v in conditions.columns[column]], dtype=object)
    if equals:
        wanted = {label_key(value): value.strip() for value in values.split(AND) if value.strip()}
        known = {label_key(value) for value in found if value}
        lost = [value for key, value in wanted.items() if key not in known]
        if lost or not wanted:
            raise InputError(
                f"The model '{name}' names the category '{lost[0] if lost else ''}', but there is none of that name; "
                f"there are {listed(sorted({v for v in found if v}))}."
            )
        found = np.array(["" if not v else str(label_key(v) in wanted) for v in found], dtype=object)
    return name, _same(found)


def check_varies(name: str, model: np.ndarray, pairs: np.ndarray) -> None:
    """Refuse a model that says the same of every pair.

    Raises
    ------
    InputError
        The sentence says why.
    """
    values = model[pairs & np.isfinite(model)]
    if not len(values) or not np.ptp(values) > 0:
        raise InputError(
            f"The model '{name}' says the same of every pair that is compared (pairs of one source are not), so that "
            "nothing can correlate with it: it needs two values at least, and one of them with two sources "
            "(categories, where these are compared)."
        )


def _same(values: np.ndarray) -> np.ndarray:
    model = (values[:, None] != values).astype(np.float64)
    unknown = np.array([not v for v in values])
    model[unknown] = model[:, unknown] = np.nan
    return model


def _no_column(column: str, conditions: Conditions) -> str:
    known = list(conditions.columns)
    reason = ", the same in all pictures of a category" if conditions.by == CATEGORY else ""
    return (
        f"A model of similarity is a column of labels of the samples{reason}, but there is no '{column}'."
        f"{did_you_mean(column, known)} There are: {', '.join(known) or 'none'}; or write NAME=CATEGORY+CATEGORY."
    )
