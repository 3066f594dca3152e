"""The samples behind one cell of a confusion matrix, or behind a rating's largest errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.learn.predictions import ClassPredictions, RatingPredictions, read_predictions


@dataclass(frozen=True)
class Behind:
    """One sample with what was said of it by a model that had not seen its person.

    Attributes
    ----------
    path, subject : str
    said : tuple of (str, float)
        Classes with their probabilities, the most probable first; of a rating ``observed`` and ``predicted``.
    """

    path: str
    subject: str
    said: tuple[tuple[str, float], ...]


def behind_cell(folder: Path, true: str, said: str) -> list[Behind]:
    """Samples of a class that were predicted as another (or the same) one, the surest first.

    Parameters
    ----------
    folder : Path
        Of a stored model.
    true, said : str
        Classes.

    Raises
    ------
    InputError
        If the model's predictions cannot be read, or are not of classes.
    """
    found = read_predictions(folder)
    if not isinstance(found, ClassPredictions):
        raise InputError(f"{folder.name} predicts ratings, so there is no confusion of classes.")
    rows = np.flatnonzero((found.label.astype(str) == true) & (found.predicted.astype(str) == said))
    rows = rows[np.argsort(-found.probabilities[rows].max(axis=1), kind="stable")]
    result = []
    for row in rows:
        order = np.argsort(-found.probabilities[row], kind="stable")
        probabilities = tuple((found.classes[i], float(found.probabilities[row, i])) for i in order)
        result.append(Behind(str(found.path[row]), str(found.subject[row]), probabilities))
    return result


def furthest(folder: Path, rating: str, most: int = 24) -> list[Behind]:
    """Samples whose rating was missed by most.

    Parameters
    ----------
    folder : Path
        Of a stored model.
    rating : str
    most : int
        How many.

    Raises
    ------
    InputError
        If the model's predictions cannot be read, or are not of this rating.
    """
    found = read_predictions(folder)
    if not isinstance(found, RatingPredictions) or rating not in found.ratings:
        raise InputError(f"{folder.name} does not predict the rating '{rating}'.")
    place = found.ratings.index(rating)
    truth, predicted = found.truth[:, place], found.predicted[:, place]
    known = np.flatnonzero(np.isfinite(truth) & np.isfinite(predicted))
    order = known[np.argsort(-np.abs(predicted - truth)[known], kind="stable")][:most]
    return [
        Behind(
            str(found.path[row]), str(found.subject[row]),
            (("observed", float(truth[row])), ("predicted", float(predicted[row]))),
        )
        for row in order
    ]  # fmt: skip
