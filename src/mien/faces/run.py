"""One source after the other becomes its shard, or a row that says why there are no faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mien.core.errors import MienError, StorageError
from mien.core.faces import OK, TRUNCATED, Faces
from mien.core.files import full_disk
from mien.data.shards import is_whole, open_shard, read_status, write_shard
from mien.faces.reader import AGAIN, NO_FRAME, Looker, unreadable
from mien.faces.sources import PICTURE, VIDEO, MediaSource
from mien.faces.tasks import Task, earlier_shards, place_hash

ProgressCallback = Callable[[int, int], None]


def run_tasks(looker: Looker | None, tasks: list[Task], step: ProgressCallback) -> None:
    """Compute shards one after the other; without a looker only those of sources that are known to be unreadable."""
    for task in tasks:
        run_task(looker, task, step)


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
