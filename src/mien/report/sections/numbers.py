"""Numbers as the tables of the page show them."""

from __future__ import annotations

from typing import Any

NAN = float("nan")


def with_bounds(score: dict[str, Any]) -> str:
    """``0.42 (0.31 to 0.52)``, without the interval where it is withheld."""
    low, high = as_float(score.get("low")), as_float(score.get("high"))
    known = f" ({low:.2f} to {high:.2f})" if low == low and high == high else ""
    return f"{short(score.get('value'))}{known}".replace("-", "−")


def short(value: Any) -> str:
    """Two decimals, one from 10 on."""
    value = as_float(value)
    return "–" if value != value else (f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}").replace("-", "−")


def as_float(value: Any) -> float:
    """A number out of a JSON file, whose None is not a number."""
    return NAN if value is None else float(value)
