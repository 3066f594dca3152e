"""The study 'cohort': which facial behaviour over time goes with which score, and how well it predicts.

After Xu et al. (arXiv 2405.20072), who film adolescents that read aloud and relate their faces to a scale of
depression, anxiety and stress; with what makes the answer stand: people and sites that no model has seen, the model on
age, sex, site and recording quality alone beside every score, the learning curve, and test people who stay whole.
"""

from __future__ import annotations

from pathlib import Path

from mien.core.errors import InputError
from mien.core.provenance import LEFT_OUT, forget
from mien.studies.cohort_run import CohortRun
from mien.studies.cohort_steps import (
    across_sites_step,
    channels_step,
    check_measures,
    discrepancy_step,
    effects_step,
    learning_curve_step,
    measures_step,
    models_step,
    profiles_step,
    recordings_step,
    unless_too_few,
)
from mien.studies.settings import Schema, Setting
from mien.studies.stages import FOLDS, NAMES, Run, report_step

INTRO = """Cohort: which facial behaviour over time goes with which score of a questionnaire; how well it predicts on
people and sites never seen, beyond age, sex, site and recording quality; how that grows with the number of people;
which profiles there are; and what heterogeneity behind one total score does. Nothing here is a diagnosis.

Fill in [samples] and [questionnaire], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {"title": Setting("Facial behaviour over time and questionnaires", "Title of the report."), "names": NAMES},
    "samples": {
        "source": Setting(
            "",
            "Table of participants, one row per session: subject, session, path (the video, or a recording of\n"
            "'faces' by its name), age, sex, site, the items of the questionnaire. Paths start at this file's folder.",
            required=True,
        ),
        "faces": Setting(
            "",
            "Folder with ready recordings (written by mien extract, import or synthesize cohort). Empty: faces are\n"
            "extracted from the videos into this study.",
        ),
        "outcomes": Setting([], "Scores, bands or other columns that faces are related to; empty: every score."),
        "covariates": Setting(
            ["age", "sex", "site"], "Columns that are held constant, and whose own model stands beside every score."
        ),
        "site": Setting("site", "Column with the sites, if there are any."),
        "columns": Setting({}, 'What the table calls subject, session, path and others: { subject = "Vp" }.'),
        "labels": Setting([], "Further columns whose numbers mean classes."),
        "missing": Setting([], 'Codes that the table writes for "no answer", such as "999" and "-9".'),
    },
    "questionnaire": {
        "scale": Setting("dass-21", "dass-21, phq-9, gad-7, a scoring file (NAME.toml), or empty: none."),
        "items": Setting("", "What the table calls the items, in the scale's order: DASS{01..21}; empty: as usual."),
    },
    "engine": {
        "workers": Setting(1, "Processes that work at the same time.", least=1),
        "engine": Setting("local", "Where they are: this machine, or a Ray cluster.", ("local", "ray")),
        "address": Setting("", "Of the Ray cluster; empty: one on this machine."),
    },
    "gates": {
        "min_presence": Setting(0.5, "Frames: least sureness of the landmarker.", least=0),
        "min_face_px": Setting(40.0, "Frames: least height of the face in pixels.", least=0),
        "min_sharpness": Setting(6.0, "Frames: least sharpness of the face.", least=0),
        "max_yaw_deg": Setting(40.0, "Frames: farthest turn of the head to the side.", least=0),
        "max_pitch_deg": Setting(30.0, "Frames: farthest turn of the head up or down.", least=0),
        "min_usable": Setting(0.5, "Recordings: least share of usable frames.", least=0),
        "min_frames": Setting(10, "Recordings: least number of usable frames.", least=2),
        "min_duration_s": Setting(1.0, "Recordings: least time that usable frames cover, in seconds.", least=0),
        "max_others": Setting(0.5, "Recordings: largest share of frames that show another face.", least=0),
    },
    "measures": {
        "channels": Setting([], 'Channels, by names or patterns such as "mouth*"; empty: all.'),
        "statistics": Setting([], "Groups of statistics; empty: those of mien functionals."),
        "fps": Setting(0.0, "Frames per second of recordings without times; 0: times are known.", least=0),
    },
    "models": {
        "names": Setting(["trees", "logistic"], "Models of the measures; the first is that of the learning curve.")
    },
    "folds": {
        "n_folds": Setting(5, FOLDS["n_folds"].meaning, least=2),
        "across_sites": Setting(True, "Also test every site by models of the others, where there are sites."),
        "seed": FOLDS["seed"],
    },
    "learning_curve": {
        "sizes": Setting([], "Numbers of people; empty: 50, 100, 200, 500 ... and all.", of=int),
        "repeats": Setting(10, "Drawn sets of people of each size; 0: no learning curve.", least=0),
    },
    "evidence": {
        "repeats": Setting(
            5, "Permutations of each channel that say what trees rest on; 0: no evidence.", least=0
        )
    },
    "profiles": {
        "find": Setting(True, "Look for groups of people by their scores."),
        "by": Setting([], "Columns that they are made of; empty: the subscales of the questionnaire."),
        "method": Setting("k-means", "How.", ("k-means", "gaussian-mixture")),
        "most": Setting(6, "Most groups.", least=2),
    },
    "discrepancy": {
        "compute": Setting(True, "How different the answers behind one total are."),
        "trim": Setting(True, "What leaving out the people with the most different answers does to a model."),
        "model": Setting("logistic", "Model that is trained again and again; trees take ten times as long."),
        "target": Setting("", "Bands that the model tells apart; empty: those of the questionnaire."),
        "by": Setting("", "Subscale whose totals are compared; empty: the questionnaire's total."),
    },
}  # fmt: skip


def steps(run: Run) -> Path:
    """Check the table, extract, measure, score the questionnaire, relate, predict, and report."""
    run = CohortRun(run.folder, run.settings, run.say, run.progress)
    check(run)
    forget(run.folder, LEFT_OUT)
    recordings_step(run)
    run.say("participants ...")
    for kind, many in run.participants.counts().items():
        run.say(f"  {kind}: {many}")
    measures_step(run)
    check_measures(run)
    parts: list[str] = ["participants", "measures"]
    if run.scores is not None:
        parts.append(f"questionnaires/{run.scale_name}")
    run.write_flow()
    for outcome in run.outcomes:
        parts += unless_too_few(run, effects_step, outcome)
        for model in run.settings["models"]["names"]:
            parts += unless_too_few(run, models_step, outcome, model)
            parts += unless_too_few(run, across_sites_step, outcome, model)
        parts += unless_too_few(run, channels_step, outcome)
        parts += unless_too_few(run, learning_curve_step, outcome)
    parts += unless_too_few(run, profiles_step)
    parts += unless_too_few(run, discrepancy_step)
    return report_step(run, parts, show_names=run.settings[""]["names"])


def check(run: CohortRun) -> None:
    """Settings that only a later step would refuse are refused now.

    Raises
    ------
    InputError
    """
    from mien.features.over_time.statistics import check_groups
    from mien.models.catalogue import spec

    if not Path(run.source).is_file():
        raise InputError(f"study.toml: 'samples.source' names {run.source}, which is no table; one row per session.")
    for name in run.settings["models"]["names"]:
        spec(name)
    check_groups(run.settings["measures"]["statistics"] or ["level"])
