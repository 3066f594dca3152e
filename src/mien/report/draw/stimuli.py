"""Thumbnails of stimuli: a row for each kind, the same pictures one below the other."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np

from mien.report.draw import svg
from mien.report.draw.raster import image

_SIDE, _GAP, _LABEL, _PIXELS = 92.0, 6.0, 128.0, 144


def thumbnail_rows(rows: Mapping[str, Sequence[np.ndarray]], *, title: str) -> str:
    """Rows of small pictures.

    Parameters
    ----------
    rows : mapping of str to sequence of ndarray of uint8, each of shape (height, width, 3)
        By what stands before the row.
    title : str
        For people who cannot see it.
    """
    parts = []
    columns = max(map(len, rows.values()), default=0)
    for number, (name, pictures) in enumerate(rows.items()):
        top = number * (_SIDE + _GAP)
        for line, words in enumerate(_lines(name)):
            parts.append(svg.text(0, top + _SIDE / 2 + 14 * line, words, size=12))
        for place, pixels in enumerate(pictures):
            height, width = pixels.shape[:2]
            share = _SIDE / max(height, width)
            left = _LABEL + place * (_SIDE + _GAP) + (_SIDE - width * share) / 2
            parts.append(image(_small(pixels), left, top + (_SIDE - height * share) / 2, width * share, height * share))
    return svg.picture(_LABEL + columns * (_SIDE + _GAP), len(rows) * (_SIDE + _GAP), *parts, title=title)


def _lines(name: str) -> list[str]:
    first, comma, second = name.partition(", ")
    return [first + comma, second] if comma else [first]


def _small(pixels: np.ndarray) -> bytes:
    from PIL import Image

    shown = Image.fromarray(pixels)
    shown.thumbnail((_PIXELS, _PIXELS))
    file = io.BytesIO()
    shown.save(file, "JPEG", quality=88)
    return file.getvalue()
