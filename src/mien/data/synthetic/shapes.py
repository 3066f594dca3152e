"""Faces of made-up people: smooth changes of the average face along anatomical axes, nearly symmetric."""

from collections.abc import Callable

import numpy as np

from mien.data.synthetic import geometry as g

Field = Callable[[np.ndarray], np.ndarray]


def _window(points: np.ndarray, centre: tuple[float, float], radius: tuple[float, float]) -> np.ndarray:
    """Bell around a place on the right half and its mirror image."""
    lateral, up = (np.abs(points[:, 0]) - centre[0]) / radius[0], (points[:, 1] - centre[1]) / radius[1]
    return np.exp(-(lateral**2 + up**2))


def _side(points: np.ndarray) -> np.ndarray:
    return np.tanh(points[:, 0] / 0.8)


Amount = float | np.ndarray


def _move(points: np.ndarray, lateral: Amount = 0.0, up: Amount = 0.0, forward: Amount = 0.0) -> np.ndarray:
    ones = np.ones(len(points))
    return np.stack([lateral * ones * _side(points), up * ones, forward * ones], -1)


def _scaled(points: np.ndarray, centre: tuple[float, float], window: np.ndarray, x: float, y: float) -> np.ndarray:
    lateral, up = np.abs(points[:, 0]) - centre[0], points[:, 1] - centre[1]
    return _move(points, x * lateral * window, y * up * window)


_EYE, _MOUTH, _NOSE = (3.15, 2.6), (0.0, -4.2), (0.0, -0.6)

# Each axis gives the displacement in cm for one standard deviation.
AXES: dict[str, Field] = {
    "face width": lambda p: _move(p, 0.045 * np.abs(p[:, 0])),
    "face length": lambda p: _move(p, up=0.04 * (p[:, 1] - 2.6)),
    "depth": lambda p: _move(p, forward=0.05 * p[:, 2]),
    "jaw width": lambda p: _move(p, 0.4 * g.smooth((-1.0 - p[:, 1]) / 5) * g.smooth((np.abs(p[:, 0]) - 2.4) / 2.5)),
    "chin length": lambda p: _move(p, up=-0.4 * g.smooth((-5.2 - p[:, 1]) / 4)),
    "chin projection": lambda p: _move(p, forward=0.35 * _window(p, (0, -8.0), (2.4, 2.2))),
    "chin width": lambda p: _move(p, 0.3 * _window(p, (2.0, -8.2), (1.8, 1.6))),
    "forehead height": lambda p: _move(p, up=0.45 * g.smooth((p[:, 1] - 5.0) / 3)),
    "forehead slope": lambda p: _move(p, forward=-0.35 * g.smooth((p[:, 1] - 5.0) / 3)),
    "cheekbone width": lambda p: _move(p, 0.3 * _window(p, (5.6, 0.4), (2.2, 2.2))),
    "cheek fullness": lambda p: _move(
        p, 0.1 * _window(p, (4.4, -2.2), (2, 2.2)), forward=0.35 * _window(p, (4.2, -1.8), (2, 2.2))
    ),
    "eye distance": lambda p: _move(p, 0.14 * _window(p, _EYE, (1.9, 1.6))),
    "eye size": lambda p: _scaled(p, _EYE, _window(p, _EYE, (1.9, 1.4)), 0.055, 0.1),
    "eye slant": lambda p: _move(p, up=0.09 * (np.abs(p[:, 0]) - 3.15) * _window(p, _EYE, (1.9, 1.4))),
    "eye height": lambda p: _move(p, up=0.12 * _window(p, (3.15, 3.0), (2.6, 2.4))),
    "brow height": lambda p: _move(p, up=0.18 * _window(p, (3.3, 5.0), (3, 1.3))),
    "brow arch": lambda p: _move(p, up=0.16 * _window(p, (4.2, 5.0), (1.5, 1.4))),
    "nose length": lambda p: _move(p, up=-0.25 * _window(p, (0, -1.2), (1.8, 1.9))),
    "nose width": lambda p: _move(p, 0.17 * _window(p, (1.5, -1.2), (1.1, 1.6))),
    "nose projection": lambda p: _move(p, forward=0.3 * _window(p, _NOSE, (1.4, 1.8))),
    "nose bridge": lambda p: _move(p, forward=0.2 * _window(p, (0, 2.2), (1.1, 1.7))),
    "mouth width": lambda p: _scaled(p, _MOUTH, _window(p, _MOUTH, (3.2, 1.6)), 0.09, 0.0),
    "lip fullness": lambda p: _scaled(p, (0.0, -4.25), _window(p, (0.0, -4.25), (2.2, 1.3)), 0.0, 0.17),
    "mouth height": lambda p: _move(p, up=0.16 * _window(p, _MOUTH, (3, 1.9))),
}


def shape_basis() -> np.ndarray:
    """Displacement of every point for one standard deviation of each axis, in cm, shape (axes, 478, 3)."""
    points = g.rest_points()
    return np.stack([axis(points) for axis in AXES.values()])


def subject_shapes(n_subjects: int, generator: np.random.Generator, *, spread: float = 1.0) -> np.ndarray:
    """Resting faces of ``n_subjects`` people in cm, shape (n_subjects, 478, 3).

    Axis values are normal, cut at two standard deviations; on top comes a smooth, small asymmetry (0.05 cm),
    as real faces have. Irises are placed anew, at the same size in everyone.
    """
    values = np.clip(generator.normal(size=(n_subjects, len(AXES))), -2, 2) * spread
    shapes = g.rest_points() + np.tensordot(values, shape_basis(), 1)
    shapes += spread * _asymmetry(n_subjects, generator)
    for shape in shapes:
        shape[468:] = g.iris_points(g.eyes_of(shape), np.zeros(2))
    return shapes


def _asymmetry(n_subjects: int, generator: np.random.Generator) -> np.ndarray:
    points = g.rest_points()
    waves = generator.normal(size=(n_subjects, 6, 3)) * 0.25
    phases = generator.uniform(0, 2 * np.pi, size=(n_subjects, 6, 1))
    moves = generator.normal(size=(n_subjects, 6, 3)) * 0.02
    return np.einsum("nkp,nkd->npd", np.sin(waves @ points.T + phases), moves)
