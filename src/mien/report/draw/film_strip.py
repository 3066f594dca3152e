"""A strip of small frames at the moments at which a film shows them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.report.draw.raster import image

# Height of a strip, and the width of the cell that one frame is drawn in, in units of the drawing; pixels of a frame.
HEIGHT, CELL = 34.0, 50.0
_GAP, _PIXELS = 2.0, 150


@dataclass(frozen=True, eq=False)
class StripFrame:
    """A frame of the strip.

    Attributes
    ----------
    run : str
    start_s, width_s : float
        The stretch of the run that it stands for.
    picture : bytes
        A small JPEG without anything but pixels.
    shape : tuple of int
        Its height and width in pixels.
    """

    run: str
    start_s: float
    width_s: float
    picture: bytes
    shape: tuple[int, int]


def strip_frame(run: str, start_s: float, width_s: float, pixels: np.ndarray) -> StripFrame:
    """A frame of the strip from the pixels of a film's frame, shape (height, width, 3)."""
    from PIL import Image

    small = Image.fromarray(pixels)
    small.thumbnail((_PIXELS, _PIXELS))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return StripFrame(run, start_s, width_s, file.getvalue(), (small.height, small.width))


def strip(frames: Sequence[StripFrame], *, left: float, y: float, scale: float) -> list[str]:
    """Frames of one run side by side, each in the middle of its stretch and as large as that allows.

    Parameters
    ----------
    frames : sequence of StripFrame
    left, y : float
        Where the run begins, and the upper edge.
    scale : float
        Units of the drawing per second.
    """
    parts = []
    for frame in frames:
        room = frame.width_s * scale
        share = min(max(room - _GAP, 1.0) / frame.shape[1], HEIGHT / frame.shape[0])
        height, width = frame.shape[0] * share, frame.shape[1] * share
        x = left + frame.start_s * scale + (room - width) / 2
        parts.append(image(frame.picture, x, y + (HEIGHT - height) / 2, width, height))
    return parts
