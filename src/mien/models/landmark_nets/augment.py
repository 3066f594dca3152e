"""Copies of clips as somebody else, slower or faster, might have moved."""

from __future__ import annotations

import numpy as np
import torch


def deformed(
    clips: torch.Tensor, rng: np.random.Generator, *, trim: float, warp: float, amplitude: float, bend: bool = True
) -> torch.Tensor:
    """Clips trimmed, bent in time and scaled at random.

    Parameters
    ----------
    clips : Tensor, shape (..., samples, frames, components)
        What stands in front of the samples (mirror images) is deformed alike.
    trim, warp, amplitude : float
        Share of a clip cut off at either end (at most), spread of the exponent that bends time, spread of the logarithm
        of the extent of movement.
    bend : bool
        Whether time may change; padded clips are only scaled.

    Returns
    -------
    Tensor, shape of the clips
    """
    count, frames = clips.shape[-3], clips.shape[-2]
    first, last = rng.uniform(0, trim, (count, 1)), 1 - rng.uniform(0, trim, (count, 1))
    power = np.exp(rng.normal(0, warp, (count, 1)))
    place = (first + (last - first) * np.linspace(0, 1, frames) ** power) * (frames - 1)
    before = torch.from_numpy(np.clip(place.astype(np.int64), 0, frames - 2))
    share = torch.from_numpy(place).float()[..., None] - before[..., None]
    extent = torch.from_numpy(np.exp(rng.normal(0, amplitude, (count, 1, 1)))).float()
    if not bend or frames < 2:
        return clips * extent
    rows = torch.arange(count)[:, None]
    left, right = clips[..., rows, before, :], clips[..., rows, before + 1, :]
    return (left * (1 - share) + right * share) * extent
