"""Evidence of each population's models on people whom they have not seen, carried to the canonical face."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from mien.atlas.maps import AtlasMaps, atlas_maps
from mien.core.errors import InputError
from mien.core.evidence import Evidence, joined
from mien.core.features import PICTURE
from mien.core.samples import Samples
from mien.explain.store import load_evidence, save_evidence, slug
from mien.features.match import choose
from mien.studies.population_sources import PopulationsRun, group_of

# Population that is shown, and class.
Key = tuple[str, str]

# Of every method beside its defaults: what is enough for a mean over people.
QUICK: dict[str, dict[str, Any]] = {"integrated-gradients": {"n_steps": 16}, "gradient-shap": {"n_samples": 16}}


def folder_of(run: PopulationsRun, model: str, trained: str) -> Path:
    """Where the model of a population lies."""
    return run.folder / "models" / model_name(model, trained)


def model_name(model: str, trained: str) -> str:
    """What a population's model is called in the folder ``models``."""
    return f"{model}-{slug(trained)}"


def evidence_folder(run: PopulationsRun, model: str, trained: str, shown: str, label: str) -> Path:
    """Where evidence of a population's models about people of one population lies."""
    name = f"{model_name(model, trained)}-on-{slug(shown)}"
    return run.folder / "populations" / "evidence" / name / slug(label)


def chosen_rows(samples: Samples, usable: set[str], target: str, label: str, most: int, seed: int) -> dict[str, Any]:
    """Rows of samples of a class that are explained, by population: at most so many, everybody once before twice."""
    rng = np.random.default_rng(seed)
    found = {}
    for population in dict.fromkeys(group_of(samples).tolist()):
        rows = np.flatnonzero((group_of(samples) == population) & (samples.target(target) == label))
        rows = rng.permutation([row for row in rows if samples.path[row] in usable])
        before: Counter[str] = Counter()
        times = []
        for row in rows:
            times.append(before[samples.subject[row]])
            before[samples.subject[row]] += 1
        found[population] = np.sort(rows[np.argsort(times, kind="stable")][:most]).astype(np.intp)
    return found


def explain_populations(run: PopulationsRun, model: str, labels: list[str]) -> None:
    """Evidence of every population's models about every population; finished ones are kept."""
    from mien.core.files import sha256_of
    from mien.learn.predictions import read_predictions

    asked, seed = run.settings["evidence"], run.settings["folds"]["seed"]
    usable = {path for name in run.populations for path in read_predictions(folder_of(run, model, name)).path}
    rows = {label: chosen_rows(run.samples, usable, run.target, label, asked["n_samples"], seed) for label in labels}
    for trained in run.populations:
        place = folder_of(run, model, trained)
        mark = [sha256_of(place / "model.json"), sha256_of(place / "predictions.parquet")]
        places = {(shown, label): evidence_folder(run, model, trained, shown, label)
                  for shown in run.populations for label in labels}  # fmt: skip
        mine = {key: rows[key[1]][key[0]] for key in places}
        facts = [run.data_mark, mark, asked, seed, {"/".join(key): part.tolist() for key, part in mine.items()}]
        step = f"explain {model} of {trained}"

        def work(trained: str = trained, step: str = step, places: dict[Key, Path] = places,
                 mine: dict[Key, np.ndarray] = mine) -> None:  # fmt: skip
            for key, evidence in _by_folds(run, model, trained, mine, step).items():
                save_evidence(evidence, places[key])

        run.once(step, facts, [path / "evidence.json" for path in places.values()], work)


def _by_folds(
    run: PopulationsRun, model: str, trained: str, rows: dict[Key, np.ndarray], step: str
) -> dict[Key, Evidence]:
    """Evidence by models that are trained on a population without a fold of its people, by who is shown and class.

    Own people are explained by the model without their fold, others are dealt to these models: so the same models
    explain both, and what differs between them is people, not models of more or fewer of them.
    """
    from mien.learn.predictions import read_predictions
    from mien.learn.train import train

    predictions = read_predictions(folder_of(run, model, trained))
    fold_of = dict(zip(predictions.path, predictions.fold, strict=True))
    every = np.array([row for row, path in enumerate(run.samples.path) if path in fold_of])
    fold = np.array([fold_of[run.samples.path[row]] for row in every])
    bar, folds = run.bar(step), np.unique(fold)
    rng = np.random.default_rng(run.settings["folds"]["seed"])
    dealt = {
        name: folds[number % len(folds)] for shown in run.populations if shown != trained
        for number, name in enumerate(rng.permutation(list(dict.fromkeys(run.samples.subject[run.group == shown]))))
    }  # fmt: skip
    found: dict[Key, list[Evidence]] = {key: [] for key in rows}
    recipe, settings = run.settings["models"]["features"].get(model), run.settings["models"]["settings"].get(model)
    for number, one in enumerate(folds):
        learns, held = every[fold != one], every[fold == one]
        fitted = train(
            run.samples[learns], target=run.target, model=model, faces=run.faces, recipe=recipe, settings=settings,
            seed=run.settings["folds"]["seed"], evaluate=False,
        ).model  # fmt: skip
        for (shown, label), mine in rows.items():
            others = [dealt.get(name) == one for name in run.samples.subject[mine]]
            here = mine[np.isin(mine, held) if shown == trained else np.array(others, dtype=bool)]
            if len(here):
                found[shown, label].append(_explained(run, fitted, here, learns, label))
        if bar is not None:
            bar(number + 1, len(folds))
    empty = [key for key, parts in found.items() if not parts]
    if empty:
        raise InputError(f"No sample of '{empty[0][1]}' in {empty[0][0]} can be explained.")
    return {key: joined(parts) for key, parts in found.items()}


def _explained(run: PopulationsRun, model: Any, rows: np.ndarray, learns: np.ndarray, label: str) -> Evidence:
    from mien.explain.explain import explain
    from mien.explain.methods import baselines_for
    from mien.explain.request import usual_method

    asked = run.settings["evidence"]
    method = asked["method"] or usual_method(model, None)
    settings = {**QUICK.get(method, {}), **asked["settings"]}
    baselines = baselines_for(method, asked["baselines"], settings)
    # Typical samples are those of the people whom the model has learnt from.
    given = {} if baselines is None else {"baselines": baselines, "reference": run.samples[learns]}
    return explain(model, run.samples[rows], method=method, target=label, faces=run.faces,
                   seed=run.settings["folds"]["seed"], **given, **settings)  # fmt: skip


def maps_of(run: PopulationsRun, place: Path) -> tuple[AtlasMaps, Evidence]:
    """Stored evidence on the canonical face, each sample's divided by its own sum; and the evidence."""
    evidence = load_evidence(place)
    points = None
    if evidence.space == PICTURE:
        row_of = {path: row for row, path in enumerate(run.samples.path)}
        samples = run.samples[np.array([row_of[path] for path in evidence.sample], dtype=np.intp)]
        points = np.stack([
            run.faces.landmarks_px[choice.rows[0]] if len(choice.rows)
            else np.full(run.faces.landmarks_px.shape[1:], np.nan)
            for choice in choose(samples, run.faces)
        ])  # fmt: skip
    return atlas_maps(evidence, points).shares(), evidence
