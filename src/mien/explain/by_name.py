"""Whether a function goes by the names of a table's columns or by their places: it is asked, not guessed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.features import Features
from mien.explain.answers import said_by, scores_of
from mien.explain.estimators import fed_table, fitted_columns, nameless
from mien.explain.networks import ExplainedModel
from mien.explain.tables import columns_of_model, has_names, numbers_of_table

_BY_PLACE = (
    "The model was fitted without names of columns, so the table's columns were taken in their order: they have to "
    "stand as those that it was fitted on."
)
_UNSEEN = (
    "The function goes by the places of columns, not by their names, and no model is seen behind it that knows its "
    "columns, so the table's columns were taken in their order: they have to stand as those that its model was fitted "
    "on. To be safe give the fitted model itself, or a function that takes a DataFrame and picks its columns by name."
)
# Rows that a function is asked about.
_ROWS = 20
_NAMES, _PLACES, _NEITHER = "names", "places", "neither"


def by_name(network: ExplainedModel, samples: Any) -> tuple[ExplainedModel, list[str]]:
    """The model as it wants the samples' columns: a function that goes by their names is given a table.

    Parameters
    ----------
    network : ExplainedModel
    samples : DataFrame, Features or array
        What is explained; arrays have no names.

    Returns
    -------
    network : ExplainedModel
    list of str
        What has to be told: that columns went by their places.

    Raises
    ------
    InputError
        If a function does not take the columns in this order, or goes by places and uses models that were fitted on
        different columns.
    """
    if not has_names(samples):
        return network, []
    known, habit = fitted_columns(network.model), _NEITHER
    if network.scores is not None and network.facts["kind"] in ("callable", "estimator"):
        table, _ = columns_of_model(samples, network.model)
        columns = list(table.names if isinstance(table, Features) else table.columns)
        habit = _habit(network.scores, table, columns)
        if habit == _NAMES:
            return replace(network, scores=fed_table(network.scores, columns), columns=tuple(columns)), []
    if len(known) > 1:
        one, other = sorted(known)[:2]
        raise InputError(
            f"The function uses models that were fitted on different columns ({_few(one)}; {_few(other)}), so the "
            "table's columns cannot be matched to them: give an array, table.to_numpy()."
        )
    if known:
        return network, []
    return network, [_BY_PLACE] if nameless(network.model) else [_UNSEEN] if habit == _PLACES else []


def _habit(function: Callable[[Any], Any], samples: Any, columns: Sequence[Any]) -> str:
    """What a function goes by: its answers to a table, to its numbers, and to the table with its columns moved."""
    values = samples.values[samples.ok] if isinstance(samples, Features) else numbers_of_table(samples)
    rows = np.asarray(values[np.isfinite(values).all(axis=1)][:_ROWS], np.float32)
    if not len(rows):
        return _NEITHER
    told, plain = _answer(fed_table(function, columns), rows), _answer(function, rows)
    if isinstance(told, Exception):
        if isinstance(plain, Exception):
            return _NEITHER
        if re.search("feature.*name|name.*feature", str(told), re.IGNORECASE):
            raise InputError(
                f"The function does not take the table with these columns in this order ({said_by(told)}): give "
                "table[COLUMNS], with those that its model was fitted on, in their order."
            )
        return _PLACES
    if isinstance(plain, Exception) or not _same(told, plain):
        return _NAMES
    moved = np.roll(rows, 1, axis=1)
    turned = _answer(fed_table(function, [*columns[-1:], *columns[:-1]]), moved)
    return _NAMES if isinstance(turned, Exception) or _same(told, turned) else _PLACES


def _answer(function: Callable[[Any], Any], rows: np.ndarray) -> np.ndarray | Exception:
    """Numbers, or why there are none."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return scores_of(function(rows.copy()), len(rows), None, "function").double().cpu().numpy()
    except Exception as error:  # whatever the function of somebody else does
        return error


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names[:3]) + (", ..." if len(names) > 3 else "")
