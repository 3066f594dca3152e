"""``adapt``: what a few recordings of a person bring to a model that was trained on other people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import finite
from mien.core.memory import kept_memory
from mien.core.numbers import Range, check_number, checked_numbers
from mien.core.outcome import Ratings
from mien.core.output import check_folder
from mien.core.people.words import people_facts
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.learn.adaptation import Adaptation, PersonCurve, curve
from mien.learn.adapting import adapter_for, recordings_needed, split
from mien.learn.named_columns import columns_recipe
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table, load, outcome_of, usable
from mien.models.catalogue import spec
from mien.models.maker import maker, notes_of, prepared

_COUNTS = Range(0, 1000, whole=True)


@kept_memory()
@checked_numbers
def adapt(
    samples: Samples | str | Path,
    *,
    target: str,
    model: str = "expression",
    k: Sequence[int] = (0, 1, 2, 5),
    repeats: int = 5,
    weight: int = 10,
    steps: int = 20,
    faces: Faces | str | Path | None = None,
    recordings: str = "",
    seed: int = 0,
    output: str | Path | None = None,
    features: str | Sequence[str] = (),
    recipe: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    progress: Progress | bool | None = None,
) -> Adaptation:
    """Adapt a model of other people to each person with k recordings per class, and test it on the person's others.

    Parameters
    ----------
    samples : Samples, str or Path
        Read with ``read_samples`` if it is not ``Samples`` yet.
    target : str
        Label to be predicted.
    model, faces, features, recipe, settings
        As for ``train``.
    k : sequence of int
        Recordings per class of the person; 0, the model of other people, is always among them. A person needs one
        more than the largest k of a class; others are trained on, but not tested, and named.
    repeats : int
        Random draws of the recordings, averaged within the person.
    weight : int
        Models that are fitted anew (linear ones, trees, randomised networks): as how many samples of others each of
        the person's counts.
    steps : int
        Trained networks: steps of gradient descent on the last layer; everything before it stays.
    recordings : str
        Column that says which recording (session) a sample is of; ``'path'`` if each is one of its own. By default
        clips are, and single pictures are refused. Recordings that hold several classes are drawn whole.
    seed : int
        Of training and draws.
    output : str or Path, optional
        Folder for ``adaptation.json``.
    labels, subject_pattern, columns, missing : optional
        Of samples that are named: how their table or folder is read, see ``mien.data.samples.read_samples``.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error. Counts people.

    Returns
    -------
    Adaptation

    Raises
    ------
    InputError
        For a target that holds numbers, a k that is no number of recordings, or nobody with enough recordings.

    Notes
    -----
    The test recordings are the same for every k of a draw, and no recording (nor an exact copy of it) is in adaptation
    and test. What a fit chooses on people left out, such as the strength of regularisation, is chosen once without the
    person and kept for every k.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), clips=3, frames=8)
    >>> found = mien.adapt("people", target="expression", model="landmark-rvfl", k=(0, 1), repeats=2)
    >>> [row.k for row in found.points], len(found.people)
    ([0, 1], 6)
    """
    progress = progress_of(progress, "people")
    if output is not None:
        check_folder(output)
    counts = _counts(k)
    chosen = spec(model)
    if features:
        recipe = columns_recipe(features, chosen.name, recipe)
    samples = given_samples(samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing)
    samples, found = load(samples, faces, recipe or dict(chosen.recipe))
    if isinstance(outcome_of(samples, target), Ratings):
        raise InputError(f"Models are adapted to classes, but '{target}' holds numbers.")
    table = usable(samples, found, recipe or chosen.recipe, target, recordings=recordings)
    make = maker(chosen.name, table.features, seed=seed, settings=settings or {})
    refuse_known_start(make, samples, table)
    people, left_out = _able(table, counts[-1])
    values, curves = prepared(make, table.features), []
    for done, (person, rows) in enumerate(people.items()):
        others = np.flatnonzero(table.subjects.astype(str) != person)
        adapter = adapter_for(make, table, values, others, weight=weight, steps=steps)
        rng = np.random.default_rng([seed, done])
        scores = np.mean([_scores(adapter, table, rows, counts, rng) for _ in range(repeats)], axis=0)
        assert table.recordings is not None
        taken = len(set(table.recordings[rows].tolist()))
        curves.append(PersonCurve(person, tuple(map(float, scores)), taken, len(set(table.y[rows].tolist()))))
        if progress is not None:
            progress(done + 1, len(people))
    names = [row.person for row in curves]
    tested = np.concatenate(list(people.values()))
    result = Adaptation(
        chosen.name,
        target,
        {
            "scheme": "adapted", "way": make().adapts, **people_facts(table.subjects[tested], len(tested)),
            "trained_on": len(table.y), "k": list(counts), "repeats": repeats, "weight": weight, "steps": steps,
            "seed": seed, "recipe": finite(table.features.recipe), "settings": finite(settings or {}),
            "chance": float(np.mean([1 / len(set(table.y.tolist()))])),
            "samples": {"name": samples.name, "licence": samples.licence, "credit": samples.credit},
        },
        curve(counts, np.array([row.scores for row in curves]), names, seed),
        tuple(curves),
        tuple(left_out),
        tuple(dict.fromkeys([*table.notes, *notes_of(make)])),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def _counts(k: Sequence[int]) -> tuple[int, ...]:
    for one in k:
        check_number("k", one, _COUNTS)
    found = tuple(sorted({0, *k}))
    if len(found) < 2:
        raise InputError("k names at least one number of recordings beside 0, such as k=(0, 1, 2, 5).")
    return found


def _able(table: Table, most: int) -> tuple[dict[str, np.ndarray], list[str]]:
    """Samples of each person of the classes that there are enough recordings of, and who has too few."""
    assert table.recordings is not None
    people, left_out, best = {}, [], 0
    for person in dict.fromkeys(table.subjects.astype(str)):
        rows = np.flatnonzero(table.subjects.astype(str) == person)
        enough, largest = recordings_needed(table.recordings[rows], table.y[rows].astype(str), most + 1)
        best = max(best, largest)
        if len(set(table.y[rows[enough]].tolist())) > 1:
            people[person] = rows[enough]
        else:
            left_out.append(person)
    if not people:
        raise InputError(
            f"Nobody has {most + 1} recordings of two classes, as the largest k ({most}) and one to test on need; the "
            f"most that somebody has is {best}. Ask for k up to {max(best - 1, 0)}."
        )
    return people, left_out


def _scores(
    adapter: Callable[[np.ndarray, np.ndarray], np.ndarray], table: Table, rows: np.ndarray, counts: tuple[int, ...],
    rng: np.random.Generator,
) -> list[float]:  # fmt: skip
    """Balanced accuracy on one draw's test recordings with each number of recordings."""
    assert table.recordings is not None
    own, test = split(table.recordings[rows], table.y[rows].astype(str), counts, rng)
    truth = table.y[rows[test]].astype(str)
    result = []
    for mine in own:
        right = adapter(rows[mine], rows[test]) == truth
        result.append(float(np.mean([right[truth == name].mean() for name in np.unique(truth)])))
    return result
