"""What people decided about faces of a study after they looked at them: its ``review.csv``."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from mien.core.errors import InputError
from mien.core.files import write_text
from mien.core.words import did_you_mean

REVIEW = "review.csv"
COLUMNS = ("source", "frame", "track", "action", "other", "note")
EXCLUDE, SWAP, MERGE, MARK = "exclude", "swap", "merge", "mark"
ACTIONS = (EXCLUDE, SWAP, MERGE, MARK)
# Not '12-40', which Excel makes a date of.
_RANGE = re.compile(r"(\d{1,9})?\s*\.\.\s*(\d{1,9})?")
_WHOLE = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Decision:
    """One row of a review.

    Parameters
    ----------
    source : str
        As ``Faces.source`` has it.
    action : str
        ``'exclude'`` faces, ``'swap'`` two tracks, ``'merge'`` a track into another, or ``'mark'`` frames.
    frames : str
        ``'12'``, ``'12..40'``, ``'12..'`` (to the end), ``'..40'``; ``''`` for all.
    track : int, optional
        Whose faces; None for all, where ``action`` is ``'exclude'``.
    other : int, optional
        The other track of ``'swap'``; the one that remains after ``'merge'``.
    note : str
        For people.

    Raises
    ------
    InputError
        If a part is missing, or means nothing for this action.
    """

    source: str
    action: str
    frames: str = ""
    track: int | None = None
    other: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.source:
            raise InputError("'source' names the picture or video, but it is empty.")
        if self.action not in ACTIONS:
            raise InputError(
                f"'action' is one of {', '.join(ACTIONS)}, but got '{self.action}'.{did_you_mean(self.action, ACTIONS)}"
            )
        first, last = self.span
        if last is not None and last < first:
            raise InputError(f"'frame' says {self.frames}, but the last of these frames comes before the first.")
        if self.action in (SWAP, MERGE):
            if self.track is None or self.other is None:
                raise InputError(f"'{self.action}' needs two tracks, in 'track' and in 'other'.")
            if self.track == self.other:
                raise InputError(f"'{self.action}' needs two different tracks, but both are {self.track}.")
        elif self.other is not None:
            raise InputError(f"'{self.action}' has no other track; leave 'other' empty.")
        if self.action == MARK and (not self.frames or self.track is not None):
            raise InputError("'mark' is about frames of all people: fill 'frame', and leave 'track' empty.")

    @property
    def span(self) -> tuple[int, int | None]:
        """First and last frame; None: to the end."""
        text = self.frames.strip()
        found = _RANGE.fullmatch(text)
        if not text or _WHOLE.fullmatch(text):
            return int(text or 0), int(text) if text else None
        if found is None or not (found[1] or found[2]):
            raise InputError(f"'frame' is a number, or a range such as 12..40, 12.. or ..40, but got '{self.frames}'.")
        return int(found[1] or 0), int(found[2]) if found[2] else None

    @property
    def cells(self) -> tuple[str, ...]:
        """As they stand in the file."""
        track, other = ("" if one is None else str(one) for one in (self.track, self.other))
        return self.source, self.frames, track, self.action, other, self.note


@dataclass(frozen=True)
class Review:
    """All decisions about a study, which hold one after the other, from the first to the last.

    Parameters
    ----------
    path : Path
        The file, also where there is none yet.
    decisions : tuple of Decision
    rows : tuple of int
        What people call the row of each in the file.
    """

    path: Path
    decisions: tuple[Decision, ...] = ()
    rows: tuple[int, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.decisions)

    @property
    def sources(self) -> tuple[str, ...]:
        """Pictures and videos that something was decided about."""
        return tuple(dict.fromkeys(decision.source for decision in self.decisions))

    def about(self, sources: Iterable[str]) -> Review:
        """What was decided about some of them."""
        wanted = set(sources)
        kept = [at for at, decision in enumerate(self.decisions) if decision.source in wanted]
        return replace(
            self, decisions=tuple(self.decisions[at] for at in kept), rows=tuple(self.rows[at] for at in kept)
        )

    @property
    def mark(self) -> str:
        """Fingerprint of everything but the notes; ``''`` without decisions."""
        if not self.decisions:
            return ""
        return hashlib.sha256(repr([decision.cells[:-1] for decision in self.decisions]).encode()).hexdigest()

    def numbering(self, source: str) -> str:
        """Fingerprint of what gave tracks of a source other numbers; ``''`` if nothing did."""
        own = (one for one in self.decisions if one.source == source and one.action in (SWAP, MERGE))
        return Review(self.path, tuple(own)).mark

    def resting_on(self, decision: Decision) -> tuple[Decision, ...]:
        """Later decisions whose numbers of tracks are those that a swap or a merge has given."""
        if decision.action not in (SWAP, MERGE):
            return ()
        at = max((at for at, one in enumerate(self.decisions) if one == decision), default=len(self.decisions))
        later = self.decisions[at + 1 :]
        return tuple(one for one in later if one.source == decision.source and one.track is not None)

    def counts(self) -> dict[str, int]:
        """How many rows of each action."""
        found = Counter(decision.action for decision in self.decisions)
        return {action: found[action] for action in ACTIONS if found[action]}

    def with_one(self, decision: Decision) -> Review:
        """One decision more, at the end."""
        return replace(self, decisions=(*self.decisions, decision), rows=(*self.rows, max(self.rows, default=1) + 1))

    def without(self, decision: Decision) -> Review:
        """Without the last row that says this.

        Raises
        ------
        InputError
            If no row says it any more.
        """
        places = [at for at, one in enumerate(self.decisions) if one == decision]
        if not places:
            raise InputError(f"{self.path} has no such row any more; it was changed meanwhile.")
        at = places[-1]
        kept = (*self.decisions[:at], *self.decisions[at + 1 :])
        return replace(self, decisions=kept, rows=(*self.rows[:at], *self.rows[at + 1 :]))

    def write(self) -> None:
        """Write the file, atomically; without decisions it is removed."""
        if not self.decisions:
            self.path.unlink(missing_ok=True)
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(decision.cells for decision in self.decisions)
        write_text(self.path, text.getvalue())


def review_path(place: Path) -> Path:
    """Where the review of a study, of its ``faces/``, or of a shard in there lies."""
    folder = place.parent if place.suffix == ".parquet" else place
    return (folder.parent if folder.name == "faces" else folder) / REVIEW


def read_review(place: str | Path) -> Review:
    """The review of a study; without decisions where there is none.

    Parameters
    ----------
    place : str or Path
        The study, its ``faces/``, or a shard in there.

    Raises
    ------
    InputError
        With file and row, if a row cannot be obeyed as it is written.
    """
    path = review_path(Path(place))
    try:
        state = path.stat()
    except OSError:
        return Review(path)
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _read(path: Path, changed_ns: int, size: int) -> Review:
    lines = [line for line in path.read_bytes().splitlines() if line.strip()]
    if len(lines) < 2:
        # A head alone decides nothing; a row alone has lost its head, and would be taken for one.
        names = re.split(r"[,;\t]", lines[0].decode("utf-8-sig", "replace")) if lines else []
        _check_columns(path, [name.strip().strip('"') for name in names])
        return Review(path)
    # Tables of all kinds take a while to load; most studies have no review.
    from mien.data.tables.table import read_table

    table = read_table(path)
    _check_columns(path, table.columns)
    for name in ("source", "action"):
        table.need(name, "what each row of a review needs")
    decisions, rows = [], []
    for at in range(len(table)):
        cells = {name: str(table.columns[name][at]).strip() if name in table.columns else "" for name in COLUMNS}
        row = at + table.first_row
        if not any(cells.values()):
            continue
        try:
            decisions.append(_decision(cells))
        except InputError as error:
            raise InputError(f"{path}, row {row}: {error}") from error
        rows.append(row)
    return Review(path, tuple(decisions), tuple(rows))


def _check_columns(path: Path, names: Iterable[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise InputError(
            f"{path} has a column '{unknown[0]}'; its first row names the columns, and those of a review are "
            f"{', '.join(COLUMNS)}. Put remarks into 'note'."
        )


def _decision(cells: dict[str, str]) -> Decision:
    return Decision(
        cells["source"], cells["action"].casefold(), cells["frame"], _track(cells, "track"), _track(cells, "other"),
        cells["note"],
    )  # fmt: skip


def _track(cells: dict[str, str], name: str) -> int | None:
    if cells[name] and not _WHOLE.fullmatch(cells[name]):
        raise InputError(f"'{name}' is the number of a track, from 0 on, or empty, but got '{cells[name]}'.")
    return int(cells[name]) if cells[name] else None
