"""Baselines: the inputs that evidence is measured against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.core.errors import InputError

# Rows whose pairwise distances are looked at; more are thinned out by the seed.
MOST_ROWS = 2000


@dataclass(frozen=True, eq=False)
class Baselines:
    """Baselines with a record of where they come from.

    Attributes
    ----------
    values : ndarray of float32, shape (baselines, ...)
    record : dict
        For ``Evidence.settings``.
    """

    values: np.ndarray
    record: dict[str, Any] = field(default_factory=dict)


def choose_baselines(
    wanted: Any,
    reference: np.ndarray,
    *,
    count: int = 5,
    seed: int = 0,
    scaled: bool = True,
    ids: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> Baselines:
    """Baselines as asked for.

    Parameters
    ----------
    wanted : str or array
        ``'medoids'``: the ``count`` most typical reference samples. ``'medoids:LABEL'``: those of one label.
        ``'class-medoids'``: the most typical samples of every label, ``count`` in all but at least one of each.
        ``'mean'``: the mean reference sample. ``'zero'``. Or an array of one sample or of several.
    reference : ndarray, shape (samples, ...)
        Rows with non-finite values are left out.
    count : int
        Number of medoids; fewer if there are fewer different samples.
    seed : int
        Thins out references of more than ``MOST_ROWS`` rows.
    scaled : bool
        Whether distances for medoids are taken in units of each value's standard deviation (for features of
        different units).
    ids, labels : ndarray of str, shape (samples,), optional
        Names and labels of the reference samples.

    Raises
    ------
    InputError
        If the name is unknown, the array has another shape, or no reference sample is left.
    """
    shape = reference.shape[1:]
    if not isinstance(wanted, str):
        try:
            given = np.asarray(wanted, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise InputError(
                "baselines is 'medoids', 'medoids:LABEL', 'class-medoids', 'mean', 'zero' or an array of numbers of "
                f"the samples' shape {shape}, but got what is no such array ({error})."
            ) from error
        return _given(given, shape)
    kind, colon, label = wanted.partition(":")
    if colon and not label:
        raise InputError(f"baselines='{wanted}': a label has to follow the colon, as in '{kind}:neutral'.")
    if label and kind in ("zero", "mean", "class-medoids"):
        raise InputError(f"baselines='{wanted}': {kind} has no label; give '{kind}' or 'medoids:{label}'.")
    if kind == "zero":
        return Baselines(np.zeros((1, *shape), np.float32), {"baselines": "zero", "n_baselines": 1})
    if kind not in ("medoids", "mean") and wanted != "class-medoids":
        known = "'medoids', 'medoids:LABEL', 'class-medoids', 'mean', 'zero' or an array"
        raise InputError(f"baselines is {known}, but got '{wanted}'.")
    usable = np.isfinite(reference.reshape(len(reference), -1)).all(axis=1)
    if label:
        if labels is None or label not in set(labels):
            known = ", ".join(sorted({str(x) for x in labels} - {""})) if labels is not None else "none"
            raise InputError(f"baselines='{wanted}': no reference sample is labelled '{label}' (known: {known}).")
        usable &= labels == label
    rows = np.flatnonzero(usable)
    if not len(rows):
        raise InputError(f"baselines='{wanted}': no reference sample has finite values; give baselines='zero'.")
    record: dict[str, Any] = {"baselines": wanted, "reference_samples": len(rows)}
    if kind == "mean":
        mean = reference[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
        return Baselines(mean[None], {**record, "n_baselines": 1})
    if kind == "class-medoids":
        parts = _by_label(rows, labels)
        each = max(1, count // len(parts))
        chosen = np.concatenate([part[medoids(reference[part], each, seed=seed, scaled=scaled)] for part in parts])
    else:
        chosen = rows[medoids(reference[rows], count, seed=seed, scaled=scaled)]
    record["n_baselines"] = len(chosen)
    record["baseline_samples"] = [str(x) for x in (chosen if ids is None else ids[chosen])]
    return Baselines(np.ascontiguousarray(reference[chosen], dtype=np.float32), record)


def _by_label(rows: np.ndarray, labels: np.ndarray | None) -> list[np.ndarray]:
    """Rows of each label."""
    known = sorted({str(labels[row]) for row in rows} - {""}) if labels is not None else []
    if labels is None or not known:
        raise InputError("baselines='class-medoids': the reference samples have no labels; give labels=...")
    return [rows[labels[rows].astype(str) == label] for label in known]


def _given(values: np.ndarray, shape: tuple[int, ...]) -> Baselines:
    values = values[None] if values.shape == shape else values
    if values.shape[1:] != shape or not len(values):
        raise InputError(f"Baselines must be of the samples' shape {shape}, one or several, but got {values.shape}.")
    if not np.isfinite(values).all():
        raise InputError("Baselines must be finite, but the array holds NaN or infinite values.")
    record = {"baselines": "given", "n_baselines": len(values)}
    return Baselines(np.ascontiguousarray(values), record)


def medoids(values: np.ndarray, count: int, *, seed: int = 0, scaled: bool = True) -> np.ndarray:
    """Indices of the ``count`` rows that lie closest to all others: partitioning around medoids.

    Kaufman & Rousseeuw 1990: a greedy start, then the best swap of a medoid and another row until none lowers
    the sum of distances. Deterministic up to ``MOST_ROWS`` rows.

    Parameters
    ----------
    values : ndarray, shape (rows, ...)
        Finite.
    count : int
    seed : int
        Draws ``MOST_ROWS`` rows where there are more.
    scaled : bool
        Divide each value by its standard deviation first.

    Returns
    -------
    ndarray of int, shape (min(count, number of different rows),)
        In ascending order.
    """
    if count < 1:
        raise InputError(f"The number of baselines is at least 1, but got {count}.")
    flat = values.reshape(len(values), -1).astype(np.float64)
    kept = np.arange(len(flat))
    if len(flat) > MOST_ROWS:
        kept = np.sort(np.random.default_rng(seed).choice(len(flat), MOST_ROWS, replace=False))
        flat = flat[kept]
    flat = flat - flat.mean(axis=0)
    if scaled:
        spread = flat.std(axis=0)
        flat /= np.where(spread > 0, spread, 1.0)
    squares = (flat**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * flat @ flat.T, 0))
    distance[distance < 1e-6 * distance.max(initial=0)] = 0  # copies, but for rounding
    return np.sort(kept[_partition(distance, min(count, len(flat)))])


def _partition(distance: np.ndarray, count: int) -> np.ndarray:
    chosen: list[int] = []
    nearest = np.full(len(distance), np.inf)
    for _ in range(count):
        costs = np.minimum(distance, nearest).sum(axis=1)
        best = int(costs.argmin())
        if chosen and costs[best] >= nearest.sum() * (1 - 1e-9):
            break  # every other row is a copy of a medoid
        chosen.append(best)
        nearest = np.minimum(nearest, distance[best])
    cost = nearest.sum()
    while True:
        best_cost, best_swap = cost * (1 - 1e-9), None
        for position in range(len(chosen)):
            others = [c for i, c in enumerate(chosen) if i != position]
            rest = distance[others].min(axis=0) if others else np.full(len(distance), np.inf)
            costs = np.minimum(distance, rest).sum(axis=1)
            if costs.min() < best_cost:
                best_cost, best_swap = float(costs.min()), (position, int(costs.argmin()))
        if best_swap is None:
            return np.array(chosen)
        chosen[best_swap[0]], cost = best_swap[1], best_cost
