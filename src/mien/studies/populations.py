"""The study 'populations': does a model of some people work on others, and does it look at the same places.

After Gaya-Morey et al. (arXiv 2401.11877 and 2401.11835) and Ramis Guarinos et al. (arXiv 2405.11482), who compare
models of apparent expressions between people with and without intellectual disability; with what makes the comparison
stand: nobody is in training and test at once, the person is the unit, and every difference comes with its test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.compare.retrained import RETRAINED_FILE
from mien.core.errors import InputError
from mien.core.people.words import USER_SPECIFIC
from mien.report.sections.populations import write_drawings
from mien.studies.population_evidence import (
    evidence_folder,
    explain_populations,
    folder_of,
    model_name,
)
from mien.studies.population_protocols import (
    LEAVE_ONE_OUT,
    POOL,
    check_names,
    folder_without,
    leaves_one_out,
    name_shared,
    shares_people,
    train_together,
    uses_pool,
)
from mien.studies.population_retraining import forget, retrain
from mien.studies.population_sources import LEAVE_OUT, OTHERS, REFUSE, PopulationsRun
from mien.studies.settings import Schema, Setting
from mien.studies.stages import FOLDS, NAMES, SAMPLES, Run, report_step, train_step

NEUTRAL = ("neutral", "rest", "none", "no expression")

INTRO = """Populations: does a model trained on some people work on others and on each of them, what does it look at in
each, where on the face do they differ, is the difference more than chance, and does it look where FACS says it should?

Fill in [samples] or [populations], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {"title": Setting("Populations compared", "Title of the report."), "names": NAMES},
    "samples": {
        # What labels are called stands with the populations.
        **{name: setting for name, setting in SAMPLES.items() if name != "same"},
        "source": Setting(
            "", f"{SAMPLES['source'].meaning}\nOne column says which population each row is of; or give a source for "
            "each below.",
        ),
    },
    "populations": {
        "column": Setting("group", "Column that says which population a row is of."),
        "names": Setting([], "Populations that are compared; empty: all there are."),
        "sources": Setting(
            {}, 'Instead of samples.source: a source for each population, such as\n{ adults = "london", synthetic = '
            '"omi" }.'
        ),
        "same": Setting(
            {}, 'Classes in one vocabulary: { "happy" = "smile" }; "" leaves a class out. Of ratings:\n'
            '{ "happy > 65" = "smile", "happy < 30" = "neutral" }. From a file (columns set, label, common):\n'
            '{ file = "words.csv" }. Of one population, by its name: { adults = { still = "neutral" } }.'
        ),
        "people_in_several": Setting(
            REFUSE, "Names that are in several populations: refuse to run, leave these people out, or take them for\n"
            "other people who happen to have the same names.", (REFUSE, LEAVE_OUT, OTHERS)
        ),
    },
    "models": {
        "train": Setting(["landmark-rvfl"], "Models that are trained; 'mien models' lists them.", required=True),
        "settings": Setting({}, "Settings of models, such as { landmark-rvfl = { units = 64 } }."),
        "features": Setting(
            {}, 'Features of models, such as { landmark-rvfl = { name = "displacement", align = "still" } }.'
        ),
    },
    "protocols": {
        "also": Setting(
            [POOL, LEAVE_ONE_OUT], "Beside a model of each population, tested on each:\n"
            "pooled: a model of all populations, tested on people of each whom it has not seen;\n"
            "leave-one-out: models of all populations but one, tested on that one (of two: each on the other);\n"
            "user-specific: on purpose the same people in training and test, other recordings.",
            (POOL, LEAVE_ONE_OUT, USER_SPECIFIC),
        ),
        "recordings": Setting(
            "", "Of user-specific: column that says which recording or session a sample is of; path: each is one of\n"
            "its own. Empty: clips are; single pictures are refused.",
        ),
    },
    "folds": {**FOLDS, "n_folds": Setting(5, FOLDS["n_folds"].meaning, least=2)},
    "evidence": {
        "classes": Setting([], "Classes that are explained; empty: all but neutral."),
        "method": Setting("", "Method of explanation ('mien methods' lists them); empty: the model's usual one."),
        "baselines": Setting("mean", "Evidence is measured against: mean, zero, or typical samples (medoids)."),
        "settings": Setting({}, "Settings of the method."),
        "n_samples": Setting(60, "Samples of each class and population that are explained at most.", least=4),
        "masks": Setting({}, 'What FACS calls a class, where its name does not say: { "grin" = "happiness" }.'),
    },
    "comparison": {
        "margin": Setting(0.5, "Differences below so many standard deviations count as none.", least=0.01),
        "permutations": Setting(2000, "Permutations of each test.", least=99),
        "retrain": Setting(
            19, "How often models of any two populations are trained again on their people dealt at random. Two\n"
            "trainings on the same people differ, too, so only this says whether the populations make models look\n"
            "at other places. It takes about so many times as long as the study; every re-training that is done is\n"
            "kept. Below 19 no p can reach .05; 0 leaves it out, and the report says what is not tested then.",
            least=0,
        ),
    },
}  # fmt: skip


def steps(run: Run) -> Path:
    """Read, train in each population, test on each, explain, compare, train again on dealt people, report."""
    run = PopulationsRun(run.folder, run.settings, run.say, run.progress)
    names = check(run)
    for model in names:
        for population in run.populations:
            train_step(
                run, model_name(model, population), model=model, target=run.target,
                samples=run.samples[run.group == population],
                recipe=run.settings["models"]["features"].get(model),
                settings=run.settings["models"]["settings"].get(model),
            )  # fmt: skip
    train_together(run, names)
    score_populations(run, names)
    labels = explained_classes(run)
    for model in names:
        explain_populations(run, model, labels)
    times = run.settings["comparison"]["retrain"]
    if compare_looks(run, names, labels) or not times:
        forget(run)
    if times:
        if not (run.folder / "populations" / RETRAINED_FILE).exists():
            _report(run, names)  # re-training is long: what there is can be read meanwhile
        retrain(run, names, labels)
    return _report(run, names)


def _report(run: PopulationsRun, names: list[str]) -> Path:
    write_drawings(run.folder / "populations")
    shown = [*run.populations, *([POOL] if uses_pool(run) else [])]
    parts = [f"models/{model_name(model, population)}" for model in names for population in shown]
    if shares_people(run):
        parts += [f"models/{name_shared(model, population)}" for model in names for population in run.populations]
    return report_step(run, [*parts, "populations"], show_names=run.settings[""]["names"])


def check(run: PopulationsRun) -> list[str]:
    """Names of the models; settings that only a later step would refuse are refused now."""
    from mien.explain.methods import method_of_name
    from mien.models.catalogue import spec

    check_names(run)
    names = list(dict.fromkeys(run.settings["models"]["train"]))
    for name in names:
        spec(name)
    for table in ("settings", "features"):
        for name in run.settings["models"][table]:
            if name not in names:
                raise InputError(f"study.toml: 'models.{table}' names '{name}', which 'models.train' does not hold.")
    if run.settings["evidence"]["method"]:
        method_of_name(run.settings["evidence"]["method"]).settings(run.settings["evidence"]["settings"])
    explained_classes(run)
    return names


def explained_classes(run: PopulationsRun) -> list[str]:
    """Classes whose evidence is compared."""
    known = sorted(set(run.samples.target(run.target)))
    asked = run.settings["evidence"]["classes"]
    wrong = [name for name in asked if name not in known]
    if wrong:
        raise InputError(f"study.toml: 'evidence.classes' names '{wrong[0]}'; there are: {', '.join(known)}.")
    return list(dict.fromkeys(asked)) or [name for name in known if name.lower() not in NEUTRAL]


def score_populations(run: PopulationsRun, names: list[str]) -> None:
    """Every model of every population on every population, into ``populations/scores.json``."""
    from mien.compare.population_result import SCORES_FILE
    from mien.core.files import sha256_of
    from mien.studies.population_scores import population_scores

    place = run.folder / "populations"
    marks = [sha256_of(folder_of(run, model, p) / "predictions.parquet") for model in names for p in run.populations]
    if uses_pool(run):
        marks += [sha256_of(folder_of(run, model, POOL) / "predictions.parquet") for model in names]
    if leaves_one_out(run):
        marks += [sha256_of(folder_without(run, model, p) / "model.json") for model in names for p in run.populations]
    if shares_people(run):
        known = [run.folder / "models" / name_shared(model, p) for model in names for p in run.populations]
        marks += [sha256_of(place / "predictions.parquet") for place in known]
    facts = [run.data_mark, marks, _tests(run), names]
    run.once(
        "test on each population", facts, [place / SCORES_FILE], lambda: population_scores(run, names).write(place)
    )


def _tests(run: PopulationsRun) -> dict[str, Any]:
    """What tests over people depend on."""
    return {name: value for name, value in run.settings["comparison"].items() if name != "retrain"}


def compare_looks(run: PopulationsRun, names: list[str], labels: list[str]) -> bool:
    """Maps, regions, masks and distances, into ``populations/looks.json``; whether that was done now."""
    from mien.compare.population_result import LOOKS_FILE, MAPS_FILE
    from mien.core.files import sha256_of
    from mien.studies.population_looks import population_looks

    place = run.folder / "populations"
    sides = [(m, a, b, label) for m in names for a in run.populations for b in run.populations for label in labels]
    marks = [sha256_of(evidence_folder(run, *side) / "evidence.json") for side in sides]
    facts: list[Any] = [run.data_mark, marks, _tests(run), run.settings["evidence"]["masks"], sides]
    made = [place / LOOKS_FILE, place / MAPS_FILE]
    return run.once("compare where they look", facts, made, lambda: population_looks(run, names, labels).write(place))
