"""Coupling: a planted lag is met, and slow drifts that have nothing to do with each other are not coupled."""

import numpy as np
import pytest
from scipy.signal import lfilter

from mien.features.over_time.coupling import coupling, pair_of


def drift(rng: np.random.Generator, steps: int, memory: float = 0.98) -> np.ndarray:
    """Slowly wandering noise."""
    return lfilter([1.0], [1.0, -memory], rng.normal(size=steps + 500))[500:]


@pytest.mark.parametrize("lag", [-20, 0, 12])
def test_a_planted_lag_is_met(lag: int) -> None:
    rng = np.random.default_rng(0)
    x = drift(rng, 1200)
    y = np.roll(x, lag) + rng.normal(0, 0.5, 1200)
    correlation, met, p, excess = coupling(x[100:1000], y[100:1000], 30)
    # No shift but those that hold the peak itself is as good.
    assert met == pytest.approx(lag, abs=1) and correlation > 0.8 and p == pytest.approx(61 / 900) and excess > 3
    assert coupling(x[100:1000], -y[100:1000], 30)[0] < -0.8


def test_series_that_have_nothing_to_do_with_each_other_are_coupled_by_chance_only() -> None:
    rng = np.random.default_rng(1)
    p = np.array([coupling(drift(rng, 2400), drift(rng, 2400), 30)[2] for _ in range(400)])
    assert 0.025 < (p <= 0.05).mean() < 0.08


def test_a_constant_is_coupled_with_nothing() -> None:
    assert np.isnan(coupling(np.full(900, 0.1), np.sin(np.arange(900) / 9), 60)).all()


def test_a_pair_is_two_names() -> None:
    assert pair_of("yaw ~ gaze yaw") == ("yaw", "gaze yaw")
    with pytest.raises(ValueError, match="written FIRST~SECOND"):
        pair_of("yaw")
