"""What answers about frames of the camera: the rules, or a study's models of single pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mien.app.explaining import Explainer
from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.live.offered import live_models
from mien.app.local_page.why.stored_models import MODEL_FILE, MODELS, Shelf
from mien.app.reading import NONE, LiveModel
from mien.core.errors import InputError
from mien.faces.reader import Looker, LookSettings
from mien.models.base import RULES
from mien.models.store import EVALUATION_FILE

MOST_PIXELS = 2_100_000
MOST_FACES, MOST_MODELS = 3, 3
_explainers, _lookers = Shelf(MOST_MODELS), Shelf(1)


def explainer_of(study: OpenStudy, model: str, evidence: bool) -> Explainer:
    """What answers about frames by one of the study's models, or by the rules; loaded once.

    Raises
    ------
    InputError
        If there is no such model, or it needs more than one picture.
    """
    if model not in live_models(study):
        raise InputError(f"There is no model '{model}' in this study that answers about single pictures.")
    place: Path | str = RULES if model == RULES else study.folder / MODELS / model
    # A model that was scored anew says something else of itself.
    files = [] if isinstance(place, str) else [place / MODEL_FILE, place / EVALUATION_FILE]
    changed = tuple(file.stat().st_mtime_ns for file in files if file.is_file())

    def make() -> Explainer:
        live = LiveModel(place, method=None if evidence else NONE)
        return Explainer(live, _looker(), MOST_FACES, MOST_PIXELS, points=True)

    return _explainers.get((str(place), changed, evidence), make)


def said_of(study: OpenStudy, model: str, evidence: bool, content: bytes) -> dict[str, Any]:
    """What a model says of a frame.

    Raises
    ------
    InputError
        As ``explainer_of``.
    """
    return explainer_of(study, model, evidence)(content)


def _looker() -> Looker:
    return _lookers.get("looker", lambda: Looker(LookSettings(), os.cpu_count() or 1))
