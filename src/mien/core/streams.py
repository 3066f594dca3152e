"""Streams: what was recorded over time, each on its own clock, and the time line that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import InNotebooks
from mien.core.words import did_you_mean

SAMPLED, INTERVALS, EVENTS = "sampled", "intervals", "events"
# What becomes of a stream in a window of time: the mean of what falls into it (weighed by how long it lies there), the
# value that holds in its middle, the nearest sample, or what begins in it.
MEAN, HOLD, NEAREST, ONSET = "mean", "hold", "nearest", "onset"
RULES = {SAMPLED: MEAN, INTERVALS: HOLD, EVENTS: ONSET}


@dataclass(frozen=True, eq=False)
class Runs:
    """Stretches of the stimulus that were shown in one go, such as the runs of a scanner.

    Attributes
    ----------
    name : ndarray of str, shape (runs,)
    start_s, stop_s : ndarray of float64, shape (runs,)
        Where each begins and ends on the clock of the stimulus, in seconds. Runs may overlap, as where a film is shown
        again for some seconds after a pause. Where there is no common stimulus, each starts at 0.

    Raises
    ------
    InputError
        If a name is there twice or a run does not last.

    Examples
    --------
    >>> from mien.core.streams import Runs
    >>> Runs(["1", "2"], [0.0, 894.0], [894.0, 1760.0]).length_s.tolist()
    [894.0, 866.0]
    """

    __repr__ = brief

    name: np.ndarray
    start_s: np.ndarray
    stop_s: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", np.array([str(name) for name in self.name], dtype=object))
        for column in ("start_s", "stop_s"):
            values = np.asarray(getattr(self, column), dtype=np.float64)
            if values.shape != self.name.shape or not np.isfinite(values).all():
                raise InputError(f"Runs: {len(self.name)} runs need as many finite values of '{column}'.")
            object.__setattr__(self, column, values)
        for place, name in enumerate(self.name):
            if name in self.name[:place]:
                raise InputError(f"Runs: '{name}' is there twice; each run has a name of its own.")
            if not self.stop_s[place] > self.start_s[place]:
                raise InputError(
                    f"Runs: '{name}' ends at {self.stop_s[place]:g} s, which is not after its start at "
                    f"{self.start_s[place]:g} s."
                )

    def __len__(self) -> int:
        return len(self.name)

    @property
    def length_s(self) -> np.ndarray:
        """How long each lasts, shape (runs,)."""
        length: np.ndarray = self.stop_s - self.start_s
        return length


@dataclass(frozen=True, eq=False)
class Stream(InNotebooks):
    """One recording over time: frames, faces, annotations, fixations, pupils, volumes, parcels.

    Attributes
    ----------
    name : str
    kind : str
        ``'sampled'`` (values at moments, each for as long as the step), ``'intervals'`` (what holds from ``time_s`` for
        ``duration_s``, and may overlap) or ``'events'`` (moments).
    time_s : ndarray of float64, shape (rows,)
        When each row begins, in seconds: since the start of its run where ``run`` is given, else on the clock of the
        stimulus.
    columns : tuple of str
    values : ndarray of float64, shape (rows, columns)
        NaN where missing.
    texts : dict of str to ndarray of str, each of shape (rows,)
        Columns of words: category, character, the path of a frame.
    duration_s : ndarray of float64, shape (rows,)
        How long each row lasts; of samples how long each covers. May be left out of samples (their step is the median
        difference of their run) and of events (0).
    run : ndarray of str, shape (rows,)
        ``''`` in all rows for a stream on the clock of the stimulus.
    viewer : ndarray of str, shape (rows,)
        Whose eyes or brain; ``''`` for what belongs to the stimulus itself.
    units : tuple of str
        One for each column; ``''`` where unknown.
    rule : str
        What becomes of it in a window: ``'mean'``, ``'hold'``, ``'nearest'`` or ``'onset'``; by default that of its
        kind (``RULES``).
    space : BrainSpace, optional
        Where in the brain the columns are.
    settings : dict
        How it was read, and every offset and shift of its clock that was applied; JSON-like.
    source, licence, credit : str
    notes : tuple of str
        What has to be known of it, in sentences.

    Raises
    ------
    InputError
        If columns do not match, a time is not finite, a duration is negative or rows of samples go back in time.

    Examples
    --------
    >>> from mien.core.streams import Stream
    >>> what = {"category": ["face", "cat"]}
    >>> shown = Stream("blocks", "intervals", [15.0, 52.5], texts=what, duration_s=[22.5, 22.5])
    >>> shown.texts["category"].tolist(), shown.rule
    (['face', 'cat'], 'hold')
    """

    __repr__ = brief

    name: str
    kind: str
    time_s: np.ndarray
    columns: tuple[str, ...] = ()
    values: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    texts: dict[str, np.ndarray] = field(default_factory=dict)
    duration_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    run: np.ndarray = field(default_factory=lambda: np.zeros(0))
    viewer: np.ndarray = field(default_factory=lambda: np.zeros(0))
    units: tuple[str, ...] = ()
    rule: str = ""
    space: BrainSpace | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    licence: str = ""
    credit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in RULES:
            raise InputError(f"Stream '{self.name}': the kind is one of {', '.join(RULES)}, but got '{self.kind}'.")
        self._set("rule", self.rule or RULES[self.kind])
        if self.rule not in (MEAN, HOLD, NEAREST, ONSET):
            raise InputError(f"Stream '{self.name}': the rule is mean, hold, nearest or onset, but got '{self.rule}'.")
        time_s = np.asarray(self.time_s, dtype=np.float64)
        rows = len(time_s)
        self._set("time_s", time_s)
        if not np.isfinite(time_s).all():
            row = int(np.argmin(np.isfinite(time_s)))
            raise InputError(f"Stream '{self.name}': row {row + 1} has no time; leave it out or give its time_s.")
        self._set("columns", tuple(str(name) for name in self.columns))
        values = np.asarray(self.values, dtype=np.float64)
        values = values.reshape(rows, 0) if not self.columns and not values.size else values
        self._set("values", values)
        if values.shape != (rows, len(self.columns)):
            raise InputError(
                f"Stream '{self.name}': {rows} rows and {len(self.columns)} columns need values of that shape, but got "
                f"{values.shape}."
            )
        self._set("units", tuple(self.units) or ("",) * len(self.columns))
        if len(self.units) != len(self.columns):
            raise InputError(f"Stream '{self.name}': {len(self.columns)} columns, but {len(self.units)} units.")
        for name in ("run", "viewer"):
            self._set(name, _words(getattr(self, name), rows, f"Stream '{self.name}': '{name}'"))
        texts = {str(k): _words(v, rows, f"Stream '{self.name}': '{k}'") for k, v in self.texts.items()}
        self._set("texts", texts)
        if twice := [name for name in texts if name in self.columns] or _twice(self.columns):
            raise InputError(f"Stream '{self.name}': the column '{twice[0]}' is there twice.")
        lasts = np.asarray(self.duration_s, dtype=np.float64)
        lasts = np.full(rows, 0.0 if self.kind == EVENTS else np.nan) if not len(lasts) else lasts
        self._set("duration_s", lasts)
        if lasts.shape != (rows,) or (lasts < 0).any():
            raise InputError(f"Stream '{self.name}': every row needs a duration_s of 0 or more.")
        if self.kind == INTERVALS and not np.isfinite(lasts).all():
            row = int(np.argmin(np.isfinite(lasts)))
            raise InputError(f"Stream '{self.name}': row {row + 1} is an interval without a duration_s.")
        if rows and (self.run == "").any() and (self.run != "").any():
            row = int(np.argmax(self.run == ""))
            raise InputError(f"Stream '{self.name}': row {row + 1} has no run, but others have; every row needs one.")
        if self.space is not None and len(self.space) != len(self.columns):
            raise InputError(
                f"Stream '{self.name}': {len(self.columns)} columns, but its brain space has {len(self.space)}."
            )
        if self.kind == SAMPLED:
            self._check_order()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _check_order(self) -> None:
        for key, rows in self.parts().items():
            back = np.flatnonzero(np.diff(self.time_s[rows]) <= 0)
            if len(back):
                row = int(rows[back[0] + 1])
                where = " ".join(part for part in key if part)
                raise InputError(
                    f"Stream '{self.name}'{f' ({where})' if where else ''}: row {row + 1} at {self.time_s[row]:g} s "
                    f"does not come after the row before it at {self.time_s[int(rows[back[0]])]:g} s; samples are in "
                    "order of time, each once. A clock that was set back needs a run of its own."
                )

    def __len__(self) -> int:
        return len(self.time_s)

    def __getitem__(self, rows: Any) -> Stream:
        """Rows by slice, mask or array of indices."""
        taken = {name: getattr(self, name)[rows] for name in ("time_s", "values", "duration_s", "run", "viewer")}
        return replace(self, texts={name: column[rows] for name, column in self.texts.items()}, **taken)

    def parts(self) -> dict[tuple[str, str], np.ndarray]:
        """Rows of each viewer and run, as ``{(viewer, run): indices}``, in the order in which they first come."""
        keys: dict[tuple[str, str], list[int]] = {}
        for row, key in enumerate(zip(self.viewer.tolist(), self.run.tolist(), strict=True)):
            keys.setdefault(key, []).append(row)
        return {key: np.array(rows, dtype=np.int64) for key, rows in keys.items()}

    @property
    def on_runs(self) -> bool:
        """Whether times count from the start of runs, not of the stimulus."""
        return bool(len(self) and self.run[0] != "")

    def column(self, name: str) -> np.ndarray:
        """Values of one column, shape (rows,): numbers, or words where it is one of words.

        Raises
        ------
        InputError
            If there is no such column.
        """
        if name in self.columns:
            return self.values[:, self.columns.index(name)]
        if name in self.texts:
            return self.texts[name]
        have = ", ".join([*self.columns[:20], *self.texts])
        hint = did_you_mean(name, [*self.columns, *self.texts])
        raise InputError(f"Stream '{self.name}' has no column '{name}'; it has: {have or 'none'}.{hint}")


@dataclass(frozen=True, eq=False)
class TimeLine:
    """Streams on one time line: the runs of the stimulus, and every stream on their clocks.

    Attributes
    ----------
    runs : Runs
    streams : dict of str to Stream
        Each with times since the start of its run.

    Raises
    ------
    InputError
        If a stream is still on the clock of the stimulus or names a run that there is not.
    """

    __repr__ = brief

    runs: Runs
    streams: Mapping[str, Stream]

    def __post_init__(self) -> None:
        for name, stream in self.streams.items():
            if len(stream) and not stream.on_runs:
                raise InputError(
                    f"Time line: '{name}' is still on the clock of the stimulus; place it on the runs first."
                )
            lost = sorted(set(stream.run) - set(self.runs.name))
            if lost:
                have = ", ".join(self.runs.name)
                raise InputError(f"Time line: '{name}' has a run '{lost[0]}', but the runs are {have}.")

    def __getitem__(self, name: str) -> Stream:
        if name not in self.streams:
            hint = did_you_mean(name, self.streams)
            raise InputError(
                f"The time line has no stream '{name}'; it has: {', '.join(self.streams) or 'none'}.{hint}"
            )
        return self.streams[name]


def _words(given: Any, rows: int, what: str) -> np.ndarray:
    column = np.array([str(value) for value in given], dtype=object) if len(given) else np.full(rows, "", dtype=object)
    if column.shape != (rows,):
        raise InputError(f"{what} has {len(column)} values for {rows} rows.")
    return column


def _twice(names: tuple[str, ...]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
