"""Class activation maps: a layer's channels, weighted and summed, at the picture's resolution.

All are one template: run the network, take the layer's map A (channels, height, width) and mostly the gradient G of
the explained output there, weigh, sum over channels, enlarge bilinearly. Maps are raw and signed: nothing is cut off at
zero or stretched, unless the published definition of the *weights* does so. The unit of A times G is the output's.

Where a network answers for a picture and its mirror image together, the layer runs for both. Maps of the mirror image
are turned back; what each contributes by its gradient is added up, and methods without gradients see the mean of A.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from torch.nn.functional import interpolate

from mien.explain.cams.layers import Layer, find_layer, watched
from mien.explain.gradients.slope import batches, gradients_of
from mien.explain.problem import Attribution, Problem

# From A and G, both (rows, channels, height, width), to weights that are multiplied with A.
Weights = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def grad_cam(problem: Problem, *, layer: str = "") -> Attribution:
    """Grad-CAM: each channel weighs its mean gradient (Selvaraju et al. 2017), without the final ReLU.

    Parameters
    ----------
    problem : Problem
        Of pictures.
    layer : str
        Dotted name of the layer, such as ``'layer4'``; by default found, see ``find_layer``.

    Returns
    -------
    Attribution
        One value per pixel, shape (samples, 1, height, width); ``facts['layer']`` names the layer.

    Raises
    ------
    InputError
        If the layer does not exist or holds no map.
    """
    return _by_gradient(problem, layer, lambda a, g: g.mean(dim=(2, 3), keepdim=True))


def grad_cam_plus_plus(problem: Problem, *, layer: str = "") -> Attribution:
    """Grad-CAM++: positive gradients, weighted by higher derivatives (Chattopadhay et al. 2018).

    As published, for an exponential output, whose higher derivatives are powers of the gradient. Parameters, result
    and errors as in ``grad_cam``.
    """

    def weights(a: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        below = 2 + a.sum(dim=(2, 3), keepdim=True) * g  # the published fraction, shortened by the gradient's square
        share = torch.where(below.abs() > 1e-12, 1 / below, torch.zeros_like(below))
        return (share * g.clamp(min=0)).sum(dim=(2, 3), keepdim=True)

    return _by_gradient(problem, layer, weights)


def hirescam(problem: Problem, *, layer: str = "") -> Attribution:
    """HiResCAM: the map times its gradient, place by place (Draelos & Carin 2020).

    For a network that ends linearly after the layer, the map sums to the output without its constant. Parameters,
    result and errors as in ``grad_cam``.
    """
    return _by_gradient(problem, layer, lambda a, g: g)


def layercam(problem: Problem, *, layer: str = "") -> Attribution:
    """LayerCAM: the map times the positive part of its gradient (Jiang et al. 2021).

    Parameters, result and errors as in ``grad_cam``.
    """
    return _by_gradient(problem, layer, lambda a, g: g.clamp(min=0))


def xgrad_cam(problem: Problem, *, layer: str = "") -> Attribution:
    """XGrad-CAM: gradients averaged in proportion to the activation (Fu et al. 2020).

    Parameters, result and errors as in ``grad_cam``.
    """

    def weights(a: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        total = a.sum(dim=(2, 3), keepdim=True)
        weight = (a * g).sum(dim=(2, 3), keepdim=True)
        return torch.where(total != 0, weight / torch.where(total != 0, total, torch.ones_like(total)), 0 * weight)

    return _by_gradient(problem, layer, weights)


def eigen_cam(problem: Problem, *, layer: str = "") -> Attribution:
    """Eigen-CAM: the first principal component of the channels, not centred (Muhammad & Yeasin 2020).

    It looks at no target and no output. The component's sign, which the definition leaves open, is that of the
    channels' sum; where they sum to nothing (behind a layer norm) its larger values are positive. Parameters,
    result and errors as in ``grad_cam``.
    """

    def component(a: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        flat = a.flatten(2).double()
        # The smaller of the two products of the map with itself has the same eigenvalues.
        wide = flat.shape[1] <= flat.shape[2]
        product = flat @ flat.mT if wide else flat.mT @ flat
        finite = torch.isfinite(product).all(dim=2).all(dim=1)
        safe = torch.where(finite[:, None, None], product, torch.zeros_like(product))
        values, vectors = torch.linalg.eigh(safe)
        top = vectors[:, :, -1:]
        component = (flat.mT @ top if wide else top * values[:, None, -1:].clamp(min=0).sqrt()).squeeze(2)
        along = (component * flat.sum(dim=1)).sum(dim=1, keepdim=True)
        unclear = along.abs() <= 1e-4 * (component * flat.abs().sum(dim=1)).abs().sum(dim=1, keepdim=True)
        along = torch.where(unclear, (component**3).sum(dim=1, keepdim=True), along)
        sign = torch.where(along < 0, -1.0, 1.0)
        component = torch.where(finite[:, None], component * sign, torch.nan)
        return component.unflatten(1, a.shape[2:]).to(a.dtype)

    return from_maps(problem, find_layer(problem, layer), component, by_gradient=False)


def score_cam(problem: Problem, *, layer: str = "", weights: Literal["softmax", "increase"] = "softmax") -> Attribution:
    """Score-CAM: each channel weighs what the network says when only that channel's place is shown (Wang et al. 2020).

    Each channel is enlarged, stretched to 0..1 and multiplied with the picture; its increase is the output for that
    picture minus the output for an input of zeros.

    Parameters
    ----------
    problem : Problem
        Of pictures.
    layer : str
        As in ``grad_cam``.
    weights : str
        ``'softmax'`` of the increases over channels, as in the published algorithm (all weights are positive), or
        ``'increase'``, the increases themselves, as in the published definition (signed). Where no channel differs
        from another the softmax says nothing, and the map is 0.

    Returns
    -------
    Attribution
        As ``grad_cam``, and ``columns['passes']``.

    Raises
    ------
    InputError
        As ``grad_cam``.
    """
    result = find_layer(problem, layer)
    nothing = float(problem.outputs(np.zeros((1, *problem.values.shape[1:]), np.float32))[0])

    def weigh(x: torch.Tensor, a: torch.Tensor) -> tuple[torch.Tensor, int]:
        low, high = a.amin(dim=(1, 2), keepdim=True), a.amax(dim=(1, 2), keepdim=True)
        # A flat channel is stretched to an empty mask: it shows nothing.
        shown = torch.nonzero((high > low).flatten()).flatten()
        increase = torch.zeros(len(a), dtype=torch.float64, device=a.device)
        for part in batches(len(shown), problem.batch_size):
            mask = _enlarged(a[shown[part]], x.shape[1:])
            low, high = mask.amin(dim=(2, 3), keepdim=True), mask.amax(dim=(2, 3), keepdim=True)
            increase[shown[part]] = problem.output(x * (mask - low) / (high - low)).double() - nothing
        if weights == "softmax":
            spread = bool((increase != increase[0]).any())
            increase = increase.softmax(dim=0) if spread else 0 * increase
        return increase, len(shown)

    return _by_passes(problem, result, weigh)


def ablation_cam(problem: Problem, *, layer: str = "") -> Attribution:
    """Ablation-CAM: each channel weighs what its removal costs (Desai & Ramaswamy 2020).

    Weights are output minus output without the channel. The published ones are divided by the output, which for a
    negative output would turn the map's sign. Parameters and errors as in ``grad_cam``; ``columns['passes']``.
    """
    found = find_layer(problem, layer)

    def weigh(x: torch.Tensor, a: torch.Tensor) -> tuple[torch.Tensor, int]:
        # A channel of zeros costs nothing.
        alive = torch.nonzero((a != 0).flatten(1).any(dim=1)).flatten()
        cost = torch.zeros(len(a), dtype=torch.float64, device=a.device)
        whole = problem.output(x[None]).double()
        for part in batches(len(alive), problem.batch_size):
            removed = alive[part]

            def without(result: torch.Tensor, removed: torch.Tensor = removed) -> torch.Tensor:
                result = result.clone()
                found.layout.grid(result)[torch.arange(len(removed), device=removed.device), removed] = 0
                return result

            with watched(found, without):
                cost[removed] = whole - problem.output(x.expand(len(removed), *x.shape)).double()
        return cost, len(alive) + 1

    return _by_passes(problem, found, weigh)


def _by_gradient(problem: Problem, layer: str, weights: Weights) -> Attribution:
    return from_maps(problem, find_layer(problem, layer), lambda a, g: (weights(a, g) * a).sum(dim=1))


def from_maps(
    problem: Problem,
    layer: Layer,
    combine: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    *,
    by_gradient: bool = True,
    finish: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> Attribution:
    """The template: A and G of a batch, both (rows, channels, height, width), combined to (rows, height, width).

    Parameters
    ----------
    problem : Problem
    layer : Layer
    combine : callable
    by_gradient : bool
        Whether ``combine`` looks at G, so that what it gives for each time that the layer runs is added up. Otherwise
        it is asked once, about the mean of A.
    finish : callable, optional
        What is done to the whole map before it is enlarged.
    """
    count, size = len(problem.values), problem.values.shape[2:]
    values = np.empty((count, 1, *size), np.float32)
    for part in batches(count, problem.batch_size):
        x = torch.from_numpy(problem.values[part]).to(problem.device).requires_grad_()
        with torch.enable_grad(), watched(layer) as seen:
            output = problem.output(x)
        result = [_map(layer, one.detach()) for one in seen]
        if by_gradient:
            slopes = [_map(layer, one) for one in _gradients(output, seen)]
            whole = torch.stack(layer.upright([combine(a, g) for a, g in zip(result, slopes, strict=True)])).sum(dim=0)
        else:
            mean = torch.stack(layer.upright(result)).mean(dim=0)
            whole = combine(mean, torch.zeros_like(mean))
        values[part] = _enlarged(whole if finish is None else finish(whole), size).cpu().numpy()
        problem.progress(part.stop, count)
    return Attribution(values, facts=layer.facts)


def _map(layer: Layer, result: torch.Tensor) -> torch.Tensor:
    """A layer's result as (rows, channels, height, width), in single precision where the network computes in half."""
    grid = layer.layout.grid(result)
    return grid.to(torch.promote_types(grid.dtype, torch.float32))


def _gradients(output: torch.Tensor, seen: list[torch.Tensor]) -> list[torch.Tensor]:
    """Gradient of the output at each result of the layer; zero where there is no way from one to the other."""
    return [
        torch.zeros_like(one) if result is None else result
        for one, result in zip(seen, gradients_of(output, seen), strict=True)
    ]


def _by_passes(
    problem: Problem, layer: Layer, weigh: Callable[[torch.Tensor, torch.Tensor], tuple[torch.Tensor, int]]
) -> Attribution:
    """The template without gradients: one picture and its A to weights per channel and the passes they took."""
    count, size = len(problem.values), problem.values.shape[2:]
    values, passes = np.empty((count, 1, *size), np.float32), np.zeros(count)
    for row in range(count):
        x = torch.from_numpy(problem.values[row]).to(problem.device)
        with torch.no_grad():
            with watched(layer) as seen:
                problem.output(x[None])
            a = torch.stack(layer.upright([_map(layer, one)[0] for one in seen])).mean(dim=0)
            weights, used = weigh(x, a)
            summed = (weights.to(a.dtype)[:, None, None] * a).sum(dim=0)
            values[row] = _enlarged(summed[None], size)[0].cpu().numpy()
        passes[row] = used + 1
        problem.progress(row + 1, count)
    return Attribution(values, columns={"passes": passes}, facts=layer.facts)


def _enlarged(maps: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Maps (rows, height, width) at the picture's size, bilinear; shape (rows, 1, height, width)."""
    return interpolate(maps[:, None], size=tuple(size), mode="bilinear", align_corners=False)
