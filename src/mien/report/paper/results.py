"""What came out, in paragraphs: scores with intervals and chance, what evidence rests on beyond an even spread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mien.atlas.evidence_words import even_words, exceeding, shares_words, shuffled_words, too_few
from mien.atlas.regions import features, main_parts
from mien.atlas.summary import summarise
from mien.compare.gaze.result import GAZE_FILE, GazeAgreement, load_gaze
from mien.compare.gaze.words import in_words, method_words
from mien.compare.timelines.result import LINK_FILE, Link, load_link
from mien.core.errors import InputError
from mien.core.evidence import baselines_in_words
from mien.core.features import NAMED
from mien.core.words import listed, number
from mien.decoding.evidence.maps import PATTERN
from mien.decoding.evidence.result import FACTS, BrainEvidence, load_brain_evidence
from mien.decoding.evidence.words import brain_method_words, brain_words
from mien.decoding.result import DECODING_FILE, Decoding
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import not_predicted
from mien.report.guarded import guarded
from mien.report.paper.citations import Citations
from mien.report.paper.cohort_words import effects_results, questionnaire_results
from mien.report.paper.comparison_words import comparison_results
from mien.report.paper.paper_table import PaperTable
from mien.report.paper.score_words import Paragraph, score_paragraphs, score_tables
from mien.report.sections.film import counted_together, decoding_words, link_words
from mien.report.sections.models import score_in_text
from mien.report.study_folder import EvidencePart, StudyFolder

_MOST = 3
T = TypeVar("T")


def results(study: StudyFolder, problems: list[str]) -> tuple[list[Paragraph], list[PaperTable]]:
    """Headings with their paragraphs, and tables; what is not better than chance is said to be so, and its evidence
    left out.
    """
    effects, effect_tables = effects_results(study, problems)
    compared, compared_tables = comparison_results(study, problems)
    evaluations = {part.name: part.evaluation for part in study.models}
    evidence = [words for part in study.evidence if (words := _evidence(part, evaluations.get(part.model)))]
    found = [
        ("Questionnaires", " ".join(questionnaire_results(study, problems))),
        ("Measures and outcomes", " ".join(effects)),
        *score_paragraphs(study.models),
        ("Comparison of models", " ".join(compared)),
        ("Evidence", " ".join(evidence)),
    ]
    tables = [*effect_tables, *score_tables(study.models), *compared_tables]
    return [(heading, text) for heading, text in found if text], tables


def over_time(study: StudyFolder, problems: list[str]) -> list[Paragraph]:
    """What was decoded from streams, and what decoders rest on; what was linked, and lay beside fixations.

    ``problems`` takes what cannot be read.
    """
    decodings, brains, links, gazes = _over_time(study, problems)
    pairs = counted_together(decodings, links)[1]
    found = [
        ("Decoding", [decoding_words(one) for one in decodings]),
        ("Evidence of the brain's decoders", [words for one in brains for words in brain_words(one)]),
        ("Streams over time", [link_words(one, p) for one, p in zip(links, pairs, strict=True)]),
        ("Fixations", [words for one in gazes for words in in_words(one)]),
    ]
    return [(heading, " ".join(words)) for heading, words in found if words]


def over_time_methods(study: StudyFolder, cite: Citations) -> list[Paragraph]:
    """How the brain's decoders were explained, streams linked and maps compared with fixations."""
    _, brains, links, gazes = _over_time(study, [])
    said: dict[str, list[str]] = {}
    for one in links:
        pair = f"'{one.first}' with '{one.second}'" if one.second else f"'{one.first}' among viewers"
        said.setdefault(one.method_words(), []).append(pair)
    cited = cite("pattern") if any(one.measure == PATTERN for brain in brains for one in brain.maps) else ""
    found = [
        ("Evidence of the brain's decoders", [brain_method_words(one, cited) for one in brains]),
        ("Streams over time", [f"{listed(pairs)}: {words}" for words, pairs in said.items()]),
        ("Fixations", list(dict.fromkeys(method_words(one) for one in gazes))),
    ]
    return [(heading, " ".join(words)) for heading, words in found if words]


def _over_time(
    study: StudyFolder, problems: list[str]
) -> tuple[list[Decoding], list[BrainEvidence], list[Link], list[GazeAgreement]]:
    def read(kind: str, file: str, reader: Callable[[Path], T]) -> list[T]:
        found = [guarded(problems, reader, place) for place in study.places(kind, file)]
        return [one for one in found if one is not None]

    return (read("decoding", DECODING_FILE, Decoding.read), read("brain", FACTS, load_brain_evidence),
            read("link", LINK_FILE, load_link), read("gaze", GAZE_FILE, load_gaze))  # fmt: skip


def _evidence(part: EvidencePart, evaluation: Evaluation | None) -> str:
    if part.outdated:
        return ""
    try:
        summary = summarise(part.evidence)
    except InputError:
        return ""
    if evaluation is not None and not_predicted(evaluation, summary.target.name):
        return f"Evidence for '{part.evidence.target}' of '{part.model}' is left out: it is not shown to be predicted."
    rows = main_parts(summary)
    beyond = exceeding(rows)[:_MOST]
    settings = part.evidence.settings
    against = f", baselines: {baselines_in_words(settings)}" if "baselines" in settings else ""
    how = f"{part.evidence.method}{against}, {summary.who}{_reached(evaluation)}"
    who = f"'{part.evidence.target}' of '{part.model}' ({how})"
    if not rows:
        return ""
    # Regions first: single features hold little each.
    single = (
        exceeding(features(summary))[:_MOST]
        if summary.space == NAMED and rows[0].name not in summary.names and not summary.shuffled
        else []
    )
    points = f"; of single features most at {shares_words(single)}" if single else ""
    if not beyond:
        if summary.shuffled:
            return f"Evidence for {who} was {shuffled_words(rows, _MOST)}."
        if too_few(summary.subjects):
            return f"Evidence for {who} is of too few known people to say where it exceeds an even spread."
        spread = even_words(bool(summary.topology or summary.places))
        return (
            f"Evidence for {who} was {spread}: of {len(rows)} shares, the interval over people of none excluded its "
            f"even spread{points}."
        )
    p = max(row.p_shuffled for row in beyond)
    and_chance = f", and the shares of models of shuffled labels (p <= {p:.3f}, corrected)" if p == p else ""
    return (
        f"Evidence for {who} exceeded an even spread, with intervals over people for all {len(rows)} shares at once"
        f"{and_chance}, at {shares_words(beyond)}{points}."
    )


def _reached(evaluation: Evaluation | None) -> str:
    """The main score of the model whose evidence it is."""
    main = None if evaluation is None else evaluation.main_score
    if main is None or evaluation is None:
        return ""
    name = next((key for key, score in evaluation.scores.items() if score is main), "")
    return f"; model's {score_in_text(name)} {number(main.value)}"
