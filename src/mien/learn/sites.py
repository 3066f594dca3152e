"""Scores at sites that the model has not seen, beside those with people of all sites in training: the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.files import finite
from mien.core.people.words import site_words
from mien.core.results import number as given_number
from mien.core.words import equals, number
from mien.learn.beside import ScoreDifference
from mien.learn.plain_scores import plain_scores, scores_of
from mien.stats.scores import Score, better_than_chance, between, valued


@dataclass(frozen=True)
class Site:
    """One site: its score by models that were trained at the others, and by models that know people of it.

    ``score`` is that named in ``Sites.name``; its interval is over the people of the site.
    """

    site: str
    people: int
    samples: int
    score: Score
    known: Score


@dataclass(frozen=True)
class Sites:
    """Scores of every site left out.

    Attributes
    ----------
    column : str
        Column of the sites.
    name : str
        The score: ``'auc'`` of classes, ``'pearson'`` of ratings. Both compare people of one site with each other, so
        that a site's level is no merit.
    sites : tuple of Site
    mean : Score
        Mean over the sites; interval and test over people, which allow for what two sites share by chance counting
        twice.
    low, high : float
        95 % interval of that mean over sites (Student's t on the scale of Fisher's z): what other sites may be expected
        to show. NaN for two, and where all show the same.
    known : Score
        The score with people of all sites in training and test, as folds over people give it.
    fall : dict of str to ScoreDifference
        Scores of folds over people less those with the site left out, on the same samples.
    """

    column: str
    name: str
    sites: tuple[Site, ...]
    mean: Score
    low: float
    high: float
    known: Score
    fall: dict[str, ScoreDifference]

    @property
    def called(self) -> tuple[str, str]:
        """What is left out, one and several: sites, or groups of people by the column that was given for them."""
        return site_words(self.column)

    @property
    def falls(self) -> bool:
        """Whether a model that does better than chance with every site in training is worse with the site left out."""
        return better_than_chance(self.known) and self.fall[self.name].low > 0

    def words(self) -> str:
        """The comparison in sentences.

        That a model learns the site is said only where it does better than chance with every site in training, and
        that falls with the site left out.
        """
        one, many = self.called
        name = {"auc": "area under the ROC curve", "pearson": "correlation"}.get(self.name, self.name)
        mean, known, fall = self.mean, self.known, self.fall[self.name]
        text = f"{len(self.sites)} {many}, each left out once: mean {name} within them {number(mean.value)} ("
        text += (
            f"{between(mean.low, mean.high, mean.people, 2, mean.withheld)} over people; chance {number(mean.chance)}"
        )
        text += f"; {between(self.low, self.high, 0, 2)} over {many})" if self.low == self.low else ")"
        text += f"; p {equals(mean.p)}." if mean.p == mean.p else "."
        text += (
            f" Over the people of all {many} at once it is "
            f"{valued(known.value, known.low, known.high, known.people, known.withheld)} with every {one} in training."
        )
        if self.falls:
            text += (
                f" That is {valued(fall.value, fall.low, fall.high, fall.people)} more than over all at once with the "
                f"{one} left out: part of what the model learns there is the {one}, which does not hold elsewhere."
            )
        return text

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        rows = [
            {
                "site": s.site,
                "people": s.people,
                "samples": s.samples,
                **plain_scores({"score": s.score, "known": s.known}),
            }
            for s in self.sites
        ]
        return {
            "column": self.column,
            "name": self.name,
            "sites": rows,
            **plain_scores({"mean": self.mean, "known": self.known}),
            "low": finite(self.low),
            "high": finite(self.high),
            "fall": {name: finite(asdict(each)) for name, each in self.fall.items()},
        }

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Sites:
        """From what ``to_json`` gives."""
        rows = tuple(
            Site(str(row["site"]), int(row["people"]), int(row["samples"]), **scores_of({k: row[k] for k in _OWN}))
            for row in found["sites"]
        )
        mean, known = (scores_of({key: found[key]})[key] for key in ("mean", "known"))
        fall = {name: ScoreDifference.of_json(row) for name, row in found["fall"].items()}
        bounds = (given_number(found["low"]), given_number(found["high"]))
        return cls(str(found["column"]), str(found["name"]), rows, mean, *bounds, known, fall)


_OWN = ("score", "known")
