"""A few pictures with the fixations on them and their maps, kept beside the scores so that they can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require

SHOWN_FILE = "shown.safetensors"
# Pictures are kept no larger than this, because they are only drawn.
LONGEST_PX = 480
MOST_SHOWN = 4


@dataclass(frozen=True, eq=False)
class ShownPicture:
    """A picture to be drawn.

    Attributes
    ----------
    name : str
    picture : ndarray of uint8, shape (height, width, 3)
    x, y : ndarray, shape (fixations,)
        Shares of width and height.
    viewer : ndarray of int, shape (fixations,)
    maps : dict of str to ndarray of float32, shape (rows, columns)
        Positive minus negative amount of each map in the cells of the grid.
    """

    name: str
    picture: np.ndarray
    x: np.ndarray
    y: np.ndarray
    viewer: np.ndarray
    maps: dict[str, np.ndarray]


def shown_bytes(shown: Sequence[ShownPicture]) -> bytes:
    """The pictures as the file holds them."""
    arrays: dict[str, np.ndarray] = {}
    for i, one in enumerate(shown):
        arrays[f"{i}|picture|{one.name}"] = np.ascontiguousarray(one.picture, np.uint8)
        arrays[f"{i}|fixations"] = np.ascontiguousarray(np.stack([one.x, one.y, one.viewer]), np.float64)
        arrays |= {f"{i}|map|{name}": np.ascontiguousarray(values, np.float32) for name, values in one.maps.items()}
    stored: bytes = require("safetensors.numpy", "Storing pictures", "learn").save(arrays)
    return stored


def load_shown(folder: Path) -> tuple[ShownPicture, ...]:
    """The pictures of a folder; none where there are none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    path = folder / SHOWN_FILE
    if not path.is_file():
        return ()
    safetensors = require("safetensors", "Reading pictures", "learn")
    try:
        arrays = require("safetensors.numpy", "Reading pictures", "learn").load_file(path)
        result = []
        for i in range(sum("|fixations" in name for name in arrays)):
            [picture] = [name for name in arrays if name.startswith(f"{i}|picture|")]
            x, y, viewer = arrays[f"{i}|fixations"]
            maps = {name.split("|", 2)[2]: a for name, a in arrays.items() if name.startswith(f"{i}|map|")}
            result.append(ShownPicture(picture.split("|", 2)[2], arrays[picture], x, y, viewer.astype(int), maps))
    except (safetensors.SafetensorError, KeyError, ValueError) as error:
        raise InputError(f"{path} is damaged ({error}); run 'mien gaze' again.") from error
    return tuple(result)
