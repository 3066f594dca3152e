"""One reference beside all layers: coefficients, noise ceiling, intervals, tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.compare.conditions import Conditions
from mien.compare.matrix_correlation import correlations, standardised
from mien.compare.matrix_intervals import LEAST_STIMULI, bounds, matrix_intervals
from mien.compare.matrix_scores import halves_ceiling, matrix_scores, noise_ceiling
from mien.compare.matrix_tests import LayerTests, layer_tests
from mien.compare.pair_orders import compared_pairs, pair_orders
from mien.compare.rsa_result import ComparedReference, SimilarityRow
from mien.core.errors import InputError
from mien.stats.subjects import codes_of

# Below it the partial test finds what is not there in one of ten repetitions (benchmarks/null_rsa.py).
LEAST_HELD = 20
_RANKED = ("spearman", "tau-a", "rho-a")


@dataclass(frozen=True, eq=False)
class ReferenceMatrix:
    """Dissimilarities of the conditions that layers are compared with.

    Attributes
    ----------
    name, kind : str
        ``kind``: ``'matrix'`` or ``'model'``.
    values : ndarray, shape (sources, conditions, conditions)
        NaN where unknown.
    unit, licence, credit : str
    halves : ndarray, shape (splits, 2, conditions, conditions), or None
        Of random halves of the measurements of one source.
    """

    name: str
    kind: str
    values: np.ndarray
    unit: str = ""
    licence: str = ""
    credit: str = ""
    halves: np.ndarray | None = None

    @property
    def mean(self) -> np.ndarray:
        """Mean over the sources that know a pair, shape (conditions, conditions)."""
        known = np.isfinite(self.values)
        count = known.sum(axis=0)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(known, self.values, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan))


def rows_of(
    reference: ReferenceMatrix,
    names: Sequence[tuple[str, str]],
    layers: np.ndarray,
    conditions: Conditions,
    given: np.ndarray | None,
    *,
    coefficient: str,
    n_permutations: int,
    n_boot: int,
    seed: int,
    notes: list[str],
) -> tuple[ComparedReference, list[SimilarityRow]]:
    """A row for every layer.

    Parameters
    ----------
    reference : ReferenceMatrix
    names : sequence of (network, layer)
    layers : ndarray, shape (layers, conditions, conditions)
        Dissimilarities.
    conditions : Conditions
    given : ndarray, shape (conditions, conditions), optional
        What is held constant in partial correlations.
    coefficient : str
    n_permutations, n_boot, seed : int
    notes : list of str
        Receives what has to be known.

    Raises
    ------
    InputError
        If the reference says something of fewer than four conditions, or the same of all pairs.
    """
    off = ~np.eye(len(conditions), dtype=bool)
    known = (np.isfinite(reference.values) & off).any(axis=(0, 1))
    if known.sum() < 4:
        raise InputError(
            f"{reference.name}: it says something of {int(known.sum())} {conditions.by}(s) of the pictures; at least 4 "
            "are compared."
        )
    here = np.flatnonzero(known)
    part = np.ix_(here, here)
    values, sources = reference.values[:, here[:, None], here[None]], conditions.sources[here]
    pairs, matrices = compared_pairs(sources), layers[:, here[:, None], here[None]]
    ranked = coefficient in _RANKED
    x = np.stack([standardised(one, pairs, ranked=ranked) for one in matrices])
    y = np.stack([standardised(one, pairs, ranked=ranked) for one in values])
    if not np.isfinite(y).any(axis=(1, 2)).all():
        raise InputError(f"{reference.name}: one of its matrices says the same of every pair; leave it out.")
    score = matrix_scores(matrices, values, pairs, coefficient).mean(axis=1)
    orders, exact = pair_orders(sources, n_permutations, seed)
    tests = layer_tests(correlations(x, y, orders))
    nothing = np.full(len(names), np.nan)
    partial = LayerTests(nothing, nothing, nothing)
    if given is not None:
        z = standardised(given[part], pairs, ranked=ranked)
        if not np.isfinite(z).any():
            raise InputError(f"What is held constant says the same of every pair that '{reference.name}' knows.")
        partial = layer_tests(correlations(x, y, orders, z))
        if len(codes_of(sources)[0]) < LEAST_HELD:
            partial = LayerTests(partial.statistic, nothing, nothing)
            notes.append(
                f"{reference.name}: no test of what is left with another matrix held constant, as it would be wrong "
                f"too often with fewer than {LEAST_HELD} {'categories' if conditions.by == 'category' else 'sources'}."
            )
    low, high = nothing, nothing
    if coefficient in ("spearman", "pearson"):
        error, freedom = matrix_intervals(x, y, sources, n_boot=n_boot, seed=seed)
        low, high = bounds(score, error, freedom)
        stimuli = len(codes_of(sources)[0])
        if stimuli < LEAST_STIMULI:
            what = "categories" if conditions.by == "category" else "sources"
            notes.append(f"{reference.name}: no interval over {stimuli} {what}; it is given from {LEAST_STIMULI} on.")
    if reference.halves is None:
        ceiling = noise_ceiling(values, pairs, coefficient)
    else:
        ceiling = halves_ceiling(reference.halves[:, :, here[:, None], here[None]], pairs, coefficient)
    facts = ComparedReference(
        reference.name, reference.kind, len(values), reference.unit, len(here), *ceiling,
        len(orders) if exact else len(orders) - 1, exact, reference.licence, reference.credit,
    )  # fmt: skip
    columns = (score, low, high, tests.p, tests.p_corrected, partial.statistic, partial.p, partial.p_corrected)
    return facts, [
        SimilarityRow(network, layer, reference.name, *(float(column[i]) for column in columns))
        for i, (network, layer) in enumerate(names)
    ]
