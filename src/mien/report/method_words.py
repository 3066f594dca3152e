"""How some evidence was come by, in one line."""

from __future__ import annotations

import math
from typing import Any

from mien.explain.aggregate import Summary
from mien.report.folder import EvidencePart


def method_words(part: EvidencePart, summary: Summary) -> str:
    """Method, samples, baselines, precision; what was left out, and what has to be known with it."""
    settings = part.evidence.settings
    people = f"{summary.samples} samples of {summary.subjects} people"
    whose = f"labelled '{summary.label}'" if summary.label else "of all labels"
    left_out = sum(summary.left_out.values())
    text = (
        f"{part.evidence.method}, {people} {whose}; baselines: {_baselines(settings)}; "
        f"{_steps(settings)}{_gap(summary)}{f'; {left_out} samples gave no evidence' if left_out else ''}."
    )
    warning = "THIS EVIDENCE EXPLAINS AN EARLIER MODEL: it was trained again since." if part.outdated else ""
    return " ".join([text, *(str(told) for told in settings.get("abstained") or []), *([warning] if warning else [])])


def _baselines(settings: dict[str, Any]) -> str:
    kind, count = str(settings.get("baselines", "none")), settings.get("n_baselines", 1)
    known = {
        "medoids": f"{count} typical samples (medoids)",
        "mean": "the mean sample",
        "zero": "zero",
        "none": "none",
        "blur": "each picture without detail (blur)",
    }
    return known.get(kind, f"{kind} ({count})")


def _steps(settings: dict[str, Any]) -> str:
    return f"{settings['n_steps']} steps" if "n_steps" in settings else "method's own settings"


def _gap(summary: Summary) -> str:
    gap = summary.median_gap
    if math.isnan(gap):
        return ""
    return f"; median completeness gap {'under 0.01' if gap < 1e-4 else f'{100 * gap:.2g}'} %"
