"""Folds that share people on purpose: a person's recordings are in training and test, no recording is in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.folds import Fold
from mien.stats.subjects import codes_of, text_codes


def recording_folds(
    subjects: Sequence[str] | np.ndarray,
    recordings: Sequence[str] | np.ndarray,
    y: Sequence[Any] | np.ndarray,
    *,
    n_folds: int = 10,
    seed: int = 0,
) -> list[Fold]:
    """Split samples by recordings, so that each person's class is learnt from other recordings of that person.

    Parameters
    ----------
    subjects : sequence of str, shape (samples,)
        Who is shown.
    recordings : sequence of str, shape (samples,)
        Recording of each sample, told apart between people. All its samples are in one fold.
    y : sequence, shape (samples,)
        Classes.
    n_folds : int
        At most; no more than the largest number of recordings that a person has of a class.
    seed : int
        Of the order in which recordings are dealt.

    Returns
    -------
    list of (train, test)
        Every sample is tested exactly once, by a model that has learnt its class from other recordings of its person.

    Raises
    ------
    InputError
        If a person has one recording only of a class that he or she shows, a recording is of two people, or
        recordings of several classes cannot be dealt so that each class stays in training.
    """
    who, recording = codes_of(subjects)[1], text_codes(recordings)[1]
    classes, label = text_codes(y)
    if n_folds < 2:
        raise InputError(f"Folds: at least 2 folds are needed, but got {n_folds}.")
    if len(classes) < 2:
        raise InputError(f"Folds: all samples have the class '{classes[0]}'; two classes at least are needed.")
    owner = np.full(recording.max() + 1, -1)
    owner[recording] = who
    if (owner[recording] != who).any():
        raise InputError("Folds: a recording is of two people; recordings have to be told apart between people.")
    pairs = np.unique(np.stack([who, label, recording]), axis=1)
    counts = np.zeros((who.max() + 1, len(classes)), dtype=int)
    np.add.at(counts, (pairs[0], pairs[1]), 1)
    if (counts == 1).any():
        person, one = np.argwhere(counts == 1)[0]
        raise InputError(
            f"Folds: '{codes_of(subjects)[0][person]}' has one recording of the class '{classes[one]}', so the class "
            "cannot be learnt from another recording of this person."
        )
    n_folds = min(n_folds, int(counts.max()))
    shown = np.zeros((len(owner), len(classes)), dtype=int)
    np.add.at(shown, (recording, label), 1)
    fold = _deal(owner, shown, n_folds, np.random.default_rng(seed))
    for person, one in np.argwhere(counts > 1):
        if len(set(fold[pairs[2, (pairs[0] == person) & (pairs[1] == one)]])) < 2:
            raise InputError(
                f"Folds: the recordings of '{codes_of(subjects)[0][person]}' hold several classes, and with {n_folds} "
                f"folds all of '{classes[one]}' came into one. Ask for more folds or another seed."
            )
    of_sample = fold[recording]
    return [(np.flatnonzero(of_sample != f), np.flatnonzero(of_sample == f)) for f in np.unique(of_sample)]


def _deal(owner: np.ndarray, shown: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each recording: where its person has fewest samples of its classes, then where the fold is smallest."""
    fold = np.full(len(owner), -1)
    held = np.zeros((owner.max() + 1, n_folds, shown.shape[1]))
    rows = np.zeros(n_folds)
    order = rng.permutation(len(owner))
    for one in order[np.argsort(-(shown[order] > 0).sum(1), kind="stable")]:
        mine = held[owner[one]][:, shown[one] > 0]
        best = min(range(n_folds), key=lambda f: ((mine[f] > 0).sum(), mine[f].sum(), rows[f], (f + one) % n_folds))
        fold[one] = best
        held[owner[one], best] += shown[one]
        rows[best] += shown[one].sum()
    return fold
