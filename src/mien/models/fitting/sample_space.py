"""Linear models on far more features than samples, fitted in the few directions that the samples span."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Columns that are worked off together: temporary copies are of so many, not of all.
_TOGETHER = 128
# Added to each feature's standard deviation, so that features that hardly vary are not blown up.
FLOOR = 1e-3


class SampleSpace:
    """Standardised features in the coordinates that their samples span: as many as samples at most, nothing is lost.

    A linear model with a penalty on its squared weights finds the same answer there as on thousands of features.

    Parameters
    ----------
    features : ndarray, shape (samples, features)
    sizes : tuple of int
        Features of each block; every block gets the same total variance, one over the number of blocks.

    Attributes
    ----------
    coordinates : ndarray, shape (samples, rank)
        Centred and uncorrelated.
    power : ndarray, shape (rank,)
        Sum of squares of each coordinate.
    centre, scale : ndarray of float32, shape (features,)
    """

    def __init__(self, features: np.ndarray, sizes: tuple[int, ...]) -> None:
        self.centre = features.mean(0, dtype=np.float64).astype(np.float32)
        weight = np.concatenate([np.full(size, np.sqrt(size * len(sizes))) for size in sizes])
        deviation = [features[:, part].std(0, dtype=np.float64) for part in column_parts(features.shape[1])]
        self.scale = ((np.concatenate(deviation) + FLOOR) * weight).astype(np.float32)
        self._seen = self._standardised(features)
        few = self._seen.shape[1] < len(self._seen)
        product = self._seen.T @ self._seen if few else self._seen @ self._seen.T
        power, axes = np.linalg.eigh(product.astype(np.float64))
        kept = power > 1e-6 * power[-1]
        self.power, axes = power[kept], axes[:, kept]
        if few:
            # The axes of the features themselves: time grows with the samples, not with their cube.
            self.coordinates = self._seen @ axes
            self._seen, self._turn = axes.T, np.eye(len(self.power))
        else:
            self._turn = axes / np.sqrt(self.power)
            self.coordinates = axes * np.sqrt(self.power)

    def project(self, features: np.ndarray) -> np.ndarray:
        """Coordinates of other samples, (samples, rank)."""
        found: np.ndarray = self._standardised(features) @ self._seen.T @ self._turn
        return found

    def weights(self, coefficients: np.ndarray) -> np.ndarray:
        """Weights of the standardised features, (outputs, features), from those of the coordinates."""
        found: np.ndarray = (coefficients @ self._turn.T) @ self._seen
        return found

    def _standardised(self, features: np.ndarray) -> np.ndarray:
        found = np.empty(features.shape, dtype=np.float32)
        for part in column_parts(features.shape[1]):
            found[:, part] = (features[:, part] - self.centre[part]) / self.scale[part]
        return found


def column_parts(count: int) -> Iterator[slice]:
    """Columns in parts that are small enough to be copied."""
    return (slice(start, min(start + _TOGETHER, count)) for start in range(0, count, _TOGETHER))
