"""Two groups compared: the rows, written and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.atlas.words import feature_words
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, write_json
from mien.core.in_notebooks import Plotted
from mien.core.provenance import provenance
from mien.core.words import equals

if TYPE_CHECKING:
    import pandas

GROUPS_FILE = "groups.json"
_FORMAT = "mien groups 1"


@dataclass(frozen=True)
class GroupRow:
    """One measure, such as a facial region. What cannot be computed is NaN.

    Attributes
    ----------
    name : str
    effect, low, high : float
        Difference a - b in standard deviations between people, and its 95 % interval.
    difference, difference_low, difference_high : float
        The same in the unit of the measure.
    mean_a, mean_b : float
        Means over people.
    t, p, p_corrected : float
        Permutation test, alone and corrected over the measures.
    p_equivalent : float
        Small where the difference is surely below the margin.
    people_a, people_b : int
        People who have the measure.
    """

    name: str
    effect: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    mean_a: float
    mean_b: float
    t: float
    p: float
    p_corrected: float
    p_equivalent: float
    people_a: int
    people_b: int


@dataclass(frozen=True)
class GroupComparison(Plotted):
    """Two sets of people, or two conditions of the same people, in several measures.

    Attributes
    ----------
    labels : (str, str)
        What the sets are called.
    rows : tuple of GroupRow
    people, samples : (int, int)
        How many of each went in.
    settings : dict
        Pairing, correction, margin, permutations (``exact``: all arrangements), seed, the unit of analysis, people left
        out as they are in one set only, samples of unknown people (each counts as a person).
    """

    __repr__ = brief

    labels: tuple[str, str]
    rows: tuple[GroupRow, ...]
    people: tuple[int, int]
    samples: tuple[int, int]
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def table(self) -> pandas.DataFrame:
        """The rows as a DataFrame."""
        pandas = require("pandas", "A table of a comparison", "learn")
        return pandas.DataFrame([asdict(row) for row in self.rows])

    def called(self, row: GroupRow) -> str:
        """A measure in plain words: "left mouth corner, sideways" and not "point 54 x".

        Parameters
        ----------
        row : GroupRow
        """
        points = self.settings.get("topology", "")
        return feature_words(row.name, points) if points else row.name

    def words(self) -> str:
        """What was seen, in sentences."""
        one, other = self.labels
        paired, many = self.settings["paired"], len(self.rows)
        who = f"{self.people[0]} people in both" if paired else f"{self.people[0]} and {self.people[1]} people"
        apart = [row for row in self.rows if row.p_corrected <= 0.05]
        alike = sum(row.p_equivalent <= 0.05 for row in self.rows)
        text = f"{one} against {other}, {who}: "
        if apart:
            named = [
                f"{self.called(row)} (more in {one if row.effect > 0 else other}: {abs(row.effect):.2f} SD, "
                f"p {equals(row.p_corrected)})"
                for row in sorted(apart, key=lambda row: row.p_corrected)
            ]
            text += f"{len(apart)} of {many} measures differ by more than chance: {', '.join(named)}."
        else:
            text += f"none of {many} measures differs by more than chance, which does not show that they are equal"
            text += "." if alike == 0 else ";"
        if alike:
            text += f" {alike} are equivalent within {self.settings['margin']:g} SD."
        return text

    def method_words(self) -> str:
        """How it was tested, in sentences."""
        ways = "all arrangements" if self.settings["exact"] else f"{self.settings['n_permutations']} permutations"
        paired = self.settings["paired"]
        what = "conditions exchanged within each person" if paired else "people exchanged between the groups"
        corrected = {
            "benjamini-hochberg": "false-discovery rate (Benjamini and Hochberg)",
            "largest": "family-wise (largest |t| of each permutation)",
        }[self.settings["correction"]]
        mixed = ""
        if self.settings.get("repeated") == "mixed":
            mixed = ", and people count by how exactly their mean is known (mixed model with a random intercept)"
        if self.settings.get("scaled"):
            what += " in units of their expected spread, as they have unequally many samples"
        text = (
            f"p: permutation test of {'the paired' if paired else 'the Welch'} t, {what}, {ways}; "
            f"corrected: {corrected}. The person is the unit: samples of one person are averaged{mixed}. Effects are "
            f"differences {self.labels[0]} - {self.labels[1]} in standard deviations between people."
        )
        if self.settings["left_out"]:
            text += f" {self.settings['left_out']} people are in one set only and were left out."
        if self.settings["unknown"]:
            text += f" {self.settings['unknown']} samples of unknown people count as people of their own."
        return text

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        rows = [
            {k: None if isinstance(v, float) and v != v else v for k, v in asdict(row).items()} for row in self.rows
        ]
        return {"format": _FORMAT, "labels": list(self.labels), "people": list(self.people),
                "samples": list(self.samples), "settings": self.settings, "rows": rows}  # fmt: skip

    def write(self, path: Path) -> None:
        """Write ``groups.json``."""
        write_json(path, provenance(**self.to_json()))


def read_group_comparison(path: Path) -> GroupComparison:
    """Read what ``GroupComparison.write`` wrote.

    Raises
    ------
    InputError
        If the file is not what it has to be.
    """
    given = read_json(path)
    try:
        return groups_of_json(given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} was not written by 'mien compare' ({error}); run it again.") from error


def groups_of_json(given: dict[str, Any]) -> GroupComparison:
    """From what ``GroupComparison.to_json`` gives; other things raise what reading them raises."""
    if given["format"] != _FORMAT:
        raise KeyError(given["format"])
    rows = tuple(_row(row) for row in given["rows"])
    pairs: dict[str, Any] = {name: tuple(given[name]) for name in ("labels", "people", "samples")}
    return GroupComparison(rows=rows, settings=dict(given["settings"]), **pairs)


def _row(row: dict[str, Any]) -> GroupRow:
    numbers: dict[str, Any] = {name: float("nan") if value is None else value for name, value in row.items()}
    return GroupRow(**numbers)
