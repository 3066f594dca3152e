"""What training gives, and its files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mien.core.brief import brief
from mien.core.files import sha256_of, write_json
from mien.core.in_notebooks import Plotted
from mien.core.progress import Progress
from mien.core.switch import switched_together
from mien.learn.evaluation import Evaluation
from mien.learn.predictions import AnyPredictions
from mien.models.base import Model
from mien.models.store import EVALUATION_FILE, MODEL_FILE, PREDICTIONS_FILE, WEIGHTS_FILE, save_model

# Folder of the models that a sum adds up.
PARTS = "parts"
# What training writes into a folder, and what goes when it is not written again.
MODEL_FOLDER = (MODEL_FILE, WEIGHTS_FILE, EVALUATION_FILE, PREDICTIONS_FILE, PARTS)


@dataclass(frozen=True, eq=False)
class Trained(Plotted):
    """What ``train`` gives.

    Attributes
    ----------
    model : Model
        Fitted on all usable samples.
    evaluation : Evaluation or None
        Of models fitted in training folds only; None with ``evaluate=False``.
    predictions : ClassPredictions, RatingPredictions or None
        One row per usable sample, made by a model that had not seen its subject.
    folder : Path or None
    """

    __repr__ = brief

    model: Model
    evaluation: Evaluation | None
    predictions: AnyPredictions | None
    folder: Path | None


def shifted(progress: Progress | None, start: int, total: int) -> Progress | None:
    """Progress of a part that starts at ``start`` of ``total``."""
    if progress is None:
        return None
    return lambda done, _: progress(start + done, total)


def write_trained(trained: Trained, folder: Path | None) -> Trained:
    """The same, with its files in ``folder`` if one is given.

    Model, scores and predictions change together: a process that is killed leaves the old ones or the new ones. The
    evaluation names the SHA-256 of the weights and predictions that it belongs to.
    """
    if folder is None:
        return trained
    with switched_together(folder, MODEL_FOLDER) as new:
        save_model(trained.model, new)
        for one in trained.model.parts:
            save_model(one, new / PARTS / one.name)
        if trained.evaluation is not None and trained.predictions is not None:
            trained.predictions.write(new / PREDICTIONS_FILE)
            belongs = {
                "weights_sha256": trained.model.weights_sha256,
                "predictions_sha256": sha256_of(new / PREDICTIONS_FILE),
            }
            write_json(new / EVALUATION_FILE, {**trained.evaluation.to_json(), **belongs})
    return replace(trained, folder=folder)
