"""Scores and calibration by groups of people: the rows, written and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import finite, read_json, write_json
from mien.core.in_notebooks import Plotted
from mien.core.outcome import CLASSES
from mien.core.provenance import provenance
from mien.core.results import MISFIT, number
from mien.core.words import equals, interval, listed
from mien.core.words import number as shown

if TYPE_CHECKING:
    import pandas

FAIRNESS_FILE = "fairness.json"
_FORMAT = "mien fairness 1"
MEASURES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "recall": "recall",
    "calibration_error": "calibration error",
    "over_confidence": "confidence less accuracy",
    "calibration_slope": "calibration slope",
    "calibration_intercept": "calibration intercept",
    "pearson": "correlation",
    "rmse": "root mean squared error",
    "bias": "mean error",
}


@dataclass(frozen=True)
class GroupSize:
    """People and samples of a group; ``small`` ones are shown, but not tested."""

    column: str
    group: str
    people: int
    samples: int
    small: bool


def _called(measure: str, of: str) -> str:
    return f"{MEASURES[measure]}{f' of {of}' if of else ''}"


@dataclass(frozen=True)
class GroupScore:
    """A score of one group, with its 95 % interval over people.

    Attributes
    ----------
    column, group : str
    measure : str
        One of ``MEASURES``.
    of : str
        The class or rating; ``''`` for all.
    value, low, high : float
        NaN where it is not defined, and where the interval is withheld.
    people : int
    withheld : str
        Why there is no interval.
    """

    column: str
    group: str
    measure: str
    of: str
    value: float
    low: float
    high: float
    people: int
    withheld: str = ""

    @property
    def words(self) -> str:
        """The measure as it is called on the page."""
        return _called(self.measure, self.of)


@dataclass(frozen=True)
class Gap:
    """A score of one group less that of another one.

    Attributes
    ----------
    column, one, other : str
    measure, of : str
        As of ``GroupScore``.
    gap, low, high : float
        With its 95 % interval over people.
    p, p_corrected : float
        Permutation test over people, alone and corrected over all gaps of the column (see
        ``mien.stats.group_gaps.corrected``); NaN where it was not tested.
    untested : str
        Why not.
    """

    column: str
    one: str
    other: str
    measure: str
    of: str
    gap: float
    low: float
    high: float
    p: float
    p_corrected: float
    untested: str = ""

    @property
    def words(self) -> str:
        """The measure as it is called on the page."""
        return _called(self.measure, self.of)


@dataclass(frozen=True)
class Curve:
    """Reliability of a group: in bins, what was said and what was so.

    Attributes
    ----------
    column, group, of : str
    said, was, low, high : tuple of float
        Mean confidence (or predicted rating), share of right answers (or mean rating) and its 95 % interval over
        people.
    samples : tuple of int
    """

    column: str
    group: str
    of: str
    said: tuple[float, ...]
    was: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    samples: tuple[int, ...]


@dataclass(frozen=True)
class Fairness(Plotted):
    """How a model does on each group of people.

    Attributes
    ----------
    predicts : str
        ``'classes'`` or ``'ratings'``.
    target, model : str
    sizes : tuple of GroupSize
    scores : tuple of GroupScore
    gaps : tuple of Gap
    curves : tuple of Curve
    missing : dict of str to int
        Samples without a value, by column.
    settings : dict
        Least people, permutations, seed, where the predictions come from.
    notes : tuple of str
        What has to be known with the numbers, in sentences.
    """

    __repr__ = brief

    predicts: str
    target: str
    model: str
    sizes: tuple[GroupSize, ...]
    scores: tuple[GroupScore, ...]
    gaps: tuple[Gap, ...]
    curves: tuple[Curve, ...]
    missing: dict[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of groups."""
        return tuple(dict.fromkeys(size.column for size in self.sizes))

    @property
    def table(self) -> pandas.DataFrame:
        """The scores of all groups as a DataFrame."""
        pandas = require("pandas", "A table of groups", "learn")
        return pandas.DataFrame([asdict(row) for row in self.scores])

    @property
    def gap_table(self) -> pandas.DataFrame:
        """The gaps as a DataFrame."""
        pandas = require("pandas", "A table of gaps", "learn")
        return pandas.DataFrame([asdict(row) for row in self.gaps])

    def words(self, column: str) -> str:
        """What was seen of one column, in sentences."""
        gaps = [gap for gap in self.gaps if gap.column == column and gap.p == gap.p]
        passed = sorted((gap for gap in gaps if gap.p_corrected <= 0.05), key=lambda gap: gap.p_corrected)
        apart = [gap for gap in passed if not gap.low <= 0 <= gap.high]
        unclear = [gap for gap in passed if gap.low <= 0 <= gap.high]
        small = [size.group for size in self.sizes if size.column == column and size.small]
        if not gaps:
            text = f"No gap between groups of '{column}' could be tested."
        elif apart:
            is_are = "is" if len(apart) == 1 else "are"
            text = f"{len(apart)} of {len(gaps)} gaps by '{column}' {is_are} more than chance: {_few_of(apart)}."
        else:
            main = "balanced_accuracy" if self.predicts == CLASSES else "pearson"
            open_to = [max(abs(gap.low), abs(gap.high)) for gap in gaps if gap.measure == main]
            wide = max((value for value in open_to if value == value), default=float("nan"))
            text = (
                f"None of {len(gaps)} gaps by '{column}' is more than chance, which does not show that the model "
                "treats the groups alike"
            )
            text += f": gaps in {MEASURES[main]} of up to {shown(wide)} fit the data." if wide == wide else "."
        if unclear:
            text += f" Open, as the test says more than chance and the interval holds 0, too: {_few_of(unclear)}."
        if small:
            least = self.settings["least_people"]
            named = listed([f"'{name}'" for name in small])
            text += f" Not tested, as they have fewer than {least} people: {named}."
        return text

    def method_words(self) -> str:
        """How it was tested, in sentences."""
        return (
            "Intervals: 95 %, over people. p: whole people change groups (of people with samples in both groups, these "
            f"change places), {self.settings['n_permutations']} permutations of the difference in its standard errors; "
            "corrected over all gaps of a column (largest difference of each permutation, times the pairs of groups), "
            "not over columns. Where the test says more than chance and the interval of a gap holds 0, it is named as "
            "open: the interval also allows for people of a kind that was not seen. A gap says that the model does not "
            "do equally well on these groups as they were sampled: pictures, cameras, labels and the numbers of "
            "training samples differ between groups as well as faces do."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        rows = {name: [finite(asdict(row)) for row in getattr(self, name)] for name in _ROWS}
        return {"format": _FORMAT, "predicts": self.predicts, "target": self.target, "model": self.model, **rows,
                "missing": self.missing, "settings": self.settings, "notes": list(self.notes)}  # fmt: skip

    def write(self, path: Path) -> None:
        """Write ``fairness.json``."""
        write_json(path, provenance(**self.to_json()))

    @classmethod
    def read(cls, path: str | Path) -> Fairness:
        """What ``write`` wrote.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        Fairness

        Raises
        ------
        InputError
            If the file is missing or something else.
        """
        found = read_json(Path(path))
        try:
            if found["format"] != _FORMAT:
                raise KeyError(found["format"])
            rows: dict[str, Any] = {name: tuple(_row(kind, row) for row in found[name]) for name, kind in _ROWS.items()}
            texts: dict[str, Any] = {name: str(found[name]) for name in ("predicts", "target", "model")}
            missing = {str(name): int(count) for name, count in found["missing"].items()}
            notes = tuple(str(note) for note in found["notes"])
            return cls(**texts, **rows, missing=missing, settings=dict(found["settings"]), notes=notes)
        except MISFIT as error:
            raise InputError(f"{path} was not written by 'mien fairness' ({error}); run it again.") from error


def _few_of(gaps: list[Gap]) -> str:
    """The first gaps with size, groups, interval and corrected p."""
    largest = [
        f"{gap.words} {shown(gap.gap)} for '{gap.one}' against '{gap.other}' "
        f"({interval(gap.low, gap.high)}, p {equals(gap.p_corrected)})"
        for gap in gaps[:4]
    ]
    return "; ".join(largest) + (f"; and {len(gaps) - 4} more" if len(gaps) > 4 else "")


_ROWS: dict[str, Any] = {"sizes": GroupSize, "scores": GroupScore, "gaps": Gap, "curves": Curve}
_WORDS = ("column", "group", "one", "other", "measure", "of", "untested", "withheld", "small")


def _row(kind: Any, row: dict[str, Any]) -> Any:
    return kind(**{name: _cell(name, value) for name, value in row.items()})


def _cell(name: str, value: Any) -> Any:
    if name in _WORDS:
        return value
    if isinstance(value, list):
        return tuple(_cell(name, one) for one in value)
    return int(value) if name in ("people", "samples") else number(value)
