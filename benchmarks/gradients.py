"""Gradient methods and class activation maps on real faces: ``python -m benchmarks.gradients [--faces 10]``.

``passes``: expected gradients from strata against Captum's independent draws. A small network (see ``fewer_passes``)
learns neutral against smiling on London's first 47 people; smiling faces of the others are explained with 5 baselines
(medoids of the training pictures). Error: root mean square distance, over pixels, faces and five draws each, from
Integrated Gradients with 400 steps per baseline, as a share of its root mean square. ``equal``: how many of Captum's
passes reach our error, extrapolated from its own, which falls with the square root of the passes.

``honest``: root mean square of the true errors over that of the reported standard errors (1 where they are right).

``deeplift``: largest completeness gap, as a share of the change of the output, ours and Captum's.

``maps``: layer found on EfficientNet-Lite0 (ImageNet weights, 224 px) and time of each map over that of one bare
forward and backward pass, in turns.
"""

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from captum.attr import DeepLift, GradientShap

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, write
from benchmarks.fewer_passes import pictures, trained
from mien.explain.baselines import choose_baselines
from mien.explain.explain import explain

SIDE, PEOPLE, DRAWS = (64, 6, 1) if is_quick() else (64, 47, 5)
STEPS, PASSES = (20, (10,)) if is_quick() else (400, (10, 20, 50, 100, 200))
CAMS = ("grad-cam", "grad-cam++", "hirescam", "layercam", "xgrad-cam", "eigen-cam")


def sampled(net: torch.nn.Module, faces: np.ndarray, baselines: np.ndarray) -> dict[str, Any]:
    """Errors of expected gradients by number of passes."""
    asked = {"target": 1, "baselines": baselines}
    exact = explain(net, faces, n_steps=STEPS, **asked).values
    size = np.sqrt(np.mean(exact.astype(np.float64) ** 2))
    # Draws depend on a sample's place, so the same face in other places is drawn anew.
    faces, exact = np.repeat(faces, DRAWS, axis=0), np.repeat(exact, DRAWS, axis=0)
    result = {}
    for passes in PASSES:
        ours = explain(net, faces, method="gradient-shap", n_samples=passes, **asked)
        theirs = np.stack([independent(net, face, baselines, passes, seed) for seed, face in enumerate(faces)])
        error, other = (float(np.sqrt(np.mean((found - exact) ** 2)) / size) for found in (ours.values, theirs))
        told = float(np.sqrt(np.mean(ours.standard_error**2)) / size)
        result[str(passes)] = {
            "error": round(error, 5), "captum_error": round(other, 5), "equal": round(passes * (other / error) ** 2),
            "honest": round(error / told, 3),
        }  # fmt: skip
    return result


def independent(net: torch.nn.Module, face: np.ndarray, baselines: np.ndarray, passes: int, seed: int) -> np.ndarray:
    """Captum's GradientSHAP of one face."""
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002  Captum draws from the global state
    x, b = torch.from_numpy(face[None]), torch.from_numpy(baselines)
    found = GradientShap(net).attribute(x, b, n_samples=passes, stdevs=0.0, target=1)
    return found[0].detach().numpy()


def deeplift(net: torch.nn.Module, faces: np.ndarray, baselines: np.ndarray) -> dict[str, float]:
    """Completeness of DeepLIFT on the small network, and on the same with maximum pooling behind its first ReLU."""
    result = {}
    pooled = torch.nn.Sequential(*list(net)[:2], torch.nn.MaxPool2d(3, 1, 1), *list(net)[2:]).eval()
    for name, one in (("strided", net), ("with maximum pooling", pooled)):
        ours = explain(one, faces, method="deeplift", target=1, baselines=baselines[:1])
        x, b = torch.from_numpy(faces), torch.from_numpy(baselines[:1]).expand(faces.shape)
        theirs = DeepLift(one).attribute(x, b, target=1).detach().numpy()
        with torch.no_grad():
            change = (one(x) - one(b))[:, 1].numpy()
        for who, values in (("ours", ours.values), ("captum", theirs)):
            gap = np.abs(values.sum(axis=(1, 2, 3), dtype=np.float64) - change) / np.abs(change)
            result[f"{name}, {who}"] = float(f"{gap.max():.2e}")
    return result


def maps(rounds: int = 1 if is_quick() else 5) -> dict[str, Any]:
    """Time of each map of eight faces over one bare forward and backward pass of them."""
    from mien.nets.efficientnet import pretrained

    net, faces = pretrained("efficientnet-lite0"), pictures(224)[0][: 2 if is_quick() else 8]
    bare, times, layer = [], {name: [] for name in CAMS}, ""
    for _ in range(rounds):
        start = time.perf_counter()
        x = torch.from_numpy(faces).requires_grad_()
        torch.autograd.grad(net(x)[:, 0].sum(), x)
        bare.append(time.perf_counter() - start)
        for name in CAMS:
            start = time.perf_counter()
            layer = explain(net, faces, method=name, target=0, batch_size=8).settings["layer"]
            times[name].append(time.perf_counter() - start)
    best = min(bare)
    return {"layer": layer, "bare_ms": round(1000 * best, 1), **{n: round(min(t) / best, 2) for n, t in times.items()}}


def main() -> None:
    """Run all parts and keep their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    given = arguments(parser, data=("london",), faces=1, threads=1)
    torch.set_num_threads(given.threads)
    warnings.simplefilter("ignore")
    x, y, person = pictures(SIDE)
    known = person < PEOPLE
    net = trained(x[known], y[known]).eval()
    baselines = choose_baselines("medoids", x[known], count=5, scaled=False).values
    faces = x[~known & (y == 1)][: given.faces]
    write(
        "gradients",
        {
            "faces": len(faces),
            "passes": sampled(net, faces, baselines),
            "deeplift": deeplift(net, faces, baselines),
            "maps": maps(),
        },
    )


if __name__ == "__main__":
    main()
