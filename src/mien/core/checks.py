"""Checks of plain arguments that several verbs take."""

from __future__ import annotations

from math import inf
from typing import Any

from mien.core.numbers import RANGES, Range, check_number, shown

__all__ = ["check_permutations", "check_seed", "shown", "whole_number"]


def whole_number(name: str, value: Any, least: int, most: int | None = None) -> None:
    """Refuse what is no whole number in a range, naming the argument."""
    check_number(name, value, Range(least, inf if most is None else most, whole=True))


def check_seed(value: Any) -> None:
    """Refuse what cannot seed random numbers."""
    check_number("seed", value, RANGES["seed"])


def check_permutations(value: Any) -> None:
    """Refuse so few permutations that a test cannot say anything."""
    check_number("permutations", value, RANGES["n_permutations"])
