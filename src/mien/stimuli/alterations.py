"""The alterations of pictures by name; a further one is a function and a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mien.core.registry import Row

UNALTERED = "unaltered"


@dataclass(frozen=True)
class PictureAlteration(Row[np.ndarray]):
    """An alteration; its home takes a ``Given`` and gives pixels (height, width, 3), as numbers that may need clipping.

    Attributes
    ----------
    face : bool
        Whether it needs the landmarks of a face.
    """

    face: bool = False

    kind: ClassVar[str] = "alteration"
    room: ClassVar[str] = "mien.stimuli.alter."
    n_given: ClassVar[int] = 1


ALTERATIONS: dict[str, PictureAlteration] = {
    row.name: row
    for row in (
        PictureAlteration(UNALTERED, "turned:unaltered", "the picture as it is"),
        PictureAlteration("inverted", "turned:inverted", "turned by 180 degrees"),
        PictureAlteration("negated", "turned:negated", "light for dark in each channel"),
        PictureAlteration("grey", "turned:grey", "luminance only"),
        PictureAlteration("phase-scrambled", "scrambled:phase_scrambled", "random phases, the same in all channels",
                   "Dakin et al. 2002"),
        PictureAlteration("block-scrambled", "scrambled:block_scrambled", "blocks in random places"),
        PictureAlteration("low-pass", "filtered:low_pass", "coarse structure"),
        PictureAlteration("high-pass", "filtered:high_pass", "fine structure"),
        PictureAlteration("eyes-covered", "covered:eyes_covered", "both eyes covered", face=True),
        PictureAlteration("mouth-covered", "covered:mouth_covered", "the mouth covered", face=True),
    )
}  # fmt: skip


def to_pixels(values: np.ndarray) -> tuple[np.ndarray, float]:
    """8-bit values, rounded and clipped, and the share of the pixels that were clipped in a channel.

    Parameters
    ----------
    values : ndarray, shape (height, width, 3)
    """
    rounded = np.rint(values)
    beyond = ((rounded < 0) | (rounded > 255)).any(axis=2)
    return np.clip(rounded, 0, 255).astype(np.uint8), float(beyond.mean())
