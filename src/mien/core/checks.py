"""Checks of plain arguments that several verbs take."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError

# Torch and numpy both take seeds up to here.
MOST_SEED = 2**32 - 1
# Fewer permutations cannot give a p of .01.
LEAST_PERMUTATIONS = 99


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> None:
    """Refuse what is no whole number in a range, naming the argument."""
    kind = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not kind or value < least or (most is not None and value > most):
        until = f" to {most}" if most is not None else ""
        raise InputError(f"{name} is a whole number from {least}{until}, but got {shown(value)}.")


def check_seed(value: Any) -> None:
    """Refuse what cannot seed random numbers."""
    whole_number("seed", value, 0, MOST_SEED)


def check_permutations(value: Any) -> None:
    """Refuse so few permutations that a test cannot say anything."""
    whole_number("permutations", value, LEAST_PERMUTATIONS)


def shown(value: Any) -> str:
    """A value in a sentence: an array by its shape, the rest as Python writes it, not too long."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
