"""Made-up participants: traits, age, sex, site, and what they answered in questionnaires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.data.synthetic.planted import TRAITS
from mien.data.synthetic.streams import ITEMS, PERSON, stream

# Item numbers of each questionnaire by the trait that they ask about. Keys: DASS-21, Lovibond & Lovibond (1995); PHQ-9,
# Kroenke et al. (2001); GAD-7, Spitzer et al. (2006). All items are answered with 0 to 3.
QUESTIONNAIRES: dict[str, dict[str, tuple[int, ...]]] = {
    "dass21": {
        "depression": (3, 5, 10, 13, 16, 17, 21), "anxiety": (2, 4, 7, 9, 15, 19, 20),
        "stress": (1, 6, 8, 11, 12, 14, 18),
    },
    "phq9": {"depression": tuple(range(1, 10))},
    "gad7": {"anxiety": tuple(range(1, 8))},
}  # fmt: skip
_SHARED = np.sqrt(0.65)
_SEX = 0.3
_AGE = 0.05


@dataclass(frozen=True, eq=False)
class Participants:
    """Made-up people.

    Attributes
    ----------
    subject : ndarray of str, shape (people,)
    traits : dict of str to ndarray, each of shape (people,)
        Of about unit spread.
    age : ndarray, shape (people,)
        In years, 12 to 18.
    sex : ndarray of str, shape (people,)
    site : ndarray of int, shape (people,)
    items : dict of str to ndarray, each of shape (people,)
        0 to 3; NaN where not answered.
    """

    __repr__ = brief

    subject: np.ndarray
    traits: dict[str, np.ndarray]
    age: np.ndarray
    sex: np.ndarray
    site: np.ndarray
    items: dict[str, np.ndarray]


def items_of(scales: Sequence[str]) -> dict[str, str]:
    """Names of the items of questionnaires, and the trait that each asks about."""
    for name in scales:
        if name not in QUESTIONNAIRES:
            raise InputError(f"scales are {', '.join(QUESTIONNAIRES)}, but got '{name}'.")
    found: dict[str, str] = {}
    for name in scales:
        trait_of = {number: trait for trait, numbers in QUESTIONNAIRES[name].items() for number in numbers}
        found |= {f"{name}_{number}": trait_of[number] for number in sorted(trait_of)}
    return found


def participants(
    people: int, *, sites: int, confounding: float, missing_share: float, scales: Sequence[str], seed: int
) -> Participants:
    """People, each drawn from the seed and a number of their own, so that they do not depend on how many there are.

    Parameters
    ----------
    people, sites : int
    confounding : float
        By how many standard deviations the mean of every trait lies higher at the last site than in the middle, and
        lower at the first.
    missing_share : float
        Share of items that are not answered; as many people answer none.
    scales : sequence of str
        Of ``QUESTIONNAIRES``.
    seed : int
    """
    trait_of = items_of(scales)
    slopes, thresholds = _item_parameters(seed, len(trait_of))
    drawn = np.empty((people, 8 + 2 * len(trait_of)))
    for number in range(people):
        drawn[number] = stream(seed, PERSON, number).random(drawn.shape[1])
    normal = _normal(drawn[:, :4])
    age = 12 + 6 * drawn[:, 4]
    # A few say neither.
    sex = np.select([drawn[:, 5] < 0.49, drawn[:, 5] < 0.98], ["f", "m"], "x").astype(object)
    # Sites are of unequal size.
    ends = np.cumsum(1 / np.arange(1, sites + 1))
    site = np.searchsorted(ends / ends[-1], drawn[:, 6])
    shift = confounding * place_of(site, sites) + _SEX * ((sex == "f") - 0.5) + _AGE * (age - 15)
    traits = {
        name: _SHARED * normal[:, 0] + np.sqrt(1 - _SHARED**2) * normal[:, 1 + i] + shift
        for i, name in enumerate(TRAITS)
    }
    items = {}
    silent = drawn[:, 7] < missing_share
    for i, (name, trait) in enumerate(trait_of.items()):
        # Graded responses (Samejima, 1969): the chance of an answer at or above each step.
        above = 1 / (1 + np.exp(-slopes[i] * (traits[trait][:, None] - thresholds[i])))
        answer = (drawn[:, 8 + i, None] < above).sum(axis=1).astype(float)
        answer[silent | (drawn[:, 8 + len(trait_of) + i] < missing_share)] = np.nan
        items[name] = answer
    subject = np.array([f"p{number + 1:05d}" for number in range(people)], dtype=object)
    return Participants(subject, traits, np.round(age, 1), sex, site, items)


def place_of(site: np.ndarray, sites: int) -> np.ndarray:
    """Sites from -1 (the first) to 1 (the last)."""
    return 2 * site / max(sites - 1, 1) - (1 if sites > 1 else 0)


def _normal(uniform: np.ndarray) -> np.ndarray:
    from scipy.special import ndtri

    return ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))


def _item_parameters(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes, shape (items,), and rising thresholds, shape (items, 3): most people answer low, as outside clinics."""
    generator = stream(seed, ITEMS)
    slopes = generator.uniform(1.3, 2.6, count)
    thresholds = generator.uniform(-0.2, 0.5, (count, 1)) + np.cumsum(generator.uniform(0.5, 0.9, (count, 3)), 1) - 0.6
    return slopes, thresholds
