"""What extraction has to do for each source, and which shard holds its faces."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mien.core.errors import InputError
from mien.core.files import sha256_of
from mien.data.cards import FACE_FILES
from mien.data.media.video import video_facts
from mien.data.shards import is_whole, name_hash, read_facts, read_status, stored_shards
from mien.faces.reader import AGAIN, LookSettings
from mien.faces.sources import PICTURE, VIDEO, MediaSource

# Part of every fingerprint: raised when the same input would give other numbers.
PIPELINE = {PICTURE: 2, VIDEO: 3}


@dataclass(frozen=True)
class Task:
    """A source with the place of its shard, for videos about how many frames it has, and the file's SHA-256."""

    source: MediaSource
    shard: Path
    frames: int = 1
    content: str = ""


def task_of(source: MediaSource, place: Path, settings: LookSettings) -> Task:
    """Where the shard of a source belongs; the name holds a fingerprint of content, settings and weights."""
    content = ""
    if not source.problem:
        try:
            content = sha256_of(source.path)
        except OSError as error:
            source = replace(source, problem=f"cannot be opened ({error.strerror or error})")
    shard = place / shard_name(source, content, settings)
    return Task(source, shard, content="" if source.problem else content)


def shard_name(source: MediaSource, content: str, settings: LookSettings) -> str:
    """Name of the shard of a source whose content has this SHA-256."""
    slug = re.sub(r"[^\w-]+", "_", Path(source.name).stem)[:40] or "source"
    what = {
        "content": source.problem or content,
        "pipeline": PIPELINE[source.kind],
        "weights": [entry.sha256 for entry in FACE_FILES],
        "smallest_face_px": settings.smallest_face_px,
        "min_presence": settings.min_presence,
        **({"redetect_s": settings.redetect_s, **asdict(settings.sampling)} if source.kind == VIDEO else {}),
    }
    fingerprint = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    return f"{slug}-{name_hash(source.name)}-{fingerprint}.parquet"


def counted(task: Task) -> Task:
    """The task with about how many frames its video has, for the progress."""
    if task.source.kind != VIDEO or task.source.problem:
        return task
    try:
        return replace(task, frames=max(1, int(video_facts(task.source.path)["frames"])))
    except Exception:  # reading it will say why
        return task


def is_done(task: Task) -> bool:
    """Whether the shard of a task is there, undamaged, and no leftover of a failure that may pass."""
    return is_whole(task.shard) and not read_status(task.shard)[1].endswith(AGAIN)


def place_hash(source: MediaSource) -> str:
    """A hash of where the file is; the place itself would tell the user's name."""
    return hashlib.sha256(os.fsencode(source.uri or os.path.abspath(source.path))).hexdigest()[:16]


def other_names(place: Path, tasks: list[Task]) -> list[Path]:
    """Shards of these very files under names that they no longer have.

    Raises
    ------
    InputError
        If the folder holds another file's faces under the name of one of these.
    """
    name_of = {place_hash(task.source): task.source.name for task in tasks}
    place_of = {task.source.name: place_hash(task.source) for task in tasks}
    outdated = []
    for shard in stored_shards(place):
        facts = read_facts(shard)
        name, where = facts.get("source", ""), facts.get("place", "")
        if where in name_of and name != name_of[where]:
            outdated.append(shard)
        elif name in place_of and where and where != place_of[name] and where not in name_of:
            current = next(task for task in tasks if task.source.name == name)
            if shard != current.shard:
                raise InputError(
                    f"{place} holds the faces of another file called {name}. Name a folder further up, so that both "
                    "names differ, or choose another output folder; if the file was moved and changed, remove "
                    f"{shard.name} first."
                )
    return outdated


def earlier_shards(task: Task) -> list[Path]:
    """Other shards of the same source: of other content, settings or weights."""
    stem = _escaped(task.shard.name.rsplit("-", 1)[0])
    return [path for path in task.shard.parent.glob(f"{stem}-*.parquet") if path != task.shard]


def _escaped(text: str) -> str:
    """Text for use in a pattern."""
    return re.sub(r"([*?[])", r"[\1]", text)
