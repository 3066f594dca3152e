"""From pictures with fixations and maps to scores of every map for every viewer on every picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mien.compare.gaze.baselines import (
    CEILING,
    CENTRE,
    EVEN,
    FACE_CENTRE,
    FACE_ELLIPSE,
    LOW_LEVEL,
    OTHERS,
    RANDOM,
    PriorMaps,
    ceilings,
    elsewhere_of,
    face_maps,
    random_map,
)
from mien.compare.gaze.looked import Looked
from mien.compare.gaze.maps import GridMaps
from mien.compare.gaze.metrics import AUC_SHUFFLED, METRICS, distribution, scores
from mien.core.progress import Progress

# Share of an even spread in every map before KL and information gain.
FLOOR = 0.05
# The ceiling by fewer viewers is drawn from so many pictures.
MOST_OF_CURVE = 60
# A number of other viewers is shown where at least this share of these pictures has so many.
MOST_HAVE = 0.8
SHUFFLED = list(METRICS).index(AUC_SHUFFLED)


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of maps, baselines and other viewers.

    Attributes
    ----------
    cells : dict of (str, str) to ndarray, shape (metrics, pictures, viewers)
        By map and part (``''`` of baselines); NaN where a viewer has no fixations or a picture no such map.
    pooled : dict of (str, str) to ndarray, shape (metrics, pictures)
        The same against the fixations of all viewers at once, as benchmarks give it.
    curve : dict of int to ndarray, shape (metrics,)
        Scores of the densities of so many other viewers.
    """

    cells: dict[tuple[str, str], np.ndarray]
    pooled: dict[tuple[str, str], np.ndarray]
    curve: dict[int, np.ndarray] = field(default_factory=dict)


def scored(
    looked: Sequence[Looked],
    used: Sequence[int],
    viewers: int,
    maps: Sequence[GridMaps],
    *,
    boxes: Mapping[int, np.ndarray] | None = None,
    low_level: Mapping[int, np.ndarray] | None = None,
    near: tuple[np.ndarray, np.ndarray] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Scored:
    """Score every map for every viewer.

    Parameters
    ----------
    looked : sequence of Looked
        All pictures: those that are not used tell where people look on other pictures.
    used : sequence of int
        Pictures that are scored.
    viewers : int
        How many there are in all.
    maps : sequence of GridMaps
    boxes : mapping of int to ndarray, shape (faces, 4), optional
        Faces of pictures where they are known.
    low_level : mapping of int to ndarray, shape (cells,), optional
    near : (ndarray, ndarray) of int, optional
        See ``Elsewhere``.
    seed : int
        Of random evidence and of the draw of viewers for the curve.
    progress : callable (done, total), optional
    """
    priors = PriorMaps(elsewhere_of(looked, near))
    made = _Table(len(used), viewers)
    rng = np.random.default_rng(seed)
    drawn = set(rng.permutation(len(used))[:MOST_OF_CURVE].tolist())
    curve: dict[int, list[np.ndarray]] = {}
    for row, number in enumerate(used):
        one = looked[number]
        rows = _rows_of(one, number, priors, maps, boxes or {}, low_level or {}, rng)
        names, stack = list(rows), np.stack(list(rows.values()))
        centre, found = priors.centre(number, one.grid), priors.others(number, one.grid, one.sigma_px)
        other = None if found is None else found[1]
        # A density beside the very fixations that it is made of says nothing: noise would be far above it.
        circular = [] if other is None else [names.index((OTHERS, ""))]
        own = scores(stack, one.at, distribution(one.smooth), other, centre, FLOOR, one.weight)
        own[SHUFFLED, circular] = np.nan
        made.put(row, one.viewers, names, own)
        every = one.at[one.counted][None]
        weight = None if one.weight is None else one.weight[one.counted][None]
        pooled = scores(stack, every, distribution(one.smooth.sum(0, keepdims=True)), other, centre, FLOOR, weight)
        pooled[SHUFFLED, circular] = np.nan
        made.put_pooled(row, names, pooled[..., 0])
        above = scores(ceilings(one)[None], one.at, distribution(one.smooth), other, centre, FLOOR, one.weight)
        made.put(row, one.viewers, [(CEILING, "")], above)
        if row in drawn:
            for count in _counts(len(one.viewers)):
                few = _few_others(one, count, rng)
                found_few = scores(few[None], one.at, distribution(one.smooth), other, centre, FLOOR, one.weight)
                curve.setdefault(count, []).append(found_few.mean(axis=(1, 2)))
        if progress is not None:
            progress(row + 1, len(used))
    # What only few pictures have so many viewers for is not comparable with the rest.
    least = MOST_HAVE * max((len(rows_of) for rows_of in curve.values()), default=0)
    means = {count: np.mean(rows_of, axis=0) for count, rows_of in sorted(curve.items()) if len(rows_of) >= least}
    return Scored(made.cells, made.pooled, means)


class _Table:
    """Fills tables of scores picture by picture."""

    def __init__(self, pictures: int, viewers: int) -> None:
        self._shape = (len(METRICS), pictures, viewers)
        self.cells: dict[tuple[str, str], np.ndarray] = {}
        self.pooled: dict[tuple[str, str], np.ndarray] = {}

    def put(self, row: int, viewers: np.ndarray, names: list[tuple[str, str]], found: np.ndarray) -> None:
        for i, name in enumerate(names):
            self.cells.setdefault(name, np.full(self._shape, np.nan))[:, row, viewers] = found[:, i]

    def put_pooled(self, row: int, names: list[tuple[str, str]], found: np.ndarray) -> None:
        for i, name in enumerate(names):
            self.pooled.setdefault(name, np.full(self._shape[:2], np.nan))[:, row] = found[:, i]


def _rows_of(
    one: Looked, number: int, priors: PriorMaps, maps: Sequence[GridMaps], boxes: Mapping[int, np.ndarray],
    low_level: Mapping[int, np.ndarray], rng: np.random.Generator,
) -> dict[tuple[str, str], np.ndarray]:  # fmt: skip
    """The maps of one picture: those given, then baselines."""
    rows: dict[tuple[str, str], np.ndarray] = {}
    for given in maps:
        if number in given.positive:
            rows |= {(given.name, part): cells for part, cells in zip(given.parts, given.of(number), strict=True)}
    rows[EVEN, ""] = np.ones(len(one.grid))
    rows[RANDOM, ""] = random_map(one.grid, one.sigma_px, rng)
    centre, others = priors.centre(number, one.grid), priors.others(number, one.grid, one.sigma_px)
    if centre is not None and others is not None:
        rows[CENTRE, ""], rows[OTHERS, ""] = centre, others[0]
    if number in boxes:
        rows[FACE_CENTRE, ""], rows[FACE_ELLIPSE, ""] = face_maps(boxes[number], one.grid)
    if number in low_level:
        rows[LOW_LEVEL, ""] = low_level[number]
    return rows


def _counts(viewers: int) -> list[int]:
    """Numbers of other viewers: 1, 2, 4 ... and all."""
    doubled = [2**power for power in range(10) if 2**power < viewers - 1]
    return [*doubled, viewers - 1]


def _few_others(one: Looked, count: int, rng: np.random.Generator) -> np.ndarray:
    """For each viewer the density of some of the others, drawn at random, shape (viewers, cells)."""
    keys = rng.random((len(one.viewers), len(one.viewers)))
    np.fill_diagonal(keys, np.inf)
    chosen = np.argsort(keys, axis=1)[:, :count]
    taken = np.zeros_like(keys)
    np.put_along_axis(taken, chosen, 1.0, axis=1)
    return np.asarray(taken @ one.smooth)
