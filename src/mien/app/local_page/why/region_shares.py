"""A region's share of the evidence: on this face, in this person, in everybody, beside its share of the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.atlas.face_regions import region_map
from mien.atlas.places import on_points
from mien.atlas.summary import topology_of
from mien.atlas.tables import ATLAS, FEATURES, LANDMARKS, evidence_table, vocabularies
from mien.atlas.words import feature_words
from mien.core.evidence import Evidence
from mien.core.features import NAMED, PICTURE
from mien.core.topology import topology
from mien.stats.paired import SubjectMean, subject_mean


@dataclass(frozen=True)
class RegionShare:
    """One region's part of the absolute evidence.

    Attributes
    ----------
    name : str
    here : float
        On this face; NaN where it shows too little of the region.
    person : float
        Mean over this person's faces; NaN where the person is not known.
    person_faces : int
    everybody : SubjectMean
        Over people, each of whom weighs the same.
    even : float
        What an even spread would give; NaN where that is not known.
    """

    name: str
    here: float
    person: float
    person_faces: int
    everybody: SubjectMean
    even: float

    @property
    def density(self) -> float:
        """Everybody's share for each share of an even spread."""
        return self.everybody.value / self.even if self.even > 0 else float("nan")


def region_shares(evidence: Evidence, sample: str) -> list[RegionShare]:
    """Shares by region, the largest over people first.

    Parameters
    ----------
    evidence : Evidence
        Of one target, about many faces, or about this one alone.
    sample : str
        Which face.

    Notes
    -----
    Intervals are Student's t over people's means (95 %), so that several faces of one person are not counted as
    independent; they are withheld (NaN) where the person of some face is not known.
    """
    words = _words_of(evidence)
    table, names = evidence_table(evidence, "share", words)
    even = _even(evidence, words, names)
    row = int(np.flatnonzero(evidence.sample == sample)[0])
    who = evidence.subject[row]
    of_person = (evidence.subject == who) & bool(who)
    known = all(evidence.subject)
    found = []
    for column, name in enumerate(names):
        values = table[:, column]
        own = values[of_person]
        own = own[np.isfinite(own)]
        people = evidence.subject if known else np.arange(len(values)).astype(str)
        mean = subject_mean(values, people)
        if not known:
            mean = SubjectMean(mean.value, float("nan"), float("nan"), mean.samples, 0)
        found.append(
            RegionShare(
                feature_words(name, topology_of(evidence)) if words == FEATURES else name,
                float(values[row]),
                float(own.mean()) if len(own) else float("nan"),
                len(own),
                mean,
                even.get(name, float("nan")),
            )
        )
    return sorted(found, key=lambda one: -np.nan_to_num(one.everybody.value))


def even_words(evidence: Evidence) -> str:
    """What an even spread is, in words."""
    words = _words_of(evidence)
    return "share of the face's area" if words == ATLAS else "share of what the model looks at"


def _words_of(evidence: Evidence) -> str:
    """As tables and the report: points and measures by the regions of their points, pictures by those of the face."""
    known = vocabularies(evidence)
    return LANDMARKS if evidence.space != PICTURE and LANDMARKS in known else known[0]


def _even(evidence: Evidence, words: str, names: tuple[str, ...]) -> dict[str, float]:
    if words == ATLAS:
        label, regions = region_map()
        area = np.bincount(label.ravel(), minlength=len(regions)).astype(float)
        return dict(zip(regions[1:], (area[1:] / area[1:].sum()).tolist(), strict=True))
    if words == FEATURES:
        return dict.fromkeys(names, 1 / len(names))
    place = topology_of(evidence)
    if not place:
        return {}
    points = np.full(len(topology(place)), 1 / len(topology(place)))
    if evidence.space == NAMED:
        points = on_points(np.ones(len(evidence.names)), evidence.names, place) / len(evidence.names)
    return {name: float(points[part].sum()) for name, part in topology(place).regions.items()}
