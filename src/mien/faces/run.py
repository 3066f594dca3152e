"""A source becomes its shard, or a row that says why there are no faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mien.core.errors import MienError, StorageError
from mien.core.faces import OK, TRUNCATED, Faces
from mien.core.files import full_disk
from mien.data.shards import is_whole, open_shard, read_status, write_shard
from mien.engine.spread import Spreading
from mien.engine.work import CRASHED, SILENT, Done, Item
from mien.faces.reader import AGAIN, NO_FRAME, Looker, LookSettings, unreadable
from mien.faces.sources import PICTURE, VIDEO, MediaSource
from mien.faces.tasks import Task, counted, earlier_shards, place_hash

ProgressCallback = Callable[[int, int], None]
# What a worker is asked about a source.
_COUNT, _READ = "count", "read"
# Counting the frames of a video takes milliseconds.
_COUNT_LIMIT_S = 60.0


@dataclass(frozen=True)
class Looking:
    """What workers do to sources: count the frames of videos, compute shards."""

    settings: LookSettings

    def start(self, threads: int) -> Looker:
        """The networks."""
        return Looker(self.settings, threads)

    def do(self, ready: Looker, value: tuple[str, Task], step: Callable[[Any], None]) -> Task:
        """The task, with what is known of it."""
        what, task = value
        if what == _COUNT:
            return counted(task)
        run_task(ready, task, lambda sources, frames: step((sources, frames)))
        return task


def count_frames(spreading: Spreading, tasks: list[Task]) -> list[Task]:
    """The tasks with the numbers of frames of their videos, where they can be known."""
    known = {task.source.name: task for task in tasks}
    items = [Item(name, (_COUNT, task)) for name, task in known.items() if task.source.kind == VIDEO]
    for done in spreading(items, tries=1, time_limit_s=_COUNT_LIMIT_S):
        known[done.key] = done.value or known[done.key]
    return list(known.values())


def read_sources(spreading: Spreading, tasks: list[Task], limit_s: float, step: ProgressCallback) -> None:
    """Compute the shards of all tasks; one whose reader died or did not come back becomes a row.

    Raises
    ------
    MienError
        If what was computed cannot be written.
    """
    of = {task.source.name: task for task in tasks}
    items = (Item(name, (_READ, task)) for name, task in of.items())
    for done in spreading(items, step=lambda what: step(*what)):
        if done.status == CRASHED:
            give_up(of[done.key], why_lost(done, limit_s), step)
        else:
            done.result()


def why_lost(done: Done, limit_s: float) -> str:
    """Why a source was not read, and what can be done."""
    if done.end == SILENT:
        return f"no frame was finished in {limit_s:g} s, so it was given up."
    if done.end == "SIGKILL":
        how = "was ended by the system (SIGKILL), probably because memory ran out: make the file smaller"
    elif done.end.startswith("SIG"):
        how = f"crashed ({done.end}), probably by a fault of the decoder: convert the file"
    elif done.end:
        how = f"ended by itself ({done.end}): convert the file"
    else:
        how = "ended, and its machine does not say how: make the file smaller, convert it"
    return f"the process that read it {how}, or leave it out."


def run_task(looker: Looker | None, task: Task, step: ProgressCallback) -> None:
    """Compute one shard; it appears only when it is complete, and takes the place of outdated ones.

    Raises
    ------
    MienError
        If the disk is full: everything finished so far stays.
    """
    source = task.source
    try:
        with open_shard(task.shard, _shard_facts(source)) as shard:
            for rows in _rows(looker, source):
                shard.add(rows)
                if source.kind == VIDEO:
                    step(0, len(set(rows.frame)))
    except OSError as error:
        full = isinstance(error, StorageError) or full_disk(error) is not None
        what = "The disk is full" if full else f"Writing failed ({error.strerror or error})"
        raise MienError(
            f"{what} while {source.name} was written to {task.shard.parent}. What was finished before is kept; "
            "make room and run the same command again."
        ) from error
    _replace_earlier(task)
    step(1, task.frames if source.kind == PICTURE else 0)


def give_up(task: Task, reason: str, step: ProgressCallback) -> None:
    """A row instead of the faces of a source whose reader died or did not come back; the next run tries it again."""
    rows = unreadable(task.source.name, f"{task.source.path.name}: {reason} {AGAIN}")
    write_shard(rows, task.shard, _shard_facts(task.source))
    _replace_earlier(task)
    step(1, task.frames if task.source.kind == PICTURE else 0)


def _shard_facts(source: MediaSource) -> dict[str, str]:
    return {"source": source.name, "kind": source.kind, "place": place_hash(source)}


def _replace_earlier(task: Task) -> None:
    """Remove shards of the same source that are outdated by this one, or this one where it has nothing to say."""
    earlier = earlier_shards(task)
    if (
        any(is_whole(old) and read_status(old)[0] in (OK, TRUNCATED) for old in earlier)
        and NO_FRAME in read_status(task.shard)[1]
    ):
        # The video is fine and its faces are there: only nothing of it was asked for this time.
        task.shard.unlink()
    else:
        for old in earlier:
            old.unlink(missing_ok=True)


def _rows(looker: Looker | None, source: MediaSource) -> Iterator[Faces]:
    if source.problem or looker is None:
        yield unreadable(source.name, f"{source.path.name}: {source.problem}.")
        return
    last = -1
    try:
        for rows in looker.video(source) if source.kind == VIDEO else [looker.picture(source)]:
            last = int(rows.frame.max())
            yield rows
    except Exception as error:  # whatever one source meets is its row
        reason = f"{source.path.name}: looking for faces failed ({type(error).__name__}: {error}). {AGAIN}"
        yield unreadable(source.name, reason, frame=last + 1)
