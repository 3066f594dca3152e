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
    """What goes with the first outcome, and what the main model adds to covariates; ``''`` where there is none."""
    for place in study.places("effects", FACTS):
        found = guarded([], load_effects, place)
        if found is None:
            continue
        text = found.words()
        beyond = beyond_covariates(study.models).get(main.name, "") if main is not None else ""
        if main is not None and beyond:
            text += f" The model '{main.name}': {beyond}"
        return text
    return ""
