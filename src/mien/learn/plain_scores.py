"""Scores as plain values, as they stand in JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mien.core.files import finite
from mien.core.results import number
from mien.stats.scores import Score

_NUMBERS = ("value", "low", "high", "chance", "p")


def plain_scores(scores: Mapping[str, Score]) -> dict[str, dict[str, float | int | str | None]]:
    """Plain values; what is not a number becomes None."""
    return {
        name: {key: finite(float(getattr(s, key))) for key in _NUMBERS}
        | {"people": s.people}
        | ({"withheld": s.withheld} if s.withheld else {})
        for name, s in scores.items()
    }


def scores_of(found: Mapping[str, Any]) -> dict[str, Score]:
    """From what ``plain_scores`` gives."""
    return {
        name: Score(
            **{key: number(row.get(key)) for key in _NUMBERS},
            people=int(row.get("people", 0)),
            withheld=str(row.get("withheld", "")),
        )
        for name, row in found.items()
    }
