"""The study 'impressions': which impressions can be read from faces, from where, and how they hang together.

After Xiao, arXiv 2404.18352 (faces and perceived attributes), with what it leaves out: nobody is in training and test
at once, models are compared pairwise and with what raters agree on, maps come with their quality and with tests.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.data.ratings import has_single_ratings
from mien.studies.settings import Schema, Setting
from mien.studies.stages import FOLDS, NAMES, SAMPLES, Run, report_step, train_step

MODELS = ("texture", "expression", "picture")
# Sums and what they are made of: scored and compared, but each part is explained by itself.
SUMS = ("picture+expression", "picture+picture-wide+expression")
PEOPLE = "people"
# Of every method beside its defaults: what is enough for a mean over faces.
QUICK: dict[str, dict[str, Any]] = {
    "integrated-gradients": {"n_steps": 16},
    "gradient-shap": {"n_samples": 16},
    "smoothed-sign": {"n_samples": 32, "of_settings": {"n_samples": 2}},
}

INTRO = """Impressions: which ratings of faces can be read from the pictures, how near models come to what people agree
on, from where on the face they read it, and what shape the space of impressions has.

Fill in [samples], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {
        "title": Setting("Impressions of faces", "Title of the report."),
        "thumbnails": Setting(False, "Show pictures of faces in report and maps. Ask whether their licence allows it."),
        "names": NAMES,
    },
    "samples": {
        **{name: setting for name, setting in SAMPLES.items() if name != "target"},
        "source": Setting(
            "",
            "What is studied: a table (CSV, Excel) with the columns path, subject and ratings, or one of single\n"
            "ratings (path, subject, attribute, rating, rater), or omi, london, us-adult-faces:FOLDER. Paths start\n"
            "at this file's folder.",
            required=True,
        ),
        "ratings": Setting([], "Ratings that are studied; empty: all columns with numbers that differ."),
    },
    "ceiling": {
        "single_ratings": Setting(
            "",
            "How far people agree: single ratings (omi:, london:, us-adult-faces:FOLDER, or a table with path,\n"
            "attribute, rating, rater), or a table with attribute and ceiling. Empty: those of the samples, where\n"
            "these are single ratings; else not known.",
        ),
    },
    "models": {
        "train": Setting(
            list(MODELS), "Models that are trained, scored and compared: at least one.", (*MODELS, *SUMS), required=True
        ),
        "main": Setting("picture", "Model whose evidence, maps and structure are shown.", MODELS),
        "settings": Setting({}, 'Settings of models, such as { texture = { kernel = "rbf" } }.'),
    },
    "folds": {
        **FOLDS,
        "scheme": Setting("grouped", "How people are dealt to folds.", ("grouped", "leave-one-subject-out")),
    },
    "evidence": {
        "attributes": Setting([], "Ratings that are explained; empty: the best and the least predicted one."),
        "methods": Setting(
            ["integrated-gradients", "gradient-shap", "guided-grad-cam"],
            "Methods of explanation; 'mien methods' lists them. Those that the model does not allow are left out.\n"
            "smoothed-sign certifies three levels or abstains, and takes minutes.",
        ),
        "n_samples": Setting(16, "Faces that are explained, drawn at random; the same for all methods.", least=2),
        "baselines": Setting(
            "mean", "Evidence is measured against: mean or zero, or typical samples (medoids; slower, five of them)."
        ),
        "settings": Setting({}, "Settings of methods, such as { gradient-shap = { n_samples = 64 } }."),
    },
    "maps": {
        "methods": Setting(["pca", "umap"], "Maps; empty: none. 'mien embed --help' lists the methods."),
        "attributes": Setting([], "Ratings that colour the maps and are tested along them; empty: those explained."),
        "pairs": Setting([], 'Antonyms whose difference is tested, such as [["attractive", "unattractive"]].', of=list),
        "n_seeds": Setting(3, "Maps of how many random seeds are compared for stability.", least=2),
        "permutations": Setting(999, "Permutations of each test.", least=99),
    },
}


def steps(run: Run) -> Path:
    """Extract where that is needed, train, compare, explain, map, structure, report."""
    from mien.manifold.methods import check_methods

    ratings = _ratings(run)
    check_methods(run.settings["maps"]["methods"])
    models = run.settings["models"]
    trained = list(dict.fromkeys(models["train"]))
    shown = [name for name in trained if name not in SUMS]
    if not shown:
        raise InputError("study.toml: 'models.train' holds stacked models only; name one whose evidence is shown, too.")
    main = models["main"] if models["main"] in trained else shown[0]
    ceiling = _ceiling(run, ratings)
    for name in trained:
        train_step(run, name, recipe=None, settings=models["settings"].get(name), target=ratings, ceiling=ceiling)
    if len(trained) > 1:
        _compare(run, trained)
    explained = _explained(run, main, ratings)
    _evidence(run, main, explained)
    if len(ratings) > 2:
        _maps(run, main, explained)
        _structure(run, main)
    else:
        run.say(f"maps, structure: left out, they need three ratings and there are {len(ratings)}.")
    asked = run.settings[""]
    return report_step(
        run, _parts(run, trained, main, explained, ratings), show_faces=asked["thumbnails"], show_names=asked["names"]
    )


def _parts(run: Run, trained: list[str], main: str, explained: list[str], ratings: list[str]) -> list[str]:
    """Folders of what the settings ask for."""
    from mien.explain.methods import method_of_name
    from mien.explain.store import slug

    methods = [method_of_name(name).name for name in run.settings["evidence"]["methods"]]
    parts = [f"models/{name}" for name in trained]
    parts += [f"evidence/{main}/{method}/{slug(name)}" for method in methods for name in explained]
    parts += ["comparison"] if len(trained) > 1 else []
    if len(ratings) > 2:
        maps = run.settings["maps"]["methods"]
        parts += [f"maps/{source}/{method}" for source in (PEOPLE, main) for method in maps]
        parts.append("structure")
    return parts


def _ratings(run: Run) -> list[str]:
    """The ratings that are studied, all of which exist."""
    from mien.learn.table import constant_ratings

    known = list(run.samples.ratings)
    constant = constant_ratings(run.samples)
    chosen = run.settings["samples"]["ratings"] or [name for name in known if name not in constant]
    if constant and not run.settings["samples"]["ratings"]:
        run.say(f"ratings left out, as they are the same for all samples: {', '.join(constant)}.")
    for table, key in (("samples", "ratings"), ("evidence", "attributes"), ("maps", "attributes"), ("maps", "pairs")):
        given = run.settings[table][key]
        for name in [name for item in given for name in (item if isinstance(item, list) else [item])]:
            allowed = known if table == "samples" else chosen
            if name not in allowed:
                raise InputError(f"study.toml: '{table}.{key}' names '{name}'; there are: {', '.join(allowed)}.")
    if any(len(pair) != 2 for pair in run.settings["maps"]["pairs"]):
        raise InputError('study.toml: \'maps.pairs\' holds pairs of ratings: [["kind", "mean"], ...].')
    if not chosen:
        raise InputError(f"{run.source} has no ratings: no column holds numbers that differ.")
    return list(dict.fromkeys(chosen))


def _ceiling(run: Run, ratings: list[str]) -> str | None:
    """Where single ratings or ceilings are read from; a source that says nothing is refused before any work."""
    from mien.learn.ceilings import check_ceilings

    given = run.settings["ceiling"]["single_ratings"]
    source = run.spec(given) if given else run.source if has_single_ratings(run.source) else None
    if source is not None:
        check_ceilings(source, ratings, run.samples.path)
    return source


def _weights(run: Run, name: str) -> str:
    from mien.core.files import sha256_of

    return sha256_of(run.folder / "models" / name / "predictions.parquet")


def _compare(run: Run, trained: list[str]) -> None:
    from mien.compare.comparison import COMPARISON_FILE
    from mien.compare.models import compare_models

    path = run.folder / "comparison" / COMPARISON_FILE
    seed = run.settings["folds"]["seed"]

    def work() -> None:
        compare_models({name: run.folder / "models" / name for name in trained}, seed=seed, output=path.parent)

    run.once("compare models", [[_weights(run, name) for name in trained], trained, seed], [path], work)


def _explained(run: Run, main: str, ratings: list[str]) -> list[str]:
    """Ratings that are explained: those asked for, else the best and the least predicted one."""
    given: list[str] = run.settings["evidence"]["attributes"]
    if given:
        return list(dict.fromkeys(given))
    from mien.learn.evaluation import Evaluation

    scores = Evaluation.read(run.folder / "models" / main).per_rating
    order = sorted(ratings, key=lambda name: -np.nan_to_num(scores[name]["pearson"].value))
    return list(dict.fromkeys([order[0], order[-1]]))


def _evidence(run: Run, main: str, attributes: list[str]) -> None:
    """Evidence for every attribute by every method, on the same few faces."""
    from mien.core.files import sha256_of
    from mien.explain.explain import explain
    from mien.explain.methods import baselines_for, method_of_name
    from mien.explain.store import slug
    from mien.explain.thumbnails import FILE

    asked, seed = run.settings["evidence"], run.settings["folds"]["seed"]
    model, place = run.folder / "models" / main, run.folder / "evidence" / main
    rows = _some(run, model, asked["n_samples"], seed)
    mark = sha256_of(model / "model.json")
    for given in dict.fromkeys(asked["methods"]):
        method = method_of_name(given).name
        settings = {**QUICK.get(method, {}), **asked["settings"].get(given, {})}
        for attribute in attributes:
            folder = place / method / slug(attribute)
            step = f"explain {main}, {attribute}, {method}"

            def work(method: str = method, attribute: str = attribute, settings: dict[str, Any] = settings,
                     folder: Path = folder, step: str = step) -> None:  # fmt: skip
                explain(model, run.samples[rows], method=method, target=attribute, faces=run.faces, seed=seed,
                        baselines=baselines_for(method, asked["baselines"], settings), output=place,
                        progress=run.bar(step), **settings)  # fmt: skip
                if not run.settings[""]["thumbnails"]:
                    (folder / FILE).unlink(missing_ok=True)

            shown = run.settings[""]["thumbnails"]
            facts = [mark, method, settings, asked["baselines"], attribute, rows.tolist(), seed, shown]
            try:
                run.once(step, facts, [folder / "evidence.json"], work)
            except InputError as error:
                run.say(f"{step}: left out. {error}")


def _some(run: Run, model: Path, count: int, seed: int) -> np.ndarray:
    """Rows of some samples that the model could use."""
    from mien.learn.predictions import read_predictions

    usable = set(read_predictions(model).path)
    rows = np.array([row for row, path in enumerate(run.samples.path) if path in usable])
    return np.sort(np.random.default_rng(seed).permutation(rows)[:count])


def _tables(run: Run, main: str) -> dict[str, Any]:
    """Predicted and true ratings, (samples, ratings), as tables with their ids and subjects."""
    import pandas as pd

    from mien.learn.predictions import RatingPredictions, read_predictions

    result = read_predictions(run.folder / "models" / main)
    assert isinstance(result, RatingPredictions)
    tables = {PEOPLE: result.truth, main: result.predicted}
    return {
        name: (pd.DataFrame(values, columns=list(result.ratings)), result.path, result.subject)
        for name, values in tables.items()
    }


def _maps(run: Run, main: str, explained: list[str]) -> None:
    """Maps of what people said and of what the model said of people it had not seen; pairs are left out of theirs."""
    from mien.manifold.embedding import load_embedding
    from mien.manifold.sources import pictures_of
    from mien.report.map_page import map_page

    asked, seed = run.settings["maps"], run.settings["folds"]["seed"]
    tested = [*[tuple(pair) for pair in asked["pairs"]], *(asked["attributes"] or explained)]
    pictures = pictures_of(run.samples) if run.settings[""]["thumbnails"] else {}
    for source, (table, ids, subjects) in _tables(run, main).items():
        place = run.folder / "maps" / source
        facts = [_weights(run, main), tested, asked["n_seeds"], asked["permutations"], seed]
        maps = {}
        for method in dict.fromkeys(asked["methods"]):
            step = f"map {source}, {method}"
            given = {
                "attributes": tested, "ids": ids, "subjects": subjects, "seed": seed, "n_seeds": asked["n_seeds"],
                "n_permutations": asked["permutations"], "output": place / method, "progress": run.bar(step),
            }  # fmt: skip
            work = partial(_map, table, source, method, given)
            run.once(step, [*facts, method], [place / method / "embedding.json"], work)
            maps[method] = load_embedding(place / method)
        if maps:
            map_page(maps, place / "maps.html", title=f"Maps of impressions: {source}", pictures=pictures,
                     credit=run.samples.credit, show_names=run.settings[""]["names"],
                     colours={name: table[name].to_numpy() for name in table})  # fmt: skip


def _map(table: Any, source: str, method: str, given: dict[str, Any]) -> None:
    """One map with a picture for every attribute."""
    from mien.manifold.embed import embed
    from mien.report.maps import draw_attributes

    draw_attributes(embed(table, method=method, **given), given["output"], source)


def _structure(run: Run, main: str) -> None:
    """How ratings hang together for people and for the model, and whether both agree."""
    from mien.compare.structure_store import STRUCTURE_FILE, save_structures
    from mien.compare.structures import compare_structures, structure

    place, seed = run.folder / "structure", run.settings["folds"]["seed"]

    def work() -> None:
        result = {name: structure(table) for name, (table, _, _) in _tables(run, main).items()}
        enough = len(result[PEOPLE].names) >= 4
        tests = {(PEOPLE, main): compare_structures(result[PEOPLE], result[main], seed=seed)} if enough else {}
        save_structures(result, tests, place)

    run.once("structure", [_weights(run, main), main, seed], [place / STRUCTURE_FILE], work)
