"""Streams that are too long for the memory: one run of one viewer at a time, means as of time by DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mien.core.brief import brief
from mien.core.extras import require
from mien.core.streams import MEAN, Stream
from mien.data.streams.store import VALUE, read_stream
from mien.data.streams.windows import SAME_S, Windows, onto

_MEMORY = "1GB"
# Each sample goes to the last window that began before it, and with what lies beyond a border also to the next one;
# its weight is how long it lies there.
_MEANS = """
WITH s AS (
    SELECT time_s + $lag AS t, CASE WHEN isnan(duration_s) THEN step ELSE duration_s END AS d, {chosen}
    FROM read_parquet([$path]) JOIN steps USING (viewer) WHERE run = $run AND time_s >= $first AND time_s < $last
), held AS (
    SELECT w.place, least(s.t + s.d, w.start + $width) - s.t AS held, {values} FROM s ASOF JOIN w ON s.t >= w.start
    UNION ALL
    SELECT w.place, s.t + s.d - w.start AS held, {values} FROM s ASOF JOIN w ON s.t + s.d > w.start
    WHERE w.start > s.t
)
SELECT place, {means} FROM held WHERE held > $same GROUP BY place
"""
_LASTING = """
SELECT coalesce(median(gap), 0), median(lasts), max(lasts), max(time_s), count(*)
FROM (SELECT CASE WHEN isnan(duration_s) THEN NULL ELSE duration_s END AS lasts, time_s,
             time_s - lag(time_s) OVER (ORDER BY time_s) AS gap
      FROM read_parquet([$path]) WHERE viewer = $viewer AND run = $run)
"""


@dataclass(frozen=True)
class StreamPart:
    """Rows of one viewer in one run: seconds from row to row, how long they usually and at most last, the last time."""

    step_s: float
    usual_s: float
    longest_s: float
    last_s: float
    rows: int


@dataclass(frozen=True)
class LongStream:
    """A stream that stays on the disk.

    Attributes
    ----------
    path : Path
    head : Stream
        What is known of it, without rows.
    """

    __repr__ = brief

    path: Path
    head: Stream

    @cached_property
    def parts(self) -> dict[tuple[str, str], StreamPart]:
        """Viewers and runs, with what is known of the rows of each."""
        with _connected() as connection:
            text = "SELECT DISTINCT run, viewer FROM read_parquet([$path]) ORDER BY run, viewer"
            keys = [(viewer, run) for run, viewer in connection.execute(text, {"path": str(self.path)}).fetchall()]
            result = {}
            for viewer, run in keys:
                given = {"path": str(self.path), "viewer": viewer, "run": run}
                step, usual, longest, last, rows = connection.execute(_LASTING, given).fetchone()
                usual, longest = (step, step) if longest is None else (usual, max(step, longest))
                result[viewer, run] = StreamPart(step, usual, longest, last, rows)
        return result

    def ends(self) -> dict[str, float]:
        """When the last row of each run ends."""
        result: dict[str, float] = {}
        for (_, run), part in self.parts.items():
            result[run] = max(result.get(run, 0.0), part.last_s + part.longest_s)
        return result

    def part(self, viewer: str, run: str) -> Stream:
        """Rows of one viewer in one run, or, where the stream has none of that viewer, those of the stimulus."""
        return read_stream(self.path, viewer=viewer if (viewer, run) in self.parts else "", run=run)

    def windows(self) -> Iterator[Windows]:
        """Its rows as windows, one run of one viewer after the other."""
        parts = self.parts.values()
        wide = float(np.median(np.repeat([part.usual_s for part in parts], [part.rows for part in parts])))
        for viewer, run in self.parts:
            yield Windows.of(self.part(viewer, run), wide)

    def onto(self, windows: Windows, *, overlap: str, lag_s: float) -> np.ndarray:
        """Its values in windows of one viewer and run, as ``mien.data.streams.windows.onto``."""
        viewer, run = str(windows.viewer[0]), str(windows.run[0])
        # Of the windows' viewer, else of the stimulus, else (windows of nobody) of every viewer.
        keys = [key for key in ((viewer, run), ("", run)) if key in self.parts][:1]
        if not keys and not viewer:
            keys = [key for key in self.parts if key[1] == run]
        if not keys:
            return np.full((len(windows), len(self.head.columns)), np.nan)
        longest = max(self.parts[key].longest_s for key in keys)
        apart = bool((np.diff(windows.start_s) >= windows.width_s - SAME_S).all())
        if self.head.rule == MEAN and overlap == "mean" and apart and longest <= windows.width_s:
            return self._means(windows, run, {key[0]: self.parts[key].step_s for key in keys}, longest, lag_s)
        stream = read_stream(self.path, viewer=keys[0][0] if len(keys) == 1 else None, run=run)
        return onto(stream, windows, overlap=overlap, lag_s=lag_s)

    def _means(
        self, windows: Windows, run: str, steps: dict[str, float], longest: float, lag_s: float
    ) -> np.ndarray:  # fmt: skip
        names = self.head.columns
        chosen = ", ".join(f"{_quoted(VALUE + name)} AS v{i}" for i, name in enumerate(names))
        values = ", ".join(f"v{i}" for i in range(len(names)))
        known = [f"FILTER (WHERE isfinite(v{i}))" for i in range(len(names))]
        means = ", ".join(f"sum(held * v{i}) {k} / sum(held) {k}" for i, k in enumerate(known))
        given = {
            "path": str(self.path), "run": run, "lag": lag_s, "width": windows.width_s, "same": SAME_S,
            "first": float(windows.start_s[0]) - lag_s - longest - SAME_S,
            "last": float(windows.start_s[-1]) + windows.width_s - lag_s,
        }  # fmt: skip
        result = np.full((len(windows), len(names)), np.nan)
        with _connected() as connection:
            connection.register("steps", pa.table({"viewer": list(steps), "step": list(steps.values())}))
            connection.register("w", pa.table({"place": np.arange(len(windows)), "start": windows.start_s}))
            found = connection.execute(_MEANS.format(chosen=chosen, values=values, means=means), given).fetchnumpy()
        place, *columns = (np.ma.filled(column, np.nan) for column in found.values())
        result[place] = np.column_stack(columns)
        return result


@contextmanager
def _connected() -> Iterator[Any]:
    duckdb = require("duckdb", "Joining streams of millions of rows", "cohort")
    with tempfile.TemporaryDirectory(prefix="mien-") as scratch:
        config = {"memory_limit": _MEMORY, "temp_directory": scratch, "python_enable_replacements": False,
                  "autoinstall_known_extensions": False, "allow_community_extensions": False}  # fmt: skip
        with duckdb.connect(":memory:", config=config) as connection:
            connection.execute("SET enable_progress_bar = false")
            yield connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
