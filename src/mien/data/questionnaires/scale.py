"""A questionnaire's key: items, subscales, rule for missing items, cut-offs. It holds no wording of items."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief

NO_DIAGNOSIS = "not a diagnosis"
TOTAL = "total"
_NUMBERED = re.compile(r"\{(\d+)\.\.(\d+)\}")


@dataclass(frozen=True)
class Subscale:
    """A sum of some items.

    Attributes
    ----------
    name : str
        ``'total'`` for that of all items.
    items : tuple of int
        Numbers of the items, from 1.
    factor : float
        What the sum is multiplied with, such as 2 where a short form is put on the scale of the long one.
    max_missing : int
        So many items may be missing; the mean of the others then counts for each (prorated). With more there is no
        score.
    cut_offs : tuple of float
        The score from which on each band but the lowest begins.
    bands : tuple of str
        One more than cut-offs, from low to high; none where there are none.
    screening : float or None
        Cut-off of a screening.
    """

    name: str
    items: tuple[int, ...]
    factor: float = 1.0
    max_missing: int = 0
    cut_offs: tuple[float, ...] = ()
    bands: tuple[str, ...] = ()
    screening: float | None = None

    def scores(self, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores of answers that are turned already, shape (rows, all items), NaN where missing.

        Returns
        -------
        raw, prorated : ndarray, shape (rows,)
            The sum where no item is missing; and where no more than ``max_missing`` are, NaN elsewhere.
        missing : ndarray of int, shape (rows,)
        """
        own = answers[:, np.array(self.items) - 1]
        missing = np.isnan(own).sum(1)
        answered = len(self.items) - missing
        mean = np.nansum(own, axis=1) / np.maximum(answered, 1)
        # Whole sums stay whole.
        prorated = np.where(missing == 0, np.nansum(own, axis=1), mean * len(self.items)) * self.factor
        prorated = np.where((missing <= self.max_missing) & (answered > 0), prorated, np.nan)
        return np.where(missing == 0, prorated, np.nan), prorated, missing

    def band_of(self, scores: np.ndarray) -> np.ndarray:
        """The band of each score, not rounded; ``''`` where there is none."""
        place = np.searchsorted(np.array(self.cut_offs), scores, side="right")
        named = np.array([*self.bands], dtype=object)[np.minimum(place, len(self.bands) - 1)]
        return np.where(np.isnan(scores), "", named)

    def screened(self, scores: np.ndarray) -> np.ndarray:
        """``'at or above 10'`` or ``'below 10'``; ``''`` where there is no score."""
        above = np.where(scores >= self.screening, f"at or above {self.screening:g}", f"below {self.screening:g}")
        return np.where(np.isnan(scores), "", above).astype(object)


@dataclass(frozen=True)
class ScoringKey:
    """A questionnaire.

    Attributes
    ----------
    name : str
        As on the command line: ``'dass-21'``.
    title, version : str
    items : tuple of str
        Columns of the answers, in the order of the items' numbers.
    low, high : int
        Least and highest answer; between them whole numbers.
    reversed : tuple of int
        Numbers of items that are turned before anything is added up.
    subscales : tuple of Subscale
        All sums, that of all items among them if the questionnaire has one.
    source, licence : str
        Where key and cut-offs were published, and what is known of the terms.
    notes : tuple of str
        What has to be known with the scores, in sentences.
    also : tuple of tuple of str
        Other names that tables give to all the items.
    """

    __repr__ = brief

    name: str
    title: str
    version: str
    items: tuple[str, ...]
    low: int
    high: int
    subscales: tuple[Subscale, ...]
    reversed: tuple[int, ...] = ()
    source: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()
    also: tuple[tuple[str, ...], ...] = ()

    @property
    def stem(self) -> str:
        """Begins the columns of scores: ``'dass_21'``."""
        return _named(self.name)

    def column(self, subscale: Subscale) -> str:
        """Column of a subscale's scores: ``'dass_21_depression'``."""
        return f"{self.stem}_{_named(subscale.name)}"

    def turned(self, answers: np.ndarray) -> np.ndarray:
        """The answers with the reversed items turned."""
        result = np.array(answers, dtype=np.float64)
        places = np.array(self.reversed, dtype=int) - 1
        result[:, places] = self.low + self.high - result[:, places]
        return result


def _named(text: str) -> str:
    return re.sub(r"\W+", "_", text)


def expanded(pattern: str) -> tuple[str, ...]:
    """Names of columns from ``'dass_{1..21}'``, ``'q{01..09}'`` or several with commas.

    Examples
    --------
    >>> expanded("q{08..10},mood")
    ('q08', 'q09', 'q10', 'mood')
    """
    names: list[str] = []
    for part in (part.strip() for part in pattern.split(",") if part.strip()):
        found = _NUMBERED.search(part)
        if found is None:
            names.append(part)
            continue
        first, last = found.groups()
        width = len(first) if first.startswith("0") else 0
        numbers = range(int(first), int(last) + 1)
        names += [f"{part[: found.start()]}{number:0{width}d}{part[found.end() :]}" for number in numbers]
    return tuple(names)
