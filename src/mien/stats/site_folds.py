"""Folds that leave out one site at a time: scores at places that the model has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.stats.folds import Fold, left_out_in_turn
from mien.stats.subjects import codes_of, text_codes

LEAVE_ONE_SITE_OUT: Literal["leave-one-site-out"] = "leave-one-site-out"


def roaming(subjects: Sequence[str] | np.ndarray, sites: Sequence[str] | np.ndarray) -> np.ndarray:
    """Mask of samples whose person is at several sites, shape (samples,)."""
    who, where = codes_of(subjects)[1], text_codes(sites)[1]
    pairs = np.unique(np.stack([who, where]), axis=1)
    several = np.bincount(pairs[0], minlength=who.max(initial=-1) + 1) > 1
    return np.asarray(several[who])


def site_folds(
    subjects: Sequence[str] | np.ndarray, sites: Sequence[str] | np.ndarray, y: Sequence[Any] | np.ndarray | None = None
) -> list[Fold]:
    """One fold for each site, tested by models that were trained on the others.

    Parameters
    ----------
    subjects, sites : sequence of str, shape (samples,)
    y : sequence, shape (samples,), optional
        Class of each sample; every training fold must hold every class.

    Returns
    -------
    list of (train, test)
        In the order of the sites' names.

    Raises
    ------
    InputError
        For fewer than two sites, a person at several, or a class that only one site shows.
    """
    names, where = text_codes(sites)
    if len(names) < 2:
        raise InputError(f"Leaving out one site needs two sites at least, but all samples are of '{names[0]}'.")
    away = np.flatnonzero(roaming(subjects, sites))
    if len(away):
        raise InputError(
            f"'{subjects[away[0]]}' is at several sites, so leaving out one of them would test on a person who is "
            "known from another. Leave such people out, or correct the table."
        )
    return left_out_in_turn(
        where, names, y,
        "Only the site '{name}' has the class '{label}', so it cannot be learnt from others. Leave the class out, or "
        "use folds over people (scheme 'stratified').",
    )  # fmt: skip
