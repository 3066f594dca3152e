"""Scores at sites that the model has not seen, beside those with people of all sites in training: the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mien.core.files import finite
from mien.core.results import number
from mien.core.words import equals
from mien.learn.beside import ScoreDifference
from mien.learn.plain_scores import plain_scores, scores_of
from mien.stats.scores import Score


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
        Mean over the sites; interval and test over people.
    low, high : float
        95 % interval of that mean over sites (Student's t): what other sites may be expected to show. NaN for two.
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

    def words(self) -> str:
        """The comparison in sentences."""
        name = {"auc": "area under the ROC curve", "pearson": "correlation"}.get(self.name, self.name)
        text = (
            f"{len(self.sites)} sites, each left out once: mean {name} {self.mean.value:.3f} ({self.mean.between} over "
            f"people; chance {self.mean.chance:g}"
        )
        text += f"; {self.low:.3f} to {self.high:.3f} over sites)" if self.low == self.low else ")"
        text += f"; p {equals(self.mean.p)}." if self.mean.p == self.mean.p else "."
        text += (
            f" Over the people of all sites at once it is {self.known.value:.3f} ({self.known.between}) with every "
            "site in training."
        )
        fall = self.fall[self.name]
        if fall.low > 0:
            text += (
                f" That is {fall.value:.3f} more ({fall.between}) than over all at once with the site left out: "
                "part of what the model learns there is the site, which does not hold elsewhere."
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
        bounds = (number(found["low"]), number(found["high"]))
        return cls(str(found["column"]), str(found["name"]), rows, mean, *bounds, known, fall)


_OWN = ("score", "known")
