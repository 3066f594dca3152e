"""How often gradient-shap's value +- 1.96 standard errors holds the truth, over draws and networks of known jumps.

    python -m benchmarks.gradient_shap_errors [--samples 4] [--runs 150]

The truth is integrated gradients with many steps from the same five baselines; weights are doubled, so that ReLUs
switch on the way.
"""

import argparse

import numpy as np
import torch
from torch import nn

import mien
from benchmarks.common import arguments, is_quick

STEPS = 200 if is_quick() else 4000
DRAWS = (20,) if is_quick() else (20, 100, 400)


def networks() -> dict[str, nn.Module]:
    """Random networks on ten features."""
    torch.manual_seed(0)
    made = {
        "ReLU 32-16": nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1)),
        "tanh 32-16": nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1)),
        "four ReLUs": nn.Sequential(nn.Linear(10, 4), nn.ReLU(), nn.Linear(4, 1)),
    }
    for network in made.values():
        for parameter in network.parameters():
            parameter.data *= 2
    return made


def main() -> None:
    """Print one row per network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--runs", type=int, default=150)
    asked = arguments(parser, samples=1, runs=5)
    rng = np.random.default_rng(0)
    baselines = rng.normal(size=(5, 10)).astype(np.float32)
    x = rng.normal(size=(6, 10)).astype(np.float32)[: asked.samples]
    print(f"| network | {' | '.join(f'{n} draws' for n in DRAWS)} |")
    for name, network in networks().items():
        given = {"baselines": baselines, "target": 0}
        truth = mien.explain(network.eval(), x, method="integrated-gradients", n_steps=STEPS, **given).values
        cells = []
        for draws in DRAWS:
            held = []
            for sample, true in zip(x, truth, strict=True):
                rows = np.repeat(sample[None], asked.runs, 0)
                found = mien.explain(network, rows, method="gradient-shap", n_samples=draws, **given)
                assert found.standard_error is not None
                held.append(np.mean(np.abs(found.values - true) <= 1.96 * found.standard_error))
            cells.append(f"{np.mean(held):.3f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
