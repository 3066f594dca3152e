"""What keeping freed memory saves: ``python -m benchmarks.memory [--threads 1]``.

Forward passes of VGG16 and EfficientNet-Lite0 at 224 px as they are and inside ``mien.core.memory.kept_memory``, in
turns in one process: processor milliseconds per picture, of them in the system, and peak memory above the start.
"""

import argparse
import resource
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, write
from benchmarks.perturbation import MODELS, SIDE, Peak, network
from mien.core.memory import kept_memory

WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {"as it is": nullcontext, "kept": kept_memory}


def turn(net: torch.nn.Module, batch: int, passes: int, way: str) -> tuple[float, float, float]:
    """Milliseconds per picture, of them in the system, and MB of one turn."""
    values = torch.randn(batch, 3, SIDE, SIDE)
    with torch.no_grad(), WAYS[way](), Peak() as peak:
        net(values)
        before = resource.getrusage(resource.RUSAGE_SELF)
        for _ in range(passes):
            net(values)
        after = resource.getrusage(resource.RUSAGE_SELF)
    system = after.ru_stime - before.ru_stime
    each = 1000 / (passes * batch)
    return (system + after.ru_utime - before.ru_utime) * each, system * each, peak.above / 1e6


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    given = arguments(parser, batch=1, rounds=1)
    torch.set_num_threads(given.threads)
    result: dict[str, Any] = {"threads": given.threads, "batch": given.batch}
    for name in MODELS[given.quick :]:
        net = network(name)
        turns = [{way: turn(net, given.batch, 2, way) for way in WAYS} for _ in range(given.rounds)]
        for way in WAYS:
            total, system, peak = np.median([found[way] for found in turns], axis=0).round(1).tolist()
            result[f"{name}, {way}"] = {"processor_ms": total, "system_ms": system, "peak_mb": peak}
    write("memory", result)


if __name__ == "__main__":
    main()
