"""The report's section on questionnaires: scores, bands that are not a diagnosis, reliability, problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.words import interval, number
from mien.data.questionnaires.result import NOTICE, Questionnaire
from mien.data.questionnaires.scale import NO_DIAGNOSIS
from mien.report.draw.lines import score_histogram
from mien.report.guarded import guarded


def section(folders: Sequence[Path], problems: list[str]) -> list[dict[str, Any]]:
    """One block for each questionnaire."""
    found = [guarded(problems, Questionnaire.read, folder) for folder in folders]
    return [_block(one) for one in found if one is not None]


def _block(found: Questionnaire) -> dict[str, Any]:
    scales = []
    for one, fit in zip(found.scale.subscales, found.reliability, strict=True):
        scores = found.scores(one)[1]
        known = scores[scores == scores]
        scales.append(
            {
                "name": one.name,
                "rows": len(known),
                "mean": number(float(known.mean()) if len(known) else None),
                "sd": number(float(known.std(ddof=1)) if len(known) > 1 else None),
                "alpha": number(fit.alpha),
                "alpha_interval": interval(fit.alpha_low, fit.alpha_high),
                "omega": number(fit.omega),
                "omega_interval": interval(fit.omega_low, fit.omega_high),
                "warnings": list(fit.warnings),
                "bands": [{"name": band, "rows": count} for band, count in found.band_counts(one).items()],
                "plot": score_histogram(scores, one.cut_offs, one.bands, name=one.name),
            }
        )
    return {
        "title": found.scale.title, "rows": len(found), "people": len(set(found.subject)), "scales": scales,
        "notice": NOTICE, "no_diagnosis": NO_DIAGNOSIS, "problems": found.problem_words(), "source": found.scale.source,
        "notes": [note for note in found.notes if note != NOTICE],
    }  # fmt: skip
