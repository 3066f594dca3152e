"""Losses of ratings: values and gradients against formulas written out with NumPy."""

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.models.fitting.losses import LOSSES, loss_of
from mien.stats.regression_scores import regression_scores

RNG = np.random.default_rng(0)
TOLD, Y = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 3)) * 2 + 0.5


def written_out(name: str, told: np.ndarray, y: np.ndarray, delta: float = 0.7, weight: float = 1.5) -> float:
    """The loss by its published formula, rating by rating."""
    error = told - y
    linear = np.abs(error) > delta
    huber = np.where(linear, delta * (np.abs(error) - delta / 2), error**2 / 2).mean()
    if name in ("huber", "smooth-l1"):
        return float(huber if name == "huber" else huber / delta)
    total = 0.0
    for a, b in zip(told.T, y.T, strict=True):
        r = np.corrcoef(a, b)[0, 1]
        if name == "concordance":  # Lin (1989), with moments over n
            total += 1 - 2 * r * a.std() * b.std() / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
        else:
            total += ((a - b) ** 2).mean() + (weight * (1 - r**2) if name == "mse-correlation" else 0.0)
    return total / told.shape[1]


@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_are_those_of_the_formula(name: str) -> None:
    told = torch.tensor(TOLD, requires_grad=True)
    found = loss_of(name, delta=0.7, correlation_weight=1.5)(told, torch.tensor(Y))
    assert float(found.detach()) == pytest.approx(written_out(name, TOLD, Y), rel=1e-6)
    found.backward()
    assert told.grad is not None
    for i, j in ((0, 0), (4, 1), (8, 2)):
        step = np.zeros_like(TOLD)
        step[i, j] = 1e-6
        slope = (written_out(name, TOLD + step, Y) - written_out(name, TOLD - step, Y)) / 2e-6
        assert float(told.grad[i, j]) == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_concordance_is_that_of_the_scores() -> None:
    """The loss that is trained with is one minus the score that is reported."""
    score = regression_scores(Y[:, 0], TOLD[:, 0], np.arange(9).astype(str))["concordance"]
    loss = loss_of("concordance")(torch.tensor(TOLD[:, :1]), torch.tensor(Y[:, :1]))
    assert 1 - float(loss) == pytest.approx(score.value, abs=1e-6)


@pytest.mark.parametrize("name", ["mse-correlation", "concordance"])
def test_constant_predictions_have_a_finite_loss_and_gradient(name: str) -> None:
    told = torch.zeros(5, 2, requires_grad=True)
    found = loss_of(name)(told, torch.tensor(Y[:5, :2]).float())
    found.backward()
    assert torch.isfinite(found) and told.grad is not None and torch.isfinite(told.grad).all()


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(InputError, match="loss is one of mse, smooth-l1, huber"):
        loss_of("mae")
    with pytest.raises(InputError, match="delta is the error"):
        loss_of("huber", delta=0)
