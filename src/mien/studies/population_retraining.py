"""Models of populations trained again on people who are dealt at random: the chance of training, see ``retrained``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.map_contrast import cluster_masses
from mien.compare.population_result import MODELS, OWN
from mien.compare.retrained import (
    RETRAINED_FILE,
    Chance,
    LookStatistics,
    RetrainedContrast,
    RetrainedLooks,
    chance_of_training,
    look_statistics,
)
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import read_json, sha256_of, write_json
from mien.core.people.keys import person_key
from mien.core.samples import Samples
from mien.core.steps import once
from mien.explain.store import slug
from mien.studies.population_evidence import evidence_folder, explain_populations, maps_of, model_name
from mien.studies.population_looks import amounts
from mien.studies.population_sources import PopulationsRun, group_of
from mien.studies.stages import train_step

# Kind, and the two sides: population that is trained on, population that is shown.
Side = tuple[str, str]
Compared = tuple[str, Side, Side]


@dataclass(frozen=True, eq=False)
class _Dealt(PopulationsRun):
    """A study of the same people, dealt at random to two populations of the same names."""

    people: Samples = field(kw_only=True)
    known: Faces = field(kw_only=True)

    @property
    def samples(self) -> Samples:
        """Of the two populations."""
        return self.people

    @property
    def faces(self) -> Faces:
        """Of all populations."""
        return self.known

    @property
    def source(self) -> str:
        """The samples in a word."""
        return "people dealt at random"


def retrain(run: PopulationsRun, names: list[str], labels: list[str]) -> bool:
    """Compare models of people dealt at random, into ``populations/retrained.json``; whether that was done now.

    Every re-training is a finished step of its own, in ``populations/retrained/MODEL/A-B/NUMBER.json``.
    """
    place, times = run.folder / "populations", run.settings["comparison"]["retrain"]
    made: dict[tuple[str, str, str], list[Path]] = {}
    for model in names:
        for pair in combinations(run.populations, 2):
            made[model, *pair] = _dealt_again(run, model, pair, labels, times)
    evidence = [
        evidence_folder(run, m, a, b, label) / "evidence.json"
        for m in names for a in run.populations for b in run.populations for label in labels
    ]  # fmt: skip
    facts = [
        times,
        labels,
        [sha256_of(path) for path in evidence],
        [sha256_of(p) for some in made.values() for p in some],
    ]

    def work() -> None:
        rows: list[RetrainedContrast] = []
        notes: list[str] = []
        for (model, *pair), files in made.items():
            rows += _rows(run, model, (pair[0], pair[1]), labels, files, notes)
        RetrainedLooks(tuple(rows), tuple(dict.fromkeys(notes))).write(place)

    return run.once("compare with re-trained models", facts, [place / RETRAINED_FILE], work)


def forget(run: PopulationsRun) -> None:
    """Take away what was compared with re-trained models; the re-trainings stay."""
    (run.folder / "populations" / RETRAINED_FILE).unlink(missing_ok=True)


def _compared(pair: Side) -> Iterator[Compared]:
    """Comparisons that training has a part in: own models on own people, and two models on the same people."""
    one, other = pair
    yield OWN, (one, one), (other, other)
    yield MODELS, (one, one), (other, one)
    yield MODELS, (one, other), (other, other)


def _dealt_again(run: PopulationsRun, model: str, pair: Side, labels: list[str], times: int) -> list[Path]:
    place = run.folder / "populations" / "retrained" / model / "-".join(map(slug, pair))
    step = f"re-train {model} on people of {pair[0]} and {pair[1]}, dealt at random"
    asked = run.settings
    facts = [run.data_mark, run.group.tolist(), pair, labels, asked["folds"], asked["evidence"],
             {table: asked["models"][table].get(model) for table in ("settings", "features")}]  # fmt: skip
    files = [place / f"{number:03d}.json" for number in range(1, times + 1)]
    run.say(f"{step}, {times} times ...")
    bar = run.bar(step)
    for number, file in enumerate(files, 1):

        def work(number: int = number, file: Path = file) -> None:
            write_json(file, _statistics(_dealt(run, pair, number, file.with_suffix("")), model, pair, labels))

        once(run.folder, f"{step}, {number}", [*facts, number], [file], work, lambda sentence: None)
        shutil.rmtree(file.with_suffix(""), ignore_errors=True)
        if bar is not None:
            bar(number, times)
    return files


def _dealt(run: PopulationsRun, pair: Side, number: int, place: Path) -> _Dealt:
    asked = run.settings
    samples = dealt_samples(run.samples[np.isin(run.group, pair)], pair, [asked["folds"]["seed"], number])
    return _Dealt(place, asked, people=samples, known=run.faces)


def dealt_samples(samples: Samples, pair: Side, seed: list[int]) -> Samples:
    """Whole people of two populations dealt at random to two of the same names and numbers of people.

    Rows are in the order in which people were dealt, so that their order says as little as their group.
    """
    group, key = group_of(samples), np.array([person_key(str(name)) for name in samples.subject], dtype=object)
    people = list(dict.fromkeys(key))
    first = len(set(key[group == pair[0]]))
    order = {people[i]: place for place, i in enumerate(np.random.default_rng(seed).permutation(len(people)))}
    place = np.array([order[name] for name in key])
    rows = np.argsort(place, kind="stable")
    return replace(samples, group=np.where(place < first, *pair).astype(object))[rows]


def _statistics(run: _Dealt, model: str, pair: Side, labels: list[str]) -> dict[str, Any]:
    """By class and comparison; in place of what could not be made, why."""
    try:
        for population in pair:
            train_step(
                run, model_name(model, population), model=model, target=run.target,
                samples=run.samples[run.group == population],
                recipe=run.settings["models"]["features"].get(model),
                settings=run.settings["models"]["settings"].get(model),
            )  # fmt: skip
        explain_populations(run, model, labels)
    except InputError as error:
        return {label: [str(error) for _ in _compared(pair)] for label in labels}
    return {label: [_plain(run, model, label, compared) for compared in _compared(pair)] for label in labels}


def _plain(run: PopulationsRun, model: str, label: str, compared: Compared) -> dict[str, Any] | str:
    try:
        return asdict(_apart(run, model, label, compared)[0])
    except InputError as error:
        return str(error)


def _apart(run: PopulationsRun, model: str, label: str, compared: Compared) -> tuple[LookStatistics, np.ndarray]:
    """How far two looks are apart, and their clusters on the map."""
    kind, *sides = compared
    one, other = (maps_of(run, evidence_folder(run, model, *side, label))[0] for side in sides)
    places, paired = (amounts(one), amounts(other)), kind == MODELS
    return look_statistics(one, other, places, paired), cluster_masses(*places, paired=paired)[1]


def _rows(
    run: PopulationsRun, model: str, pair: Side, labels: list[str], files: list[Path], notes: list[str]
) -> list[RetrainedContrast]:
    found, stored = [], [read_json(file) for file in files]
    for label in labels:
        for number, compared in enumerate(_compared(pair)):
            kind, a, b = compared
            try:
                observed, clusters = _apart(run, model, label, compared)
            except InputError:
                continue  # named where the looks are compared
            given = [one[label][number] for one in stored]
            chance = chance_of_training(observed, [None if isinstance(one, str) else _of_json(one) for one in given])
            reasons = [one for one in given if isinstance(one, str)]
            if reasons:
                notes.append(
                    f"{model}, '{label}', {pair[0]} and {pair[1]}: {len(reasons)} of {len(given)} re-trainings could "
                    f"not be compared and count as at least as far apart. The first: {reasons[0]}"
                )
            found.append(_row((model, label, kind, a, b), observed, chance, clusters, len(given)))
    return found


def _row(
    key: tuple[str, str, str, Side, Side], observed: LookStatistics, chance: Chance, clusters: np.ndarray, times: int
) -> RetrainedContrast:
    clear = np.flatnonzero(np.array(chance.p_clusters) <= 0.05) + 1
    outlined = np.flatnonzero(np.isin(clusters, clear))
    return RetrainedContrast(
        *key, times=times, lacking=chance.lacking, distance=observed.distance, p_distance=chance.p_distance,
        p_regions=chance.p_regions, p_clusters=chance.p_clusters, outlined=tuple(outlined.tolist()),
    )  # fmt: skip


def _of_json(given: dict[str, Any]) -> LookStatistics:
    return LookStatistics(given["distance"], given["regions"], tuple(given["masses"]))
