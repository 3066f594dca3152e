"""What adapting a model to single people brings: its learning curve over people, written and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import finite, read_json, write_json
from mien.core.in_notebooks import InNotebooks
from mien.core.people.words import who_words
from mien.core.provenance import provenance
from mien.core.results import MISFIT, number
from mien.core.words import equals
from mien.models.adapts import HEAD
from mien.stats.shares import mean_interval
from mien.stats.two_groups import LEAST, Contrast, effects, permutation_tests

if TYPE_CHECKING:
    import pandas as pd

ADAPTATION_FILE = "adaptation.json"
_FORMAT = "mien adaptation 1"
_NUMBERS = ("value", "low", "high", "difference", "difference_low", "difference_high", "p", "p_corrected")


@dataclass(frozen=True)
class CurvePoint:
    """Mean over people with k recordings per class of each.

    Attributes
    ----------
    k : int
    value, low, high : float
        Balanced accuracy within people, mean over people, and its 95 % interval (NaN where it is withheld).
    difference, difference_low, difference_high : float
        From k = 0, paired within people; 95 % interval of Student's t.
    p, p_corrected : float
        Permutation test of the difference over people; corrected over all k by the largest \\|t\\|.
    withheld : str
        Why there is no interval of the value; ``''`` where there is one.
    """

    k: int
    value: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    p: float
    p_corrected: float
    withheld: str = ""


@dataclass(frozen=True)
class PersonCurve:
    """A person's scores, one per k: mean over the draws; and how many recordings there are of the classes tested."""

    person: str
    scores: tuple[float, ...]
    recordings: int
    classes: int


@dataclass(frozen=True)
class Adaptation(InNotebooks):
    """What ``adapt`` found.

    Attributes
    ----------
    model, target : str
    protocol : dict
        How: way of adapting, people and samples, k, draws, weight, steps, seed, chance.
    points : tuple of CurvePoint
        By k.
    people : tuple of PersonCurve
    left_out : tuple of str
        People without enough recordings; they are among those whom models are trained on.
    notes : tuple of str
    """

    __repr__ = brief

    model: str
    target: str
    protocol: dict[str, Any]
    points: tuple[CurvePoint, ...]
    people: tuple[PersonCurve, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """A row per k."""
        frame: pd.DataFrame = require("pandas", "tables", "learn").DataFrame([asdict(row) for row in self.points])
        return frame

    def who(self) -> str:
        """On whom and how, in sentences that stand with every output."""
        p, k = self.protocol, [str(row.k) for row in self.points]
        way = (
            f"{p['steps']} steps on the network's last layer with the person's recordings; the rest of it stays"
            if p["way"] == HEAD
            else f"fitted anew on the other people and the person's recordings, each of which weighs as "
            f"{p['weight']:g} samples of others"
        )
        return (
            f"{who_words(p)}. For each person a model is trained on all others (k = 0) and adapted with k = "
            f"{', '.join(k[1:])} recordings per class of the person: {way}. Tested on other recordings of the person, "
            f"the same ones for every k; mean over {p['repeats']} random draws. Adapted models know the person on "
            "purpose: they say nothing about new people."
        )

    def words(self) -> list[str]:
        """What each k brings, a sentence each."""
        first = self.points[0]
        found = [f"Without recordings of the person: {first.value:.3f} (chance {self.protocol['chance']:.3f})."]
        for row in self.points[1:]:
            more = "more" if row.difference >= 0 else "less"
            text = f"k = {row.k}: {row.value:.3f}, {100 * abs(row.difference):.1f} percentage points {more}"
            if row.p_corrected != row.p_corrected:
                found.append(f"{text}; with fewer than {LEAST} people this is not tested.")
                continue
            if row.difference_low != row.difference_low:
                found.append(f"{text}, the same in every person, which has no interval.")
                continue
            low, high = (f"{100 * end:.1f}" for end in (row.difference_low, row.difference_high))
            shown = "" if row.p_corrected <= 0.05 else ", not shown to be more than chance"
            found.append(f"{text} (95 % interval {low} to {high}; p corrected {equals(row.p_corrected)}{shown}).")
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        return {
            "format": _FORMAT, "model": self.model, "target": self.target, "protocol": self.protocol,
            "points": [finite(asdict(row)) for row in self.points], "people": [asdict(row) for row in self.people],
            "left_out": list(self.left_out), "notes": list(self.notes),
        }  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``adaptation.json`` into a folder."""
        write_json(Path(folder) / ADAPTATION_FILE, provenance(**self.to_json()))

    @classmethod
    def read(cls, folder: str | Path) -> Adaptation:
        """What ``write`` wrote.

        Raises
        ------
        InputError
            If the file is missing or something else.
        """
        path = Path(folder) / ADAPTATION_FILE
        found = read_json(path)
        try:
            if found["format"] != _FORMAT:
                raise KeyError(found["format"])
            points = tuple(
                CurvePoint(int(row["k"]), **{n: number(row[n]) for n in _NUMBERS}, withheld=str(row["withheld"]))
                for row in found["points"]
            )
            people = tuple(
                PersonCurve(
                    str(row["person"]), tuple(number(v) for v in row["scores"]), int(row["recordings"]),
                    int(row["classes"]),
                )
                for row in found["people"]
            )  # fmt: skip
            for name in ("way", "steps", "weight", "repeats", "chance", "n_samples", "n_subjects"):
                found["protocol"][name]
            texts = (tuple(map(str, found[name])) for name in ("left_out", "notes"))
            return cls(str(found["model"]), str(found["target"]), dict(found["protocol"]), points, people, *texts)
        except MISFIT as error:
            raise InputError(f"{path} was not written by 'mien adapt' ({error}); run it again.") from error


def curve(k: tuple[int, ...], scores: np.ndarray, people: list[str], seed: int = 0) -> tuple[CurvePoint, ...]:
    """Means over people with intervals, and tests against the first k, paired within people.

    Parameters
    ----------
    k : tuple of int
        Ascending.
    scores : ndarray, shape (people, k)
        From 0 to 1.
    people : list of str
    seed : int
        Of the permutations.

    Notes
    -----
    Intervals of the mean: ``mien.stats.shares``; of differences and their tests: ``mien.stats.two_groups``. Simulated
    in ``benchmarks/protocols.py``.
    """
    later, first = scores[:, 1:], np.repeat(scores[:, :1], len(k) - 1, axis=1)
    nan = np.full(len(k) - 1, np.nan)
    low = high = p = largest = nan
    if len(people) >= LEAST:
        contrast = Contrast(later, first, paired=True)
        found, tests = effects(contrast), permutation_tests(contrast, seed=seed)
        p, largest = tests.p, tests.p_largest
        # Where it is the same in everybody seen, Student's t knows nothing about others.
        varies = np.ptp(later - first, axis=0) > 0
        low, high = (np.where(varies, end, np.nan) for end in (found.difference_low, found.difference_high))
    points = []
    for j, count in enumerate(k):
        bounds = mean_interval(scores[:, j], people)
        mean = float(scores[:, j].mean())
        apart = [mean - float(scores[:, 0].mean())]
        apart += [float(row[j - 1]) for row in (low, high, p, largest)] if j else [0.0, 0.0, 1.0, 1.0]
        numbers = dict(zip(_NUMBERS, (mean, bounds.low, bounds.high, *apart), strict=True))
        points.append(CurvePoint(count, **numbers, withheld=bounds.withheld))
    return tuple(points)
