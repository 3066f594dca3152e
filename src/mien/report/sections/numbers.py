"""Numbers and settings as the tables of the page show them."""

from __future__ import annotations

from typing import Any

from mien.core.words import number


def with_bounds(score: Any) -> str:
    """``0.42 (0.31 to 0.52)``, without the interval where it is withheld."""
    known = f" ({score.low:.2f} to {score.high:.2f})" if score.low == score.low and score.high == score.high else ""
    return f"{number(score.value, short=True)}{known}".replace("-", "−")


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested settings as rows of (name, value)."""
    if isinstance(value, dict):
        if value and name.split(" › ")[-1] == "versions":
            return [(name, ", ".join(f"{package} {version}" for package, version in value.items()))]
        return [row for key, inner in value.items() for row in flat(inner, f"{name} › {key}" if name else str(key))]
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [row for i, item in enumerate(value, 1) for row in flat(item, f"{name} {i}")]
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return [(name, shown if len(shown) <= 600 else f"{shown[:600]} …")]
