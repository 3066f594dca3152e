"""EyeLink recordings (.asc) in chunks: samples, messages, validations and the tracker's own fixations."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import csv

from mien.core.errors import InputError
from mien.data.eyes.chunks import Chunk, Facts, Viewing

LEFT, RIGHT, MEAN = "left", "right", "mean"
EYES = (MEAN, LEFT, RIGHT)
BLOCK_BYTES = 8_000_000
_NOT_A_SAMPLE = re.compile(rb"^[^\d\n][^\n]*\n|^\n", re.MULTILINE)
_NULLS = [" " * spaces + mark for spaces in range(9) for mark in (".", "")]
_VALIDATION = re.compile(r"!CAL VALIDATION .*?ERROR\s+([\d.]+)\s+avg\.\s+([\d.]+)\s+max")
_SCREEN = re.compile(r"(?:GAZE_COORDS|DISPLAY_COORDS)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)")


class EyeLink:
    """One recording, read from its start to its end.

    Parameters
    ----------
    path : Path
    eye : str
        ``'mean'``, ``'left'`` or ``'right'`` of a recording of both eyes.
    message, until : pattern, optional
        A message that begins a part (its groups ``picture``, ``run``, ``viewer`` or its first group name it), and one
        that ends it.
    viewer : str
    block : int
        Bytes that are read at once.
    """

    def __init__(
        self, path: Path, eye: str, message: re.Pattern[str] | None, until: re.Pattern[str] | None, viewer: str,
        block: int = BLOCK_BYTES,
    ) -> None:  # fmt: skip
        self.path, self.facts = path, Facts()
        self._eye, self._message, self._until, self._block = eye, message, until, block
        self._viewer, self._turn = viewer, 0
        self._both, self._only, self._known = False, "", False
        # From when on samples belong to which part; None is none.
        self._changes: list[tuple[float, Viewing | None]] = [(-np.inf, None if message else Viewing(viewer))]

    def __iter__(self) -> Iterator[Chunk]:
        """Chunks of one part each."""
        with self.path.open("rb") as file:
            rest = b""
            while data := file.read(self._block):
                text, sign, rest = (rest + data).rpartition(b"\n")
                yield from self._chunks(text + sign)
            yield from self._chunks(rest + b"\n")
        if not self._known:
            raise InputError(
                f"{self.path} holds no line 'SAMPLES ... GAZE', so it has no samples of places on the screen. Convert "
                "the recording with edf2asc, samples and events, gaze coordinates."
            )

    def _chunks(self, block: bytes) -> Iterator[Chunk]:
        for line in _NOT_A_SAMPLE.findall(block):
            self.hear(line.decode("utf-8", "replace").strip())
        lines = _NOT_A_SAMPLE.sub(b"", block)
        if not lines.strip() or not self._known:
            return
        time, x, y = self._samples(lines)
        starts = np.array([moment for moment, _ in self._changes])
        place = np.maximum(np.searchsorted(starts, time, side="right") - 1, 0)
        for number in np.unique(place):
            moment, part = self._changes[number]
            rows = place == number
            if part is None:
                self.facts.outside += int(rows.sum())
                continue
            if moment == -np.inf:
                moment = float(time[rows][0])
                self._changes[number] = moment, part
            yield Chunk(part, moment, time[rows], x[rows], y[rows])

    def _samples(self, lines: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if b"\t" not in lines[:200]:
            lines = re.sub(rb"[ ]+", b"\t", lines)
        count = 7 if self._both else 4
        names = [f"f{i}" for i in range(count)]
        try:
            table = csv.read_csv(
                io.BytesIO(lines), read_options=csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
                parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pyarrow.float64()), include_columns=names, null_values=_NULLS,
                ),
            )  # fmt: skip
        except (pyarrow.ArrowInvalid, pyarrow.ArrowKeyError) as error:
            raise InputError(
                f"{self.path}: samples are not laid out as edf2asc writes them for "
                f"{'both eyes' if self._both else 'one eye'} ({str(error).splitlines()[0]})."
            ) from error
        columns = [table.column(name).to_numpy().astype(np.float64) for name in names]
        time, pairs = columns[0] / 1000, [(columns[1], columns[2], columns[3])]
        if self._both:
            pairs.append((columns[4], columns[5], columns[6]))
        # A pupil of size 0 was not seen.
        seen = [tuple(np.where(pupil == 0, np.nan, axis) for axis in (x, y)) for x, y, pupil in pairs]
        if len(seen) == 1:
            return time, *seen[0]
        if self._eye == MEAN:
            return time, (seen[0][0] + seen[1][0]) / 2, (seen[0][1] + seen[1][1]) / 2
        return time, *seen[0 if self._eye == LEFT else 1]

    def hear(self, line: str) -> None:
        """Take in one line that is no sample."""
        words = line.split()
        if not words:
            return
        if words[0] == "START" and self._changes[0][0] == -np.inf and self._changes[0][1] is not None:
            # Without messages the clock counts from the start of the recording.
            self._changes[0] = float(words[1]) / 1000, self._changes[0][1]
        elif words[0] == "SAMPLES":
            self._layout(words)
        elif words[0] == "EFIX" and len(words) >= 7:
            self._own_fixation(words)
        elif words[0] == "MSG" and len(words) > 2:
            text = line.split(None, 2)[2]
            self._moment(float(words[1]) / 1000, text)

    def _layout(self, words: list[str]) -> None:
        if "GAZE" not in words:
            raise InputError(
                f"{self.path} holds samples of kind '{words[1]}', not places on the screen. Convert the recording "
                "with edf2asc, gaze coordinates (not HREF or PUPIL)."
            )
        both = "LEFT" in words and "RIGHT" in words
        if self._known and both != self._both:
            raise InputError(f"{self.path} goes from one eye to both within the file; give each recording of its own.")
        self._known, self._both = True, both
        self._only = LEFT if "LEFT" in words else RIGHT
        if not both and self._eye in (LEFT, RIGHT) and self._eye != self._only:
            raise InputError(f"{self.path} holds the {self._only} eye alone; leave eye out or give '{self._only}'.")
        if "RATE" in words:
            self.facts.rate_hz = float(words[words.index("RATE") + 1])

    def _moment(self, time: float, text: str) -> None:
        if found := _VALIDATION.search(text):
            self.facts.validation.append((float(found[1]), float(found[2])))
        if found := _SCREEN.search(text):
            left, top, right, bottom = (float(word) for word in found.groups())
            self.facts.screen = round(right - left) + 1, round(bottom - top) + 1
        if self._message is not None and (begins := self._message.search(text)):
            self._turn += 1
            self._changes.append((time, part_of(begins, self._viewer, self._turn)))
        elif self._until is not None and self._until.search(text):
            self._changes.append((time, None))

    def _own_fixation(self, words: list[str]) -> None:
        eye = LEFT if words[1] == "L" else RIGHT
        if self._both and eye != (RIGHT if self._eye == RIGHT else LEFT):
            return
        start, stop, x, y = float(words[2]) / 1000, float(words[3]) / 1000, float(words[5]), float(words[6])
        moment, part = next((c for c in reversed(self._changes) if c[0] <= start), self._changes[0])
        if part is not None:
            step = 1 / self.facts.rate_hz if self.facts.rate_hz > 0 else 0.001
            self.facts.fixations.append((part, start - moment, stop - start + step, x, y))


def part_of(found: re.Match[str], viewer: str, turn: int) -> Viewing:
    """The part that a message names by its groups."""
    named = {name: value or "" for name, value in found.groupdict().items() if name in ("picture", "run", "viewer")}
    if not {"picture", "run"} & named.keys():
        named["picture"] = found[1] if found.re.groups else found[0]
    return Viewing(named.get("viewer") or viewer, named.get("run", ""), named.get("picture", ""), turn)
