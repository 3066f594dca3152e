"""Profiles of people: which number holds against one cloud, who is in which, in what they differ; and on disk."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.cohort.clustering import K_MEANS, Candidate, GroupFit
from mien.cohort.profile_description import Described
from mien.core.brief import brief
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.results import number
from mien.core.words import equals, listed, percent
from mien.data.result_files import ResultFiles, columns_as, texts_of

if TYPE_CHECKING:
    import pandas

_FORMAT = "mien profiles 1"
PROFILES_FILE, MEMBERS_FILE = "profiles.json", "members.parquet"
_FILES = ResultFiles("mien profiles", _FORMAT, PROFILES_FILE, {"members": MEMBERS_FILE})
# A group that samples of the people put together again less often is no profile (Hennig 2007).
STABLE, ALPHA = 0.75, 0.05


@dataclass(frozen=True, eq=False)
class Profiles(InNotebooks):
    """Profiles, or the finding that there are none.

    Attributes
    ----------
    by : tuple of str
        Columns that they are made of.
    method : str
    k : int
        Number of profiles; 1: one cloud, no profiles.
    centre, spread : ndarray, shape (columns,)
        With which the columns are standardised.
    fit : GroupFit or None
        None where there are no profiles.
    candidates : tuple of Candidate
    subject : ndarray of str, shape (people,)
    values : ndarray, shape (people, columns)
        Not standardised; NaN where unknown.
    probability : ndarray, shape (people, k)
        Of each profile; NaN for people with a missing value.
    described : tuple of Described
    settings : dict
    notes : tuple of str
    """

    __repr__ = brief

    by: tuple[str, ...]
    method: str
    k: int
    centre: np.ndarray
    spread: np.ndarray
    fit: GroupFit | None
    candidates: tuple[Candidate, ...]
    subject: np.ndarray
    values: np.ndarray
    probability: np.ndarray
    described: tuple[Described, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.subject)

    @property
    def profile(self) -> np.ndarray:
        """The most probable profile of each person, from 1; 0 where it is not known, shape (people,)."""
        known = np.isfinite(self.probability).all(1)
        return np.where(known, np.nan_to_num(self.probability).argmax(1) + 1, 0)

    @property
    def sizes(self) -> tuple[int, ...]:
        """People of each profile."""
        return tuple(int(count) for count in np.bincount(self.profile, minlength=self.k + 1)[1:])

    @property
    def table(self) -> pandas.DataFrame:
        """What the profiles differ in, one row per measure and profile."""
        return require("pandas", "A table of profiles", "learn").DataFrame([asdict(one) for one in self.described])

    def membership(self, values: np.ndarray) -> np.ndarray:
        """Probability of each profile for other people.

        Parameters
        ----------
        values : ndarray, shape (people, columns)
            In the units of the columns ``by``; NaN where unknown.

        Returns
        -------
        ndarray, shape (people, k)
        """
        result = np.full((len(values), self.k), np.nan)
        known = np.isfinite(values).all(1)
        if self.fit is None:
            result[known] = 1.0
        elif known.any():
            result[known] = self.fit.probabilities((values[known] - self.centre) / self.spread)
        return result

    def words(self) -> str:
        """What was found, in sentences."""
        best = min(self.candidates, key=lambda one: one.p)
        if self.k == 1:
            unstable = [one for one in self.candidates if one.p <= ALPHA]
            text = "One cloud, no profiles"
            if not unstable:
                return (
                    f"{text}: no number of groups divides the people better than one cloud of this shape would be (p "
                    f"{equals(best.p)})."
                )
            return (
                f"{text}: {listed([str(one.k) for one in unstable])} groups divide the people better than one cloud "
                f"would be (p {equals(best.p)}), but samples of the same people do not put them together again."
            )
        own = next(one for one in self.candidates if one.k == self.k)
        return (
            f"{self.k} profiles of {listed([str(size) for size in self.sizes])} people: they divide the people better "
            f"than one cloud of this shape would be (p {equals(own.p)}), and samples of the people put at least "
            f"{percent(min(own.jaccard))} of each together again."
        )

    def choices(self) -> dict[str, int]:
        """The number of groups that each criterion alone would choose; it never chooses one cloud."""
        return {
            "BIC": min(self.candidates, key=lambda one: one.bic).k,
            "silhouette": max(self.candidates, key=lambda one: np.nan_to_num(one.silhouette, nan=-2.0)).k,
            "stability": max(self.candidates, key=lambda one: one.agreement).k,
        }

    def method_words(self) -> str:
        """How it was computed, in sentences."""
        name = "k-means" if self.method == K_MEANS else "mixtures of normal distributions"
        alone = ", ".join(f"{k} ({criterion})" for criterion, k in self.choices().items())
        return (
            f"Method: {name} on standardised columns, one row per person. One cloud: every column with a single hump "
            "besides what lies at its floor and ceiling, columns joined as in a normal distribution; "
            f"{self.settings.get('n_null')} such clouds of as many people are divided in the same way. A number of "
            "groups counts if its gain is beyond 95 % of them (over all numbers at once) and the people of each group "
            f"are put together again by at least {percent(STABLE)}, on average, in samples of people. Criteria that "
            f"never choose one cloud would choose, alone: {alone}."
        )

    def strongest(self, profile: int, most: int = 8) -> list[Described]:
        """What a profile differs in from everybody else, beyond false discoveries, largest first.

        Parameters
        ----------
        profile : int
            From 1.
        most : int

        Returns
        -------
        list of Described
        """
        own = [
            one for one in self.described if one.profile == profile and not one.circular and one.p_corrected <= ALPHA
        ]
        return sorted(own, key=lambda one: -abs(one.g))[:most]

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        fit = self.fit
        fitted = None if fit is None else {
            "weights": fit.weights.tolist(), "means": fit.means.tolist(), "covariances": fit.covariances.tolist(),
            "gain": fit.gain, "bic": fit.bic,
        }  # fmt: skip
        return {
            "format": _FORMAT, "by": list(self.by), "method": self.method, "k": self.k, "words": self.words(),
            "sizes": list(self.sizes), "centre": self.centre.tolist(), "spread": self.spread.tolist(), "fit": fitted,
            "candidates": [finite(asdict(one)) for one in self.candidates], "people": len(self),
            "described": [finite(asdict(one)) for one in self.described], "settings": self.settings,
            "notes": list(self.notes),
        }  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``profiles.json`` and ``members.parquet``.

        Parameters
        ----------
        folder : str or Path
            As ``STUDY/profiles/NAME``.
        """
        columns: dict[str, Any] = {"subject": self.subject, "profile": self.profile}
        columns |= {f"probability {k + 1}": self.probability[:, k] for k in range(self.k)}
        columns |= {f"by:{name}": self.values[:, i] for i, name in enumerate(self.by)}
        _FILES.write(folder, self.to_json(), {"members": columns})

    @classmethod
    def read(cls, folder: str | Path) -> Profiles:
        """What ``write`` wrote.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Profiles

        Raises
        ------
        InputError
            If a file is missing or something else.
        """
        return _FILES.read(folder, _result)


def _result(found: dict[str, Any], parts: dict[str, Any]) -> Profiles:
    by, k, fit, members = tuple(map(str, found["by"])), int(found["k"]), found["fit"], parts["members"]
    return Profiles(
        by, str(found["method"]), k, np.array(found["centre"], float), np.array(found["spread"], float),
        None if fit is None else _fit(fit), tuple(_candidate(one) for one in found["candidates"]),
        texts_of(members, "subject"), columns_as(members, [f"by:{name}" for name in by]),
        columns_as(members, [f"probability {i + 1}" for i in range(k)]),
        tuple(_described(one) for one in found["described"]), dict(found["settings"]),
        tuple(map(str, found["notes"])),
    )  # fmt: skip


def _fit(found: dict[str, Any]) -> GroupFit:
    arrays = {name: np.array(found[name], float) for name in ("weights", "means", "covariances")}
    return GroupFit(**arrays, gain=number(found["gain"]), bic=number(found["bic"]))


def _candidate(found: dict[str, Any]) -> Candidate:
    kept: dict[str, Any] = {name: value if name == "k" else _number(value) for name, value in found.items()}
    return Candidate(**kept)


def _number(value: Any) -> Any:
    return tuple(number(one) for one in value) if isinstance(value, list) else number(value)


def _described(found: dict[str, Any]) -> Described:
    plain = ("measure", "profile", "people", "circular")
    kept: dict[str, Any] = {name: value if name in plain else number(value) for name, value in found.items()}
    return Described(**kept)
