"""Steps of the study 'cohort': recordings, measures, effects, models, learning curve, profiles, heterogeneity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mien.cohort.effects_result import folder_name
from mien.core.errors import InputError
from mien.core.provenance import record
from mien.data.measures import FACTS
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT
from mien.studies.cohort_run import CohortRun

# How the folder of a model is called that is tested at sites it was not trained at.
ACROSS_SITES = "across-sites"


def recordings_step(run: CohortRun) -> None:
    """Faces of every video that the table names, unless they are there already.

    Raises
    ------
    InputError
        If the settings name recordings that are not there.
    """
    if run.settings["samples"]["faces"]:
        if not (run.recordings / "faces").is_dir():
            raise InputError(
                f"study.toml: 'samples.faces' names {run.recordings}, which holds no faces/; name the folder that "
                "'mien extract', 'mien import' or 'mien synthesize cohort' wrote."
            )
        return
    from mien.faces.extract import extract

    files = run.videos()
    if files:
        run.say("faces ...")
        extract(files, run.folder, isolated=True, **run.spread)
    elif not (run.folder / "faces").is_dir():
        raise InputError(
            f"study.toml: 'samples.source' names {run.source}, none of whose recordings is a file that was found. If "
            "they are ready ('mien extract', 'mien import' or 'mien synthesize cohort' wrote them), name their folder: "
            'faces = "../cohort" under [samples]. If they are videos, correct the paths in the table, which start '
            "at its folder."
        )


def measures_step(run: CohortRun) -> None:
    """What every channel did over time, into ``measures/``; blocks that are there are kept."""
    from mien.features.over_time.functionals import DEFAULT, functionals

    asked, gates = run.settings["measures"], run.settings["gates"]
    run.say("functionals ...")
    found = functionals(
        run.recordings, run.folder / "measures", channels=asked["channels"] or "*",
        statistics=asked["statistics"] or DEFAULT, fps=asked["fps"] or None, **gates, **run.spread,
        progress=run.bar("functionals"),
    )  # fmt: skip
    for name, reason in found.problems:
        run.say(f"block {name}: {reason}")
    record(run.folder, "functionals", recordings=found.recordings, frames=found.frames, settings={**asked, **gates})


def effects_step(run: CohortRun, outcome: str) -> list[str]:
    """Effect sizes of every measure for an outcome."""
    from mien.cohort.effects import effects

    place = f"effects/{folder_name(outcome)}"
    asked: dict[str, Any] = {"outcome": outcome, "covariates": run.covariates, "seed": run.seed}

    def work() -> None:
        ok = run.measures.ok
        effects(run.people[ok], run.measures[ok], run.folder, **asked)
        record(run.folder, f"effects {outcome}", **asked)

    run.once(f"effects {outcome}", [run.mark, asked], [run.folder / place], work)
    return [place]


def models_step(run: CohortRun, outcome: str, model: str) -> list[str]:
    """A model of an outcome, tested on people that it has not seen, beside covariates alone."""
    beside = [*run.covariates, *(["quality"] if run.has_quality else [])]
    return _model(run, outcome, model, "", "stratified", beside=beside)


def across_sites_step(run: CohortRun, outcome: str, model: str) -> list[str]:
    """The same, tested at sites that it has not seen, where there are sites."""
    if not (run.site and run.settings["folds"]["across_sites"]):
        return []
    return _model(run, outcome, model, f"-{ACROSS_SITES}", LEAVE_ONE_SITE_OUT, beside=[], site=run.site)


def _model(run: CohortRun, outcome: str, model: str, called: str, scheme: str, **given: Any) -> list[str]:
    from mien.learn.train import train

    folds = run.settings["folds"]
    name = f"{folder_name(outcome)}-{model}{called}"
    place = run.folder / "models" / name
    asked: dict[str, Any] = {
        "target": outcome, "model": model, "scheme": scheme, "n_folds": folds["n_folds"], "seed": run.seed, **given
    }  # fmt: skip

    def work() -> None:
        bar = run.bar(f"train {name}")
        train(run.analysed, features=run.measures.names, output=place, progress=bar, **run.spread, **asked)
        record(run.folder, f"train {name}", samples=run.source, **asked)

    run.once(f"train {name}", [run.mark, asked], [place / "model.json", place / "evaluation.json"], work)
    return [f"models/{name}"]


def learning_curve_step(run: CohortRun, outcome: str) -> list[str]:
    """How well the first model predicts by the number of people."""
    asked = run.settings["learning_curve"]
    if not asked["repeats"]:
        return []
    from mien.cohort.learning_curve import learning_curve

    name = folder_name(outcome)
    place = run.folder / "learning_curve" / name
    given: dict[str, Any] = {
        "target": outcome, "model": run.settings["models"]["names"][0], "sizes": asked["sizes"],
        "repeats": asked["repeats"], "seed": run.seed,
    }  # fmt: skip

    def work() -> None:
        learning_curve(
            run.analysed, features=run.measures.names, output=place, progress=run.bar(f"learning curve {name}"),
            **run.spread, **given,
        )  # fmt: skip
        record(run.folder, f"learning curve {name}", samples=run.source, **given)

    run.once(f"learning curve {outcome}", [run.mark, given], [place], work)
    return [f"learning_curve/{name}"]


def channels_step(run: CohortRun, outcome: str) -> list[str]:
    """What trees rest on: SHAP values, permutation and accumulated effects of people left out of their training."""
    from mien.cohort.channels import channels

    if not run.settings["evidence"]["repeats"]:
        return []
    place = f"channels/{folder_name(f'trees {outcome}')}"
    asked: dict[str, Any] = {
        "outcome": outcome, "n_folds": run.settings["folds"]["n_folds"], "seed": run.seed,
        "repeats": run.settings["evidence"]["repeats"],
    }  # fmt: skip

    def work() -> None:
        ok = run.measures.ok
        bar = run.bar(f"channels {outcome}")
        channels(run.people[ok], run.measures[ok], run.folder, progress=bar, **run.spread, **asked)
        record(run.folder, f"channels {outcome}", **asked)

    run.once(f"channels {outcome}", [run.mark, asked], [run.folder / place], work)
    return [place]


def profiles_step(run: CohortRun) -> list[str]:
    """Groups of people by their scores, if there are any."""
    from mien.cohort.profiles import profiles

    asked = run.settings["profiles"]
    by = asked["by"] or [name for name in (run.scores.ratings if run.scores else ()) if not name.endswith("_total")]
    if not asked["find"] or len(by) < 2:
        return []
    given: dict[str, Any] = {"by": by, "method": asked["method"], "most": asked["most"], "seed": run.seed}
    place = run.folder / "profiles" / "scores"

    def work() -> None:
        ok = run.measures.ok
        profiles(run.people[ok], measures=run.measures[ok], output=place, progress=run.bar("profiles"), **given)
        record(run.folder, "profiles", **given)

    run.once("profiles", [run.mark, given], [place], work)
    return ["profiles/scores"]


def discrepancy_step(run: CohortRun) -> list[str]:
    """How different the answers behind one total are, and what leaving out the most different does to a model."""
    from mien.cohort.discrepancy import discrepancy

    asked = run.settings["discrepancy"]
    if not asked["compute"] or run.scores is None:
        return []
    scale = run.settings["questionnaire"]["scale"]
    target = asked["target"] or (next(iter(run.scores.labels), "") if asked["trim"] else "")
    given: dict[str, Any] = {
        "scale": str(run.place(scale)) if scale.endswith(".toml") else scale,
        "items": run.settings["questionnaire"]["items"], "target": target, "by": asked["by"], "model": asked["model"],
        "n_folds": run.settings["folds"]["n_folds"], "seed": run.seed,
    }  # fmt: skip
    place = run.folder / "discrepancy" / run.scale_name

    def work() -> None:
        ok = run.measures.ok
        measures = run.measures[ok] if asked["trim"] and target else None
        kept = run.participants.kept[ok]
        discrepancy(kept, measures=measures, output=place, progress=run.bar("discrepancy"), **run.spread, **given)
        record(run.folder, "discrepancy", **given)

    run.once("discrepancy", [run.mark, given, asked["trim"]], [place], work)
    return [f"discrepancy/{run.scale_name}"]


def unless_too_few(run: CohortRun, step: Callable[..., list[str]], *given: str) -> list[str]:
    """A step that a small or lopsided cohort may not allow; then the reason is said and kept, and the study goes on."""
    try:
        return step(run, *given)
    except InputError as error:
        name = " ".join([step.__name__.removesuffix("_step").replace("_", " "), *given])
        run.leave_out(name, error)
        return []


def check_measures(run: CohortRun) -> None:
    """Refuse a study of which no recording can be used, with the reasons.

    Raises
    ------
    InputError
    """
    if not (run.folder / "measures" / FACTS).is_file() or not run.measures.ok.any():
        reasons = sorted({str(status) for status in run.measures.status if status != "ok"})
        raise InputError(
            f"No recording of the {len(run.people)} sessions can be used: {'; '.join(reasons[:4])}. See "
            f"{run.folder / 'participants' / 'problems.csv'} and the settings [gates]."
        )
