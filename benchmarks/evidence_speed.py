"""Integrated Gradients over a data set: ``python -m benchmarks.evidence_speed [NAME ...] [--clips 24]``.

mien against a plain Captum loop per clip and baseline on BUHMAP: five baselines, 64 steps, one target, the same number
of threads on both sides, interleaved in one process. Ratios are medians over rounds; values agree to 1e-4 relative. The
networks are fitted to all clips, the trained ones for a few epochs only: the time of a gradient does not depend on it.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from captum.attr import IntegratedGradients

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import data_root, write
from mien.explain.baselines import choose_baselines
from mien.explain.explain import explain
from mien.learn.table import Table, load, usable
from mien.models.base import Model
from mien.models.catalogue import MODELS
from mien.models.maker import maker

NAMES = [name for name in MODELS if name.startswith("landmark-")]
TARGET, STEPS, ROUNDS = "happiness", 64, 3


def fitted(name: str, table: Table) -> Model:
    """The network of that name on all clips."""
    settings = {} if "RandomisedClassifier" in MODELS[name].home else {"epochs": 5}
    make = maker(name, table.features, seed=0, settings=settings)
    model: Model = make().fit(table.features.values, table.y, groups=table.subjects).model()
    return model


def plain(model: Model, clips: np.ndarray, baselines: np.ndarray) -> np.ndarray:
    """What a reader of Captum's tutorial writes."""
    module, column = model.module(), model.classes.index(TARGET)
    method = IntegratedGradients(module)
    total = np.zeros_like(clips)
    for row, clip in enumerate(clips):
        for one in baselines:
            x, b = torch.from_numpy(clip[None]), torch.from_numpy(one[None])
            total[row] += method.attribute(x, b, target=column, n_steps=STEPS)[0].detach().numpy() / len(baselines)
    return total


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--clips", type=int, default=24, help="0: all")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    samples, faces = load(f"buhmap:{data_root() / 'buhmap'}", None)
    table = usable(samples, faces, MODELS[given.names[0]].recipe, "label")
    values = table.features.values
    baselines = choose_baselines("medoids", values, scaled=False).values
    spread = np.linspace(0, len(values) - 1, given.clips or len(values)).astype(int)
    clips, rows = values[spread], {}
    for name in given.names:
        model, times = fitted(name, table), []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            theirs = plain(model, clips, baselines)
            middle = time.perf_counter()
            ours = explain(model, clips, target=TARGET, baselines=baselines, n_steps=STEPS)
            times.append((middle - start, time.perf_counter() - middle))
        captum, mien = np.array(times).T
        rows[name] = {
            "ratio": float(np.median(captum / mien)),
            "captum_ms_per_clip": float(np.median(captum) / len(clips) * 1e3),
            "mien_ms_per_clip": float(np.median(mien) / len(clips) * 1e3),
            "difference": float(np.abs(ours.values - theirs).max() / np.abs(theirs).max()),
            "largest_gap": float(np.abs(ours.gap).max()),
        }
        print(name, rows[name], flush=True)
    facts = {"clips": len(clips), "baselines": len(baselines), "steps": STEPS, "threads": given.threads}
    write("evidence_speed", {**facts, "networks": rows})


if __name__ == "__main__":
    main()
