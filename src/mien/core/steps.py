"""Steps of long work that are not repeated: what was done with which facts stands in a file beside the results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

import mien
from mien.core.errors import InputError
from mien.core.faces import RETRACKED, Faces
from mien.core.files import read_json, write_json
from mien.core.samples import Samples

STEPS_FILE = "steps.json"


def once(
    folder: Path, step: str, facts: Any, made: Iterable[Path], work: Callable[[], Any], say: Callable[[str], None]
) -> bool:
    """Do ``work`` unless it was done with the same facts and what it made is there; whether it was done now.

    Parameters
    ----------
    folder : Path
        Where ``steps.json`` lies.
    step : str
    facts : any that JSON can write
        All that the result depends on, beside mien's version.
    made : iterable of Path
    work : callable
    say : callable
        Gets a sentence.
    """
    path = folder / STEPS_FILE
    mark = hashlib.sha256(json.dumps([mien.__version__, facts], sort_keys=True, default=str).encode()).hexdigest()
    if _done(path).get(step) == mark and all(place.exists() for place in made):
        say(f"{step}: done before.")
        return False
    say(f"{step} ...")
    work()
    write_json(path, {**_done(path), step: mark})
    return True


def _done(path: Path) -> dict[str, str]:
    """Steps and their marks; none where the file is damaged."""
    try:
        stored = read_json(path) if path.exists() else {}
    except InputError:
        return {}
    return stored if isinstance(stored, dict) else {}


def data_mark(samples: Samples, faces: Faces | None) -> str:
    """Fingerprint of samples and faces."""
    digest = hashlib.sha256()
    columns = [samples.path, samples.subject, *samples.labels.values()]
    if faces is not None:
        digest.update(np.ascontiguousarray(faces.landmarks_px).tobytes())
        digest.update(np.ascontiguousarray(np.nan_to_num(faces.blendshapes)).tobytes())
        columns += [faces.source, faces.status]
        if any(RETRACKED in remarks.split() for remarks in faces.quality):
            columns.append(faces.track)
    columns += [np.array([name, *values], dtype=object) for name, values in samples.ratings.items()]
    for column in columns:
        digest.update("\0".join(map(str, column)).encode())
    return digest.hexdigest()
