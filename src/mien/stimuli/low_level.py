"""What can be known of pictures without any network: statistics, colour, spectrum and oriented gradients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import NAMED, Features
from mien.core.numbers import checked_numbers
from mien.core.progress import Progress
from mien.core.samples import Samples
from mien.core.words import did_you_mean
from mien.data.media.pictures import read_picture
from mien.data.stimuli import read_stimuli
from mien.features.texture import HOG_CELL, HOG_ORIENTATIONS, colour_histogram, oriented_gradients
from mien.stimuli.spectra import log_energy
from mien.stimuli.statistics import STATISTICS, Seen, statistics_of

PARTS = ("statistics", "colour", "spectrum", "hog")
# What a probe of low-level properties takes: the statistics are means of the other three, made for people.
BASELINE = ("colour", "spectrum", "hog")
BINS, RINGS, ANGLES = 8, 5, 8
UNREADABLE = "unreadable"


@checked_numbers
def low_level(
    samples: str | Path | Samples,
    *,
    parts: Sequence[str] = BASELINE,
    size_px: int = 128,
    progress: Progress | None = None,
) -> Features:
    """Low-level features of pictures: the baseline that a network's answers have to beat.

    Parameters
    ----------
    samples : str, Path or Samples
        As ``mien.read_stimuli`` takes them.
    parts : sequence of str
        Any of ``'statistics'`` (mean luminance, contrast, colour, spectrum, edges, complexity, symmetry: a number each,
        of the picture as it is), and of the picture made square, ``size_px`` per side: ``'colour'`` (histogram of each
        channel, 8 bins), ``'spectrum'`` (log energy in 5 octaves x 8 orientations) and ``'hog'`` (oriented gradients in
        cells of 16 pixels; Dalal & Triggs 2005).
    size_px : int
        A multiple of 16.
    progress : callable (done, total), optional

    Returns
    -------
    Features
        ``'named features'``, a row for each picture; one that cannot be read has NaN and the status ``'unreadable'``,
        and so has any value that a picture does not have (a flat one has no spectral slope).

    Raises
    ------
    InputError
        If a part is unknown, the size is no multiple of 16, or the samples are none.

    Examples
    --------
    >>> import mien
    >>> from PIL import Image
    >>> Image.new("RGB", (32, 32), (255, 128, 0)).save("orange.png")
    >>> stimuli = mien.Samples(path=["orange.png"], subject=["a"], labels={"category": ["colour"]})
    >>> found = mien.low_level(stimuli, parts=["statistics"])
    >>> {name: round(float(value), 2) for name, value in zip(found.names[:4], found.values[0])}
    {'luminance': 0.59, 'contrast': 0.0, 'red': 1.0, 'green': 0.5}
    """
    unknown = [name for name in parts if name not in PARTS]
    if unknown or not parts:
        hint = did_you_mean(str(unknown[0]), PARTS) if unknown else ""
        raise InputError(f"Low-level features: parts are any of {', '.join(PARTS)}, but got {list(parts)}.{hint}")
    if size_px % HOG_CELL:
        raise InputError(f"Low-level features: size_px is a multiple of {HOG_CELL}, but got {size_px}.")
    stimuli = read_stimuli(samples)
    names = tuple(name for part in parts for name in _names(part, size_px))
    values, status = np.full((len(stimuli), len(names)), np.nan), np.full(len(stimuli), "ok", dtype=object)
    for row, file in enumerate(stimuli.files()):
        try:
            values[row] = described(read_picture(file), parts, size_px)
        except (InputError, OSError):
            status[row] = UNREADABLE
        if progress is not None:
            progress(row + 1, len(stimuli))
    recipe: dict[str, Any] = {"name": "low-level", "parts": list(parts), "size_px": size_px}
    return Features(values, NAMED, names, recipe, status)


def described(pixels: np.ndarray, parts: Sequence[str], size_px: int) -> np.ndarray:
    """Values of one picture for some parts; see ``low_level``.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
    """
    small = _square(pixels, size_px) if set(parts) != {"statistics"} else pixels
    return np.concatenate([_part(part, pixels, small) for part in parts])


def _part(part: str, pixels: np.ndarray, small: np.ndarray) -> np.ndarray:
    if part == "statistics":
        return statistics_of(pixels)
    if part == "colour":
        return colour_histogram(np.moveaxis(small, 2, 0) / 256, BINS)
    seen = Seen(small)
    return (
        log_energy(seen.power, RINGS, ANGLES).ravel() if part == "spectrum" else oriented_gradients(seen.grey).ravel()
    )


def _names(part: str, size_px: int) -> list[str]:
    cells = range(size_px // HOG_CELL)
    return {
        "statistics": list(STATISTICS),
        "colour": [f"{channel} {i}" for channel in ("red", "green", "blue") for i in range(BINS)],
        "spectrum": [f"energy {ring} {angle}" for ring in range(RINGS) for angle in range(ANGLES)],
        "hog": [f"edge {r} {c} {o}" for r in cells for c in cells for o in range(HOG_ORIENTATIONS)],
    }[part]


def _square(pixels: np.ndarray, size_px: int) -> np.ndarray:
    """The whole picture in a square, its sides scaled each for itself."""
    from PIL import Image

    image = Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.BOX)
    return np.asarray(image)
