"""Every metric for every explanation, with the inverse of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.explain.problem import Progress
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.curves import deletion_curve, insertion_curve
from mien.faithfulness.localisation import turned_around
from mien.faithfulness.metrics import (
    AGAIN,
    METRICS,
    NETWORK,
    OTHERS,
    REVERSED,
    SAME,
    TRUTH,
    Metric,
    metric_of_name,
)
from mien.faithfulness.result import CONTROLS
from mien.stats.subjects import subject_means

_CURVES = {"insertion": insertion_curve, "deletion": deletion_curve}


@dataclass(eq=False)
class MetricValues:
    """Numbers of the usable samples, ``[metric][explanation]``, each of shape (samples,); controls have no inverse.

    ``reasons[metric]`` says what a metric lacked that gave no number at all.
    """

    values: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    inverse: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    drawn: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def curves(self, subject: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
        """Mean curves over subjects, ``[metric][explanation]``, shape (cuts,)."""
        return {
            metric: {name: _mean_curve(curve, subject) for name, curve in curves.items()}
            for metric, curves in self.drawn.items()
        }


def beside(parts: Sequence[MetricValues]) -> MetricValues:
    """Numbers of several explanations of the same samples."""
    whole = MetricValues()
    for part in parts:
        for kind in ("values", "inverse", "drawn"):
            for metric, columns in getattr(part, kind).items():
                getattr(whole, kind).setdefault(metric, {}).update(columns)
        whole.reasons.update(part.reasons)
    return whole


def joined(parts: Sequence[MetricValues]) -> MetricValues:
    """Numbers of all groups, one after the other."""
    first = parts[0]

    def together(kind: str) -> dict[str, dict[str, np.ndarray]]:
        result: dict[str, dict[str, np.ndarray]] = getattr(first, kind)
        return {
            metric: {name: np.concatenate([getattr(part, kind)[metric][name] for part in parts]) for name in columns}
            for metric, columns in result.items()
        }

    return MetricValues(together("values"), together("inverse"), together("drawn"), first.reasons)


def chosen_metrics(wanted: Sequence[str] | None, case: Case, explanations: dict[str, Explanation]) -> list[Metric]:
    """The metrics that were asked for, or all that can be had.

    Raises
    ------
    InputError
        If a metric is unknown or what it needs is not there.
    """
    offered = set()
    if case.network is not None and any(True for _ in case.network.parameters()):
        offered.add(NETWORK)
    if case.truth is not None:
        offered.add(TRUTH)
    if any(e.rerun is not None for name, e in explanations.items() if name not in CONTROLS):
        offered.add(AGAIN)
    if wanted is None:
        return [row for row in METRICS.values() if set(row.needs) <= offered]
    chosen = [metric_of_name(name) for name in dict.fromkeys([wanted] if isinstance(wanted, str) else wanted)]
    for row in chosen:
        missing = [need for need in row.needs if need not in offered]
        if missing:
            raise InputError(f"The metric '{row.name}' needs {missing[0]}, which is not given here.")
    if not chosen:
        raise InputError(f"Name at least one metric; mien has: {', '.join(METRICS)}.")
    return chosen


def lacking(metric: Metric, case: Case) -> str:
    """What these samples cannot give the metric; ``''`` for nothing."""
    few = case.problem.space != PICTURE and len(case.problem.reference) < 2
    return next((what for what in metric.lacks if what == OTHERS and few), "")


def measure(
    case: Case,
    explanations: dict[str, Explanation],
    metrics: list[Metric],
    settings: dict[str, dict[str, Any]],
    progress: Progress,
) -> MetricValues:
    """All metrics for all explanations.

    Parameters
    ----------
    case : Case
    explanations : dict of str to Explanation
    metrics : list of Metric
    settings : dict of str to dict
        Of each metric, by its name.
    progress : callable (done, total)
    """
    result, total = MetricValues(), len(metrics) * len(explanations)
    for number, metric in enumerate(metrics):
        given = settings.get(metric.name, {})
        values: dict[str, np.ndarray] = {}
        inverse: dict[str, np.ndarray] = {}
        absent = lacking(metric, case)
        if absent:
            result.reasons[metric.name] = absent
        for place, (name, explanation) in enumerate(explanations.items()):
            if absent:
                values[name] = np.full(len(explanation.scores), np.nan)
                if name not in CONTROLS:
                    inverse[name] = values[name]
            elif AGAIN not in metric.needs or explanation.rerun is not None:
                values[name] = metric.run(case, explanation, **given)
                if name not in CONTROLS:
                    inverse[name] = _inverse(metric, case, explanation, values[name], given)
            progress(number * len(explanations) + place + 1, total)
        result.values[metric.name], result.inverse[metric.name] = values, inverse
        if metric.name in _CURVES:
            curve = _CURVES[metric.name]
            result.drawn[metric.name] = {name: curve(case, e) for name, e in explanations.items()}
    return result


def _inverse(
    metric: Metric, case: Case, explanation: Explanation, own: np.ndarray, settings: dict[str, Any]
) -> np.ndarray:
    """The metric of the explanation turned around."""
    if metric.inverse == SAME:
        return own
    if metric.inverse in METRICS:
        # Units that come in from the least evident on are those that stay when the most evident go.
        return METRICS[metric.inverse].run(case, explanation, **settings)
    scores = turned_around(explanation.scores) if metric.inverse == REVERSED else -explanation.scores
    return metric.run(case, Explanation(f"inverse of {explanation.name}", scores), **settings)


def _mean_curve(curve: np.ndarray, subject: np.ndarray) -> np.ndarray:
    known = np.isfinite(curve).all(axis=1)
    if not known.any():
        return np.full(curve.shape[1], np.nan)
    return np.array([subject_means(column[known], subject[known]).mean() for column in curve.T])
