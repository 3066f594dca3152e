"""From recordings to people: one row each, with what is held constant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.stats.subjects import codes_of

# Held constant where the samples have them, and the least people of a category that is one of its own.
USUAL = ("age", "sex", "site")
_LEAST_OF_A_KIND = 2
_UNKNOWN, _RARE = "not known", "other"
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class People:
    """Recordings averaged over each person.

    Attributes
    ----------
    subject : ndarray of str, shape (people,)
    rows : ndarray of int, shape (people,)
        First recording of each.
    code : ndarray of int, shape (recordings,)
        Number of the person of each recording.
    used : ndarray of bool, shape (recordings,)
        Whether a recording has measures.
    notes : tuple of str
    """

    __repr__ = brief

    subject: np.ndarray
    rows: np.ndarray
    code: np.ndarray
    used: np.ndarray
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, samples: Samples, measures: Measures) -> People:
        """People of samples; the measures are in the same order."""
        return cls.of_recordings(samples.subject, measures.ok)

    @classmethod
    def of_recordings(cls, subject: np.ndarray, used: np.ndarray) -> People:
        """People by the subject of each recording, and which recordings count."""
        names, code = codes_of(subject)
        return cls(names, np.unique(code, return_index=True)[1], code, used)

    def __len__(self) -> int:
        return len(self.subject)

    def measured(self, measures: Measures) -> np.ndarray:
        """Mean of each person's recordings, shape (people, measures); NaN where none has a value."""
        values = measures.values
        result = np.empty((len(self), values.shape[1]), dtype=np.float32)
        order = np.argsort(self.code, kind="stable")
        starts = np.searchsorted(self.code[order], np.arange(len(self)))
        used = self.used[order, None]
        for start in range(0, values.shape[1], _BLOCK):
            block = values[order, start : start + _BLOCK].astype(np.float64)
            there = np.isfinite(block) & used
            counts = np.add.reduceat(there, starts, axis=0, dtype=np.int64)
            sums = np.add.reduceat(np.where(there, block, 0), starts, axis=0)
            with np.errstate(invalid="ignore"):
                result[:, start : start + _BLOCK] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        return result

    def numbers(self, values: np.ndarray) -> np.ndarray:
        """Mean of each person's known numbers over the recordings that have measures."""
        there = np.isfinite(values) & self.used
        counts = np.bincount(self.code, there, len(self))
        sums = np.bincount(self.code, np.where(there, values, 0), len(self))
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)

    def category(self, values: np.ndarray) -> np.ndarray:
        """What most of each person's recordings say, the first of equals; ``''`` where none says anything."""
        said: list[Counter[str]] = [Counter() for _ in range(len(self))]
        for person, value, used in zip(self.code, values, self.used, strict=True):
            if used and value:
                said[person][str(value)] += 1
        return np.array([one.most_common(1)[0][0] if one else "" for one in said], dtype=object)


@dataclass(frozen=True, eq=False)
class HeldConstant:
    """What is held constant.

    Attributes
    ----------
    names : tuple of str
        Columns of the samples or of the measures' quality.
    columns : ndarray of float64, shape (people, columns)
        Numbers, and categories as columns of 0 and 1; NaN where a number is not known.
    notes : tuple of str
    """

    names: tuple[str, ...]
    columns: np.ndarray
    notes: tuple[str, ...] = ()


def design_of(samples: Samples, measures: Measures, people: People, names: Sequence[str] | None) -> HeldConstant:
    """Covariates of people; by default those of ``USUAL`` that the samples have.

    Raises
    ------
    InputError
        For a column that neither the samples nor the quality of the recordings has.
    """
    wanted = [name for name in USUAL if name in {*samples.labels, *samples.ratings}] if names is None else list(names)
    columns: list[np.ndarray] = []
    notes: list[str] = []
    for name in wanted:
        if name in measures.quality and name not in {*samples.labels, *samples.ratings}:
            columns.append(people.numbers(measures.quality[name]))
            continue
        values = samples.target(name)
        if values.dtype != object:
            columns.append(people.numbers(values))
            continue
        columns += indicators(name, people.category(values), notes)
    matrix = np.stack(columns, 1) if columns else np.zeros((len(people), 0))
    return HeldConstant(tuple(wanted), matrix, tuple(notes))


def indicators(name: str, values: np.ndarray, notes: list[str]) -> list[np.ndarray]:
    """Columns of 0 and 1 for all categories but the most frequent; rare ones together."""
    known = np.array([value or _UNKNOWN for value in values], dtype=object)
    rare = sorted(value for value, count in Counter(known).items() if count < _LEAST_OF_A_KIND)
    if len(rare) > 1:
        known[np.isin(known, rare)] = _RARE
        notes.append(f"{name}: {len(rare)} categories with one person each ({', '.join(rare[:5])}) count as one.")
    ordered = [value for value, _ in Counter(known).most_common()]
    return [(known == value).astype(float) for value in ordered[1:]]


def samples_and_measures(samples: Samples, measures: Measures) -> Measures:
    """Measures in the order of the samples.

    Raises
    ------
    InputError
        If no recording has measures.
    """
    beside = measures.beside(list(samples.path))
    if not beside.ok.any():
        first = str(samples.path[0]) if len(samples) else "none"
        raise InputError(
            f"None of the {len(samples)} recordings has measures: the samples call them such as '{first}', the "
            f"measures such as '{measures.source[0] if len(measures) else 'none'}'. The names have to be the same."
        )
    return beside
