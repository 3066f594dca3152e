"""Effects of measures: what was found, written and read."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from mien.core.brief import brief
from mien.core.extras import require
from mien.core.in_notebooks import Plotted
from mien.core.words import equals, interval, listed, number
from mien.data.measures import Measure
from mien.data.result_files import ResultFiles
from mien.stats.correction import benjamini_hochberg
from mien.stats.partial import CORRELATION, MOST_PERMUTED

if TYPE_CHECKING:
    import pandas

EFFECTS, FACTS, ROWS, TABLE = "effects", "effects.json", "effects.parquet", "effects.csv"
_FORMAT = "mien effects 1"
_FILES = ResultFiles("mien effects", _FORMAT, FACTS, {"rows": ROWS}, compression="zstd")
_NUMBERS = ("effect", "low", "high", "p", "q", "q_group", "unadjusted", "unadjusted_p", "unadjusted_q")
FDR = 0.05


@dataclass(frozen=True)
class ChannelEffect:
    """One channel, by all its measures.

    Attributes
    ----------
    channel, group : str
    strongest : str
        Its measure with the smallest p.
    effect : float
        Of that measure.
    p, q : float
        Whether any of its measures goes with the outcome (Simes, 1986), alone and corrected over channels.
    measures, kept : int
        How many it has, and how many survive the correction over all measures.
    """

    channel: str
    group: str
    strongest: str
    effect: float
    p: float
    q: float
    measures: int
    kept: int


@dataclass(frozen=True, eq=False)
class OutcomeEffects(Plotted):
    """What goes with an outcome; arrays have one value per measure, NaN where nothing can be said.

    Attributes
    ----------
    outcome : str
    kind : str
        ``'correlation'`` (partial correlation) or ``'difference'`` (Hedges' g, the second group less the first).
    groups : dict of str to int
        Both groups and their people; empty for scores.
    covariates : tuple of str
        What was held constant.
    people : int
    left_out : dict of str to int
        People without, by reason.
    codebook : tuple of Measure
    n : ndarray of int
        People with a value.
    effect, low, high, p : ndarray
        Adjusted, with its 95 % interval; p is two-sided.
    q, q_group : ndarray
        p corrected for the false-discovery rate over all measures, and over those of the same kind of channel.
    unadjusted, unadjusted_p, unadjusted_q : ndarray
        Without covariates.
    settings : dict
    notes : tuple of str
    caution : str
        What of age, sex and site goes with the outcome and was not held constant; ``''``: nothing.
    folder : Path or None
        Where it was written to or read from.
    """

    __repr__ = brief

    outcome: str
    kind: str
    groups: dict[str, int]
    covariates: tuple[str, ...]
    people: int
    left_out: dict[str, int]
    codebook: tuple[Measure, ...]
    n: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    q: np.ndarray
    q_group: np.ndarray
    unadjusted: np.ndarray
    unadjusted_p: np.ndarray
    unadjusted_q: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    caution: str = ""
    folder: Path | None = None

    @property
    def names(self) -> list[str]:
        """Names of the measures."""
        return [measure.name for measure in self.codebook]

    @property
    def channels(self) -> list[ChannelEffect]:
        """Channels, the one that most surely goes with the outcome first."""
        places: dict[str, list[int]] = {}
        for place, measure in enumerate(self.codebook):
            if np.isfinite(self.p[place]):
                places.setdefault(measure.channel, []).append(place)
        rows = []
        for channel, here in places.items():
            best = min(here, key=lambda i: (self.p[i], -abs(self.effect[i])))
            simes = float(np.min(np.sort(self.p[here]) * len(here) / np.arange(1, len(here) + 1)))
            rows.append((channel, self.codebook[best], float(self.effect[best]), min(simes, 1.0), here))
        q = benjamini_hochberg([row[3] for row in rows])
        found = [
            ChannelEffect(channel, best.group, best.name, effect, p, float(q[i]), len(here),
                          int((self.q[here] <= FDR).sum()))
            for i, (channel, best, effect, p, here) in enumerate(rows)
        ]  # fmt: skip
        return sorted(found, key=lambda row: (row.p, -abs(row.effect)))

    @property
    def table(self) -> pandas.DataFrame:
        """One row per measure, the surest first."""
        require("pandas", "A table of effects", "learn")
        return self._arrow().to_pandas().sort_values(["p", "name"]).reset_index(drop=True)

    @property
    def measure_of_effect(self) -> str:
        """What the effects are, as it is written on axes."""
        held = " (adjusted)" if self.covariates else ""
        return f"partial correlation{held}" if self.kind == CORRELATION else f"Hedges' g{held}"

    def words(self) -> str:
        """What was seen, in sentences."""
        tested = int(np.isfinite(self.p).sum())
        kept = int((self.q <= FDR).sum())
        held = f", {listed(list(self.covariates))} held constant" if self.covariates else ", nothing held constant"
        text = (
            f"{self.outcome}: {kept} of {tested} measures of {self.people} people go with it at a false-discovery rate "
            f"of {100 * FDR:.0f} %{held}."
        )
        if kept:
            best = self.names.index(self.channels[0].strongest)
            what = "r" if self.kind == CORRELATION else "g"
            text += (
                f" Surest: {self.names[best]} ({what} {number(self.effect[best])}, "
                f"{interval(self.low[best], self.high[best])}, q {equals(float(self.q[best]))})."
            )
        else:
            text += " That does not show that there is nothing."
        if self.covariates:
            bare = int((self.unadjusted_q <= FDR).sum())
            text += f" Without holding anything constant: {bare}."
        return f"{text} {self.caution}".rstrip()

    def method_words(self) -> str:
        """How effects and p were computed, in sentences."""
        what = (
            "Partial correlation (interval: Fisher's z)" if self.kind == CORRELATION
            else "Hedges' g over the spread within groups (interval: Hedges, 1981)"
        )  # fmt: skip
        how = (
            "permutations of the outcome and of its residuals, the larger p, wherever Student's is below .1"
            if self.people <= MOST_PERMUTED else "Student's t with tails corrected for skewness and kurtosis"
        )  # fmt: skip
        return (
            f"{what}; recordings of a person were averaged, people are the unit. p: {how}; q: Benjamini and Hochberg "
            "over all measures, and by kind of channel. What goes with an outcome need not be its cause, and is not a "
            "diagnosis."
        )

    def _arrow(self) -> pa.Table:
        lines = [asdict(measure) for measure in self.codebook]
        columns = {name: pa.array([line[name] for line in lines]) for name in Measure.__dataclass_fields__}
        columns["n"] = pa.array(self.n.astype(np.int64))
        return pa.table(columns | {name: pa.array(getattr(self, name), from_pandas=False) for name in _NUMBERS})

    def write(self, folder: str | Path) -> None:
        """Write ``effects.json``, ``effects.parquet`` and, for spreadsheets, ``effects.csv``, which change together."""
        rows = self._arrow()
        text = pa.BufferOutputStream()
        pa_csv.write_csv(rows, text)
        _FILES.write(folder, self.to_json(), {"rows": rows}, {TABLE: text.getvalue().to_pybytes()})

    def to_json(self) -> dict[str, Any]:
        """Plain values: everything but the rows of the measures, and those of the channels."""
        return {
            "format": _FORMAT, "outcome": self.outcome, "kind": self.kind, "groups": self.groups,
            "covariates": list(self.covariates), "people": self.people, "left_out": self.left_out,
            "settings": self.settings, "notes": list(self.notes), "caution": self.caution,
            "words": self.words(),
            "channels": [asdict(channel) for channel in self.channels],
        }  # fmt: skip


def folder_name(outcome: str, cutoff: float | None = None, reference: str = "") -> str:
    """Name of the folder of an outcome, of what every file system takes."""
    parts = [outcome, f"at-{cutoff:g}" if cutoff is not None else "", f"from-{reference}" if reference else ""]
    return re.sub(r"[^\w.-]+", "_", " ".join(part for part in parts if part)).strip("._") or "outcome"


def load_effects(folder: str | Path) -> OutcomeEffects:
    """Read what ``mien effects`` wrote.

    Parameters
    ----------
    folder : path
        ``STUDY/effects/OUTCOME``.

    Returns
    -------
    OutcomeEffects

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.

    Examples
    --------
    >>> import mien
    >>> mien.load_effects("nowhere")
    Traceback (most recent call last):
    mien.core.errors.InputError: nowhere holds no effects.json; 'mien effects' writes it.
    """
    return _FILES.read(folder, lambda facts, parts: _result(facts, parts["rows"], Path(folder)))


def _result(facts: dict[str, Any], rows: pa.Table, folder: Path) -> OutcomeEffects:
    lines = rows.select(list(Measure.__dataclass_fields__)).to_pylist()
    return OutcomeEffects(
        outcome=str(facts["outcome"]), kind=str(facts["kind"]), groups=dict(facts["groups"]),
        covariates=tuple(facts["covariates"]), people=int(facts["people"]), left_out=dict(facts["left_out"]),
        codebook=tuple(Measure(**line) for line in lines), n=rows["n"].to_numpy(),
        **{name: rows[name].to_numpy() for name in _NUMBERS}, settings=dict(facts["settings"]),
        notes=tuple(facts["notes"]), caution=str(facts.get("caution", "")), folder=folder,
    )  # fmt: skip
