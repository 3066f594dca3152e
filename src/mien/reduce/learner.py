"""One network on some landmarks: fitted on training clips, asked about test clips, timed and counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.features.geometry import mirrored
from mien.learn.cost import answer_seconds
from mien.reduce.clips import Clips

# Runs of which the fastest counts: others on the machine can only slow a run down.
_RUNS = 3


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network with what it said and what it cost.

    Attributes
    ----------
    estimator : object
        Fitted.
    predicted : ndarray of int, shape (test clips,)
        Number of the predicted class among ``Clips.classes``.
    fit_seconds : float
    inference_seconds : float
        Per test clip, all test clips at once; NaN where it was not timed.
    trained, frozen : int
        Parameters that the classes trained, and others: drawn at random, or principal directions of movement.
    """

    estimator: Any
    predicted: np.ndarray
    fit_seconds: float
    inference_seconds: float
    trained: int
    frozen: int


@dataclass(frozen=True, eq=False)
class Learner:
    """A kind of network, ready to be fitted on any landmarks of some clips.

    Attributes
    ----------
    model : str or estimator
        Name among ``mien.models.catalogue.MODELS``, or an unfitted scikit-learn style estimator with ``model()``.
    settings : dict
    seed : int
    mirror : bool
        Train on mirrored copies as well. They are made from all landmarks before any are removed: so a landmark has
        its partner's movement even where the partner is not kept, and every set is treated alike.
    """

    model: Any
    settings: dict[str, Any]
    seed: int
    mirror: bool

    @property
    def name(self) -> str:
        """What the network is called."""
        return self.model if isinstance(self.model, str) else type(self.model).__name__

    def maker(self, clips: Clips, points: np.ndarray) -> Callable[[], Any]:
        """A function that gives an unfitted estimator for these landmarks."""
        if isinstance(self.model, str):
            from mien.models.catalogue import spec
            from mien.models.maker import maker

            # Mirrored copies are added here; the estimator's own would pair landmarks whose partners are gone.
            own = {"mirror": False} if "mirror" in spec(self.model).defaults() else {}
            return maker(self.model, clips.features(points), seed=self.seed, settings={**self.settings, **own})
        from sklearn.base import clone

        known = self.model.get_params()
        given = {**self.settings, **({"seed": self.seed} if "seed" in known else {})}
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InputError(f"The model {self.name} has no setting '{unknown[0]}'; it has {', '.join(sorted(known))}.")
        return lambda: clone(self.model).set_params(**given)

    def training(self, clips: Clips, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Values, classes and subjects of training clips, with their mirrored copies if those are wanted."""
        values, y, subjects = clips.values[rows], clips.y[rows], clips.subjects[rows]
        if not self.mirror:
            return values, y, subjects
        both = np.concatenate([values, mirrored(values, clips.topology)])
        return both, np.tile(y, 2), np.tile(subjects, 2)


def fit(
    make: Callable[[], Any],
    training: tuple[np.ndarray, np.ndarray, np.ndarray],
    test: np.ndarray,
    points: np.ndarray,
    classes: tuple[str, ...],
    *,
    timed: bool = True,
) -> Fitted:
    """Fit on training clips and predict test clips, both with these landmarks only.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    training : (values, y, subjects)
        With all landmarks.
    test : ndarray, shape (clips, frames, landmarks, coordinates)
        With all landmarks.
    points : ndarray of int
        Landmarks that are kept.
    classes : tuple of str
    timed : bool
        Time the inference, too.
    """
    values, y, subjects = training
    part = np.ascontiguousarray(values[:, :, points])
    asked = np.ascontiguousarray(test[:, :, points])
    start = time.perf_counter()
    estimator = make().fit(part, y.astype(str), groups=subjects)
    seconds = time.perf_counter() - start
    number = np.array([classes.index(str(c)) for c in estimator.classes_])
    predicted = number[np.asarray(estimator.predict_proba(asked)).argmax(axis=1)]
    trained, frozen = parameters(estimator)
    return Fitted(
        estimator=estimator,
        predicted=predicted,
        fit_seconds=seconds,
        inference_seconds=inference_seconds(estimator, asked) if timed else float("nan"),
        trained=trained,
        frozen=frozen,
    )


def parameters(estimator: Any) -> tuple[int, int]:
    """Number of parameters of a fitted estimator that the classes trained, and that they did not."""
    known = getattr(estimator, "parameters_", None)
    if isinstance(known, dict):
        return int(known.get("trained", 0)), int(known.get("frozen", 0) + known.get("projection", 0))
    if hasattr(estimator, "model"):
        return sum(int(array.size) for array in estimator.model().arrays.values()), 0
    return 0, 0


def inference_seconds(estimator: Any, values: np.ndarray) -> float:
    """Seconds per clip of the fitted network alone, all clips at once; the fastest of a few runs."""
    import torch

    if not len(values):
        return float("nan")
    module = estimator.model().module()
    inputs = torch.from_numpy(values)
    with torch.no_grad():
        return float(answer_seconds([lambda: module(inputs)], _RUNS).min()) / len(values)
