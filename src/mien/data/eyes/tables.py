"""Tables of raw samples in chunks: Tobii, Pupil, Gazepoint and any other by a mapping of columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import csv

from mien.core.errors import InputError
from mien.data.eyes.chunks import Chunk, Facts, Viewing
from mien.data.eyes.eyelink import BLOCK_BYTES, MEAN
from mien.data.eyes.screen import CENTRE, DEGREES, PIXELS, TOP_LEFT, Screen
from mien.data.eyes.trackers import TIME_UNITS, TRACKERS, columns_of, guessed, unit_in
from mien.data.tables.screens import coded

_NULLS = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", ".", "-"]
_WORDS = ("picture", "run", "viewer")
_NUMBER_COLUMN = re.compile(r"In CSV column #(\d+): (.*)")


class SampleTable:
    """One table with a row per sample, read from its start to its end.

    Parameters
    ----------
    path : Path
    tracker : str
        One of ``TRACKERS``; ``''`` to go by the names of the columns.
    columns : mapping of str to str
        See ``FIELDS``.
    screen : Screen
    units, origin, time_unit : str
        ``''`` for those of the tracker.
    eye, viewer : str
    block : int
        Bytes that are read at once.
    """

    def __init__(
        self, path: Path, tracker: str, columns: Mapping[str, str], screen: Screen, units: str, origin: str,
        time_unit: str, eye: str, viewer: str, block: int = BLOCK_BYTES,
    ) -> None:  # fmt: skip
        self.path, self.facts = path, Facts()
        self._block, self._viewer, self._screen = block, viewer, screen
        with path.open("rb") as file:
            head = file.read(20_000).decode("utf-8-sig", "replace").splitlines()
        if not head or not head[0].strip():
            raise InputError(f"{path} is empty; it has to hold a row of names and one row per sample.")
        self._mark = max("\t;,", key=head[0].count)
        have = [name.strip().strip('"') for name in head[0].split(self._mark)]
        self._have = have
        # Where commas do not part the columns, those between digits are decimal.
        decimal = self._mark != "," and any(re.search(r"\d,\d", line) for line in head[1:50])
        self._decimal = "," if decimal else "."
        row = TRACKERS[tracker or guessed(have)]
        self.tracker, self.columns = row.name, columns_of(row, have, columns, str(path))
        self._pairs = self._of_eyes(eye, columns)
        unit = time_unit or unit_in(self.columns.get("time", "")) or row.time
        self.unit, self._second = unit, TIME_UNITS[unit]
        self.units, self.origin = units or row.units, origin or row.origin
        if (self.units != PIXELS or self.origin != TOP_LEFT) and not screen.width:
            raise InputError(
                f"{path}: coordinates are {self.units} from the {self.origin}, so the size of the screen in pixels is "
                "needed (screen='1920x1080')."
            )
        self._least = row.least_valid
        self._now, self._start, self._turn, self._last = ("", "", ""), 0.0, 0, -np.inf

    def _of_eyes(self, eye: str, given: Mapping[str, str]) -> list[tuple[str, str]]:
        named, where = self.columns, f"{self.path}: columns {', '.join(self._have[:30])}"
        if "time" not in named:
            raise InputError(f"{where}: none is the time of samples. Name it: columns time=NAME.")
        sides = [(named[f"{s}_x"], named[f"{s}_y"]) for s in ("left", "right") if {f"{s}_x", f"{s}_y"} <= named.keys()]
        middle = {"x", "y"} <= named.keys() and ("left_x" not in given or "x" in given)
        if eye == MEAN and middle:
            return [(named["x"], named["y"])]
        if eye == MEAN and sides:
            return sides
        wanted = [(named[f"{eye}_x"], named[f"{eye}_y"])] if {f"{eye}_x", f"{eye}_y"} <= named.keys() else []
        if eye != MEAN and wanted:
            return wanted
        what = "x and y" if eye == MEAN else f"{eye}_x and {eye}_y"
        raise InputError(f"{where}: none are the places of samples ({what}). Name them: columns x=NAME,y=NAME.")

    def __iter__(self) -> Iterator[Chunk]:
        """Chunks of one part each."""
        numbers = list(dict.fromkeys([self.columns["time"], *(name for pair in self._pairs for name in pair)]))
        words = {name: self.columns[name] for name in _WORDS if name in self.columns}
        valid = self.columns.get("valid", "")
        kept = [*numbers, *dict.fromkeys(words.values()), *([valid] if valid and valid not in numbers else [])]
        types = {name: pyarrow.string() for name in kept} | dict.fromkeys(numbers, pyarrow.float64())
        if valid:
            types[valid] = pyarrow.float64()
        try:
            reader = csv.open_csv(
                self.path, read_options=csv.ReadOptions(block_size=self._block, use_threads=False),
                parse_options=csv.ParseOptions(delimiter=self._mark),
                convert_options=csv.ConvertOptions(
                    column_types=types, include_columns=kept, null_values=_NULLS, decimal_point=self._decimal,
                ),
            )  # fmt: skip
            first = 0
            for batch in reader:
                yield from self._chunks(batch, words, valid, first)
                first += len(batch)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowKeyError) as error:
            text = str(error).splitlines()[0]
            found = _NUMBER_COLUMN.search(text)
            name = f"column '{self._have[int(found[1])]}': {found[2]}" if found else text
            raise InputError(f"{self.path}: {name}. Times and places of samples are numbers.") from error

    def _chunks(self, batch: pyarrow.RecordBatch, words: dict[str, str], valid: str, first: int) -> Iterator[Chunk]:
        used = dict.fromkeys([self.columns["time"], *(name for pair in self._pairs for name in pair)])
        number = {name: batch.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in used}
        time = number[self.columns["time"]] * self._second
        if not np.isfinite(time).all():
            row = first + int(np.argmin(np.isfinite(time))) + 2
            raise InputError(f"{self.path}, row {row}: '{self.columns['time']}' is empty; every sample has a time.")
        # Of each eye before both are one: a code beside a place has a mean that looks like a place.
        x, y = (
            np.mean(both, axis=0)
            for both in zip(*(self._seen(number[a], number[b]) for a, b in self._pairs), strict=True)
        )
        x, y = self._screen.pixels(x, y, self.units, self.origin)
        if valid:
            seen = batch.column(valid).to_numpy(zero_copy_only=False).astype(np.float64) >= self._least
            x, y = np.where(seen, x, np.nan), np.where(seen, y, np.nan)
        labels = {name: batch.column(column).fill_null("").dictionary_encode() for name, column in words.items()}
        codes = [labels[name].indices.to_numpy() for name in labels]
        change = np.zeros(len(time), dtype=bool)
        for code in codes:
            change[1:] |= np.diff(code) != 0
        edges = [0, *np.flatnonzero(change).tolist(), len(time)]
        for start, stop in pairwise(edges):
            if start == stop:
                continue
            now = tuple(
                labels[name].dictionary[labels[name].indices[start].as_py()].as_py() if name in labels else ""
                for name in _WORDS
            )
            yield from self._of_part(now, time[start:stop], x[start:stop], y[start:stop])

    def _seen(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of one eye; missing where the tracker wrote a code for nothing seen."""
        lost = coded(x, y, corner=self.units != DEGREES and self.origin != CENTRE)
        if lost.any():
            self.facts.coded += int(lost.sum())
            self.facts.code = float(x[np.argmax(lost)])
        return np.where(lost, np.nan, x), np.where(lost, np.nan, y)

    def _of_part(self, now: tuple[str, ...], time: np.ndarray, x: np.ndarray, y: np.ndarray) -> Iterator[Chunk]:
        picture, run, viewer = now
        if ("picture" in self.columns or "run" in self.columns) and not picture and not run:
            self.facts.outside += len(time)
            return
        # Parts of one name that follow each other at once are one showing.
        if now != self._now or not self._turn:
            self._turn += 1
            self._now, self._start = now, float(time[0])  # type: ignore[assignment]
        yield Chunk(Viewing(viewer or self._viewer, run, picture, self._turn), self._start, time, x, y)
