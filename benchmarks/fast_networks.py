"""The landmark network in fewer bits: half precision as LiteRT runs it, and numbers rounded in the torch port."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.data.weights import member_bytes
from mien.faces.mesh import Blendshapes

# XNNPACK's flag to compute in half precision, with or without an instruction for it.
FORCE_HALF = 4
# Side of the first two stages' maps and of the last three's; between, points move less.
STAGES = {"first stage (128 px)": (128,), "second and third (64, 32 px)": (64, 32), "last (8 px and less)": (8, 4, 2)}


def compared(points: np.ndarray, exact: np.ndarray) -> dict[str, float]:
    """Median and 99th percentile of distances, per cent of the inter-ocular distance, and blendshapes."""
    eyes = np.linalg.norm(exact[:, 468, :2] - exact[:, 473, :2], axis=1)[:, None]
    apart = 100 * np.linalg.norm((points - exact)[..., :2], axis=-1) / eyes
    shapes = Blendshapes()
    return {
        "median": round(float(np.median(apart)), 3),
        "99th percentile": round(float(np.percentile(apart, 99)), 3),
        "blendshapes": round(float(np.abs(shapes(points) - shapes(exact)).mean()), 4),
    }


def half_precision(crops: np.ndarray) -> dict:
    """LiteRT's compiled model, exact and in half precision: differences, processor ms on one thread.

    Parameters
    ----------
    crops : ndarray of uint8, shape (crops, 256, 256, 3)
    """
    exact, exact_ms = _compiled(crops, None)
    half, half_ms = _compiled(crops, FORCE_HALF)
    return {**compared(half, exact), "exact, ms": round(exact_ms, 2), "half precision, ms": round(half_ms, 2)}


def _compiled(crops: np.ndarray, flags: int | None) -> tuple[np.ndarray, float]:
    from ai_edge_litert.compiled_model import CompiledModel
    from ai_edge_litert.cpu_options import CpuOptions
    from ai_edge_litert.options import Options

    options = Options(cpu_options=CpuOptions(num_threads=1, xnnpack_flags=flags))
    model = CompiledModel.from_buffer(member_bytes("landmarker"), options=options)
    source, results = model.create_input_buffers(0), model.create_output_buffers(0)
    points, spent = [], []
    for crop in crops:
        source[0].write(np.ascontiguousarray(crop[None] / np.float32(255), dtype=np.float32))
        start = time.process_time()
        model.run_by_index(0, source, results)
        spent.append(time.process_time() - start)
        points.append(results[0].read(478 * 3, np.float32).reshape(478, 3))
    return np.array(points), float(np.median(spent) * 1e3)


@dataclass(frozen=True)
class Rounding:
    """How numbers of the network are rounded: weights per channel, activations per tensor, on maps of some sides alone.

    The last layer, which says where the points are, stays exact.

    ``''`` leaves them as they are; ``'int8'`` and ``'int16'`` are even steps over what occurs, ``'half'`` and
    ``'bfloat16'`` the formats of these names.
    """

    weights: str = ""
    activations: str = ""
    sides: tuple[int, ...] = (256, 128, 64, 32, 16, 8, 4, 2)

    def points(self, crops: np.ndarray) -> np.ndarray:
        """Points of crops (crops, 256, 256, 3) of uint8, in pixels of the crop."""
        import torch

        from mien.nets.landmarker.network import FacePoints

        network = FacePoints()
        steps = list(network.network.steps.values())
        pixels = torch.tensor(crops.transpose(0, 3, 1, 2) / 255, dtype=torch.float32)
        reach: dict[int, tuple[float, float]] = {}

        def note(number: int, seen: Any) -> None:
            if seen.ndim == 4 and seen.shape[2] in self.sides:
                reach[number] = float(seen.min()), float(seen.max())

        with torch.no_grad():
            self._through(steps, note, network, pixels)
            for number in reach:
                for weight in (w for w in steps[number].parameters() if w.ndim == 4):
                    weight.copy_(_rounded(weight, self.weights, None))
            return self._through(steps, lambda n, seen: self._rounding(n, seen, reach), network, pixels)

    def _rounding(self, number: int, seen: Any, reach: dict[int, tuple[float, float]]) -> Any:
        return _rounded(seen, self.activations, reach[number]) if number in reach else None

    @staticmethod
    def _through(steps: list[Any], then: Callable[[int, Any], Any], network: Any, pixels: Any) -> np.ndarray:
        """Points, with a function called on the result of every layer; what it returns takes the result's place."""
        hooks = [step.register_forward_hook(lambda _, __, out, n=n: then(n, out)) for n, step in enumerate(steps)]
        try:
            return network(pixels)[0].numpy()
        finally:
            for hook in hooks:
                hook.remove()


def _rounded(values: Any, how: str, reach: tuple[float, float] | None) -> Any:
    """Values in another format; without a reach, evenly about zero in each output channel."""
    if not how:
        return values
    if how in ("half", "bfloat16"):
        return (values.half() if how == "half" else values.bfloat16()).float()
    steps = 2 ** int(how.removeprefix("int")) - 1
    if reach is None:
        size = values.abs().amax(dim=(1, 2, 3), keepdim=True) / (steps // 2)
        return (values / size).round() * size
    low, high = min(reach[0], 0), max(reach[1], 0)
    size = (high - low) / steps
    return ((values / size).round() - round(low / size)).clamp(0, steps) * size + round(low / size) * size


def rounded_networks(crops: np.ndarray, quick: bool) -> list[dict]:
    """Differences that rounding alone makes; no processor is faster by it here.

    Parameters
    ----------
    crops : ndarray of uint8, shape (crops, 256, 256, 3)
    quick : bool
        One way alone.
    """
    ways: dict[str, Rounding] = {"half precision, activations": Rounding(activations="half")}
    if not quick:
        ways |= {
            "bfloat16, activations": Rounding(activations="bfloat16"),
            "bfloat16, weights and activations": Rounding(weights="bfloat16", activations="bfloat16"),
            "int8, weights": Rounding(weights="int8"),
            "int8, weights; int16, activations": Rounding(weights="int8", activations="int16"),
            "int8, weights and activations": Rounding(weights="int8", activations="int8"),
            **{f"int8, {name} alone": Rounding("int8", "int8", sides) for name, sides in STAGES.items()},
        }
    exact = Rounding().points(crops)
    return [{"way": name, **compared(how.points(crops), exact)} for name, how in ways.items()]
