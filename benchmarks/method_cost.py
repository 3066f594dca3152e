"""What each method of explanation costs at its defaults: rows through the network and processor seconds for a picture.

python -m benchmarks.method_cost [--side 160] [--only NAME ...]

EfficientNet-Lite0 with random weights (cost does not depend on them) on made-up pictures, one thread. Methods that
measure against baselines have five. Where no network can be asked (trees, rules, attention) the cost stands elsewhere.
"""

import argparse
import time

import numpy as np
import torch

from benchmarks.common import arguments, write
from mien.core.features import PICTURE
from mien.explain.explain import explain
from mien.explain.methods import ATTENTION, METHODS
from mien.nets.efficientnet import untrained

BASELINE_COUNT = 5


class Counted(torch.nn.Module):
    """A network that counts the rows that go through it."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network, self.rows = network, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of classes."""
        self.rows += len(x)
        result: torch.Tensor = self.network(x)
        return result


def regions(side: int) -> np.ndarray:
    """A grid of four by four regions."""
    cell = np.arange(side) * 4 // side
    grid: np.ndarray = cell[:, None] * 4 + cell
    return grid


def cost(name: str, side: int) -> dict[str, float]:
    """Rows through the network and processor seconds of one picture, what a first question needs included."""
    network = Counted(untrained("efficientnet-lite0")).eval()
    rng = np.random.default_rng(0)
    picture = rng.normal(size=(1, 3, side, side)).astype(np.float32)
    given = {"baselines": rng.normal(size=(BASELINE_COUNT, 3, side, side)).astype(np.float32)}
    settings = dict(given) if METHODS[name].needs_baselines({}) else {}
    if name == "leave-one-region-out":
        settings["segments"] = regions(side)
    begin = time.process_time()
    explain(network, picture, method=name, target=0, **settings)
    spent, rows = time.process_time() - begin, network.rows
    return {"rows": rows, "processor_s": round(spent, 2)}


def main() -> None:
    """Write ``benchmarks/results/method_cost.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=160)
    parser.add_argument("--only", nargs="*", default=())
    asked = arguments(parser, side=32, only=["saliency", "integrated-gradients", "grad-cam", "lime"])
    torch.set_num_threads(1)
    names = [name for name, row in METHODS.items() if PICTURE in row.spaces and ATTENTION not in row.needs]
    found = {}
    for name in asked.only or names:
        found[name] = cost(name, asked.side)
        print(name, found[name], flush=True)
    write("method_cost", {"side_px": asked.side, "baselines": BASELINE_COUNT, "methods": found})


if __name__ == "__main__":
    main()
