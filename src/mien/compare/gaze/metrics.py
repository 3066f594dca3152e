"""Metrics of a map of a picture against fixations on it; many maps and viewers at once.

Definitions: Bylinskii, Judd, Oliva, Torralba & Durand 2019, "What do different evaluation metrics tell us about
saliency models?", IEEE TPAMI 41(3), 740-757. Areas under the curve are exact: over all thresholds, ties count half, and
negatives that the published code draws at random are replaced by their expectation. (The published trapezoid of
AUC-Judd over the thresholds of the fixations alone is larger, by up to 1/2n for n fixations.)

Everywhere ``maps`` has the shape (maps, cells), or (maps, viewers, cells) where each viewer has maps of his or her own;
``at`` has the shape (viewers, most), holds the cells that a viewer's fixations lie in and -1 behind the last one.
Scores have the shape (maps, viewers) and are NaN for viewers without fixations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The smallest number in the published code, MATLAB's eps.
EPSILON = 2.0**-52


@dataclass(frozen=True)
class GazeMetric:
    """A metric as tables show it.

    Attributes
    ----------
    name : str
    words : str
    even : float
        Score of an even spread; NaN where that depends on the fixations.
    better : int
        1 where more is better, -1 where less is.
    """

    name: str
    words: str
    even: float
    better: int = 1


NSS, AUC_JUDD, AUC_BORJI, AUC_SHUFFLED = "NSS", "AUC-Judd", "AUC-Borji", "shuffled AUC"
CC, KL, SIM, GAIN = "CC", "KL", "SIM", "information gain"
_NAN = float("nan")
METRICS: dict[str, GazeMetric] = {
    metric.name: metric
    for metric in (
        GazeMetric(NSS, "normalised scanpath saliency: standard deviations of the map at fixations", 0.0),
        GazeMetric(AUC_JUDD, "area under the curve, fixated against all other cells", 0.5),
        GazeMetric(AUC_BORJI, "area under the curve, fixated against random cells", 0.5),
        GazeMetric(AUC_SHUFFLED, "area under the curve, against fixations on other pictures", 0.5),
        GazeMetric(CC, "correlation with the density of fixations", 0.0),
        GazeMetric(KL, "divergence of the map from the density of fixations, in nats; less is better", _NAN, -1),
        GazeMetric(SIM, "overlap with the density of fixations", _NAN),
        GazeMetric(GAIN, "information gain over the centre prior, in bits per fixation", _NAN),
    )
}


def nss(maps: np.ndarray, at: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Normalised scanpath saliency: mean at the fixations of the map in its standard deviations; 0 for even maps.

    Peters, Iyer, Itti & Koch 2005, Vision Research 45(18), 2397-2416.
    """
    return _mean(_at(standardised(maps), at), at, weight)


def auc_judd(maps: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Area under the curve: a viewer's fixations against all cells that he or she did not fixate.

    Judd, Ehinger, Durand & Torralba 2009, ICCV.
    """
    return _judd(Ranks(maps, at), at)


def auc_borji(maps: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Area under the curve: fixations against cells drawn evenly; the expectation over all draws.

    Borji, Sihite & Itti 2013, IEEE TIP 22(1), 55-69.
    """
    return _borji(Ranks(maps, at), at)


def auc_shuffled(maps: np.ndarray, at: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Area under the curve: fixations against those on other pictures, which takes the centre bias out.

    Zhang, Tong, Marks, Shan & Cottrell 2008, Journal of Vision 8(7):32.

    Parameters
    ----------
    maps, at
    other : ndarray, shape (cells,)
        How many fixations on other pictures lie in each cell.
    """
    return _shuffled(Ranks(maps, at), at, other)


def cc(maps: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Pearson correlation of maps and densities of fixations, shape (viewers, cells); 0 for even maps."""
    return np.asarray((_each(standardised(maps)) * standardised(density)).mean(axis=-1))


def kl(maps: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Kullback-Leibler divergence of maps from densities of fixations, shape (viewers, cells), in nats; 0 at best."""
    p, q = _each(distribution(maps)), distribution(density)
    return np.asarray((q * np.log(EPSILON + q / (p + EPSILON))).sum(axis=-1))


def sim(maps: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Similarity (histogram intersection) of maps and densities of fixations, shape (viewers, cells); 1 at best.

    Swain & Ballard 1991, IJCV 7(1), 11-32.
    """
    return np.asarray(np.minimum(_each(distribution(maps)), distribution(density)).sum(axis=-1))


def information_gain(
    maps: np.ndarray, at: np.ndarray, baseline: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:  # fmt: skip
    """Bits per fixation by which maps tell more of where a viewer looks than a baseline, shape (cells,), does.

    Kümmerer, Wallis & Bethge 2015, PNAS 112(52), 16054-16059.
    """
    over = np.log2(EPSILON + distribution(maps)) - np.log2(EPSILON + distribution(baseline))
    return _mean(_at(over, at), at, weight)


def scores(
    maps: np.ndarray, at: np.ndarray, density: np.ndarray, other: np.ndarray | None, baseline: np.ndarray | None,
    floor: float = 0.0, weight: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """All metrics, in the order of ``METRICS``; NaN for those that lack other pictures.

    Parameters
    ----------
    maps, at, density
        As above; maps without negative values.
    other : ndarray, shape (cells,), or None
        Counts of fixations on other pictures.
    baseline : ndarray, shape (cells,), or None
        The centre prior.
    floor : float
        Share of an even spread that is mixed into maps and baseline before KL and information gain, which a single
        fixation on a zero would decide otherwise.
    weight : ndarray, shape (viewers, most), optional
        How much each fixation counts; by default all alike.

    Returns
    -------
    ndarray of float64, shape (metrics, maps, viewers)
    """
    ranks, mixed = Ranks(maps, at), with_floor(maps, floor)
    none = np.full((len(maps), len(at)), np.nan)
    known = (at >= 0).any(axis=1)
    dense = [np.where(known, function(given, density), np.nan) for function, given in
             ((cc, maps), (kl, mixed), (sim, maps))]  # fmt: skip
    return np.stack(
        [
            nss(maps, at, weight), _judd(ranks, at, weight), _borji(ranks, at, weight),
            none if other is None else _shuffled(ranks, at, other, weight), *dense,
            none if baseline is None else information_gain(
                mixed, at, with_floor(baseline[None], floor)[0], weight
            ),
        ]
    )  # fmt: skip


def standardised(maps: np.ndarray) -> np.ndarray:
    """Maps with mean 0 and standard deviation 1 along the last axis; 0 where a map is even."""
    maps = np.asarray(maps, dtype=np.float64)
    centred = maps - maps.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True))
    # Sums of equal numbers may differ from them in the last digit.
    even = np.ptp(maps, axis=-1, keepdims=True) == 0
    return np.where(even, 0.0, centred / np.where(even, 1.0, spread))


def distribution(maps: np.ndarray) -> np.ndarray:
    """Maps without negative values, divided by their sum; even where all is zero."""
    maps = np.asarray(maps, dtype=np.float64)
    total = maps.sum(axis=-1, keepdims=True)
    return np.where(total > 0, maps / np.where(total > 0, total, 1.0), 1 / maps.shape[-1])


def with_floor(maps: np.ndarray, share: float) -> np.ndarray:
    """Maps as distributions with a share of an even spread."""
    return (1 - share) * distribution(maps) + share / np.shape(maps)[-1]


class Ranks:
    """Where the values at fixations stand among all values of their map, and the order of these; for the areas.

    Attributes
    ----------
    values : ndarray, shape (maps, viewers, most)
        The map at each fixation; NaN behind the last.
    below, upto : ndarray of int, shape (maps, viewers, most)
        How many cells have less, and at most the same.
    order : ndarray of int, shape (maps, viewers or 1, cells)
        Cells from the lowest to the highest.
    """

    def __init__(self, maps: np.ndarray, at: np.ndarray) -> None:
        each = _each(np.asarray(maps, dtype=np.float64))
        self.cells = each.shape[-1]
        self.values = _at(maps, at)
        self.order = np.argsort(each, axis=-1)
        ordered = np.take_along_axis(each, self.order, axis=-1)
        self.below, self.upto = (np.zeros(self.values.shape, dtype=np.int64) for _ in range(2))
        for m, v in np.ndindex(*each.shape[:2]):
            rows = slice(None) if each.shape[1] == 1 else slice(v, v + 1)
            self.below[m, rows] = np.searchsorted(ordered[m, v], self.values[m, rows], "left")
            self.upto[m, rows] = np.searchsorted(ordered[m, v], self.values[m, rows], "right")

    @property
    def middle(self) -> np.ndarray:
        """Cells below each fixation, those that are equal counted half."""
        return np.asarray((self.below + self.upto) / 2)


def _judd(ranks: Ranks, at: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    # Fixated cells are no negatives, and count once however often they were fixated.
    same = at[:, :, None] == at[:, None, :]
    earlier = np.tri(at.shape[1], k=-1, dtype=bool)
    once = (at >= 0) & ~(same & earlier).any(axis=2)
    one, two = ranks.values[..., :, None], ranks.values[..., None, :]
    own = (((one > two) + 0.5 * (one == two)) * once[:, None, :]).sum(axis=-1)
    negatives = ranks.cells - once.sum(axis=1)[:, None]
    return _mean((ranks.middle - own) / np.maximum(negatives, 1), at, weight)


def _borji(ranks: Ranks, at: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    return _mean(ranks.middle / ranks.cells, at, weight)


def _shuffled(ranks: Ranks, at: np.ndarray, other: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    total = float(np.sum(other))
    if not total > 0:
        return np.full(ranks.values.shape[:2], np.nan)
    counted = np.cumsum(np.asarray(other, dtype=np.float64)[ranks.order], axis=-1)
    counted = np.concatenate([np.zeros((*counted.shape[:2], 1)), counted], axis=-1)
    counted = np.broadcast_to(counted, (*ranks.values.shape[:2], counted.shape[-1]))
    below, upto = (np.take_along_axis(counted, place, axis=-1) for place in (ranks.below, ranks.upto))
    return _mean((below + upto) / (2 * total), at, weight)


def _each(maps: np.ndarray) -> np.ndarray:
    """Maps with an axis of viewers."""
    return maps[:, None, :] if maps.ndim == 2 else maps


def _at(maps: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values at the fixations, shape (maps, viewers, most), NaN behind the last."""
    maps, place = np.asarray(maps, dtype=np.float64), np.maximum(at, 0)
    taken = maps[:, place] if maps.ndim == 2 else np.take_along_axis(maps, np.broadcast_to(
        place, (len(maps), *place.shape)), axis=-1)  # fmt: skip
    return np.asarray(np.where(at >= 0, taken, np.nan))


def _mean(values: np.ndarray, at: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Mean over the fixations of each viewer; NaN where there are none."""
    counted = (at >= 0) if weight is None else np.where(at >= 0, weight, 0.0)
    count = counted.sum(axis=-1)
    total = (np.where(at >= 0, values, 0.0) * counted).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.where(count > 0, count, 1.0), np.nan))
