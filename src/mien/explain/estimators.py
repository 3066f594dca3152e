"""Estimators of scikit-learn's kind, given as they are or behind a function: their columns, classes and scores.

Nothing is imported: what an object is, its attributes say (scikit-learn's ``feature_names_in_``, LightGBM's
``feature_name_`` and ``feature_name()``, CatBoost's ``feature_names_``, XGBoost's and mien's ``feature_names``).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError

_NAMES = ("feature_names_in_", "feature_name_", "feature_names_", "feature_names", "feature_name")
# What fitted models can do, at least one of it.
_DOES = ("predict", "predict_proba", "decision_function", "transform", "forward", "inplace_predict")
# How deep functions are looked into: a partial of a lambda around a method.
_DEPTH = 3


def fitted_columns(model: Any) -> tuple[str, ...]:
    """The columns that a model, or the one object behind a function, was fitted on; empty if it was on none by name.

    Raises
    ------
    InputError
        If a function stands before several objects that were fitted on different columns.
    """
    known = {names for one in _behind(model, _DEPTH) if (names := _own_columns(one))}
    if len(known) > 1:
        one, other = sorted(known)[:2]
        raise InputError(
            f"The function uses models that were fitted on different columns ({_few(one)}; {_few(other)}), so the "
            "table's columns cannot be matched to them: give an array, table.to_numpy()."
        )
    return next(iter(known), ())


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

    return not fitted_columns(model) and any(is_fitted(one) for one in _behind(model, _DEPTH))


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
    if not columns:
        return function

    def call(values: np.ndarray) -> Any:
        if values.ndim != 2 or values.shape[1] != len(columns):
            return function(values)
        import pandas

        return function(pandas.DataFrame(values, columns=list(columns)))

    return call


def _behind(model: Any, depth: int) -> Iterator[Any]:
    """The model, and what a function was made of."""
    yield model
    if not depth:
        return
    inner: list[Any] = []
    if isinstance(model, partial):
        inner = [model.func, *model.args, *model.keywords.values()]
    elif inspect.ismethod(model):
        inner = [model.__self__]
    elif inspect.isfunction(model):
        with suppress(TypeError, ValueError):
            used = inspect.getclosurevars(model)
            inner = [*used.nonlocals.values(), *used.globals.values()]
        inner += [*(model.__defaults__ or ()), *(model.__kwdefaults__ or {}).values()]
    for one in inner:
        if not inspect.ismodule(one) and not inspect.isclass(one):
            yield from _behind(one, depth - 1)


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


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names[:3]) + (", ..." if len(names) > 3 else "")
