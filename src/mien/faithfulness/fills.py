"""What stands where a part of the input was removed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.explain.fills import blurred
from mien.explain.problem import Problem
from mien.faithfulness.imputation import gaussian_imputer, picture_imputer
from mien.faithfulness.units import Units

# A fill gives inputs from samples (numbers of rows) and what is kept of each, (rows, units).
Removal = Callable[[np.ndarray, np.ndarray], np.ndarray]
FILLS = ("blur", "mean", "zero")


def default_fill(space: str) -> str:
    """``'blur'`` for pictures, ``'mean'`` (of the reference samples) for sequences and named features."""
    return "blur" if space == PICTURE else "mean"


def fill_of(problem: Problem, units: Units, kind: str) -> Removal:
    """A fill by name.

    Parameters
    ----------
    problem : Problem
    units : Units
    kind : str
        ``'blur'`` (pictures: the picture itself, blurred until only coarse shading is left), ``'mean'`` (element by
        element over the reference samples) or ``'zero'``.

    Raises
    ------
    InputError
        If there is no such fill, or it is not for this kind of input.
    """
    if kind not in FILLS:
        raise InputError(f"fill is one of {', '.join(FILLS)}, but got '{kind}'.")
    if kind == "blur" and units.space != PICTURE:
        raise InputError(f"fill='blur' is for pictures, but the input is {units.space}; give fill='mean'.")
    values = problem.values
    stand_in = _stand_in(problem, kind)

    def fill(rows: np.ndarray, kept: np.ndarray) -> np.ndarray:
        other = stand_in[rows] if len(stand_in) > 1 else stand_in
        return np.where(units.mask(kept), values[rows], other)

    return fill


def _stand_in(problem: Problem, kind: str) -> np.ndarray:
    """What replaces the values, for each sample or once for all."""
    if kind == "blur":
        blurs = [blurred(picture, "insertion") for picture in problem.values]
        return np.stack(blurs) if blurs else problem.values
    if kind == "mean" and len(problem.reference):
        return problem.reference.mean(axis=0, dtype=np.float64).astype(np.float32)[None]
    return np.zeros((1, *problem.values.shape[1:]), np.float32)


def imputer_of(problem: Problem, units: Units) -> Removal:
    """Noisy linear imputation of what is removed, as ROAD asks for.

    Pictures: every missing pixel is a weighted mean of its neighbours (Rong et al. 2022). Sequences and named
    features: the expected value given the points or features that are left, under a Gaussian fitted to the reference
    samples. Noise of 0.01 standard deviations is added, so that smoothness itself does not give the gaps away.
    """
    if units.space == PICTURE:
        return picture_imputer(problem.values, units, problem.seed)
    return gaussian_imputer(problem.values, problem.reference, units, problem.seed)
