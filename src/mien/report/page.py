"""From a study folder to what the page shows: plain tables, sentences and pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mien.cohort.channels_result import FACTS as CHANNELS_FILE
from mien.cohort.discrepancy_result import DISCREPANCY_FILE
from mien.cohort.effects_result import FACTS as EFFECTS_FILE
from mien.cohort.learning_curve_result import LEARNING_CURVE_FILE
from mien.cohort.profiles_result import PROFILES_FILE
from mien.compare.comparison import COMPARISON_FILE
from mien.compare.gaze.result import GAZE_FILE
from mien.compare.population_result import SCORES_FILE
from mien.compare.rsa_result import RSA_FILE
from mien.compare.structure_store import STRUCTURE_FILE
from mien.core.extras import require
from mien.core.provenance import versions
from mien.data.measures import FACTS
from mien.data.questionnaires.result import FACTS as QUESTIONNAIRE_FILE
from mien.data.stimuli import MADE_FILE, PAREIDOLIA_FILE
from mien.data.weights import CARDS, FILES
from mien.decoding.evidence.result import FACTS as BRAIN_FILE
from mien.report.asked import STUDY_FILE, earlier_words
from mien.report.beyond import beyond_covariates
from mien.report.checklist import checklist
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.privacy import Privacy, cleaned, name_remover, privacy_of, without_paths
from mien.report.sample import amount_words, sample_facts, sample_words
from mien.report.sections import (
    adaptation,
    behaviour,
    brain,
    checks,
    comparison,
    discrepancy,
    evidence,
    fairness,
    faithfulness,
    film,
    functionals,
    gaze,
    groups,
    learning_curve,
    maps,
    models,
    observed,
    participants,
    populations,
    probe_evidence,
    probes,
    profiles,
    questionnaires,
    ratings,
    reduction,
    similarity,
    stimuli,
    structure,
    units,
)
from mien.report.sections.cohort_headline import is_cohort
from mien.report.sections.headline import declared_main, headline, headline_notes, limits, main_model
from mien.report.sections.numbers import flat
from mien.report.study_folder import StudyFolder
from mien.report.used import faces_block, listed_people, sample_names, spellings, unmatched
from mien.responses.evidence.result import FACTS as PARTS
from mien.responses.probes.result import PROBE_FILE
from mien.responses.units.result import UNITS_FILE

# Keys whose values are drawings of ours.
_DRAWINGS = ("svg", "plot", "overview", "axes", "calibration", "curve")


def context_of(
    study: StudyFolder, *, faces: bool = False, names: bool = False, film_strip: bool = False
) -> dict[str, Any]:
    """Everything the template needs; texts are plain and are escaped there, pictures are marked as safe.

    ``faces``, ``names`` and ``film_strip``: as in ``report``. ``unread`` holds what could not be read of parts that are
    read when their section is written.
    """
    problems = list(study.problems)
    privacy = privacy_of_study(study, faces=faces, names=names)
    explained = evidence.section(study, problems, privacy)
    main, _ = main_model(study)
    rated = {part.name: part.evaluation for part in study.models if part.evaluation and part.rated}
    # Nobody rated the people of a cohort; their scores stand with the models.
    judged = {} if is_cohort(study) else rated
    problems += _undeclared(study)
    unread: list[str] = []
    found = {
        "title": _title(study),
        "headline": headline(study, explained.summaries),
        "cautions": [str(note) for note in headline_notes(study)],
        "earlier": earlier_words(study.earlier),
        "written": datetime.now(UTC).strftime("%d %B %Y"),
        "asked": [row for row in flat(study.asked) if row[1]],
        "licences": [
            *licences([study.provenance, *[part.info for part in study.models]]),
            *weights_rows([study.provenance, *[part.settings for part in study.models]]),
        ],
        "sample": _sample(study, unread),
        "participants": marked(participants.section(study.path, unread)),
        "faces": faces_block(study, privacy),
        "stimuli": marked(
            stimuli.section(
                study.places("stimuli", MADE_FILE), study.places("stimuli", PAREIDOLIA_FILE), unread, privacy
            )
        ),
        "functionals": marked(_beside(study, unread, "measures", FACTS, functionals.section)),
        "models": [_model(study, part, unread, privacy) for part in study.models],
        "ratings": marked(ratings.section(judged, unread, main.name if main else "")),
        "learning_curves": marked(learning_curve.section(study.places("learning_curve", LEARNING_CURVE_FILE), unread)),
        "comparison": _beside(study, unread, "comparison", COMPARISON_FILE, comparison.section),
        "adaptations": marked(
            adaptation.section(study.path / "adaptation", unread, privacy) if study.shows("adaptation") else []
        ),
        "groups": marked(groups.section(study.path / "groups", unread) if study.shows("groups") else []),
        "fairness": marked(fairness.section(study.path / "fairness", unread) if study.shows("fairness") else []),
        "populations": marked(
            _beside(study, unread, "populations", SCORES_FILE, lambda path: populations.section(path.parent, privacy))
        ),
        "questionnaires": marked(questionnaires.section(study.places("questionnaires", QUESTIONNAIRE_FILE), unread)),
        "profiles": marked(profiles.section(study.places("profiles", PROFILES_FILE), unread)),
        "discrepancies": marked(discrepancy.section(study.places("discrepancy", DISCREPANCY_FILE), unread)),
        "structure": marked(_beside(study, unread, "structure", STRUCTURE_FILE, structure.section)),
        "probes": marked(probes.section(study.places("probes", PROBE_FILE), unread, privacy)),
        "parts": marked(probe_evidence.section(study.places("evidence", PARTS), unread)),
        "units": marked(units.section(study.places("units", UNITS_FILE), unread, privacy)),
        "film": marked(film.section(study, unread, film_strip=film_strip)),
        "brains": marked(brain.section(study.places("brain", BRAIN_FILE), unread)),
        "gazes": marked(gaze.section(study.places("gaze", GAZE_FILE), unread, privacy)),
        "behaviour": marked(
            behaviour.section(study.places("effects", EFFECTS_FILE), study.places("channels", CHANNELS_FILE), unread)
        ),
        "similarities": marked(similarity.section(study.places("rsa", RSA_FILE), unread)),
        "maps": marked(maps.section(study.path / "maps", unread, study.shows, rated)),
        "evidence": marked(explained.blocks),
        "galleries": marked(explained.galleries),
        "faithfulness": marked([faithfulness.section(part) for part in study.faithfulness]),
        "checks": checks.section(study.checks),
        "reductions": marked([reduction.section(part, problems) for part in study.reductions]),
        "limits": limits(study, explained.summaries),
        "problems": list(dict.fromkeys([*problems, *unread])),
        "unread": unread,
        "versions": versions(),
        "hashes": _hashes(study),
        "provenance": flat(_provenance(study)),
    }
    # A folder of faces alone has no results for a reviewer to ask about.
    whole = study.models or study.evidence or any(found[key] for key in ("comparison", "groups", "populations"))
    asked = checklist(study, sample_facts(study, []), found) if whole else []
    found["checklist"] = [
        {"question": row.question, "answers": list(row.answers), "places": list(row.places)} for row in asked
    ]
    return _private(study, found, privacy)


def _undeclared(study: StudyFolder) -> list[str]:
    """A sentence if the settings declare a main model that is not there."""
    declared = declared_main(study.asked)
    if not declared or declared in [p.name for p in study.models] + [p.name for p in study.reductions]:
        return []
    return [f"{STUDY_FILE} declares '{declared}' as the main model, but models/ holds no such model."]


def privacy_of_study(study: StudyFolder, *, faces: bool = False, names: bool = False) -> Privacy:
    """What samples and people of a study are called where their names are not shown."""
    samples, people = sample_names(study), [name for part in study.models for name in part.people]
    other = spellings(study, samples)
    for part in study.models:
        people += [str(name) for name in part.info.get("subjects") or []]
    for explained in study.evidence:
        people += list(explained.evidence.subject)
    if study.extraction:
        samples += [source.name for source in study.extraction.sources]
    recorded, named = listed_people(study)
    samples, people = [*samples, *unmatched(recorded, samples)], people + named
    found = privacy_of(samples, people, faces=faces, names=names)
    return replace(found, samples={**found.samples, **{name: found.samples[known] for name, known in other.items()}})


# What comes from data and messages, where names of files and people can stand.
_FROM_DATA = ("cautions", "asked", "failures", "notes", "problems", "provenance")


def _private(study: StudyFolder, found: dict[str, Any], privacy: Privacy) -> dict[str, Any]:
    """The same without names, where they were not asked for, and without any place on this machine's disk."""
    inside, remove = removers(study, privacy)
    result: dict[str, Any] = cleaned(
        found, lambda text: without_paths(inside(text)), lambda text: remove(inside(text)), _FROM_DATA
    )
    return result


def removers(study: StudyFolder, privacy: Privacy) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Functions that take the study's place on the disk, and names of samples and people, out of a text."""
    roots = sorted({str(study.path), str(study.path.resolve())}, key=len, reverse=True)

    def inside(text: str) -> str:
        for root in roots:
            text = text.replace(f"{root}/", "").replace(f"{root}\\", "") if len(root) > 1 else text
        return text

    targets = [str(name) for part in study.models for name in part.classes]
    targets += [part.name for part in study.models] + [s.evidence.target.name for s in study.evidence]
    return inside, name_remover(privacy, targets)


def _provenance(study: StudyFolder) -> dict[str, Any]:
    """How what is shown was made: without steps of parts that are not, and without an extraction's own counts."""
    rooms = {"train": [part.name for part in study.models], "explain": [part.model for part in study.evidence],
             "reduce": [part.name for part in study.reductions]}  # fmt: skip
    found = {}
    for step, facts in study.provenance.items():
        verb, _, name = step.partition(" ")
        if name and verb in rooms and name not in rooms[verb]:
            continue
        if step == "extract" and isinstance(facts, dict):
            # Of the last run only; what the results rest on is counted from the faces themselves.
            facts = {key: value for key, value in facts.items() if key not in ("sources", "counts", "problems")}
        found[step] = facts
    found.pop("versions", None)
    return found


def _model(study: StudyFolder, part: ModelPart, unread: list[str], privacy: Privacy) -> dict[str, Any]:
    drawn = observed.scatters(part, study.path / "models" / part.name, unread)
    beyond = beyond_covariates(study.models).get(part.name, "")
    return {**marked(models.section(part, privacy, beyond)), "observed": marked(drawn)}


def _sample(study: StudyFolder, unread: list[str]) -> dict[str, Any]:
    facts = sample_facts(study, unread)
    parts: dict[str, list[str]] = {}
    for fact in facts:
        parts.setdefault(fact.part, []).append(f"{fact.what}: {amount_words(fact)}")
    return {
        "rows": [{"part": part, "said": rows} for part, rows in parts.items()],
        "words": sample_words(facts),
        "unnamed": "Files without a usable face are listed below, under Detected faces." if study.extraction else "",
    }


def _beside(
    study: StudyFolder, problems: list[str], name: str, file: str, section: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    """A section on what lies in a folder of its own; empty where it is not there or was not asked for."""
    return (guarded(problems, section, study.path / name / file) if study.shows(name) else None) or {}


def marked(value: Any, key: str = "") -> Any:
    """What a section gives, with our own pictures marked as safe."""
    if isinstance(value, dict):
        return {name: marked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return safe(value) if key in _DRAWINGS and value else value


def _title(study: StudyFolder) -> str:
    for place in (study.asked, study.asked.get("study", {})):
        for key in ("title", "name"):
            if isinstance(place, dict) and isinstance(place.get(key), str):
                return place[key]
    return study.path.resolve().name or "Study"


def safe(svg: str) -> Any:
    """A picture of ours, whose texts are escaped already."""
    return require("markupsafe", "Writing reports", "learn").Markup(svg)


def licences(value: Any) -> list[dict[str, str]]:
    """Every name with a licence found anywhere in provenance, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}

    def look(item: Any, name: str) -> None:
        if isinstance(item, dict):
            licence = item.get("licence") or item.get("license")
            if isinstance(licence, str):
                known = str(item.get("name") or item.get("file") or name)
                row = {"name": known, "licence": licence, "credit": str(item.get("credit") or item.get("source") or "")}
                found.setdefault((known, licence), row)
            for key, inner in item.items():
                look(inner, str(key))
        elif isinstance(item, list):
            for inner in item:
                look(inner, name)

    look(value, "")
    return list(found.values())


def weights_rows(facts: Any) -> list[dict[str, str]]:
    """The card of every network whose file, or its SHA-256, provenance or a model's settings name."""
    named = json.dumps(facts, default=str)
    return [
        {"name": f"{card.name} ({card.file})", "licence": card.licence, "credit": card.source}
        for card in CARDS.values()
        if card.file in named or (card.file in FILES and FILES[card.file].sha256 in named)
    ]


def _hashes(study: StudyFolder) -> list[tuple[str, str]]:
    return [(f"models/{part.name}", part.weights_sha256) for part in study.models if part.weights_sha256]
