"""The study 'fast-landmarks': small networks on landmark clips, evidence over the data set, fewer landmarks.

After Di Luzio, Rosato & Panella, "An explainable fast deep neural network for emotion recognition", arXiv 2407.14865:
binary networks with random layers, Integrated Gradients over the whole data set against five typical samples, landmarks
removed by their evidence. What the paper leaves open (network, folds, what typical is, how landmarks are removed)
follows the field's practice and stands in ``study.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import SEQUENCE, Features
from mien.core.topology import IBUG_68, topology
from mien.features.displacement import picked_points, settings_of
from mien.reduce.arguments import check_baselines, checked_contrast, checked_methods
from mien.reduce.sets import LandmarkUnits, counts_of
from mien.reduce.ways import METHODS as WAYS
from mien.studies.settings import STUDY_FILE, Schema, Setting, toml
from mien.studies.stages import FOLDS, NAMES, SAMPLES, Run, explain_step, reduce_step, report_step, train_step

NETWORKS = (
    "landmark-net", "landmark-mlp", "landmark-gru", "landmark-lstm", "landmark-rvfl", "landmark-random-tcn",
    "landmark-esn",
)  # fmt: skip

INTRO = """Fast landmarks: which landmarks move when an expression is recognised, how few are enough, what that saves in
accuracy, time and size, and whether random landmarks would have done as well.

Fill in [samples], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {"title": Setting("Fast landmarks", "Title of the report."), "names": NAMES},
    "samples": SAMPLES,
    "features": {
        "points": Setting(
            "", "Landmarks to begin with: '' for all there are, 'ibug-68' for 68 out of 478, or a subset such as\n"
            "'ibug-68[17-26,36]' from an earlier reduction's landmarks.json.",
        ),
        "align": Setting(
            "clip", "'frame': movement of the face alone; 'clip': nods and head shakes count, too;\n"
            "'still': as 'frame', by all points that stay still, which is more exact.", ("frame", "clip", "still"),
        ),
        "settings": Setting({}, "Further settings of the recipe 'displacement', such as { frames = 24 }."),
    },
    "networks": {
        "train": Setting(
            ["landmark-rvfl", "landmark-net"], "Networks that are trained, scored and explained: at least one.",
            NETWORKS, required=True,
        ),
    },
    "folds": FOLDS,
    "evidence": {
        "method": Setting("integrated-gradients", "Method of explanation; 'mien methods' lists them."),
        "baselines": Setting(
            "medoids", "Evidence is measured against typical samples: medoids, medoids:LABEL, class-medoids,\n"
            "mean or zero."
        ),
        "n_baselines": Setting(5, "Number of typical samples.", least=1),
        "settings": Setting({"n_steps": 16}, "Settings of the method."),
    },
    "reduction": {
        "network": Setting("landmark-rvfl", "Network that is trained on fewer and fewer landmarks.", NETWORKS),
        "counts": Setting([], "Numbers of landmarks to try; empty: shares of all, 1/2 to 1/16.", of=int, least=1),
        "methods": Setting(list(WAYS), "Ways to choose landmarks that are compared.", WAYS),
        "amount": Setting(
            "absolute", "How a landmark's evidence is summed up: absolute values first, each clip's net sum, or the\n"
            "sum over all clips.", ("absolute", "net", "signed"),
        ),
        "contrast": Setting(
            "", "Landmarks of one class, such as 'smile', or of one against another, 'smile>neutral'; accuracy is\n"
            "then that of telling the class from all others. '' for all classes alike."
        ),
        "n_random": Setting(20, "Random sets per count.", least=1),
        "symmetric": Setting(False, "Keep or remove mirror pairs as a whole."),
        "rule": Setting(
            "one-se", "How few are enough: the smallest count within one standard error of the best, the best, or the\n"
            "smallest within a tolerance.", ("one-se", "best", "tolerance"),
        ),
        "tolerance": Setting(0.01, "Accepted loss of accuracy, for the rule 'tolerance'.", least=0, below=1),
        "settings": Setting({}, "Settings of the network, such as { filters = 128 }."),
    },
}  # fmt: skip


def steps(run: Run) -> Path:
    """Extract where that is needed, train, explain, reduce, report."""
    from mien.explain.methods import baselines_for

    evidence, reduction = run.settings["evidence"], run.settings["reduction"]
    recipe = recipe_of(run)
    check(run, recipe)
    baselines = baselines_for(evidence["method"], evidence["baselines"], evidence["settings"])
    medoids = evidence["n_baselines"] if "medoids" in str(baselines) else None
    for name in dict.fromkeys(run.settings["networks"]["train"]):
        train_step(run, name, recipe=recipe)
        explain_step(
            run, name, method=evidence["method"], n_baselines=medoids, baselines=baselines,
            seed=run.settings["folds"]["seed"],
            **evidence["settings"],
        )  # fmt: skip
    reduce_step(
        run,
        reduction["network"],
        recipe=recipe,
        counts=reduction["counts"] or None,
        ranking=evidence["method"],
        ranking_settings=evidence["settings"],
        baselines=evidence["baselines"],
        n_baselines=evidence["n_baselines"],
        contrast=reduction["contrast"] or None,
        **{
            key: reduction[key]
            for key in ("methods", "amount", "n_random", "symmetric", "rule", "tolerance", "settings")
        },
    )
    return report_step(run, _parts(run), show_names=run.settings[""]["names"])


def _parts(run: Run) -> list[str]:
    """Folders of what the settings ask for."""
    from mien.explain.methods import method_of_name

    names, method = run.settings["networks"]["train"], method_of_name(run.settings["evidence"]["method"]).name
    trained = [
        f"{place}/{name}{inner}" for name in names for place, inner in (("models", ""), ("evidence", f"/{method}"))
    ]
    return [*trained, f"reduction/{run.settings['reduction']['network']}"]


def recipe_of(run: Run) -> dict[str, Any]:
    """The recipe 'displacement' as the table [features] asks for it."""
    features = run.settings["features"]
    if "name" in features["settings"]:
        raise InputError(
            f"{run.folder / STUDY_FILE}: [features] settings: the recipe is always 'displacement'; leave out 'name'."
        )
    recipe = {"name": "displacement", "align": features["align"], **features["settings"]}
    return {**recipe, "points": features["points"]} if features["points"] else recipe


def check(run: Run, recipe: dict[str, Any]) -> None:
    """Refuse settings that only a later step would refuse, before anything is extracted or trained.

    First what needs no data, then what needs the samples, last what needs their faces.
    """
    run.checked(lambda: _check_words(run, recipe))
    where, evidence, reduction = run.folder / STUDY_FILE, run.settings["evidence"], run.settings["reduction"]
    target = run.settings["samples"]["target"]
    with _naming(f"{where}: [samples] target:"):
        run.samples.target(target)
    if target in run.samples.labels:
        classes = sorted({str(x) for x in run.samples.labels[target]} - {""})
        with _naming(f"{where}: [evidence]"):
            check_baselines(evidence["baselines"], classes)
        with _naming(f"{where}: [reduction]"):
            checked_contrast(reduction["contrast"] or None, classes)
    name = run.faces.topology
    with _naming(f"{where}: [features] points:"):
        picked_points(name, recipe.get("points") or name)
    points = recipe.get("points") or name
    with _naming(f"{where}: [reduction]"):
        counts_of(reduction["counts"] or None, len(topology(points)))
        LandmarkUnits.of(len(topology(points)), points, reduction["symmetric"])


def _check_words(run: Run, recipe: dict[str, Any]) -> None:
    """Names and values that can be judged without any data."""
    from mien.explain.methods import BASELINES, GRADIENTS, LAYERS, METHODS, method_of_name
    from mien.models.maker import maker

    where, evidence, reduction = run.folder / STUDY_FILE, run.settings["evidence"], run.settings["reduction"]
    with _naming(f"{where}: [features]"):
        complete = settings_of(recipe)
        kept = topology(recipe.get("points") or IBUG_68).name
    with _naming(f"{where}: [evidence]"):
        method = method_of_name(evidence["method"])
        if SEQUENCE not in method.spaces or set(method.needs) - {GRADIENTS, LAYERS, BASELINES}:
            able = [
                name
                for name, row in METHODS.items()
                if SEQUENCE in row.spaces and not set(row.needs) - {GRADIENTS, LAYERS, BASELINES}
            ]
            raise InputError(
                f"method: '{method.name}' does not explain landmark networks; these do: {', '.join(able)}."
            )
        method.settings(evidence["settings"])
        if evidence["baselines"] != "medoids" and not method.needs_baselines(evidence["settings"]):
            raise InputError(f"baselines: '{method.name}' has none; leave 'medoids', which is passed over.")
    with _naming(f"{where}: [reduction]"):
        checked_methods(reduction["methods"], reduction["n_random"])
        given = dict(reduction["settings"])
        if not isinstance(given.pop("mirror", True), bool):
            raise InputError(f"settings: 'mirror' is true or false, but is {toml(reduction['settings']['mirror'])}.")
        names = ("x", "y", "z")[: complete["coordinates"]]
        empty = np.zeros((0, complete["frames"], len(topology(kept)), len(names)), np.float32)
        features = Features(empty, SEQUENCE, names, complete, np.zeros(0, dtype=object), kept)
        maker(reduction["network"], features, seed=run.settings["folds"]["seed"], settings=given)


@contextmanager
def _naming(where: str) -> Iterator[None]:
    """Put the place in front of what is refused."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{where} {error}") from error
