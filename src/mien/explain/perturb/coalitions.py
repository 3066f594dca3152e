"""Subsets of units for Shapley values: which are asked about, with which weight, and what follows from the answers."""

from __future__ import annotations

from itertools import combinations
from math import comb, factorial

import numpy as np

from mien.explain.perturb.sampling import Estimate


def all_subsets(units: int) -> np.ndarray:
    """Every subset, (2^units, units) of bool; row number in binary, unit 0 the lowest digit."""
    return (np.arange(2**units)[:, None] >> np.arange(units)) & 1 == 1


def exact_values(tables: np.ndarray) -> np.ndarray:
    """Shapley values from the outputs of all subsets in that order; (games, 2^units) to (games, units)."""
    units = tables.shape[1].bit_length() - 1
    numbers = np.arange(tables.shape[1])
    size = all_subsets(units).sum(axis=1)
    share = np.array([factorial(s) * factorial(units - s - 1) / factorial(units) for s in range(units)])
    values = np.empty((len(tables), units))
    for unit in range(units):
        without = numbers[(numbers >> unit) & 1 == 0]
        values[:, unit] = (tables[:, without + 2**unit] - tables[:, without]) @ share[size[without]]
    return values


def kernel_subsets(
    rng: np.random.Generator, units: int, pairs: int, settled: int | None = None
) -> tuple[np.ndarray, int, np.ndarray, float]:
    """Subsets to ask about, each with its complement, for KernelSHAP.

    A size's kernel mass is proportional to 1 / (size (units - size)). Small sizes come first and completely, as long
    as their share of the passes (of ``settled`` pairs, where given) suffices; the others are drawn by their mass.

    Returns
    -------
    subsets : ndarray of bool, shape (pairs, units)
    complete : int
        How many of the first are of complete sizes.
    weights : ndarray, shape (complete,)
        Their kernel weights. Masses of all sizes sum to 1.
    rest : float
        Mass of the sizes that were drawn.
    """
    settled = pairs if settled is None else min(settled, pairs)
    sizes = np.arange(1, units // 2 + 1)
    mass = 1 / (sizes * (units - sizes))
    mass = np.where(2 * sizes == units, mass / 2, mass)
    mass /= mass.sum()
    listed: list[np.ndarray] = []
    weights: list[float] = []
    rest, done = 1.0, 0
    for size, own in zip(sizes, mass, strict=True):
        number = comb(units, int(size)) // (2 if 2 * size == units else 1)
        if (settled - len(listed)) * own < number * rest * (1 - 1e-12):
            break
        # Of a half-size subset and its complement, the one with unit 0 stands for both.
        chosen = [c for c in combinations(range(units), int(size)) if 2 * size != units or 0 in c]
        listed += [np.isin(np.arange(units), c) for c in chosen]
        weights += [own / number] * number
        rest, done = max(rest - own, 0.0), done + 1
    complete = len(listed)
    drawn = np.zeros((0, units), dtype=bool)
    if done < len(sizes):
        count = pairs - complete
        own_size = rng.choice(sizes[done:], size=(count, 1), p=mass[done:] / mass[done:].sum())
        drawn = rng.random((count, units)).argsort(axis=1).argsort(axis=1) < own_size
    whole = np.concatenate([np.array(listed, dtype=bool).reshape(-1, units), drawn])
    return whole, complete, np.array(weights), rest


def regression(subsets: np.ndarray, outputs: np.ndarray, weight: np.ndarray, change: float, complete: int) -> Estimate:
    """Weighted least squares with the constraint that the values sum to ``change``.

    Parameters
    ----------
    subsets : ndarray of bool, shape (rows, units)
    outputs : ndarray, shape (rows,)
        Output minus that with everything covered; the mean of a subset's and what its complement says of it.
    weight : ndarray, shape (rows,)
    change : float
        Output of the whole minus that with everything covered.
    complete : int
        The first rows, which were not drawn and have no sampling error.
    """
    units = subsets.shape[1]
    # Written relative to equal shares, the unknowns sum to 0 and only differences from equal shares are weighed.
    design = subsets - subsets.mean(axis=1, keepdims=True)
    target = outputs - change * subsets.mean(axis=1)
    gram = (design * weight[:, None]).T @ design
    inverse = np.linalg.pinv(gram, hermitian=True, rcond=1e-10)
    away = inverse @ (design.T @ (weight * target))
    away -= away.mean()
    left = target - design @ away
    pull = (design @ inverse) * weight[:, None]
    leverage = (pull * design).sum(axis=1)
    influence = (pull * (left / (1 - leverage).clip(1e-3))[:, None])[complete:]
    return Estimate(change / units + away, np.sqrt((influence**2).sum(axis=0)), {"change": float(change)})


def orders(rng: np.random.Generator, units: int, count: int) -> np.ndarray:
    """Random orders of the units, (count, units)."""
    return rng.random((count, units)).argsort(axis=1)


def walks(order: np.ndarray) -> np.ndarray:
    """The subsets on the way from nothing to everything, in an order and in its reverse; (2 (units - 1), units)."""
    units = len(order)
    place = np.empty(units, dtype=int)
    place[order] = np.arange(units)
    steps = np.arange(1, units)[:, None]
    return np.concatenate([place < steps, units - 1 - place < steps])


def mean_changes(orders: np.ndarray, outputs: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Mean change that each unit made on both walks.

    Parameters
    ----------
    orders : ndarray of int, shape (orders, units)
    outputs : ndarray, shape (orders, 2, units - 1)
        Of ``walks``.
    ends : ndarray, shape (2,)
        Outputs of nothing and of everything.

    Returns
    -------
    ndarray, shape (orders, units)
    """
    first = np.full((*outputs.shape[:2], 1), ends[0])
    last = np.full((*outputs.shape[:2], 1), ends[1])
    steps = np.diff(np.concatenate([first, outputs, last], axis=2), axis=2)
    values = np.empty(orders.shape)
    np.put_along_axis(values, orders, (steps[:, 0] + steps[:, 1, ::-1]) / 2, axis=1)
    return values
