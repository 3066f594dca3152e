"""Whether a model is shown to predict what its evidence and maps are about; where not, they say nothing of faces."""

from __future__ import annotations

from typing import Any

from mien.core.people.words import unseen_words
from mien.core.words import number
from mien.stats.scores import between

BALANCED, AREA, CORRELATION = "balanced_accuracy", "auc", "pearson"
# One-sided, as the part of a 95 % interval that lies on the side of chance.
LEAST_P = 0.025
NAN = float("nan")
DO_NOT = "Not predicted: do not interpret."
_NAMES = {BALANCED: "balanced accuracy", AREA: "area under the ROC curve", CORRELATION: "correlation"}


def interval_words(score: dict[str, Any]) -> str:
    """``0.96 (95 % interval 0.93 to 0.98, chance 0.50)``; in place of a withheld interval, that it is withheld."""
    value, chance, parts = score.get("value"), score.get("chance"), [bounds_words(score)]
    if chance is not None and chance == chance:
        parts.append(f"chance {number(chance)}")
    return f"{number(value)} ({', '.join(parts)})"


def bounds_words(score: dict[str, Any]) -> str:
    """The interval in words, or that it is withheld, in the words of the command line."""
    low, high = score.get("low"), score.get("high")
    if low is not None and high is not None and low == low and high == high:
        return f"95 % interval {number(low)} to {number(high)}"
    return between(NAN, NAN, int(score.get("people") or 0), why=str(score.get("withheld") or ""))


def better_than_chance(score: dict[str, Any]) -> bool:
    """Whether a score is shown to be better than chance: by its test, or else by its 95 % interval."""
    value, low, chance, p = (score.get(key) for key in ("value", "low", "chance", "p"))
    if value is None or value <= (chance or 0.0):
        return False
    if p is not None and p == p:
        return bool(p <= LEAST_P)
    return low is not None and bool(low > (chance or 0.0))


def not_predicted(evaluation: dict[str, Any], target: str) -> str:
    """That evidence for a class or rating must not be interpreted, and why; ``''`` if the model predicts it.

    Parameters
    ----------
    evaluation : dict
        ``evaluation.json`` of the model; empty where it was not evaluated.
    target : str
        The class or rating.
    """
    for kind, score in _judged(evaluation, target):
        if isinstance(score, dict) and score.get("value") is not None and not better_than_chance(score):
            what = "of the model" if kind == BALANCED else f"for '{target}'"
            whom = unseen_words(evaluation.get("protocol") or {})
            return (
                f"{DO_NOT} On {whom} that the model had not seen, the {_NAMES[kind]} {what} is "
                f"{interval_words(score)}: not shown to be better than chance. What such a model rests on says "
                "nothing about faces."
            )
    return ""


def _judged(evaluation: dict[str, Any], target: str) -> list[tuple[str, Any]]:
    """The scores by which a class or rating counts as predicted; None where there is none."""
    if evaluation.get("predicts") == "ratings":
        return [(CORRELATION, ((evaluation.get("per_rating") or {}).get(target) or {}).get(CORRELATION))]
    area = ((evaluation.get("per_class") or {}).get(target) or {}).get(AREA)
    # Of few people a class by itself is not judged: its interval is withheld, and it has no test.
    judged = isinstance(area, dict) and (area.get("low") is not None or area.get("p") is not None)
    return [(BALANCED, (evaluation.get("scores") or {}).get(BALANCED)), (AREA, area if judged else None)]
