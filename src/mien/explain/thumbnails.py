"""A few of the explained pictures, kept beside their evidence so that drawings can show what was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.extras import require
from mien.core.files import atomic_path

FILE = "shown.safetensors"
# Photos are kept no larger than this, because they are only drawn.
LONGEST_PX = 480


@dataclass(frozen=True, eq=False)
class Shown:
    """Pictures of some samples.

    Attributes
    ----------
    rows : ndarray of int, shape (shown,)
        Which samples of the evidence they are.
    pictures : ndarray of uint8, shape (shown, height, width, 3)
        The explained pictures.
    photos : tuple of ndarray of uint8, each of shape (height, width, 3)
        The photos that they were cut from, made smaller; empty where there are none.
    to_photo : ndarray, shape (shown, 2, 3)
        From pixels of the explained picture to pixels of the photo kept here; shape (0, 2, 3) without photos.
    """

    rows: np.ndarray
    pictures: np.ndarray
    photos: tuple[np.ndarray, ...] = ()
    to_photo: np.ndarray = field(default_factory=lambda: np.zeros((0, 2, 3)))

    def __len__(self) -> int:
        return len(self.rows)


def spread_rows(evidence: Evidence, count: int = 6) -> np.ndarray:
    """Samples that stand for all: from the lowest to the highest output, evenly; at most ``count``, in that order."""
    usable = np.flatnonzero(evidence.ok & np.isfinite(evidence.output))
    order = usable[np.argsort(evidence.output[usable], kind="stable")]
    picked = np.unique(np.linspace(0, max(len(order) - 1, 0), min(count, len(order))).round().astype(int))
    return np.asarray(order[picked], dtype=np.int64)


def displayed(values: np.ndarray) -> np.ndarray:
    """Inputs of a network as pictures to look at.

    Parameters
    ----------
    values : ndarray, shape (samples, channels, height, width)
        1 or 3 channels, in [0, 1] or [0, 255]; anything else (standardised inputs) is stretched to its own range.

    Returns
    -------
    ndarray of uint8, shape (samples, height, width, 3)
    """
    values = np.asarray(values, dtype=np.float32)
    if values.ndim != 4 or values.shape[1] not in (1, 3):
        raise InputError(f"Pictures have the shape (samples, 1 or 3, height, width), but got {values.shape}.")
    low, high = (float(np.nanmin(values)), float(np.nanmax(values))) if values.size else (0.0, 1.0)
    if low >= -1e-3 and high <= 255.5:
        low, high = 0.0, 255.0 if high > 1.001 else 1.0
    scaled = np.nan_to_num((values - low) * (255 / max(high - low, 1e-9))).clip(0, 255).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(scaled, (len(values), 3, *values.shape[2:])).transpose(0, 2, 3, 1))


def small_photo(photo: np.ndarray, to_photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A photo no longer than ``LONGEST_PX``, and the matrix (2, 3) into it."""
    import cv2

    share = min(1.0, LONGEST_PX / max(photo.shape[:2]))
    size = (max(1, round(photo.shape[1] * share)), max(1, round(photo.shape[0] * share)))
    scale = np.array([size[0] / photo.shape[1], size[1] / photo.shape[0]])
    return cv2.resize(photo, size, interpolation=cv2.INTER_AREA), scale[:, None] * to_photo


def save_shown(shown: Shown, folder: str | Path) -> None:
    """Write the pictures into the folder of their evidence."""
    arrays = {"rows": shown.rows, "pictures": shown.pictures, "to_photo": shown.to_photo.astype(np.float64)}
    arrays |= {f"photo {i}": photo for i, photo in enumerate(shown.photos)}
    numpy_io = require("safetensors.numpy", "storing pictures", "learn")
    with atomic_path(Path(folder) / FILE) as temporary:
        numpy_io.save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, temporary)


def load_shown(folder: str | Path) -> Shown | None:
    """The pictures in a folder of evidence; None if there are none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return None
    safetensors = require("safetensors", "reading pictures", "learn")
    numpy_io = require("safetensors.numpy", "reading pictures", "learn")
    try:
        result: dict[str, Any] = numpy_io.load_file(path)
        photos = tuple(result[f"photo {i}"] for i in range(sum(name.startswith("photo ") for name in result)))
        return Shown(result["rows"], result["pictures"], photos, result["to_photo"])
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error}); run 'mien explain' again.") from error
