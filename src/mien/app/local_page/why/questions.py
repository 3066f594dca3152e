"""Questions about one face: what is shown of it, and what the model answers when it is covered or moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.why.asked import AskedModel, asked_model, number
from mien.app.local_page.why.covering import FILLS, checked_stamps, cover_pixels, cover_points, mask_of, under_brush
from mien.app.local_page.why.moving import checked_points, checked_settings, measures, moved_features
from mien.app.local_page.why.nearest import nearest_change
from mien.app.local_page.why.stage import as_data, points_of, stage_of
from mien.core.errors import InputError
from mien.core.features import NAMED
from mien.explain.thumbnails import displayed

KINDS = ("stage", "cover", "move", "measures", "nearest")


def answered_about(study: OpenStudy, kind: str, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question of the page, as JSON holds it.

    Raises
    ------
    InputError
        If the question is not what it has to be.
    """
    if kind not in KINDS:
        raise InputError("There is no such question.")
    return answered(asked_model(study, str(question.get("model"))), kind, question)


def answered(asked: AskedModel, kind: str, question: dict[str, Any]) -> dict[str, Any]:
    """The answer of a model that is at hand; raises as ``answered_about``."""
    row = question.get("row")
    if not isinstance(row, int) or isinstance(row, bool):
        raise InputError("A question names the sample by its number.")
    if kind == "stage":
        return _stage(asked, row)
    if kind == "cover":
        return _cover(asked, row, question)
    if kind == "measures":
        return {"measures": measures(asked, row)}
    asked.input(row)
    features = asked.features(row)
    moves = checked_points(question.get("points", {}), asked.faces.landmarks_px.shape[1])
    settings = checked_settings(question.get("features", {}), features.names if features.space == NAMED else ())
    changed = moved_features(asked, row, moves, settings)
    if kind == "nearest":
        return nearest_change(asked, changed, str(question.get("target", "")))
    found = asked.answer(np.ascontiguousarray(changed.values, dtype=np.float32))
    if changed.space == NAMED:
        found["features"] = dict(zip(changed.names, map(number, changed.values[0]), strict=True))
    return found


def _stage(asked: AskedModel, row: int) -> dict[str, Any]:
    stage, values = stage_of(asked, row), asked.input(row)
    if not asked.of_pixels:
        # So that the first stroke does not wait for it.
        _ = asked.usual
    return {
        "picture": None if stage.picture is None else as_data(stage.picture, 92),
        "points": np.round(stage.points, 5).tolist(),
        "unit": number(stage.unit),
        **asked.answer(values),
    }


def _cover(asked: AskedModel, row: int, question: dict[str, Any]) -> dict[str, Any]:
    stamps = checked_stamps(question.get("stamps", []))
    values = asked.input(row)
    if asked.of_pixels:
        height, width = values.shape[2:]
        found = cover_pixels(values, mask_of(stamps, (height, width)), str(question.get("fill", FILLS[0])))
        return {**asked.answer(found.values), "share": found.share, "picture": as_data(displayed(found.values)[0])}
    under = under_brush(stamps, points_of(asked, row))
    found = cover_points(asked.features(row), under, asked.usual, asked.faces.topology)
    return {**asked.answer(found.values), "share": found.share, "under": np.flatnonzero(under).tolist()}
