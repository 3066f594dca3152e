"""The study 'film': what is decodable from frames, faces and brains, where viewers look, and what goes with that.

After Borriero et al. (arXiv 2408.00493), who decode the emotions that a film portrays from brains and from its frames
and compare what networks rest on with where people look; with what makes the answer stand: whole runs are left out,
chance knows that neighbouring moments are alike, and every map stands beside baselines and what other viewers reach.
"""

from __future__ import annotations

from pathlib import Path

from mien.core.errors import InputError
from mien.core.provenance import LEFT_OUT, forget
from mien.studies.film_checks import check
from mien.studies.film_frames import evidence_step, networks_step
from mien.studies.film_steps import brain_step, decode_step, gaze_step, link_step, streams_step, viewers_step
from mien.studies.settings import Schema, Setting
from mien.studies.stages import FOLDS, NAMES, Run, report_step

INTRO = """Film: what can be decoded of what a film portrays from its viewers' brains, from faces and from other
streams; do maps of evidence fall where viewers look, more than a centre prior and how near to what viewers agree on;
which parcels go with it. Each part needs its own data, and is left out, with a sentence, where they are not there: with
fixations and pictures alone it answers whether a model looks where people look.

Fill in what there is, leave the rest or change it, then run: mien study run FOLDER
A run can be interrupted; what is finished is not computed again. Paths start at this file's folder."""

SETTINGS: Schema = {
    "": {
        "title": Setting("Film, gaze and brain on one time line", "Title of the report."),
        "names": NAMES,
        "film_strip": Setting(
            False, "Show small frames of the film in the report, whoever they show. Ask about their licence."
        ),
    },
    "samples": {
        "source": Setting(
            "",
            "Frames: a table with path, and for faces over time also run and time_s (seconds since its run's start).",
        ),
        "target": Setting(
            "",
            "What is decoded: a column of words of [decoding] labels, or columns of agreement with commas, such as\n"
            "e_happiness,e_fear. Empty: nothing is decoded.",
        ),
        "faces": Setting("", "Folder with faces of the frames (written by mien extract). Empty: no faces."),
    },
    "streams": {
        "runs": Setting("", "Table of runs: name, start_s, stop_s on the film's clock. Empty: the streams' own runs."),
        "annotations": Setting(
            {}, 'Tables of what is portrayed or shown, by name: { emotions = "emotions_events.tsv" }.'
        ),
        "samples": Setting({}, 'Other tables with time_s and numbers, by name: { loudness = "loudness.csv" }.'),
        "brain": Setting([], "Volumes (NIfTI), or tables time x parcel; patterns such as parcels/*.csv are taken."),
        "atlas": Setting("", "Labels on the grid of the volumes."),
        "labels": Setting("", "Names of the atlas' labels, or centres of parcels."),
        "mask": Setting("", "Instead of an atlas: a mask, or brightness."),
        "repetition_s": Setting(0.0, "Seconds from volume to volume; 0: as the header says.", least=0),
        "offset_s": Setting({}, "Seconds that are added to the times of streams, by name: { emotions = 0.5 }."),
    },
    "frames": {
        "networks": Setting(
            [],
            "Networks whose answers to the frames are decoded on the brain's folds: names such as efficientnet-lite0,\n"
            "or folders of picture models that mien trained; NAME=NETWORK names one.",
        ),
        "weights": Setting("pretrained", "Of networks by name: pretrained (ImageNet), random, or a file."),
        "layers": Setting([], "Their layers, each of which becomes a stream; empty: one, deep inside."),
        "components": Setting(0, "So many principal components of a layer instead of its units; 0: units.", least=0),
        "model": Setting(
            "",
            "A picture model (its folder) whose evidence about the frames stands beside fixations; needs faces.",
        ),
        "method": Setting("grad-cam", "How it is explained (mien methods)."),
        "target": Setting("", "Which of its outputs; empty: all."),
    },
    "gaze": {
        "fixations": Setting("", "Table of fixations (picture, viewer, x, y, perhaps duration), or a data set: osie."),
        "film": Setting(
            False,
            "Fixations are those during the film (onset_s since the start of the run, duration_s, x_px, y_px, viewer,\n"
            "run): agreement frame by frame, which goes onto the time line and beside the brain.",
        ),
        "columns": Setting({}, 'What the table calls them: { picture = "Bild" }.'),
        "pictures": Setting("", "Folder where the paths of the pictures start."),
        "picture_size": Setting("", "Width and height of all pictures, such as 800x600, where there are no files."),
        "maps": Setting([], "Maps: folders of evidence, or with a PNG or NPY file per picture; NAME=PATH names one."),
    },
    "decoding": {
        "labels": Setting("", "The annotation with the target; empty: the first."),
        "sources": Setting([], "Streams that are decoded from, on the same folds; empty: the brain."),
        "at_least": Setting(0.5, "Agreement from which on a column of numbers counts.", least=0),
        "model": Setting("logistic", "Decoder.", ("logistic", "ridge", "lda", "trees", "mlp")),
        "unit": Setting("volume", "A row is a volume, or the mean over each labelled interval.", ("volume", "block")),
        "leave_out": Setting("run", "What is left out for the test.", ("run", "viewer", "stretch")),
        "shift_s": Setting(5.0, "Seconds that the brain's answer comes later.", least=0),
    },
    "link": {
        "columns": Setting([], "Columns of annotations that are compared with the brain; empty: the target."),
        "haemodynamic": Setting(True, "Convolve them with the canonical response; else shift_s of [decoding]."),
        "viewers": Setting(True, "What viewers' brains have in common over time."),
    },
    "comparison": {"permutations": Setting(999, "Draws of chance of each test.", least=99), "seed": FOLDS["seed"]},
}  # fmt: skip


def steps(run: Run) -> Path:
    """Place streams on the time line, decode, compare gaze with maps, link, and report."""
    check(run)
    forget(run.folder, LEFT_OUT)
    streams_step(run)
    networks, answers = networks_step(run)
    maps, evidence = evidence_step(run)
    # What rests on a part that is left out now, whatever an earlier run wrote of it, is left out as well.
    decoded = decode_step(run, networks)
    parts = ["streams", *answers, *evidence, *decoded, *brain_step(run, bool(decoded))]
    looked = gaze_step(run, maps)
    parts += [*looked, *link_step(run, bool(looked)), *viewers_step(run)]
    if len(parts) == 1 and not (run.folder / "streams").is_dir():
        raise InputError("study.toml: nothing was computed; see the sentences above for what each part needs.")
    asked = run.settings[""]
    return report_step(run, parts, show_names=asked["names"], film_strip=asked["film_strip"])
