"""A model's scores beside those of a model on covariates alone, and on both: the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.files import finite
from mien.core.results import number
from mien.core.words import equals, listed
from mien.features.over_time.table import QUALITY
from mien.learn.plain_scores import plain_scores, scores_of
from mien.stats.scores import Score, between


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
        return cls(number(found["value"]), number(found["low"]), number(found["high"]), int(found["people"]))


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

    def words(self) -> str:
        """The comparison in a sentence or two."""
        named = self.named
        name = next(iter(self.gain or self.alone))
        score = self.alone[name]
        shown = name.replace("_", " ")
        text = f"{named} alone: {shown} {score.value:.3f} ({score.between})."
        if self.gain:
            gain = self.gain[name]
            text += (
                f" With what the model says of the face {self.both[name].value:.3f}: {gain.value:+.3f} "
                f"({gain.between})."
            )
        return f"{text} p {equals(self.p)}: {self._verdict('them')}." if self.p == self.p else text

    @property
    def named(self) -> str:
        """The covariates in words, those of recording quality as one."""
        people = [name for name in self.columns if not name.startswith(QUALITY)]
        return listed([*people, *(["recording quality"] if len(people) < len(self.columns) else [])])

    @property
    def beyond(self) -> str:
        """Whether the model says something of the outcome beyond the covariates; ``''`` where that was not tested."""
        return f"{self._verdict(self.named)} (p {equals(self.p)})" if self.p == self.p else ""

    def _verdict(self, covariates: str) -> str:
        said = f"what the model says goes with the outcome beyond {covariates}"
        return said if self.p <= 0.05 else f"it is not shown that {said}"

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
            p=number(found["p"]), note=str(found.get("note", "")),
        )  # fmt: skip
