"""What is matched over a set is the same in every picture afterwards."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stimuli.matching import MATCHES

WEIGHTS = np.array([0.299, 0.587, 0.114])


def pictures(n: int = 5, size: int = 24) -> list[np.ndarray]:
    """Of different means, contrasts, colours and spectra, far from black and white."""
    rng = np.random.default_rng(0)
    made = []
    for k in range(n):
        noise = (
            rng.normal(size=(size, size, 3)).cumsum(axis=0).cumsum(axis=1)
            if k % 2
            else rng.normal(size=(size, size, 3))
        )
        made.append(np.rint(100 + 10 * k + (6 + 4 * k) * noise / noise.std()))
    return made


def matched(name: str, given: list[np.ndarray]) -> list[np.ndarray]:
    match = MATCHES[name]()
    for pixels in given:
        match.add(pixels)
    return [match.apply(pixels) for pixels in given]


def test_luminance_is_the_sets_mean_and_colours_are_shifted_alike() -> None:
    given = pictures()
    result = matched("luminance", given)
    expected = np.mean([(p @ WEIGHTS).mean() for p in given])
    assert [(p @ WEIGHTS).mean() for p in result] == pytest.approx([expected] * 5, abs=1e-4)
    assert all(np.ptp(after - before) < 1e-9 for after, before in zip(result, given, strict=True))


def test_contrast_and_mean_are_the_sets_means() -> None:
    given = pictures()
    grey = [p @ WEIGHTS for p in matched("contrast", given)]
    assert [g.std() for g in grey] == pytest.approx([np.mean([(p @ WEIGHTS).std() for p in given])] * 5, abs=1e-4)
    assert [g.mean() for g in grey] == pytest.approx([np.mean([(p @ WEIGHTS).mean() for p in given])] * 5, abs=1e-4)


def test_histograms_are_the_same_to_the_last_pixel() -> None:
    given = pictures()
    result = matched("histogram", given)
    first = np.sort(result[0].reshape(-1, 3), axis=0)
    assert all(np.array_equal(np.sort(p.reshape(-1, 3), axis=0), first) for p in result)
    # Ranks stay, so the picture is still seen.
    assert np.corrcoef(result[1][..., 0].ravel(), given[1][..., 0].ravel())[0, 1] > 0.95


def test_histograms_of_pictures_of_different_sizes_have_the_same_quantiles() -> None:
    given = [*pictures(3), *pictures(2, size=50)]
    result = matched("histogram", given)
    quantiles = [np.quantile(p[..., 1], np.linspace(0.05, 0.95, 10)) for p in result]
    assert np.ptp(quantiles, axis=0).max() < 3


def test_spectra_are_the_sets_mean_and_phases_stay() -> None:
    given = pictures()
    target = np.mean([np.abs(np.fft.fft2(p, axes=(0, 1))) for p in given], axis=0)
    for after, before in zip(matched("spectrum", given), given, strict=True):
        spectrum, own = (np.fft.fft2(p, axes=(0, 1)) for p in (after, before))
        assert np.allclose(np.abs(spectrum), target)
        known = np.abs(own) > 1e-6
        assert np.allclose((spectrum * np.abs(own))[known], (own * target)[known])


def test_spectra_of_other_sizes_are_refused_with_both_sizes() -> None:
    with pytest.raises(InputError, match=r"one has 30 x 30 pixels and the first 24 x 24.*size_px"):
        matched("spectrum", [*pictures(1), *pictures(1, size=30)])


def test_a_flat_picture_has_no_contrast_to_be_matched() -> None:
    with pytest.raises(InputError, match="no contrast"):
        matched("contrast", [*pictures(1), np.full((24, 24, 3), 9.0)])
