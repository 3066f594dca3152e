"""The torch port of the landmarker against LiteRT, its time, and where evidence through it lies on real faces.

    python -m benchmarks.landmarker_parity [--photos 24] [--explained 8] [--steps 64]

Photos: the London set (``MIEN_DATA``). Writes ``benchmarks/results/landmarker_parity.json``.
"""

import argparse
import time

import cv2
import numpy as np
import torch

from benchmarks.common import arguments, data_root, is_quick, write
from mien.core.samples import Samples
from mien.data.sets.london import london
from mien.explain.explain import explain
from mien.explain.landmarker.crops import photo_crops
from mien.faces.mesh import BLENDSHAPE_POINTS
from mien.faces.networks import FaceNetwork
from mien.nets.landmarker.network import FaceBlendshapes, FaceDetector, FacePoints

# What is read off -> regions that a person would look at for it.
WHERE = {
    "blendshape:mouthSmileLeft": ("mouth", "left cheek", "right cheek"),
    "blendshape:mouthSmileRight": ("mouth", "left cheek", "right cheek"),
    "blendshape:browInnerUp": ("left brow", "right brow", "forehead", "left eye", "right eye"),
    "blendshape:eyeBlinkLeft": ("left eye",),
    "blendshape:eyeBlinkRight": ("right eye",),
    "measure:mouth opening": ("mouth",),
    "measure:left eye opening": ("left eye",),
    "measure:right inner brow height": ("right brow", "right eye", "forehead"),
}


def parity(crops: np.ndarray) -> dict:
    """Largest and typical differences from the runtime, and both from double precision."""
    points, presence, *_ = FaceNetwork("landmarker", 1, scale=1 / 255)(crops)
    points = points.reshape(-1, 478, 3)
    x = torch.from_numpy(crops.transpose(0, 3, 1, 2).copy()).float() / 255
    network, exact = FacePoints(), FacePoints().double()
    with torch.no_grad():
        found = torch.cat([network(one[None])[0] for one in x]).numpy()
        logits = torch.cat([network(one[None])[1] for one in x]).numpy()
        truth = torch.cat([exact(one[None].double())[0] for one in x]).numpy()
    (strengths,) = FaceNetwork("blendshapes", 1)(points[:, BLENDSHAPE_POINTS, :2])
    strengths = strengths.reshape(-1, 52)
    with torch.no_grad():
        ours = FaceBlendshapes()(torch.from_numpy(points)).numpy()
        double = FaceBlendshapes().double()(torch.from_numpy(points).double()).numpy()
    result = {
        "faces": len(crops),
        "points_px": _spread(found - points),
        "points_px_torch_from_double": _spread(found - truth),
        "points_px_litert_from_double": _spread(points - truth),
        "presence_logit": _spread(logits - presence.ravel()),
        "blendshapes": _spread(ours - strengths),
        "blendshapes_torch_from_double": _spread(ours - double),
        "blendshapes_litert_from_double": _spread(strengths - double),
    }
    for card, side in (("detector-short-range", 128), ("detector-full-range", 192)):
        small = np.stack([cv2.resize(crop, (side, side)) for crop in crops])
        boxes, scores = FaceNetwork(card, 1, scale=1 / 127.5, offset=-1)(small)
        with torch.no_grad():
            mine = FaceDetector(card)(torch.from_numpy(small.transpose(0, 3, 1, 2).copy()).float() / 127.5 - 1)
        result[card] = {
            "boxes_relative": float(np.abs(mine[0].numpy() - boxes).max() / np.abs(boxes).max()),
            "logits_relative": float(np.abs(mine[1].numpy() - scores[..., 0]).max() / np.abs(scores).max()),
        }
    return result


def _spread(difference: np.ndarray) -> dict:
    size = np.abs(difference)
    return {"largest": float(size.max()), "q99": float(np.quantile(size, 0.99)), "median": float(np.median(size))}


def speed(crops: np.ndarray, rounds: int) -> dict:
    """Milliseconds per face on one thread; the ways take turns, so that a busy machine slows all of them."""
    torch.set_num_threads(1)
    runtime, network = FaceNetwork("landmarker", 1, scale=1 / 255), FacePoints()
    many = torch.from_numpy(np.resize(crops, (8, 256, 256, 3)).transpose(0, 3, 1, 2).copy()).float() / 255

    def forward(x: torch.Tensor) -> None:
        with torch.no_grad():
            network(x)

    def backward(x: torch.Tensor) -> None:
        x = x.clone().requires_grad_()
        network(x)[0].sum().backward()

    ways = {
        "litert": (lambda: runtime(crops[:1]), 1),
        "torch_forward_1": (lambda: forward(many[:1]), 1),
        "torch_forward_8": (lambda: forward(many), 8),
        "torch_gradient_1": (lambda: backward(many[:1]), 1),
        "torch_gradient_8": (lambda: backward(many), 8),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, (call, faces) in ways.items():
            start = time.perf_counter()
            call()
            if turn:
                times[name].append(1000 * (time.perf_counter() - start) / faces)
    medians = {name: float(np.median(found)) for name, found in times.items()}
    ratios = {name: float(np.median(np.array(found) / np.array(times["litert"]))) for name, found in times.items()}
    return {"ms_per_face": medians, "times_litert": ratios}


def places(samples: Samples, steps: int) -> dict:
    """Share of the absolute evidence in the expected regions against their share of the pixels."""
    result: dict[str, dict] = {}
    for method, settings in (("saliency", {}), ("integrated-gradients", {"n_steps": steps})):
        for reading, regions in list(WHERE.items())[:: len(WHERE) - 1 if is_quick() else 1]:
            start = time.perf_counter()
            found = explain(reading, samples, method=method, **settings)
            share = sum(found.columns[f"share of {name}"] for name in regions)
            area = sum(found.columns[f"area of {name}"] for name in regions)
            names = [name.removeprefix("share of ") for name in found.columns if name.startswith("share of ")]
            density = {
                n: float(np.nanmean(found.columns[f"share of {n}"] / found.columns[f"area of {n}"])) for n in names
            }
            result[f"{method} {reading}"] = {
                "expected": list(regions),
                "share": float(np.nanmean(share)),
                "area": float(np.nanmean(area)),
                "times_even_spread": float(np.nanmean(share / area)),
                "photos_above_even_spread": int((share > area).sum()),
                "photos": len(found),
                "densest": sorted(density, key=lambda n: -density[n])[:3],
                "outside_the_face": float(np.nanmean(found.columns["share of outside the face"])),
                "median_output": float(np.median(found.output)),
                "median_absolute_gap": float(np.nanmedian(np.abs(found.gap))) if np.isfinite(found.gap).any() else None,
                "seconds_per_photo": (time.perf_counter() - start) / len(found),
            }
            print(reading, method, result[f"{method} {reading}"], flush=True)
    return result


def main() -> None:
    """Run all three."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=int, default=24)
    options.add_argument("--explained", type=int, default=8, help="photos that are explained; 0 leaves this part out")
    options.add_argument("--steps", type=int, default=64)
    options.add_argument("--rounds", type=int, default=15, help="of timing")
    asked = arguments(options, data=("london",), photos=2, explained=1, steps=2, rounds=1)
    samples = london(data_root() / "london")
    every = np.linspace(0, len(samples) - 1, asked.photos).astype(int)
    values = photo_crops(samples[every]).features.values
    crops = np.round(values[np.isfinite(values).all((1, 2, 3))].transpose(0, 2, 3, 1) * 255).astype(np.uint8)
    smiling = np.flatnonzero(samples.labels["expression"] == "smiling")
    chosen = smiling[np.linspace(0, len(smiling) - 1, asked.explained).astype(int)]
    result = {"data": "London set", "parity": parity(crops), "speed": speed(crops, asked.rounds)}
    if asked.explained:
        result["places"] = places(samples[chosen], asked.steps)
    write("landmarker_parity", result)


if __name__ == "__main__":
    main()
