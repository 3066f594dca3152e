"""From a study folder to what the page shows: plain tables, sentences and pictures."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mien.core.errors import InputError, WeightsError
from mien.core.extras import require
from mien.core.features import NAMED, PICTURE
from mien.core.provenance import versions
from mien.data.weights import CARDS, FILES
from mien.explain.aggregate import Summary, summarise
from mien.explain.parts import Share, features, in_words, regions
from mien.explain.pixels.shown import load_shown
from mien.explain.words import percent
from mien.report.charts import calibration_plot, score_line
from mien.report.evidence_plots import plots
from mien.report.faithfulness import faithfulness_blocks
from mien.report.folder import EvidencePart, ModelPart, StudyFolder
from mien.report.gallery import gallery
from mien.report.impressions_part import impressions_block, predicts_ratings
from mien.report.layout import checks_of
from mien.report.method_words import method_words
from mien.report.parts import earlier_words
from mien.report.picture_plots import picture_plots
from mien.report.reduction_part import ReductionPart, reduction_block
from mien.report.sentences import headline, limits, noise_words

MOST_FAILURES = 200
MOST_ROWS = 12
_SCORE_WORDS = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
    "auc": "Area under the ROC curve",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "concordance": "Concordance",
    "r2": "R²",
    "rmse": "Root mean squared error",
}


def context_of(study: StudyFolder) -> dict[str, Any]:
    """Everything the template needs; texts are plain and are escaped there, pictures are marked as safe."""
    problems = list(study.problems)
    blocks: dict[str, list[dict[str, Any]]] = {}
    summaries: dict[str, list[Summary]] = {}
    for part in study.evidence:
        try:
            summary = summarise(part.evidence)
            block = _evidence_block(part, summary, problems, study.path / "evidence" / part.where)
        except InputError as error:
            problems += [str(text) for text in part.evidence.settings.get("abstained") or [error]]
            continue
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            problems.append(f"evidence/{part.where} is not laid out as 'mien explain' writes it ({error!r}).")
            continue
        summaries.setdefault(part.model, []).append(summary)
        blocks.setdefault(part.model, []).append(block)
    return {
        "title": _title(study),
        "headline": headline(study, summaries),
        "earlier": earlier_words(study.earlier),
        "written": datetime.now(UTC).strftime("%d %B %Y"),
        "asked": [row for row in flat(study.asked) if row[1]],
        "licences": [
            *licences([study.provenance, *[part.spec.get("info", {}) for part in study.models]]),
            *weights_rows([study.provenance, *[part.spec.get("settings", {}) for part in study.models]]),
        ],
        "extraction": study.extraction,
        "failures": study.extraction.failures[:MOST_FAILURES] if study.extraction else [],
        "models": [_model_block(part) for part in study.models],
        "impressions": _impressions(study, problems),
        "evidence": blocks,
        "galleries": {model: _gallery(found, problems) for model, found in summaries.items()},
        "faithfulness": faithfulness_blocks(study.faithfulness),
        "checks": checks_of(study.checks),
        "reductions": [_reduction(part, problems) for part in study.reductions],
        "limits": limits(study, summaries),
        "problems": list(dict.fromkeys(problems)),
        "versions": versions(),
        "hashes": _hashes(study),
        "provenance": flat({k: v for k, v in study.provenance.items() if k != "versions"}),
    }


def _gallery(summaries: list[Summary], problems: list[str]) -> Any:
    try:
        return safe(gallery(summaries))
    except WeightsError as error:
        problems.append(f"Evidence could not be drawn on a face: {error}")
        return ""


def _reduction(part: ReductionPart, problems: list[str]) -> dict[str, Any]:
    block = reduction_block(part, problems)
    faces = [{**face, "svg": safe(face["svg"])} for face in block["faces"]]
    return {**block, "curve": safe(block["curve"]), "faces": faces}


def _impressions(study: StudyFolder, problems: list[str]) -> dict[str, Any]:
    evaluations = {part.name: part.evaluation for part in study.models}
    return _marked(impressions_block(study.path, evaluations, problems, study.shows))


def _marked(value: Any, key: str = "") -> Any:
    """The same with our own pictures marked as safe."""
    if isinstance(value, dict):
        return {name: _marked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    return safe(value) if key in ("svg", "plot", "overview", "axes") and value else value


def _title(study: StudyFolder) -> str:
    for place in (study.asked, study.asked.get("study", {})):
        for key in ("title", "name"):
            if isinstance(place, dict) and isinstance(place.get(key), str):
                return place[key]
    return study.path.resolve().name or "Study"


def safe(svg: str) -> Any:
    """A picture of ours, whose texts are escaped already."""
    return require("markupsafe", "Writing reports", "learn").Markup(svg)


def flat(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested settings as rows of (name, value)."""
    if isinstance(value, dict) and value and name.split(" › ")[-1] == "versions":
        return [(name, ", ".join(f"{package} {version}" for package, version in value.items()))]
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in flat(inner, f"{name} › {key}" if name else str(key))]
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return [row for i, item in enumerate(value, 1) for row in flat(item, f"{name} {i}")]
    shown = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return [(name, shown if len(shown) <= 600 else f"{shown[:600]} …")]


def licences(value: Any) -> list[dict[str, str]]:
    """Every name with a licence found anywhere in provenance, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}

    def look(item: Any, name: str) -> None:
        if isinstance(item, dict):
            licence = item.get("licence") or item.get("license")
            if isinstance(licence, str):
                known = str(item.get("name") or item.get("file") or name)
                row = {"name": known, "licence": licence, "credit": str(item.get("credit") or item.get("source") or "")}
                found.setdefault((known, licence), row)
            for key, inner in item.items():
                look(inner, str(key))
        elif isinstance(item, list):
            for inner in item:
                look(inner, name)

    look(value, "")
    return list(found.values())


def weights_rows(facts: Any) -> list[dict[str, str]]:
    """The card of every network whose file, or its SHA-256, provenance or a model's settings name."""
    named = json.dumps(facts, default=str)
    return [
        {"name": f"{card.name} ({card.file})", "licence": card.licence, "credit": card.source}
        for card in CARDS.values()
        if card.file in named or (card.file in FILES and FILES[card.file].sha256 in named)
    ]


def _hashes(study: StudyFolder) -> list[tuple[str, str]]:
    rows = [(f"models/{part.name}", str(part.spec.get("weights_sha256", ""))) for part in study.models]
    return [row for row in rows if row[1]]


def _model_block(part: ModelPart) -> dict[str, Any]:
    evaluation, spec = part.evaluation, part.spec
    scores = [
        {
            "name": _SCORE_WORDS.get(name, name),
            "value": number(score.get("value")),
            "interval": f"{number(score.get('low'))} – {number(score.get('high'))}",
            "chance": number(score.get("chance")),
            "plot": safe(score_line(*(_float(score.get(k)) for k in ("value", "low", "high", "chance")), name=name)),
        }
        for name, score in evaluation.get("scores", {}).items()
    ]
    calibration = evaluation.get("calibration") or {}
    classes = [str(c) for c in evaluation.get("classes", spec.get("classes", []))]
    target = str(spec.get("target", evaluation.get("target", "")))
    if predicts_ratings(evaluation):
        # Their names stand in the table of ratings.
        count = len(evaluation.get("ratings") or [])
        classes, target = [], target if count == 1 else f"{count} ratings"
    return {
        "name": part.name,
        "kind": spec.get("kind", ""),
        "target": target,
        "classes": classes,
        "recipe": flat(spec.get("recipe", {})),
        "settings": flat(spec.get("settings", {})),
        "protocol": protocol_words(evaluation.get("protocol", {})),
        "scores": scores,
        "per_class": _per_class(evaluation),
        "noise": noise_words(evaluation.get("noise_check")),
        "confusion": confusion_rows(evaluation.get("confusion"), classes),
        "calibration": safe(calibration_plot(calibration)) if calibration.get("count") else "",
        "calibration_words": _calibration_words(calibration),
        "left_out": [(str(k), v) for k, v in (evaluation.get("left_out") or {}).items() if v],
        "notes": [str(note) for note in evaluation.get("notes") or []],
        "evaluated": bool(evaluation),
    }


_SCHEMES = {
    "stratified": "stratified folds, each with about the same share of every class",
    "grouped": "folds of about equal size",
    "leave-one-subject-out": "one fold per person (leave one subject out)",
}


def protocol_words(protocol: dict[str, Any]) -> str:
    """How the scores were come by."""
    if not protocol:
        return ""
    scheme = str(protocol.get("scheme", ""))
    folds = _SCHEMES.get(scheme, scheme)
    if scheme != "leave-one-subject-out":
        folds = f"{protocol.get('n_folds', '?')} {folds}"
    text = f"{protocol.get('n_samples', '?')} samples of {protocol.get('n_subjects', '?')} people; {folds}. "
    seed = f" Seed {protocol['seed']}." if "seed" in protocol else ""
    return (
        f"{text}No person is in training and test at once; everything that is fitted is fitted in the training folds."
        f" Intervals: 95 %, by drawing people with replacement.{seed}"
    )


def _per_class(evaluation: dict[str, Any]) -> dict[str, Any]:
    """One row per class, one column per score."""
    # Ratings have a section of their own.
    scores = evaluation.get("per_class") or {}
    names = list(dict.fromkeys(name for found in scores.values() for name in found))
    rows = [
        {"label": label, "cells": [_with_interval(found.get(name)) for name in names]}
        for label, found in scores.items()
    ]
    what = "Rating" if evaluation.get("per_rating") else "Class"
    return {"what": what, "names": [_SCORE_WORDS.get(name, name.capitalize()) for name in names], "rows": rows}


def _with_interval(score: dict[str, Any] | None) -> str:
    if not score:
        return "–"
    return f"{number(score.get('value'))} ({number(score.get('low'))} – {number(score.get('high'))})"


def confusion_rows(matrix: Any, classes: list[str]) -> list[dict[str, Any]]:
    """Rows of the confusion matrix with a shade from 0 to 10 by the share of the true class."""
    rows = []
    for label, counts in zip(classes, matrix or [], strict=False):
        total = sum(counts) or 1
        cells = [{"count": c, "shade": round(10 * c / total)} for c in counts]
        rows.append({"label": label, "cells": cells, "total": sum(counts)})
    return rows


def _calibration_words(calibration: dict[str, Any]) -> str:
    error, brier = calibration.get("expected_calibration_error"), calibration.get("brier")
    parts = []
    if error is not None:
        parts.append(f"On average the probability is {100 * error:.1f} points off the share that was right")
    if brier is not None:
        parts.append(f"Brier score {brier:.3f} (0 is perfect)")
    return f"{'; '.join(parts)}." if parts else ""


def _evidence_block(part: EvidencePart, summary: Summary, problems: list[str], folder: Path) -> dict[str, Any]:
    evidence, settings = part.evidence, part.evidence.settings
    unit = str(settings.get("explained", "output"))
    try:
        pictures = plots(summary, unit)
    except WeightsError as error:
        problems.append(f"Evidence could not be drawn on a face: {error}")
        pictures = []
    wide = picture_plots(evidence, summary, load_shown(folder), unit) if evidence.space == PICTURE else []
    return {
        "target": str(evidence.target),
        "words": in_words(summary),
        "plots": [{"kind": p.kind, "caption": p.caption, "svg": safe(p.svg)} for p in pictures if p.kind != "features"],
        "wide": [{"kind": p.kind, "caption": p.caption, "svg": safe(p.svg)} for p in wide],
        "regions": _share_rows(regions(summary)) if summary.topology or summary.places else [],
        "features": _share_rows(features(summary)) if summary.space == NAMED else [],
        "method": method_words(part, summary),
    }


def _share_rows(rows: list[Share]) -> list[dict[str, Any]]:
    shown = [row for row in rows[:MOST_ROWS] if row.share > 0]
    # Three digits of the largest value, and as many decimals for all others, so that they can be compared.
    largest = max((abs(row.signed) for row in shown), default=0.0)
    decimals = max(0, 2 - math.floor(math.log10(largest))) if largest > 0 else 0
    return [
        {
            "words": row.words,
            "share": percent(row.share),
            "expected": percent(row.expected),
            "signed": f"{row.signed:+.{decimals}f}".replace("-", "−"),
            "consistency": percent(row.consistency) if row.consistency == row.consistency else "–",
        }
        for row in shown
    ]


def number(value: Any) -> str:
    """Two decimals, or a dash."""
    return "–" if value is None or value != value else f"{value:.2f}"


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)
