"""Scores on people whom the model knows, beside those on the same samples of people whom it does not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mien.core.files import finite
from mien.core.results import number
from mien.core.words import equals
from mien.learn.predictions import ClassPredictions
from mien.stats.permutation import sign_flip_test
from mien.stats.scores import Score, between
from mien.stats.subjects import codes_of
from mien.stats.two_groups import LEAST, Contrast, effects


@dataclass(frozen=True)
class SharedPerson:
    """A person's samples, and how many are right with the person known from other recordings, and left out."""

    person: str
    samples: int
    right_known: int
    right_apart: int


@dataclass(frozen=True)
class SharedPeople:
    """What it brings that the model knows the person.

    Attributes
    ----------
    known, apart : Score
        Balanced accuracy on the same samples: by models that have learnt from other recordings of the person, and by
        models that have not seen the person.
    difference, low, high, p : float
        Mean over people of the share that is right, known minus apart; 95 % interval (Student's t) and sign-flip test
        over people. NaN for fewer than four people, and where it is the same in all of them.
    people : tuple of SharedPerson
    """

    known: Score
    apart: Score
    difference: float
    low: float
    high: float
    p: float
    people: tuple[SharedPerson, ...]

    def words(self) -> str:
        """The comparison in a sentence or two."""
        more = "more" if self.difference >= 0 else "fewer"
        points = f"{100 * abs(self.difference):.0f} percentage points {more} of a person's samples are right"
        bounds = between(self.apart.low, self.apart.high, self.apart.people)
        text = (
            f"Balanced accuracy on the same samples: {self.known.value:.3f} with the person known from other "
            f"recordings, {self.apart.value:.3f} ({bounds}) with the person left out."
        )
        if self.p != self.p:
            return f"{text} The difference is not tested: there are too few people, or it is the same in all."
        shown = "" if self.p <= 0.05 else ", which is not shown to be more than chance"
        low, high = (f"{100 * end:.0f}" for end in (self.low, self.high))
        return f"{text} {points} where the person is known (95 % interval {low} to {high}; p {equals(self.p)}{shown})."

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        found: dict[str, Any] = finite(asdict(self))
        return found

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> SharedPeople:
        """From what ``to_json`` gives."""
        scores = [
            Score(
                **{key: number(row.get(key)) for key in ("value", "low", "high", "chance", "p")},
                people=int(row["people"]), withheld=str(row.get("withheld", "")),
            )
            for row in (found["known"], found["apart"])
        ]  # fmt: skip
        numbers = {key: number(found[key]) for key in ("difference", "low", "high", "p")}
        people = tuple(
            SharedPerson(str(row["person"]), *(int(row[key]) for key in ("samples", "right_known", "right_apart")))
            for row in found["people"]
        )
        return cls(scores[0], scores[1], **numbers, people=people)


def shared_people(
    known: ClassPredictions, apart: ClassPredictions, scores: tuple[Score, Score], seed: int = 0
) -> SharedPeople:
    """Compare predictions for the same samples in the same order.

    Parameters
    ----------
    known, apart : ClassPredictions
        By models that know the person from other recordings, and by models that do not.
    scores : (Score, Score)
        Their balanced accuracies.
    seed : int
        Of the test.
    """
    names, who = codes_of(known.subject)
    size = np.bincount(who)
    right = [np.bincount(who, p.predicted.astype(str) == p.label.astype(str), len(names)) for p in (known, apart)]
    people = tuple(
        SharedPerson(str(name), int(n), int(a), int(b)) for name, n, a, b in zip(names, size, *right, strict=True)
    )
    share = [part / size for part in right]
    difference = float((share[0] - share[1]).mean())
    if len(names) < LEAST or not np.ptp(share[0] - share[1]):
        nan = float("nan")
        return SharedPeople(*scores, difference, nan, nan, nan, people)
    found = effects(Contrast(share[0][:, None], share[1][:, None], paired=True))
    test = sign_flip_test(share[0] - share[1], seed=seed)
    return SharedPeople(
        *scores, difference, float(found.difference_low[0]), float(found.difference_high[0]), test.p, people
    )
