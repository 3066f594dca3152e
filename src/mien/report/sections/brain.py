"""The report's section on what decoders of a brain rest on: slices of each map, the largest columns, overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.words import DASH, number, p_value
from mien.decoding.evidence.maps import AMOUNT, DIFFERENCE, LOSS, PATTERN, WEIGHTS, BrainMap
from mien.decoding.evidence.result import BrainEvidence, load_brain_evidence
from mien.report.draw.brain import slices
from mien.report.guarded import guarded

_SHOWN = 8
_SAYS = {
    AMOUNT: "mean absolute evidence over held-out rows; noise has some, too, so it is read beside shifted labels",
    DIFFERENCE: "evidence where the target is there, less where it is not: what a column adds to telling them apart",
    LOSS: "how much worse held-out rows are told apart when a column has other rows' values",
    WEIGHTS: "how a linear decoder combines the columns, also to take noise out of others; not where the target shows",
    PATTERN: "how each column goes with what a linear decoder reads out (Haufe et al. 2014): where the target shows",
}


def section(places: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """Texts, tables and drawings (SVG that is still to be marked as safe) of each brain's evidence."""
    read = ((place.name, guarded(problems, load_brain_evidence, place)) for place in places)
    return [_block(name, found) for name, found in read if found is not None]


def _block(name: str, found: BrainEvidence) -> dict[str, Any]:
    return {
        "name": name,
        "who": f"{len(found.units)} {found.unit}",
        "words": (
            f"Decoders of {', '.join(found.targets)} over {len(found.space)} {found.space.unit}s: what each held-out "
            f"row's decoder rests on, over {len(found.units)} {found.unit}. What is decodable from a column is not "
            "what the column does, and says nothing about what somebody feels."
        ),
        "maps": [
            {
                "title": f"{one.target}: {one.measure}", "says": _SAYS[one.measure], "method": one.method,
                "plot": slices(one, found.space) if found.space.has_grid else "", "rows": _rows(one, found),
            }
            for one in found.maps
        ],
        "overlaps": [
            {
                "pair": f"{one.one}, {one.other}", "first": one.k, "dice": number(one.dice),
                "expected": number(one.expected), "shuffled": number(one.dice_shuffled),
                "p_columns": p_value(one.p_columns), "p_spin": p_value(one.p_spin),
            }
            for one in found.overlaps
        ],
        "notes": list(found.notes),
    }  # fmt: skip


def _rows(one: BrainMap, found: BrainEvidence) -> list[dict[str, str]]:
    mean, low, high = one.interval
    above, q = one.above_shuffled[0], one.q
    return [
        {
            "column": str(found.space.names[column]), "mean": _short(mean[column]),
            "interval": DASH if low[column] != low[column] else f"{_short(low[column])} to {_short(high[column])}",
            "above": _short(above[column]), "q": p_value(q[column]), "correlated": number(found.correlated[column]),
        }
        for column in one.ranked[:_SHOWN].tolist()
    ]  # fmt: skip


def _short(value: float) -> str:
    return DASH if value != value else f"{value:.3g}".replace("-", "−")
