"""Activations of 2,000 pictures at 12 layers of EfficientNet-Lite0, against its bare forward passes.

``python -m benchmarks.object_nets.activations`` needs ``objects/``, ``london/`` and ``noncommercial/omi/`` of the
shared data and ``mien models pull efficientnet-lite0``; it writes ``benchmarks/results/activations.json``.

Bare passes: the same network, batches of the same size, on pictures that lie in memory as the network takes them:
neither files nor hooks nor disk. Both run in processes of their own, in turns; the smaller processor time of two runs
counts, because wall time depends on what else the machine does. Memory is the process's largest resident size.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, data_root, is_quick, python, write

PICTURES, LAYERS, BATCH, RUNS = (16, 3, 8, 1) if is_quick() else (2000, 12, 16, 2)
BODY = "efficientnet-lite0"


def files() -> list[Path]:
    """So many pictures of three sets: objects and animals, photos of people, synthetic faces."""
    root = data_root()
    found = [p for place in ("objects", "london", "noncommercial/omi") for p in sorted((root / place).rglob("*.jpg"))]
    return found[:PICTURES]


def bare() -> None:
    """Forward passes alone."""
    import torch

    from mien.core.memory import kept_memory
    from mien.nets.first_weights import started

    net = started(BODY, 2, size=224)[0].eval().to(memory_format=torch.channels_last)
    batch = torch.rand(BATCH, 3, 224, 224).contiguous(memory_format=torch.channels_last)
    begin = time.process_time(), time.perf_counter()
    with torch.no_grad(), kept_memory():
        for start in range(0, PICTURES, BATCH):
            net(batch[: PICTURES - start])
    _say(begin)


def whole() -> None:
    """Files to activations on disk."""
    import mien

    paths = files()
    samples = mien.Samples(path=[str(p) for p in paths], subject=[str(i) for i in range(len(paths))])
    with tempfile.TemporaryDirectory() as folder:
        begin = time.process_time(), time.perf_counter()
        found = mien.activations(BODY, samples, folder, depth=LAYERS, batch_size=BATCH)
        _say(begin)
        assert found.ok.all() and len(found.layers) == LAYERS and len(found) == PICTURES


def _say(begin: tuple[float, float]) -> None:
    facts = {
        "processor_s": time.process_time() - begin[0], "wall_s": time.perf_counter() - begin[1],
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }  # fmt: skip
    print(json.dumps(facts))


def main() -> None:
    """Both in turns, as a table."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "whole": []}
    for _ in range(RUNS):
        for part, kept in runs.items():
            words = ("-m", "benchmarks.object_nets.activations", *sys.argv[1:], part)
            kept.append(json.loads(python(*words)))
    best = {part: {name: min(run[name] for run in kept) for name in kept[0]} for part, kept in runs.items()}
    ratio = best["whole"]["processor_s"] / best["bare"]["processor_s"]
    print("| | processor time | wall time | peak memory |\n| --- | --- | --- | --- |")
    for part, row in best.items():
        print(f"| {part} | {row['processor_s']:.1f} s | {row['wall_s']:.1f} s | {row['peak_gb']:.2f} GB |")
    print(f"ratio of processor times: {ratio:.2f}")
    write("activations", {"pictures": PICTURES, "layers": LAYERS, "runs": runs, "ratio": ratio})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("bare", "whole"), help=argparse.SUPPRESS)
    given = arguments(parser, data=() if {"bare", "whole"} & {*sys.argv} else ("objects",))
    {"bare": bare, "whole": whole, None: main}[given.part]()
