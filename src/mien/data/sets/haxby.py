"""Haxby et al. (2001): what a slice of one viewer's brain answers to blocks of pictures of eight categories."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.run_patterns import RunPatterns
from mien.core.samples import Samples
from mien.data.sets.catalogue import part
from mien.data.streams.brain import read_brain
from mien.data.tables.table import read_table

LICENCE = "CC BY-SA 3.0"
CREDIT = (
    "Haxby, Gobbini, Furey, Ishai, Schouten & Pietrini (2001), Distributed and overlapping representations of faces "
    "and objects in ventral temporal cortex, Science 293, 2425-2430; from the test data of PyMVPA."
)
REPETITION_S = 2.5
# The blood answers about five seconds late.
DELAY_S = 5.0
_CALLED = {"scrambledpix": "scrambled picture"}


def haxby(folder: Path) -> Samples:
    """One viewer's blocks of pictures: 12 runs of eight categories (face, house, cat, ...), in random order.

    Label ``category``; the subject is the run, which no fold may split. There are no pictures; what the brain answered
    is ``haxby_patterns``.
    """
    rows = [(run, category) for run in _runs(folder) for _, _, category in _blocks(folder, run)]
    return Samples(
        path=np.array([f"{run}/{category}" for run, category in rows], dtype=object),
        subject=np.array([run for run, _ in rows], dtype=object),
        labels={"category": np.array([category for _, category in rows], dtype=object)},
        name="Haxby et al. (2001), one slice of one person",
        licence=LICENCE,
        credit=CREDIT,
    )


def haxby_patterns(folder: Path) -> RunPatterns:
    """The mean answer of every voxel to each block, 5 s after it was shown, in standard deviations of its run."""
    runs = _runs(folder)
    # A slow drift of the scanner is a straight line in each voxel.
    volumes = read_brain(
        [folder / f"{run}.nii.gz" for run in runs], mask="brightness", detrend=True, standardise=True,
        repetition_s=REPETITION_S, run=runs,
    )  # fmt: skip
    values, category, of_run, noise = [], [], [], []
    for run in runs:
        series = volumes.values[volumes.run == run]
        starts = (np.arange(len(series)) + 0.5) * REPETITION_S
        for onset, duration, name in _blocks(folder, run):
            shown = (starts >= onset + DELAY_S) & (starts < onset + duration + DELAY_S)
            if not shown.any():
                raise InputError(f"{folder / run}.tsv: the block of '{name}' lies behind the end of the volumes.")
            values.append(series[shown].mean(axis=0))
            noise.append(series[shown] - values[-1])
            category.append(name)
            of_run.append(run)
    return RunPatterns(
        np.stack(values), np.array(category, dtype=object), np.array(of_run, dtype=object), np.concatenate(noise),
        "voxel", LICENCE, CREDIT, ("One slice of one person: nothing follows for people.",),
    )  # fmt: skip


def _runs(folder: Path) -> list[str]:
    part(folder, "run-01.tsv", "haxby")
    tables = sorted(path.stem for path in folder.glob("run-*.tsv"))
    for run in tables:
        part(folder, f"{run}.nii.gz", "haxby")
    return tables


def _blocks(folder: Path, run: str) -> list[tuple[float, float, str]]:
    """Onset, duration (s) and category of each block."""
    table = read_table(folder / f"{run}.tsv")
    names = table.need("trial_type", "what was shown in each block")
    for column in ("onset", "duration"):
        table.need(column, "when each block was shown, in seconds")
    onset, duration = (table.numbers(column)[0] for column in ("onset", "duration"))
    return [(float(o), float(d), _CALLED.get(str(n), str(n))) for o, d, n in zip(onset, duration, names, strict=True)]
