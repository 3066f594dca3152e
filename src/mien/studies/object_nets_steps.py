"""The steps of the study 'object-nets', each done once as long as what it depends on stays."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.files import read_json, sha256_of
from mien.core.provenance import record
from mien.core.samples import Samples
from mien.data.stimuli import MADE_FILE, PAREIDOLIA_FILE
from mien.stimuli.differences import JOIN
from mien.studies.object_nets_run import ALTERED, NO_METHOD, PAREIDOLIA, PICTURES, ObjectNetsRun, StudyBody, settings_of


def stimuli_step(run: ObjectNetsRun) -> dict[str, str]:
    """Altered pictures, beside the unaltered ones, into ``stimuli/altered``; in what faces and the rest differ."""
    from mien.stimuli.alterations import UNALTERED
    from mien.stimuli.make import stimuli

    asked, place = run.settings["stimuli"]["alterations"], run.folder / "stimuli" / ALTERED
    if not asked:
        return {}
    against = run.settings["samples"]["against"]
    given: dict[str, Any] = {
        "make": [UNALTERED, *(name for name in asked if name != UNALTERED)], "seed": run.seed,
        "between": ",".join(JOIN.join(side) for side in (run.face_categories, against) if side),
    }  # fmt: skip

    def work() -> None:
        stimuli(run.samples, place, progress=run.bar("altered pictures"), **given)

    run.once("altered pictures", [run.pictures_mark, given], [place / MADE_FILE], work)
    return {ALTERED: str(place)}


def pareidolia_step(run: ObjectNetsRun) -> dict[str, str]:
    """Made-up pareidolia on the objects into ``stimuli/pareidolia``."""
    pairs, place = run.settings["stimuli"]["pareidolia"], run.folder / "stimuli" / PAREIDOLIA
    if not pairs:
        return {}

    def work() -> None:
        from mien.stimuli.pareidolia.make import pareidolia

        pareidolia(run.objects, place, pairs=pairs, seed=run.seed, progress=run.bar("made-up pareidolia"))

    facts = [run.pictures_mark, run.objects.path.tolist(), pairs, run.seed]
    run.once("made-up pareidolia", facts, [place / PAREIDOLIA_FILE], work)
    return {PAREIDOLIA: str(place)}


def answer_sets(run: ObjectNetsRun, body: StudyBody, sets: Mapping[str, str]) -> dict[str, Path]:
    """Answers of a network to each set of pictures into ``activations/NAME/SET``.

    Which of them are there already is decided picture by picture (``mien.activations``).
    """
    from mien.responses.compute import activations

    found = {}
    for name, source in sets.items():
        found[name] = run.folder / "activations" / body.name / name
        run.say(f"{body.name} answers to {name} ...")
        given = activations(
            body.network, run.samples if name == PICTURES else run.read(source), found[name], weights=body.weights,
            exposure=body.exposure, seed=run.seed, name=body.name, progress=run.bar(f"{body.name}, {name}"),
            replace_others=True, **settings_of(run.settings["bodies"]),
        )  # fmt: skip
        data = {key: getattr(given.samples, key) for key in ("name", "licence", "credit")}
        record(run.folder, f"activations {body.name}, {name}", card=asdict(given.body), layers=given.layers, data=data)
    return found


def probe_step(run: ObjectNetsRun, body: StudyBody, answers: Mapping[str, Path], other: Path | None) -> list[str]:
    """Probes of a network's layers, applied to all sets, into ``probes/NAME``."""
    from mien.responses.probes.probe import probe
    from mien.responses.probes.result import PROBE_FILE

    asked, place = run.settings["samples"], run.folder / "probes" / body.name
    given: dict[str, Any] = {
        "faces": run.face_categories, "against": asked["against"], "within": asked["style"],
        "n_folds": run.settings["folds"]["n_folds"], "seed": run.seed,
        "n_permutations": run.settings["comparison"]["permutations"],
    }  # fmt: skip
    beside: list[str | Path] = ["low-level", *([other] if other is not None else [])]

    def work() -> None:
        probe(
            answers[PICTURES], apply=[path for name, path in answers.items() if name != PICTURES], beside=beside,
            output=place, **given,
        )  # fmt: skip

    facts = [*map(_mark, answers.values()), None if other is None else _mark(other), given]
    run.once(f"probe {body.name}", facts, [place / PROBE_FILE], work)
    return [f"probes/{body.name}"]


def units_step(run: ObjectNetsRun, body: StudyBody, answers: Path, other: Path | None) -> list[str]:
    """Units that respond to faces, and lesions of them, into ``units/NAME``."""
    from mien.responses.units.result import UNITS_FILE
    from mien.responses.units.units import units

    asked, place = run.settings["units"], run.folder / "units" / body.name
    if not asked["count"]:
        return []
    given: dict[str, Any] = {
        "faces": run.face_categories, "against": run.settings["samples"]["against"], "fdr": asked["rate"],
        "lesions": "all" if asked["lesions"] and _can_tell_objects_apart(run) else (), "seed": run.seed,
    }  # fmt: skip

    def work() -> None:
        units(answers, place, beside=other, progress=run.bar(f"units of {body.name}"), **given)

    facts = [_mark(answers), None if other is None else _mark(other), given]
    run.once(f"units of {body.name}", facts, [place / UNITS_FILE], work)
    return [f"units/{body.name}"]


def _can_tell_objects_apart(run: ObjectNetsRun) -> bool:
    """Whether there is a second task for lesions: two categories beside the faces, of enough sources."""
    from mien.responses.units.lesions import LEAST

    objects = run.objects
    pairs = set(zip(objects.labels["category"], objects.subject, strict=True))
    enough = [name for name, count in Counter(kind for kind, _ in pairs).items() if count >= 2 * LEAST]
    if len(enough) < 2:
        run.say(
            f"lesions: left out, as their second task, telling objects apart, needs two categories with {2 * LEAST} "
            f"sources or more beside the faces, and there {'is one' if enough else 'is none'}."
        )
    return len(enough) > 1


def evidence_step(run: ObjectNetsRun, body: StudyBody, sets: Mapping[str, str], beside: StudyBody | None) -> list[str]:
    """What the probe's answer rests on, on made-up pareidolia and on photos of faces, into ``evidence/NAME-SET``."""
    from mien.explain.methods import method_of_name
    from mien.responses.evidence.evidence import probe_evidence
    from mien.responses.evidence.picture_parts import PARTS_FILE
    from mien.responses.evidence.result import FACTS
    from mien.responses.probes.result import PROBE_FILE

    asked = run.settings["evidence"]
    if asked["method"] == NO_METHOD:
        return []
    probes = [run.folder / "probes" / part.name for part in (body, beside) if part is not None]
    parts = []
    for name in [name for name in (PAREIDOLIA, *asked["photos"]) if name in sets]:
        place = run.folder / "evidence" / f"{body.name}-{name}"
        shown = run.read(sets[name])
        if name == PAREIDOLIA:
            shown = shown[shown.labels["orientation"] == "upright"]
        kinds = shown.labels["category"]
        rows = _some(kinds, len(set(kinds)) * asked["n_samples"], run.seed)
        given: dict[str, Any] = {
            "method": method_of_name(asked["method"] or "occlusion").name, "seed": run.seed, **asked["settings"],
            "by": "category" if name == PAREIDOLIA else "",
        }  # fmt: skip
        step = f"evidence of {body.name} on {name}"

        def work(shown: Samples = shown[rows], place: Path = place, given: dict[str, Any] = given,
                 name: str = name, step: str = step) -> None:  # fmt: skip
            faces = None if name == PAREIDOLIA else _faces(run, shown)
            known = str(Path(sets[name]) / PARTS_FILE) if name == PAREIDOLIA else None
            probe_evidence(
                probes[0], shown, place, beside=probes[1:], faces=faces, parts=known, progress=run.bar(step), **given
            )

        marks = [sha256_of(probe / PROBE_FILE) for probe in probes]
        facts = [marks, run.mark_of(shown), rows.tolist(), given]
        run.once(step, facts, [place / FACTS], work)
        parts.append(f"evidence/{body.name}-{name}")
    return parts


def _faces(run: ObjectNetsRun, shown: Samples) -> Any:
    """Landmarks of photos, extracted into the study's folder."""
    from mien.data.shards import read_faces
    from mien.faces.extract import extract

    extract(shown.files(), run.folder)
    return read_faces(run.folder)


def similarity_step(run: ObjectNetsRun) -> list[str]:
    """Similarity structures of all networks beside each other and what they are compared with, into ``rsa/layers``."""
    from mien.compare.rsa import rsa
    from mien.compare.rsa_result import RSA_FILE
    from mien.responses.store import load_activations

    asked, place = run.settings["similarity"], run.folder / "rsa" / "layers"
    bodies = [part for body in run.bodies for part in (body, run.beside(body)) if part is not None]
    folders = [run.folder / "activations" / body.name / PICTURES for body in bodies]
    rows = _some(run.categories, asked["most_pictures"], run.seed)
    matrices = [_matrix(run, name) for name in asked["matrices"]]
    given: dict[str, Any] = {
        "models": asked["models"], "given": asked["given"], "by": asked["by"], "seed": run.seed,
        "n_permutations": run.settings["comparison"]["permutations"],
    }  # fmt: skip

    def work() -> None:
        rsa(
            [load_activations(folder)[rows] for folder in folders], matrix=matrices, output=place,
            progress=run.bar("similarity structures"), **given,
        )  # fmt: skip

    facts = [*map(_mark, folders), rows.tolist(), [_mark_of_matrix(name) for name in matrices], given]
    run.once("similarity structures", facts, [place / RSA_FILE], work)
    return ["rsa/layers"]


def _some(categories: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Rows of so many pictures at most, as many of each category as there can be."""
    draw = np.random.default_rng(seed)
    waiting = [draw.permutation(np.flatnonzero(categories == name)).tolist() for name in sorted(set(categories))]
    chosen: list[int] = []
    while len(chosen) < min(most, len(categories)):
        chosen += [rows.pop() for rows in waiting if rows][: most - len(chosen)]
    return np.sort(np.array(chosen, dtype=np.intp))


def _matrix(run: ObjectNetsRun, name: str) -> str:
    """A table or folder from the study's folder on, or a data set as it is called."""
    from mien.data.sets.catalogue import set_of

    return name if set_of(name)[0] is not None else str(run.place(name))


def _mark(folder: Path) -> str:
    """What activations are, whenever they were written."""
    from mien.responses.store import FACTS

    facts = read_json(folder / FACTS)
    # The blocks' names say weights, settings and content of the pictures.
    parts = [facts["body"], facts["layers"], facts["blocks"], facts["samples_sha256"]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _mark_of_matrix(name: str) -> list[str]:
    path = Path(name)
    files = sorted(path.glob("*")) if path.is_dir() else [path] if path.is_file() else []
    return [name, *(sha256_of(file) for file in files if file.is_file())]


def check_matrices(run: ObjectNetsRun) -> None:
    """Refuse a table that is not there before anything is computed.

    Raises
    ------
    InputError
    """
    for name in run.settings["similarity"]["matrices"]:
        place = _matrix(run, name)
        if place != name and not Path(place).exists():
            raise InputError(f"study.toml: 'similarity.matrices' names '{name}', but there is no {place}.")
