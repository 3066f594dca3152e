"""The report in words: the one sentence to quote, and what the numbers cannot show."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from mien.atlas.evidence_words import even_words, exceeding, too_few
from mien.atlas.regions import NAN, Share, main_parts
from mien.atlas.summary import Summary
from mien.core.faces import OK
from mien.core.features import NAMED
from mien.core.outcome import RATINGS
from mien.core.people.words import USER_SPECIFIC, who_words
from mien.core.provenance import LEFT_OUT
from mien.core.topology import IBUG_68
from mien.core.words import listed, percent
from mien.learn.evaluation import Evaluation
from mien.learn.noise import ABOVE, AT, BELOW, side_of_chance
from mien.learn.predicted import BALANCED, CORRELATION, disagreement, interval_words, not_predicted
from mien.reduce.sentences import answer
from mien.report.asked import STUDY_FILE
from mien.report.models_folder import ModelPart
from mien.report.sections.cohort_headline import LIMITS, cohort_headline, is_cohort
from mien.report.sections.film_headline import film_headline
from mien.report.sections.network_headline import LIMIT, NETWORK_RESULTS, network_headline
from mien.report.sections.ratings import rating_share
from mien.report.sections.reduction import ReductionPart
from mien.report.study_folder import StudyFolder
from mien.stats.scores import Score

# Blendshapes that stayed below 0.02 in all of our checks, on faces that showed the movement.
BLIND_BLENDSHAPES = ("noseSneer", "cheekPuff", "cheekSquint", "jawForward", "jawRight")

OF_LABELS = (
    "Labels are apparent expressions or impressions of raters. Nothing here says what a person felt, meant or is, and "
    "nothing here is a diagnosis."
)


def main_model(study: StudyFolder) -> tuple[ModelPart | None, str]:
    """The model that the headline is about, and how it was chosen: never by its score on the test people.

    ``main = "NAME"`` in ``study.toml`` (at the top, or in ``[study]`` or ``[models]``) declares it. Without that it is
    the only model, or the first in the order in which the study asked for them, else by name.
    """
    declared = declared_main(study.asked)
    chosen = next((part for part in study.models if part.name == declared), None)
    if chosen is not None:
        return chosen, "declared as the main one" if len(study.models) > 1 else ""
    scored = [part for part in study.models if part.main_score is not None]
    if study.parts is not None:
        order = {place: i for i, place in enumerate(study.parts.shown)}
        scored.sort(key=lambda part: order.get(f"models/{part.name}", len(order)))
    if len(scored) < 2:
        return (scored[0], "") if scored else (None, "")
    first = "first asked for" if study.parts is not None else "first by name"
    return scored[0], f"the {first} of {len(scored)}; {STUDY_FILE} can declare another one as main"


def declared_main(asked: dict[str, Any]) -> str:
    """Name of the main model in ``study.toml``; ``''`` where there is none."""
    for place in (asked, asked.get("study"), asked.get("models")):
        if isinstance(place, dict) and isinstance(place.get("main"), str):
            return str(place["main"])
    return ""


def main_reduction(study: StudyFolder) -> ReductionPart | None:
    """The reduction that the headline is about: the declared one, or the first by name if no model is declared."""
    declared = declared_main(study.asked)
    chosen = next((found for found in study.reductions if found.name == declared), None)
    if chosen is None and study.reductions and not any(part.name == declared for part in study.models):
        chosen = study.reductions[0]
    return chosen


def headline_notes(study: StudyFolder) -> list[Any]:
    """What has to be known with the headline's numbers: what is not there, and why, first."""
    return [*left_out_words(study), *_notes(study)]


def left_out_words(study: StudyFolder) -> list[str]:
    """A sentence for every step that its data or its settings did not allow."""
    return [
        f"Not in this study: {step.removesuffix(LEFT_OUT)}. {facts['reason']}"
        for step, facts in study.provenance.items()
        if step.endswith(LEFT_OUT) and isinstance(facts, dict) and isinstance(facts.get("reason"), str)
    ]


def _notes(study: StudyFolder) -> list[Any]:
    reduced, part = main_reduction(study), main_model(study)[0]
    if reduced is not None:
        return reduced.reduction.protocol.get("notes") or []
    if part is None or part.evaluation is None:
        return []
    score = part.main_score
    apart = "" if score is None else disagreement({"the main score": score})
    return [*part.evaluation.notes, *([apart] if apart else [])]


def headline(study: StudyFolder, summaries: dict[str, list[Summary]]) -> str:
    """One sentence with the main result, computed from the numbers."""
    reduced, (part, how) = main_reduction(study), main_model(study)
    if reduced is not None:
        several = len(study.reductions) > 1 and reduced.name != declared_main(study.asked)
        first = (
            f"The reduction '{reduced.name}' (the first by name of {len(study.reductions)}; {STUDY_FILE} can declare "
            "another one as main): "
        )
        return f"{first if several else ''}{answer(reduced.reduction)}"
    if is_cohort(study) and (said := cohort_headline(study, part)):
        return said
    if part is not None:
        return f"The model '{part.name}'{f' ({how})' if how else ''} {_of_model(part, summaries.get(part.name, []))}."
    if seen := film_headline(study):
        return seen
    responds = network_headline(study)
    if responds:
        return responds
    every = [summary for found in summaries.values() for summary in found]
    if every:
        where = most_evidence(every)
        return f"Evidence of {most_samples(every).who}{f': {where}' if where else ' was computed'}."
    if study.extraction:
        found = study.extraction
        return f"Faces were found in {found.counts[OK]} of {_count(len(found.sources), 'source', 'sources')}."
    return "This folder holds no results yet."


def _of_model(part: ModelPart, explained: list[Summary]) -> str:
    evaluation, score = part.evaluation, part.main_score
    if evaluation is None or score is None:
        return "was not evaluated"
    if not evaluation.beats_chance:
        return f"is not shown to do better than chance: {_on_whom(evaluation, score)}"
    where = most_evidence([s for s in explained if not not_predicted(evaluation, s.target.name)])
    return f"{_result(evaluation, score)}{rating_share(evaluation)}{f'; {where}' if where else ''}"


def most_samples(summaries: list[Summary]) -> Summary:
    """The one that rests on the most samples."""
    return max(summaries, key=lambda summary: summary.samples)


def _result(evaluation: Evaluation, score: Score) -> str:
    rated, names = evaluation.predicts == RATINGS, [f"'{name}'" for name in evaluation.each]
    many = f"{len(names)} {'ratings' if rated else 'classes'}"
    what = listed(names) if 0 < len(names) <= (1 if rated else 3) else many
    return f"{'predicts' if rated else 'told'} {what} {'' if rated else 'apart '}with {_on_whom(evaluation, score)}"


def _on_whom(evaluation: Evaluation, score: Score) -> str:
    """The main score with the people that it rests on, and what has to be known with it."""
    several, protocol = len(evaluation.per_rating) > 1, evaluation.protocol
    kind = f"{'mean ' if several else ''}correlation" if evaluation.predicts == RATINGS else "balanced accuracy"
    unsure = protocol.get("n_unknown") or protocol.get("n_unknown_learnt")
    may_be = ", where an unknown person may be in training and test" if unsure else " held out of training"
    if protocol.get("scheme") == USER_SPECIFIC:
        may_be = ", each of whom the model knows from other recordings"
    on = f" on {who_words(protocol)}{may_be}" if protocol.get("n_subjects") else ""
    return f"a {kind} of {interval_words(score)}{on}"


def most_evidence(summaries: list[Summary]) -> str:
    """``most evidence came from mouth (61 %; an even spread would give 29 %)``, averaged over targets.

    A place is named where its share exceeds that of an even spread in people: mean lower ends over targets, which the
    mean's own lower end is not below.
    """
    found = [parts for summary in summaries if (parts := main_parts(summary))]
    rows: dict[str, list[Share]] = defaultdict(list)
    for parts in found:
        for row in parts:
            rows[row.words].append(row)
    means = [_mean_share(own, len(found)) for own in rows.values()]
    means = sorted((row for row in means if row.share > 0), key=lambda row: -row.share)
    if not means:
        return ""
    beyond, people = exceeding(means), most_samples(summaries).subjects
    if beyond:
        most = "most evidence" if beyond[0] is means[0] else "more evidence than by an even spread"
        top = beyond[0]
        chance = f", models of shuffled labels have {percent(top.shuffled)}" if top.shuffled == top.shuffled else ""
        even = f"an even spread would give {percent(top.expected)}{chance}"
        return f"{most} came from {top.words} ({percent(top.share)}; {even})"
    if any(summary.shuffled for summary in summaries):
        return "evidence lies where that of models of shuffled labels lies, too"
    if too_few(people):
        return ""
    on_face = any(summary.topology or summary.places for summary in summaries)
    return f"evidence is {even_words(on_face)}, as far as {people} people show"


def _mean_share(own: list[Share], many: int) -> Share:
    share, even, low = (sum(getattr(row, part) for row in own) / many for part in ("share", "expected", "low"))
    shuffled = sum(row.shuffled for row in own) / many
    # Of several targets the least sure one decides.
    return Share(
        own[0].name,
        own[0].words,
        share,
        even,
        NAN,
        low=low,
        shuffled=shuffled,
        p_shuffled=max((row.p_shuffled for row in own if row.p_shuffled == row.p_shuffled), default=NAN),
    )


def noise_words(noise: dict[str, Score] | None) -> str:
    """What the check with shuffled labels or ratings says."""
    score = (noise or {}).get(BALANCED) or (noise or {}).get(CORRELATION)
    if score is None or score.value != score.value:
        return ""
    verdict = {
        "": ".",
        ABOVE: ": ABOVE CHANCE. Something leaks from test to training; do not trust the scores above.",
        BELOW: ": below chance, which small or unbalanced sets can give; it is no sign of a leak.",
        AT: ": at chance, as it has to be when nothing leaks from test to training.",
    }[side_of_chance(score.low, score.high, score.chance, score.p)]
    what = "labels" if BALANCED in (noise or {}) else "ratings"
    return f"With shuffled {what} the same procedure reached {interval_words(score)}{verdict}"


def limits(study: StudyFolder, summaries: dict[str, list[Summary]]) -> list[str]:
    """What these results cannot show, in plain sentences; those that do not apply are left out."""
    every = [summary for found in summaries.values() for summary in found]
    networks = any(study.places(kind, file) for kind, file in NETWORK_RESULTS)
    cohort = is_cohort(study)
    texts = [
        *([LIMIT] if networks else []),
        *(LIMITS if cohort else [] if networks and not study.models else [OF_LABELS]),
        *_limits_of_scores(study.models),
        *_limits_of_evidence(every),
    ]
    if _uses_blendshapes(study.models, every):
        texts.append(
            f"The blendshape network is blind to some movements: {', '.join(BLIND_BLENDSHAPES)} never exceeded 0.02 in "
            "our checks. Apparent disgust, for one, cannot be read from blendshapes alone."
        )
    if any(s.topology == IBUG_68 for s in every):
        texts.append("The 68 points hold none on forehead and cheeks: movement there can show only at its edges.")
    gaps = [s.median_gap for s in every if s.median_gap == s.median_gap]
    if gaps and max(gaps) > 0.05:
        texts.append(
            f"The values of some evidence miss the model's output by {percent(max(gaps))} (median): use more steps."
        )
    if study.extraction and study.extraction.failures:
        texts.append(
            "Sources without a usable face are missing from everything after the extraction; see the list there."
        )
    return texts


def _limits_of_scores(models: list[ModelPart]) -> list[str]:
    if not models:
        return []
    texts = [
        "Scores hold for people, cameras and tasks like those in the data; intervals are over the people in the "
        "data, not over other populations."
    ]
    protocols = [part.evaluation.protocol for part in models if part.evaluation is not None]
    people = [n for found in protocols if (n := found.get("n_subjects"))]
    if people and min(people) < 30:
        most = "at most " if any(found.get("n_unknown") for found in protocols) else ""
        texts.append(
            f"The data hold {most}{min(people)} people. That is few: a handful of unusual faces can move every number."
        )
    return texts


def _limits_of_evidence(summaries: list[Summary]) -> list[str]:
    if not summaries:
        return []
    return [
        "Evidence says what the model used, not what faces do: a movement that people make but the model ignores "
        "has no evidence, and two models of equal score can use different parts. It depends on the baselines "
        "named beside it.",
        "Parts that move together share evidence in ways that are the model's own choice, and large regions "
        "collect more of it; the column 'even spread' says what size alone would give.",
    ]


def _uses_blendshapes(models: list[ModelPart], summaries: list[Summary]) -> bool:
    recipes = [f"{part.recipe}{part.feature_names}" for part in models]
    names = [name for summary in summaries if summary.space == NAMED for name in summary.names]
    return any(word in recipe for recipe in recipes for word in ("blendshape", "mouthSmile", "expression")) or any(
        "mouthSmile" in name for name in names
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
