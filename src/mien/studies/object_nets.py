"""The study 'object-nets': do units and layers of a network that learnt objects respond to faces, and to what in them.

After Zhao et al. (arXiv 2405.18800), who freeze networks that were trained on objects and train a last layer to tell
faces from objects; with what makes the answer stand: the same network with random weights and the low-level statistics
of the pictures beside every score, folds that split no source, and matched pictures that differ in one thing alone.
"""

from __future__ import annotations

from pathlib import Path

from mien.core.errors import InputError
from mien.studies.object_nets_run import ALTERED, NO_METHOD, PAREIDOLIA, PICTURES, ObjectNetsRun
from mien.studies.object_nets_steps import (
    answer_sets,
    check_matrices,
    evidence_step,
    pareidolia_step,
    probe_step,
    similarity_step,
    stimuli_step,
    units_step,
)
from mien.studies.settings import Schema, Setting
from mien.studies.stages import FOLDS, NAMES, Run, report_step

INTRO = """Object nets: can a frozen network tell faces from objects, and from which layer on; does it call face-like
objects faces; what do turning upside down, negating and scrambling do to it; which units respond to faces, and are they
needed; how does its similarity structure compare with people's judgements or a brain's; what on the picture decides?

Fill in [samples] and [bodies], leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again."""

SETTINGS: Schema = {
    "": {"title": Setting("What object networks respond to in faces", "Title of the report."), "names": NAMES},
    "samples": {
        "source": Setting(
            "",
            "Pictures: a table with the columns path, category and source (the person or thing shown; no fold splits\n"
            "it), a folder with one sub-folder per category, or objects. Paths start at this file's folder.",
            required=True,
        ),
        "faces": Setting([], 'Categories that count as faces, such as ["drawn face", "animal face"].', required=True),
        "against": Setting([], "Categories that they are told from; empty: all others."),
        "category": Setting("", "Column with the categories, where it is not called category."),
        "style": Setting(
            "", "Column that says the style (photo, drawing): faces are told from pictures of the same style only."
        ),
        "columns": Setting({}, 'What a table calls path and source: { path = "Bild", subject = "Objekt" }.'),
        "subject_pattern": Setting("", "For a folder per category: a regular expression that finds the source."),
        "sets": Setting(
            {}, 'Other pictures that the probe is applied to unchanged: { photos = "london" }, as samples.source.'
        ),
    },
    "bodies": {
        "names": Setting(
            ["efficientnet-lite0"],
            "Frozen networks: names ('mien models' lists them; all of timm), or folders of models that mien trained.",
            required=True,
        ),
        "weights": Setting({}, 'Where not ImageNet: { resnet50 = "blurred.safetensors", vgg16 = "random" }.'),
        "exposure": Setting(
            {}, "What faces weights from a file have seen (none, blurred, incidental, trained on faces, unknown):\n"
            '{ resnet50 = "blurred" }.'
        ),
        "random": Setting(True, "The same network with random weights beside each."),
        "layers": Setting([], "Layers by name; empty: so many as depth says, spread over the network."),
        "depth": Setting(12, "How many layers.", least=1),
        "size": Setting(0, "Pixels per side that networks see; 0: what each was made for.", least=0),
        "fit": Setting("crop", "The middle square of a picture, or all of it with grey beside.", ("crop", "letterbox")),
        "float16": Setting(False, "Store half of the digits."),
    },
    "stimuli": {
        "alterations": Setting(
            ["inverted", "negated", "phase-scrambled", "block-scrambled"],
            "What is done to every picture: inverted, negated, grey, phase-scrambled, block-scrambled, low-pass,\n"
            "high-pass, eyes-covered, mouth-covered (these two need faces that are found).",
        ),
        "pareidolia": Setting(
            100, "Made-up pairs: the same parts on the same object, arranged as a face or not; 0: none.", least=0
        ),
    },
    "folds": {"n_folds": Setting(5, FOLDS["n_folds"].meaning, least=2), "seed": FOLDS["seed"]},
    "units": {
        "count": Setting(True, "Count units that respond more to faces."),
        "lesions": Setting(
            True, "Silence the most face-selective, the most object-selective and random units of each layer."
        ),
        "rate": Setting(0.05, "False-discovery rate.", least=0.001, below=0.5),
    },
    "similarity": {
        "matrices": Setting(
            [], "Judgements or brains: tables of dissimilarities, folders with one for each person, or haxby."
        ),
        "models": Setting(["category"], 'Columns, or "animate=face+cat": what the similarity structure may follow.'),
        "given": Setting("low-level", "What is held constant: low-level, one of models, a table, or nothing."),
        "by": Setting("picture", "Structure of pictures or of categories.", ("picture", "category")),
        "most_pictures": Setting(300, "Pictures that are compared at most, as many of each category.", least=4),
    },
    "evidence": {
        "method": Setting("", "Method that explains the probe's answer; empty: occlusion; none: no evidence."),
        "photos": Setting([], "Names of 'samples.sets' with photos of faces, which are explained by their landmarks."),
        "settings": Setting({}, "Settings of the method."),
        "n_samples": Setting(24, "Pictures of each kind that are explained at most.", least=2),
    },
    "comparison": {"permutations": Setting(999, "Permutations of each test.", least=99)},
}  # fmt: skip


def steps(run: Run) -> Path:
    """Make stimuli, let the networks answer, probe, count and silence units, compare structures, explain, report."""
    run = ObjectNetsRun(run.folder, run.settings, run.say, run.progress)
    check(run)
    sets = {PICTURES: run.source, **stimuli_step(run), **pareidolia_step(run)}
    sets |= {name: run.spec(place) for name, place in run.settings["samples"]["sets"].items()}
    parts: list[str] = [f"stimuli/{name}" for name in (ALTERED, PAREIDOLIA) if name in sets]
    for body in run.bodies:
        beside = run.beside(body)
        answers = answer_sets(run, body, sets)
        others = {} if beside is None else answer_sets(run, beside, sets)
        parts += probe_step(run, body, answers, others.get(PICTURES))
        if beside is not None:
            parts += probe_step(run, beside, others, None)
        parts += units_step(run, body, answers[PICTURES], others.get(PICTURES))
        parts += evidence_step(run, body, sets, beside)
    parts += similarity_step(run)
    return report_step(run, parts, show_names=run.settings[""]["names"])


def check(run: ObjectNetsRun) -> None:
    """Settings that only a later step would refuse are refused now.

    Raises
    ------
    InputError
    """
    from mien.explain.methods import method_of_name
    from mien.responses.frozen import frozen_body
    from mien.stimuli.alterations import ALTERATIONS

    if not run.face_categories or not len(run.objects):
        raise InputError("study.toml: all pictures are of 'samples.faces'; there is nothing that they are told from.")
    for name in run.settings["stimuli"]["alterations"]:
        if name not in ALTERATIONS:
            raise InputError(f"study.toml: 'stimuli.alterations' names '{name}'; there are: {', '.join(ALTERATIONS)}.")
    check_matrices(run)
    taken = (PICTURES, ALTERED, PAREIDOLIA)
    for name in run.settings["samples"]["sets"]:
        if name in taken or "/" in name or name.startswith("."):
            raise InputError(f"study.toml: a set of 'samples.sets' cannot be called '{name}'; choose another name.")
    for name in run.settings["evidence"]["photos"]:
        if name not in run.settings["samples"]["sets"]:
            raise InputError(f"study.toml: 'evidence.photos' names '{name}', which 'samples.sets' does not hold.")
    method = run.settings["evidence"]["method"]
    if method not in ("", NO_METHOD):
        method_of_name(method).settings(run.settings["evidence"]["settings"])
    size = run.settings["bodies"]["size"] or None
    for body in run.bodies:
        frozen_body(body.network, weights=body.weights, exposure=body.exposure, size=size, name=body.name)
