"""Whether what a study's JSON files hold can be shown: files that were edited or damaged are told, not tripped over."""

from __future__ import annotations

from typing import Any

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


def checks_of(checks: dict[str, Any]) -> dict[str, Any]:
    """Evidence against planted truth, as ``checks.json`` holds it; empty if that is missing or is something else."""
    numbers = ("evidence", "random", "random_low", "random_high", "inverse")
    rows = [
        {"label": str(row["label"]), "acting": row.get("acting", ""), **{name: float(row[name]) for name in numbers}}
        for row in (checks["rows"] if isinstance(checks.get("rows"), list) else [])
        if isinstance(row, dict) and all(isinstance(row.get(name), (int, float)) for name in numbers) and "label" in row
    ]
    return {"title": str(checks.get("title", "")), "note": str(checks.get("note", "")), "rows": rows} if rows else {}
