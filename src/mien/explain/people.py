"""Who is one person among what is explained: copies under several names count once, as in training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.faces import Faces
from mien.core.people.keys import known_people, person_key
from mien.core.people.unknown import own_person
from mien.features.match import Choice
from mien.learn.copies import copies_among


def people_once(
    people: np.ndarray,
    path: np.ndarray,
    values: np.ndarray,
    model: Any,
    files: Sequence[Path] = (),
    choices: Sequence[Choice] = (),
    faces: Faces | None = None,
) -> tuple[np.ndarray, list[str]]:
    """Every person by the first name of those that copies or the model's training say are one, and what has to be said.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
        ``''`` for everybody who is not known.
    path, values, files, choices, faces
        As for ``mien.learn.copies.copies_among``.
    model : Model or another
        One of mien's knows which of its people copies joined.
    """
    known = known_people(people)[0]
    if not any(known):
        return known, []
    rows = np.array([name or own_person(f"row {row + 1}") for row, name in enumerate(known)], dtype=object)
    groups = (getattr(model, "info", None) or {}).get("one_person", [])
    first = {person_key(str(name)): str(group[0]) for group in groups for name in group}
    joined = np.array([first.get(person_key(str(name)), name) for name in rows], dtype=object)
    notes = []
    if len(set(joined)) < len(set(rows)):
        notes.append(
            f"The model's training met copies under several names, whose people count as one: {len(set(joined))} "
            f"instead of {len(set(rows))}."
        )
    copies = copies_among(joined, path, values, files, choices, faces)
    return known_people(copies.units)[0], [*notes, *copies.notes]
