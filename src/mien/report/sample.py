"""Who was studied: people, age, sex, sites, samples and exclusions with reasons, as far as the study folder says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from mien.cohort.flow import FLOW_FILE, Flow
from mien.cohort.participants_file import FOLDER, Participants
from mien.core.faces import EXCLUDED, NO_FACE, OK, UNREADABLE
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.core.words import listed
from mien.report.guarded import guarded
from mien.report.models_folder import ModelPart
from mien.report.study_folder import ExtractionRecord, StudyFolder

PEOPLE, SAMPLES, SESSIONS, SOURCES, YEARS, FACES = "people", "samples", "sessions", "sources", "years", "faces"
# What the last step of a flow leaves: the whole flow of a study, or that of its table of participants alone.
ANALYSED_IN, LEFT = "analysed", "left for analysis"
# Whose age, sex and site are told.
SCORED = "that models were scored on"
PARTICIPANTS, FOUND, ANALYSED = "participants", "faces", "model"
_AGE, _SEX, _SITE = "age", ("sex", "gender"), "site"
_STATUS = {OK: "with a face", NO_FACE: "without a face", UNREADABLE: "unreadable", EXCLUDED: "excluded by review"}


@dataclass(frozen=True)
class SampleFact:
    """One number about who was studied.

    Attributes
    ----------
    part : str
        ``'participants'`` (their table), ``'faces'`` (the extraction) or ``'model NAME'`` (what its scores rest on).
    what : str
        What is counted or measured, such as ``'age, mean'`` or ``'excluded: no recording'``.
    value : float
    unit : str
        ``'people'``, ``'samples'``, ``'sessions'``, ``'sources'``, ``'faces'`` or ``'years'``.
    """

    part: str
    what: str
    value: float
    unit: str


def sample_facts(study: StudyFolder, problems: list[str]) -> list[SampleFact]:
    """Everything that the folder says about who was studied; what it does not say is not there.

    Parameters
    ----------
    study : StudyFolder
    problems : list of str
        Gets a sentence for what cannot be read.

    Returns
    -------
    list of SampleFact
    """
    found: list[SampleFact] = []
    about: dict[str, list[SampleFact]] = {}
    if (study.path / FOLDER).is_dir():
        people = guarded(problems, Participants.read, study.path)
        if people is not None:
            about = _described(people, study.models)
            found += about.pop(PARTICIPANTS)
            whole = guarded(problems, Flow.read, study.path) if (study.path / FLOW_FILE).is_file() else None
            found += _exclusions(whole or people.flow, ANALYSED_IN if whole else LEFT)
    if study.extraction is not None:
        found += _extraction(study.extraction)
    for part in study.models:
        found += [*_analysed(part), *about.get(part.name, ())]
    return found


def excluded_sources(study: StudyFolder) -> list[tuple[str, str, str]]:
    """Name, status and reason of every source without a usable face; names are the files'."""
    found = study.extraction
    return [] if found is None else [(one.name, one.status, one.reason) for one in found.failures]


def _described(people: Participants, models: Iterable[ModelPart]) -> dict[str, list[SampleFact]]:
    """Age, sex and site of the people whom the models were scored on, and of those of a model where they are fewer.

    Of a study whose models are about nobody in the table, of everybody with a usable recording.
    """
    samples = people.kept
    first = _first_rows(samples.subject)
    known = [i for i in first if not is_own(str(samples.subject[i]))]
    found = [_fact("with a usable recording", len(known), PEOPLE),
             _fact("with a usable recording", len(samples), SESSIONS)]  # fmt: skip
    if len(first) > len(known):
        found.append(_fact("of unknown people", len(first) - len(known), SESSIONS))
    names = {str(samples.subject[i]) for i in known}
    each = {part.name: names & {*part.people} for part in models if part.evaluation is not None}
    scored = names.intersection(set().union(*each.values()))
    if scored:
        found.append(_fact(SCORED, len(scored), PEOPLE))
    own = {
        PARTICIPANTS: [*found, *_of_people(samples, [i for i in known if str(samples.subject[i]) in (scored or names)])]
    }
    for name, who in each.items():
        if who and who != scored:
            rows = _of_people(samples, [i for i in known if str(samples.subject[i]) in who])
            own[name] = [replace(fact, part=f"{ANALYSED} {name}") for fact in rows]
    return own


def _of_people(samples: Samples, known: list[int]) -> list[SampleFact]:
    """Age, sex and site of the people of some rows."""
    found: list[SampleFact] = []
    who = {str(samples.subject[i]) for i in known}
    if _AGE in samples.ratings:
        found += _age([_of_person(samples.ratings[_AGE], samples.subject, samples.subject[i]) for i in known])
    for name in _SEX:
        if name in samples.labels:
            said = Counter(_word_of(samples.labels[name], samples.subject, samples.subject[i]) for i in known)
            found += [_fact(f"{name}: {value}", count, PEOPLE) for value, count in sorted(said.items())]
    if _SITE in samples.labels:
        sites = samples.labels[_SITE]
        for site in sorted(set(map(str, sites))):
            here = who & {str(samples.subject[i]) for i in np.flatnonzero(sites == site)}
            found += [_fact(f"site: {site or 'not known'}", len(here), PEOPLE)] * bool(here)
    return found


def _age(years: list[float]) -> list[SampleFact]:
    known = np.array([year for year in years if np.isfinite(year)])
    found = [_fact("age known", len(known), PEOPLE)]
    if len(known):
        found += [_fact("age, mean", float(known.mean()), YEARS), _fact("age, least", float(known.min()), YEARS),
                  _fact("age, most", float(known.max()), YEARS)]  # fmt: skip
    if len(known) > 1:
        found.append(_fact("age, standard deviation", float(known.std(ddof=1)), YEARS))
    return found


def _of_person(values: np.ndarray, subjects: np.ndarray, who: str) -> float:
    """A number of a person: the first that is known, as later sessions may be years later."""
    own = values[subjects == who]
    own = own[np.isfinite(own)]
    return float(own[0]) if len(own) else float("nan")


def _word_of(values: np.ndarray, subjects: np.ndarray, who: str) -> str:
    said = {str(value) for value in values[subjects == who] if str(value)}
    return said.pop() if len(said) == 1 else "differs between sessions" if said else "not known"


def _exclusions(flow: Flow, last: str) -> list[SampleFact]:
    found = [_fact("in the table", flow.begin.people, PEOPLE), _fact("in the table", flow.begin.sessions, SESSIONS)]
    for step in flow.steps:
        for one in step.excluded:
            found += [_fact(f"excluded: {one.reason}", one.people, PEOPLE),
                      _fact(f"excluded: {one.reason}", one.sessions, SESSIONS)]  # fmt: skip
    return [*found, _fact(last, flow.left.people, PEOPLE), _fact(last, flow.left.sessions, SESSIONS)]


def _extraction(found: ExtractionRecord) -> list[SampleFact]:
    rows = [(f"{words}", float(found.counts[status]), SOURCES) for status, words in _STATUS.items()]
    reviewed = sum(source.excluded for source in found.sources)
    rows = [
        ("looked at", float(len(found.sources)), SOURCES),
        *(row for row in rows if row[1] or row[0] == _STATUS[OK]),
    ]
    rows += [("excluded by review", float(reviewed), FACES)] * bool(reviewed)
    return [SampleFact(FOUND, *row) for row in rows]


def _analysed(part: ModelPart) -> list[SampleFact]:
    evaluation = part.evaluation
    if evaluation is None:
        return []
    of, protocol = f"{ANALYSED} {part.name}", evaluation.protocol
    found = [
        SampleFact(of, "analysed", float(protocol[key]), unit)
        for key, unit in (("n_samples", SAMPLES), ("n_subjects", PEOPLE))
        if protocol.get(key)
    ]
    if protocol.get("n_unknown"):
        found.append(SampleFact(of, "of these not known", float(protocol["n_unknown"]), PEOPLE))
    counts = sorted(Counter(name for name in part.people if not is_own(name)).values())
    if counts:
        for what, value in (("fewest", counts[0]), ("median", float(np.median(counts))), ("most", counts[-1])):
            found.append(SampleFact(of, f"of one person, {what}", float(value), SAMPLES))
    if evaluation.confusion is not None:
        found += [
            SampleFact(of, f"observed: {name}", float(count), SAMPLES)
            for name, count in zip(evaluation.classes, evaluation.confusion.sum(axis=1), strict=False)
        ]
    left = [(status, count) for status, count in evaluation.left_out.items() if count]
    return [*found, *(SampleFact(of, f"left out: {status}", float(count), SAMPLES) for status, count in left)]


def _fact(what: str, value: float, unit: str) -> SampleFact:
    return SampleFact(PARTICIPANTS, what, float(value), unit)


def _first_rows(subjects: Iterable[str]) -> list[int]:
    first: dict[str, int] = {}
    for row, name in enumerate(subjects):
        first.setdefault(str(name), row)
    return list(first.values())


def value_words(fact: SampleFact) -> str:
    """A fact's number as tables of the page show it."""
    return f"{fact.value:.1f}" if fact.unit == YEARS or fact.value % 1 else f"{fact.value:,.0f}"


def amount_words(fact: SampleFact) -> str:
    """A fact's number with its unit: ``1 person``, ``12 samples``."""
    unit = (
        {PEOPLE: "person", YEARS: YEARS}.get(fact.unit, fact.unit.removesuffix("s")) if fact.value == 1 else fact.unit
    )
    return f"{value_words(fact)} {unit}"


def sample_words(facts: list[SampleFact]) -> list[str]:
    """The same in sentences for a paper: who took part, and who was excluded and why.

    Parameters
    ----------
    facts : list of SampleFact

    Returns
    -------
    list of str
    """
    own = {(fact.what, fact.unit): fact for fact in facts if fact.part == PARTICIPANTS}
    if not own:
        return []
    last = ANALYSED_IN if (ANALYSED_IN, PEOPLE) in own else LEFT
    begin, left, sessions = own["in the table", PEOPLE], own[last, PEOPLE], own[last, SESSIONS]
    said = [
        f"Of {value_words(begin)} people in the table of participants, {value_words(left)} ({value_words(sessions)} "
        f"sessions) were {last}."
    ]
    out = [(what.removeprefix("excluded: "), fact) for (what, unit), fact in own.items()
           if what.startswith("excluded: ") and unit == SESSIONS and fact.value]  # fmt: skip
    if out:
        said.append(f"Sessions were excluded for: {'; '.join(f'{why} ({value_words(fact)})' for why, fact in out)}.")
    scored = own.get((SCORED, PEOPLE))
    said += _description(facts, PARTICIPANTS, "analysed" if scored else "with a usable recording")
    # What rests on the same fewer people is one sentence.
    fewer: dict[tuple[str, ...], list[str]] = {}
    for part in dict.fromkeys(fact.part for fact in facts if fact.part.startswith(f"{ANALYSED} ")):
        counts = [fact for fact in facts if fact.part == part and (fact.what, fact.unit) == ("analysed", PEOPLE)]
        if counts and (rows := _description(facts, part, "among these")):
            fewer.setdefault((value_words(counts[0]), *rows), []).append(f"'{part.removeprefix(f'{ANALYSED} ')}'")
    said += [f"{listed(names)} rest{'s' * (len(names) == 1)} on {count} of them: {' '.join(rows)}"
             for (count, *rows), names in fewer.items()]  # fmt: skip
    return said


def _description(facts: list[SampleFact], part: str, whose: str) -> list[str]:
    """Age, sex and site of some people in sentences."""
    own = {(fact.what, fact.unit): fact for fact in facts if fact.part == part}
    said = []
    age = own.get(("age, mean", YEARS))
    if age is not None:
        spread = own.get(("age, standard deviation", YEARS))
        low, high, known = own["age, least", YEARS], own["age, most", YEARS], own["age known", PEOPLE]
        sd = f" (SD {value_words(spread)})" if spread else ""
        said.append(
            f"Mean age of {value_words(known)} people {whose} whose age is known was "
            f"{value_words(age)} years{sd}, from {value_words(low)} to {value_words(high)}."
        )
    for name in (*_SEX, _SITE):
        parts = [f"{what.partition(': ')[2]} {value_words(fact)}" for (what, unit), fact in own.items()
                 if unit == PEOPLE and what.startswith(f"{name}: ")]  # fmt: skip
        said += [f"{name.capitalize()}: {', '.join(parts)} people."] * bool(parts)
    return said
