"""Each alteration keeps exactly what it says that it keeps."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.registry import row_of
from mien.stimuli.alter.given import Given
from mien.stimuli.alterations import ALTERATIONS, to_pixels


def picture(height: int = 48, width: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.float64)


def altered(name: str, pixels: np.ndarray, seed: int = 1, **settings: object) -> np.ndarray:
    regions = {
        "right eye": np.array([[5, 5], [12, 5], [12, 9], [5, 9]], float),
        "left eye": np.array([[25, 5], [32, 5], [32, 9], [25, 9]], float),
        "mouth": np.array([[10, 30], [30, 30], [20, 36]], float),
    }
    return np.asarray(ALTERATIONS[name].run(Given(pixels, np.random.default_rng(seed), regions), **settings))


@pytest.mark.parametrize("name", ["inverted", "negated"])
def test_twice_is_the_picture_again(name: str) -> None:
    assert np.array_equal(altered(name, altered(name, picture())), picture())
    assert not np.array_equal(altered(name, picture()), picture())


def test_inverted_is_turned_by_180_degrees_not_mirrored() -> None:
    assert np.array_equal(altered("inverted", picture()), np.rot90(picture(), 2))


def test_grey_has_the_luminance_in_all_channels_and_grey_stays_grey() -> None:
    grey = altered("grey", picture())
    assert np.allclose(grey[..., 0], picture() @ [0.299, 0.587, 0.114], atol=1e-4)
    assert np.array_equal(grey[..., 0], grey[..., 2])
    for name in ALTERATIONS:
        assert np.ptp(altered(name, grey), axis=2).max() < 1e-9, name


@pytest.mark.parametrize("shape", [(48, 40), (47, 41), (1, 9), (2, 2)])
def test_phase_scrambling_keeps_amplitudes_and_the_relations_of_the_channels(shape: tuple[int, int]) -> None:
    before = np.fft.fft2(picture(*shape), axes=(0, 1))
    after = np.fft.fft2(altered("phase-scrambled", picture(*shape)), axes=(0, 1))
    assert np.allclose(np.abs(after), np.abs(before), atol=1e-6)
    assert np.allclose(after[..., 0] * after[..., 1].conj(), before[..., 0] * before[..., 1].conj(), atol=1e-3)
    # The mean colour is not turned.
    assert np.allclose(after[0, 0], before[0, 0])
    assert min(shape) < 3 or np.abs(after - before).max() > 100


@pytest.mark.parametrize("blocks", [2, 5, 8])
def test_block_scrambling_keeps_the_histogram_exactly_and_moves_every_block(blocks: int) -> None:
    pixels = picture()
    result = altered("block-scrambled", pixels, blocks=blocks)
    colours = [np.sort(p.reshape(-1, 3) @ [1, 256, 65536]) for p in (pixels, result)]
    assert np.array_equal(*colours)
    height, width = 48 // blocks, 40 // blocks
    for row in range(blocks):
        for column in range(blocks):
            place = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
            assert not np.array_equal(pixels[place], result[place])


def test_blocks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="8 blocks per side do not fit into a picture of 5 x 48 pixels"):
        altered("block-scrambled", picture(48, 5))


@pytest.mark.parametrize("cycles", [2.0, 8.0, 100.0])
def test_low_and_high_pass_are_the_picture(cycles: float) -> None:
    pixels = picture()
    both = altered("low-pass", pixels, cycles=cycles) + altered("high-pass", pixels, cycles=cycles)
    assert np.allclose(both - pixels.mean(axis=(0, 1)), pixels)
    assert np.allclose(altered("low-pass", pixels, cycles=cycles).mean(axis=(0, 1)), pixels.mean(axis=(0, 1)))


def test_half_of_a_grating_passes_at_the_cut_off() -> None:
    """Cycles are counted per shorter side."""
    right = (np.arange(120)[None] + 0.5) / 60
    waves = np.repeat(np.repeat(100 * np.cos(np.pi * 2 * 6 * right), 60, axis=0)[..., None], 3, axis=2)
    assert altered("low-pass", waves, cycles=6.0) == pytest.approx(waves / 2, abs=1e-6)


def test_covers_lie_on_eyes_and_mouth_alone() -> None:
    pixels = picture()
    eyes = altered("eyes-covered", pixels, cover="#ff8000")
    changed = (eyes != pixels).any(axis=2)
    assert changed[5:10, 5:13].all() and changed[5:10, 25:33].all() and changed.sum() == 2 * 5 * 8
    assert (eyes[7, 8] == (255, 128, 0)).all()
    mouth = altered("mouth-covered", pixels, cover="grey")
    assert (mouth[32, 20] == 128).all() and np.array_equal(mouth[:30], pixels[:30])


def test_the_same_seed_scrambles_alike_and_another_otherwise() -> None:
    for name in ("phase-scrambled", "block-scrambled"):
        assert np.array_equal(altered(name, picture(), seed=3), altered(name, picture(), seed=3))
        assert not np.array_equal(altered(name, picture(), seed=3), altered(name, picture(), seed=4))


def test_clipping_is_counted() -> None:
    values = np.full((2, 2, 3), 100.0)
    values[0, 0, 1] = 300
    pixels, clipped = to_pixels(values)
    assert clipped == 0.25 and pixels[0, 0].tolist() == [100, 255, 100]


def test_settings_out_of_their_range_and_unknown_alterations_are_refused() -> None:
    with pytest.raises(InputError, match="blocks is at least 2"):
        ALTERATIONS["block-scrambled"].settings({"blocks": 1})
    with pytest.raises(InputError, match="cycles is above 0"):
        ALTERATIONS["low-pass"].settings({"cycles": 0})
    with pytest.raises(InputError, match=r"no alteration 'invert'. Did you mean 'inverted'"):
        row_of(ALTERATIONS, "invert")
