"""The report's headline and limits where it is about a cohort: what goes with a score, and what a model adds."""

from __future__ import annotations

from mien.cohort.effects_result import FACTS, load_effects
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
        evaluation = None if main is None else main.evaluation
        if main is not None and evaluation is not None and evaluation.beside is not None:
            text += f" The model '{main.name}': {evaluation.beside.words()}"
        return text
    return ""
