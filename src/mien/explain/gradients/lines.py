"""The mean gradient on straight lines, with as many points on each as its values need.

Points are those of Fejér's second rule: 3, 7, 15, 31, 63 or 127, so that every rule holds the points of the one before
and no pass is lost. With the same number of points it is nearly as exact as Gauss's (Trefethen, "Is Gauss quadrature
better than Clenshaw-Curtis?", SIAM Review 2008), whose points cannot be used again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from mien.core.features import PICTURE
from mien.explain.gradients.slope import input_gradient

# How many points the rules have: each has one more than twice those of the one before.
RULES = (3, 7, 15, 31, 63, 127)
MOST_POINTS = RULES[-1]
# Of pictures: gradients of networks over pixels jump from point to point, so that hardly any line would end before.
MOST_OF_PICTURES = RULES[-2]
# A line's values may have moved since the rule before by so many times the tolerance: that bounds the error of the rule
# before, and this one's is smaller by far wherever the gradient changes without jumps.
_MOVED = 5.0
# Where evidence cancels, the gap is compared with this share of all amounts.
_OF_AMOUNT = 0.001
# Share of the largest output that float32 rounds a gap by.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Enough:
    """When a line has points enough.

    Attributes
    ----------
    promised : ndarray of float64, shape (lines,)
        Output at the line's end minus output at its start.
    scale : ndarray of float64, shape (lines,)
        What gaps are compared with: the sample's output minus the mean output of all baselines.
    tolerance : float
        Share of ``scale`` that the values may miss.
    largest : float
        The largest output, whose rounding is no gap.
    most : int
        Points after which a line ends in any case.
    """

    promised: np.ndarray
    scale: np.ndarray
    tolerance: float
    largest: float
    most: int = MOST_POINTS

    def of(self, lines: np.ndarray, values: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Which lines are done, from their values by this rule and by the one before; bool, shape (lines,)."""
        amount = np.abs(values).sum(axis=1)
        gap = np.abs(values.sum(axis=1) - self.promised[lines])
        scale = np.maximum(np.abs(self.scale[lines]), _OF_AMOUNT * amount)
        allowed = self.tolerance * scale + _ROUNDING * self.largest
        with np.errstate(invalid="ignore"):  # outputs that are not finite are judged elsewhere
            moved = np.abs(values - before).sum(axis=1)
        still: np.ndarray = moved <= _MOVED * self.tolerance * amount + _ROUNDING * self.largest
        return (gap <= allowed) & still


def most_points(space: str) -> int:
    """Points after which a line ends, of samples of such a space."""
    return MOST_OF_PICTURES if space == PICTURE else MOST_POINTS


def fejer(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Places and weights of Fejér's second rule on the line from 0 to 1.

    Parameters
    ----------
    points : int

    Returns
    -------
    places, weights : ndarray of float64, shape (points,)
        Places rise; the weights are positive and add up to 1.
    """
    angle = np.pi * np.arange(1, points + 1) / (points + 1)
    odd = 2 * np.arange((points + 1) // 2) + 1
    sums = (np.sin(angle[:, None] * odd) / odd).sum(axis=1)
    return (1 - np.cos(angle)) / 2, 2 * np.sin(angle) * sums / (points + 1)


def along_lines(
    output: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, b: torch.Tensor, enough: Enough, rows: int,
    within: Callable[[float], None],
) -> tuple[torch.Tensor, np.ndarray]:  # fmt: skip
    """Mean gradient of ``output`` on the line of each pair, and how many points that took.

    Parameters
    ----------
    output : callable, tensor (rows, ...) -> tensor (rows,)
    x, b : torch.Tensor, shape (lines, ...)
        Ends and starts.
    enough : Enough
    rows : int
        Most rows that go through ``output`` at once.
    within : callable
        Hears which share of the lines is done.
    """
    mean, points = torch.empty_like(x), np.zeros(len(x), int)
    # As many lines at once as fill a batch with the second rule's new points: gradients of all points are kept.
    group = max(1, rows // (RULES[1] - RULES[0]))
    for start in range(0, len(x), group):
        open_ = np.arange(start, min(start + group, len(x)))
        slopes = x.new_zeros((len(open_), 0, x[0].numel()))
        before = np.full((len(open_), x[0].numel()), np.inf)
        for rule in RULES:
            places, weights = fejer(rule)
            fresh = torch.from_numpy(places if rule == RULES[0] else places[::2])
            slopes = _interleaved(slopes, _slopes(output, x[open_], b[open_], fresh, rows))
            found = torch.einsum("n,lnv->lv", torch.from_numpy(weights).to(slopes), slopes)
            way = (x[open_] - b[open_]).flatten(1)
            values = (way * found).double().cpu().numpy()
            done = enough.of(open_, values, before) | (rule >= enough.most)
            taken = torch.from_numpy(done).to(x.device)
            mean[open_[done]] = found[taken].reshape(mean[open_[done]].shape)
            points[open_[done]] = rule
            open_, slopes, before = open_[~done], slopes[~taken], values[~done]
            if not len(open_):
                break
        within(min(start + group, len(x)) / len(x))
    return mean, points


def _slopes(
    output: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, b: torch.Tensor, places: torch.Tensor, rows: int
) -> torch.Tensor:
    """Gradients at places on each line; (lines, places, values)."""
    at = places.to(x).reshape(1, -1, *[1] * (x.dim() - 1))
    line = torch.addcmul(b[:, None], (x - b)[:, None], at).flatten(0, 1)
    result = []
    for part in line.split(rows):
        part = part.detach().requires_grad_()
        with torch.enable_grad():
            answers = output(part)
        result.append(input_gradient(answers, part).flatten(1))
    return torch.cat(result).reshape(len(x), len(places), -1)


def _interleaved(old: torch.Tensor, fresh: torch.Tensor) -> torch.Tensor:
    """Gradients of all points in order: every second one is of the rule before, if there was one."""
    if not old.shape[1]:
        return fresh
    result = fresh.new_empty((len(old), old.shape[1] + fresh.shape[1], old.shape[2]))
    result[:, ::2], result[:, 1::2] = fresh, old
    return result
