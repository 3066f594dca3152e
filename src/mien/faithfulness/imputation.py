"""Noisy linear imputation: what is removed is guessed from what is left, so that the gap itself says nothing.

Rong, Leemann, Borisov, Kasneci & Kasneci, "A consistent and efficient evaluation strategy for attribution methods"
(ROAD), ICML 2022: with gaps of one colour a network sees the shape of what was removed; a linear guess hides it. For
pictures this is their rule; for points and features, which have no neighbours on a grid, it is the linear guess with
the least expected error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.features import NAMED
from mien.faithfulness.units import Units

NOISE = 0.01  # in standard deviations of the input
# Direct neighbours weigh twice as much as diagonal ones; without the borders' losses 4/6 + 4/12 = 1.
_KERNEL = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]], np.float32) / 12
_TOLERANCE = 1e-4
_MOST_ITERATIONS = 500


def picture_imputer(values: np.ndarray, units: Units, seed: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Imputation for pictures; ``values`` (samples, channels, height, width)."""
    noise = NOISE * float(values.std()) if values.size else 0.0

    def impute(rows: np.ndarray, kept: np.ndarray) -> np.ndarray:
        masks = units.mask(kept)[:, 0]
        result = values[rows].copy()
        for number, (row, mask) in enumerate(zip(rows, masks, strict=True)):
            if mask.all():
                continue
            result[number] = filled_picture(values[row], mask)
            rng = np.random.default_rng([seed, int(row), int(mask.sum())])
            result[number][:, ~mask] += noise * rng.standard_normal((len(result[number]), int((~mask).sum())))
        return result

    return impute


def filled_picture(picture: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Every missing pixel the weighted mean of its eight neighbours, missing ones included.

    Parameters
    ----------
    picture : ndarray of float32, shape (channels, height, width)
    kept : ndarray of bool, shape (height, width)

    Returns
    -------
    ndarray of float32, shape (channels, height, width)
        Where nothing is kept, the mean of each channel.
    """
    if not kept.any():
        return np.broadcast_to(picture.mean(axis=(1, 2), keepdims=True), picture.shape).astype(np.float32)
    gaps = (~kept).astype(np.float32)[..., None]
    known = np.ascontiguousarray(picture.transpose(1, 2, 0), dtype=np.float32)
    level = known.mean(axis=(0, 1))  # float32 counts finest around zero
    known = known - level
    weight = _neighbours(np.ones(known.shape, np.float32))
    guess = _coarse_guess(known.transpose(2, 0, 1), kept).transpose(1, 2, 0).astype(np.float32)
    x = guess * gaps
    # Conjugate gradients; each row is multiplied by the sum of its weights, which makes the matrix symmetric.
    rest = (_neighbours(known * (1 - gaps)) - weight * x + _neighbours(x)) * gaps
    direction, size = rest, float(np.vdot(rest, rest))
    enough = (_TOLERANCE * max(float(np.ptp(known)), 1e-12)) ** 2 * float(gaps.sum()) * known.shape[2]
    for _ in range(_MOST_ITERATIONS):
        if size <= enough:
            break
        bent = (weight * direction - _neighbours(direction)) * gaps
        step = size / float(np.vdot(direction, bent))
        x = x + step * direction
        rest = rest - step * bent
        before, size = size, float(np.vdot(rest, rest))
        direction = rest + (size / before) * direction
    filled: np.ndarray = np.where(gaps > 0, x, known) + level
    return np.where(kept, picture, filled.transpose(2, 0, 1)).astype(np.float32)


def _neighbours(values: np.ndarray) -> np.ndarray:
    """Weighted sum of the eight neighbours, (height, width, channels); nothing lies beyond the border."""
    result = cv2.filter2D(values, -1, _KERNEL, borderType=cv2.BORDER_CONSTANT)
    return result.reshape(values.shape)


def _coarse_guess(picture: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Gaps filled from ever coarser means of what is kept: close to the answer, so that few iterations remain."""
    known = kept.astype(np.float64)
    total = np.where(kept, picture, 0.0).astype(np.float64)
    return _pyramid(total, known)


def _pyramid(total: np.ndarray, known: np.ndarray) -> np.ndarray:
    height, width = known.shape
    mean = np.divide(total, known, out=np.zeros_like(total), where=known > 0)
    if min(height, width) < 2 or (known > 0).all():
        fallback = total.sum(axis=(1, 2)) / max(known.sum(), 1e-12)
        return np.where(known > 0, mean, fallback[:, None, None])
    pad = ((0, height % 2), (0, width % 2))
    coarse_known = _halved(np.pad(known, pad)[None])[0]
    coarse = _pyramid(_halved(np.pad(total, ((0, 0), *pad))), coarse_known)
    finer = coarse.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]
    return np.where(known > 0, mean, finer)


def _halved(values: np.ndarray) -> np.ndarray:
    count, height, width = values.shape
    return values.reshape(count, height // 2, 2, width // 2, 2).sum(axis=(2, 4))


def gaussian_imputer(
    values: np.ndarray, reference: np.ndarray, units: Units, seed: int
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Imputation for points and features: the best linear guess from those that are left.

    The covariance of the units is that of the reference samples (of points: over samples, frames and coordinates
    together), shrunk as Ledoit & Wolf 2004 propose.

    Raises
    ------
    InputError
        If there are fewer than two reference samples.
    """
    if len(reference) < 2:
        raise InputError("ROAD needs at least two reference samples to learn what the parts say of each other.")
    mean = reference.mean(axis=0, dtype=np.float64)
    spread = reference.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 0, spread, 1.0)
    apart = _by_unit((reference - mean) / spread, units)
    rows = apart.reshape(-1, units.count)
    covariance: Any = require("sklearn.covariance", "ROAD", "learn").ledoit_wolf(rows, assume_centered=True)[0]
    precision = np.linalg.inv(covariance + 1e-6 * np.eye(units.count))

    def impute(rows: np.ndarray, kept: np.ndarray) -> np.ndarray:
        result = values[rows].copy()
        for number, (row, left) in enumerate(zip(rows, kept, strict=True)):
            gone = np.flatnonzero(~left)
            if not len(gone):
                continue
            own = _by_unit(((values[row] - mean) / spread)[None], units)  # (frames and coordinates, units)
            guess = -np.linalg.solve(precision[np.ix_(gone, gone)], precision[np.ix_(gone, left)] @ own[:, left].T)
            rng = np.random.default_rng([seed, int(row), len(gone)])
            guess += NOISE * rng.standard_normal(guess.shape)
            own[:, gone] = guess.T
            result[number] = _from_unit(own, units) * spread + mean
            mask = np.broadcast_to(units.mask(left[None])[0], result[number].shape)
            result[number][mask] = values[row][mask]
        return result

    return impute


def _by_unit(values: np.ndarray, units: Units) -> np.ndarray:
    """Units as the last axis, everything else as rows."""
    return values if units.space == NAMED else values.transpose(0, 1, 3, 2).reshape(-1, units.count)


def _from_unit(rows: np.ndarray, units: Units) -> np.ndarray:
    """One sample back from ``_by_unit``."""
    if units.space == NAMED:
        return rows[0]
    frames, points, coordinates = units.shape
    return rows.reshape(frames, coordinates, points).transpose(0, 2, 1)
