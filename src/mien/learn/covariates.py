"""Covariates: what is known of people and recordings beside the face, as columns of numbers for a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.patterns import fits, patterns_of
from mien.core.samples import Samples

# Stands for every column of recording quality; these are called so.
QUALITY, QUALITY_PREFIX = "quality", "quality:"
# A number with more distinct values may bend where its quartiles are.
_STRAIGHT = 10


@dataclass(frozen=True, eq=False)
class Covariates:
    """Columns of a covariate model.

    Attributes
    ----------
    asked : tuple of str
        Columns of the samples that they are made of.
    values : ndarray, shape (samples, columns)
        One column for each value of a label; a number as it is, and what of it lies above each of its quartiles, so
        that it may go with the outcome in a bent line. NaN where it is not known.
    names : tuple of str
    """

    asked: tuple[str, ...]
    values: np.ndarray
    names: tuple[str, ...]


def covariates_of(samples: Samples, asked: str | Sequence[str], targets: Sequence[str] = ()) -> Covariates:
    """Covariates of all samples.

    Parameters
    ----------
    samples : Samples
    asked : str or sequence of str
        Labels and ratings, by names or patterns; ``'quality'`` for all columns of recording quality.
    targets : sequence of str
        What is to be predicted.

    Raises
    ------
    InputError
        If there is no such column, it is the target, or none of them differs between samples.
    """
    columns = _chosen(samples, patterns_of(asked))
    known = [name for name in columns if name in targets]
    if known:
        raise InputError(f"'{known[0]}' is what is to be predicted, so it cannot stand beside the face as well.")
    blocks: dict[str, np.ndarray] = {}
    for name in columns:
        values = samples.target(name)
        blocks |= _of_number(name, values) if values.dtype.kind == "f" else _of_label(name, values)
    if not blocks:
        raise InputError(f"None of {', '.join(columns)} differs between samples, so nothing can stand beside the face.")
    return Covariates(tuple(columns), np.stack(list(blocks.values()), axis=1), tuple(blocks))


def _chosen(samples: Samples, patterns: Sequence[str]) -> list[str]:
    names = [*samples.labels, *samples.ratings]
    found: dict[str, None] = {}
    for pattern in patterns:
        if pattern == QUALITY and QUALITY not in names:
            fitting = [name for name in names if name.startswith(QUALITY_PREFIX)]
            if not fitting:
                raise InputError(
                    "There are no columns of recording quality to stand beside the face; they come with measures "
                    "(--measures STUDY). Leave 'quality' out, or name the columns."
                )
        else:
            fitting = [name for name in names if fits(name, [pattern])]
            if not fitting:
                samples.target(pattern)  # says what there is
                fitting = [pattern]
        found.update(dict.fromkeys(fitting))
    if not found:
        raise InputError("beside names at least one column, such as age.")
    return list(found)


def _of_label(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    texts = values.astype(str)
    levels = [level for level in np.unique(texts) if level]
    if len(levels) < 2 and (texts != "").all():
        return {}
    missing = np.where(texts == "", np.nan, 0.0)
    # Of two values one column says all.
    shown = levels[1:] if len(levels) == 2 else levels
    return {f"{name} = {level}": (texts == level) + missing for level in shown}


def _of_number(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    known = values[np.isfinite(values)]
    if len(np.unique(known)) < 2:
        return {}
    clean = np.where(np.isfinite(values), values, np.nan)
    found = {name: clean}
    if len(np.unique(known)) > _STRAIGHT:
        for share, bend in zip((25, 50, 75), np.quantile(known, (0.25, 0.5, 0.75)), strict=True):
            found[f"{name} above its quantile {share} %"] = np.where(
                np.isnan(clean), np.nan, np.maximum(clean - bend, 0)
            )
    return found
