"""What is scored, in groups: all samples at once, or photo by photo where each has a network of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.target import Target
from mien.explain.landmarker.asked import LANDMARKER, is_through
from mien.explain.modules import evaluating
from mien.explain.problem import Progress
from mien.explain.question import Inquiry, prepare
from mien.faithfulness.candidates import centre_prior, random_numbers
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.curves import cuts
from mien.faithfulness.face_points import face_points
from mien.faithfulness.fills import default_fill, fill_of
from mien.faithfulness.ground_truth import truth_of
from mien.faithfulness.result import CENTRE, RANDOM
from mien.faithfulness.units import units_of


@dataclass(frozen=True, eq=False)
class SampleGroup:
    """Samples that are scored together.

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
class ScoredSamples:
    """Everything that is scored.

    Attributes
    ----------
    whole : Inquiry
        About all samples.
    groups : list of SampleGroup
    points : ndarray, shape (samples, points, 2), or None
        Of the faces in pixels of the pictures.
    facts : dict
        For the result's settings.
    """

    whole: Inquiry
    groups: list[SampleGroup]
    points: np.ndarray | None
    facts: dict[str, Any]


def samples_to_score(
    model: Any, samples: Any, method: str, seed: int, progress: Progress, inputs: dict[str, Any]
) -> ScoredSamples:
    """Model and samples ready to be scored; ``inputs`` are the further settings of ``explain``."""
    inputs = dict(inputs)
    if is_through(model, inputs.pop("through", None)):
        return _photos(model, samples, method, seed, progress, inputs)
    inquiry = prepare(model, samples, method=method, seed=seed, **inputs)
    points = face_points(samples, inputs.get("faces"), inquiry.inputs.features)
    group = SampleGroup(inquiry, slice(0, len(inquiry.inputs.usable)), lambda method, given: given)
    return ScoredSamples(inquiry, [group], points, {"baselines": inquiry.baselines.record})


def _photos(
    model: Any, samples: Any, method: str, seed: int, progress: Progress, inputs: dict[str, Any]
) -> ScoredSamples:
    """Photo by photo, because each crop lies differently in its photo and has its own baseline."""
    from mien.explain.landmarker.photos import Photos

    photos = Photos(model, samples, method=method, seed=seed, progress=progress, **inputs)
    groups = []
    for row in np.flatnonzero(photos.inquiry.inputs.usable):

        def settings(method: str, given: dict[str, Any], row: int = int(row)) -> dict[str, Any]:
            return photos.settings_of(method, given, row)

        groups.append(SampleGroup(photos.one(int(row)), slice(int(row), int(row) + 1), settings))
    record = {"baselines": "blur", "n_baselines": 1} if photos.blurred else photos.inquiry.baselines.record
    facts = {"baselines": record, "through": LANDMARKER}
    return ScoredSamples(photos.inquiry, groups, photos.crops.points[:, :, :2].astype(np.float64), facts)


def cases_of(
    what: ScoredSamples, target: Target, truth: Any, fill: str | None, block: int | None, n_steps: int
) -> list[Case]:
    """One case per group; all have the units, the fill and the scale of the whole.

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
    cases = []
    for group in what.groups:
        inputs = group.inquiry.inputs
        problem = group.inquiry.problem(target, np.ascontiguousarray(inputs.features.values[inputs.usable]))
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
        cases.append(
            Case(
                network=group.inquiry.network.module,
                problem=problem,
                units=units,
                fill=stand_in,
                fill_name=kind,
                output=output,
                filled=np.concatenate(filled),
                cuts=cuts(units.count, n_steps),
                truth=None if cause is None else cause[group.rows][inputs.usable],
            )
        )
    usual = float(np.abs(np.concatenate([case.output - case.filled for case in cases])).mean())
    return [replace(case, usual=usual) for case in cases]


def centres_of(what: ScoredSamples, given: Any) -> np.ndarray | None:
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


def controls(group: SampleGroup, case: Case, centres: np.ndarray | None) -> dict[str, Explanation]:
    """Random numbers and, of pictures, the prior around the face's centre."""
    result = {RANDOM: random_numbers(case)}
    if case.units.space == PICTURE:
        usable = group.inquiry.inputs.usable
        result[CENTRE] = centre_prior(case, None if centres is None else centres[group.rows][usable])
    return result
