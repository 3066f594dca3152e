"""Training of the explainable fast network: from scratch, from other faces, or taught by a larger body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from mien.core.progress import Progress
from mien.models.adapts import HEAD
from mien.models.attention.distillation import Lesson, View, lesson_of
from mien.models.attention.model import EfdnnModel, EfdnnScores
from mien.models.attention.start import facts_of_start, merged_info, note_of_start, start_of, take_body
from mien.models.estimator import Classifier, Regressor
from mien.models.fitting.alterations import Altered
from mien.models.fitting.on_crops import InPasses, Losses
from mien.nets.attention import Efdnn, arrays_of, folded, in_units
from mien.nets.threads import seeded


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnEstimator(Altered, InPasses):
    """What the estimators of classes and of ratings share.

    Parameters
    ----------
    teacher : str
        ``''``: trained on the labels alone. ``'picture'``: taught by the larger body of the model 'picture' as well
        (distillation; Romero et al. 2015, FitNets): from every altered crop the network also predicts what the frozen
        EfficientNet-Lite0 sees in the unaltered one, as principal components of its features. The body knows no labels.
    start : str
        Folder of an 'efdnn' that was trained on other faces, of classes or ratings: training starts from its body, and
        its samples count as seen. ``''``: from random weights.
    width : float
        Factor of the channel numbers.
    taught : float
        Weight of the teacher's view beside the labels.
    components : int
        Principal components of the teacher's view.
    steps, epochs, patience, validation, batch_size, learning_rate, weight_decay, dropout, mirror, seed
        See ``mien.models.fitting.on_crops.InPasses``; answers are the mean over a crop and its mirror image.
    shift, turn_deg, zoom, light, hide : float
        Largest changes of training crops, see ``mien.models.fitting.alterations.Alteration``.
    """

    called = "efdnn"
    adapts = HEAD

    teacher: str = ""
    start: str = ""
    width: float = 1.0
    steps: int = 800
    learning_rate: float = 0.006
    weight_decay: float = 0.02
    dropout: float = 0.1
    taught: float = 1.0
    components: int = 48

    def prepare(self, values: np.ndarray, progress: Any = None) -> Lesson:
        """Crops with what the teacher sees in them; it is frozen and knows no labels, so this is done once.

        Raises
        ------
        InputError
            For other shapes, an unknown teacher, or a start that does not fit.
        """
        start_of(self.start, width=self.width, shape=np.shape(values)[1:])
        return lesson_of(values, self.teacher, progress)

    def starts_from(self) -> EfdnnModel | None:
        """The model whose body training starts from."""
        return start_of(self.start, width=self.width)

    def notes(self) -> list[str]:
        """What has to stand beside every score of this network."""
        start = self.starts_from()
        return [note_of_start(facts_of_start(start, self.start))] if start else []

    def _train(
        self, lesson: Lesson, outputs: int, loss: Callable[[torch.Tensor, np.ndarray], torch.Tensor], groups: Any,
        progress: Progress | None,
    ) -> Efdnn:  # fmt: skip
        """The trained network; ``loss`` is of answers and the rows that they belong to."""
        crops, altered = torch.from_numpy(lesson.crops), self._alteration
        self.input_shape_ = lesson.crops.shape[1:]
        start = start_of(self.start, width=self.width, shape=self.input_shape_)

        def losses(rows: np.ndarray, sides: np.ndarray, rng: np.random.Generator) -> Losses:
            seen = net.seen(altered(crops[rows], sides, rng))
            error = loss(net.answer(seen), rows)
            return error, error if view is None else error + self.taught * view(seen, rows, sides)

        def watched(rows: np.ndarray) -> torch.Tensor:
            return loss(net.answer(net.seen(crops[rows])), rows)

        with seeded(self.seed):
            net = Efdnn(outputs, width=self.width, dropout=self.dropout)
            if start:
                take_body(net, start, crops)
            net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
            view = View(lesson.seen, self.components, net.channels) if self.teacher else None
            beside = view.parameters() if view else ()
            self._descend(net, losses, watched, len(lesson), groups, progress, beside)
        return net

    def _facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Arguments of the storable model."""
        settings, start = self._settings(), self.starts_from()
        if start:
            about = facts_of_start(start, self.start)
            facts["info"] = merged_info(facts.get("info") or {}, start, about)
            # The folder may move; the weights are known by their fingerprint.
            settings |= {"start": about["folder"], "start_sha256": about["weights_sha256"]}
        return {**facts, "input_shape": self.input_shape_, "settings": settings, "arrays": self.arrays_}


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnClassifier(EfdnnEstimator, Classifier):
    """A light convolutional network with one attention map per class, on aligned crops.

    Parameters
    ----------
    smoothing : float
        Of labels; for the others see ``EfdnnEstimator``.
    """

    smoothing: float = 0.05

    def _fit(
        self, values: np.ndarray | Lesson, codes: np.ndarray, groups: np.ndarray | None, progress: Progress | None
    ) -> None:
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        count, goals = len(self.classes_), torch.from_numpy(codes)
        weight = len(codes) / (count * torch.bincount(goals).float())

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.cross_entropy(told, goals[rows], weight=weight, label_smoothing=self.smoothing)

        self.arrays_ = arrays_of(folded(self._train(lesson, count, loss, groups, progress)))

    def predict_proba(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Probabilities, (samples, classes)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def model(self, **facts: Any) -> EfdnnModel:
        """The fitted network as a storable model; ``facts`` are further arguments of ``Model``."""
        return self._built(EfdnnModel, self._facts(facts))


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnRegressor(EfdnnEstimator, Regressor):
    """The same network with one attention map per rating; a rating is the sum over places of attention times value.

    Ratings are standardised by the training data; the loss is their mean squared error, and the network's output is in
    their own unit again. Parameters as in ``EfdnnClassifier``.
    """

    steps: int = 2400

    def _fit(
        self, values: np.ndarray | Lesson, goal: np.ndarray, groups: np.ndarray | None, progress: Progress | None
    ) -> None:
        lesson = values if isinstance(values, Lesson) else self.prepare(values)
        goals = torch.from_numpy(goal).float()
        centre, scale = goals.mean(0), goals.std(0, correction=0)
        wanted = (goals - centre) / scale

        def loss(told: torch.Tensor, rows: np.ndarray) -> torch.Tensor:
            return functional.mse_loss(told, wanted[rows])

        self.arrays_ = arrays_of(
            in_units(folded(self._train(lesson, goals.shape[1], loss, groups, progress)), centre, scale)
        )

    def predict(self, values: np.ndarray | Lesson) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.model().predict(values.crops if isinstance(values, Lesson) else values)

    def model(self, **facts: Any) -> EfdnnScores:
        """The fitted network as a storable model; ``classes`` among the ``facts`` names the ratings."""
        return self._built(EfdnnScores, self._facts(facts))
