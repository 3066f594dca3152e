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

from mien.core.errors import InputError
from mien.core.topology import topology
from mien.reduce.fold import METHODS
from mien.reduce.ladder import counts_of
from mien.report.report import report
from mien.studies.settings import STUDY_FILE, Schema, Setting
from mien.studies.stages import FOLDS, SAMPLES, Run, explain_step, reduce_step, train_step

NETWORKS = (
    "landmark-net", "landmark-mlp", "landmark-gru", "landmark-lstm", "landmark-rvfl", "landmark-random-tcn",
    "landmark-esn",
)  # fmt: skip

INTRO = """Fast landmarks: which landmarks move when an expression is recognised, how few are enough, what that saves in
accuracy, time and size, and whether random landmarks would have done as well.

Fill in [samples], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {"title": Setting("Fast landmarks", "Title of the report.")},
    "samples": SAMPLES,
    "features": {
        "points": Setting(
            "", "Landmarks to begin with: '' for all there are, 'ibug-68' for 68 out of 478, or a subset such as\n"
            "'ibug-68[17-26,36]' from an earlier reduction's landmarks.json.",
        ),
        "align": Setting(
            "clip", "'frame': movement of the face alone; 'clip': nods and head shakes count, too.", ("frame", "clip")
        ),
        "settings": Setting({}, "Further settings of the recipe 'displacement', such as { frames = 24 }."),
    },
    "networks": {
        "train": Setting(
            ["landmark-rvfl", "landmark-net"], "Networks that are trained, scored and explained.", NETWORKS
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
        "methods": Setting(list(METHODS), "Ways to choose landmarks that are compared.", METHODS),
        "amount": Setting(
            "absolute", "How a landmark's evidence in a clip is summed up: absolute values first, or its net sum.",
            ("absolute", "net"),
        ),
        "n_random": Setting(20, "Random sets per count.", least=1),
        "symmetric": Setting(False, "Keep or remove mirror pairs as a whole."),
        "rule": Setting(
            "one-se", "How few are enough: the smallest count within one standard error of the best, the best, or the\n"
            "smallest within a tolerance.", ("one-se", "best", "tolerance"),
        ),
        "tolerance": Setting(0.01, "Accepted loss of accuracy, for the rule 'tolerance'.", least=0),
        "settings": Setting({}, "Settings of the network, such as { filters = 128 }."),
    },
}  # fmt: skip


def steps(run: Run) -> Path:
    """Extract where that is needed, train, explain, reduce, report."""
    from mien.explain.methods import baselines_for

    features, evidence, reduction = (run.settings[name] for name in ("features", "evidence", "reduction"))
    recipe = {"name": "displacement", "align": features["align"], **features["settings"]}
    if features["points"]:
        recipe["points"] = features["points"]
    _check(run, recipe)
    for name in run.settings["networks"]["train"]:
        train_step(run, name, recipe=recipe)
        explain_step(
            run, name, method=evidence["method"], n_baselines=evidence["n_baselines"],
            baselines=baselines_for(evidence["method"], evidence["baselines"]), seed=run.settings["folds"]["seed"],
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
        **{
            key: reduction[key]
            for key in ("methods", "amount", "n_random", "symmetric", "rule", "tolerance", "settings")
        },
    )
    run.say("report ...")
    return report(run.folder)


def _check(run: Run, recipe: dict[str, Any]) -> None:
    """Refuse settings that only a later step would refuse, before anything is trained."""
    from mien.explain.methods import method_of_name
    from mien.reduce.arguments import check_baselines, checked_methods

    evidence, reduction, target = run.settings["evidence"], run.settings["reduction"], run.settings["samples"]["target"]
    where = run.folder / STUDY_FILE
    with _naming(f"{where}: [evidence]"):
        method_of_name(evidence["method"]).settings(evidence["settings"])
    with _naming(f"{where}: [reduction]"):
        checked_methods(reduction["methods"], reduction["n_random"])
        points = recipe.get("points") or run.faces.topology
        if reduction["counts"] and isinstance(points, str):
            counts_of(reduction["counts"], len(topology(points)))
    if target in run.samples.labels:
        with _naming(f"{where}: [evidence]"):
            check_baselines(evidence["baselines"], sorted({str(x) for x in run.samples.labels[target]} - {""}))


@contextmanager
def _naming(where: str) -> Iterator[None]:
    """Put the place in front of what is refused."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{where} {error}") from error
