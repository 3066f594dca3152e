"""Properties made the same over a set of pictures: luminance, contrast, histogram, spectrum.

Each way first looks at every picture once (its target is the set's average) and then alters each: as the SHINE toolbox
does (Willenbockel et al. 2010, "Controlling low-level image properties: the SHINE toolbox", Behav. Res. Methods 42(3)),
but for colour pictures, too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from scipy.ndimage import uniform_filter

from mien.core.errors import InputError
from mien.features.crop import BRIGHTNESS

_WEIGHTS = BRIGHTNESS.astype(np.float64)


class Match(ABC):
    """One property of a set. ``add`` every picture, then ``apply`` to every picture."""

    def __init__(self) -> None:
        self.n = 0

    @abstractmethod
    def add(self, pixels: np.ndarray) -> None:
        """Take a picture (height, width, 3), 0 to 255, into the set's average."""

    @abstractmethod
    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """The picture with the set's average of the property; values may need clipping."""


class MatchLuminance(Match):
    """The mean luminance, by adding the same to all pixels and channels."""

    total = 0.0

    def add(self, pixels: np.ndarray) -> None:
        """See ``Match``."""
        self.n += 1
        self.total += float((pixels @ _WEIGHTS).mean())

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """See ``Match``."""
        return pixels + (self.total / self.n - (pixels @ _WEIGHTS).mean()) / _WEIGHTS.sum()


class MatchContrast(Match):
    """Mean and standard deviation of the luminance; all channels are stretched around the mean luminance alike."""

    mean = deviation = 0.0

    def add(self, pixels: np.ndarray) -> None:
        """See ``Match``."""
        self.n += 1
        grey = pixels @ _WEIGHTS
        self.mean += float(grey.mean())
        self.deviation += float(grey.std())

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """See ``Match``.

        Raises
        ------
        InputError
            If the picture is flat.
        """
        grey = pixels @ _WEIGHTS
        mean, deviation = float(grey.mean()), float(grey.std())
        if deviation < 1e-6:
            raise InputError("a picture of one luminance has no contrast that could be matched")
        return (pixels - mean) * (self.deviation / self.n / deviation) + self.mean / self.n


class MatchHistogram(Match):
    """The histogram of each channel, exactly: the pixel of a rank gets the set's mean value of that rank.

    Pixels of one value are ranked by the mean of their surroundings (Coltuc, Bolon & Chassery 2006, IEEE Trans. Image
    Process. 15(5)), and then in the order of reading.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = np.zeros((3, 0))

    def add(self, pixels: np.ndarray) -> None:
        """See ``Match``."""
        ranked = np.sort(pixels.reshape(-1, 3).T, axis=1)
        if not self.n:
            self.total = np.zeros(ranked.shape)
        # Pictures of other sizes have other numbers of ranks; those of the first one count.
        self.total += _resampled(ranked, self.total.shape[1])
        self.n += 1

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """See ``Match``."""
        target = np.rint(_resampled(self.total / self.n, pixels[..., 0].size))
        result = np.empty_like(pixels)
        for channel in range(3):
            values = pixels[..., channel]
            around = [uniform_filter(values, size, mode="nearest").ravel() for size in (5, 3)]
            order = np.lexsort((*around, values.ravel()))
            ranked = np.empty(values.size)
            ranked[order] = target[channel]
            result[..., channel] = ranked.reshape(values.shape)
        return result


def _resampled(ranked: np.ndarray, size: int) -> np.ndarray:
    own = ranked.shape[1]
    if own == size:
        return ranked
    places = (np.arange(size) + 0.5) / size * own - 0.5
    return np.array([np.interp(places, np.arange(own), row) for row in ranked])


class MatchSpectrum(Match):
    """The amplitude of each frequency and channel; each picture keeps its phases."""

    def __init__(self) -> None:
        super().__init__()
        self.total = np.zeros(0)

    def add(self, pixels: np.ndarray) -> None:
        """See ``Match``.

        Raises
        ------
        InputError
            If it is not of the size of the others.
        """
        amplitude = np.abs(np.fft.fft2(pixels, axes=(0, 1)))
        if not self.n:
            self.total = np.zeros(amplitude.shape)
        if self.total.shape != amplitude.shape:
            size, first = (f"{shape[1]} x {shape[0]}" for shape in (amplitude.shape, self.total.shape))
            raise InputError(
                f"spectra are matched among pictures of one size, but one has {size} pixels and the first "
                f"{first}; make them one size (size_px, --size-px)"
            )
        self.total += amplitude
        self.n += 1

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """See ``Match``."""
        spectrum = np.fft.fft2(pixels, axes=(0, 1))
        size = np.abs(spectrum)
        # What is not there has no phase: rounding must not give it one, least of all another than its mirror image's.
        there = size > 1e-9 * size.max(initial=0)
        phase = np.where(there, spectrum / np.where(there, size, 1), 1)
        return np.asarray(np.fft.ifft2(self.total / self.n * phase, axes=(0, 1)).real)


MATCHES: dict[str, type[Match]] = {
    "luminance": MatchLuminance, "contrast": MatchContrast, "histogram": MatchHistogram, "spectrum": MatchSpectrum,
}  # fmt: skip
