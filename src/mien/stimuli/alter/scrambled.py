"""Scrambled phases and scrambled blocks."""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError
from mien.core.settings import Several
from mien.stimuli.alter.given import Given


def phase_scrambled(given: Given) -> np.ndarray:
    """The same random phases added to every channel: spectra of amplitude and relations between channels stay.

    Notes
    -----
    The phases are those of a picture of noise, so that the result is real; the mean of each channel stays. As Dakin et
    al. 2002, "What causes non-monotonic tuning of fMRI response to noisy images?", Curr. Biol. 12(14), and the code
    that is widely used for stimuli (Torralba). Values beyond 0 to 255 have to be clipped afterwards, which changes the
    spectrum a little.
    """
    noise = np.fft.fft2(given.rng.normal(size=given.pixels.shape[:2]))
    turn = noise / np.abs(noise)
    turn[0, 0] = 1
    spectrum = np.fft.fft2(given.pixels, axes=(0, 1)) * turn[..., None]
    return np.asarray(np.fft.ifft2(spectrum, axes=(0, 1)).real)


def block_scrambled(given: Given, *, blocks: Several = 8) -> np.ndarray:
    """The picture in ``blocks`` x ``blocks`` pieces of equal size, none of which stays where it was.

    Pixels that are left over at the right and lower edge stay, so the histogram is exactly the picture's.

    Raises
    ------
    InputError
        If the picture has fewer pixels than blocks along a side.
    """
    height, width = (size // blocks for size in given.pixels.shape[:2])
    if not height or not width:
        rows, columns = given.pixels.shape[:2]
        raise InputError(f"{blocks} blocks per side do not fit into a picture of {columns} x {rows} pixels.")
    result = given.pixels.copy()
    inner = given.pixels[: blocks * height, : blocks * width]
    pieces = inner.reshape(blocks, height, blocks, width, -1).swapaxes(1, 2).reshape(blocks**2, height, width, -1)
    moved = pieces[_no_fixed_point(blocks**2, given.rng)].reshape(blocks, blocks, height, width, -1).swapaxes(1, 2)
    result[: blocks * height, : blocks * width] = moved.reshape(inner.shape)
    return result


def _no_fixed_point(n: int, rng: np.random.Generator) -> np.ndarray:
    """A permutation of one cycle (Sattolo 1986): everything moves."""
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = int(rng.integers(last))
        order[last], order[other] = order[other], order[last]
    return order
