"""From all folds to the result: curve, tests, choice, the network on the chosen landmarks, what it saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.reduce.choice import choose_count, held_out
from mien.reduce.clips import Clips
from mien.reduce.curve import compared, curve, right_of, stability
from mien.reduce.fold import FoldPlan, FoldResult
from mien.reduce.result import Chosen, Reduction
from mien.reduce.resume import main_method
from mien.reduce.timing import savings
from mien.reduce.ways import ALL
from mien.stats.shares import mean_interval

# What a stored model says of the folds that its landmarks were chosen in.
_KEPT = ("scheme", "n_folds", "n_subjects", "n_samples", "n_unknown", "n_alike", "group_by", "seed")


def assemble(
    clips: Clips, plan: FoldPlan, results: list[FoldResult], order: np.ndarray, protocol: dict[str, Any],
    folder: Path | None,
) -> Reduction:  # fmt: skip
    method, seed = main_method(plan.methods), plan.learner.seed
    table = curve(clips, results)
    right = right_of(clips, results)
    correct = {count: right[(method, count)].mean(axis=0) for count in plan.counts}
    correct[clips.n_points] = right[(ALL, clips.n_points)].mean(axis=0)
    rule, tolerance = protocol["rule"], protocol["tolerance"]
    count = choose_count(correct, clips.subjects, rule, tolerance)
    points = plan.units.take(order, count)
    name = method if count < clips.n_points else ALL
    row = table[(table["method"] == name) & (table["count"] == count)].iloc[0]
    honest = held_out(correct, clips.subjects, [r.test for r in results], rule, tolerance)
    interval = mean_interval(honest, clips.subjects)
    chosen = Chosen(
        points=points,
        topology=clips.part_name(points),
        rule=rule,
        method=method,
        accuracy=float(row["accuracy"]),
        low=float(row["low"]),
        high=float(row["high"]),
        all_accuracy=float(correct[clips.n_points].mean()),
        held_out_accuracy=float(honest.mean()),
        held_out_low=interval.low,
        held_out_high=interval.high,
    )
    model, timing = _final(clips, plan, points, protocol)
    return Reduction(
        ranking=order,
        curve=table,
        chosen=chosen,
        stability=stability(results, plan.counts, plan.units, seed=seed),
        tests=compared(clips, results, seed=seed),
        sets={n: plan.units.take(order, n) for n in plan.counts},
        timing=timing,
        protocol=protocol,
        topology=clips.topology,
        model=model,
        folder=folder,
        left_out=clips.left_out,
    )


def _final(clips: Clips, plan: FoldPlan, points: np.ndarray, protocol: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The network on the chosen landmarks, fitted on all clips, and what it saves against that on all landmarks."""
    everything = np.arange(clips.n_points)
    training = plan.learner.training(clips, np.arange(len(clips.y)))
    values, y, people = training
    nets = [
        plan.learner.maker(clips, part)().fit(np.ascontiguousarray(values[:, :, part]), y.astype(str), groups=people)
        for part in (everything, points)
    ]
    if not hasattr(nets[1], "model"):
        return None, {}
    features = clips.features(points)
    info = {
        "samples": clips.facts,
        **clips.learnt,
        "n_samples": len(clips.y),
        "protocol": {key: value for key, value in protocol.items() if key in _KEPT},
    }
    model = nets[1].model(
        name=plan.learner.name, target=clips.target, recipe=features.recipe, feature_names=clips.names, info=info
    )
    return model, savings(nets[0], nets[1], clips.values[:256], points, clips.contrast)
