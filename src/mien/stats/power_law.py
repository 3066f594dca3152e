"""How a score grows with the number of people, as a power law with an end, and how far that may be drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Exponents that are tried; at either end the bend is not determined by the data.
EXPONENTS = np.geomspace(0.1, 2.0, 61)
LEAST_SIZES, DRAWS = 4, 1000
# A curve is drawn on where no more of the draws than this do not rise, or have no bend that the sizes determine; no
# further than so many times the largest size; and where the interval there is no wider than so much.
_FAILING, FURTHEST, WIDEST = 0.1, 4.0, 0.2


@dataclass(frozen=True)
class Beyond:
    """The score that is to be expected of more people, with its 95 % interval."""

    people: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class PowerLaw:
    """``end - size * people ** -exponent`` as fitted to a learning curve.

    Attributes
    ----------
    end, size, exponent : float
        NaN where nothing was fitted.
    beyond : tuple of Beyond
        Empty where the curve does not determine it.
    refused : str
        Why it is not drawn on; ``''`` where it is.
    """

    end: float
    size: float
    exponent: float
    beyond: tuple[Beyond, ...] = ()
    refused: str = ""

    def at(self, people: np.ndarray) -> np.ndarray:
        """The fitted score for numbers of people."""
        found: np.ndarray = self.end - self.size * np.asarray(people, dtype=np.float64) ** -self.exponent
        return found


def power_law(
    people: Sequence[int], scores: Sequence[float], own: Sequence[float], shared: Sequence[float],
    *, highest: float = 1.0, seed: int = 0,
) -> PowerLaw:  # fmt: skip
    """Fit by weighted least squares, with parametric draws for the intervals.

    Parameters
    ----------
    people : sequence of int, shape (sizes,)
        Increasing.
    scores : sequence of float, shape (sizes,)
    own : sequence of float, shape (sizes,)
        Standard error of each score from the drawn training people.
    shared : sequence of float, shape (sizes,)
        Standard error from the held-out people, who are the same for all sizes: all scores are too high or too low
        together.
    highest : float
        What no score exceeds.
    seed : int

    Notes
    -----
    Cortes et al. 1994, "Learning curves: asymptotic values and rate of convergence", NeurIPS 6; for few sizes the end
    is badly determined (Viering & Loog 2023, "The shape of learning curves: a review", IEEE TPAMI 45(6)), so intervals
    are those of the drawn curves and wide or uncertain ones are refused.
    """
    n, y = np.asarray(people, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    error, common = np.asarray(own, dtype=np.float64), np.asarray(shared, dtype=np.float64)
    nan = float("nan")
    if len(n) < LEAST_SIZES:
        return PowerLaw(nan, nan, nan, refused=f"{len(n)} sizes are too few; {LEAST_SIZES} at least are needed.")
    floor = max(1e-4, float(np.median(error)) / 3)
    weights = 1 / np.maximum(error, floor) ** 2
    end, size, place = (part[0] for part in _fits(n, y[None], weights, highest))
    rng = np.random.default_rng(seed)
    fitted = end - size * n ** -EXPONENTS[place]
    drawn = fitted + rng.normal(size=(DRAWS, 1)) * common + rng.normal(size=(DRAWS, len(n))) * np.maximum(error, floor)
    ends, sizes, places = _fits(n, drawn, weights, highest)
    law = PowerLaw(float(end), float(size), float(EXPONENTS[place]))
    rises = sizes > 0
    if (~rises).mean() > _FAILING:
        return PowerLaw(law.end, law.size, law.exponent, refused="It is not shown that the score rises with people.")
    whole = rises & (places > 0) & (places < len(EXPONENTS) - 1)
    if (~whole).mean() > 3 * _FAILING:
        return PowerLaw(law.end, law.size, law.exponent, refused="The sizes do not determine how the curve bends.")
    found = []
    for times in (1.5, 2.0, 3.0, FURTHEST):
        reach = float(n[-1] * times)
        values = ends - sizes * reach ** -EXPONENTS[places]
        low, high = (float(bound) for bound in np.quantile(values, (0.025, 0.975)))
        if high - low > WIDEST:
            break
        found.append(Beyond(round(reach), float(law.at(np.array(reach))), low, high))
    refused = "" if found else "The interval beyond the largest size is too wide to be of use."
    return PowerLaw(law.end, law.size, law.exponent, tuple(found), refused)


def _fits(
    n: np.ndarray, curves: np.ndarray, weights: np.ndarray, highest: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """End, size and place of the exponent of each curve, (curves,): linear least squares for every exponent."""
    best = np.full(len(curves), np.inf)
    ends, sizes, places = (np.zeros(len(curves)) for _ in range(3))
    total = weights.sum()
    for place, exponent in enumerate(EXPONENTS):
        x = -(n**-exponent)
        x_mean = float(weights @ x / total)
        y_mean = curves @ weights / total
        slope = (curves - y_mean[:, None]) @ (weights * (x - x_mean)) / float(weights @ (x - x_mean) ** 2)
        slope = np.maximum(slope, 0.0)
        # An end above the highest score is held there, and the slope fitted for it.
        over = y_mean - slope * x_mean > highest
        held = ((curves - highest) @ (weights * x)) / float(weights @ x**2)
        slope = np.where(over, np.maximum(held, 0.0), slope)
        end = np.where(over, highest, y_mean - slope * x_mean)
        loss = ((curves - end[:, None] - slope[:, None] * x) ** 2) @ weights
        better = loss < best - 1e-12
        best, ends, sizes = np.where(better, loss, best), np.where(better, end, ends), np.where(better, slope, sizes)
        places = np.where(better, place, places)
    return ends, sizes, places.astype(int)
