"""Integrated Gradients over a data set: ``python -m benchmarks.evidence_speed [NAME ...] [--clips 24]``.

mien against a plain Captum loop per clip and baseline on BUHMAP: five baselines, 64 steps, one target, the same
number of threads on both sides, interleaved in one process. Ratios are medians over rounds, by the clock and in
processor time; values agree to 1e-4 relative. ``own`` is mien with as many points on each line as it needs (the
default), its error and that of 64 even steps are root mean squares relative to 512 points; ``floor_ms`` is what the
products of a reservoir take alone. The networks are fitted to all clips, the trained ones for a few epochs only: the
time of a gradient does not depend on it.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import IntegratedGradients

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, write
from mien.explain.baselines import choose_baselines
from mien.explain.explain import explain
from mien.learn.table import Table, load, usable
from mien.models.base import Model
from mien.models.catalogue import MODELS
from mien.models.maker import maker

NAMES = [name for name in MODELS if name.startswith("landmark-")]
TARGET, STEPS, ROUNDS = "happiness", *((8, 1) if is_quick() else (64, 3))


def fitted(name: str, table: Table) -> Model:
    """The network of that name on all clips."""
    settings = {} if "RandomisedClassifier" in MODELS[name].home else {"epochs": 5}
    make = maker(name, table.features, seed=0, settings=settings)
    model: Model = make().fit(table.features.values, table.y, groups=table.subjects).model()
    return model


def plain(model: Model, clips: np.ndarray, baselines: np.ndarray, rule: str = "gausslegendre") -> np.ndarray:
    """What a reader of Captum's tutorial writes."""
    module, column = model.module(), model.classes.index(TARGET)
    method = IntegratedGradients(module)
    total = np.zeros_like(clips)
    for row, clip in enumerate(clips):
        for one in baselines:
            x, b = torch.from_numpy(clip[None]), torch.from_numpy(one[None])
            total[row] += method.attribute(x, b, target=column, n_steps=STEPS, method=rule)[0].detach().numpy() / len(
                baselines
            )
    return total


def now() -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    return time.perf_counter(), time.process_time()


def round_to(values: np.ndarray) -> list[Any]:
    """Three digits, by the clock and in processor time."""
    return [float(f"{one:.3g}") for one in np.ravel(values)]


def error(values: np.ndarray, truth: np.ndarray) -> float:
    """Root mean square distance, relative to the root mean square value."""
    return float(np.linalg.norm(values - truth) / np.linalg.norm(truth))


def gap(values: np.ndarray, truth: np.ndarray) -> float:
    """Median over clips of what the sum misses, as a share of it."""
    sums, true = (one.reshape(len(one), -1).sum(axis=1, dtype=np.float64) for one in (values, truth))
    return float(np.median(np.abs(sums - true) / np.abs(true)))


def floor(model: Model, points: float, frames: int, rows: int = 128) -> float | None:
    """Milliseconds of the processor per clip that a reservoir's products take by themselves, forth and back.

    ``points`` are those on all lines of a clip; each is a clip and its mirror image with a product per frame but the
    first. None for other networks.
    """
    recurrent = dict(model.module().named_buffers()).get("net.recurrent")
    if recurrent is None:
        return None
    state, total, times = torch.randn(rows, len(recurrent)), torch.zeros(rows, len(recurrent)), []
    for _ in range(5):
        before = time.process_time()
        for _ in range(frames - 1):
            torch.addmm(total, state, recurrent.T)
            torch.addmm(total, state, recurrent)
        times.append(time.process_time() - before)
    return float(f"{1e3 * np.median(times) * 2 * points / rows:.3g}")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--clips", type=int, default=24, help="0: all")
    parser.add_argument("--threads", type=int, default=1)
    given = arguments(parser, data=("buhmap",), clips=2, names=["landmark-rvfl", "landmark-net"])
    torch.set_num_threads(given.threads)
    samples, faces = load(f"buhmap:{data_root() / 'buhmap'}", None)
    table = usable(samples, faces, MODELS[given.names[0]].recipe, "label")
    values = table.features.values
    baselines = choose_baselines("medoids", values, scaled=False).values
    spread = np.linspace(0, len(values) - 1, given.clips or len(values)).astype(int)
    clips, rows = values[spread], {}
    for name in given.names:
        model, times = fitted(name, table), []
        asked = {"target": TARGET, "baselines": baselines}
        truth = explain(model, clips, **asked, n_steps=8 * STEPS).values
        even = plain(model, clips, baselines, "riemann_trapezoid")
        for _ in range(ROUNDS):
            marks, results = [now()], []
            for make in (
                lambda model=model: plain(model, clips, baselines),
                lambda model=model, asked=asked: explain(model, clips, **asked, n_steps=STEPS),
                lambda model=model, asked=asked: explain(model, clips, **asked),
            ):
                results.append(make())
                marks.append(now())
            times.append(np.diff(marks, axis=0))
        theirs, fixed, own = results
        captum, ours, needed = np.median(np.array(times), axis=0)
        rows[name] = {
            "ratio": round_to(captum / ours),
            "ratio_own": round_to(captum / needed),
            "ms_per_clip": round_to(1e3 / len(clips) * np.array([captum, ours, needed])),
            "difference": float(np.abs(fixed.values - theirs).max() / np.abs(theirs).max()),
            "points_own": float(own.columns["passes"].mean() / len(baselines)),
            "floor_ms": floor(model, float(own.columns["passes"].mean()), clips.shape[1]),
            "error_own": error(own.values, truth),
            "error_even": error(even, truth),
            # Captum's weights of so many even steps add up to 63/64: what is left when they add up to one.
            "error_even_to_one": error(even * STEPS / (STEPS - 1), truth),
            "gap_own": gap(own.values, truth),
            "gap_even": gap(even, truth),
        }
        print(name, rows[name], flush=True)
    facts = {"clips": len(clips), "baselines": len(baselines), "steps": STEPS, "threads": given.threads}
    write("evidence_speed", {**facts, "networks": rows})


if __name__ == "__main__":
    main()
