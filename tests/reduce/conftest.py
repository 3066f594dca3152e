"""Made-up clips in which it is known which landmarks tell the classes apart."""

from collections.abc import Callable

import numpy as np
import pytest

Made = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="session")
def made() -> Callable[..., Made]:
    """Clips (clips, frames, landmarks, 2), classes and subjects; ``planted`` landmarks move in the class 'moves'."""

    def make(
        *, planted: tuple[int, ...] = (2, 5), points: int = 12, subjects: int = 10, per: int = 3, frames: int = 6,
        size: float = 0.4, seed: int = 0,
    ) -> Made:  # fmt: skip
        rng = np.random.default_rng(seed)
        person = np.repeat([f"s{i:02d}" for i in range(subjects)], 2 * per)
        y = np.tile(np.repeat(["moves", "rests"], per), subjects)
        values = rng.normal(0, 0.1, (len(y), frames, points, 2))
        wave = np.sin(np.linspace(0, np.pi, frames))
        for clip in np.flatnonzero(y == "moves"):
            for point in planted:
                values[clip, :, point, 1] += size * rng.uniform(0.7, 1.3) * wave
        return values.astype(np.float32), y, person

    return make


@pytest.fixture(scope="session")
def small() -> dict:
    """A small, quick randomised network and few folds."""
    settings = {"units": 48, "windows": 3, "components": 24}
    return {"model": "landmark-rvfl", "settings": settings, "n_folds": 3}
