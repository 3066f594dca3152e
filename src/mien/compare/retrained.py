"""Do populations make models look at other places, or does training alone: models of people dealt at random.

Two models that are trained on the same people differ, too. A test over people with the models as they are cannot see
that: it says of these two models that they look at other places. So the whole comparison is made again, training
included, with the people of both populations dealt at random to groups of the same sizes. Where populations make no
difference, the true division is one of these, and exceeds all but a share of p of them with probability p.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.maps import AtlasMaps
from mien.compare.groups import compare
from mien.compare.map_contrast import cluster_masses
from mien.compare.map_distances import map_distance
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.provenance import provenance

RETRAINED_FILE = "retrained.json"
_FORMAT = "mien retrained populations 1"
# Fewer re-trainings cannot give p <= .05.
LEAST_TIMES = 19


@dataclass(frozen=True)
class LookStatistics:
    """How far two looks are apart.

    Attributes
    ----------
    distance : float
        1 - correlation of the mean maps.
    regions : dict of str to float
        t of each facial region's share; regions that too few people show are left out.
    masses : tuple of float
        Of the clusters on the map, largest first.
    """

    distance: float
    regions: dict[str, float]
    masses: tuple[float, ...]


def look_statistics(a: AtlasMaps, b: AtlasMaps, amounts: tuple[AtlasMaps, AtlasMaps], paired: bool) -> LookStatistics:
    """Statistics of two sets of maps, for regions as they are and for places by amounts.

    Raises
    ------
    InputError
        If fewer than four people have maps.
    """
    tables = [maps.by_region() for maps in (a, b)]
    rows = compare(
        tables[0].share(), tables[1].share(), a.subject, b.subject, names=tables[0].names, paired=paired,
        n_permutations=99,
    ).rows  # fmt: skip
    regions = {row.name: row.t for row in rows if np.isfinite(row.t)}
    masses, _ = cluster_masses(*amounts, paired=paired)
    return LookStatistics(map_distance(*amounts), regions, tuple(masses.tolist()))


@dataclass(frozen=True)
class RetrainedContrast:
    """A comparison of two looks beside those of models that were trained on people dealt at random.

    Attributes
    ----------
    model, label, kind : str
    a, b : (str, str)
        As in ``LookContrast``.
    times : int
        Comparisons of dealt people.
    lacking : int
        Of these, how many could not be made; they count as at least as large.
    distance : float
        1 - correlation of the mean maps.
    p_distance : float
        (1 + dealt distances at least as large) / (1 + times).
    p_regions : dict of str to float
        By the largest \\|t\\| of each dealt comparison: family-wise over the regions.
    p_clusters : tuple of float
        By the heaviest cluster of each dealt comparison: family-wise over the face; in the order of the map's clusters.
    outlined : tuple of int
        Places, numbered along the rows of the map, of clusters with p <= .05.
    """

    model: str
    label: str
    kind: str
    a: tuple[str, str]
    b: tuple[str, str]
    times: int
    lacking: int
    distance: float
    p_distance: float
    p_regions: dict[str, float]
    p_clusters: tuple[float, ...]
    outlined: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, tuple[str, str], tuple[str, str]]:
        """Which comparison it is."""
        return self.model, self.label, self.kind, self.a, self.b

    @property
    def least(self) -> float:
        """The smallest p that so many re-trainings can give."""
        return 1 / (1 + self.times)


@dataclass(frozen=True)
class Chance:
    """p of one comparison's statistics among those of dealt people; see ``RetrainedContrast``."""

    lacking: int
    p_distance: float
    p_regions: dict[str, float]
    p_clusters: tuple[float, ...]


def chance_of_training(observed: LookStatistics, dealt: Sequence[LookStatistics | None]) -> Chance:
    """How often people who are dealt at random give as large a difference, training included.

    Parameters
    ----------
    observed : LookStatistics
    dealt : sequence of LookStatistics or None
        None where the comparison could not be made, which counts as at least as large.

    Notes
    -----
    The true division counts as one (Phipson & Smyth 2010). Largest statistics: Westfall & Young 1993.
    """
    known = [one for one in dealt if one is not None]
    lacking = len(dealt) - len(known)
    regions = [max(map(abs, one.regions.values()), default=0.0) for one in known]
    masses = [max(map(abs, one.masses), default=0.0) for one in known]

    def p(value: float, others: Sequence[float]) -> float:
        as_large = sum(other >= abs(value) * (1 - 1e-9) for other in others)
        return (1 + lacking + as_large) / (1 + len(dealt))

    return Chance(
        lacking, p(observed.distance, [one.distance for one in known]),
        {name: p(t, regions) for name, t in observed.regions.items()},
        tuple(p(mass, masses) for mass in observed.masses),
    )  # fmt: skip


@dataclass(frozen=True)
class RetrainedLooks:
    """All comparisons of a study that were made again, and what could not be."""

    rows: tuple[RetrainedContrast, ...] = ()
    notes: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``retrained.json``."""
        facts: dict[str, Any] = {"rows": [asdict(row) for row in self.rows], "notes": list(self.notes)}
        write_json(folder / RETRAINED_FILE, provenance(format=_FORMAT, **facts))

    @classmethod
    def read(cls, folder: Path) -> RetrainedLooks:
        """Read what ``write`` wrote; nothing where there is no such file.

        Raises
        ------
        InputError
            If the file is not what it has to be.
        """
        path = folder / RETRAINED_FILE
        if not path.exists():
            return cls()
        given = read_json(path)
        try:
            if given["format"] != _FORMAT:
                raise KeyError(given["format"])
            pairs = ("a", "b", "p_clusters", "outlined")
            rows = [RetrainedContrast(**{**row, **{name: tuple(row[name]) for name in pairs}}) for row in given["rows"]]
            return cls(tuple(rows), tuple(map(str, given["notes"])))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"{path} is not laid out as a study of populations writes it ({error}); run it again."
            ) from error
