"""What is covered or left: segments of a picture, points or regions of a face, features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from mien.atlas.places import feature_points
from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.core.topology import MEDIAPIPE_478, topology
from mien.explain.problem import Problem

# SLIC's weight of nearness against colour, as in the LIME studies of faces (30 to 50 segments).
COMPACTNESS = 20.0
# About so many segments unless asked otherwise.
USUAL_SEGMENTS = 50
# SLIC that finds fewer segments than this, and than a quarter of what was asked for, has told nothing apart.
FEW_SEGMENTS = 8
# Segments of fewer pixels hold little more than one colour, which covering them with their own mean keeps.
SMALL_SEGMENT = 100


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Which unit each place of the input belongs to. Places are pixels, facial points or features.

    Attributes
    ----------
    labels : ndarray of int, shape (samples or 1, *places)
        Number of the unit, from 0; -1 for places that are never covered. One row where all samples share it.
    space : str
        What the input is, see ``Features.space``.
    shape : tuple of int
        Of one input.
    name : str
        What the units are: ``'slic'``, ``'grid'``, ``'points'``, ``'features'``, ``'regions'`` or ``'given'``.
    gridded : tuple of bool
        Pictures in which SLIC told nothing apart, so that a regular grid stands in; empty where SLIC was not asked.
    """

    labels: np.ndarray
    space: str
    shape: tuple[int, ...]
    name: str
    gridded: tuple[bool, ...] = ()

    def of(self, sample: int) -> np.ndarray:
        """Labels of one sample, shape (*places)."""
        return self.labels[sample if len(self.labels) > 1 else 0]

    def count(self, sample: int) -> int:
        """Number of units of one sample."""
        return int(self.of(sample).max(initial=-1)) + 1

    @property
    def most(self) -> int:
        """Largest number of units of any sample."""
        return int(self.labels.max(initial=-1)) + 1

    @property
    def small(self) -> bool:
        """Whether these are segments of pictures of so few pixels that each is about one colour."""
        return self.space == PICTURE and self.labels[0].size < SMALL_SEGMENT * self.most

    def masks(self, sample: np.ndarray, kept: np.ndarray, device: torch.device) -> torch.Tensor:
        """Which values stay; bool, broadcasts against a batch of inputs.

        Parameters
        ----------
        sample : ndarray of int, shape (rows,)
            The sample that each row is a version of.
        kept : ndarray of bool, shape (rows, units)
        """
        always = np.concatenate([kept, np.ones((len(kept), 1), dtype=bool)], axis=1)
        if len(self.labels) == 1 or (sample == sample[0]).all():
            labels = self.of(int(sample[0])).reshape(-1)
            stay = torch.from_numpy(always).to(device)[:, torch.from_numpy(labels).to(device)]
        else:
            labels = self.labels[sample].reshape(len(sample), -1)
            labels = np.where(labels < 0, kept.shape[1], labels)
            stay = torch.gather(torch.from_numpy(always), 1, torch.from_numpy(labels)).to(device)
        return self.fitted(stay)

    def fitted(self, places: torch.Tensor) -> torch.Tensor:
        """Rows of values per place, (rows, places), in the form that broadcasts against inputs."""
        return fitted(places, self.space, self.shape)

    def spread(self, sample: int, values: np.ndarray) -> np.ndarray:
        """Values of units, shape (units,), as one sample's evidence.

        A picture's pixel bears the whole value of its segment. Elsewhere a unit's value is shared equally among its
        elements, so that sums stay in the unit of the output.
        """
        labels = self.of(sample)
        whole = np.append(np.asarray(values, dtype=np.float64), 0.0)
        if self.space == PICTURE:
            return whole[labels][None].astype(np.float32)
        size = np.bincount(labels[labels >= 0], minlength=len(values)).clip(1)
        each = np.append(whole[:-1] / size, 0.0)[labels]
        return spread_places(each, self.space, self.shape)


def fitted(places: torch.Tensor, space: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Rows of values per place, (rows, places), in the form that broadcasts against inputs."""
    if space == PICTURE:
        return places.reshape(-1, 1, *shape[1:])
    return places[:, None, :, None] if space == SEQUENCE else places


def spread_places(values: np.ndarray, space: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values per place as one sample's evidence; a point's is shared among its frames and coordinates."""
    if space == PICTURE:
        return values.reshape(1, *shape[1:]).astype(np.float32)
    if space == SEQUENCE:
        values = np.broadcast_to(values[None, :, None] / (shape[0] * shape[2]), shape)
    return values.astype(np.float32)


def units_of(problem: Problem, segments: Any = "auto", n_segments: int = USUAL_SEGMENTS) -> Segmentation:
    """The units that a method covers.

    Parameters
    ----------
    problem : Problem
    segments : str or array of int
        ``'auto'``: SLIC segments of pictures (a grid where scikit-image is not installed), the points of sequences,
        the features of named features. ``'slic'``, ``'grid'``: for pictures. ``'regions'``: the face's regions, for
        sequences with a topology and named features. An array: the unit of each place, (height, width), (points,) or
        (features,), or the same with a first axis of samples; -1 for places that are never covered.
    n_segments : int
        About how many segments a picture is cut into.

    Raises
    ------
    InputError
        If the segments do not fit the input.
    """
    shape = problem.values.shape[1:]
    places = shape[1:] if problem.space == PICTURE else (shape[1],) if problem.space == SEQUENCE else shape
    if not isinstance(segments, str):
        if n_segments != USUAL_SEGMENTS:
            raise InputError("n_segments is for segments that mien finds, but segments is an array; leave it out.")
        return Segmentation(_checked(segments, places, len(problem.values)), problem.space, shape, "given")
    known = {
        PICTURE: ("auto", "slic", "grid"), SEQUENCE: ("auto", "regions"), NAMED: ("auto", "regions"),
    }[problem.space]  # fmt: skip
    if segments not in known:
        hint = (
            " Regions of pictures are given as an array of integers (height, width)."
            if problem.space == PICTURE
            else ""
        )
        raise InputError(
            f"For {problem.space}, segments is {', '.join(known)} or an array of integers, but got '{segments}'.{hint}"
        )
    if problem.space == PICTURE:
        if n_segments < 2:
            raise InputError(f"n_segments is at least 2, but got {n_segments}.")
        own = segments == "slic" or (segments == "auto" and find_spec("skimage") is not None)
        if not own:
            return Segmentation(_grid(places[0], places[1], n_segments)[None], problem.space, shape, "grid")
        labels, gridded = _slic(problem.values, n_segments)
        return Segmentation(labels, problem.space, shape, "slic", gridded)
    if n_segments != USUAL_SEGMENTS:
        raise InputError(
            f"n_segments is for pictures; of {problem.space} the points or features are covered one by one, or as "
            "segments='regions' or an array says. Leave n_segments out."
        )
    if segments == "regions":
        return Segmentation(_regions(problem)[None], problem.space, shape, "regions")
    name = "points" if problem.space == SEQUENCE else "features"
    return Segmentation(np.arange(places[0])[None], problem.space, shape, name)


def _checked(segments: Any, places: tuple[int, ...], samples: int) -> np.ndarray:
    array = np.asarray(segments)
    if array.dtype.kind not in "iu" or array.shape not in (places, (samples, *places)):
        raise InputError(
            f"segments is an array of integers of shape {places} or {(samples, *places)}, "
            f"but has shape {array.shape} and type {array.dtype}."
        )
    array = array.reshape(-1, *places)
    if array.min(initial=0) < -1:
        raise InputError(
            f"segments numbers the units from 0, with -1 for places that are never covered, but holds {array.min()}."
        )
    if any(len(np.unique(row[row >= 0])) < 2 for row in array):
        raise InputError(
            "segments has to tell at least two units apart in every sample, but holds one only; what one unit is worth "
            "is the whole output."
        )
    rows = [np.unique(row, return_inverse=True) for row in array]
    # Numbers may have holes; units are counted from 0, and everything below 0 is no unit.
    return np.stack(
        [np.maximum(inverse.reshape(places) - int((result < 0).sum()), -1).astype(np.int64) for result, inverse in rows]
    )


def _grid(height: int, width: int, count: int) -> np.ndarray:
    """About ``count`` rectangles of nearly square form."""
    rows = max(1, min(height, round((count * height / width) ** 0.5)))
    columns = max(1, min(width, round(count / rows)))
    return (np.arange(height) * rows // height)[:, None] * columns + np.arange(width) * columns // width


def _slic(pictures: np.ndarray, count: int) -> tuple[np.ndarray, tuple[bool, ...]]:
    """SLIC segments of each picture, and for which it found too few, so that a grid stands in."""
    from mien.core.extras import require

    segmentation = require("skimage.segmentation", "SLIC segments", "demo")
    labels, gridded = [], []
    for picture in pictures:
        low, high = float(picture.min()), float(picture.max())
        scaled = np.moveaxis((picture - low) / ((high - low) or 1.0), 0, -1).astype(np.float64)
        colour = scaled.shape[-1] == 3
        result = segmentation.slic(
            scaled if colour else scaled[..., 0], n_segments=count, compactness=COMPACTNESS if colour else 0.2,
            start_label=0, channel_axis=-1 if colour else None,
        )  # fmt: skip
        # Where colours tell no segments apart (noise), SLIC joins almost everything.
        parts = len(np.unique(result))
        # Of a tiny picture half of them already means that what is asked about is lost in a large one.
        small = result.size < SMALL_SEGMENT * count
        gridded.append(parts < 2 or parts < (count / 2 if small else min(count / 4, FEW_SEGMENTS)))
        labels.append(_grid(result.shape[0], result.shape[1], count) if gridded[-1] else result.astype(np.int64))
    return np.stack(labels), tuple(gridded)


def _regions(problem: Problem) -> np.ndarray:
    if problem.space == SEQUENCE:
        if not problem.topology:
            raise InputError(
                f"The regions of {problem.values.shape[2]} points are not known; give their units as segments=..."
            )
        return _numbered(list(topology(problem.topology).region_of))
    whole = topology(MEDIAPIPE_478)
    about = [
        " and ".join(sorted({str(whole.region_of[i]) for i in feature_points(name, MEDIAPIPE_478)}))
        for name in problem.names
    ]
    if not any(about):
        raise InputError("No feature's name says where on the face it is; give their units as segments=...")
    return _numbered(about)


def _numbered(names: Sequence[str]) -> np.ndarray:
    """Numbers of names, in the order in which they first occur; -1 for those without a name."""
    order = {name: i for i, name in enumerate(dict.fromkeys(name for name in names if name))}
    return np.array([order.get(name, -1) for name in names])
