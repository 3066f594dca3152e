"""Whether what a study's JSON files hold can be shown: files that were edited or damaged are told, not tripped over."""

from __future__ import annotations

from typing import Any

# Scheme of scores on other people than those of the training, see ``mien.learn.evaluate``.
HELD_OUT = "held-out"
# In a shape: whatever the names are.
EACH = "*"


def is_number(value: Any) -> bool:
    """Also None, which JSON has for what is not a number."""
    return value is None or is_count(value)


def is_count(value: Any) -> bool:
    """A number that is there."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def fits(value: Any, shape: Any) -> bool:
    """Whether a value out of a JSON file is laid out as it has to be.

    Parameters
    ----------
    value : Any
    shape : type, callable, list or dict
        A type, a function that says yes or no, ``[shape]`` for a list of such, ``{name: shape}`` for an object (what is
        absent counts as None) or ``{EACH: shape}`` for one with any names.
    """
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return False
        each = shape.get(EACH)
        parts = [(inner, each) for inner in value.values()] if each else [(value.get(n), s) for n, s in shape.items()]
        return all(fits(inner, wanted) for inner, wanted in parts)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(inner, shape[0]) for inner in value)
    return isinstance(value, shape) if isinstance(shape, type) else bool(shape(value))


def misfit(value: dict[str, Any], shape: dict[str, Any]) -> str:
    """Name of the first part that is there and does not fit; ``''`` if all do."""
    found = ((name, value.get(name)) for name in shape)
    return next((name for name, part in found if part is not None and not fits(part, shape[name])), "")


MODEL = {
    "kind": str, "name": str, "target": str, "classes": list, "recipe": dict, "settings": dict, "info": dict,
    "weights_sha256": str,
}  # fmt: skip
_SCORES = {EACH: {"value": is_number, "low": is_number, "high": is_number, "chance": is_number}}


def _is_row(value: Any) -> bool:
    return value is None or fits(value, [is_number])


EVALUATION = {
    "protocol": {"n_subjects": is_number, "n_samples": is_number},
    "classes": list,
    "scores": _SCORES,
    "confusion": [[is_count]],
    "calibration": {
        "confidence": _is_row,
        "accuracy": _is_row,
        "count": _is_row,
        "expected_calibration_error": is_number,
        "brier": is_number,
    },
    "per_class": {EACH: _SCORES},
    "noise_check": _SCORES,
    "notes": list,
    "left_out": {EACH: is_number},
}


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
    whole = dict.fromkeys(numbers, is_count)
    rows = [
        {"label": str(row["label"]), "acting": row.get("acting", ""), **{name: float(row[name]) for name in numbers}}
        for row in (checks["rows"] if isinstance(checks.get("rows"), list) else [])
        if fits(row, whole) and "label" in row
    ]
    return {"title": str(checks.get("title", "")), "note": str(checks.get("note", "")), "rows": rows} if rows else {}
