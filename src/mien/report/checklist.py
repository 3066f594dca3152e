"""What a reviewer asks of a study, with the answers that its own results give and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.people.words import apart_words, who_words
from mien.core.words import listed, number
from mien.learn.beside import corrected
from mien.learn.predicted import CORRELATION, interval_words
from mien.report.models_folder import ModelPart
from mien.report.sample import ANALYSED_IN, LEFT, SampleFact, amount_words, value_words
from mien.report.sections.headline import noise_words
from mien.report.study_folder import StudyFolder

ABSENT = "Not in this study."
# Parts whose tables hold p values that are corrected for their number: key of the page, anchor, heading.
_CORRECTED = (
    ("comparison", "comparison", "Models compared"), ("adaptations", "adaptation", "Adapted to one person"),
    ("groups", "groups", "Groups compared"), ("fairness", "fairness", "Groups of people"),
    ("populations", "populations", "Populations"), ("behaviour", "behaviour", "Behaviour over time"),
    ("probes", "probes", "Probes of layers"), ("units", "units", "Units and lesions"),
    ("film", "film", "Film over time"),
    ("gazes", "gaze", "Fixations of viewers"), ("similarities", "similarity", "Similarity structures"),
    ("maps", "maps", "Maps"), ("reductions", "reduction", "Fewer landmarks"), ("stimuli", "stimuli", "Stimuli"),
)  # fmt: skip


@dataclass(frozen=True)
class ReviewAnswer:
    """One question of a reviewer.

    Attributes
    ----------
    question : str
    answers : tuple of str
        Sentences; ``ABSENT`` alone where the study folder holds nothing about it.
    places : tuple of (str, str)
        Anchor and heading of the report's sections where the answer stands.
    """

    question: str
    answers: tuple[str, ...] = (ABSENT,)
    places: tuple[tuple[str, str], ...] = ()


def checklist(study: StudyFolder, facts: list[SampleFact], page: Mapping[str, Any]) -> list[ReviewAnswer]:
    """The questions in the order in which reviewers ask them; nothing is answered that the folder does not hold.

    Parameters
    ----------
    study : StudyFolder
    facts : list of SampleFact
        As ``mien.report.sample.sample_facts`` has them.
    page : mapping
        Parts of the report by their keys, empty ones where there is nothing.
    """
    scored = [part for part in study.models if part.evaluation is not None]
    models = (("models", "Scores"),) if scored else ()
    sample = (("sample", "Sample"),) if facts else ()
    flow = (("participants", "Participants"),) if page.get("participants") else ()
    faces = (("faces", "Detected faces"),) if page.get("faces") else ()
    ratings = (("ratings", "Ratings"),) if (page.get("ratings") or {}).get("models") else ()
    said = [
        ("Who took part, and how many?", _people(scored, facts), (*sample, *flow)),
        ("Who or what was left out, and why?", _excluded(facts), (*sample, *flow, *faces)),
        ("Can anything of the test people have leaked into training?", _leaks(scored), models),
        ("Is it better than chance?", _chances(scored), models),
        (
            "How good could it be at best (ceiling)?",
            [words for part in scored if (words := ceiling_words(part))],
            ratings,
        ),
        ("How many tests were made, and was that corrected for?", *_tests(scored, page, models)),
        ("Is the evidence faithful to the model?", *_faithful(study)),
    ]
    return [
        ReviewAnswer(question, tuple(answers), tuple(places)) if answers else ReviewAnswer(question)
        for question, answers, places in said
    ]


def _people(scored: list[ModelPart], facts: list[SampleFact]) -> list[str]:
    known = {(f.what, f.unit): f for f in facts if f.part == "participants"}
    begin = known.get(("in the table", "people"))
    last = next((known[what, "people"] for what in (ANALYSED_IN, LEFT) if (what, "people") in known), None)
    found = []
    if begin and last:
        found.append(f"{value_words(begin)} people in the table of participants, {value_words(last)} {last.what}.")
    by_words: dict[str, list[str]] = {}
    for part in scored:
        assert part.evaluation is not None
        by_words.setdefault(who_words(part.evaluation.protocol), []).append(f"'{part.name}'")
    return [*found, *(f"Scores of {listed(names)} rest on {words}." for words, names in by_words.items())]


def _excluded(facts: list[SampleFact]) -> list[str]:
    """Every exclusion that is counted; that nothing was left out is said only where that was counted, too."""
    found, parts = [], dict.fromkeys(fact.part for fact in facts)
    for part in parts:
        own = [fact for fact in facts if fact.part == part]
        out = [
            fact for fact in own if fact.value and fact.what.startswith(("excluded", "left out", "without", "unread"))
        ]
        rows = [f"{amount_words(f)} ({f.what.removeprefix('excluded: ').removeprefix('left out: ')})" for f in out]
        found.append(f"{part[0].upper()}{part[1:]}: {listed(rows) if rows else 'nothing was left out'}.")
    return found


def _leaks(scored: list[ModelPart]) -> list[str]:
    found: dict[str, list[str]] = {}
    for part in scored:
        assert part.evaluation is not None
        apart = apart_words(part.evaluation.protocol)
        checked = noise_words(part.evaluation.noise_check) or "A check with shuffled labels or ratings was not made."
        found.setdefault(f"{apart[0].upper()}{apart[1:]}. {checked}", []).append(f"'{part.name}'")
    return [f"{listed(names)}: {words}" for words, names in found.items()]


def _chances(scored: Sequence[ModelPart]) -> list[str]:
    found = {part.name: part.evaluation.beside for part in scored if part.evaluation and part.evaluation.beside}
    p, tests = corrected(found)
    return [words for part in scored if (words := _chance(part, p.get(part.name), tests))]


def _chance(part: ModelPart, p: float | None, tests: int) -> str:
    score = part.main_score
    if score is None:
        return ""
    assert part.evaluation is not None
    sites, beside, better = part.evaluation.sites, part.evaluation.beside, part.evaluation.beats_chance
    if sites is not None:
        # Over all people at once levels of sites can go with the outcome by luck, and there is no test.
        score = sites.mean
    verdict = "better than chance" if better else "not shown to be better than chance"
    of = f" within sites that were left out (mean of {len(sites.sites)})" if sites is not None else ""
    beyond = beside.beyond(better, p, tests) if beside is not None else ""
    beyond = f"; {beyond}" if beyond else ""
    return f"'{part.name}': {verdict}{of}, {interval_words(score)}{beyond}."


def ceiling_words(part: ModelPart) -> str:
    """How far agreement between raters lets a model come, and how far it came; ``''`` where that is not known.

    Parameters
    ----------
    part : ModelPart
    """
    if part.evaluation is None:
        return ""
    known = {
        name: ceiling.value for name, ceiling in part.evaluation.ceilings.items() if ceiling.value == ceiling.value
    }
    if not known:
        return ""
    rows = [part.evaluation.per_rating.get(name, {}).get(CORRELATION) for name in known]
    reached = [score.value for score in rows if score is not None]
    if not reached:
        return ""
    most, mean = (number(float(np.mean(values))) for values in ([*known.values()], reached))
    return (
        f"'{part.name}': agreement between raters allows a mean correlation of {most} over {len(known)} "
        f"rating{'s' * (len(known) != 1)}; the model reached {mean}."
    )


def _tests(
    scored: list[ModelPart], page: Mapping[str, Any], models: tuple[tuple[str, str], ...]
) -> tuple[list[str], list[tuple[str, str]]]:
    found: list[str] = []
    places: list[tuple[str, str]] = []
    count = sum(_tested(part) for part in scored)
    if count:
        found.append(
            f"{count} score{'s' * (count != 1)} of models {'have' if count != 1 else 'has'} a p value; these are not "
            "corrected for their number."
        )
        places += models
    corrected = [(anchor, heading) for key, anchor, heading in _CORRECTED if _there(page.get(key))]
    if corrected:
        names = listed([heading for _, heading in corrected])
        found.append(f"Within each result of {names}, p values stand with their correction for the number of tests.")
    return found, [*places, *corrected]


def _tested(part: ModelPart) -> int:
    assert part.evaluation is not None
    own = [*part.evaluation.scores.values(), *(s for row in part.evaluation.each.values() for s in row.values())]
    return sum(score.p == score.p for score in own)


def _there(part: Any) -> bool:
    return any(part.values()) if isinstance(part, dict) else bool(part)


def _faithful(study: StudyFolder) -> tuple[list[str], list[tuple[str, str]]]:
    if study.faithfulness:
        found = []
        for part in study.faithfulness:
            better = [
                f"{method} than {listed(list(others))} by {metric}"
                for metric, methods in part.result.better_of_all.items()
                for method, others in methods.items()
                if others
            ]
            words = (
                f"reliably better were {'; '.join(better)}" if better else "no method was reliably better than another"
            )
            found.append(f"'{part.name}' ({part.result.target}), with controls that do not know the model: {words}.")
        return found, [("faithfulness", "Faithfulness")]
    if study.evidence:
        return ["There is evidence, and its faithfulness was not measured."], [("evidence", "Evidence")]
    return [], []
