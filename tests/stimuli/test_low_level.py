"""Low-level statistics: known pictures have known numbers."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from mien.core.errors import InputError
from mien.stimuli.spectra import slope
from mien.stimuli.statistics import STATISTICS, statistics_of


def named(pixels: np.ndarray) -> dict[str, float]:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return dict(zip(STATISTICS, statistics_of(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)), strict=True))


def grating(degrees: float, cycles: int = 8, size: int = 64) -> np.ndarray:
    """Lines that rise by so many degrees to the right."""
    down, right = np.mgrid[:size, :size] / size
    angle = np.deg2rad(degrees)
    return 127.5 + 100 * np.sin(2 * np.pi * cycles * (right * np.sin(angle) + down * np.cos(angle)))


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(0, "horizontal energy"), (45, "rising energy"), (90, "vertical energy"), (135, "falling energy")],
)
def test_energy_lies_in_the_orientation_of_the_lines(degrees: float, name: str) -> None:
    assert named(grating(degrees))[name] > 0.98


@pytest.mark.parametrize("exponent", [0.0, -1.0, -2.0])
def test_the_slope_of_noise_is_the_one_it_was_made_with(exponent: float) -> None:
    rng = np.random.default_rng(0)
    cycles = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256)[None]) * 256
    amplitude = np.where(cycles > 0, np.maximum(cycles, 1e-9) ** exponent, 0)
    noise = np.fft.ifft2(np.fft.fft2(rng.normal(size=(256, 256))) * amplitude).real
    assert slope(np.abs(np.fft.fft2(noise)) ** 2) == pytest.approx(exponent, abs=0.05)


def test_luminance_contrast_colour_and_symmetry_are_those_of_their_definitions() -> None:
    halves = np.zeros((64, 64, 3))
    halves[:, 32:] = (255, 0, 0)
    found = named(halves)
    assert found["red"] == 0.5 and found["green"] == found["blue"] == 0 and found["saturation"] == 0.5
    assert found["luminance"] == pytest.approx(0.299 / 2, abs=1e-6)
    assert found["contrast"] == pytest.approx(0.299 / 2, abs=1e-6)
    assert found["mirror symmetry"] == pytest.approx(-1) and found["top heaviness"] == pytest.approx(0.5)
    assert found["edge density"] == pytest.approx(2 / 64)
    upper = np.zeros((64, 64))
    upper[:20] = grating(90)[:20]
    assert named(upper)["top heaviness"] > 0.6


def test_more_detail_takes_more_bits() -> None:
    noise = np.random.default_rng(0).uniform(0, 255, (64, 64))
    flat, lines, much = (named(p)["compressed size"] for p in (np.full((64, 64), 90.0), grating(0), noise))
    assert flat < lines < much


def test_tiny_and_flat_pictures_lack_what_they_do_not_have() -> None:
    """No number is made up, and nothing warns."""
    flat = named(np.full((16, 16), 128.0))
    missing = {name for name, value in flat.items() if np.isnan(value)}
    assert missing == {"spectral slope", "horizontal energy", "rising energy", "vertical energy", "falling energy",
                       "mirror symmetry", "top heaviness"}  # fmt: skip
    one = named(np.array([[7.0]]))
    assert one["luminance"] == pytest.approx(7 / 255) and np.isnan(one["edge density"])


def test_features_stand_in_a_row_for_each_picture_and_one_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 30, 3), dtype=np.uint8)).save(tmp_path / name)
    (tmp_path / "c.png").write_text("no picture")
    (tmp_path / "s.csv").write_text("path,category,source\na.png,x,1\nb.png,y,2\nc.png,y,3\n")
    found = mien.low_level(tmp_path / "s.csv")
    assert found.values.shape == (3, 24 + 40 + 512) and found.status.tolist() == ["ok", "ok", "unreadable"]
    assert np.array_equal(found.values[0], found.values[1]) and np.isnan(found.values[2]).all()
    assert found.values[0, :24].sum() == pytest.approx(3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"parts": ["hug"]}, "parts are any of statistics, colour, spectrum, hog.*Did you mean 'hog'"),
        ({"parts": []}, "parts are any of"),
        ({"size_px": 100}, "multiple of 16"),
    ],
)
def test_what_is_not_known_is_refused(settings: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        mien.low_level(mien.Samples(path=["a"], subject=["a"], labels={"category": ["x"]}), **settings)
