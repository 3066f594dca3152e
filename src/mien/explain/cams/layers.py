"""The layer whose map a class activation map weighs: named by the user, or found by running the network once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch

from mien.core.errors import InputError
from mien.explain.cams.probe import Layout, ModuleOutputs, run_on_noise
from mien.explain.problem import Problem

# Modules that give what they get, in evaluation mode.
_PASSING = (torch.nn.Identity, torch.nn.Dropout, torch.nn.Dropout2d)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of the network, with the layout of its result.

    Attributes
    ----------
    name : str
    module : torch.nn.Module
    layout : Layout
    channels : int
    mirrored : tuple of bool
        For each time that the layer runs in one pass of the network: whether it then sees the mirror image of what it
        sees at the first time, as in networks that answer for a picture and its mirror image together.
    """

    name: str
    module: torch.nn.Module
    layout: Layout
    channels: int
    mirrored: tuple[bool, ...] = (False,)

    def upright(self, maps: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Maps (..., height, width) of each time that the layer runs, those of mirror images turned back."""
        return [one.flip(-1) if turned else one for one, turned in zip(maps, self.mirrored, strict=True)]

    @property
    def facts(self) -> dict[str, Any]:
        """For ``Evidence.settings``."""
        facts = {"layer": self.name, "layer_shape": [self.channels, *self.layout.size], "layout": self.layout.kind}
        views = ["mirror image" if turned else "picture" for turned in self.mirrored]
        return facts if len(views) == 1 else {**facts, "layer_sees": views}


def find_layer(problem: Problem, name: str) -> Layer:
    """The layer of that name; for ``''`` the last one that still holds a map which the output depends on.

    For networks of convolutions that is the last map before pooling and classifier. In a transformer that reads its
    class token, the last block's patch tokens reach nobody, so it is the norm before that block's attention. The
    choice depends on the network, the target and the size of the pictures, not on the pictures.

    Raises
    ------
    InputError
        If there is no such layer, it runs several times in a pass on different things, or its result holds no map.
    """
    network = problem.network
    asked = ("layer", name, problem.target, problem.values.shape[1:])
    before, layer = problem.known.get(asked, (None, None))
    if before is network:
        return layer
    known = [one for one, _ in network.named_modules() if one]
    if name and name not in known:
        raise InputError(f"The network has no layer '{name}'.{_close(name, known)}")
    seen, outputs = run_on_noise(problem)
    chosen = _named(name, seen) if name else _last(seen, {outputs, len(problem.classes)})
    assert chosen.layout is not None and chosen.mirrored is not None
    channels = chosen.layout.grid(chosen.result).shape[1]
    layer = Layer(chosen.name, chosen.module, chosen.layout, channels, chosen.mirrored)
    problem.known[asked] = network, layer
    return layer


def _last(seen: list[ModuleOutputs], outputs: set[int]) -> ModuleOutputs:
    tokens = {row.result.shape[1] for row in seen if row.layout is not None and row.layout.kind == "tokens"}
    maps = [
        row
        for row in seen
        # Attention weights (rows, heads, tokens, tokens) look like maps.
        if row.layout is not None
        and row.mirrored is not None
        and not isinstance(row.module, _PASSING)
        and not (row.result.ndim == 4 and row.result.shape[2] in tokens)
    ]
    if not maps:
        raise InputError(
            "The network has no layer that runs once (or once more for the mirror image) and holds a map (rows, "
            "channels, height, width) or tokens of a picture, so class activation maps cannot explain it; use "
            "integrated-gradients or occlusion."
        )
    pooled = {row.result.data_ptr() for row in seen if isinstance(row.result, torch.Tensor) and _is_pool(row.module)}
    wishes: list[Callable[[ModuleOutputs], bool]] = [
        lambda row: row.reached,
        # The last map before pooling is the finest one.
        lambda row: row.result.data_ptr() not in pooled,
        # Inside a block of a transformer only norms and whole blocks hold the tokens themselves.
        lambda row: row.result.ndim == 4 or any(_is_norm(part) for part in row.module.modules()),
        # One map per class is the answer already, not what it is made of.
        lambda row: row.layout is None or row.layout.grid(row.result).shape[1] not in outputs,
    ]
    for wish in wishes:
        maps = [row for row in maps if wish(row)] or maps
    return maps[-1]


def _named(name: str, seen: list[ModuleOutputs]) -> ModuleOutputs:
    row = next((row for row in seen if row.name == name), None)
    if row is None:
        maps = [other.name for other in seen if other.layout is not None and other.name]
        instead = _close(name, maps) if maps else (
            " No layer of it does, as in exported networks: give the network that was exported, or use "
            "integrated-gradients or occlusion."
        )  # fmt: skip
        raise InputError(f"The layer '{name}' does not run by itself when the network explains this target.{instead}")
    if row.mirrored is None:
        raise InputError(
            f"The layer '{name}' runs {len(row.results)} times in one pass on different things, so it has no one map; "
            "name the block around it."
        )
    if not isinstance(row.result, torch.Tensor):
        raise InputError(f"The layer '{name}' gives {type(row.result).__name__}, not one tensor; name one inside it.")
    if row.layout is None and row.result.ndim == 4:
        # Whoever names it knows that it is one.
        row.layout = Layout("channels first", 0, (row.result.shape[2], row.result.shape[3]))
    if row.layout is None:
        maps = [other.name for other in seen if other.layout is not None and other.mirrored is not None]
        raise InputError(
            f"The layer '{name}' gives shape (rows, {', '.join(map(str, row.result.shape[1:]))}), which holds no map "
            f"of the picture; such maps have, for example: {', '.join(maps[-3:]) or 'none'}."
        )
    return row


def _close(name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=3, cutoff=0.4) or names[-3:]
    return f" Close to it: {', '.join(close)}." if close else ""


def _is_pool(module: torch.nn.Module) -> bool:
    return "pool" in type(module).__name__.lower()


def _is_norm(module: torch.nn.Module) -> bool:
    return "norm" in type(module).__name__.lower()


@contextmanager
def watched(layer: Layer, change: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Iterator[list[torch.Tensor]]:
    """The layer's result each time that it runs in the block; ``change`` says what the rest gets instead.

    The rest gets a copy, so that functions in place do not touch what was seen.
    """
    found: list[torch.Tensor] = []

    def hook(module: torch.nn.Module, args: Any, result: torch.Tensor) -> torch.Tensor:
        found.append(result)
        return result.clone() if change is None else change(result)

    handle = layer.module.register_forward_hook(hook)
    try:
        yield found
    finally:
        handle.remove()
