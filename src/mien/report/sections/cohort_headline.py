"""The report's headline and limits where it is about a cohort: what goes with a score, and what a model adds."""

from __future__ import annotations

from mien.cohort.effects_result import FACTS, load_effects
from mien.report.beyond import beyond_covariates
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.study_folder import StudyFolder

LIMITS = (
    "Scores of questionnaires are what people answered, and bands of severity are no diagnosis. Nothing here says "
    "what a person felt, meant or is.",
    "Behaviour that goes with a score need not be its cause or its effect: both may go with something that nobody "
    "measured.",
)


def is_cohort(study: StudyFolder) -> bool:
    """Whether effects of measures over people are there."""
    return bool(study.places("effects", FACTS))


def cohort_headline(study: StudyFolder, main: ModelPart | None) -> str:
    """What goes with the main model's outcome, or the first one, and what that model adds to covariates; ``''`` where
    there is none."""
    read = [guarded([], load_effects, place) for place in study.places("effects", FACTS)]
    found = [effects for effects in read if effects is not None]
    if not found:
        return ""
    shown = next((effects for effects in found if main is not None and effects.outcome == main.target), found[0])
    text = shown.words()
    beyond = beyond_covariates(study.models).get(main.name, "") if main is not None else ""
    if main is not None and beyond:
        of = "" if main.target == shown.outcome else f", of {main.target}"
        text += f" The model '{main.name}'{of}: {beyond}"
    return text
