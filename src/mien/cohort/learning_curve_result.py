"""The result of ``learning_curve``: scores by number of people, on people held out and as small sets see themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import finite, read_json, write_json
from mien.core.in_notebooks import Plotted
from mien.core.results import MISFIT, number
from mien.stats.power_law import Beyond, PowerLaw

LEARNING_CURVE_FILE = "learning_curve.json"


@dataclass(frozen=True)
class CurveEstimate:
    """A mean with its 95 % interval; NaN where there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class CurveRun:
    """One drawn set of people and one candidate.

    Attributes
    ----------
    people, repeat : int
    candidate : str
    held_out : float
        Score on the people held out.
    within : float
        Score of cross-validation within the drawn people.
    """

    people: int
    repeat: int
    candidate: str
    held_out: float
    within: float


@dataclass(frozen=True)
class BestOfSet:
    """The candidate that cross-validation within each small set found best.

    Attributes
    ----------
    candidates : int
    within, held_out, optimism : CurveEstimate
        What cross-validation said of it, what it reaches on the people held out, and the difference; intervals over
        repeats.
    """

    candidates: int
    within: CurveEstimate
    held_out: CurveEstimate
    optimism: CurveEstimate


@dataclass(frozen=True)
class CurveSize:
    """One number of people.

    Attributes
    ----------
    people, repeats : int
    held_out : CurveEstimate
        Mean over repeats of the first candidate's score on the people held out; interval over these people and over
        the drawn ones.
    within : CurveEstimate
        Mean over repeats of what cross-validation within the drawn people said; interval over repeats.
    spread : (float, float)
        Between which 90 % of the repeats lie: what single studies of this size report.
    optimism : CurveEstimate
        ``within`` less ``held_out``, repeat by repeat.
    chosen : BestOfSet, optional
        Where there are several candidates.
    """

    people: int
    repeats: int
    held_out: CurveEstimate
    within: CurveEstimate
    spread: tuple[float, float]
    optimism: CurveEstimate
    chosen: BestOfSet | None = None


@dataclass(frozen=True, eq=False)
class LearningCurve(Plotted):
    """Scores by number of people.

    Attributes
    ----------
    target, score : str
        What is predicted, and the name of the score.
    chance : float
    candidates : tuple of str
        The first is the one that the curve is of; among all of them the best is chosen.
    sizes : tuple of CurveSize
    law : PowerLaw
        How the scores on people held out grow, and what more people may bring.
    runs : tuple of CurveRun
    settings : dict
    notes : list of str
    caution : str
        What of age, sex and site goes with the target, which a model may rest on; ``''``: nothing.
    """

    __repr__ = brief

    target: str
    score: str
    chance: float
    candidates: tuple[str, ...]
    sizes: tuple[CurveSize, ...]
    law: PowerLaw
    runs: tuple[CurveRun, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    caution: str = ""

    def words(self) -> str:
        """What the curve says, in sentences."""
        first, last = self.sizes[0], self.sizes[-1]
        name = {"auc": "Area under the ROC curve", "pearson": "Correlation"}.get(
            self.score, self.score.replace("_", " ")
        )
        text = (
            f"{name} of '{self.target}' on {self.settings.get('held_out_people', 0)} people held out: "
            f"{_shown(first.held_out)} with {first.people} people"
            + (f", {_shown(last.held_out)} with {last.people}." if last is not first else ".")
        )
        text += (
            f" Cross-validation within {first.people} people says between {first.spread[0]:.2f} and "
            f"{first.spread[1]:.2f} (9 of 10 such sets)."
        )
        for size in (first, last) if last is not first else (first,):
            if size.chosen and size.repeats > 1:
                text += (
                    f" The best of {size.chosen.candidates} candidates looks {size.chosen.optimism.value:+.3f} "
                    f"({size.chosen.optimism.low:+.3f} to {size.chosen.optimism.high:+.3f}) better within "
                    f"{size.people} people than it is."
                )
        return f"{text} {self.law_words()} {self.caution}".rstrip()

    def law_words(self) -> str:
        """What more people may bring."""
        if self.law.refused:
            return f"Not drawn on beyond the largest size: {self.law.refused}"
        b = self.law.beyond[-1]
        return f"With {b.people} people {b.value:.3f} ({b.low:.3f} to {b.high:.3f}) may be expected."

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        found: dict[str, Any] = {
            "target": self.target, "score": self.score, "chance": self.chance, "candidates": list(self.candidates),
            "sizes": [asdict(size) for size in self.sizes], "law": asdict(self.law),
            "runs": [asdict(run) for run in self.runs], "settings": self.settings, "notes": self.notes,
            "caution": self.caution,
        }  # fmt: skip
        plain: dict[str, Any] = finite(found)
        return plain

    def write(self, folder: str | Path) -> Path:
        """Write ``learning_curve.json`` into a folder."""
        path = Path(folder) / LEARNING_CURVE_FILE
        write_json(path, self.to_json())
        return path

    @classmethod
    def read(cls, folder: str | Path) -> LearningCurve:
        """Read what ``write`` wrote, from the folder or the file.

        Raises
        ------
        InputError
            If it is not there or not laid out so.
        """
        path = Path(folder) / LEARNING_CURVE_FILE if Path(folder).is_dir() else Path(folder)
        try:
            return cls.of_json(read_json(path))
        except MISFIT as error:
            raise InputError(f"{path} is not laid out as 'mien learning-curve' writes it ({error}).") from error

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> LearningCurve:
        """From what ``to_json`` gives."""
        law = found["law"]
        beyond = tuple(
            Beyond(int(row["people"]), *(number(row[key]) for key in ("value", "low", "high"))) for row in law["beyond"]
        )
        return cls(
            str(found["target"]), str(found["score"]), number(found["chance"]), tuple(map(str, found["candidates"])),
            tuple(_size(row) for row in found["sizes"]),
            PowerLaw(
                number(law["end"]), number(law["size"]), number(law["exponent"]), beyond, str(law["refused"])
            ),
            tuple(_run(row) for row in found["runs"]),
            dict(found["settings"]), list(map(str, found["notes"])), str(found.get("caution", "")),
        )  # fmt: skip


def _shown(estimate: CurveEstimate) -> str:
    if estimate.low != estimate.low:
        return f"{estimate.value:.3f} (no interval from so few sets)"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _run(row: Mapping[str, Any]) -> CurveRun:
    scores = (number(row["held_out"]), number(row["within"]))
    return CurveRun(int(row["people"]), int(row["repeat"]), str(row["candidate"]), *scores)


def _estimate(row: Mapping[str, Any]) -> CurveEstimate:
    return CurveEstimate(number(row["value"]), number(row["low"]), number(row["high"]))


def _size(row: Mapping[str, Any]) -> CurveSize:
    chosen = row.get("chosen")
    parts = ("within", "held_out", "optimism")
    return CurveSize(
        int(row["people"]), int(row["repeats"]), _estimate(row["held_out"]), _estimate(row["within"]),
        (number(row["spread"][0]), number(row["spread"][1])), _estimate(row["optimism"]),
        None if chosen is None else BestOfSet(int(chosen["candidates"]), *(_estimate(chosen[key]) for key in parts)),
    )  # fmt: skip
