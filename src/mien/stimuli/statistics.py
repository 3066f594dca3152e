"""Low-level statistics of a picture: one function and one row each, or several of one spectrum."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mien.features.crop import BRIGHTNESS
from mien.stimuli import spectra

# A step of luminance (0 to 1) from pixel to pixel that counts as an edge.
EDGE = 0.05
JPEG_QUALITY = 90


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture with what several statistics need.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
    """

    pixels: np.ndarray

    @cached_property
    def grey(self) -> np.ndarray:
        """Luminance from 0 to 1, by the weights of Rec. 601 on the values as they are stored."""
        return self.pixels @ BRIGHTNESS.astype(np.float64) / 255

    @cached_property
    def power(self) -> np.ndarray:
        """Of the luminance, under a window."""
        return spectra.windowed_power(self.grey)

    @cached_property
    def orientations(self) -> np.ndarray:
        """Shares of its energy in four bands."""
        return spectra.orientation_shares(self.power)


@dataclass(frozen=True)
class Statistic:
    """One number of a picture.

    Attributes
    ----------
    name : str
    unit : str
    meaning : str
    of : callable
        From a ``Seen`` picture; NaN where the picture has none (a flat one has no spectrum).
    """

    name: str
    unit: str
    meaning: str
    of: Callable[[Seen], float]


def saturation(seen: Seen) -> float:
    """Mean of (largest - smallest) / largest channel; black counts as 0."""
    low, high = seen.pixels.min(axis=2).astype(float), seen.pixels.max(axis=2).astype(float)
    return float(((high - low) / np.maximum(high, 1)).mean())


def edge_density(seen: Seen) -> float:
    """Share of the pixels whose luminance changes by more than ``EDGE`` per pixel."""
    grey = seen.grey
    if min(grey.shape) < 2:
        return float("nan")
    down, right = np.gradient(grey)
    return float((np.hypot(down, right) > EDGE).mean())


def compressed_size(seen: Seen) -> float:
    """Bits per pixel of the luminance as JPEG, without the file's head: how much there is to be said of it."""
    from PIL import Image

    grey = np.clip(np.rint(seen.grey * 255), 0, 255).astype(np.uint8)
    return 8 * (_jpeg_bytes(Image.fromarray(grey)) - _jpeg_bytes(Image.new("L", (1, 1)))) / grey.size


def _jpeg_bytes(image: object) -> int:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY)  # type: ignore[attr-defined]
    return buffer.tell()


def mirror_symmetry(seen: Seen) -> float:
    """Correlation of the luminance with its mirror image, left for right; NaN where it is flat."""
    centred = seen.grey - seen.grey.mean()
    total = float((centred**2).sum())
    return float((centred * centred[:, ::-1]).sum() / total) if total > 1e-12 else float("nan")


def top_heaviness(seen: Seen) -> float:
    """Share of the contrast energy (squared distance from the mean luminance) in the upper half; NaN where flat."""
    energy = (seen.grey - seen.grey.mean()) ** 2
    half = len(energy) // 2
    upper, lower = float(energy[:half].sum()), float(energy[len(energy) - half :].sum())
    return upper / (upper + lower) if upper + lower > 1e-12 else float("nan")


def _channel(number: int) -> Callable[[Seen], float]:
    return lambda seen: float(seen.pixels[..., number].mean() / 255)


def _orientation(number: int) -> Callable[[Seen], float]:
    return lambda seen: float(seen.orientations[number])


STATISTICS: dict[str, Statistic] = {
    row.name: row
    for row in (
        Statistic("luminance", "0 to 1", "mean luminance", lambda seen: float(seen.grey.mean())),
        Statistic("contrast", "0 to 1", "standard deviation of the luminance (RMS contrast)",
                  lambda seen: float(seen.grey.std())),
        Statistic("red", "0 to 1", "mean of the red channel", _channel(0)),
        Statistic("green", "0 to 1", "mean of the green channel", _channel(1)),
        Statistic("blue", "0 to 1", "mean of the blue channel", _channel(2)),
        Statistic("saturation", "0 to 1", "mean saturation (HSV)", saturation),
        Statistic("spectral slope", "log / log", "slope of amplitude over spatial frequency",
                  lambda seen: spectra.slope(seen.power)),
        Statistic("horizontal energy", "share", "energy of horizontal structure", _orientation(0)),
        Statistic("rising energy", "share", "energy of structure that rises to the right", _orientation(1)),
        Statistic("vertical energy", "share", "energy of vertical structure", _orientation(2)),
        Statistic("falling energy", "share", "energy of structure that falls to the right", _orientation(3)),
        Statistic("edge density", "share", f"pixels whose luminance changes by more than {EDGE}", edge_density),
        Statistic("compressed size", "bits per pixel", f"of the luminance as JPEG of quality {JPEG_QUALITY}",
                  compressed_size),
        Statistic("mirror symmetry", "correlation", "of the luminance with its mirror image", mirror_symmetry),
        Statistic("top heaviness", "share", "contrast energy in the upper half", top_heaviness),
    )
}  # fmt: skip


def statistics_of(pixels: np.ndarray) -> np.ndarray:
    """All statistics of a picture, in the order of ``STATISTICS``.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    ndarray of float64, shape (statistics,)
    """
    seen = Seen(pixels)
    return np.array([row.of(seen) for row in STATISTICS.values()])
