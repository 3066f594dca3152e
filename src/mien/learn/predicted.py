"""Whether a model is shown to predict what its evidence and maps are about; where not, they say nothing of faces."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.evidence import DO_NOT
from mien.core.files import read_json
from mien.core.outcome import RATINGS
from mien.core.people.words import unseen_words
from mien.core.words import listed, number
from mien.learn.evaluation import Evaluation
from mien.models.store import EVALUATION_FILE
from mien.stats.scores import LEAST_P, Score, better_than_chance, between

BALANCED, AREA, CORRELATION = "balanced_accuracy", "auc", "pearson"
NAN = float("nan")
_NAMES = {BALANCED: "balanced accuracy", AREA: "area under the ROC curve", CORRELATION: "correlation"}


def interval_words(score: Score) -> str:
    """``0.96 (95 % interval 0.93 to 0.98, chance 0.50)``; in place of a withheld interval, that it is withheld."""
    chance = f", chance {number(score.chance)}" if score.chance == score.chance else ""
    return f"{number(score.value)} ({bounds_words(score)}{chance})"


def bounds_words(score: Score) -> str:
    """The interval in words, or that it is withheld, in the words of the command line."""
    if isfinite(score.low) and isfinite(score.high):
        return f"95 % interval {number(score.low)} to {number(score.high)}"
    return between(NAN, NAN, score.people, why=score.withheld)


def disagreement(scores: dict[str, Score]) -> str:
    """Why interval and test of some scores say different things, and which decides; ``''`` if they agree."""
    names = [name for name, score in scores.items() if _disagree(score)]
    if not names:
        return ""
    return (
        f"Interval and test do not say the same of {listed(names)}: the interval allows for people of a kind that was "
        "not seen, the test gives people each other's labels or ratings (permutations), and with few people the two "
        f"can differ. The test decides; p looks to one side, so p = {LEAST_P:g} is what a 95 % interval asks for."
    )


def _disagree(score: Score) -> bool:
    """Also where a p that only looks small stands beside an interval that holds chance."""
    if not (isfinite(score.low) and isfinite(score.p)):
        return False
    return score.p > LEAST_P if score.low > _chance(score) else score.p < 2 * LEAST_P


def _chance(score: Score) -> float:
    return score.chance if score.chance == score.chance else 0.0


def not_predicted(evaluation: Evaluation | None, target: str) -> str:
    """That evidence for a class or rating must not be interpreted, and why; ``''`` if the model predicts it.

    Parameters
    ----------
    evaluation : Evaluation, optional
        Of the model; None where it was not evaluated.
    target : str
        The class or rating.
    """
    if evaluation is None:
        return ""
    for kind, score in _judged(evaluation, target):
        if score is not None and score.value == score.value and not better_than_chance(score):
            what = "of the model" if kind == BALANCED else f"for '{target}'"
            whom = unseen_words(evaluation.protocol)
            return (
                f"{DO_NOT} On {whom} that the model had not seen, the {_NAMES[kind]} {what} is "
                f"{interval_words(score)}: not shown to be better than chance. What such a model rests on says "
                "nothing about faces."
            )
    return ""


def none_predicted(evaluation: Evaluation | None, targets: Iterable[str]) -> str:
    """``not_predicted`` of several classes or ratings as one remark; ``''`` if the model predicts all of them.

    Parameters
    ----------
    evaluation : Evaluation, optional
        Of the model; None where it was not evaluated.
    targets : iterable of str
        Classes or ratings.
    """
    found = {target: sentence for target in targets if (sentence := not_predicted(evaluation, target))}
    said = list(dict.fromkeys(found.values()))
    if len(said) < 2 or evaluation is None:
        return "".join(said)
    names = listed([f"'{target}'" for target in found])
    return (
        f"{DO_NOT} On {unseen_words(evaluation.protocol)} that the model had not seen, {names} are not shown to be "
        "predicted better than chance. What a model rests on there says nothing about faces."
    )


def evaluation_beside(model: Any) -> Evaluation | None:
    """How a model was scored, where that is known.

    Parameters
    ----------
    model : object
        Folder of a stored model; or what ``train`` gave. Of anything else nothing is known.
    """
    if isinstance(found := getattr(model, "evaluation", None), Evaluation):
        return found
    if not isinstance(model, str | Path):
        return None
    path = Path(model) / EVALUATION_FILE
    try:
        return Evaluation.of_json(read_json(path)) if path.is_file() else None
    except (InputError, ValueError, AttributeError, OSError):
        return None


def _judged(evaluation: Evaluation, target: str) -> list[tuple[str, Score | None]]:
    """The scores by which a class or rating counts as predicted; None where there is none."""
    own = evaluation.each.get(target, {})
    if evaluation.predicts == RATINGS:
        return [(CORRELATION, own.get(CORRELATION))]
    area = own.get(AREA)
    # Of two classes the whole says it already, and has a test. Of few people a class by itself is not judged: its
    # interval is withheld, and it has no test.
    judged = area is not None and len(evaluation.each) > 2 and (area.low == area.low or area.p == area.p)
    return [(BALANCED, evaluation.scores.get(BALANCED)), (AREA, area if judged else None)]
