"""Do values that stop at a tolerance cover the truth? Sampled methods on functions whose values are known.

``python -m benchmarks.stopping`` (a minute). The function is the sum of every feature, of pairs and of triples of
features that are all 1 against a baseline of 0, with normal weights: a unit's Shapley value is its own weight, half of
its pairs' and a third of its triples'. For LIME and RISE the truth is a run of 40 times as many passes.
"""

from __future__ import annotations

import argparse

import numpy as np

import mien
from benchmarks.common import arguments


def game(units: int, seed: int) -> tuple[object, np.ndarray]:
    """A function of (rows, units) and its Shapley values at 1 against 0."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=units)
    groups = [rng.permutation(units)[: 2 + i % 2] for i in range(2 * units)]
    weights = 1.5 * rng.normal(size=len(groups))

    def function(values: np.ndarray) -> np.ndarray:
        x = np.asarray(values, dtype=np.float64)
        return x @ own + sum(w * x[:, g].prod(axis=1) for w, g in zip(weights, groups, strict=True))

    truth = own.copy()
    for w, g in zip(weights, groups, strict=True):
        truth[g] += w / len(g)
    return function, truth


def covered(method: str, units: int, tolerance: float, runs: int) -> tuple[float, float, float]:
    """Coverage of value +- 1.96 standard errors, mean passes, and the ratio of true to reported relative error."""
    function, truth = game(units, units)
    # Rows are independent draws: the place in the batch is part of the seed.
    rows = np.ones((runs, units), dtype=np.float32)
    found = mien.explain(function, rows, method=method, fill="zero", tolerance=tolerance, n_samples=40_000)
    if method in ("lime", "rise"):
        long = mien.explain(function, rows[:4], method=method, fill="zero", n_samples=40_000, seed=1)
        truth = long.values.mean(axis=0)
    values = found.values.reshape(runs, units)
    error = found.standard_error.reshape(runs, units)
    inside = np.abs(values - truth) <= 1.96 * error
    ratio = np.sqrt(((values - truth) ** 2).mean()) / np.sqrt((error**2).mean())
    return float(inside.mean()), float(found.columns["passes"].mean()), float(ratio)


def main() -> None:
    """Print one row per method, number of units and tolerance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--methods", nargs="*", default=["permutation-shap", "kernel-shap", "lime", "rise"])
    given = arguments(parser, runs=2, methods=["kernel-shap", "rise"])
    print("| method | units | tolerance | coverage of ± 1.96 SE | mean passes | true / reported error |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for method in given.methods:
        for units in (12, 25, 50):
            for tolerance in (1.0, 0.5, 0.2):
                share, passes, ratio = covered(method, units, tolerance, given.runs)
                print(f"| {method} | {units} | {tolerance} | {share:.3f} | {passes:.0f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
