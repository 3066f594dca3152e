"""Whether what a study's JSON files hold can be shown: files that were edited or damaged are told, not tripped over."""

from __future__ import annotations

from typing import Any

# Scheme of scores on other people than those of the training, see ``mien.learn.evaluate``.
HELD_OUT = "held-out"
_MODEL_PARTS = {
    "kind": str, "name": str, "target": str, "classes": list, "recipe": dict, "settings": dict, "info": dict,
    "weights_sha256": str,
}  # fmt: skip


def model_misfit(spec: dict[str, Any]) -> str:
    """Name of the first part of a ``model.json`` that is not what it has to be; ``''`` if all are, or are absent."""
    found = ((name, spec.get(name)) for name in _MODEL_PARTS)
    return next((name for name, value in found if value is not None and not isinstance(value, _MODEL_PARTS[name])), "")


def evaluation_misfit(evaluation: dict[str, Any]) -> str:
    """Name of the first part that is not what the page can show; ``''`` if all are."""

    def is_number(value: Any) -> bool:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))

    def is_scores(value: Any) -> bool:
        return isinstance(value, dict) and all(
            isinstance(score, dict) and all(is_number(score.get(key)) for key in ("value", "low", "high", "chance"))
            for score in value.values()
        )

    def is_row(value: Any) -> bool:
        return isinstance(value, list) and all(is_number(item) for item in value)

    def is_confusion(value: Any) -> bool:
        return isinstance(value, list) and all(is_row(row) and None not in row for row in value)

    def is_protocol(value: Any) -> bool:
        return isinstance(value, dict) and all(is_number(value.get(key)) for key in ("n_subjects", "n_samples"))

    def is_calibration(value: Any) -> bool:
        lists, numbers = ("confidence", "accuracy", "count"), ("expected_calibration_error", "brier")
        return (
            isinstance(value, dict)
            and all(is_row(value.get(key, [])) for key in lists)
            and all(is_number(value.get(key)) for key in numbers)
        )

    rules = {
        "protocol": is_protocol,
        "classes": lambda value: isinstance(value, list),
        "scores": is_scores,
        "confusion": is_confusion,
        "calibration": is_calibration,
        "per_class": lambda value: isinstance(value, dict) and all(is_scores(scores) for scores in value.values()),
        "noise_check": is_scores,
        "notes": lambda value: isinstance(value, list),
        "left_out": lambda value: isinstance(value, dict) and all(is_number(count) for count in value.values()),
    }
    found = ((name, evaluation.get(name)) for name in rules)
    return next((name for name, value in found if value is not None and not rules[name](value)), "")


def evaluation_of_another(spec: dict[str, Any], evaluation: dict[str, Any], predictions: int) -> str:
    """Why the scores cannot be those of the stored model; ``''`` if nothing speaks against it.

    A kill or a copy between two files can leave a new model beside old scores.

    Parameters
    ----------
    spec, evaluation : dict
        ``model.json`` and ``evaluation.json``.
    predictions : int
        Rows of ``predictions.parquet``; 0 where there is none.
    """
    protocol, trained = evaluation.get("protocol") or {}, (spec.get("info") or {}).get("protocol") or {}
    if protocol.get("scheme") == HELD_OUT:
        trained = {}
    ratings = evaluation.get("ratings")
    total = sum(sum(row) for row in evaluation.get("confusion") or [])
    claims: list[tuple[str, Any, Any]] = [
        ("weights", evaluation.get("weights_sha256"), spec.get("weights_sha256")),
        ("target", None if ratings else evaluation.get("target"), spec.get("target")),
        ("classes", ratings or evaluation.get("classes"), spec.get("classes")),
        *[(name, protocol.get(name), trained.get(name)) for name in ("n_samples", "n_subjects", "scheme", "seed")],
        ("samples in the confusion matrix", total or None, protocol.get("n_samples")),
        ("rows of predictions.parquet", predictions or None, protocol.get("n_samples")),
    ]
    for what, scored, expected in claims:
        if scored not in (None, "", []) and expected not in (None, "", []) and scored != expected:
            return f"{what}: {_brief(scored)} against {_brief(expected)}"
    return ""


def _brief(value: Any) -> str:
    text = ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:12]}..."


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


def checks_of(checks: dict[str, Any]) -> dict[str, Any]:
    """Evidence against planted truth, as ``checks.json`` holds it; empty if that is missing or is something else."""
    numbers = ("evidence", "random", "random_low", "random_high", "inverse")
    rows = [
        {"label": str(row["label"]), "acting": row.get("acting", ""), **{name: float(row[name]) for name in numbers}}
        for row in (checks["rows"] if isinstance(checks.get("rows"), list) else [])
        if isinstance(row, dict) and all(isinstance(row.get(name), (int, float)) for name in numbers) and "label" in row
    ]
    return {"title": str(checks.get("title", "")), "note": str(checks.get("note", "")), "rows": rows} if rows else {}
