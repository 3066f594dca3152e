"""What streams of one time line have in common: written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.timelines.correlate import SHIFT
from mien.core.brief import brief
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number
from mien.core.words import equals, interval
from mien.core.words import number as shown
from mien.data.result_files import ResultFiles

LINK_FILE = "link.json"
_FILES = ResultFiles("mien link", "mien link 1", LINK_FILE, {"arrays": "link.safetensors"}, beside=("link.svg",))
_SURE = 0.05


@dataclass(frozen=True)
class LinkRow:
    """A column of the first stream against one of the second.

    Attributes
    ----------
    first, second : str
        Columns; of a stream's viewers among each other both are the same.
    r, low, high : float
        Mean correlation over viewers with its 95 % interval, over viewers or (one viewer) over runs; by Fisher's z.
    difference : float
        Of a column that is 0 or 1: how much higher the second is where it is 1, in standard deviations; NaN of others.
    p, p_corrected : float
        By chance, for other moments of such streams; alone, and for the largest of all rows.
    units : int
        How many viewers, or runs, went in.
    """

    first: str
    second: str
    r: float
    low: float
    high: float
    difference: float
    p: float
    p_corrected: float
    units: int


@dataclass(frozen=True, eq=False)
class Link(InNotebooks):
    """Two streams against each other, or (``second`` empty) the viewers of one among each other.

    Attributes
    ----------
    first, second : str
        Streams.
    rows : tuple of LinkRow
    viewers, runs : tuple of str
    unit : str
        What intervals are over: ``'viewers'`` or ``'runs'``.
    samples : int
        CourseMoments of all runs.
    each : ndarray, shape (viewers, first columns, second columns)
        Correlations of each viewer; among viewers shape (viewers, 1, columns).
    settings : dict
    notes : tuple of str
    folder : Path or None
    """

    __repr__ = brief

    first: str
    second: str
    rows: tuple[LinkRow, ...]
    viewers: tuple[str, ...]
    runs: tuple[str, ...]
    unit: str
    samples: int
    each: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    folder: Path | None = None

    def sure(self) -> list[LinkRow]:
        """Rows that hold after correction, the strongest first."""
        return sorted((row for row in self.rows if row.p_corrected <= _SURE), key=lambda row: -abs(row.r))

    def ordered(self) -> list[LinkRow]:
        """Rows from the surest to the least sure; those that could not be computed come last."""
        return sorted(
            self.rows, key=lambda row: (not np.isfinite(row.r), np.nan_to_num(row.p_corrected, nan=1.0), -abs(row.r))
        )

    def words(self) -> str:
        """What was seen, in sentences."""
        sure, many = self.sure(), sum(np.isfinite(row.r) for row in self.rows)
        lost = len(self.rows) - many
        what = "correlations" if self.second else "columns"
        if lost and not many:
            both = f"'{self.first}' and '{self.second}'" if self.second else f"'{self.first}' among viewers"
            return f"{both}: nothing could be computed, and nothing is said about chance. {self._why_not()}"
        also = f" {lost} further {what} could not be computed." if lost else ""
        if not self.second:
            start = f"'{self.first}' among {len(self.viewers)} viewers: "
            if not sure:
                return start + (
                    f"in none of {many} columns are viewers shown to have more in common than by chance (p corrected)."
                    f"{also}"
                )
            return start + (
                f"in {len(sure)} of {many} columns they have more in common than by chance; most in "
                f"{_values(sure[0], sure[0].second)}.{also}"
            )
        start = f"'{self.first}' and '{self.second}' ({_count(self)}): "
        if not sure:
            return start + f"none of {many} correlations is shown to be beyond chance (p corrected).{also}"
        best = sure[0]
        return start + (
            f"{len(sure)} of {many} correlations {'is' if len(sure) == 1 else 'are'} beyond chance (p corrected over "
            f"these {many}); the largest is that of "
            f"{_values(best, f'{best.first} with {best.second}')}.{also}"
        )

    def _why_not(self) -> str:
        if self.settings.get("haemodynamic"):
            return (
                f"There are hardly two moments of a run at which '{self.first}', convolved, and '{self.second}' both "
                "have values, or one of them does not vary. A convolved value needs all of the 32 s before it; with a "
                "shift (--lag-s 5) gaps stay as they are."
            )
        of = "both have values" if self.second else "two viewers have values"
        return f"There are hardly two moments of a run at which {of}, or they do not vary."

    def method_words(self) -> str:
        """How it was computed, in sentences."""
        asked = self.settings
        delay = (
            "The first was convolved with the canonical haemodynamic response. " if asked.get("haemodynamic") else
            f"The first was taken {asked['lag_s']:g} s earlier. " if asked.get("lag_s") else ""
        )  # fmt: skip
        line = "A straight line was taken out of every run. " if asked.get("detrend") else ""
        over = "for other viewers of the same film" if self.unit == "viewers" else "over runs of one viewer or stimulus"
        draws = asked.get("n_permutations", 0)
        if not self.second:
            return line + (
                "Each viewer against the mean of the others (leave one out). Chance: every run of every viewer shifted "
                f"around its end by an amount of its own ({draws} draws, one-sided). Intervals: jackknife over viewers."
            )
        chance = (
            "shifted against the second around the end of each run" if asked.get("null") == SHIFT else
            "given other phases in each run, with the same power spectrum"
        )  # fmt: skip
        return (
            f"{delay}{line}Correlations within runs. Chance: the first is {chance}, for all viewers alike ({draws} "
            f"draws, two-sided), so that p holds for other moments; corrected by the largest of all "
            f"rows. Intervals hold {over}."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values without the arrays."""
        return dict(
            finite({
                "first": self.first, "second": self.second, "rows": [asdict(row) for row in self.rows],
                "viewers": list(self.viewers), "runs": list(self.runs), "unit": self.unit, "samples": self.samples,
                "settings": self.settings, "notes": list(self.notes), "words": self.words(),
            })
        )  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``link.json`` and ``link.safetensors``, which change together."""
        _FILES.write(folder, self.to_json(), {"arrays": {"each": np.ascontiguousarray(self.each, np.float64)}})


def load_link(folder: str | Path) -> Link:
    """Read what ``mien link`` wrote.

    Parameters
    ----------
    folder : path
        ``STUDY/link/NAME``.

    Returns
    -------
    Link

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.core.streams import Runs, Stream, TimeLine
    >>> at, run = np.tile(np.arange(40.0), 2), ["1"] * 40 + ["2"] * 40
    >>> course = np.sin(at / 3)[:, None]
    >>> one = Stream("one", "sampled", at, ("a",), course, run=run)
    >>> two = Stream("two", "sampled", at, ("b",), course + 0.1 * np.cos(at)[:, None], run=run)
    >>> line = TimeLine(Runs(["1", "2"], [0.0, 40.0], [40.0, 80.0]), {"one": one, "two": two})
    >>> _ = mien.link(line, "one", "two", output="study/link/both")
    >>> mien.load_link("study/link/both").rows[0].r > 0.9
    True
    """
    path = Path(folder)
    return _FILES.read(path, lambda facts, parts: _result(facts, parts, path))


def _result(facts: Mapping[str, Any], parts: Mapping[str, Any], folder: Path) -> Link:
    numbers = ("r", "low", "high", "difference", "p", "p_corrected")
    rows = tuple(
        LinkRow(
            first=str(row["first"]), second=str(row["second"]), units=int(row["units"]),
            **{name: number(row[name]) for name in numbers},
        )
        for row in facts["rows"]
    )  # fmt: skip
    return Link(
        str(facts["first"]), str(facts["second"]), rows, tuple(facts["viewers"]), tuple(facts["runs"]),
        str(facts["unit"]), int(facts["samples"]), np.asarray(parts["arrays"]["each"]), dict(facts["settings"]),
        tuple(facts["notes"]), folder,
    )  # fmt: skip


def _values(row: LinkRow, name: str) -> str:
    return f"{name}: r = {shown(row.r)} ({interval(row.low, row.high)}), p {equals(row.p_corrected)}"


def _count(found: Link) -> str:
    many = [f"{len(found.viewers)} viewers"] if found.unit == "viewers" else []
    return ", ".join([*many, f"{len(found.runs)} run{'s' if len(found.runs) != 1 else ''}"])
