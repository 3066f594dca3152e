"""Rows of the result: means over viewers and pictures, shares of the ceiling, differences with their tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mien.compare.gaze.baselines import CEILING, CENTRE, EVEN, FACE_CENTRE, FACE_ELLIPSE, LOW_LEVEL, OTHERS, RANDOM
from mien.compare.gaze.metrics import GAIN, METRICS
from mien.compare.gaze.stretches import Stretches, over_both
from mien.compare.gaze.table import Scored
from mien.stats.correction import holm

BASELINES = (CENTRE, OTHERS, FACE_CENTRE, FACE_ELLIPSE, LOW_LEVEL, RANDOM, EVEN)
MAP, BASELINE, ABOVE = "map", "baseline", "ceiling"
# A ceiling that lies so little above an even spread gives no share of it.
_LEAST_ROOM = 1e-9


@dataclass(frozen=True)
class GazeRow:
    """A map beside the fixations of viewers by one metric. What cannot be computed is NaN.

    Attributes
    ----------
    map, part, kind : str
        ``kind`` is ``'map'``, ``'baseline'`` or ``'ceiling'``; ``part`` is ``''`` for the last two.
    metric : str
    score, low, high : float
        Mean over viewers and pictures, each viewer scored alone, and its 95 % interval for other viewers and pictures.
    pooled : float
        Mean over pictures of the score against the fixations of all viewers at once.
    share, share_low, share_high : float
        Share of the way from an even spread (of the information gain: from the centre prior) to the ceiling; NaN where
        the interval of that way holds 0, so that viewers are not shown to agree on more.
    pictures, viewers : int
    """

    map: str
    part: str
    kind: str
    metric: str
    score: float
    low: float
    high: float
    pooled: float
    share: float
    share_low: float
    share_high: float
    pictures: int
    viewers: int


@dataclass(frozen=True)
class GazeContrast:
    """How much closer to the fixations of viewers one map is than another, on the same pictures.

    Attributes
    ----------
    metric, map, part, other, other_part : str
    difference, low, high : float
        Above 0 where ``map`` is the closer one, whatever the metric.
    p, p_corrected : float
        Two-sided, for other viewers and pictures; corrected (Holm) over all differences of the metric.
    pictures, viewers : int
    """

    metric: str
    map: str
    part: str
    other: str
    other_part: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    pictures: int
    viewers: int


def rows_of(scored: Scored, stretches: Stretches | None = None) -> list[GazeRow]:
    """A row for every map, baseline and metric, then the ceiling; of a film the cells are those of its stretches."""
    maps = [key for key in scored.cells if key[0] not in (*BASELINES, CEILING) or key[1]]
    ordered = [*maps, *((name, "") for name in (*BASELINES, CEILING) if (name, "") in scored.cells)]
    kind = dict.fromkeys(maps, MAP) | {(CEILING, ""): ABOVE}
    result = []
    for key in ordered:
        for number, metric in enumerate(METRICS.values()):
            cells = scored.cells[key][number]
            mean = over_both(cells, stretches)
            pooled = scored.pooled[key][number] if key in scored.pooled else np.array([np.nan])
            known = pooled[np.isfinite(pooled)]
            share = _share(scored, key, number, metric.name, stretches) if key != (CEILING, "") else (np.nan,) * 3
            result.append(
                GazeRow(
                    *key, kind.get(key, BASELINE), metric.name, mean.value, mean.low, mean.high,
                    float(known.mean()) if len(known) else float("nan"), *share, mean.stimuli, mean.people,
                )
            )  # fmt: skip
    return result


def _share(
    scored: Scored, key: tuple[str, str], number: int, metric: str, stretches: Stretches | None
) -> tuple[float, float, float]:  # fmt: skip
    """Share of the ceiling with its interval: of the line through cells, by the delta method."""
    start = (CENTRE, "") if metric == GAIN else (EVEN, "")
    if start not in scored.cells:
        return (float("nan"),) * 3
    own, least, most = (scored.cells[name][number] for name in (key, start, (CEILING, "")))
    known = np.isfinite(own) & np.isfinite(least) & np.isfinite(most)
    if not known.any():
        return (float("nan"),) * 3
    room = float((most - least)[known].mean())
    # A share of a way that may be none would make a large number of noise.
    way = over_both(np.where(known, METRICS[metric].better * (most - least), np.nan), stretches)
    if min(way.value, way.value if np.isnan(way.low) else way.low) <= _LEAST_ROOM:
        return (float("nan"),) * 3
    share = float((own - least)[known].mean()) / room
    around = over_both(np.where(known, (own - least) - share * (most - least), np.nan), stretches)
    half = (around.high - around.low) / 2 / abs(room)
    return share, share - half, share + half


def contrasts_of(scored: Scored, stretches: Stretches | None = None) -> list[GazeContrast]:
    """Every map against every baseline, and against the other maps."""
    maps = [key for key in scored.cells if key[0] not in (*BASELINES, CEILING) or key[1]]
    against = [(name, "") for name in BASELINES if (name, "") in scored.cells]
    pairs = [(one, other) for one in maps for other in against]
    pairs += [(one, other) for one, other in combinations(maps, 2) if one[0] != other[0] and one[1] == other[1]]
    return [row for number in range(len(METRICS)) for row in _of_metric(scored, number, pairs, stretches)]


def _of_metric(
    scored: Scored, number: int, pairs: Iterable[tuple[tuple[str, str], tuple[str, str]]],
    stretches: Stretches | None,
) -> list[GazeContrast]:  # fmt: skip
    metric = list(METRICS.values())[number]
    found = [
        (one, other, over_both(metric.better * (scored.cells[one][number] - scored.cells[other][number]), stretches))
        for one, other in pairs
    ]
    corrected = holm([mean.p for _, _, mean in found])
    return [
        GazeContrast(
            metric.name, *one, *other, mean.value, mean.low, mean.high, mean.p, float(p), mean.stimuli, mean.people
        )
        for (one, other, mean), p in zip(found, corrected, strict=True)
    ]
