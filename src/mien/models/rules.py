"""Transparent rules: which facial actions speak for which apparent expression. Nothing is learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.features.actions import ACTIONS, UNMEASURED
from mien.models.base import RULES, Model

# Apparent expression -> action -> how many of five published descriptions name it (those that three of them name):
# Darwin (1872), "The expression of the emotions in man and animals", in the coding of Matsumoto et al.;
# Ekman, Friesen & Hager (2002), "Facial Action Coding System: investigator's guide" (the prototypes of EMFACS);
# Matsumoto, Keltner, Shiota, O'Sullivan & Frank (2008), "Facial expressions of emotion", Handbook of Emotions;
# Cordaro, Sun, Keltner, Kamble, Huddar & McNeil (2018), Emotion 18(1), 75-93 (reference patterns);
# Keltner, Sauter, Tracy & Cowen (2019), Journal of Nonverbal Behavior 43, 133-160.
TABLE: dict[str, dict[str, int]] = {
    "anger": {"AU4": 5, "AU5": 5, "AU7": 3, "AU23": 4, "AU24": 4},
    "disgust": {"AU9": 4, "AU10": 3, "AU16": 3, "AU25": 4, "AU26": 4},
    "fear": {"AU1": 5, "AU2": 5, "AU4": 4, "AU5": 5, "AU20": 5, "AU25": 3, "AU26": 3},
    "happiness": {"AU6": 5, "AU12": 5},
    "sadness": {"AU1": 5, "AU4": 4, "AU15": 4, "AU17": 3},
    "surprise": {"AU1": 5, "AU2": 5, "AU5": 5, "AU25": 3, "AU26": 5},
}
NEUTRAL = "neutral"
# Without these an expression cannot be told from its neighbours, and the rules say nothing about it.
NEEDED: dict[str, tuple[str, ...]] = {
    "anger": ("AU4",), "disgust": ("AU9",), "fear": ("AU1", "AU4", "AU20"), "happiness": ("AU12",),
    "sadness": ("AU1", "AU15"), "surprise": ("AU1", "AU2", "AU26"),
}  # fmt: skip
# An action counts from a fifth of its range: level 1 of 5 of the intensities that OpenFace gives, "a trace".
THRESHOLD = 0.2
# Turns differences of scores into shares of belief; a convention, not a calibration.
SHARPNESS = 10.0
ALSO_CALLED = {
    "happy": "happiness", "smile": "happiness", "smiling": "happiness", "joy": "happiness", "sad": "sadness",
    "angry": "anger", "surprised": "surprise", "disgusted": "disgust", "afraid": "fear", "fearful": "fear",
    "rest": NEUTRAL, "none": NEUTRAL, "no expression": NEUTRAL,
}  # fmt: skip


class RulesModel(Model):
    """Scores of apparent expressions as weighted sums of actions; ``arrays``: ``weight``, ``needed``, ``threshold``.

    The score of an expression is the mean of (strength - threshold) of its actions, weighted by ``TABLE`` and over the
    actions that could be measured. Neutral scores 0, so that it wins where every other falls short of its
    thresholds. An expression one of whose needed actions cannot be measured has no score (NaN): the rules abstain.
    """

    kind = RULES
    differentiable = False
    explained = "rule score"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        classes, actions = len(self.classes), self.input_shape[0]
        return {"weight": (classes, actions), "needed": (classes, actions), "threshold": (actions,)}

    def reasons(self, values: np.ndarray) -> np.ndarray:
        """What each action adds to each score, shape (samples, classes, actions); NaN where the rules abstain."""
        values = np.asarray(values, dtype=np.float64)
        measured: np.ndarray = np.greater(values, UNMEASURED + 1e-3)
        weight = self.arrays["weight"][None] * measured[:, None]
        total = weight.sum(axis=2, keepdims=True)
        share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        found = share * np.where(measured, values - self.arrays["threshold"], 0.0)[:, None]
        found[self.abstains(values)] = np.nan
        return found

    def abstains(self, values: np.ndarray) -> np.ndarray:
        """Whether a needed action of an expression could not be measured; bool, shape (samples, classes)."""
        blind = np.asarray(values) <= UNMEASURED + 1e-3
        missing = (blind[:, None] & (self.arrays["needed"] > 0)[None]).any(axis=2)
        return np.asarray(missing)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Score of each apparent expression, about -0.2 to 0.8; NaN where the rules abstain."""
        found: np.ndarray = self.reasons(self.check_values(values)).sum(axis=2)
        return found

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Shares of belief that sum to one (a softmax of ten times the scores, not calibrated); 0 where abstaining."""
        scores = SHARPNESS * self.scores(values)
        scores = np.where(np.isnan(scores), -np.inf, scores)
        if np.isneginf(scores).all(axis=1).any():
            raise InputError(f"The rules abstain from all of {', '.join(self.classes)}: {self.blind_spots(values)[0]}")
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True)) if scores.size else scores
        found: np.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
        return found

    def blind_spots(self, values: np.ndarray) -> list[str]:
        """Sentences about the expressions that these measurements cannot show."""
        abstains, blind = self.abstains(values), np.asarray(values) <= UNMEASURED + 1e-3
        told = []
        for i, name in enumerate(self.classes):
            if not abstains[:, i].any():
                continue
            lacking = [
                self.feature_names[j]
                for j in np.flatnonzero(self.arrays["needed"][i] > 0)
                if blind[abstains[:, i], j].any()
            ]
            told.append(
                f"The rules abstain from '{name}' in {int(abstains[:, i].sum())} of {len(abstains)} samples: "
                f"{' and '.join(lacking)} cannot be measured in these faces, and without that this expression cannot "
                "be told from others."
            )
        return told

    def remarks(self, values: np.ndarray) -> list[str]:
        """What the rules are blind to, and between what they chose."""
        listed = ", ".join(f"'{name}'" for name in self.classes)
        learnt = "What they weigh can be measured by functions that were: of pictures, some action units are."
        said = f"The rules were not trained on anything. {learnt} They chose between {listed}."
        return [said, *self.blind_spots(values)]

    def named_for(self, target: str, labels: tuple[str, ...]) -> RulesModel:
        """The rules under the names of these labels; beside a single one stands neutral."""
        return rules(labels if len(labels) > 1 else (*labels, NEUTRAL), target)


def rules(classes: tuple[str, ...] = (), target: str = "") -> RulesModel:
    """The rules for some apparent expressions.

    Parameters
    ----------
    classes : tuple of str
        Names as the samples have them: those of ``TABLE``, ``'neutral'``, or any of ``ALSO_CALLED``. All if empty.
    target : str
        Column of the samples that holds them.

    Raises
    ------
    InputError
        If there is no rule for a name.
    """
    names = classes or (NEUTRAL, *TABLE)
    weight, needed = np.zeros((len(names), len(ACTIONS))), np.zeros((len(names), len(ACTIONS)), np.uint8)
    for row, name in enumerate(names):
        known = ALSO_CALLED.get(name.lower(), name.lower())
        if known != NEUTRAL and known not in TABLE:
            raise InputError(
                f"There is no rule for '{name}'; the rules know {', '.join((NEUTRAL, *TABLE))} "
                f"(also called {', '.join(ALSO_CALLED)}). Leave other samples out."
            )
        for action, count in TABLE.get(known, {}).items():
            weight[row, ACTIONS.index(action)] = count
        needed[row, [ACTIONS.index(action) for action in NEEDED.get(known, ())]] = 1
    settings: dict[str, Any] = {"threshold": THRESHOLD, "sharpness": SHARPNESS}
    threshold = np.full(len(ACTIONS), THRESHOLD)
    return RulesModel(
        name="rules",
        classes=names,
        target=target,
        recipe={"name": "actions"},
        feature_names=ACTIONS,
        input_shape=(len(ACTIONS),),
        settings=settings,
        arrays={"weight": weight, "needed": needed, "threshold": threshold},
    )
