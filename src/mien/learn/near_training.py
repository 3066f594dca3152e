"""Samples that are nearly copies of what a model was trained on, as far as the faces of the training are at hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.features.match import choose
from mien.learn.copies import marks_of
from mien.learn.near_clips import near_clips
from mien.learn.near_copies import near_copies


@dataclass(frozen=True)
class NearTraining:
    """How many training samples were compared, and pairs of a sample's path and a training source."""

    compared: int
    pairs: list[tuple[str, str]]


def near_training(samples: Samples, faces: Faces, seen: set[str]) -> NearTraining:
    """Samples that show a training sample's face in the same moment, by the rules for copies within a training.

    A model keeps no pictures and no measured faces, which would show who took part. But the faces that it was trained
    on are often in the same folder as those of the samples: there they are known by the marks that the model keeps.

    Parameters
    ----------
    samples : Samples
        To be scored.
    faces : Faces
        All of the folder.
    seen : set of str
        Marks of the training samples, see ``mien.learn.copies.marks_of``.
    """
    given = choose(samples, faces)
    own = {str(faces.source[row]) for choice in given for row in choice.rows[:1]}
    others = np.array([name for name in dict.fromkeys(faces.source.astype(str)) if name not in own], dtype=object)
    if not len(others) or not seen:
        return NearTraining(0, [])
    rest = Samples(path=others, subject=others, root=samples.root)
    learnt = choose(rest, faces)
    marks = marks_of(np.zeros((len(rest), 1), np.float32), (), learnt, faces)
    known = [row for row, mark in enumerate(marks) if mark & seen]
    if not known:
        return NearTraining(0, [])
    choices = [*given, *(learnt[row] for row in known)]
    files = [*samples.files(), *(rest.files()[row] for row in known)]
    side = np.array(["scored"] * len(given) + ["learnt"] * len(known), dtype=object)
    pairs = sorted({*near_copies(side, files, choices, faces), *near_clips(side, choices, faces)})
    names = [*samples.path.astype(str), *(others[row] for row in known)]
    compared = len({mark for row in known for mark in marks[row] & seen})
    return NearTraining(compared, [(names[a], names[b]) for a, b in pairs])
