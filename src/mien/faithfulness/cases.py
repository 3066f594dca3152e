"""What is judged, in pieces: all samples at once, or photo by photo where each has a network of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.target import Target
from mien.explain.landmarker.through import is_through
from mien.explain.modules import evaluating
from mien.explain.problem import Progress
from mien.explain.question import Inquiry, prepare
from mien.faithfulness.candidates import centre_prior, random_numbers
from mien.faithfulness.case import Explanation, Trial
from mien.faithfulness.curves import cuts
from mien.faithfulness.face_points import face_points
from mien.faithfulness.fills import default_fill, fill_of
from mien.faithfulness.ground_truth import truth_of
from mien.faithfulness.result import CENTRE, RANDOM
from mien.faithfulness.units import units_of


@dataclass(frozen=True, eq=False)
class Piece:
    """Samples that are judged together.

    Attributes
    ----------
    inquiry : Inquiry
        About these samples only.
    rows : slice
        Which of all samples they are.
    settings : callable
        (method, given settings) -> settings: what the method needs here beside its own defaults.
    """

    inquiry: Inquiry
    rows: slice
    settings: Callable[[str, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Judged:
    """Everything that is judged.

    Attributes
    ----------
    whole : Inquiry
        About all samples.
    pieces : list of Piece
    points : ndarray, shape (samples, points, 2), or None
        Of the faces in pixels of the pictures.
    facts : dict
        For the result's settings.
    """

    whole: Inquiry
    pieces: list[Piece]
    points: np.ndarray | None
    facts: dict[str, Any]


def judged(model: Any, samples: Any, method: str, seed: int, progress: Progress, inputs: dict[str, Any]) -> Judged:
    """Model and samples ready to be judged; ``inputs`` are the further settings of ``explain``."""
    inputs = dict(inputs)
    if is_through(model, inputs.pop("through", None)):
        return _photos(model, samples, method, seed, progress, inputs)
    inquiry = prepare(model, samples, method=method, seed=seed, **inputs)
    points = face_points(samples, inputs.get("faces"), inquiry.inputs.features)
    piece = Piece(inquiry, slice(0, len(inquiry.inputs.usable)), lambda method, given: given)
    return Judged(inquiry, [piece], points, {"baselines": inquiry.baselines.record})


def _photos(model: Any, samples: Any, method: str, seed: int, progress: Progress, inputs: dict[str, Any]) -> Judged:
    """Photo by photo, because each crop lies differently in its photo and has its own baseline."""
    from mien.explain.landmarker.photos import Photos
    from mien.explain.landmarker.through import LANDMARKER

    photos = Photos(model, samples, method=method, seed=seed, progress=progress, **inputs)
    pieces = []
    for row in np.flatnonzero(photos.inquiry.inputs.usable):

        def settings(method: str, given: dict[str, Any], row: int = int(row)) -> dict[str, Any]:
            return photos.settings_of(method, given, row)

        pieces.append(Piece(photos.one(int(row)), slice(int(row), int(row) + 1), settings))
    record = {"baselines": "blur", "n_baselines": 1} if photos.blurred else photos.inquiry.baselines.record
    facts = {"baselines": record, "through": LANDMARKER}
    return Judged(photos.inquiry, pieces, photos.crops.points[:, :, :2].astype(np.float64), facts)


def trials_of(
    what: Judged, target: Target, truth: Any, fill: str | None, block: int | None, n_steps: int
) -> list[Trial]:
    """One trial per piece; all have the units, the fill and the scale of the whole.

    Raises
    ------
    InputError
        If no sample has a usable input.
    """
    features = what.whole.inputs.features
    if not what.whole.inputs.usable.any():
        raise InputError("No sample has a usable input, so there is nothing to judge.")
    units = units_of(features.space, features.values.shape[1:], block)
    cause = None if truth is None else truth_of(truth, units, features, what.points)
    trials = []
    for piece in what.pieces:
        inputs = piece.inquiry.inputs
        problem = piece.inquiry.problem(target, np.ascontiguousarray(inputs.features.values[inputs.usable]))
        kind = fill or default_fill(features.space)
        stand_in = fill_of(problem, units, kind)
        rows = np.arange(len(problem.values))
        with evaluating(problem.module):
            output = problem.outputs(problem.values)
            gone = np.zeros((1, units.count), dtype=bool)
            step = problem.batch_size
            filled = [
                problem.outputs(stand_in(rows[i : i + step], np.repeat(gone, len(rows[i : i + step]), axis=0)))
                for i in range(0, len(rows), step)
            ]
        trials.append(
            Trial(
                network=piece.inquiry.network.module,
                problem=problem,
                units=units,
                fill=stand_in,
                fill_name=kind,
                output=output,
                filled=np.concatenate(filled),
                cuts=cuts(units.count, n_steps),
                truth=None if cause is None else cause[piece.rows][inputs.usable],
            )
        )
    usual = float(np.abs(np.concatenate([trial.output - trial.filled for trial in trials])).mean())
    return [replace(trial, usual=usual) for trial in trials]


def centres_of(what: Judged, given: Any) -> np.ndarray | None:
    """x and y of each face's centre in its picture: given, or the middle of its points' extent; None if unknown.

    Raises
    ------
    InputError
        If those given are of another shape.
    """
    count = len(what.whole.inputs.usable)
    if given is None:
        points = what.points
        return None if points is None else (points.min(axis=1) + points.max(axis=1)) / 2
    if np.shape(given) != (count, 2):
        raise InputError(f"centre_px holds x and y of {count} samples, but has shape {np.shape(given)}.")
    return np.asarray(given, dtype=np.float64)


def controls(piece: Piece, trial: Trial, centres: np.ndarray | None) -> dict[str, Explanation]:
    """Random numbers and, of pictures, the prior around the face's centre."""
    found = {RANDOM: random_numbers(trial)}
    if trial.units.space == PICTURE:
        usable = piece.inquiry.inputs.usable
        found[CENTRE] = centre_prior(trial, None if centres is None else centres[piece.rows][usable])
    return found
