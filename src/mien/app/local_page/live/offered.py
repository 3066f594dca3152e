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
    return {RULES: "rules (need no training)"} | {name: name for name in models_of(study) if not refusal(study, name)}


def not_live(study: OpenStudy) -> list[str]:
    """Why each of the others is not offered."""
    return [sentence for name in models_of(study) if (sentence := refusal(study, name))]


def refusal(study: OpenStudy, name: str) -> str:
    """Why a model of the study cannot answer about a single picture; ``''`` if it can.

    Parameters
    ----------
    study : OpenStudy
    name : str
    """
    try:
        check_single(read_json(study.folder / MODELS / name / MODEL_FILE)["recipe"], name)
    except InputError as error:
        return str(error)
    except (OSError, KeyError, TypeError) as error:
        return f"The model '{name}' cannot be read ({error}); train it again."
    return ""
