"""Cost of the perturbation methods, one command per figure.

``python -m benchmarks.perturbation overhead``    RISE's time over that of its forward passes; memory beside the model
``python -m benchmarks.perturbation lime``        LIME against the package ``lime`` (install it first): time, ranking
``python -m benchmarks.perturbation precision``   what half precision saves; whether it keeps RISE's map

Models: VGG16 (defined here, random weights: what it answers does not change its cost) and EfficientNet-Lite0
(ImageNet weights, ``mien models pull efficientnet-lite0``), 224 px.
``--model``, ``--passes`` and ``--threads`` narrow it down. Times are taken in turns in one process, so that ratios hold
on a busy machine as well as they can.
"""

import argparse
import resource
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from scipy.stats import spearmanr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import QUICK, arguments, data_root, is_quick, parts, python, write
from mien.core.memory import kept_memory
from mien.explain.explain import explain

SIDE = 64 if is_quick() else 224
FIGURES = ("overhead", "lime", "precision")
MODELS = ("vgg16", "efficientnet-lite0")
ROUNDS = 1 if is_quick() else 12
HALF_AND_WHOLE = ("float32", "float16", "bfloat16")
BATCHES = {"vgg16": (8, 16, 32), "efficientnet-lite0": (8,) if is_quick() else (8, 16, 32, 64)}


def network(name: str) -> torch.nn.Module:
    """One of the two, in evaluation mode."""
    if name == "efficientnet-lite0":
        from mien.nets.efficientnet import pretrained

        return pretrained(name).eval()
    torch.manual_seed(0)
    layers: list[torch.nn.Module] = []
    inputs = 3
    for outputs, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            layers += [torch.nn.Conv2d(inputs, outputs, 3, padding=1), torch.nn.ReLU()]
            inputs = outputs
        layers.append(torch.nn.MaxPool2d(2))
    layers.append(torch.nn.Flatten())
    for inputs, outputs in ((512 * 7 * 7, 4096), (4096, 4096)):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU(), torch.nn.Dropout()]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(4096, 1000))
    for layer in net:
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):  # keeps the signal's size, so that answers differ
            torch.nn.init.kaiming_normal_(layer.weight)
    return net.eval()


def face(number: int = 0) -> np.ndarray:
    """A smiling face of London, uint8 (224, 224, 3)."""
    file = sorted((data_root() / "london" / "smiling").glob("*.jpg"))[number]
    return cv2.resize(cv2.imread(str(file))[96:480, 64:448, ::-1], (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def as_input(picture: np.ndarray) -> np.ndarray:
    """What the networks get: (1, 3, 224, 224) about -1 to 1."""
    return (picture.astype(np.float32).transpose(2, 0, 1)[None] - 127) / 128


class Peak:
    """Largest resident memory of this process inside the block, above that at its start; bytes."""

    def __enter__(self) -> "Peak":
        self.start = self.most = _resident()
        self.running = True
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self) -> None:
        while self.running:
            self.most = max(self.most, _resident())
            time.sleep(0.005)

    def __exit__(self, *error: object) -> None:
        self.running = False
        self.thread.join()
        self.above = self.most - self.start


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@kept_memory()  # the bare passes have what explain has
def overhead(name: str, passes: int, precisions: tuple[str, ...]) -> dict[str, Any]:
    """RISE in each precision against bare forward passes of the same kind, each at its best batch size.

    Bare passes and RISE alternate in short rounds, so that whatever else the machine does meets both; the median of the
    rounds' ratios is told. The forward passes are of one ready batch of noise.
    """
    net, x = network(name), as_input(face())
    result: dict[str, Any] = {"passes": passes}
    for precision in precisions:
        forward = {batch: _forward(net, precision, batch) for batch in BATCHES[name]}
        speed = {batch: min(forward[batch]() for _ in range(3)) for batch in forward}
        best = min(speed, key=lambda batch: speed[batch])
        each = max(1, passes // ROUNDS // best)  # batches of a round
        rounds = []
        with Peak() as peak:
            for part in range(ROUNDS):
                bare = _spent(partial(_often, forward[best], each))
                asked = partial(explain, net, x, target=0, method="rise", n_samples=each * best, batch_size=best)
                whole = _spent(partial(asked, precision=precision, seed=part))
                rounds.append((bare, whole))
        found = np.array(rounds)  # (rounds, bare or whole, seconds on the clock or of processors)
        ratios = found[:, 1] / found[:, 0]
        result[precision] = {
            "batch_size": best,
            "forward_ms": round(1000 * float(np.median(found[:, 0, 0])) / (each * best), 3),
            "ratio": round(float(np.median(ratios[:, 0])), 4),
            "ratio_quartiles": np.quantile(ratios[:, 0], (0.25, 0.75)).round(4).tolist(),
            "ratio_of_processor_time": round(float(np.median(ratios[:, 1])), 4),
            "peak_above_model_mb": round(peak.above / 1e6, 1),
        }
    return result


def _forward(net: torch.nn.Module, precision: str, batch: int) -> Callable[[], float]:
    """Seconds per picture of one bare pass of a batch."""
    values = torch.randn(batch, 3, SIDE, SIDE)
    reduced = precision != "float32"
    if reduced:
        values = values.contiguous(memory_format=torch.channels_last)

    def once() -> float:
        with (
            torch.no_grad(),
            torch.autocast("cpu", getattr(torch, precision) if reduced else torch.bfloat16, enabled=reduced),
        ):
            start = time.perf_counter()
            net(values)
            return (time.perf_counter() - start) / batch

    once()
    return once


def _often(work: Callable[[], float], times: int) -> None:
    for _ in range(times):
        work()


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processors; with one thread the latter hold on a busy machine, too."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def memory(name: str, passes: int) -> float:
    """Peak of one RISE run of all passes above what the model takes, in a process of its own; MB."""
    code = (
        "import torch; from benchmarks.perturbation import *\n"
        f"torch.set_num_threads({torch.get_num_threads()}); net, x = network('{name}'), as_input(face())\n"
        "with torch.no_grad(): net(torch.from_numpy(x))\n"
        f"with Peak() as p: explain(net, x, target=0, method='rise', n_samples={passes}, batch_size=16)\n"
        "print(p.above / 1e6)"
    )
    return float(python("-c", code, *([QUICK] if is_quick() else [])))


def against_lime(name: str, passes: int, seeds: int, precisions: tuple[str, ...]) -> dict[str, Any]:
    """Time and ranking of segment weights for ``lime`` and ours on the same segments and settings."""
    from lime.lime_image import LimeImageExplainer
    from skimage.segmentation import slic

    net, picture = network(name), face(3)
    x = as_input(picture)
    with torch.inference_mode():
        chosen = int(net(torch.from_numpy(x)).argmax())
    segments = slic(picture, n_segments=50, compactness=20, start_label=0)
    last = int(segments.max())
    batch = max(16, BATCHES[name][0])

    def answer(pictures: np.ndarray) -> np.ndarray:
        values = torch.from_numpy((pictures.astype(np.float32).transpose(0, 3, 1, 2) - 127) / 128)
        with torch.no_grad():
            return net(values).double().numpy()

    times: dict[str, list[tuple[float, float]]] = {"lime": [], **{f"mien {kind}": [] for kind in precisions}}
    weights: dict[str, list[np.ndarray]] = {key: [] for key in times}
    facts: dict[str, Any] = {}
    inside = [tuple(np.argwhere(segments == s)[0]) for s in range(last + 1)]
    for seed in range(seeds):
        start, used = time.perf_counter(), time.process_time()
        found = LimeImageExplainer(random_state=seed).explain_instance(
            picture, answer, labels=(chosen,), top_labels=None, num_samples=passes, batch_size=batch,
            segmentation_fn=lambda _: segments,
        )  # fmt: skip
        times["lime"].append((time.perf_counter() - start, time.process_time() - used))
        weights["lime"].append(np.array([dict(found.local_exp[chosen])[s] for s in range(last + 1)]))
        for precision in precisions:
            key = f"mien {precision}"
            start, used = time.perf_counter(), time.process_time()
            ours = explain(
                net, x, target=chosen, method="lime", n_samples=passes, segments=segments, seed=seed,
                batch_size=batch, precision=precision,
            )  # fmt: skip
            times[key].append((time.perf_counter() - start, time.process_time() - used))
            weights[key].append(np.array([ours.values[0, 0][place] for place in inside]))
            facts[key] = {k: v for k, v in ours.settings.items() if "precision" in k or "float" in k or k == "folded"}
            facts[key]["r2"] = round(float(ours.columns["r2"][0]), 3)
    mean = {key: np.mean(found, axis=0) for key, found in weights.items()}
    return {
        "segments": last + 1,
        "passes": passes,
        "seeds": seeds,
        "seconds, on the clock and of processors": {k: np.round(found, 2).tolist() for k, found in times.items()},
        "times_faster": {key: _faster(times, key, 0) for key in facts},
        "times_faster_in_processor_time": {key: _faster(times, key, 1) for key in facts},
        "spearman_of_mean_weights": round(float(spearmanr(mean["lime"], mean[f"mien {precisions[0]}"])[0]), 4),
        "spearman_lime_with_itself": round(float(spearmanr(*weights["lime"][:2])[0]), 4) if seeds > 1 else None,
        "chosen": facts,
    }


def _faster(times: dict[str, list[tuple[float, float]]], key: str, clock: int) -> float:
    return round(float(np.median(np.array(times["lime"])[:, clock]) / np.median(np.array(times[key])[:, clock])), 2)


def precision(name: str, passes: int) -> dict[str, Any]:
    """RISE's map in both precisions on the same masks, and the time of both."""
    net, rows = network(name), []
    for number in range(1 if is_quick() else 3):
        x = as_input(face(number))
        with torch.inference_mode():
            chosen = int(net(torch.from_numpy(x)).argmax())
        found, seconds = {}, {}
        for kind in ("float32", "bfloat16", "float16", "auto"):
            start = time.perf_counter()
            found[kind] = explain(net, x, target=chosen, method="rise", n_samples=passes, batch_size=16, precision=kind)
            seconds[kind] = round(time.perf_counter() - start, 2)
        maps = {kind: evidence.values.ravel().astype(np.float64) for kind, evidence in found.items()}
        full = maps["float32"]
        rows.append(
            {
                "r": {kind: round(float(np.corrcoef(full, maps[kind])[0, 1]), 6) for kind in maps},
                "times_faster": {kind: round(seconds["float32"] / seconds[kind], 2) for kind in seconds},
                "seconds": seconds,
                "chosen": {
                    k: v for k, v in found["auto"].settings.items() if "precision" in k or "float" in k or k == "folded"
                },
            }
        )
    return {"passes": passes, "faces": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", nargs="?", choices=FIGURES)
    parser.add_argument("--model", choices=MODELS, help="one of both")
    parser.add_argument("--passes", type=int, help="4000 for overhead, 1000 for lime and precision")
    parser.add_argument("--memory-passes", type=int, default=4000, help="of the run whose memory is watched")
    parser.add_argument("--seeds", type=int, default=2, help="of lime")
    parser.add_argument("--precisions", nargs="+", help="of lime: auto, float32; of overhead: all three")
    parser.add_argument("--threads", type=int, default=2)
    given = arguments(parser, data=("london",), model="efficientnet-lite0", passes=16, memory_passes=16, threads=1)
    torch.set_num_threads(given.threads)
    for figure in parts(given.figure, FIGURES):
        # Nobody else needs the package 'lime'.
        if given.figure or figure != "lime" or find_spec("lime"):
            measure(figure, given)


def measure(figure: str, given: argparse.Namespace) -> None:
    """One figure."""
    result: dict[str, Any] = {"threads": given.threads}
    for name in (given.model,) if given.model else MODELS:
        if figure == "overhead":
            passes = given.passes or 4000
            peak = memory(name, given.memory_passes)
            result[name] = {
                **overhead(name, passes, tuple(given.precisions or HALF_AND_WHOLE)),
                "rise_peak_above_model_mb": round(peak, 1),
            }
        elif figure == "lime":
            result[name] = against_lime(
                name, given.passes or 1000, given.seeds, tuple(given.precisions or ("auto", "float32"))
            )
        else:
            result[name] = precision(name, given.passes or 1000)
    write("_".join(["perturbation", figure, *([given.model] if given.model else [])]), result)


if __name__ == "__main__":
    main()
