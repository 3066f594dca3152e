"""The same explanations on the processor and on a GPU: how equal, how fast. ``python -m benchmarks.gpu [--quick]``.

Made-up pictures and clips, random weights (those of the landmarker's networks where they are there: ``MIEN_HOME``).
Three tables. ``evidence``: every method on a landmark network that learnt a little, a network with attention, networks
of VGG16's and ResNet50's shape, and a blendshape through the landmarker, all in float32; ``difference`` is the largest
difference between the devices as a share of the largest value, ``again`` the same between two runs on the GPU, ``rank``
Spearman's correlation over all values; of paths also how far both devices are from double precision, and the same
networks without kinks (smooth functions for ReLU, means for maxima). ``networks``: training, features of a frozen body,
layers of a body, and the torch port of the face detectors, the landmarker and the blendshapes. ``batches``: inputs per
second through networks at batches of several sizes, without and with gradients. Times are wall time, warm, the smaller
of two where one takes less than two seconds. After ``--seconds`` nothing new is begun.

Without a GPU the second device is the processor again: the tables then say that this script runs, and nothing else.
"""

import argparse
import copy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from benchmarks.common import arguments, machine
from mien.core.devices import device_sentence, usual_device
from mien.core.errors import MienError
from mien.core.provenance import versions
from mien.explain.explain import explain
from mien.explain.landmarker.readings import parse_reading
from mien.explain.landmarker.through import Through
from mien.models.landmark_nets.trained import LandmarkNetClassifier
from mien.models.network.estimator import NetworkClassifier
from mien.nets.attention import Efdnn, folded
from mien.nets.bodies import Body
from mien.nets.body_cache import body_features
from mien.nets.device import full_precision, words_of
from mien.nets.first_weights import started
from mien.nets.landmarker.network import CROP_SIDE, FaceBlendshapes, FaceDetector, FacePoints
from mien.nets.layers import listening
from mien.responses.frozen import frozen_body

CPU = "cpu"
FRAMES, POINTS = 30, 68
DOUBLE, SMOOTH = "double", "without kinks"
CLIPS, FACE = "landmark-net", "blendshape through the landmarker"


@dataclass(frozen=True)
class Sizes:
    """How much is computed: clips to learn from, side of pictures, cells on a side that methods cover, passes of
    sampled methods for pictures and for clips, steps of paths, pictures at once, sizes of batches, networks; what takes
    less than so many seconds is done twice; how long a speed is measured; when nothing new is begun."""

    clips: int
    side: int
    cells: int
    passes: int
    clip_passes: int
    steps: int
    rows: int
    batches: tuple[int, ...]
    nets: tuple[str, ...]
    trained: str
    asked: str
    twice_below_s: float
    measured_s: float
    only: tuple[str, ...] = ()
    until: float = float("inf")


FULL = Sizes(
    48, 224, 7, 400, 400, 32, 128, (1, 8, 32, 128, 512), ("vgg16", "resnet50"), "resnet18", "resnet50", 2.0, 0.3
)
QUICK = Sizes(16, 48, 2, 10, 140, 2, 4, (1, 2), ("small-cnn",), "small-cnn", "songnet", 0.0, 0.0)


def smooth_pictures(count: int, side: int) -> np.ndarray:
    """Made-up pictures from 0 to 1: a few waves of colour each, float32 (count, 3, side, side)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    found = np.zeros((count, 3, side, side))
    for wave in rng.normal(size=(6, 4, count, 3, 1, 1)):
        found += wave[0] * np.sin(6 * (wave[1] * x + wave[2] * y) + wave[3])
    return (1 / (1 + np.exp(-found))).astype(np.float32)


def clips(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Made-up clips, two classes of movement, and whose they are."""
    rng = np.random.default_rng(1)
    codes = np.arange(count) % 2
    way = np.linspace(0, 1, FRAMES)[None, :, None, None] * np.where(codes, 1.0, -1.0)[:, None, None, None]
    values = 0.3 * rng.normal(size=(count, FRAMES, POINTS, 2)) + way * rng.normal(size=(1, 1, POINTS, 2))
    return values.astype(np.float32), np.array(["fall", "rise"])[codes], np.array([f"p{i // 2}" for i in range(count)])


def timed(run: Callable[[], Any], twice_below_s: float) -> tuple[Any, float]:
    """Result and seconds; the smaller of two times where it takes little."""
    seconds: list[float] = []
    while not seconds or (len(seconds) < 2 and seconds[0] < twice_below_s):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return result, min(seconds)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference as a share of the largest value."""
    most = np.abs(one).max()
    return float(np.abs(one - other).max() / most) if most else float(np.abs(other).max())


def ranks(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's correlation over all values."""
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def row(
    name: str, run: Callable[[str], np.ndarray], device: str, twice_below_s: float, in_double: bool
) -> dict[str, Any]:
    """One line: the same on both devices, and once more on the second."""
    run(device)  # warm
    (on_cpu, slow), (on_gpu, fast) = timed(lambda: run(CPU), twice_below_s), timed(lambda: run(device), twice_below_s)
    again = run(device)
    exact = run(DOUBLE) if in_double else None
    facts = {
        "what": name, "cpu_s": round(slow, 3), "gpu_s": round(fast, 4), "times_faster": round(slow / fast, 1),
        "difference": apart(on_cpu, on_gpu), "again": apart(on_gpu, again), "rank": round(ranks(on_cpu, on_gpu), 7),
        **({} if exact is None else {"cpu_from_double": apart(exact, on_cpu), "gpu_from_double": apart(exact, on_gpu)}),
    }  # fmt: skip
    print(f"{name}: {facts}", flush=True)
    return facts


def methods_of(name: str, side: int, sizes: Sizes) -> dict[str, dict[str, Any]]:
    """Methods with their settings for a network of clips or of pictures with ``side`` pixels."""
    sampled: dict[str, Any] = {"n_samples": sizes.passes, "precision": "float32"}
    paths = {"integrated-gradients": {"n_steps": sizes.steps, "baselines": "zero"}}
    if name == CLIPS:
        sampled["n_samples"] = sizes.clip_passes
        return {**paths, "rise": sampled, "lime": sampled, "kernel-shap": sampled, "occlusion": {}}
    cell = np.arange(side) * sizes.cells // side
    cells = {**sampled, "segments": cell[:, None] * sizes.cells + cell}
    found = {
        **paths, "rise": sampled, "lime": cells, "kernel-shap": cells,
        "occlusion": {"window": side // sizes.cells, "stride": side // sizes.cells, "precision": "float32"},
    }  # fmt: skip
    if name.endswith(SMOOTH):
        return paths
    if name != FACE:
        return {**found, "grad-cam": {}}
    # Of the landmarker's layers none is the last map; lime and kernel-shap ask as rise does.
    return {method: found[method] for method in ("integrated-gradients", "rise", "occlusion")}


def evidence(sizes: Sizes, device: str) -> list[dict[str, Any]]:
    """The first table."""
    result = []
    values, y, who = clips(sizes.clips)
    clip_net = LandmarkNetClassifier(mirror=False, epochs=4, seed=0).fit(values, y, who).model(name="landmark-net")
    models: dict[str, Any] = {CLIPS: clip_net}
    torch.manual_seed(0)
    models["attention"] = folded(Efdnn(2)).requires_grad_(False)
    for name in sizes.nets:
        models[name] = started(name, 2, size=sizes.side, weights="random")[0].eval().requires_grad_(False)
        models[f"{name} {SMOOTH}"] = without_kinks(models[name])
    try:
        models[FACE] = Through(FacePoints(), parse_reading("blendshape:mouthSmileLeft").head()).eval()
    except MienError as error:
        print(f"blendshape: {error}", flush=True)
    for name, model in models.items():
        shown = values[:6] if name == CLIPS else smooth_pictures(1, CROP_SIDE if name == FACE else sizes.side)
        # A module of one's own stays where it is, so that its way to the card is not timed; mien's models are moved.
        there = {where: model if name == CLIPS else copy.deepcopy(model).to(where) for where in {CPU, device}}
        if name != CLIPS:
            there[DOUBLE] = InDouble(model)
        for method, settings in methods_of(name, shown.shape[-1], sizes).items():
            if not _wanted(f"{name} {method}", sizes):
                continue
            asked = {"target": 0 if name == FACE else 1, "method": method, "seed": 0, **settings}
            run = partial(_values, there, shown, asked)
            in_double = name != CLIPS and method == "integrated-gradients"
            result.append(_tried(f"{name} {method}", run, device, sizes, in_double))
    return result


def _values(there: dict[str, Any], shown: np.ndarray, asked: dict[str, Any], where: str) -> np.ndarray:
    return explain(there[where], shown, device=CPU if where == DOUBLE else where, **asked).values


class InDouble(torch.nn.Module):
    """A copy of a network that computes in double precision between inputs and outputs in single."""

    def __init__(self, net: torch.nn.Module) -> None:
        super().__init__()
        self.net = copy.deepcopy(net).double().eval()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The outputs."""
        answer: torch.Tensor = self.net(x.double())
        return answer.float()


def without_kinks(net: torch.nn.Module) -> torch.nn.Module:
    """A copy with a smooth function for every ReLU and means for maxima."""
    net = copy.deepcopy(net)
    for part in list(net.modules()):
        for name, child in part.named_children():
            if isinstance(child, torch.nn.ReLU):
                setattr(part, name, torch.nn.SiLU())
            elif isinstance(child, torch.nn.MaxPool2d):
                setattr(part, name, torch.nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    return net


def _wanted(name: str, sizes: Sizes) -> bool:
    return not sizes.only or any(word in name for word in sizes.only)


def _tried(
    name: str, run: Callable[[str], np.ndarray], device: str, sizes: Sizes, in_double: bool = False
) -> dict[str, Any]:
    """A line, or why there is none: the others are still to be measured."""
    try:
        if time.monotonic() > sizes.until:
            raise MienError("not measured: the time is up")
        return row(name, run, device, sizes.twice_below_s, in_double)
    except (MienError, RuntimeError) as error:
        print(f"{name}: {error}", flush=True)
        return {"what": name, "problem": str(error)}


def networks(sizes: Sizes, device: str) -> list[dict[str, Any]]:
    """The second table."""
    result = []
    pictures = smooth_pictures(sizes.rows, sizes.side)
    bright = np.where(pictures.mean((1, 2, 3)) > np.median(pictures.mean((1, 2, 3))), "bright", "dark")
    people = np.array([f"p{i // 2}" for i in range(sizes.rows)])

    def train(where: str) -> np.ndarray:
        net = NetworkClassifier(network=sizes.trained, weights="random", epochs=2, validation=0, seed=0, device=where)
        net.fit(pictures, bright, people)
        return np.concatenate([net.history_.training, net.predict_proba(pictures).ravel()])

    result.append(
        _tried(
            f"training, {sizes.trained}, 2 epochs of {sizes.rows} pictures (losses, probabilities)",
            train,
            device,
            sizes,
        )
    )
    body = Body("untrained efficientnet-lite0", (4, 5), (3, 3))

    def features(where: str) -> np.ndarray:
        return body_features(pictures, body, keep=False, device=where)

    result.append(
        _tried(f"features of efficientnet-lite0, {sizes.rows} pictures and mirrored", features, device, sizes)
    )
    squares = (pictures.transpose(0, 2, 3, 1) * 255).astype(np.uint8)[: min(32, sizes.rows)]
    bodies = {
        where: frozen_body(sizes.asked, weights="random", size=sizes.side, device=where) for where in {CPU, device}
    }

    def layers(where: str) -> np.ndarray:
        frozen = bodies[where]
        chosen = frozen.layers[:: max(1, len(frozen.layers) // 6)]
        with listening(frozen.net, chosen, frozen.module) as ask:
            answers = ask(frozen.tensor(squares))
        means = [layer.averaged(answers[layer.name]).cpu().numpy() for layer in chosen]
        return np.concatenate([mean / np.abs(mean).max() for mean in means], axis=1)

    result.append(_tried(f"layers of {sizes.asked}, {len(squares)} pictures", layers, device, sizes))
    return [*result, *faces(sizes, device)]


def faces(sizes: Sizes, device: str) -> list[dict[str, Any]]:
    """Detectors, landmarker and blendshapes by the torch port, as many at once as there are pictures."""
    crops = torch.from_numpy(smooth_pictures(sizes.rows, CROP_SIDE))
    points = torch.from_numpy(np.random.default_rng(2).normal(128, 40, (sizes.rows, 478, 3)).astype(np.float32))
    asked: dict[str, tuple[Callable[[], torch.nn.Module], torch.Tensor]] = {
        "detector-short-range": (lambda: FaceDetector("detector-short-range"), _pictures_of(crops, 128)),
        "detector-full-range": (lambda: FaceDetector("detector-full-range"), _pictures_of(crops, 192)),
        "landmarker": (FacePoints, crops),
        "blendshapes": (FaceBlendshapes, points),
    }
    result = []
    for name, (make, given) in asked.items():
        try:
            nets = {where: make().to(where) for where in {CPU, device}}
        except MienError as error:
            print(f"{name}: {error}", flush=True)
            result.append({"what": name, "problem": str(error)})
            continue

        def run(where: str, nets: Any = nets, given: torch.Tensor = given) -> np.ndarray:
            with torch.no_grad(), full_precision():
                answer = nets[where](given.to(where))
            return (answer[0] if isinstance(answer, tuple) else answer).cpu().numpy()

        result.append(_tried(f"{name}, torch port, {len(given)} at once", run, device, sizes))
    return result


def _pictures_of(crops: torch.Tensor, side: int) -> torch.Tensor:
    return torch.nn.functional.interpolate(crops, size=(side, side), mode="bilinear") * 2 - 1


def batches(sizes: Sizes, device: str) -> list[dict[str, Any]]:
    """The third table: inputs per second."""
    nets = {name: started(name, 2, size=sizes.side, weights="random")[0] for name in sizes.nets}
    torch.manual_seed(0)
    nets["attention"] = folded(Efdnn(2))
    try:
        nets["landmarker"] = FacePoints()
    except MienError as error:
        print(f"landmarker: {error}", flush=True)
    result = []
    for name, net in nets.items():
        side = CROP_SIDE if name == "landmarker" else sizes.side
        for where, gradients in ((CPU, False), (device, False), (device, True)):
            placed = net.eval().requires_grad_(False).to(where)
            line: dict[str, Any] = {"what": f"{name}{', with gradients' if gradients else ''}", "device": where}
            # The processor is fastest long before large batches.
            for count in sizes.batches[: 3 if where == CPU else None]:
                if time.monotonic() > sizes.until:
                    break
                line[str(count)] = _per_second(placed, count, side, where, gradients, sizes.measured_s)
            print(line, flush=True)
            result.append(line)
        net.to(CPU)
    return result


def _per_second(
    net: torch.nn.Module, count: int, side: int, where: str, gradients: bool, measured_s: float
) -> float | None:
    x = torch.from_numpy(smooth_pictures(1, side)).expand(count, -1, -1, -1).contiguous().to(where)

    def once() -> None:
        given = x.detach().requires_grad_(gradients)
        with torch.set_grad_enabled(gradients), full_precision():
            answer = net(given)
            answer = answer[0] if isinstance(answer, tuple) else answer
            (torch.autograd.grad(answer.sum(), given)[0] if gradients else answer).sum().item()

    try:
        once()
        start, runs = time.perf_counter(), 0
        while runs < 3 or (time.perf_counter() - start < measured_s and runs < 200):
            once()
            runs += 1
            if time.perf_counter() - start > 3:
                break
        return round(count * runs / (time.perf_counter() - start), 1)
    except torch.OutOfMemoryError:
        return None


def markdown(rows: list[dict[str, Any]]) -> str:
    """A table of all columns that there are."""
    names = list(dict.fromkeys(key for one in rows for key in one))
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(_cell(one.get(name, "")) for name in names) + " |" for one in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return f"{value:.2g}" if isinstance(value, float) and abs(value) < 0.1 else str(value)


def main() -> None:
    """Measure, print Markdown and write ``gpu.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="benchmarks/results", help="Folder for gpu.json and gpu.md.")
    parser.add_argument("--seconds", type=float, default=330, help="After so many nothing new is begun.")
    parser.add_argument("--only", default="", help="Rows of the first table whose names hold one of these words: a,b.")
    asked = arguments(parser, out="")
    sizes, device, start = QUICK if asked.quick else FULL, usual_device(), time.perf_counter()
    only = tuple(word for word in asked.only.split(",") if word)
    sizes = replace(sizes, until=time.monotonic() + asked.seconds, only=only)
    found: dict[str, Any] = {
        "device": words_of(torch.device(device)), "doctor": device_sentence(), "machine": machine(),
        "threads": torch.get_num_threads(), "quick": asked.quick, "versions": versions(),
    }  # fmt: skip
    text = [f"Device: {found['doctor']}. Processor: {found['machine']}, {found['threads']} threads."]
    tables = (("evidence", evidence), ("networks", networks), ("batches", batches))
    for name, table in tables[: 1 if sizes.only else None]:
        found[name] = table(sizes, device)
        found["seconds"] = round(time.perf_counter() - start, 1)
        text.append(f"### {name}\n\n{markdown(found[name])}")
        if not asked.out:
            continue
        # After each table: what is there stays, whatever ends the rest.
        out = Path(asked.out)
        out.mkdir(parents=True, exist_ok=True)
        (out / "gpu.json").write_text(json.dumps(found, indent=1) + "\n")
        (out / "gpu.md").write_text("\n\n".join(text) + "\n")
    print("\n\n".join(text))
    print(f"{found['seconds']} s")


if __name__ == "__main__":
    main()
