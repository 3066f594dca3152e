"""A model's scores beside those of a model on covariates alone, and on both: the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.files import finite
from mien.core.results import number as given_number
from mien.core.words import begun, equals, listed, number
from mien.features.over_time.table import QUALITY
from mien.learn.plain_scores import plain_scores, scores_of
from mien.stats.correction import holm
from mien.stats.scores import Score, between, valued

MOST_P = 0.05
_NAMES = {"auc": "area under the ROC curve", "pearson": "correlation", "balanced_accuracy": "balanced accuracy",
          "r2": "R²"}  # fmt: skip


@dataclass(frozen=True)
class ScoreDifference:
    """Difference of a score of two models on the same samples, with its 95 % interval over people."""

    value: float
    low: float
    high: float
    people: int

    @property
    def between(self) -> str:
        """The interval in words."""
        return between(self.low, self.high, self.people)

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> ScoreDifference:
        """From its plain values."""
        return cls(*(given_number(found[key]) for key in ("value", "low", "high")), int(found["people"]))


@dataclass(frozen=True)
class BesideCovariates:
    """A model beside one on covariates alone, and one on the covariates and what the model says.

    Attributes
    ----------
    columns : tuple of str
        The covariates.
    alone, both : dict of str to Score
        Of a logistic or ridge regression on covariates alone; and with the model's answer as one more column (for
        training rows that of models fitted without these people). On the same folds as the model.
    gain, lead : dict of str to ScoreDifference
        Scores of both less those of covariates alone; of the model less those of covariates alone.
    p : float
        One-sided test of whether the model says anything of the outcome beyond the covariates, see
        ``mien.stats.beyond``.
    note : str
        Why a part is missing; ``''`` where none is.
    """

    columns: tuple[str, ...]
    alone: dict[str, Score]
    both: dict[str, Score]
    gain: dict[str, ScoreDifference]
    lead: dict[str, ScoreDifference]
    p: float
    note: str = ""

    @property
    def main(self) -> str:
        """Name of the score that decides."""
        return next(iter(self.gain or self.alone))

    @property
    def named(self) -> str:
        """The covariates in words, those of recording quality as one."""
        people = [name for name in self.columns if not name.startswith(QUALITY)]
        return listed([*people, *(["recording quality"] if len(people) < len(self.columns) else [])])

    def lacking(self, better: bool, p: float | None = None, tests: int = 1) -> list[str]:
        """What is not shown of a model that would say something beyond the covariates; parameters as for ``words``."""
        gain, held = self.gain.get(self.main), self.p if p is None else p
        found = [] if better else ["the model by itself is not shown to do better than chance"]
        if gain and not gain.value > 0:
            found.append("it adds nothing to the score of the covariates")
        if not held <= MOST_P:
            found.append("the test does not hold" if tests == 1 else "the test does not hold after correction")
        return found

    def words(self, better: bool, p: float | None = None, tests: int = 1) -> str:
        """The comparison in a sentence or two.

        That the face says something beyond the covariates is said only where the model by itself does better than
        chance, both together do better than covariates alone, and the test holds.

        Parameters
        ----------
        better : bool
            Whether the model by itself is shown to do better than chance (``Evaluation.beats_chance``).
        p : float, optional
            ``p`` after correction for its number among models and outcomes, see ``corrected``.
        tests : int
            How many were corrected for.
        """
        score, gain = self.alone[self.main], self.gain.get(self.main)
        text = f"{begun(self.named)} alone: {_NAMES.get(self.main, self.main)} "
        text += f"{valued(score.value, score.low, score.high, score.people, score.withheld)}."
        if gain:
            apart = valued(gain.value, gain.low, gain.high, gain.people, plus=True)
            text += f" With what the model says of the face {number(self.both[self.main].value)}: {apart}."
        if self.p != self.p:
            return text
        held = self.p if p is None else p
        text += f" p {equals(self.p)}"
        text += (
            f", with Holm's correction for {tests} such tests {equals(held).removeprefix('= ')}" if tests > 1 else ""
        )
        lacking = self.lacking(better, p, tests)
        if not lacking:
            return f"{text}: what the model says goes with the outcome beyond them."
        return (
            f"{text}: it is not shown that what the model says goes with the outcome beyond them, as {listed(lacking)}."
        )

    def beyond(self, better: bool, p: float | None = None, tests: int = 1) -> str:
        """Whether the model says something of the outcome beyond the covariates; ``''`` where that was not tested.

        Parameters
        ----------
        better, p, tests
            As for ``words``.
        """
        if self.p != self.p:
            return ""
        said = f"what the model says goes with the outcome beyond {self.named}"
        shown = said if not self.lacking(better, p, tests) else f"it is not shown that {said}"
        return f"{shown} (p {equals(self.p if p is None else p)}{', corrected' if tests > 1 else ''})"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        differences = {
            key: {name: finite(asdict(each)) for name, each in getattr(self, key).items()} for key in ("gain", "lead")
        }
        return {
            "columns": list(self.columns),
            "alone": plain_scores(self.alone),
            "both": plain_scores(self.both),
            **differences,
            "p": finite(self.p),
            "note": self.note,
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> BesideCovariates:
        """From what ``to_json`` gives."""
        differences = {
            key: {name: ScoreDifference.of_json(row) for name, row in found[key].items()} for key in ("gain", "lead")
        }
        return cls(
            tuple(map(str, found["columns"])), scores_of(found["alone"]), scores_of(found["both"]), **differences,
            p=given_number(found["p"]), note=str(found.get("note", "")),
        )  # fmt: skip


def corrected(found: Mapping[str, BesideCovariates]) -> tuple[dict[str, float], int]:
    """Holm's correction of the tests of several models and outcomes, and how many tests these are.

    Parameters
    ----------
    found : dict of str to BesideCovariates
        By the models' names.

    Returns
    -------
    dict of str to float
        Corrected p by name.
    int
        Models without a test do not count.
    """
    p = [one.p for one in found.values()]
    return dict(zip(found, holm(p).tolist(), strict=True)), sum(value == value for value in p)
