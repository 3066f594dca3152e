"""Models compared: the rows of a comparison, written and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import finite, read_json, write_json
from mien.core.in_notebooks import Plotted, WithAxes
from mien.core.outcome import RATINGS, outcome_of
from mien.core.results import MISFIT, number
from mien.core.words import listed

COMPARISON_FILE = "comparison.json"
_WORDS = ("model", "one", "other", "attribute", "better")
OTHER_TRAINING = (
    "the models were trained on other samples or in other folds, so a difference between them can come from the "
    "training data as well as from the model."
)


@dataclass(frozen=True)
class ModelRow:
    """One model's mean over the attributes of what is compared, with its 95 % interval over people."""

    model: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PairRow:
    """Two models.

    Attributes
    ----------
    one, other : str
    difference, low, high : float
        Mean over attributes of the score of ``one`` minus that of ``other``; 95 % interval over people, for both models
        at once; NaN where it is withheld.
    p_people, p_people_corrected : float
        Sign-flip test whose unit is the person shown: does it hold for other people? Corrected ones are Holm's over
        all pairs.
    better : int
        Attributes on which ``one`` is better.
    """

    one: str
    other: str
    difference: float
    low: float
    high: float
    p_people: float
    p_people_corrected: float
    better: int


@dataclass(frozen=True)
class AttributeRow:
    """Two models on one attribute; ``p`` over people, corrected over the attributes of the pair (Holm)."""

    one: str
    other: str
    attribute: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float


@dataclass(frozen=True)
class Comparison(Plotted, WithAxes):
    """What ``compare_models`` found; ``n_people`` and ``n_samples`` say on how many.

    Attributes
    ----------
    attributes : tuple of str
        Ratings, each scored by its Pearson correlation; or classes, each by its recall, whose mean is the balanced
        accuracy.
    models : list of ModelRow
        Best first.
    pairs : list of PairRow
        The better one of each pair first.
    per_attribute : list of AttributeRow
    n_samples, n_people, left_out : int
        ``left_out``: samples that not all models predicted.
    n_unknown, n_alike : int
        See ``mien.core.people.words``.
    same_training : bool
        Whether all models had the same samples in the same folds; else a difference can come from the amount or the
        choice of training data.
    predicts : str
        ``'ratings'`` or ``'classes'``.
    constant : tuple of str
        Models that gave all samples the same answer.
    """

    __repr__ = brief

    attributes: tuple[str, ...]
    models: list[ModelRow]
    pairs: list[PairRow]
    per_attribute: list[AttributeRow]
    n_samples: int
    n_people: int
    left_out: int
    same_training: bool = True
    n_unknown: int = 0
    n_alike: int = 0
    predicts: str = RATINGS
    constant: tuple[str, ...] = ()

    @property
    def cautions(self) -> list[str]:
        """What has to stand beside the differences, in sentences."""
        names = listed([f"'{name}'" for name in self.constant])
        found = [] if self.same_training else [OTHER_TRAINING]
        if len(self.constant) == 1:
            found.append(f"{names} gave all samples the same answer, so its score is that of a constant.")
        elif self.constant:
            found.append(f"{names} each gave all samples the same answer, so their scores are those of constants.")
        alike = [f"'{p.one}' and '{p.other}'" for p in self.pairs if p.difference == p.low == p.high == 0]
        if alike:
            found.append(f"{listed(alike)} have the same scores in every person: neither is better.")
        return found

    @property
    def score(self) -> str:
        """What is compared: ``'pearson'`` or ``'balanced_accuracy'``, means over the attributes."""
        return outcome_of(self.predicts, ()).main

    @property
    def people(self) -> dict[str, int]:
        """For ``mien.core.people.words``."""
        return {"n_samples": self.n_samples, "n_subjects": self.n_people, "n_unknown": self.n_unknown,
                "n_alike": self.n_alike}  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        rows = {
            name: [finite(asdict(row)) for row in getattr(self, name)] for name in ("models", "pairs", "per_attribute")
        }
        counts = {name: getattr(self, name) for name in ("n_samples", "n_people", "left_out", "n_unknown", "n_alike")}
        for row in rows["models"]:
            row[self.score] = row.pop("value")
        # Files of earlier versions are of ratings and do not say so.
        kind: dict[str, Any] = {} if self.predicts == RATINGS else {"predicts": self.predicts}
        kind |= {"constant": list(self.constant)} if self.constant else {}
        return {**kind, "attributes": list(self.attributes), **rows, **counts, "same_training": self.same_training}

    def write(self, path: Path) -> None:
        """Write ``comparison.json``."""
        write_json(path, self.to_json())

    @classmethod
    def read(cls, path: str | Path) -> Comparison:
        """What ``write`` wrote.

        Raises
        ------
        InputError
            If the file is missing or something else.
        """
        found = read_json(Path(path))
        kinds: dict[str, Any] = {"models": _model_row, "pairs": PairRow, "per_attribute": AttributeRow}
        try:
            rows: dict[str, Any] = {name: [_row(kind, row) for row in found[name]] for name, kind in kinds.items()}
            counts: dict[str, Any] = {name: int(found[name]) for name in ("n_samples", "n_people", "left_out")}
            counts |= {name: int(found.get(name, 0)) for name in ("n_unknown", "n_alike")}
            more: dict[str, Any] = {"same_training": bool(found["same_training"])}
            more |= {"predicts": found.get("predicts", RATINGS), "constant": tuple(found.get("constant", ()))}
            return cls(tuple(found["attributes"]), **rows, **counts, **more)
        except MISFIT as error:
            raise InputError(f"{path} was not written by 'mien compare-models' ({error}); run it again.") from error


def _model_row(*, model: str, low: float, high: float, **score: float) -> ModelRow:
    (value,) = score.values()
    return ModelRow(model, value, low, high)


def _row(kind: Any, row: dict[str, Any]) -> Any:
    # Older files hold a test over attributes, too, which took ratings of the same faces for independent.
    values = {k: v for k, v in row.items() if not k.startswith("p_attributes")}
    return kind(**{k: v if k in _WORDS else number(v) for k, v in values.items()})
