"""Evidence on the canonical face: one map per sample, tables of regions, averages over people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.atlas.canonical_map import HEIGHT, spread_over, to_canonical
from mien.atlas.face_regions import region_map
from mien.atlas.places import on_points
from mien.atlas.region_columns import LEAST_SEEN
from mien.atlas.summary import topology_of
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION, Evidence
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.core.placing import place_of
from mien.core.target import Target
from mien.stats import student
from mien.stats.subjects import codes_of


@dataclass(frozen=True, eq=False)
class AtlasMaps:
    """Evidence of several samples, carried to the canonical face.

    Attributes
    ----------
    values : ndarray of float32, shape (samples, height, width)
        Signed amounts per pixel of the canonical face, in the unit of the explained output (of ``shares``: parts of the
        sample's absolute evidence). NaN outside the face, where a sample does not show a place, and in samples without
        evidence.
    sample, subject, label : ndarray of str, shape (samples,)
    target : Target
    method : str
    directed : bool
        Whether + and - are for and against the target.
    """

    __repr__ = brief

    values: np.ndarray
    sample: np.ndarray
    subject: np.ndarray
    label: np.ndarray
    target: Target
    method: str
    directed: bool

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise InputError(f"Maps have the shape (samples, height, width), but got {self.values.shape}.")
        for name in ("sample", "subject", "label"):
            if len(getattr(self, name)) != len(self.values):
                raise InputError(
                    f"There are {len(self.values)} maps, but {len(getattr(self, name))} values of '{name}'."
                )

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> AtlasMaps:
        """Some samples: a mask, numbers of rows, or a slice."""
        names = ("values", "sample", "subject", "label")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def shares(self) -> AtlasMaps:
        """Each sample's map divided by the sum of its absolute evidence on the face."""
        with np.errstate(invalid="ignore", divide="ignore"):
            total = np.nansum(np.abs(self.values), axis=(1, 2), keepdims=True)
            return replace(self, values=np.where(total > 0, self.values / total, np.nan).astype(np.float32))

    def by_region(self) -> RegionTable:
        """Evidence of each sample by region of the canonical face."""
        label, names = region_map(self.values.shape[1])
        count = len(names)
        code = label.ravel()
        area = np.bincount(code, minlength=count).astype(float)
        flat = self.values.reshape(len(self), -1)
        known = np.isfinite(flat)
        positive, negative, seen = np.zeros((3, len(self), count))
        for row, (value, there) in enumerate(zip(flat, known, strict=True)):
            filled = np.where(there, value, 0.0)
            positive[row] = np.bincount(code, np.maximum(filled, 0.0), count)
            negative[row] = np.bincount(code, np.maximum(-filled, 0.0), count)
            seen[row] = np.bincount(code, there, count) / area
        inside = slice(1, None)
        hidden = seen[:, inside] < LEAST_SEEN
        positive, negative = (np.where(hidden, np.nan, part[:, inside]) for part in (positive, negative))
        return RegionTable(names[inside], positive, negative, seen[:, inside], area[inside] / area[inside].sum())


@dataclass(frozen=True, eq=False)
class RegionTable:
    """Evidence by region, shape (samples, regions) each; NaN where a sample shows less than half of the region.

    Attributes
    ----------
    names : tuple of str
    positive, negative : ndarray
        Sums of what speaks for and of what speaks against the target, both as positive numbers.
    seen : ndarray
        Part of the region that the sample shows, 0 to 1.
    area : ndarray, shape (regions,)
        Part of the face's area.
    """

    names: tuple[str, ...]
    positive: np.ndarray
    negative: np.ndarray
    seen: np.ndarray
    area: np.ndarray

    def share(self) -> np.ndarray:
        """Part of the sample's absolute evidence on the face."""
        return self._of_all(self.positive + self.negative)

    def positive_share(self) -> np.ndarray:
        """Part of the absolute evidence that lies in the region and speaks for the target."""
        return self._of_all(self.positive)

    def negative_share(self) -> np.ndarray:
        """Part of the absolute evidence that lies in the region and speaks against the target."""
        return self._of_all(self.negative)

    def density(self) -> np.ndarray:
        """Share for each share of the face's area: 1 is an even spread."""
        return self.share() / self.area

    def _of_all(self, part: np.ndarray) -> np.ndarray:
        total = np.nansum(self.positive + self.negative, axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(total > 0, part / total, np.nan))


def atlas_maps(evidence: Evidence, points_px: np.ndarray | None = None, height: int = HEIGHT) -> AtlasMaps:
    """Carry evidence to the canonical face.

    Parameters
    ----------
    evidence : Evidence
        About pictures, landmarks over time, or named features; the latter two are put on the points they are about.
    points_px : ndarray, shape (samples, 478, 468 or 68, 2 or 3), optional
        For pictures: the faces' points in pixels of the photo (``Faces.landmarks_px``), NaN where there is no face.
    height : int
        Of the canonical face, pixels.

    Returns
    -------
    AtlasMaps
        Samples without evidence or without a face have maps of NaN.

    Raises
    ------
    InputError
        If pictures come without points, or it is not known where their crops lie, or features have no place on a face.
    """
    if evidence.space == PICTURE:
        values = _of_pictures(evidence, points_px, height)
    else:
        values = spread_over(amounts_at_points(evidence), height)
    values = np.where((evidence.status == "ok")[:, None, None], values, np.nan).astype(np.float32)
    directed = bool(evidence.settings.get(SIGN_IS_DIRECTION, True))
    return AtlasMaps(
        values, evidence.sample, evidence.subject, evidence.label, evidence.target, evidence.method, directed
    )


def _of_pictures(evidence: Evidence, points_px: np.ndarray | None, height: int) -> np.ndarray:
    if points_px is None or len(points_px) != len(evidence):
        raise InputError(
            f"Evidence about pictures needs the points of each face: {len(evidence)} samples, but "
            f"{'none' if points_px is None else len(points_px)} were given."
        )
    points = np.array(points_px, dtype=np.float64)
    for row in np.flatnonzero(np.isfinite(points).all((1, 2))):
        matrix, _ = place_of(evidence.columns, int(row))
        back = np.linalg.inv(matrix[:, :2])
        # The matrix counts from the middle of the first pixel.
        points[row, :, :2] = (points[row, :, :2] - 0.5 - matrix[:, 2]) @ back.T + 0.5
        if points.shape[2] == 3:
            points[row, :, 2] *= np.sqrt(abs(np.linalg.det(back)))
    return to_canonical(evidence.values.sum(axis=1), points, height)


def amounts_at_points(evidence: Evidence) -> np.ndarray:
    """Evidence about landmarks over time or named features, on the points that it is about.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    ndarray of float64, shape (samples, points)
        For all points of a topology; sums over time and coordinates, signed.

    Raises
    ------
    InputError
        If the points are not a whole topology, or features have no place on a face.
    """
    place = topology_of(evidence)
    if not place or place.endswith("]"):
        raise InputError(
            f"Evidence about {evidence.space} can be carried to the canonical face where it is about all 478, 468 or "
            "68 points, or about features that have a place on the face."
        )
    values = evidence.values.astype(np.float64)
    if evidence.space == SEQUENCE:
        return np.asarray(values.sum(axis=(1, 3)))
    if evidence.space != NAMED:
        raise InputError(f"Evidence about {evidence.space} has no place on the canonical face.")
    return np.asarray(values @ np.stack([on_points(one, evidence.names, place) for one in np.eye(len(evidence.names))]))


@dataclass(frozen=True, eq=False)
class MeanMap:
    """Mean over people of each person's mean map, shape (height, width) each; NaN where fewer than two show the place.

    Attributes
    ----------
    mean, low, high : ndarray of float64
        With the 95 % interval of Student's t of each pixel alone.
    people : ndarray of int
        Who show the place.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    people: np.ndarray


def person_maps(maps: AtlasMaps) -> tuple[np.ndarray, np.ndarray]:
    """Each person's mean map, shape (people, height, width), and who they are; places that no sample shows are NaN."""
    people, code = codes_of(maps.subject)
    total = np.zeros((len(people), *maps.values.shape[1:]))
    count = np.zeros(total.shape, dtype=np.int32)
    for value, person in zip(maps.values, code, strict=True):
        known = np.isfinite(value)
        total[person] += np.where(known, value, 0.0)
        count[person] += known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, total / count, np.nan), people


def mean_map(maps: AtlasMaps, *, level: float = 0.95) -> MeanMap:
    """The mean map over people, with the interval of each pixel.

    Parameters
    ----------
    maps : AtlasMaps
        Of one class, group or model; ``maps[mask]`` takes some.
    level : float
    """
    values, _ = person_maps(maps)
    known = np.isfinite(values)
    people = known.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(0) / people
        variance = (np.where(known, values - mean, 0.0) ** 2).sum(0) / (people - 1)
        half = student.ppf(0.5 + level / 2, people - 1) * np.sqrt(variance / people)
    few = people < 2
    mean, low, high = (np.where(few, np.nan, part) for part in (mean, mean - half, mean + half))
    return MeanMap(mean, low, high, people)
