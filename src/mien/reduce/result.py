"""What ``reduce`` gives, and how it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, write_json, write_text
from mien.core.in_notebooks import Plotted
from mien.core.provenance import provenance
from mien.core.switch import settle, switched_together
from mien.core.topology import topology

REDUCTION_FILE, CURVE_FILE, LANDMARKS_FILE = "reduction.json", "curve.csv", "landmarks.json"
_FORMAT = "mien reduction 1"
_TABLES = ("curve", "tests", "stability")


@dataclass(frozen=True, eq=False)
class Chosen:
    """The landmarks that are enough.

    Attributes
    ----------
    points : ndarray of int
        Ascending indices among the landmarks that went in, ranked on all clips.
    topology : str
        Name of this set, such as ``'ibug-68[17-26,36]'``, as recipes take it; ``''`` where the points are not known.
    rule : str
        That chose the count.
    method : str
        That ranked.
    accuracy, low, high : float
        Of this count on the curve: every fold kept the landmarks that its own training clips ranked first. Too good, as
        the count was chosen on the same folds; quote ``held_out_accuracy``.
    all_accuracy : float
        Of all landmarks in the same folds.
    held_out_accuracy, held_out_low, held_out_high : float
        Of the rule, where each fold's count is chosen without that fold; see ``choice.held_out``. 95 % interval over
        people; NaN in files of earlier versions.
    """

    points: np.ndarray
    topology: str
    rule: str
    method: str
    accuracy: float
    low: float
    high: float
    all_accuracy: float
    held_out_accuracy: float
    held_out_low: float = float("nan")
    held_out_high: float = float("nan")

    @property
    def count(self) -> int:
        """Number of landmarks."""
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Reduction(Plotted):
    """Fewer landmarks: which, how few, what it costs and whether chance would have done as well.

    Attributes
    ----------
    ranking : ndarray of int, shape (landmarks,)
        Most to least important, from all clips; the curve rests on rankings of training folds alone.
    curve : pandas.DataFrame
        See ``mien.reduce.curve.curve``.
    chosen : Chosen
    stability, tests : pandas.DataFrame
        See ``mien.reduce.curve``.
    sets : dict of int to ndarray of int
        Landmarks of every count, from ``ranking``.
    timing : dict
        Seconds and microseconds of the network with all and with the chosen landmarks, and their ratios.
    protocol : dict
        How all this was measured: model, folds, subjects, rules, seed.
    topology : str
        Of all landmarks; ``''`` where they are not known.
    model : Model or None
        Fitted on all clips with the chosen landmarks; None after ``read``.
    folder : Path or None
        Where it is stored.
    left_out : dict of str to int
        Samples that were not used, counted by their status.
    """

    __repr__ = brief

    ranking: np.ndarray
    curve: Any
    chosen: Chosen
    stability: Any
    tests: Any
    sets: dict[int, np.ndarray]
    timing: dict[str, Any]
    protocol: dict[str, Any]
    topology: str = ""
    model: Any = None
    folder: Path | None = None
    left_out: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes None."""
        chosen = {k: getattr(self.chosen, k) for k in self.chosen.__dataclass_fields__ if k != "points"}
        return {
            "format": _FORMAT,
            "topology": self.topology,
            "protocol": self.protocol,
            "chosen": _plain({**chosen, "count": self.chosen.count, "points": self.chosen.points.tolist()}),
            "timing": _plain(self.timing),
            "ranking": self.ranking.tolist(),
            "sets": {str(count): points.tolist() for count, points in self.sets.items()},
            "left_out": self.left_out,
            **{name: _plain(getattr(self, name).to_dict("records")) for name in _TABLES},
        }

    def landmarks(self) -> dict[str, Any]:
        """What ``landmarks.json`` holds: the chosen set, as other programs and ``mien train --points`` take it."""
        regions: dict[str, list[int]] = {}
        if self.topology:
            names = topology(self.topology).region_of
            for point in self.chosen.points.tolist():
                regions.setdefault(str(names[point]), []).append(point)
        return {
            "points": self.chosen.topology,
            "indices": self.chosen.points.tolist(),
            "count": self.chosen.count,
            "of": self.topology or f"{len(self.ranking)} landmarks",
            "regions": regions,
            "ranking": self.ranking.tolist(),
            "rule": self.chosen.rule,
        }

    def write(self, folder: str | Path) -> Path:
        """Write ``landmarks.json``, ``curve.csv``, ``reduction.json`` and the model, if there is one, all together."""
        folder = Path(folder)
        with switched_together(folder, (LANDMARKS_FILE, CURVE_FILE, REDUCTION_FILE, "model")) as new:
            if self.model is not None:
                from mien.models.store import save_model

                save_model(self.model, new / "model")
            write_json(new / LANDMARKS_FILE, self.landmarks())
            write_text(new / CURVE_FILE, self.curve.to_csv(index=False))
            write_json(new / REDUCTION_FILE, provenance(**self.to_json()))
        return folder


def read_reduction(folder: str | Path) -> Reduction:
    """Read what ``Reduction.write`` wrote.

    Raises
    ------
    InputError
        If the file is missing or is not a reduction.
    """
    settle(Path(folder))
    path = Path(folder) / REDUCTION_FILE
    stored = read_json(path)
    if not isinstance(stored, dict) or stored.get("format") != _FORMAT:
        raise InputError(f"{path} was not written by 'mien reduce'.")
    pandas = require("pandas", "reading a reduction", "learn")
    try:
        chosen = {k: v for k, v in stored["chosen"].items() if k != "count"}
        numbers = ("accuracy", "low", "high", "all_accuracy", "held_out_accuracy")
        later = [k for k in ("held_out_low", "held_out_high") if k in chosen]
        chosen |= {k: float("nan") if chosen[k] is None else float(chosen[k]) for k in (*numbers, *later)}
        tables = {name: pandas.DataFrame(stored[name]).fillna(np.nan) for name in _TABLES}
        return Reduction(
            ranking=np.array(stored["ranking"], dtype=int),
            chosen=Chosen(**{**chosen, "points": np.array(chosen["points"], dtype=int)}),
            sets={int(count): np.array(points, dtype=int) for count, points in stored["sets"].items()},
            timing=dict(stored["timing"]),
            protocol=dict(stored["protocol"]),
            topology=str(stored["topology"]),
            left_out=dict(stored["left_out"]),
            folder=Path(folder),
            **tables,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"{path} is incomplete ({type(error).__name__}: {error}); run 'mien reduce' again.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
