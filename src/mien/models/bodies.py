"""Frozen bodies: what an image network sees in a crop, pooled over a grid and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.data.cards import CARDS, FILES
from mien.data.weights import weights_dir
from mien.models.efficientnet import STAGES, pretrained, stage_channels, untrained, variant_of

UNTRAINED = "untrained "
BATCH = 16
# Kept features beyond this many bytes are removed, those unused for longest first.
MOST_KEPT = 2_000_000_000


@dataclass(frozen=True)
class Body:
    """Which network, and what of it a head sees.

    Attributes
    ----------
    name : str
        ``'efficientnet-lite0'`` to ``'-lite2'``; ``'untrained efficientnet-lite0'`` has random weights.
    stages : tuple of int
        Stages whose feature maps are used: 0 is the stem, 1 to 7 the blocks, 8 the head.
    grid : tuple of int
        Cells per side that each stage's map is averaged to; a face has its parts in the same cells in every aligned
        crop.
    """

    name: str
    stages: tuple[int, ...]
    grid: tuple[int, ...]

    def __post_init__(self) -> None:
        variant_of(self.name.removeprefix(UNTRAINED))
        last = len(STAGES) + 1
        stages, grid = tuple(int(s) for s in self.stages), tuple(int(g) for g in self.grid)
        object.__setattr__(self, "stages", stages)
        object.__setattr__(self, "grid", grid)
        if not stages or list(stages) != sorted(set(stages)) or not 0 <= stages[0] <= stages[-1] <= last:
            raise InputError(f"stages are numbers from 0 to {last} in ascending order, but got {list(self.stages)}.")
        if len(grid) != len(stages) or min(grid) < 1:
            raise InputError(f"grid needs one number of cells for each of the {len(stages)} stages, but got {grid}.")

    @property
    def weights(self) -> str:
        """SHA-256 of the weights' file; a word for random weights."""
        return "random" if self.name.startswith(UNTRAINED) else FILES[CARDS[self.name].file].sha256

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of features of each chosen stage."""
        channels = stage_channels(self.name.removeprefix(UNTRAINED))
        return tuple(channels[stage] * cells**2 for stage, cells in zip(self.stages, self.grid, strict=True))

    def module(self) -> PooledBody:
        """The network as a torch module; see ``PooledBody``.

        Raises
        ------
        WeightsError
            If the weights were not pulled.
        """
        bare = self.name.removeprefix(UNTRAINED)
        net = untrained(bare) if bare != self.name else pretrained(bare)
        return PooledBody(net.stages, self.stages, self.grid)


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


def body_features(
    crops: np.ndarray, body: Body, *, keep: bool = True, progress: Callable[[int, int], None] | None = None
) -> np.ndarray:
    """Features of crops and of their mirror images.

    They are computed once: a file in the cache folder is named by the crops' content, the body's weights and its
    settings.

    Parameters
    ----------
    crops : ndarray of float32, shape (samples, 3, height, width)
        Finite.
    body : Body
    keep : bool
        Whether to look for them on disk and leave them there.
    progress : callable (done, total), optional

    Returns
    -------
    ndarray of float32, shape (samples, 2, features)
        Of the crop as it is, and mirrored.
    """
    place = cache_dir() / f"{_fingerprint(crops, body)}.npy"
    if keep and place.is_file():
        place.touch()
        return np.asarray(np.load(place, allow_pickle=False))
    module = body.module().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parts = []
    with torch.no_grad():
        for start in range(0, len(crops), BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(crops[start : start + BATCH]))
            batch = batch.contiguous(memory_format=torch.channels_last)
            parts.append(np.stack([module(batch).numpy(), module(batch.flip(3)).numpy()], 1))
            if progress is not None:
                progress(min(start + BATCH, len(crops)), len(crops))
    found = np.concatenate(parts) if parts else np.zeros((0, 2, sum(body.sizes)), np.float32)
    if keep:
        with atomic_path(place) as temporary:
            np.save(temporary, found, allow_pickle=False)
        _prune(place)
    return found


def cache_dir() -> Path:
    """Folder of kept features, beside the weights."""
    return weights_dir().parent / "features"


def _fingerprint(crops: np.ndarray, body: Body) -> str:
    digest = hashlib.blake2b(digest_size=20)
    digest.update(repr((asdict(body), body.weights, crops.shape, str(crops.dtype))).encode())
    for crop in crops:
        digest.update(np.ascontiguousarray(crop).data)
    return digest.hexdigest()


def _prune(newest: Path) -> None:
    files = sorted((p for p in newest.parent.glob("*.npy") if p != newest), key=lambda p: p.stat().st_mtime)
    total = newest.stat().st_size + sum(p.stat().st_size for p in files)
    for path in files:
        if total <= MOST_KEPT:
            return
        total -= path.stat().st_size
        path.unlink(missing_ok=True)
