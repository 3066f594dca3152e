"""What the estimators of classes and of ratings share when the explainable fast network is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mien.core.progress import Progress
from mien.models.attention.distillation import Lesson, View, lesson_of
from mien.models.attention.model import Efdnn, EfdnnModel
from mien.models.attention.start import facts_of_start, merged_info, note_of_start, start_of, take_body
from mien.models.estimator import Estimator
from mien.models.fitting.alterations import Alteration
from mien.models.fitting.passes import Passes, train_in_passes
from mien.models.landmark_nets.estimator import one_thread


@dataclass(kw_only=True, eq=False, repr=False)
class EfdnnEstimator(Estimator):
    """What both estimators share; for the parameters see ``mien.models.attention.estimator``."""

    called = "efdnn"
    reports_progress = True

    teacher: str = ""
    start: str = ""
    width: float = 1.0
    epochs: int = 20
    steps: int = 800
    patience: int = 8
    validation: float = 0.1
    batch_size: int = 16
    learning_rate: float = 0.006
    weight_decay: float = 0.02
    dropout: float = 0.1
    taught: float = 1.0
    components: int = 48
    mirror: bool = True
    shift: float = 0.04
    turn_deg: float = 6.0
    zoom: float = 0.1
    light: float = 0.2
    hide: float = 0.15
    seed: int = 0

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
        passes = Passes(self.epochs, self.steps, self.patience, self.validation, self.batch_size, self.seed)
        parts = passes.parts(groups, len(lesson))
        rng, crops = np.random.default_rng(self.seed), torch.from_numpy(lesson.crops)
        self.input_shape_ = lesson.crops.shape[1:]
        start = start_of(self.start, width=self.width, shape=self.input_shape_)
        with torch.random.fork_rng(devices=[]), one_thread():
            torch.manual_seed(self.seed)
            net = Efdnn(outputs, width=self.width, dropout=self.dropout)
            if start:
                take_body(net, start, crops)
            net = net.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
            view = View(lesson.seen, self.components, net.channels) if self.teacher else None
            learnt = [*net.parameters(), *(view.parameters() if view else ())]
            optimiser = torch.optim.AdamW(learnt, lr=self.learning_rate, weight_decay=self.weight_decay)
            cycle = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, self.learning_rate, total_steps=passes.steps(len(parts[0]))
            )
            altered = Alteration(self.shift, self.turn_deg, self.zoom, self.light, self.hide)

            def step(rows: np.ndarray) -> float:
                sides = rng.integers(0, 2 if self.mirror else 1, len(rows))
                seen = net.seen(altered(crops[rows], sides, rng))
                error = loss(net.answer(seen), rows)
                value = float(error.detach())
                if view is not None:
                    error = error + self.taught * view(seen, rows, sides)
                optimiser.zero_grad(set_to_none=True)
                error.backward()
                optimiser.step()
                cycle.step()
                return value

            def loss_of(rows: np.ndarray) -> float:
                return float(loss(net.answer(net.seen(crops[rows])), rows))

            self.fit_notes_ = train_in_passes(net, parts, passes, rng, step, loss_of, progress)
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
