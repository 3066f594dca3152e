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

# Gradients of the explained output at many rows.
Slopes = Callable[[torch.Tensor], torch.Tensor]

# How many points the rules have: each has one more than twice those of the one before.
RULES = (3, 7, 15, 31, 63, 127)
MOST_POINTS = RULES[-1]
# Of pictures: gradients of networks over pixels jump from point to point, so that hardly any line would end before.
MOST_OF_PICTURES = RULES[-2]
# Gradients at the points of some lines that are kept at once: 16 MiB.
KEPT_VALUES = 2**22
# A line's values may have moved since the rule before by so many times the tolerance: that bounds the error of the rule
# before, and this one's is smaller by far wherever the gradient changes without jumps.
_MOVED = 5.0
# Where evidence cancels, the gap is compared with this share of all amounts.
_OF_AMOUNT = 0.001
# Share of the largest output that float32 rounds a gap by.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Enough:
    """When a line has points enough: it moves no more, and it or all lines of its sample together miss little.

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
    together : int
        So many lines, one after the other, lead to one sample and are averaged, so that their mean gap counts.
    """

    promised: np.ndarray
    scale: np.ndarray
    tolerance: float
    largest: float
    most: int = MOST_POINTS
    together: int = 1

    def of(self, lines: slice, sums: np.ndarray, amounts: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """Which lines are done; bool, shape (lines,).

        Parameters
        ----------
        lines : slice
            Which lines these are: all of some samples.
        sums, amounts, moved : ndarray of float64, shape (lines,)
            Sum of the values, sum of their absolute values, and absolute sum of their changes since the rule before;
            of lines that are done already as they were then.
        """
        gaps, scale = sums - self.promised[lines], np.abs(self.scale[lines])
        with np.errstate(invalid="ignore"):  # outputs that are not finite are judged elsewhere
            still = moved <= _MOVED * self.tolerance * amounts + _ROUNDING * self.largest
            alone = np.abs(gaps) <= self._allowed(scale, amounts)
            by_sample = [one.reshape(-1, self.together) for one in (gaps, scale, amounts)]
            gap, usual, amount = (one.mean(axis=1) for one in by_sample)
            all_still = still.reshape(-1, self.together).all(axis=1)
            whole = (np.abs(gap) <= self._allowed(usual, amount)) & all_still
        done: np.ndarray = still & alone | np.repeat(whole, self.together)
        return done

    def _allowed(self, scale: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        gap: np.ndarray = self.tolerance * np.maximum(scale, _OF_AMOUNT * amounts) + _ROUNDING * self.largest
        return gap


def most_points(space: str) -> int:
    """Points after which a line ends, of samples of such a space."""
    return MOST_OF_PICTURES if space == PICTURE else MOST_POINTS


def kept_together(values: int) -> int:
    """How many lines' gradients of so many values may be kept at the points of the third rule, batches or not."""
    return KEPT_VALUES // (RULES[2] * max(1, values))


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
    slopes: Slopes, ends: torch.Tensor, starts: torch.Tensor, enough: Enough, rows: int, within: Callable[[float], None]
) -> tuple[torch.Tensor, np.ndarray]:
    """Mean gradient on the lines to each end, one from every start, and how many points each took.

    Parameters
    ----------
    slopes : callable, tensor (rows, ...) -> tensor (rows, ...)
        The gradient at every row.
    ends : torch.Tensor, shape (ends, ...)
    starts : torch.Tensor, shape (starts, ...)
    enough : Enough
    rows : int
        Most rows that go through ``slopes`` at once.
    within : callable
        Hears which share of the lines is done.

    Returns
    -------
    mean : torch.Tensor, shape (ends x starts, ...)
    points : ndarray of int, shape (ends x starts,)
    """
    count, shape = len(ends) * len(starts), ends.shape[1:]
    mean, points = ends.new_empty((count, shape.numel())), np.zeros(count, int)
    # As many lines at once as fill a batch with the third rule's new points, or more where these are small: gradients
    # of all points are kept.
    many = max(rows // (RULES[2] - RULES[1]), kept_together(shape.numel()))
    group = max(1, -(-many // enough.together)) * enough.together
    for start in range(0, count, group):
        part = slice(start, min(start + group, count))
        lines = lines_between(ends, starts, part)
        open_ = np.arange(len(lines))
        sums, amounts, moved = (np.full(len(lines), np.inf) for _ in range(3))
        # Gradients at the points of each rule so far, and which of them are of lines that are not done.
        kept: list[tuple[list[torch.Tensor], torch.Tensor | None]] = []
        before: torch.Tensor | None = None
        for rule in RULES:
            places, weights = fejer(rule)
            fresh = places if rule == RULES[0] else places[::2]
            kept.append((slopes_at(slopes, lines, torch.from_numpy(fresh).to(lines), shape, rows), None))
            found = _by_rule(kept, weights)
            values = lines[:, 1] * found
            if before is not None:
                moved[open_] = _sums((values - before).abs_())
            sums[open_], amounts[open_] = _sums(values), _sums(values.abs())
            done = enough.of(part, sums, amounts, moved)[open_] | (rule >= enough.most)
            if done.any():
                ended, still = (torch.from_numpy(np.flatnonzero(which)).to(mean.device) for which in (done, ~done))
                mean[start + open_[done]] = found[ended]
                points[start + open_[done]] = rule
                if done.all():
                    break
                open_, lines, values = open_[~done], lines[still], values[still]
                kept = [(one, still if which is None else which[still]) for one, which in kept]
            before = values
        within(part.stop / count)
    return mean.reshape(-1, *shape), points


def lines_between(ends: torch.Tensor, starts: torch.Tensor, part: slice) -> torch.Tensor:
    """Where some of the lines to each end, one from every start, start, and the ways; (lines, 2, values)."""
    line = torch.arange(part.start, part.stop, device=ends.device)
    origin = starts.flatten(1)[line % len(starts)]
    return torch.stack([origin, ends.flatten(1)[line // len(starts)].sub_(origin)], 1)


def slopes_at(
    slopes: Slopes, lines: torch.Tensor, places: torch.Tensor, shape: torch.Size, rows: int
) -> list[torch.Tensor]:
    """Gradients at places on lines.

    Parameters
    ----------
    slopes : callable, tensor (rows, ...) -> tensor (rows, ...)
    lines : torch.Tensor, shape (lines, 2, values)
        Where each line starts, and the way from there to its end.
    places : torch.Tensor, shape (places,)
        From 0 (start) to 1 (end).
    shape : torch.Size
        Of a point as ``slopes`` takes it.
    rows : int
        Most points that go through ``slopes`` at once.

    Returns
    -------
    list of torch.Tensor, shape (lines, places, values)
        Of lines one after the other.
    """
    # One product with both columns: faster than adding multiples of the way.
    at = torch.stack([torch.ones_like(places), places], 1)
    count = -(-len(lines) // max(1, rows // len(places)))
    result = []
    for part in lines.split(-(-len(lines) // count)):
        found = []
        for few in at.split(rows):
            points = torch.matmul(few, part)
            found.append(slopes(points.reshape(-1, *shape)).reshape(points.shape))
        result.append(_joined(found, 1))
    return result


def weighed(points: list[torch.Tensor], weights: np.ndarray) -> torch.Tensor:
    """Weighted sum over the places of what ``slopes_at`` gives; (lines, values)."""
    return _joined([torch.matmul(torch.from_numpy(weights).to(one), one) for one in points], 0)


def _joined(parts: list[torch.Tensor], axis: int) -> torch.Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, axis)


def _by_rule(kept: list[tuple[list[torch.Tensor], torch.Tensor | None]], weights: np.ndarray) -> torch.Tensor:
    """Mean gradient, (lines, values), from those of each rule's new points: every second point is of rules before."""
    total: torch.Tensor | None = None
    for number, (points, which) in reversed(list(enumerate(kept))):
        own, weights = (weights[::2], weights[1::2]) if number else (weights, weights)
        # Lines that are done are weighed as well: that is cheaper than copying the others' points.
        part = weighed(points, own)
        part = part if which is None else part[which]
        total = part if total is None else total.add_(part)
    assert total is not None
    return total


def _sums(values: torch.Tensor) -> np.ndarray:
    """Sum of each line's values."""
    return values.sum(1).double().cpu().numpy()
