"""The report's section on evidence: words, drawings and tables of every target, and what has to be known with them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mien.atlas.evidence_words import in_words
from mien.atlas.regions import Share, features, regions
from mien.atlas.summary import Summary, summarise
from mien.core.errors import InputError, WeightsError
from mien.core.evidence import DO_NOT, INCOMPLETE, baselines_in_words, steps_in_words
from mien.core.features import NAMED, PICTURE
from mien.core.words import equals, percent
from mien.explain.thumbnails import load_shown
from mien.learn.predicted import not_predicted
from mien.report.draw.evidence import plots
from mien.report.draw.gallery import gallery, gallery_words
from mien.report.draw.mean_map import mean_map
from mien.report.draw.pictures import not_drawn, picture_plots
from mien.report.draw.plot import Plot
from mien.report.draw.unpredicted import unpredicted
from mien.report.models_folder import ModelPart
from mien.report.privacy import Privacy
from mien.report.study_folder import EvidencePart, StudyFolder
from mien.report.used import unmatched

MOST_ROWS = 12


@dataclass(frozen=True)
class EvidenceSection:
    """Blocks for the page and the numbers that they were made from, by model."""

    blocks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    summaries: dict[str, list[Summary]] = field(default_factory=dict)
    galleries: dict[str, dict[str, str]] = field(default_factory=dict)


def section(study: StudyFolder, problems: list[str], privacy: Privacy) -> EvidenceSection:
    """Everything the page says about evidence; pictures are SVG that is still to be marked as safe.

    Parts that cannot be shown become sentences in ``problems``.
    """
    found = EvidenceSection()
    units: dict[str, str] = {}
    models = {part.name: part for part in study.models}
    for part in study.evidence:
        try:
            summary = summarise(part.evidence)
            folder = study.path / "evidence" / part.where
            block = _block(part, summary, models.get(part.model), problems, folder, privacy)
        except InputError as error:
            problems += [str(text) for text in part.evidence.settings.get("abstained") or [error]]
            continue
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            problems.append(f"evidence/{part.where} is not laid out as 'mien explain' writes it ({error!r}).")
            continue
        units.setdefault(part.model, _unit(part))
        found.summaries.setdefault(part.model, []).append(summary)
        found.blocks.setdefault(part.model, []).append(block)
    for blocks in found.blocks.values():
        several = len({block["by"] for block in blocks}) > 1
        for block in blocks:
            block["heading"] = f"{block['target']} · {block['by']}" if several else block["target"]
    for name, summaries in found.summaries.items():
        predicted = [s for s in summaries if not _warning(models.get(name), s)]
        if drawn := _gallery(name, predicted, units[name], problems):
            found.galleries[name] = drawn
    return found


def _gallery(model: str, predicted: list[Summary], unit: str, problems: list[str]) -> dict[str, str]:
    try:
        drawn = gallery(predicted, unit)
    except WeightsError as error:
        problems.append(f"Evidence could not be drawn on a face: {error}")
        return {}
    first = predicted[0] if predicted else None
    if not drawn or first is None:
        return {}
    return {
        "svg": drawn,
        "caption": f"Evidence for each target of '{model}', {first.who}: {gallery_words(first.directed)}",
    }


def _warning(model: ModelPart | None, summary: Summary) -> str:
    return "" if model is None else not_predicted(model.evaluation, summary.target.name)


def _block(
    part: EvidencePart, summary: Summary, model: ModelPart | None, problems: list[str], folder: Path, privacy: Privacy
) -> dict[str, Any]:
    evidence, unit = part.evidence, _unit(part)
    warning = _warning(model, summary)

    def alone(plot: Plot) -> Plot:
        if not warning:
            return replace(plot, caption=_alone(part, summary, plot.caption))
        # Without hues: words on what they mean would be wrong, and nobody compares it with other evidence.
        caption = f"{_alone(part, summary, _begin(part, plot.caption))}. {DO_NOT}"
        return replace(plot, caption=caption, svg=unpredicted(plot.svg, DO_NOT), scale=None)

    try:
        pictures = [alone(plot) for plot in plots(summary, unit)]
    except WeightsError as error:
        problems.append(f"Evidence could not be drawn on a face: {error}")
        pictures = []
    wide: list[Plot] = []
    hidden: list[str] = []
    mean = None
    if evidence.space == PICTURE:
        shown = load_shown(folder)
        wide = [alone(plot) for plot in picture_plots(evidence, summary, shown, unit, privacy)]
        hidden = not_drawn(evidence, summary, shown, privacy)
        mean = mean_map(evidence, summary, shown, unit, privacy)
    return {
        "target": str(evidence.target),
        "by": f"{evidence.method} through the {evidence.model['through']}"
        if evidence.model.get("through")
        else evidence.method,
        "warning": warning,
        # What is not predicted is not put into words as a finding.
        "words": "" if warning else in_words(summary),
        "directed": summary.directed,
        "plots": [_shown(plot) for plot in pictures if plot.kind != "features"],
        "wide": [_shown(plot) for plot in wide],
        "panels": (*([alone(mean)] if mean else []), *pictures, *wide),
        "hidden": hidden,
        "regions": _share_rows(regions(summary)) if summary.topology or summary.places else [],
        "features": _share_rows(features(summary)) if summary.space == NAMED else [],
        "alike": "People alike" if summary.subjects is not None else "Samples alike",
        "density": {PICTURE: "per pixel", NAMED: "per feature"}.get(summary.space, "per point"),
        "method": _method_words(part, summary, model),
        "notes": [*_notes(part), *_model_notes(model, summary)],
    }


def _shown(plot: Plot) -> dict[str, str]:
    return {"kind": plot.kind, "caption": plot.caption, "svg": plot.svg}


def _alone(part: EvidencePart, summary: Summary, caption: str) -> str:
    """A caption that stands alone: what is shown, then of which model, by which method, of how many."""
    settings = part.evidence.settings
    against = f", baselines: {baselines_in_words(settings)}" if "baselines" in settings else ""
    who = f"'{part.model}' ({part.evidence.method}{against}, {summary.who})"
    target = f"'{part.evidence.target}'"
    if target in caption:
        return caption.replace(target, f"{target} of {who}", 1)
    return f"Evidence for {target} of {who}. {caption}"


def _begin(part: EvidencePart, caption: str) -> str:
    """What a drawing shows, without how it shows it."""
    target, other = f"'{part.evidence.target}'", "\0"
    return re.split(r"[:;.](?: |$)", caption.replace(target, other))[0].replace(other, target)


def _unit(part: EvidencePart) -> str:
    return str(part.evidence.settings.get("explained", "output"))


def _notes(part: EvidencePart) -> list[str]:
    """What the evidence says of itself: precision that was not reached, abstention."""
    return [str(told) for key in ("abstained", "notes") for told in part.evidence.settings.get(key) or []]


def _model_notes(model: ModelPart | None, summary: Summary) -> list[str]:
    """What was told when the ratings were read of the one that is explained here, such as codes among its numbers."""
    notes = [] if model is None or model.evaluation is None else model.evaluation.notes
    return [note for note in notes if f"'{summary.target.name}'" in note]


def _share_rows(rows: list[Share]) -> list[dict[str, Any]]:
    shown = [row for row in rows[:MOST_ROWS] if row.share > 0]
    # Three digits of the largest value, and as many decimals for all others, so that they can be compared.
    largest = max((abs(row.signed) for row in shown if row.signed == row.signed), default=0.0)
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest > 0 else 0
    return [
        {
            "words": row.words,
            "share": percent(row.share),
            "expected": percent(row.expected),
            "shuffled": f"{percent(row.shuffled)}, p {equals(row.p_shuffled)}" if row.shuffled == row.shuffled else "",
            "density": f"{row.density:.1f} ×" if row.density == row.density else "–",
            "signed": f"{row.signed:+.{decimals}f}".replace("-", "−") if row.signed == row.signed else "–",
            "consistency": percent(row.consistency) if row.consistency == row.consistency else "–",
        }
        for row in shown
    ]


def _method_words(part: EvidencePart, summary: Summary, model: ModelPart | None) -> str:
    """Method, samples, baselines, precision; what was left out, and what has to be known with it."""
    settings = part.evidence.settings
    whose = f"labelled '{summary.label}'" if summary.label else "of all labels"
    missed = summary.left_out.get(INCOMPLETE, 0)
    left_out = sum(summary.left_out.values()) - missed
    steps = steps_in_words(settings) or "method's own settings"
    text = (
        f"{part.evidence.method}, {summary.who} {whose}; baselines: {baselines_in_words(settings)}; "
        f"{steps}{_gap(summary)}{f'; {left_out} samples gave no evidence' if left_out else ''}"
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


def _gap(summary: Summary) -> str:
    gap = summary.median_gap
    if math.isnan(gap):
        return ""
    return f"; median completeness gap {'under 0.01' if gap < 1e-4 else f'{100 * gap:.2g}'} %"
