"""Heterogeneity behind equal totals: what was seen, its nulls, the trim curve; and on disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.cohort.discrepancy_null import MEANINGS, ONE_FACTOR, DiscrepancyNull
from mien.cohort.trim_point import HONEST, MEASURES, MODES, PUBLISHED, TrimPoint
from mien.core.brief import brief
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number
from mien.core.words import equals, interval, percent
from mien.core.words import number as shown
from mien.data.result_files import ResultFiles, texts_of

if TYPE_CHECKING:
    import pandas

_FORMAT = "mien discrepancy 1"
DISCREPANCY_FILE, PEOPLE_FILE = "discrepancy.json", "people.parquet"
_FILES = ResultFiles("mien discrepancy", _FORMAT, DISCREPANCY_FILE, {"people": PEOPLE_FILE})


@dataclass(frozen=True)
class SetDiscrepancy:
    """The index of a set of people on one subscale.

    Attributes
    ----------
    name : str
        Of the subscale.
    items, people, alone, incomplete : int
        People with an index; those whose total nobody else has; those with a missing item, who have none.
    mean : float
        The set's index: the mean over people.
    with_total : float
        Rank correlation of the index and the total: trimming by the index trims by the total as well.
    nulls : tuple of DiscrepancyNull
    """

    name: str
    items: int
    people: int
    alone: int
    incomplete: int
    mean: float
    with_total: float
    nulls: tuple[DiscrepancyNull, ...] = ()

    @property
    def words(self) -> str:
        """What was seen, in sentences."""
        if self.mean != self.mean:
            return f"{self.name}: too few people share a total ({self.people} do)."
        text = f"{self.name}: index {shown(self.mean)} over {self.people} people"
        null = next((one for one in self.nulls if one.name == ONE_FACTOR and one.p_more == one.p_more), None)
        if null is None:
            return f"{text}."
        text += f"; one factor expects {shown(null.expected)} ({interval(null.low, null.high)})"
        # Either would be said, so both sides share the 5 %.
        p = min(1.0, 2 * min(null.p_more, null.p_less))
        if p > 0.05:
            return f"{text}: not shown to differ from what one common factor would give (p {equals(p)}, two-sided)."
        which = "more heterogeneous than one common factor explains"
        if null.p_less < null.p_more:
            which = "less heterogeneous than one common factor would be"
        return f"{text}: {which} (p {equals(p)}, two-sided)."


@dataclass(frozen=True, eq=False)
class Discrepancy(InNotebooks):
    """The Symptom Discrepancy Index of people and sets.

    Attributes
    ----------
    scale : str
        The questionnaire's title.
    subject, path : ndarray of str, shape (rows,)
    index : dict of str to ndarray, each of shape (rows,)
        By subscale; NaN where an item is missing or nobody else has the total.
    relative : dict of str to ndarray, each of shape (rows,)
        The index less what one factor expects at the person's total.
    sets : tuple of SetDiscrepancy
    curve : tuple of TrimPoint
        Empty where no model was asked for.
    settings : dict
    notes : tuple of str
    """

    __repr__ = brief

    scale: str
    subject: np.ndarray
    path: np.ndarray
    index: dict[str, np.ndarray]
    relative: dict[str, np.ndarray]
    sets: tuple[SetDiscrepancy, ...]
    curve: tuple[TrimPoint, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def curve_table(self) -> pandas.DataFrame:
        """The trim curve, one row per share, mode and score."""
        return require("pandas", "A table of the trim curve", "learn").DataFrame([asdict(one) for one in self.curve])

    def curve_words(self) -> str:
        """What trimming did, in sentences; '' where no model was asked for."""
        if not self.curve:
            return ""
        last = max(one.share for one in self.curve)
        said = []
        for mode in (HONEST, PUBLISHED):
            gains = []
            for score, name in MEASURES.items():
                one = next(p for p in self.curve if (p.share, p.mode, p.score) == (last, mode, score))
                gains.append(f"{name} {shown(one.gain)} ({interval(one.gain_low, one.gain_high)})")
            said.append(f"{mode} ({MODES[mode]}): {', '.join(gains)}")
        return f"With the most heterogeneous {percent(last)} left out, scores change by: {'; '.join(said)}."

    def method_words(self) -> str:
        """How it was computed, in sentences."""
        nulls = "; ".join(f"{name}: {words}" for name, words in MEANINGS.items())
        return (
            f"The index of a person is the mean {self.settings.get('distance', '')} distance of the answers to "
            f"those of the people with the same total. Nulls: {nulls}. The index depends on the total, at whose ends "
            "answers have no room to differ."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        return {
            "format": _FORMAT, "scale": self.scale, "rows": len(self), "sets": [finite(asdict(s)) for s in self.sets],
            "curve": [finite(asdict(one)) for one in self.curve], "modes": MODES, "settings": self.settings,
            "notes": list(self.notes),
        }  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``discrepancy.json`` and ``people.parquet``.

        Parameters
        ----------
        folder : str or Path
            As ``STUDY/discrepancy/NAME``.
        """
        columns = {"subject": self.subject, "path": self.path}
        for name in self.index:
            columns |= {f"index:{name}": self.index[name], f"relative:{name}": self.relative[name]}
        _FILES.write(folder, self.to_json(), {"people": columns})

    @classmethod
    def read(cls, folder: str | Path) -> Discrepancy:
        """What ``write`` wrote.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Discrepancy

        Raises
        ------
        InputError
            If a file is missing or something else.
        """
        return _FILES.read(folder, _result)


def _result(found: dict[str, Any], parts: dict[str, Any]) -> Discrepancy:
    people = parts["people"]
    names = [str(one["name"]) for one in found["sets"]]
    return Discrepancy(
        str(found["scale"]), texts_of(people, "subject"), texts_of(people, "path"),
        {name: people[f"index:{name}"].to_numpy() for name in names},
        {name: people[f"relative:{name}"].to_numpy() for name in names},
        tuple(_set(one) for one in found["sets"]),
        tuple(TrimPoint(**_numbers(one, ("mode", "score", "people"))) for one in found["curve"]),
        dict(found["settings"]), tuple(map(str, found["notes"])),
    )  # fmt: skip


def _set(found: dict[str, Any]) -> SetDiscrepancy:
    nulls = tuple(DiscrepancyNull(**_numbers(one, ("name", "draws"))) for one in found["nulls"])
    plain = _numbers(
        {k: v for k, v in found.items() if k != "nulls"}, ("name", "items", "people", "alone", "incomplete")
    )
    return SetDiscrepancy(**plain, nulls=nulls)


def _numbers(found: dict[str, Any], plain: tuple[str, ...]) -> dict[str, Any]:
    return {name: value if name in plain else number(value) for name, value in found.items()}
