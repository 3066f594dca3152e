"""How some evidence was computed, and whether it belongs to what stands beside it."""

from __future__ import annotations

import math
from typing import Any

from mien.atlas.summary import Summary
from mien.core.evidence import INCOMPLETE
from mien.report.models_folder import ModelPart
from mien.report.study_folder import EvidencePart
from mien.report.used import unmatched


def method_words(part: EvidencePart, summary: Summary, model: ModelPart | None = None) -> str:
    """Method, samples, baselines, precision; what was left out, and what has to be known with it."""
    settings = part.evidence.settings
    whose = f"labelled '{summary.label}'" if summary.label else "of all labels"
    missed = summary.left_out.get(INCOMPLETE, 0)
    left_out = sum(summary.left_out.values()) - missed
    text = (
        f"{part.evidence.method}, {summary.who} {whose}; baselines: {_baselines(settings)}; "
        f"{_steps(settings)}{_gap(summary)}{f'; {left_out} samples gave no evidence' if left_out else ''}"
        f"{f'; the values of {missed} samples are incomplete and left out' if missed else ''}."
    )
    return " ".join([text, *_belonging(part, model)])


def _belonging(part: EvidencePart, model: ModelPart | None) -> list[str]:
    """What is wrong between this evidence and the model and scores that the folder holds."""
    found = []
    if part.outdated:
        found.append("THIS EVIDENCE EXPLAINS AN EARLIER MODEL: it was trained again since.")
    if model is None:
        found.append(f"The explained model '{part.model}' is not in this folder, so how well it predicts is not known.")
    elif model.evaluation is None:
        found.append("The explained model was not evaluated, so how well it predicts is not known.")
    elif model.samples:
        others = len(unmatched(part.evidence.sample, model.samples))
        if others:
            all_of = (
                "None of these samples is" if others == len(part.evidence) else f"{others} of these samples are not"
            )
            found.append(f"{all_of} among those that the model's scores rest on.")
    return found


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
