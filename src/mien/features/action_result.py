"""Apparent action units of faces, and on disk: ``actions.parquet`` holds a row per face, ``actions.json`` what they
are and how each is measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.in_notebooks import InNotebooks
from mien.core.names import utf8_name
from mien.data.result_files import ResultFiles, columns_as

if TYPE_CHECKING:
    import pandas as pd

_FORMAT = "mien actions 1"
TABLE, FACTS = "actions.parquet", "actions.json"
_FILES = ResultFiles("mien actions", _FORMAT, FACTS, {"table": TABLE})
VALUES = ("presence", "intensity", "error")
WHO = ("source", "frame", "time_s", "track", "status", "reason", "doubt")
_NUMBERS = {"frame": "i8", "time_s": "f8", "track": "i8"}

# What lies outside of what the measures were learnt on.
DOUBTS = {
    "turned": "the head is turned farther than those that the measures were learnt on",
    "small": "the eyes are nearer to each other, in pixels, than there",
    "unlike": "the fits disagree half as much again as on unseen heads, so that units may be wrong by any amount",
}


@dataclass(frozen=True, eq=False)
class ActionUnits(InNotebooks):
    """Apparent action units: one row per face and frame, and one for each source or frame without a face.

    Attributes
    ----------
    source, status, reason, doubt : ndarray of str, shape (rows,)
        Name of the picture or video; ``'ok'``, ``'no face'``, ``'unreadable'``, ``'truncated'``, or, where only the
        blendshapes could be used, ``'picture not found'`` or ``'changed since extraction'``; why; and ``''`` or what
        lies outside of what the measures were learnt on: ``'turned'``, ``'small'``, ``'unlike'`` (half of the learnt
        units have one and a half times the error that they have on unseen heads: they may be wrong by any amount).
    frame, track : ndarray of int64, shape (rows,)
    time_s : ndarray of float64, shape (rows,)
    presence, intensity, error : ndarray of float32, shape (rows, units)
        Probability that the action shows, as calibrated on rendered heads of which a fifth or so show it; its strength,
        0 (none) to 1 (the most that the rendered heads show); standard error of that strength. NaN where not measured.
    units : tuple of str
        ``'AU1'`` and so on, by the Facial Action Coding System.
    facts : dict
        By unit what it is and from what it is measured, and where the learnt ones were right.
    """

    __repr__ = brief

    source: np.ndarray
    frame: np.ndarray
    time_s: np.ndarray
    track: np.ndarray
    status: np.ndarray
    reason: np.ndarray
    doubt: np.ndarray
    presence: np.ndarray
    intensity: np.ndarray
    error: np.ndarray
    units: tuple[str, ...]
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = len(self.source)
        for name in (*WHO, *VALUES):
            shape = (rows, len(self.units)) if name in VALUES else (rows,)
            dtype: Any = np.float32 if name in VALUES else _NUMBERS.get(name, object)
            values = np.asarray(getattr(self, name), dtype=dtype)
            if values.shape != shape:
                raise InputError(f"ActionUnits: '{name}' must have shape {shape}, but has {values.shape}.")
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.source)

    @property
    def table(self) -> pd.DataFrame:
        """One row per face and frame, as the file holds it."""
        return require("pandas", "Tables", "learn").DataFrame(columns_of(self))

    def save(self, folder: str | Path) -> Path:
        """Write both files; they change together, and the JSON names the hash of the table.

        Parameters
        ----------
        folder : path

        Returns
        -------
        Path
            ``folder``.
        """
        return _FILES.write(folder, {"units": list(self.units), "facts": self.facts}, {"table": columns_of(self)})


def columns_of(found: ActionUnits) -> dict[str, np.ndarray]:
    """The columns of the table: who and where, then presence, intensity and error of each unit."""
    columns = {name: getattr(found, name) for name in WHO}
    for name in ("source", "reason"):
        columns[name] = np.array([utf8_name(str(text)) for text in columns[name]], dtype=object)
    for place, unit in enumerate(found.units):
        columns |= {f"{unit} {value}": getattr(found, value)[:, place] for value in VALUES}
    return columns


def load_actions(folder: str | Path) -> ActionUnits:
    """Read what ``mien actions`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    ActionUnits

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    return _FILES.read(folder, _result)


def _result(facts: dict[str, Any], parts: dict[str, Any]) -> ActionUnits:
    table, units = parts["table"], tuple(map(str, facts["units"]))
    who = {name: np.array(table[name].to_pylist(), dtype=_NUMBERS.get(name, object)) for name in WHO}
    values = {value: columns_as(table, [f"{unit} {value}" for unit in units]) for value in VALUES}
    return ActionUnits(**who, **values, units=units, facts=dict(facts["facts"]))
