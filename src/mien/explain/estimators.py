"""Estimators of scikit-learn's kind, given as they are or behind a function: their columns, classes and scores.

Nothing is imported: what an object is, its attributes say (scikit-learn's ``feature_names_in_``, LightGBM's
``feature_name_`` and ``feature_name()``, CatBoost's ``feature_names_``, XGBoost's and mien's ``feature_names``).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from types import CodeType
from typing import Any

import numpy as np

from mien.core.errors import InputError

_NAMES = ("feature_names_in_", "feature_name_", "feature_names_", "feature_names", "feature_name")
# What fitted models can do, at least one of it.
_DOES = ("predict", "predict_proba", "decision_function", "transform", "forward", "inplace_predict")
# How deep functions and objects are looked into: a partial of a lambda around a method of what holds models by name.
_DEPTH = 5
# Objects in one container that are looked at.
_MOST_HELD = 100
# What these packages make holds numbers, not models; their attributes are not looked into.
_NUMBERS = ("builtins", "numpy", "pandas", "scipy", "torch", "polars", "pyarrow")


def fitted_columns(model: Any) -> set[tuple[str, ...]]:
    """The columns that a model, or each object behind a function, was fitted on; empty if it was on none by name."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for names in filter(None, map(_own_columns, _behind(model, _DEPTH, set()))):
        key = tuple(name.replace(" ", "_") for name in names)  # as LightGBM writes them
        known[key] = max(known.get(key, names), names, key=lambda found: " ".join(found).count(" "))
    return set(known.values())


def is_estimator(model: Any) -> bool:
    """Whether this is a fitted model of scikit-learn's kind."""
    return not callable(model) and any(hasattr(model, name) for name in ("predict_proba", "predict"))


def estimator_scores(model: Any) -> tuple[Callable[[Any], Any], tuple[str, ...] | None, str]:
    """What tells how much it leans to each class or what it predicts, the classes' names, and what the scores are."""
    classes: Any = getattr(model, "classes_", None)
    if hasattr(model, "predict_proba"):
        names = None if classes is None or np.ndim(classes[0]) else tuple(str(one) for one in classes)
        return model.predict_proba, names, "probability"
    if classes is not None and hasattr(model, "decision_function"):
        names = tuple(str(one) for one in classes) if len(classes) > 2 else None
        return model.decision_function, names, "decision function"
    check_says_more_than_a_class(model.predict)
    return model.predict, None, "output"


def nameless(model: Any) -> bool:
    """Whether a model, or what a function was made of, was fitted and does not know its columns by name."""
    from mien.models.base import Model

    def is_fitted(one: Any) -> bool:
        scores = any(hasattr(one, name) for name in ("predict", "predict_proba", "decision_function"))
        return scores and not isinstance(one, (type, Model))

    return not fitted_columns(model) and any(is_fitted(one) for one in _behind(model, _DEPTH, set()))


def estimator_behind(function: Any) -> Any:
    """The estimator whose own scores a bound method gives; what is none of these stays as it is.

    Of LightGBM's objects the scores are then the raw ones, which ``tree-shap`` explains exactly.
    """
    owner = getattr(function, "__self__", None)
    if not inspect.ismethod(function) or isinstance(owner, type):
        return function
    of_trees = type(owner).__module__.split(".")[0] == "lightgbm"
    names_a_class = function.__name__ == "predict" and hasattr(owner, "classes_")
    if of_trees and function.__name__ in ("predict", "predict_proba") and not names_a_class:
        return owner
    if names_a_class or not is_estimator(owner):
        return function
    return owner if estimator_scores(owner)[0] == function else function


def check_says_more_than_a_class(function: Any) -> None:
    """Refuse a classifier's ``predict``: the number of a class is no score of it."""
    owner = getattr(function, "__self__", None)
    if getattr(function, "__name__", "") == "predict" and hasattr(owner, "classes_"):
        raise InputError(
            f"The {type(owner).__name__}'s predict names a class, whose number says nothing about how much the model "
            "leans to it: give its predict_proba or decision_function."
        )


def fed(function: Callable[[Any], Any]) -> Callable[[np.ndarray], Any]:
    """The function as it wants its values: a method of what was fitted on columns gets a table of them."""
    method = function
    while isinstance(method, partial) and not method.args:
        method = method.func
    columns = _own_columns(method.__self__) if inspect.ismethod(method) else ()
    return fed_table(function, columns) if columns else function


def fed_table(function: Callable[[Any], Any], columns: Sequence[Any]) -> Callable[[np.ndarray], Any]:
    """The function of a table with these columns as one of an array; tables go through as they are."""

    def call(values: Any) -> Any:
        if not isinstance(values, np.ndarray) or values.ndim != 2 or values.shape[1] != len(columns):
            return function(values)
        import pandas

        return function(pandas.DataFrame(values, columns=list(columns)))

    return call


def _behind(model: Any, depth: int, seen: set[int]) -> Iterator[Any]:
    """The model, and what a function was made of or an object holds, each once; not behind what knows its columns."""
    if id(model) in seen or inspect.ismodule(model) or inspect.isclass(model):
        return
    seen.add(id(model))
    yield model
    if depth and not _own_columns(model):
        for one in _held(model):
            yield from _behind(one, depth - 1, seen)


def _held(model: Any) -> list[Any]:
    """What a function was made of, what a container or an object holds."""
    if isinstance(model, partial):
        return [model.func, *model.args, *model.keywords.values()]
    if inspect.ismethod(model):
        return [model.__self__, model.__func__]
    if inspect.isfunction(model):
        held = [*(model.__defaults__ or ()), *(model.__kwdefaults__ or {}).values()]
        for cell in model.__closure__ or ():
            with suppress(ValueError):  # nothing in it yet
                held.append(cell.cell_contents)
        return held + [model.__globals__[name] for name in _names_in(model.__code__) if name in model.__globals__]
    if isinstance(model, dict):
        return list(islice(model.values(), _MOST_HELD))
    if isinstance(model, (list, tuple)):
        return list(model[:_MOST_HELD])
    if type(model).__module__.split(".")[0] in _NUMBERS:
        return []
    return [*getattr(model, "__dict__", {}).values(), *([type(model).__call__] if callable(model) else [])]


def _names_in(code: CodeType) -> set[str]:
    """Names that a function's code asks for, and the functions inside it."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def _own_columns(model: Any) -> tuple[str, ...]:
    """Names that an object says it was fitted on; those that only count are none."""
    # What describes data may hold names of columns, too.
    if isinstance(model, type) or not any(hasattr(model, name) for name in _DOES):
        return ()
    for attribute in _NAMES:
        result = None
        with suppress(Exception):  # LightGBM and XGBoost raise errors of their own where nothing is fitted
            result = getattr(model, attribute, None)
            result = result() if attribute == "feature_name" and callable(result) else result
        if (
            isinstance(result, (list, tuple, np.ndarray))
            and len(result)
            and all(isinstance(one, str) for one in result)
        ):
            names = tuple(str(one) for one in result)
            return () if _only_count(names) else names
    return ()


def _only_count(names: tuple[str, ...]) -> bool:
    """Whether names are those that libraries give to columns without one: Column_0, f0, 0, feature 0."""
    return all(re.fullmatch(rf"(Column_|f|x|feature[ _]?)?{place}", name) for place, name in enumerate(names))
