"""Subsets of units for LIME and Shapley values: which are asked about, with which weight, and what follows from it."""

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


def hadamard_rows(units: int) -> np.ndarray:
    """Columns of Paley's Hadamard matrix without the constant one: (q + 1, q) of bool, q the prime that suffices.

    Any two columns agree in half of the rows. Unlike those of Sylvester's construction, no column is the product of two
    others, so that interactions of three units are spread over all others' columns.

    R. E. A. C. Paley, "On orthogonal matrices", Journal of Mathematics and Physics 12, 1933.
    """
    q = max(units, 3)
    while q % 4 != 3 or any(q % factor == 0 for factor in range(3, int(q**0.5) + 1, 2)):
        q += 1
    square = np.zeros(q, dtype=bool)
    square[np.arange(1, q) ** 2 % q] = True
    inside = square[(np.arange(q)[None] - np.arange(q)[:, None]) % q]
    inside[np.diag_indices(q)] = True
    return np.concatenate([np.zeros((1, q), dtype=bool), inside])


def balanced_subsets(rng: np.random.Generator, rows: int, units: int) -> np.ndarray:
    """Subsets with their complements, (rows, units), each as likely as any, together more even than chance.

    In every block of 2 (q + 1) rows each unit is shown in half of the rows, each two in a quarter and each three in an
    eighth: main effects are not mixed with one another nor with interactions of two. Which unit has which column, which
    columns are turned round and the order of the rows are drawn.

    Plackett & Burman, "The design of optimum multifactorial experiments", Biometrika 33, 1946; complements: Box &
    Wilson, "On the experimental attainment of optimum conditions", Journal of the Royal Statistical Society B 13, 1951.
    """
    design, blocks = hadamard_rows(units), []
    for _ in range(-(-rows // (2 * len(design)))):
        block = design[:, rng.permutation(design.shape[1])[:units]] ^ (rng.random(units) < 0.5)
        block = block[rng.permutation(len(block))]
        blocks.append(np.stack([block, ~block], axis=1).reshape(-1, units))
    return np.concatenate(blocks)[:rows] if blocks else np.zeros((0, units), dtype=bool)


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
