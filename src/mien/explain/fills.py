"""What stands where something is covered."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.explain.problem import Problem
from mien.explain.units import Segmentation

PICTURE_FILLS = ("zero", "mean", "segment mean", "blur", "inpaint", "training mean")
OTHER_FILLS = ("training mean", "zero")
# How strongly a picture is blurred, by what for: the Gaussian's standard deviation as a share of the shorter side, and
# what stands behind the edge.
BLURS = {
    # No facial feature is left.
    "fill": (1 / 12, cv2.BORDER_REFLECT_101),
    # As in the insertion game of RISE (Petsiuk et al. 2018): 10 pixels at 224.
    "insertion": (10 / 224, cv2.BORDER_REPLICATE),
    # Little expression is left, but still a face: with twice as much, or with black, the landmarker sees none on part
    # of the way.
    "baseline": (1 / 24, cv2.BORDER_REPLICATE),
}
# Neighbourhood of Telea's in-painting, pixels.
RADIUS = 3.0


class Fill:
    """The inputs from which covered places are taken.

    Parameters
    ----------
    problem : Problem
    kind : str or array
        Pictures: ``'zero'``, ``'mean'`` (the picture's mean colour), ``'segment mean'`` (each segment's own),
        ``'blur'``, ``'inpaint'`` (each segment alone, from what surrounds it), ``'training mean'`` (mean of the
        reference). Other inputs: ``'training mean'`` or ``'zero'``. An array: the input that is shown instead.
    usual : str
        What ``'auto'`` means for pictures; elsewhere it is the training mean.
    units : Segmentation, optional
        Needed by the fills that look at segments.

    Raises
    ------
    InputError
        If there is no such fill for this input, or the training mean is that of the one sample itself.
    """

    def __init__(self, problem: Problem, kind: Any, usual: str, units: Segmentation | None = None) -> None:
        self.problem, self.units = problem, units
        self.shape = problem.values.shape[1:]
        self.given: np.ndarray | None = None
        if not isinstance(kind, str):
            self.given, self.name = self._checked(kind), "given"
            return
        picture = problem.space == PICTURE
        self.name = kind if kind != "auto" else usual if picture else "training mean"
        known = [name for name in (PICTURE_FILLS if picture else OTHER_FILLS) if units or name not in _BY_SEGMENT]
        if self.name not in known:
            raise InputError(
                f"For {problem.space} this method's fill is {', '.join(known)} or an array, but got '{kind}'."
            )
        if self.name == "training mean":
            self.given = problem.reference.mean(axis=0, dtype=np.float64).astype(np.float32)
            if problem.total == 1 and np.array_equal(self.given, problem.values[0]):
                raise InputError(
                    "Covered places would get the training mean, but the only reference is the sample itself: "
                    "give reference=..., or another fill such as 'zero'."
                )

    def _checked(self, given: Any) -> np.ndarray:
        try:
            return np.array(np.broadcast_to(np.asarray(given, dtype=np.float32), self.shape))
        except (ValueError, TypeError) as error:
            raise InputError(f"fill is an array that broadcasts to one input, {self.shape}: {error}.") from error

    def of(self, sample: int) -> np.ndarray:
        """What is shown of one sample where it is covered; float32, shape of one input."""
        if self.given is not None:
            return self.given
        value = self.problem.values[sample]
        if self.name == "zero":
            return np.zeros_like(value)
        if self.name == "mean":
            return np.broadcast_to(value.mean(axis=(1, 2), keepdims=True), self.shape).copy()
        if self.name == "blur":
            return blurred(value)
        assert self.units is not None
        labels = self.units.of(sample)
        if self.name == "segment mean":
            return _segment_means(value, labels)
        filled = value.copy()
        for unit in range(self.units.count(sample)):
            covered = labels == unit
            filled[:, covered] = inpainted(value, covered)[:, covered]
        return filled

    def all(self) -> np.ndarray:
        """That of every sample; shape of the inputs, or (1, ...) where all share one."""
        if self.given is not None:
            return self.given[None]
        return np.stack([self.of(sample) for sample in range(len(self.problem.values))])


_BY_SEGMENT = ("segment mean", "inpaint")


def _segment_means(picture: np.ndarray, labels: np.ndarray) -> np.ndarray:
    flat = np.where(labels < 0, labels.max() + 1, labels).ravel()
    size = np.bincount(flat).clip(1)
    means = np.stack([np.bincount(flat, channel.ravel().astype(np.float64)) / size for channel in picture])
    return means[:, flat].reshape(picture.shape).astype(np.float32)


def blurred(picture: np.ndarray, strength: str = "fill") -> np.ndarray:
    """A picture (channels, height, width) without detail; ``strength`` is one of ``BLURS``."""
    share, border = BLURS[strength]
    sigma = max(1.0, min(picture.shape[1:]) * share)
    channels = [cv2.GaussianBlur(np.ascontiguousarray(one), (0, 0), sigma, borderType=border) for one in picture]
    return np.stack(channels)


def inpainted(picture: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """A picture (channels, height, width) with a covered part filled from its surroundings (Telea 2004).

    A picture that is covered completely has no surroundings; it gets its mean colour.
    """
    if covered.all():
        return np.broadcast_to(picture.mean(axis=(1, 2), keepdims=True), picture.shape).astype(np.float32)
    mask = covered.astype(np.uint8)
    # OpenCV's result is off by up to about one, so the picture is stretched over a range where that is nothing.
    low, high = float(picture[:, ~covered].min()), float(picture[:, ~covered].max())
    stretch = 1e4 / ((high - low) or 1.0)
    filled = [
        cv2.inpaint(np.ascontiguousarray((channel - low) * stretch), mask, RADIUS, cv2.INPAINT_TELEA)
        for channel in picture
    ]
    return np.where(covered, (np.stack(filled) / stretch + low).clip(low, high), picture).astype(np.float32)
