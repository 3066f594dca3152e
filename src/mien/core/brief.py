"""Results in one line: what ``repr`` shows of nouns and results, whose arrays would fill screens."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

_LONGEST = 60


def brief(result: Any) -> str:
    """Class, number of rows where there are rows, and every field in a few characters.

    Assign it in the body of a dataclass: ``__repr__ = brief``.
    """
    parts = [f"{field.name}={_value(getattr(result, field.name))}" for field in fields(result) if field.repr]
    kept: list[str] = [f"{len(result)} rows"] if hasattr(result, "__len__") else []
    return f"{type(result).__name__}({', '.join([*kept, *parts])})"


def _value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"<{'x'.join(map(str, value.shape)) or 'scalar'} {_dtype(value)}>"
    if isinstance(value, (dict, list, tuple, set)) and len(value) > 3:
        return f"<{type(value).__name__} of {len(value)}>"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_value(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(_value(v) for v in value)
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _dtype(value: np.ndarray) -> str:
    return "str" if value.dtype == object else str(value.dtype)
