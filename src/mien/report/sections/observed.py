"""Predicted against observed, for every rating of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.core.evidence import DO_NOT
from mien.core.people.words import unseen_words, who_words
from mien.data.parquet import read_parquet
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import CORRELATION, interval_words, not_predicted
from mien.models.store import PREDICTIONS_FILE
from mien.report.draw.scatter import MOST_DOTS, scatter_plot
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.sections.numbers import with_bounds

_PREDICTED = "predicted_"


def scatters(part: ModelPart, place: Path, unread: list[str]) -> list[dict[str, Any]]:
    """One drawing (SVG that is still to be marked as safe) with its caption for each rating, as the model has them.

    Parameters
    ----------
    part : ModelPart
    place : Path
        Folder of the model; without predictions there is nothing.
    unread : list of str
        Gets a sentence for predictions that cannot be read.
    """
    evaluation = part.evaluation
    if evaluation is None or not part.rated or not (place / PREDICTIONS_FILE).is_file():
        return []
    columns = guarded(unread, _read, place / PREDICTIONS_FILE) or {}
    return [
        _one(part.name, name, evaluation, columns)
        for name in evaluation.per_rating
        if name in columns and _PREDICTED + name in columns
    ]


def _read(path: Path) -> dict[str, np.ndarray]:
    table = read_parquet(path)
    numbers = [f.name for f in table.schema if str(f.type) in ("double", "float")]
    return {name: table[name].to_numpy().astype(float) for name in numbers}


def _one(model: str, name: str, evaluation: Evaluation, columns: dict[str, np.ndarray]) -> dict[str, Any]:
    observed, predicted = columns[name], columns[_PREDICTED + name]
    known = int((np.isfinite(observed) & np.isfinite(predicted)).sum())
    found = evaluation.per_rating[name].get(CORRELATION)
    score = None if found is None else evaluation.as_shown(found)
    said = "" if score is None or score.value != score.value else interval_words(score)
    dots = (
        "One dot per sample" if known <= MOST_DOTS else f"{MOST_DOTS:,} of {known:,} samples are drawn, evenly picked"
    )
    but = f" {DO_NOT}" if not_predicted(evaluation, name) else ""
    short = f"r = {with_bounds(score)}, " if said else ""
    r = f" Pearson correlation {said}." if said else ""
    if r and f"level_{name}" in columns:
        r += (
            " It takes each prediction relative to the mean and the spread of its own fold's model, which differ from "
            "fold to fold; the dots are predictions as they are, whose plain correlation may be another."
        )
    return {
        "rating": name,
        "plot": scatter_plot(observed, predicted, said=f"{short}n = {known}",
                             title=f"{model}: predicted against observed {name}"),
        "caption": (
            f"Predicted against observed '{name}', model '{model}', {who_words(evaluation.protocol)}, "
            f"{unseen_words(evaluation.protocol)} that it had not seen (n = {known}).{r} {dots}; dashed: the "
            f"prediction is what was observed.{but}"
        ),
    }  # fmt: skip
