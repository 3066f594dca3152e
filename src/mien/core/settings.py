"""Settings checked against the signatures of what they are for: their kinds, ranges (``core.numbers``) and choices.

A method says what it takes where it takes it: ``n_steps: Count = 64``, ``tolerance: Positive | None = None``,
``gives: Literal["levels", "mean"] = "levels"``. Nothing else has to be written for wrong values to be refused.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from math import isfinite
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import Range

Count = Annotated[int, Range(1, words="at least 1")]
Several = Annotated[int, Range(2, words="at least 2")]
Positive = Annotated[float, Range(0, above=True, words="above 0")]
NotNegative = Annotated[float, Range(0, words="0 or more")]
Probability = Annotated[float, Range(0, 1, above=True, below=True, words="between 0 and 1")]
Precision = Literal["auto", "float32", "bfloat16", "float16"]

# What every explanation takes, whatever its method.
GENERAL: dict[str, Any] = {
    "method": str,
    "seed": Annotated[int, Range(0, words="0 or more")],
    "n_baselines": Count | None,
    "batch_size": Count | None,
    "max_memory": Any,
    "device": str,
    "faces": Any,
    "reference": Any,
    "classes": Any,
    "subjects": Any,
    "ids": Any,
    "labels": Any,
    "names": Any,
    "space": str | None,
}


def check_settings(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Settings that fit a function's signature, as plain numbers where they are numbers.

    Raises
    ------
    InputError
        Names the setting, what it takes and what came.
    """
    hints = get_type_hints(function, include_extras=True)
    return {name: check_value(name, value, hints.get(name, Any)) for name, value in given.items()}


def check_value(name: str, value: Any, hint: Any) -> Any:
    """One setting; see ``check_settings``."""
    taken = [result for option in _options(hint) if (result := _taken(value, option)) is not _WRONG]
    if taken:
        return taken[0]
    # Of a number out of its range the range is what has to be said.
    numeric = any(_taken(value, _bare(option)) is not _WRONG for option in _options(hint))
    *first, last = dict.fromkeys(words for option in _options(hint) for words in _words(option, ranges_only=numeric))
    takes = f"{', '.join(first)} or {last}" if first else last
    given = f"'{value}'" if isinstance(value, str) else repr(value) if _short(value) else type(value).__name__
    raise InputError(f"{name} is {takes}, but got {given}.")


def check_general(given: dict[str, Any]) -> None:
    """What every explanation takes, where it is among the settings.

    Raises
    ------
    InputError
        As ``check_settings``; also for a size of memory that is none.
    """
    for name, hint in GENERAL.items():
        if name in given:
            check_value(name, given[name], hint)
    if given.get("max_memory") is not None:
        bytes_of(given["max_memory"])


def class_names(classes: Any) -> tuple[str, ...] | None:
    """Names of a model's outputs as given, None where they are not.

    Raises
    ------
    InputError
        If they are no names, or one stands there twice.
    """
    if classes is None:
        return None
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise InputError(f"classes are names of the model's outputs, such as ['no', 'yes'], but got {classes!r}.")
    names = tuple(str(name) for name in classes)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"classes names each output once, but '{twice}' stands there {names.count(twice)} times.")
    return names


_WRONG = object()


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _taken(value: Any, hint: Any) -> Any:
    """The value as this kind; ``_WRONG`` where it is not of it."""
    if get_origin(hint) is Annotated:
        kind, fits = get_args(hint)
        result = _taken(value, kind)
        return result if result is not _WRONG and fits.holds(result) else _WRONG
    if get_origin(hint) is Literal:
        return value if isinstance(value, str) and value in get_args(hint) else _WRONG
    if hint is NoneType:
        return value if value is None else _WRONG
    if hint in (int, float):
        # Truth values are numbers to Python, but not to people.
        if isinstance(value, bool) or not isinstance(value, Integral if hint is int else Real):
            return _WRONG
        return hint(value) if isfinite(value) else _WRONG
    if hint is bool:
        return bool(value) if isinstance(value, (bool, np.bool_)) else _WRONG
    if hint in (str, list, dict):
        return value if isinstance(value, hint) else _WRONG
    return value


def _bare(hint: Any) -> Any:
    """The kind without its range."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _words(hint: Any, *, ranges_only: bool = False) -> list[str]:
    if get_origin(hint) is Annotated:
        kind, fits = get_args(hint)
        joint = " of " if fits.words.startswith(("at ", "0 ")) else " "
        full = f"{_words(kind)[0]}{joint}{fits.words}" if fits.words else str(fits)
        return [fits.words if ranges_only and fits.words else full]
    if get_origin(hint) is Literal:
        return [f"'{choice}'" for choice in get_args(hint)]
    named = {int: "a whole number", float: "a number", str: "a word", bool: "true or false", list: "a list",
             dict: "a dict"}  # fmt: skip
    return [named.get(hint, "None" if hint is NoneType else getattr(hint, "__name__", str(hint)))]


def _short(value: Any) -> bool:
    return isinstance(value, (int, float, complex, NoneType)) or (
        isinstance(value, (list, tuple, dict, set)) and len(repr(value)) <= 40
    )


def defaults_of(function: Callable[..., Any], skip: int) -> dict[str, Any]:
    """A function's settings with their defaults, without its first ``skip`` arguments."""
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    return {parameter.name: parameter.default for parameter in parameters}


def parse_pairs(pairs: Sequence[str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Settings from ``NAME=VALUE`` texts, each value as what its default is.

    A text that cannot be read so stays text, and an unknown name stays in: what is checked for settings from Python
    says better what is wrong with them.

    Parameters
    ----------
    pairs : sequence of str
        Such as ``'n_steps=16'`` or ``'stages=[4, 5]'``; names may have hyphens.
    defaults : mapping
        Of the settings that there are; one whose default is None takes whatever can be read.

    Raises
    ------
    InputError
        If a text has no '='.

    Examples
    --------
    >>> parse_pairs(["n-steps=16", "layer=7", "mirror=no", "tolerance=none"],
    ...             {"n_steps": 64, "layer": "", "mirror": True, "tolerance": 0.1})
    {'n_steps': 16, 'layer': '7', 'mirror': False, 'tolerance': None}
    """
    result = {}
    for pair in pairs:
        name, sign, text = (part.strip() for part in pair.partition("="))
        if not sign:
            raise InputError(f"A setting is given as NAME=VALUE, but got '{pair}'.")
        name = name.replace("-", "_")
        result[name] = _read(text, defaults.get(name))
    return result


_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def _read(text: str, default: Any) -> Any:
    if isinstance(default, str):
        return text
    if isinstance(default, bool):
        return _TRUTH.get(text.lower(), text)
    if text.lower() in ("none", ""):
        return None
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    with suppress(ValueError, RecursionError):
        return json.loads(text, parse_constant=str)
    return text


def bytes_of(text: str | int | float) -> int:
    """Bytes from ``2_000_000``, ``'500MB'`` or ``'1.5 GB'``.

    Raises
    ------
    InputError
        If it is none of these or not positive.
    """
    match = re.fullmatch(r"\s*([0-9.]+)\s*([kmg]?)i?b?\s*", str(text).replace("_", "").lower())
    try:
        size = float(match[1]) * 1000 ** ("kmg".find(match[2]) + 1 if match[2] else 0) if match else 0.0
    except ValueError:
        size = 0.0
    if size < 1:
        raise InputError(f"max_memory is a size such as '500MB' or '2GB', but got '{text}'.")
    return int(size)
