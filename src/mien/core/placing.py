"""Where a crop lies in its photo, and evidence of the crop put back there."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from mien.core.errors import InputError

# Numbers per sample in ``Evidence.columns``: the matrix from pixels of the crop to pixels of the photo, row by row, and
# the photo's size.
_MATRIX = tuple(f"crop to photo {row} {column}" for row in "xy" for column in ("x", "y", "1"))
_SIZE = ("photo width px", "photo height px")


def place_columns(to_photo: np.ndarray, size_px: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers that say where each sample's crop lies, for ``Evidence.columns``.

    Parameters
    ----------
    to_photo : ndarray, shape (samples, 2, 3)
        From pixels of the crop to pixels of the photo, counted from the middle of the first; NaN where there is none.
    size_px : ndarray, shape (samples, 2)
        Width and height of the photo.
    """
    numbers = np.concatenate([np.reshape(to_photo, (-1, 6)), np.reshape(size_px, (-1, 2))], axis=1)
    return dict(zip((*_MATRIX, *_SIZE), np.asarray(numbers, dtype=np.float64).T, strict=True))


def place_of(columns: Mapping[str, np.ndarray], row: int) -> tuple[np.ndarray, tuple[int, int]]:
    """The matrix (2, 3) from a sample's crop to its photo, and the photo's height and width.

    Raises
    ------
    InputError
        If it is not known where the sample's crop lies.
    """
    numbers = np.array([columns[name][row] for name in (*_MATRIX, *_SIZE) if name in columns])
    if len(numbers) < 8 or not np.isfinite(numbers).all() or not (numbers[6:] >= 1).all():
        raise InputError(
            "Where this sample's face lies in its photo is not known. It is known for photos that were cut by mien: "
            "those of picture models, and all with through='landmarker'."
        )
    return numbers[:6].reshape(2, 3), (int(numbers[7]), int(numbers[6]))


def in_photo(values: np.ndarray, to_photo: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Evidence of a crop placed back in its photo.

    Parameters
    ----------
    values : ndarray, shape (channels, height, width)
    to_photo : ndarray, shape (2, 3)
        From pixels of the crop to pixels of the photo.
    shape : (int, int)
        Height and width of the photo.

    Returns
    -------
    ndarray of float32, shape (channels, *shape)
        Divided by the area of a crop's pixel, so that the sum over the face stays the same.
    """
    area = abs(np.linalg.det(to_photo[:, :2]))
    matrix = to_photo.astype(np.float64)
    if area < 1:
        # A smaller photo: average over what falls into one of its pixels first, or thin lines get lost.
        blur = 0.5 * (1 / np.sqrt(area) - 1) + 1e-3
        values = np.stack([cv2.GaussianBlur(v, (0, 0), blur) for v in np.asarray(values, dtype=np.float32)])
    placed = [cv2.warpAffine(np.asarray(v, dtype=np.float32), matrix, shape[::-1]) for v in values]
    return np.stack(placed).astype(np.float32) / np.float32(area)
