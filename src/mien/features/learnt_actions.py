"""Learnt measures of facial actions: linear functions of a face's inputs, calibrated on rendered heads.

The coefficients are in ``learnt/action_units.npz``, what is known of them in ``learnt/action_units.json``, which names
the checksum of the first. ``benchmarks/action_units`` makes both from the ICT FaceKit (MIT, (c) 2020 USC Institute for
Creative Technologies) and mien's own made-up people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.files import atomic_path, read_json, sha256_of, write_json

FOLDER, COEFFICIENTS, FACTS = "learnt", "action_units.npz", "action_units.json"
ARRAYS = ("mean", "spread", "slopes", "levels", "presence", "intensity", "error")


@dataclass(frozen=True, eq=False)
class MeasuredActions:
    """Presence, intensity and its standard error of each action of each face, shape (rows, units)."""

    presence: np.ndarray
    intensity: np.ndarray
    error: np.ndarray


@dataclass(frozen=True, eq=False)
class Learnt:
    """What was fitted.

    Attributes
    ----------
    units : tuple of str
        Action units that have coefficients of their own.
    mean, spread : ndarray of float32, shape (inputs,)
        By which inputs are standardised.
    slopes : ndarray of float16, shape (fits, units, inputs)
        Of standardised inputs; each fit leaves out another fifth of the people.
    levels : ndarray of float32, shape (fits, units)
    presence, intensity : ndarray of float32, shape (units, 2)
        Slope and intercept: of the logistic function from score to presence, of the line from score to intensity.
    error : ndarray of float32, shape (units,)
        Root mean square error of intensity on people and cameras that the fit did not see.
    frozen : dict of str to tuple
        Of the other units: blendshape (mean of both sides), slope and intercept of presence, slope and intercept of
        intensity, error of intensity.
    """

    units: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray
    slopes: np.ndarray
    levels: np.ndarray
    presence: np.ndarray
    intensity: np.ndarray
    error: np.ndarray
    frozen: dict[str, tuple[str, float, float, float, float, float]]

    def raw(self, inputs: np.ndarray) -> np.ndarray:
        """Score by each of the fits, shape (fits, rows, units)."""
        z = (np.asarray(inputs, dtype=np.float64) - self.mean) / self.spread
        found: np.ndarray = np.einsum("ri,bui->bru", z, self.slopes.astype(np.float64)) + self.levels[:, None]
        return found

    def measure(self, inputs: np.ndarray) -> MeasuredActions:
        """Of the units that have coefficients of their own.

        The error joins that on unseen people with the spread between the fits.

        Parameters
        ----------
        inputs : ndarray, shape (rows, inputs)
            Of ``mien.features.action_inputs.inputs_of``.
        """
        each = self.raw(inputs)
        score = each.mean(0)
        line = self.intensity.astype(np.float64)
        intensity = np.clip(score * line[:, 0] + line[:, 1], 0, 1)
        # Each of n fits lacks one of n parts of the people (jackknife, Tukey 1958).
        spread = np.sqrt(len(each) - 1) * each.std(0) * np.abs(line[:, 0])
        return MeasuredActions(
            _logistic(score * self.presence[:, 0] + self.presence[:, 1]),
            intensity,
            np.hypot(spread, self.error.astype(np.float64)),
        )

    def measure_frozen(self, shapes: dict[str, np.ndarray]) -> MeasuredActions:
        """Of the units that are left to blendshapes, in the order of ``frozen``; ``shapes`` by their names."""
        presence, intensity, error = [], [], []
        for name, slope, level, rise, start, off in self.frozen.values():
            presence.append(_logistic(shapes[name] * slope + level))
            intensity.append(np.clip(shapes[name] * rise + start, 0, 1))
            error.append(np.where(np.isfinite(shapes[name]), off, np.nan))
        return MeasuredActions(np.stack(presence, 1), np.stack(intensity, 1), np.stack(error, 1))


def _logistic(value: np.ndarray) -> np.ndarray:
    found: np.ndarray = 1 / (1 + np.exp(-np.clip(value, -60, 60)))
    return found


def keep(learnt: Learnt, folder: Path, facts: dict[str, Any] | None = None) -> None:
    """Write coefficients and facts into a folder, the second with the checksum of the first."""
    with atomic_path(folder / COEFFICIENTS) as half:
        np.savez_compressed(half, **{name: getattr(learnt, name) for name in ARRAYS})
    written = {"units": list(learnt.units), "frozen": {unit: list(row) for unit, row in learnt.frozen.items()}}
    write_json(folder / FACTS, {**(facts or {}), **written, "sha256": sha256_of(folder / COEFFICIENTS)})


@cache
def learnt() -> Learnt:
    """The coefficients that come with mien.

    Raises
    ------
    InputError
        If the file is not the one that its facts name.
    """
    facts = facts_of_learnt()
    with as_file(files("mien.features") / FOLDER / COEFFICIENTS) as path:
        if sha256_of(path) != facts["sha256"]:
            raise InputError(f"{path} is not the file that {FACTS} names; install mien again.")
        with np.load(path, allow_pickle=False) as held:
            arrays = {name: held[name] for name in ARRAYS}
    frozen = {unit: (str(row[0]), *map(float, row[1:])) for unit, row in facts["frozen"].items()}
    return Learnt(units=tuple(facts["units"]), **arrays, frozen=frozen)  # type: ignore[arg-type]


@cache
def facts_of_learnt() -> dict[str, Any]:
    """What is known of the coefficients: on what they were learnt and where they were right."""
    with as_file(files("mien.features") / FOLDER / FACTS) as path:
        found: dict[str, Any] = read_json(path)
    return found
