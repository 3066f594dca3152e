"""A TFLite graph as one torch module, and the landmarker's networks with their inputs and outputs named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.data.weights import member_bytes
from mien.faces.mesh import BLENDSHAPE_POINTS, CROP_SIDE
from mien.nets.landmarker.graph import Graph, read_graph
from mien.nets.landmarker.layers import Builder

POINTS = 478


class GraphModule(nn.Module):
    """A network of plain operations: differentiable, float32, any number of samples at once.

    Parameters
    ----------
    graph : Graph
        With one input.
    outputs : sequence of int, optional
        Which outputs are wanted, by their place; what only others need is left out.

    Raises
    ------
    InputError
        If an operation has no counterpart in torch.

    Notes
    -----
    Every operation is a module of its own, named by what it is and its place (``conv_2d_12``), so that hooks, class
    activation maps and rules of propagation find real convolutions and rectifiers. The weights are parameters that
    ask for no gradient.
    """

    def __init__(self, graph: Graph, outputs: Sequence[int] | None = None) -> None:
        super().__init__()
        wanted = [graph.outputs[i] for i in (range(len(graph.outputs)) if outputs is None else outputs)]
        builder = Builder(graph)
        needed = set(wanted)
        kept = []
        for operation in reversed(graph.operations):
            if needed.intersection(operation.outputs):
                kept.append(operation)
                needed.update(operation.inputs)
        for place, operation in enumerate(reversed(kept)):
            builder.add(operation, f"{operation.name.lower()}_{place}")
        self.steps = nn.ModuleDict({step.name: step.module for step in builder.steps})
        self._wiring = [(step.name, step.inputs, step.output) for step in builder.steps]
        self._wanted, self._input = tuple(wanted), graph.inputs[0]
        shape, self._shapes = graph.shapes[graph.inputs[0]], graph.shapes
        self.input_shape: tuple[int, ...] = (shape[3], shape[1], shape[2]) if len(shape) == 4 else shape[1:]
        self._free = self._last_uses()
        if len(shape) == 4:
            # On processors these small convolutions are about a third faster with the channels side by side in memory.
            self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.eval()

    def last_map(self, side: int) -> str:
        """Name of the last layer whose result has ``side`` rows: ``steps.NAME``.

        Raises
        ------
        InputError
            If there is none.
        """
        for name, _, output in reversed(self._wiring):
            shape = self._shapes.get(output, ())
            if len(shape) == 4 and shape[1] == side:
                return f"steps.{name}"
        raise InputError(f"The network has no layer whose maps have {side} rows.")

    def _last_uses(self) -> list[tuple[int, ...]]:
        """After each step, the tensors that nothing will read again."""
        last = {tensor: i for i, (_, inputs, _) in enumerate(self._wiring) for tensor in inputs}
        return [
            tuple(t for t in dict.fromkeys(inputs) if last[t] == i and t not in self._wanted)
            for i, (_, inputs, _) in enumerate(self._wiring)
        ]

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The wanted outputs, each (samples, ...), maps with their channels first.

        Parameters
        ----------
        x : tensor, shape (samples, \\*input_shape)

        Raises
        ------
        InputError
            If the input has another shape.
        """
        if tuple(x.shape[1:]) != self.input_shape:
            raise InputError(f"The network takes (samples, {', '.join(map(str, self.input_shape))}), got {x.shape}.")
        known = {self._input: x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x}
        for (name, inputs, output), free in zip(self._wiring, self._free, strict=True):
            known[output] = self.steps[name](*(known[i] for i in inputs))
            for tensor in free:
                del known[tensor]
        return tuple(known[i] for i in self._wanted)


@cache
def _graph(card: str) -> Graph:
    return read_graph(member_bytes(card), f"The network '{card}'")


class FacePoints(nn.Module):
    """478 points and the presence of a face, from level face crops.

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = GraphModule(_graph("landmarker"), (0, 1))

    def forward(self, crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Points in pixels of the crop, and the logit of presence.

        Parameters
        ----------
        crops : tensor, shape (faces, 3, 256, 256)
            Red, green, blue from 0 to 1; see ``mien.faces.mesh.Crops``.

        Returns
        -------
        points : tensor, shape (faces, 478, 3)
            x right, y down, z in the same unit with negative toward the camera.
        presence : tensor, shape (faces,)
            Logit of the probability that the crop holds a face.
        """
        points, presence = self.network(crops)
        return points.reshape(len(crops), POINTS, 3), presence.reshape(len(crops))


class FaceBlendshapes(nn.Module):
    """52 blendshape strengths from points.

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    """

    names = BLENDSHAPES
    index: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network = GraphModule(_graph("blendshapes"))
        self.register_buffer("index", torch.from_numpy(BLENDSHAPE_POINTS.copy()))

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Strengths from 0 to 1, shape (faces, 52).

        Parameters
        ----------
        points : tensor, shape (faces, 478, 2 or 3)
            In pixels of the upright picture. Size and place do not matter, but the turn in the plane does.
        """
        (strengths,) = self.network(points[:, self.index, :2])
        result: torch.Tensor = strengths
        return result


class FaceDetector(nn.Module):
    """One BlazeFace detector: raw boxes and logits of all anchors.

    Parameters
    ----------
    card : str
        ``'detector-short-range'`` or ``'detector-full-range'``.

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    """

    def __init__(self, card: str = "detector-short-range") -> None:
        super().__init__()
        if card not in ("detector-short-range", "detector-full-range"):
            raise InputError(f"There is no detector '{card}'; there are detector-short-range and detector-full-range.")
        self.network = GraphModule(_graph(card))

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Boxes (samples, anchors, 16) in pixels relative to the anchors, and logits (samples, anchors).

        Parameters
        ----------
        pictures : tensor, shape (samples, 3, side, side)
            Letterboxed, from -1 to 1; the side is 128 (short range) or 192.
        """
        boxes, logits = self.network(pictures)
        return boxes, logits[..., 0]


__all__ = ["CROP_SIDE", "POINTS", "FaceBlendshapes", "FaceDetector", "FacePoints", "GraphModule"]
