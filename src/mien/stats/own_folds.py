"""Folds that somebody drew beforehand, each sample with the name of the fold that tests it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.people.words import SUBJECT, unit_words
from mien.stats.folds import Fold, left_out_in_turn
from mien.stats.subjects import codes_of, text_codes

OWN_FOLDS: Literal["own-folds"] = "own-folds"


def own_folds(
    subjects: Sequence[str] | np.ndarray, folds: Sequence[str] | np.ndarray,
    y: Sequence[Any] | np.ndarray | None = None, *, unit: str = SUBJECT,
) -> list[Fold]:  # fmt: skip
    """One fold for each name, tested by models that were trained on the others.

    Parameters
    ----------
    subjects, folds : sequence of str, shape (samples,)
        Who is shown, and the fold that tests the sample.
    y : sequence, shape (samples,), optional
        Class of each sample; every training fold must hold every class.
    unit : str
        Column that ``subjects`` are from.

    Returns
    -------
    list of (train, test)
        In the order of the folds' names.

    Raises
    ------
    InputError
        For a sample without a fold, fewer than two folds, a person in several, or a class that only one fold holds.
    """
    texts = np.asarray([str(name).strip() for name in folds], dtype=object)
    bare = int((texts == "").sum())
    if bare:
        raise InputError(
            f"{bare} of {len(texts)} samples that can be used have no fold. Every sample is tested in one fold: fill "
            "in the column, or leave these rows out."
        )
    names, where = text_codes(texts)
    if len(names) < 2:
        raise InputError(f"Folds of your own are two at least, but all samples are in the fold '{names[0]}'.")
    people, who = codes_of(subjects)
    pairs = np.unique(np.stack([who, where]), axis=1)
    torn = np.flatnonzero(np.bincount(pairs[0], minlength=len(people)) > 1)
    if len(torn):
        one, many = unit_words(unit)
        at = [f"'{names[fold]}'" for person, fold in pairs.T if person == torn[0]]
        raise InputError(
            f"{len(torn)} {one if len(torn) == 1 else many} of {len(people)} would be in training and test at once: "
            f"'{people[torn[0]]}' is in the folds {' and '.join(at)}. Give all samples of a {one} one fold."
        )
    return left_out_in_turn(
        where, names, y,
        "Only the fold '{name}' holds the class '{label}', so it cannot be learnt from the others. Draw the folds "
        "anew, or leave the class out.",
    )  # fmt: skip
