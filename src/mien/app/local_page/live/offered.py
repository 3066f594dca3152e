"""Models that the camera's view offers."""

from __future__ import annotations

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.why.stored_models import MODEL_FILE, MODELS, models_of
from mien.core.errors import InputError
from mien.core.files import read_json
from mien.features.in_memory import check_single
from mien.models.base import RULES


def live_models(study: OpenStudy) -> dict[str, str]:
    """Models that can answer about a single picture: their names, and what is shown of them."""
    found = {RULES: "rules (need no training)"}
    for name in models_of(study):
        try:
            check_single(read_json(study.folder / MODELS / name / MODEL_FILE)["recipe"], name)
        except (InputError, OSError, KeyError, TypeError):
            continue
        found[name] = name
    return found
