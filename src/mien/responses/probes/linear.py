"""A linear probe of one layer: the direction that tells faces from everything else, fitted within folds by source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.models.fitting.ridge import ridge
from mien.stats.folds import Fold, subject_folds
from mien.stats.subjects import codes_of

# Penalties as multiples of the mean eigenvalue of the standardised features.
PENALTIES = tuple(10.0 ** np.arange(-3.0, 3.5, 0.5))
_INNER_FOLDS = 10
# A feature that varies by less than this share of its size does not vary.
_CONSTANT = 1e-6


@dataclass(frozen=True, eq=False)
class Direction:
    """Weights on the raw answers of a layer.

    Attributes
    ----------
    weights : ndarray of float64, shape (features,)
    intercept : float
        The probe's answer is ``values @ weights + intercept``: 0 at the border, above it "face", in standard deviations
        within faces and within the rest.
    """

    weights: np.ndarray
    intercept: float

    def answers(self, values: np.ndarray) -> np.ndarray:
        """The probe's answers, shape (samples,), to a layer's, shape (samples, features)."""
        found: np.ndarray = np.asarray(values, dtype=np.float64) @ self.weights + self.intercept
        return found


@dataclass(frozen=True, eq=False)
class Fit:
    """A direction, and how it did on sources that were left out of the training pictures in turn.

    Attributes
    ----------
    direction : Direction
    error : float
        Least mean squared held-out error of all penalties (targets -1 and 1, both kinds weighing the same).
    penalty : float
        As a multiple of the mean eigenvalue.
    """

    direction: Direction
    error: float
    penalty: float


@dataclass(frozen=True, eq=False)
class Design:
    """Which pictures train a probe, what they show, and in which folds they are.

    Attributes
    ----------
    rows : ndarray of int, shape (pictures,)
        Among the samples.
    face : ndarray of bool, shape (pictures,)
    source : ndarray of str, shape (pictures,)
    style : ndarray of int, shape (pictures,)
        Pictures are compared with those of the same style only; all 0 where that plays no part.
    folds : list of (train, test)
        Indices among the pictures.
    groups : tuple of (ndarray of int, or None)
        For each fold's training pictures, and last for all pictures, the inner folds: ``inner_groups``.
    """

    rows: np.ndarray
    face: np.ndarray
    source: np.ndarray
    style: np.ndarray
    folds: list[Fold]
    groups: tuple[np.ndarray | None, ...]

    @property
    def fold(self) -> np.ndarray:
        """The fold that each picture is tested in, from 1 on."""
        found = np.zeros(len(self.rows), dtype=int)
        for number, (_, test) in enumerate(self.folds, 1):
            found[test] = number
        return found

    @property
    def compared(self) -> np.ndarray:
        """Pictures with the same number are ranked against each other: those of one fold and style."""
        return self.fold * (int(self.style.max(initial=0)) + 1) + self.style


def balanced_weights(face: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Weights with mean 1, shape (pictures,), under which every style holds as many faces as others.

    Parameters
    ----------
    face : ndarray of bool, shape (pictures,)
    style : ndarray of int, shape (pictures,)
    """
    cell = 2 * np.asarray(style) + np.asarray(face)
    weights = 1 / np.bincount(cell)[cell]
    result: np.ndarray = weights / weights.mean()
    return result


def inner_groups(face: np.ndarray, source: np.ndarray, seed: int) -> np.ndarray | None:
    """Groups of sources that are left out in turn to choose the penalty; None where there are too few sources."""
    sources = min(len(set(source[side].tolist())) for side in (face, ~face))
    if sources < 3:
        return None
    folds = subject_folds(source, np.where(face, "face", "other"), n_folds=min(_INNER_FOLDS, sources), seed=seed)
    group = np.zeros(len(face), dtype=int)
    for number, (_, test) in enumerate(folds):
        group[test] = number
    return group


def fit_direction(
    values: np.ndarray, face: np.ndarray, style: np.ndarray, groups: np.ndarray | None, penalties: Sequence[float] = ()
) -> Fit:
    """The direction that tells faces from the rest.

    Parameters
    ----------
    values : ndarray, shape (pictures, features)
        Finite.
    face : ndarray of bool, shape (pictures,)
    style : ndarray of int, shape (pictures,)
    groups : ndarray of int, shape (pictures,), or None
        Left out in turn to choose the penalty; None for generalised cross-validation.
    penalties : sequence of float
        Multiples of the mean eigenvalue; by default ``PENALTIES``.

    Notes
    -----
    Ridge regression of -1 and 1 on the standardised answers, both kinds weighing the same: a regularised linear
    discriminant (Hastie, Tibshirani and Friedman 2009, The Elements of Statistical Learning, section 4.2).
    """
    values = np.asarray(values, dtype=np.float64)
    mean, spread = values.mean(0), values.std(0)
    varies = spread > _CONSTANT * np.maximum(np.abs(mean), np.abs(values).max(initial=0.0) * _CONSTANT)
    scale = np.where(varies, spread, 1.0)
    features = np.where(varies, (values - mean) / scale, 0.0)
    weights = balanced_weights(face, style)
    target = np.where(face, 1.0, -1.0)[:, None]
    tried = tuple(penalties) or PENALTIES
    found = ridge(features, target, weights, groups=groups, multiples=tried)
    unit = _spread_within(found.held_out[:, 0], face, style, weights) or 1.0
    raw = found.coefficients[:, 0] / scale / unit
    intercept = float(found.intercept[0]) / unit - float(mean @ raw)
    best = int(found.errors.argmin())
    return Fit(Direction(raw, intercept), float(found.errors[best]), tried[best])


def _spread_within(answers: np.ndarray, face: np.ndarray, style: np.ndarray, weights: np.ndarray) -> float:
    """Standard deviation within faces and within the rest (of each style)."""
    cell = np.unique(2 * style + face, return_inverse=True)[1].reshape(-1)
    means = np.bincount(cell, weights * answers) / np.bincount(cell, weights)
    found = float(np.sqrt((weights * (answers - means[cell]) ** 2).sum() / weights.sum()))
    return found if found > 1e-9 else 0.0


@dataclass(frozen=True, eq=False)
class LayerFits:
    """Probes of one layer: of every fold, and of all pictures.

    Attributes
    ----------
    folds : tuple of Fit
    whole : Fit
    held_out : ndarray, shape (pictures,)
        The probe's answer to each picture by the fold that did not see its source.
    """

    folds: tuple[Fit, ...]
    whole: Fit
    held_out: np.ndarray


def fit_layer(values: np.ndarray, design: Design) -> LayerFits:
    """Probes of one layer.

    Parameters
    ----------
    values : ndarray, shape (pictures, features)
        Of the design's pictures.
    design : Design
    """
    fits, held_out = [], np.full(len(design.rows), np.nan)
    for (train, test), groups in zip(design.folds, design.groups[:-1], strict=True):
        fit = fit_direction(values[train], design.face[train], design.style[train], groups)
        fits.append(fit)
        held_out[test] = fit.direction.answers(values[test])
    return LayerFits(tuple(fits), fit_direction(values, design.face, design.style, design.groups[-1]), held_out)


def same_pictures(values: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Sources joined where the answers to two pictures are the same to the last bit: copies of one file.

    Parameters
    ----------
    values : ndarray, shape (pictures, features)
    source : ndarray of str, shape (pictures,)

    Returns
    -------
    ndarray of str, shape (pictures,)
        Sources that hold copies of each other are called by the first of them.
    """
    first: dict[bytes, str] = {}
    called = {str(name): str(name) for name in source}

    def root(name: str) -> str:
        while called[name] != name:
            name = called[name]
        return name

    for row, name in zip(np.ascontiguousarray(values), source, strict=True):
        other = root(first.setdefault(row.tobytes(), str(name)))
        own = root(str(name))
        if own != other:
            called[own] = other
    names, codes = codes_of(source)
    return np.array([root(str(name)) for name in names], dtype=object)[codes]
