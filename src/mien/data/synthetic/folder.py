"""A synthetic cohort on disk: tables, landmark shards, the planted truth and, if wanted, pictures."""

import csv
import io
from pathlib import Path

import numpy as np

from mien.core.files import write_json, write_text
from mien.core.samples import Samples
from mien.data.shards import write_shard
from mien.data.synthetic.actions import ACTIONS, MUSCLES
from mien.data.synthetic.cohort import Cohort
from mien.data.synthetic.expressions import GROUPS, RECIPES


def write_cohort(cohort: Cohort, folder: Path) -> Path:
    """Write the landmark sequences of a cohort and the truth about them.

    ``samples.csv`` has the columns clip, subject, expression and group; ``faces/`` one Parquet shard per subject,
    whose sources are the clips; ``truth.json`` the acting points, movements and muscles of every expression.

    Returns
    -------
    Path
        The folder, which the sample reader takes as ``synthetic:FOLDER``.
    """
    folder = Path(folder)
    samples = cohort.samples
    for subject in dict.fromkeys(samples.subject):
        clips = samples.path[samples.subject == subject]
        write_shard(cohort.faces[np.isin(cohort.faces.source, clips)], folder / "faces" / f"{subject}.parquet")
    write_table(samples, folder / "samples.csv", "clip")
    write_json(folder / "truth.json", truth(cohort))
    return folder


def truth(cohort: Cohort) -> dict:
    """The planted truth as plain values."""
    expressions = {
        label: {
            "acting": points.tolist(),
            "groups": {
                group: {
                    "muscles": RECIPES[label][group],
                    "acting": cohort.acting_by_group[label][group].tolist(),
                    "movement_cm": np.round(cohort.movement[label][group], 4).tolist(),
                }
                for group in GROUPS
            },
        }
        for label, points in cohort.acting.items()
    }
    muscles = {name: {"action_unit": MUSCLES[name].unit, "words": MUSCLES[name].words} for name in ACTIONS}
    return {"topology": cohort.faces.topology, "expressions": expressions, "muscles": muscles}


def write_table(samples: Samples, path: Path, first: str) -> None:
    """Write samples as CSV; ``first`` names the column of the paths or clip ids."""
    groups = samples.group if samples.group is not None else [""] * len(samples)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([first, "subject", *samples.labels, "group"])
    table.writerows(zip(samples.path, samples.subject, *samples.labels.values(), groups, strict=True))
    write_text(path, text.getvalue())
