"""What parcels of made-up viewers' brains do during a made-up film: planted responses in noise that is not white."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter
from scipy.stats import gamma

from mien.core.errors import InputError
from mien.data.synthetic.film.plot import EMOTIONS, FilmPlot
from mien.data.synthetic.streams import BRAIN, stream

REPETITION_S = 2.0
# How many parcels follow each emotion, faces, and how much viewers look at them.
_EACH, _FACES, _LOOKS = 3, 3, 2
FEWEST = len(EMOTIONS) * _EACH + _FACES + _LOOKS + 1
# Noise: correlation from volume to volume, share that all parcels of a viewer have in common, slow drift.
_FROM_BEFORE, _COMMON, _DRIFT = 0.5, 0.5, 0.5
# How much the strength of responses differs from viewer to viewer.
_BETWEEN = 0.25


def planted(parcels: int, seed: int) -> dict[str, list[int]]:
    """Which parcels follow what, by index: the emotions, ``'faces'``, ``'looks'`` (at faces).

    Raises
    ------
    InputError
        If there are too few parcels for that.
    """
    if parcels < FEWEST:
        raise InputError(f"A made-up film needs {FEWEST} parcels or more (those with a response, and one without).")
    order = stream(seed, BRAIN, 0).permutation(parcels).tolist()
    sizes = {**dict.fromkeys(EMOTIONS, _EACH), "faces": _FACES, "looks": _LOOKS}
    return {name: sorted(order.pop() for _ in range(size)) for name, size in sizes.items()}


def parcel_names(parcels: int) -> list[str]:
    """``'p01'`` for the first."""
    return [f"p{number + 1:02d}" for number in range(parcels)]


def responses(plot: FilmPlot, on_faces: np.ndarray) -> dict[str, np.ndarray]:
    """What planted parcels respond to: by second of the film, delayed by the haemodynamics of its run.

    Parameters
    ----------
    plot : FilmPlot
    on_faces : ndarray, shape (seconds,)
        How likely viewers look at a face.

    Returns
    -------
    dict of str to ndarray, each of shape (seconds,)
        With mean 0 and standard deviation 1.
    """
    seen = on_faces * plot.face
    causes = {**dict(zip(EMOTIONS, plot.agreement.T, strict=True)), "faces": plot.face.astype(float), "looks": seen}
    delayed = {}
    for name, cause in causes.items():
        parts = [
            np.convolve(cause[int(start) : int(stop)], _haemodynamics())[: int(stop) - int(start)]
            for start, stop in zip(plot.runs.start_s, plot.runs.stop_s, strict=True)
        ]
        whole = np.concatenate(parts)
        spread = whole.std()
        delayed[name] = (whole - whole.mean()) / (spread if spread > 0 else 1.0)
    return delayed


def parcels_of(
    viewer: int, plot: FilmPlot, delayed: dict[str, np.ndarray], where: dict[str, list[int]], parcels: int,
    response: float, seed: int,
) -> list[np.ndarray]:  # fmt: skip
    """Time courses of one viewer, one array of shape (volumes, parcels) per run, a volume every two seconds."""
    draw = stream(seed, BRAIN, viewer + 1)
    strong = {name: response * (1 + _BETWEEN * draw.normal(size=len(place))) for name, place in where.items()}
    found = []
    for start, length in zip(plot.runs.start_s, plot.runs.length_s, strict=True):
        at = int(start) + (np.arange(int(length // REPETITION_S)) * REPETITION_S).astype(int)
        values = _noise(len(at), parcels, draw)
        for name, place in where.items():
            values[:, place] += strong[name] * delayed[name][at][:, None]
        found.append(values)
    return found


def _noise(volumes: int, parcels: int, draw: np.random.Generator) -> np.ndarray:
    """Noise of standard deviation about 1, correlated from volume to volume and between parcels, with a drift."""
    white = draw.normal(size=(volumes + 20, parcels)) * np.sqrt(1 - _COMMON**2)
    white += _COMMON * draw.normal(size=(volumes + 20, 1))
    smooth = lfilter([np.sqrt(1 - _FROM_BEFORE**2)], [1, -_FROM_BEFORE], white, axis=0)[20:]
    drift = np.cos(np.pi * np.arange(volumes) / volumes)[:, None] * draw.normal(size=parcels) * _DRIFT
    noise: np.ndarray = smooth + drift
    return noise


def _haemodynamics() -> np.ndarray:
    """The canonical double gamma (peak at about 5 s, undershoot of a sixth at about 15 s), by second."""
    at = np.arange(33.0)
    shape: np.ndarray = gamma.pdf(at, 6) - gamma.pdf(at, 16) / 6
    return shape / shape.sum()
