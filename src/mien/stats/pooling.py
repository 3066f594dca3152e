"""Predictions of many cross-validated models on one scale, so that models without skill have none when pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError

# Samples that the spread over the training data counts for, beside the test fold's own.
_TRAINING = 2


@dataclass(frozen=True, eq=False)
class Frame:
    """What each predicting model had seen; every array has the shape of the ratings, (samples,) or (samples, ratings).

    Attributes
    ----------
    reference : ndarray
        Mean rating of the samples that the model was trained on: what it would predict without any skill.
    level : ndarray
        Mean of the model's own predictions for the samples that it was trained on.
    spread : ndarray
        How far the model's predictions spread, see ``units``. Correlations are those of predictions less the level, in
        units of the spread; agreement in the rating's own unit takes the level only.

    Notes
    -----
    A person who is tested is missing in training, so the training mean is low where the person is high: predictions of
    several models, pooled as they are, correlate negatively with noise. Models that differ in how far their predictions
    spread (because each chose its own penalty, say) do so too: the one without a person who fits a chance trend
    believes least in the trend. Both are the same for every prediction of one model, and are taken out.
    """

    reference: np.ndarray
    level: np.ndarray
    spread: np.ndarray

    def __post_init__(self) -> None:
        if not self.reference.shape == self.level.shape == self.spread.shape:
            raise InputError(
                f"Reference, level and spread need one shape: {self.reference.shape}, {self.level.shape}, "
                f"{self.spread.shape}."
            )

    def column(self, j: int) -> Frame:
        """The frame of one of several ratings."""
        return Frame(self.reference[:, j], self.level[:, j], self.spread[:, j])

    def levelled(self, predicted: np.ndarray) -> np.ndarray:
        """Predictions of one rating, (samples,), as if all models had the average level."""
        if _constant(predicted):
            return predicted
        levelled: np.ndarray = predicted - self.level + self.level.mean()
        return levelled

    def pooled(self, predicted: np.ndarray) -> np.ndarray:
        """Predictions of one rating, (samples,), as if one model of average level and spread had made them."""
        typical = float(np.sqrt((self.spread**2).mean()))
        if _constant(predicted):
            return predicted
        same = self.spread <= 1e-9 * max(typical, float(np.abs(self.level).max()))
        away = np.divide(predicted - self.level, self.spread, out=np.zeros(len(predicted)), where=~same)
        pooled: np.ndarray = away * typical + self.level.mean()
        return pooled


def units(predicted: np.ndarray, level: np.ndarray, spread: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """How far the predictions of each fold's model spread, by what it said of the people of its test fold, too.

    Parameters
    ----------
    predicted, level, spread : ndarray, shape (samples, ratings)
        ``level`` and ``spread``: mean and standard deviation of the model's predictions for its own training samples.
    fold : ndarray of int, shape (samples,)

    Returns
    -------
    ndarray, shape (samples, ratings)

    Notes
    -----
    Divided by spreads of training alone, predictions still spread differently, and how differently goes with the
    ratings of the people who are tested elsewhere: least squares of noise then correlate .04 above 0 (20 people,
    8 features). A mean square over the test fold's own predictions settles that; what it is made of is independent of
    the ratings that are tested. In small folds it would make all predictions equally large, so the training spread
    counts in it like ``_TRAINING`` samples (simulated in ``benchmarks/null_scores.py``).
    """
    result = np.empty(predicted.shape)
    for number in np.unique(fold):
        test = fold == number
        squares = ((predicted[test] - level[test]) ** 2).sum(0) + _TRAINING * spread[test] ** 2
        result[test] = np.where(spread[test] > 0, np.sqrt(squares / (test.sum() + _TRAINING)), 0.0)
    return result


def _constant(values: np.ndarray) -> bool:
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max(initial=0.0))


def frame_of_folds(truth: np.ndarray, fold: np.ndarray) -> Frame:
    """Frame for predictions of which only the folds are known: everybody else was the training data.

    The level is taken to be the training mean, which holds for models that are fitted with a constant, and spreads to
    be equal: where each fold chose its own penalty, correlations of noise then still lie below zero.

    Parameters
    ----------
    truth : ndarray, shape (samples,) or (samples, ratings)
    fold : ndarray of int, shape (samples,)
    """
    reference = np.empty(truth.shape)
    for number in np.unique(fold):
        test = fold == number
        reference[test] = truth[~test].mean(0)
    return Frame(reference, reference, np.ones(truth.shape))
