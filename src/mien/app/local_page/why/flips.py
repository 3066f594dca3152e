"""The nearest change of what a model sees that changes its answer, within what was seen in the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

# Steps over the range of a feature, and halvings between the two steps that the answer changes between.
STEPS, HALVINGS = 32, 14
# Features or points that are tried at most; the steepest, where there are more.
MOST_TRIED = 400
# Inputs that go through the model at once.
AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class Way:
    """One way to change an input: along ``direction`` by ``low`` to ``high``, within what was seen.

    Attributes
    ----------
    name : str
    direction : ndarray of float32, shape of one input
    low, high : float
        In units of ``direction``; 0 lies between.
    sd : float
        Standard deviation of the data along it.
    """

    name: str
    direction: np.ndarray
    low: float
    high: float
    sd: float


@dataclass(frozen=True, eq=False)
class Flip:
    """A change after which the answer is another one; it was verified by asking the model.

    Attributes
    ----------
    way : Way
    amount : float
        In units of the way.
    size : float
        In standard deviations.
    values : ndarray of float32, shape of one input
    decision : str
        The new answer.
    """

    way: Way
    amount: float
    size: float
    values: np.ndarray
    decision: str


Decide = Callable[[np.ndarray], np.ndarray]


def ways_of_features(values: np.ndarray, usual: np.ndarray, names: Sequence[str]) -> list[Way]:
    """Each named feature by itself, between the least and the most of it that was seen.

    Parameters
    ----------
    values : ndarray, shape (features,)
    usual : ndarray, shape (faces, features)
    names : sequence of str
    """
    low, high, sd = usual.min(axis=0), usual.max(axis=0), usual.std(axis=0)
    return [
        Way(name, np.eye(1, len(values), i, dtype=np.float32)[0], min(0.0, float(low[i] - values[i])),
            max(0.0, float(high[i] - values[i])), float(sd[i]))
        for i, name in enumerate(names)
        if sd[i] > 0
    ]  # fmt: skip


def ways_of_points(
    values: np.ndarray, usual: np.ndarray, names: Sequence[str], slope: np.ndarray | None, most: int = 24
) -> list[Way]:
    """Each point of a sequence in each coordinate, shifted by the same amount in all frames; the steepest of them.

    Parameters
    ----------
    values : ndarray, shape (frames, points, coordinates)
    usual : ndarray, shape (faces, frames, points, coordinates)
    names : sequence of str
        Of the coordinates.
    slope : ndarray of the shape of ``values``, optional
        Of the answer; without it those that differ most in the data are tried.
    most : int
    """
    own, seen = values.mean(axis=0), usual.mean(axis=1)
    low, high, sd = seen.min(axis=0), seen.max(axis=0), seen.std(axis=0)
    steep = sd * (np.abs(slope.sum(axis=0)) if slope is not None else 1.0)
    ways = []
    for flat in np.argsort(-steep, axis=None, kind="stable")[:most]:
        point, axis = (int(i) for i in np.unravel_index(flat, steep.shape))
        if sd[point, axis] > 0:
            direction = np.zeros_like(values, dtype=np.float32)
            direction[:, point, axis] = 1
            least, largest = low[point, axis] - own[point, axis], high[point, axis] - own[point, axis]
            ways.append(Way(f"point {point} {names[axis]}", direction, min(0.0, float(least)), max(0.0, float(largest)),
                            float(sd[point, axis])))  # fmt: skip
    return ways


def way_of_slope(values: np.ndarray, usual: np.ndarray, slope: np.ndarray, name: str) -> Way | None:
    """Everything at once along a slope, each feature in its own standard deviations; None where there is no slope.

    The length 1 of it is one standard deviation in all.
    """
    sd = usual.std(axis=0)
    scaled = slope * sd
    length = float(np.sqrt((scaled**2).sum()))
    if not np.isfinite(length) or length == 0:
        return None
    direction = (scaled / length * sd).astype(np.float32)
    return Way(name, direction, 0.0, 6.0, 1.0)


def nearest_flip(
    values: np.ndarray, ways: Sequence[Way], decide: Decide, within: tuple[np.ndarray, np.ndarray]
) -> Flip | None:
    """The smallest change along one of the ways, in standard deviations, after which the answer is another one.

    Parameters
    ----------
    values : ndarray of float32, shape of one input
    ways : sequence of Way
    decide : callable, ndarray (rows, *input) -> ndarray of str (rows,)
        ``''``: no answer, which is no other one.
    within : (ndarray, ndarray)
        Least and most of every value that was seen; what leads beyond is held there.

    Returns
    -------
    Flip or None
        None: no change within the range seen in the data does it, at steps of ``STEPS`` over it.
    """
    now = str(decide(values[None])[0])
    low, high = np.minimum(within[0], values), np.maximum(within[1], values)

    def inputs(way: Way, amounts: np.ndarray) -> np.ndarray:
        steps = amounts.reshape(-1, *[1] * values.ndim).astype(np.float32)
        return np.asarray(np.clip(values[None] + steps * way.direction[None], low, high), dtype=np.float32)

    best: Flip | None = None
    per_pass = max(1, AT_ONCE // (STEPS + 1))
    for start in range(0, len(ways), per_pass):
        some = ways[start : start + per_pass]
        grids = [np.linspace(way.low, way.high, STEPS + 1) for way in some]
        said = decide(np.concatenate([inputs(way, grid) for way, grid in zip(some, grids, strict=True)]))
        for way, grid, row in zip(some, grids, said.reshape(len(some), -1), strict=True):
            found = _first(grid, row, now)
            if found is None or (best is not None and abs(found[0]) / way.sd >= best.size):
                continue
            inner, outer = found
            for _ in range(HALVINGS):
                middle = (inner + outer) / 2
                other = str(decide(inputs(way, np.array([middle])))[0]) not in ("", now)
                inner, outer = (inner, middle) if other else (middle, outer)
            changed = inputs(way, np.array([outer]))
            decision = str(decide(changed)[0])
            if decision not in ("", now) and (best is None or abs(outer) / way.sd < best.size):
                best = Flip(way, outer, abs(outer) / way.sd, changed[0], decision)
    return best


def _first(grid: np.ndarray, said: np.ndarray, now: str) -> tuple[float, float] | None:
    """The last amount with the old answer and the first with another one, on the side where that is nearer."""
    other = np.array([str(word) not in ("", now) for word in said])
    found = []
    for side in (grid >= 0, grid <= 0):
        amounts = grid[side & other]
        if len(amounts):
            outer = float(amounts[np.argmin(np.abs(amounts))])
            before = grid[side & ~other & (np.abs(grid) < abs(outer))]
            found.append((float(before[np.argmax(np.abs(before))]) if len(before) else 0.0, outer))
    return min(found, key=lambda pair: abs(pair[1]), default=None)
