"""A network's layers by name: which there are, some of them spread over its depth, and what they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.words import did_you_mean
from mien.nets.device import full_precision

# Layers whose answer the next one only rescales or cuts off: not named by default where one follows.
_FINISHING = (
    nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.ReLU, nn.ReLU6, nn.SiLU, nn.GELU, nn.Hardswish,
    nn.LeakyReLU, nn.ELU, nn.Sigmoid, nn.Tanh, nn.Dropout, nn.Identity,
)  # fmt: skip
# Names in a sentence that says which layers there are.
MOST_LISTED = 40
# What hands on what it is given when nothing is trained.
_PASSING = (nn.Identity, nn.modules.dropout._DropoutNd)


class _Enough(Exception):
    """The last layer that was asked for has answered."""


@dataclass(frozen=True)
class NamedLayer:
    """One layer of a network.

    Attributes
    ----------
    name : str
        As ``named_modules`` calls it.
    shape : tuple of int
        Of its answer to one picture.
    channels_last : bool
        Whether the last axis of it holds the channels (tokens of transformers), not the first.
    also : tuple of str
        Other modules that give the very same answer, because they hand it on.
    """

    name: str
    shape: tuple[int, ...]
    channels_last: bool
    also: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """Number of its units, as lesions and averages over the picture count them."""
        return self.shape[-1 if self.channels_last else 0]

    def averaged(self, answer: torch.Tensor) -> torch.Tensor:
        """Its answer, (samples, ...) -> (samples, channels), averaged over the picture."""
        if answer.ndim == 2:
            return answer
        places = range(1, answer.ndim - 1) if self.channels_last else range(2, answer.ndim)
        return answer.mean(tuple(places))


def layers_of(net: nn.Module, picture: torch.Tensor, run: nn.Module | None = None) -> tuple[NamedLayer, ...]:
    """Every layer that gives one tensor per pass, in the order in which they answer.

    Layers that several steps share are left out, because they have no one answer. Modules that only hand an answer on
    are one layer, which has the name of the largest of them that is no more than half of the network.

    Parameters
    ----------
    net : Module
        In which the layers have their names.
    picture : Tensor, shape (1, channels, height, width)
        What is run through it once.
    run : Module, optional
        What takes the picture, where that is more than ``net``.

    Raises
    ------
    InputError
        If it cannot take such a picture.
    """
    seen: dict[str, list[torch.Tensor]] = {}
    # A later answer must not get the memory, and so the address, of an earlier one.
    order: list[tuple[str, torch.Tensor]] = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, given: Any, answer: Any) -> None:
            if isinstance(answer, torch.Tensor) and answer.ndim >= 2 and answer.shape[0] == len(picture):
                seen.setdefault(name, []).append(answer)
                order.append((name, answer))
            else:
                seen.setdefault(name, []).extend((picture, picture))

        return hook

    handles = [module.register_forward_hook(note(name)) for name, module in net.named_modules() if name]
    try:
        with torch.no_grad():
            (run or net)(picture)
    except (RuntimeError, ValueError, AssertionError, TypeError, IndexError) as error:
        raise InputError(
            f"{type(net).__name__} cannot take a picture of {tuple(picture.shape[1:])} (channels, height, width): "
            f"{error}"
        ) from error
    finally:
        for handle in handles:
            handle.remove()
    # The same memory is the same answer, handed on, perhaps laid flat.
    chains: dict[tuple[int, int], list[tuple[str, torch.Size]]] = {}
    for name, answer in order:
        if len(seen[name]) == 1:
            chains.setdefault((answer.data_ptr(), answer.numel()), []).append((name, answer.shape))
    modules = dict(net.named_modules())
    whole = len(modules)
    found = []
    for chain in chains.values():
        shape = chain[0][1]
        alike = [n for n, other in chain if other == shape]
        passing = [n for n in alike if not isinstance(modules[n], _PASSING)] or alike
        small = [n for n in passing if 2 * sum(1 for _ in modules[n].modules()) <= whole] or passing
        name = small[-1]
        behind = channels_behind(net, modules[name], len(shape))
        found.append(NamedLayer(name, tuple(shape[1:]), behind, tuple(n for n, _ in chain if n != name)))
    return tuple(found)


def channels_behind(net: nn.Module, module: nn.Module, axes: int) -> bool:
    """Whether the last of so many axes of a module's answer holds the channels: of tokens, and where timm says so."""
    of_maps = isinstance(module, (nn.modules.conv._ConvNd, nn.modules.batchnorm._BatchNorm))
    return axes == 3 or (axes == 4 and getattr(net, "output_fmt", "NCHW") == "NHWC" and not of_maps)


def named(layers: Sequence[NamedLayer], names: Sequence[str], who: str) -> tuple[NamedLayer, ...]:
    """The layers of these names, in the order in which they answer.

    Raises
    ------
    InputError
        If there is none of a name; the sentence says which there are.
    """
    known = {name: layer for layer in layers for name in (layer.name, *layer.also)}
    for name in names:
        if name not in known:
            raise InputError(
                f"{who} has no layer '{name}'.{did_you_mean(name, list(known))} It has: {_listed(layers)}."
            )
    wanted = {known[name].name for name in names}
    return tuple(layer for layer in layers if layer.name in wanted)


def _listed(layers: Sequence[NamedLayer]) -> str:
    """Names of layers, of many those of the larger parts."""
    depths = sorted({layer.name.count(".") for layer in layers})
    few = [layer.name for layer in layers]
    while len(few) > MOST_LISTED and len(depths) > 1:
        depths.pop()
        few = [layer.name for layer in layers if layer.name.count(".") <= depths[-1]]
    less = len(layers) - len(few)
    return ", ".join(few) + (f" and {less} within these, by their names in the network" if less else "")


def spread(net: nn.Module, layers: Sequence[NamedLayer], count: int) -> tuple[NamedLayer, ...]:
    """So many layers over the whole depth: first the ends of the largest parts, then those between.

    Layers whose answer the next one only normalises, rectifies, drops or lays flat are none of them.

    Parameters
    ----------
    net : Module
    layers : sequence of NamedLayer
        As ``layers_of`` gives them.
    count : int
        Fewer are given where there are fewer.
    """
    modules = dict(net.named_modules())
    ends = []
    for layer, after in zip(layers, [*layers[1:], None], strict=True):
        homes = {name.rpartition(".")[0] for name in (layer.name, *layer.also)}
        parts = () if after is None or after.shape != layer.shape else (after.name, *after.also)
        # What another part does first with it is none of this one's.
        finished = any(isinstance(modules[n], _FINISHING) and n.rpartition(".")[0] in homes for n in parts)
        if not finished and not isinstance(modules[layer.name], nn.Flatten):
            ends.append(layer)
    chosen: list[int] = []
    level = 0
    deepest = max((layer.name.count(".") for layer in ends), default=0)
    while len(chosen) < min(count, len(ends)) and level <= deepest:
        candidates = [i for i, layer in enumerate(ends) if layer.name.count(".") <= level and i not in chosen]
        while candidates and len(chosen) < count:
            best = max(candidates, key=lambda i: (_room(i, chosen, len(ends)), i))
            chosen.append(best)
            candidates.remove(best)
        level += 1
    return tuple(ends[i] for i in sorted(chosen))


def _room(place: int, taken: Sequence[int], count: int) -> int:
    """Layers between a place and the nearest that is taken."""
    return min((abs(place - other) for other in taken), default=count)


@contextmanager
def listening(net: nn.Module, layers: Sequence[NamedLayer], run: nn.Module) -> Iterator[Any]:
    """A function from pictures to the answers of layers, by name; nothing stays in the network afterwards.

    What comes behind the last of the layers is not computed.
    """
    answers: dict[str, torch.Tensor] = {}
    last = layers[-1].name

    def keep(name: str) -> Any:
        def hook(module: nn.Module, given: Any, answer: torch.Tensor) -> None:
            answers[name] = answer
            if name == last:
                raise _Enough

        return hook

    modules = dict(net.named_modules())
    handles = [modules[layer.name].register_forward_hook(keep(layer.name)) for layer in layers]

    def ask(pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        answers.clear()
        with torch.no_grad(), full_precision(), suppress(_Enough):
            run(pictures)
        return dict(answers)

    try:
        yield ask
    finally:
        for handle in handles:
            handle.remove()
