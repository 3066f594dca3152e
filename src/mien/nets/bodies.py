"""Frozen bodies: what an image network sees in a crop, pooled over a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.data.cards import CARDS, FILES
from mien.nets.efficientnet import VARIANTS, pretrained, stage_channels, untrained

UNTRAINED = "untrained "
BATCH = 16


@dataclass(frozen=True)
class Body:
    """Which network, and what of it a head sees.

    Attributes
    ----------
    name : str
        ``'efficientnet-lite0'`` to ``'-lite2'``, or a network of timm (see ``mien.nets.zoo``);
        ``'untrained efficientnet-lite0'`` has random weights.
    stages : tuple of int
        Stages whose feature maps are used. Of EfficientNet-Lite 0 is the stem, 1 to 7 the blocks, 8 the head; of timm's
        networks they are counted as in its ``feature_info``.
    grid : tuple of int
        Cells per side that each stage's map is averaged to; a face has its parts in the same cells in every aligned
        crop.
    source : str
        File of weights of a timm network; ``''`` for those in the Hugging Face cache, or random ones.
    """

    name: str
    stages: tuple[int, ...]
    grid: tuple[int, ...]
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        last = len(channels_of(self.bare)) - 1
        stages, grid = tuple(int(s) for s in self.stages), tuple(int(g) for g in self.grid)
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "grid", grid)
        if not stages or list(stages) != sorted(set(stages)) or not 0 <= stages[0] <= stages[-1] <= last:
            raise InputError(f"stages are numbers from 0 to {last} in ascending order, but got {list(self.stages)}.")
        if len(grid) != len(stages) or min(grid) < 1:
            raise InputError(f"grid needs one number of cells for each of the {len(stages)} stages, but got {grid}.")

    @property
    def bare(self) -> str:
        """The network's name alone."""
        return self.name.removeprefix(UNTRAINED)

    def notes(self) -> list[str]:
        """What has to stand beside every score of a head on this body."""
        if self.bare == self.name:
            return []
        return [f"The body {self.bare} has random weights: it learnt nothing from any picture."]

    @property
    def weights(self) -> str:
        """SHA-256 of the weights' file; for random weights a word and, of timm's networks, SHA-256 of their values."""
        if self.bare in VARIANTS:
            return "random" if self.name != self.bare else FILES[CARDS[self.name].file].sha256
        from mien.nets.zoo_bodies import weights_of

        return weights_of(self.bare, self.name != self.bare, self.source)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of features of each chosen stage."""
        channels = channels_of(self.bare)
        return tuple(channels[stage] * cells**2 for stage, cells in zip(self.stages, self.grid, strict=True))

    def module(self, size: int = 224) -> nn.Module:
        """The network as a torch module for crops of a size, from crops to features; see ``PooledBody``.

        Raises
        ------
        WeightsError
            If the weights were not pulled.
        InputError
            If weights of a timm network are not on this machine.
        """
        if self.bare not in VARIANTS:
            from mien.nets.zoo_bodies import ZooBody

            return ZooBody(self.bare, self.name != self.bare, self.source, self.stages, self.grid, size)
        net = untrained(self.bare) if self.bare != self.name else pretrained(self.bare)
        return PooledBody(net.stages, self.stages, self.grid)


def body_of(name: str, stages: tuple[int, ...], grid: tuple[int, ...], weights: str, *, depth: int, cells: int) -> Body:
    """A body as the settings of an estimator name it.

    Parameters
    ----------
    name : str
    stages, grid : tuple of int
        Empty for ``depth`` stages before the last two, or up to the last, and ``cells`` cells per side of each.
    weights : str
        Of timm's networks: ``''`` or ``'pretrained'`` for those in the Hugging Face cache, a file, or ``'random'``.
    depth, cells : int

    Raises
    ------
    InputError
        For an unknown body, or a file of weights for a body that is not timm's.
    """
    if weights == "random" and not name.startswith(UNTRAINED):
        name = UNTRAINED + name
    source = "" if weights in ("random", "pretrained") else weights
    bare = name.removeprefix(UNTRAINED)
    if source and (bare in VARIANTS or bare != name):
        raise InputError(
            f"Weights from a file are for networks of timm that are not random, not for the body '{name}'."
        )
    if not stages:
        last = len(channels_of(bare)) - 1
        stages = {2: (4, 5), 3: (4, 5, 7)}[depth] if bare in VARIANTS else tuple(range(last - 2, last - 2 + depth))
    return Body(name, tuple(stages), tuple(grid) or (cells,) * len(stages), source)


def channels_of(bare: str) -> tuple[int, ...]:
    """Channels of each stage of a network.

    Raises
    ------
    InputError
        If there is no such body.
    """
    if bare in VARIANTS:
        return stage_channels(bare)
    from mien.nets.zoo_bodies import zoo_channels

    return zoo_channels(bare)


def side_of(bare: str) -> int:
    """Pixels per side of the pictures that a network was trained on."""
    return VARIANTS[bare].size if bare in VARIANTS else 224


class PooledBody(nn.Module):
    """Crops (samples, 3, height, width), RGB from 0 to 1 -> features (samples, features).

    The features are the chosen stages' maps, averaged over the cells of a grid: stage by stage, channel by channel,
    row by row. Stages after the last chosen one are left out.
    """

    def __init__(self, stages: nn.Sequential, chosen: Sequence[int], grid: Sequence[int]) -> None:
        super().__init__()
        self.stages = nn.Sequential(*list(stages)[: chosen[-1] + 1])
        self.chosen, self.grid = tuple(chosen), tuple(grid)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The pooled features."""
        x = (x * 255.0 - 127.0) / 128.0
        found = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in self.chosen:
                cells = self.grid[self.chosen.index(number)]
                found.append(functional.adaptive_avg_pool2d(x, cells).flatten(1))
        return torch.cat(found, 1)
