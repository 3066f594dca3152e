"""What came out, in paragraphs: scores with intervals and chance, what evidence rests on beyond an even spread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mien.atlas.evidence_words import even_words, exceeding, too_few
from mien.atlas.regions import Share, features, regions
from mien.atlas.summary import summarise
from mien.compare.gaze.result import GAZE_FILE, GazeAgreement, load_gaze
from mien.compare.gaze.words import in_words, method_words
from mien.compare.timelines.result import LINK_FILE, Link, load_link
from mien.core.errors import InputError
from mien.core.evidence import baselines_in_words
from mien.core.features import NAMED
from mien.core.words import listed, number, percent
from mien.decoding.evidence.maps import PATTERN
from mien.decoding.evidence.result import FACTS, BrainEvidence, load_brain_evidence
from mien.decoding.evidence.words import brain_method_words, brain_words
from mien.decoding.result import DECODING_FILE, Decoding
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import better_than_chance, bounds_words, not_predicted
from mien.report.checklist import ceiling_words
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.paper.citations import Citations
from mien.report.paper.methods import Paragraph
from mien.report.sections.film import counted_together, decoding_words, link_words
from mien.report.sections.headline import noise_words
from mien.report.sections.models import score_in_text
from mien.report.study_folder import EvidencePart, StudyFolder
from mien.stats.scores import Score

_MOST = 3
T = TypeVar("T")


def results(study: StudyFolder) -> list[tuple[str, str]]:
    """Headings with their paragraphs; what is not better than chance is said to be so, and its evidence left out."""
    models = [_scores(part) for part in study.models if part.evaluation is not None]
    evaluations = {part.name: part.evaluation for part in study.models}
    evidence = [words for part in study.evidence if (words := _evidence(part, evaluations.get(part.model)))]
    found = [("Scores", " ".join(models)), ("Evidence", " ".join(evidence))]
    return [(heading, text) for heading, text in found if text]


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


def _scores(part: ModelPart) -> str:
    evaluation = part.evaluation
    assert evaluation is not None
    main = part.main_score
    if main is None:
        return f"The model '{part.name}' could not be scored."
    said = listed([_score(name, score) for name, score in evaluation.scores.items() if score.value == score.value])
    verdict = "" if better_than_chance(main) else " It is not shown to do better than chance."
    more = [noise_words(evaluation.noise_check)] if evaluation.noise_check else []
    more += [_begun(words.partition(": ")[2])] if (words := ceiling_words(part)) else []
    more += [_begun(evaluation.beside.words())] if evaluation.beside else []
    more += [_begun(evaluation.sites.words())] if evaluation.sites else []
    return " ".join([f"The model '{part.name}' reached {said}.{verdict}", *more]).strip()


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _score(name: str, score: Score) -> str:
    words = score_in_text(name)
    chance = f", chance {number(score.chance)}" if score.chance == score.chance and name not in ("rmse", "r2") else ""
    p = "" if score.p != score.p else ", p < .001" if score.p < 0.001 else f", p = {score.p:.3f}".replace("0.", ".", 1)
    return f"{words} {number(score.value)} ({bounds_words(score)}{chance}{p})"


def _evidence(part: EvidencePart, evaluation: Evaluation | None) -> str:
    if part.outdated:
        return ""
    try:
        summary = summarise(part.evidence)
    except InputError:
        return ""
    if evaluation is not None and not_predicted(evaluation, summary.target.name):
        return f"Evidence for '{part.evidence.target}' of '{part.model}' is left out: it is not shown to be predicted."
    rows = (
        features(summary) if summary.space == NAMED else regions(summary) if summary.topology or summary.places else []
    )
    beyond = exceeding(rows)[:_MOST]
    settings = part.evidence.settings
    against = f", baselines: {baselines_in_words(settings)}" if "baselines" in settings else ""
    who = f"'{part.evidence.target}' of '{part.model}' ({part.evidence.method}{against}, {summary.who})"
    if not rows:
        return ""
    if not beyond:
        if too_few(summary.subjects):
            return f"Evidence for {who} is of too few known people to say where it exceeds an even spread."
        spread = even_words(summary.space != NAMED)
        return f"Evidence for {who} was {spread}: the interval over people of no share excluded its even spread."
    return f"Evidence for {who} exceeded an even spread at {listed([_share(row) for row in beyond])}."


def _share(row: Share) -> str:
    return f"{row.words} ({percent(row.share)}; even spread {percent(row.expected)})"
