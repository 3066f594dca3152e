"""Questionnaires and measures that go with their scores, in the words of a paper."""

from __future__ import annotations

from collections import Counter

import numpy as np

from mien.cohort.effects_result import FACTS, FDR, OutcomeEffects, load_effects
from mien.core.words import interval, listed, number, p_value
from mien.data.questionnaires.result import FACTS as QUESTIONNAIRE
from mien.data.questionnaires.result import Questionnaire
from mien.report.guarded import guarded
from mien.report.paper.paper_table import PaperTable
from mien.report.study_folder import StudyFolder
from mien.stats.partial import CORRELATION


def questionnaire_methods(study: StudyFolder, problems: list[str]) -> list[str]:
    """Where each questionnaire comes from, how missing items were treated, and how consistent its items are.

    Parameters
    ----------
    study : StudyFolder
    problems : list of str
        Gets a sentence for what cannot be read.
    """
    return [words for found in _questionnaires(study, problems) for words in _of_questionnaire(found)]


def questionnaire_results(study: StudyFolder, problems: list[str]) -> list[str]:
    """Mean and spread of every score."""
    said = []
    for found in _questionnaires(study, problems):
        rows = []
        for one in found.scale.subscales:
            known = found.scores(one)[1]
            known = known[np.isfinite(known)]
            if len(known) > 1:
                mean, sd = number(float(known.mean())), number(float(known.std(ddof=1)))
                rows.append(f"{one.name} {mean} (SD {sd}, n = {len(known)})")
        said += [f"{found.scale.title}, mean scores of everybody who answered: {listed(rows)}."] * bool(rows)
    return said


def _questionnaires(study: StudyFolder, problems: list[str]) -> list[Questionnaire]:
    found = [guarded(problems, Questionnaire.read, place) for place in study.places("questionnaires", QUESTIONNAIRE)]
    return [one for one in found if one is not None]


def _of_questionnaire(found: Questionnaire) -> list[str]:
    scale = found.scale
    names = listed([f"{one.name} ({len(one.items)} items)" for one in scale.subscales])
    factors = {one.factor for one in scale.subscales}
    times = f", multiplied by {factors.pop():g}" if len(factors) == 1 and factors != {1.0} else ""
    said = [
        f"{scale.title}{f' ({scale.version})' if scale.version else ''}: {len(scale.items)} items from {scale.low} to "
        f"{scale.high}, summed to {names}{times}. Key and cut-offs: {scale.source.rstrip('.')}."
    ]
    allowed: dict[int, list[str]] = {}
    for one in scale.subscales:
        allowed.setdefault(one.max_missing, []).append(one.name)
    said += [
        f"For {listed(names)} no item might be missing." if not most else
        f"For {listed(names)} up to {most} missing item{'s' * (most > 1)} counted as the mean of the others "
        "(prorated); with more there was no score."
        for most, names in allowed.items()
    ]  # fmt: skip
    fits = [
        f"{fit.name} alpha {number(fit.alpha)} ({interval(fit.alpha_low, fit.alpha_high)}), omega {number(fit.omega)} "
        f"({interval(fit.omega_low, fit.omega_high)}; {fit.people} people)"
        for fit in found.reliability if fit.alpha == fit.alpha
    ]  # fmt: skip
    if fits:
        said.append(
            "Internal consistency here (Cronbach's alpha, McDonald's omega of one factor; 95 % intervals over people, "
            f"of rows with all items): {listed(fits)}."
        )
    return said


def effects_methods(study: StudyFolder, problems: list[str]) -> list[str]:
    """Which measures were related to which outcomes, what was held constant, and how p was computed and corrected.

    Parameters
    ----------
    study : StudyFolder
    problems : list of str
        Gets a sentence for what cannot be read.
    """
    alike: dict[str, list[str]] = {}
    for found in _effects(study, problems):
        kinds = Counter(measure.group for measure in found.codebook)
        groups = listed([f"{count:,} of {group}" for group, count in kinds.items()])
        held = f"{listed(list(found.covariates))} held constant" if found.covariates else "nothing held constant"
        words = f"{len(found.codebook):,} measures ({groups}), with {held}.{_untested(found)} {found.method_words()}"
        alike.setdefault(words, []).append(f"'{found.outcome}'")
    return [
        f"{listed(names)} {'was' if len(names) == 1 else 'were, each by itself,'} related to {words}"
        + (" Outcomes are not corrected for their number." if len(names) > 1 else "")
        for words, names in alike.items()
    ]


def _untested(found: OutcomeEffects) -> str:
    """Why results count fewer measures than there are."""
    left = len(found.codebook) - int(np.isfinite(found.p).sum())
    if not left:
        return ""
    was = "was" if left == 1 else "were"
    return f" {left:,} of them {was} not tested, as too few people have a value or all have the same."


def effects_results(study: StudyFolder, problems: list[str]) -> tuple[list[str], list[PaperTable]]:
    """What goes with every outcome, in sentences, and a table with a row for each."""
    every = _effects(study, problems)
    if not every:
        return [], []
    rows = []
    for found in every:
        kept, tested = int((found.q <= FDR).sum()), int(np.isfinite(found.p).sum())
        best = found.names.index(found.channels[0].strongest) if found.channels else -1
        sign = "r" if found.kind == CORRELATION else "g"
        effect = f"{sign} {number(found.effect[best])} ({interval(found.low[best], found.high[best])})"
        surest = (found.names[best], effect,
                  p_value(float(found.p[best])), p_value(float(found.q[best]))) if best >= 0 else ("",) * 4  # fmt: skip
        rows.append((found.outcome, str(found.people), str(tested), str(kept), *surest))
    caption = (
        f"Measures that go with each outcome. Kept: at a false-discovery rate of {100 * FDR:.0f} % over the measures "
        "of the outcome. Surest: the measure with the smallest p, adjusted effect with its 95 % interval, p by itself "
        "and q corrected."
    )
    heads = ("Outcome", "People", "Measures", "Kept", "Surest", "Effect", "p", "q")
    return [found.words() for found in every], [PaperTable(caption, heads, tuple(rows))]


def _effects(study: StudyFolder, problems: list[str]) -> list[OutcomeEffects]:
    found = [guarded(problems, load_effects, place) for place in study.places("effects", FACTS)]
    return [one for one in found if one is not None]
