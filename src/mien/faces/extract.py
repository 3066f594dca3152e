"""``extract``: pictures and videos to one Parquet shard of ``Faces`` per source, resumable at any moment."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mien.core.errors import InputError, MienError
from mien.core.faces import NO_FACE, OK, UNREADABLE, Faces
from mien.core.files import remove_halves, sha256_of
from mien.core.provenance import record
from mien.data.cards import FACE_FILES
from mien.data.shards import is_whole, open_shard, read_faces, read_facts, read_status, shard_paths
from mien.data.video import Sampling, video_facts
from mien.data.weights import weights_path
from mien.faces.look import Looker, LookSettings, unreadable
from mien.faces.sources import PICTURE, VIDEO, Source, find_sources

# Part of every fingerprint: raise it when the same input would give other numbers.
PIPELINE = 1


@dataclass(frozen=True)
class Extraction:
    """What an extraction did.

    Attributes
    ----------
    folder : Path
        Study folder; its ``faces/`` holds the shards.
    sources, computed : int
        All sources, and those that were not there from an earlier run.
    counts : dict of str to int
        Sources per status: ``'ok'``, ``'no face'``, ``'unreadable'``.
    problems : tuple of (str, str)
        Name and reason of every unreadable source.
    """

    folder: Path
    sources: int
    computed: int
    counts: dict[str, int]
    problems: tuple[tuple[str, str], ...]

    def faces(self) -> Faces:
        """All rows."""
        return read_faces(self.folder)


@dataclass(frozen=True)
class Task:
    """A source with the place of its shard."""

    source: Source
    shard: Path
    frames: int


ProgressCallback = Callable[[int, int], None]


def extract(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    workers: int = 1,
    threads: int | None = None,
    every: str | int = 1,
    start_s: float = 0.0,
    stop_s: float | None = None,
    smallest_face_px: float | None = None,
    redetect_s: float = 2.0,
    draw: bool = False,
    progress: Callable[[int, int], ProgressCallback] | None = None,
) -> Extraction:
    """Find, landmark and describe all faces in pictures and videos.

    Sources whose shard is there and whose content and settings did not change are not computed again.

    Parameters
    ----------
    inputs : path or sequence of paths
        Pictures, videos, folders and patterns.
    output : path
        Study folder; shards go to its ``faces/``.
    workers : int
        Processes that work on different sources.
    threads : int, optional
        Threads per worker; by default the machine's cores divided by ``workers``.
    every : int or str
        Every so many frames of a video (``5``), or one frame in so many seconds (``'0.5s'``).
    start_s, stop_s : float
        Part of each video, in seconds from its first frame.
    smallest_face_px : float, optional
        Height of the smallest face to look for; by default 40 in pictures, 1/14 of the longer side in videos.
    redetect_s : float
        Seconds between looks for newcomers in a video.
    draw : bool
        Also write overlays to the study's ``overlays/``.
    progress : callable, optional
        Called once with the number of sources and frames to do; what it returns is called with the numbers of
        sources and frames done since.

    Returns
    -------
    Extraction

    Raises
    ------
    InputError
        If there is nothing to do or a setting makes no sense. A source that cannot be read is no error; it gets a
        row with status ``'unreadable'``.
    WeightsError
        If the weights were not pulled.
    """
    for name, value in (("workers", workers), ("threads", threads or 1)):
        if value < 1:
            raise InputError(f"{name} must be 1 or more, but is {value}.")
    settings = LookSettings(Sampling.parse(every, start_s, stop_s), smallest_face_px, redetect_s)
    sources = find_sources([inputs] if isinstance(inputs, (str, Path)) else list(inputs))
    for entry in FACE_FILES:
        weights_path(entry.file)
    folder = Path(output)
    place = folder / "faces"
    _make_folder(place)
    remove_halves(place)
    tasks = [_task(source, place, settings) for source in sources]
    missing = [task for task in tasks if not is_whole(task.shard)]
    renamed = _other_names(place, tasks) if missing else []
    step = progress(len(missing), sum(task.frames for task in missing)) if progress and missing else _silent
    threads = threads or max(1, (os.cpu_count() or 1) // workers)
    if workers == 1 or len(missing) < 2:
        looker = Looker(settings, threads) if missing else None
        for task in missing:
            assert looker is not None
            run_task(looker, task, step)
    else:
        from mien.faces.workers import run_parallel

        run_parallel(missing, settings, min(workers, len(missing)), threads, step)
    for shard in renamed:
        shard.unlink(missing_ok=True)
    result = _summary(folder, tasks, len(missing))
    record(folder, "extract", **_facts(settings, result))
    if draw:
        from mien.faces.draw import draw_all

        draw_all([(task.source, task.shard) for task in tasks], folder / "overlays", settings.sampling)
    return result


def _silent(sources: int, frames: int) -> None:
    """No progress wanted."""


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{place} cannot be made ({error.strerror}); choose another output folder.") from error


def _task(source: Source, place: Path, settings: LookSettings) -> Task:
    """Where the shard of a source belongs; the name holds a fingerprint of content, settings and weights."""
    slug = re.sub(r"[^\w-]+", "_", Path(source.name).stem)[:40] or "source"
    who = hashlib.sha256(source.name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    try:
        content = source.problem or sha256_of(source.path)
        frames = 1
        if source.kind == VIDEO and not source.problem:
            frames = max(1, int(video_facts(source.path)["frames"]))
    except (OSError, InputError):
        frames = 1
        content = _content_or_problem(source)
    what = {
        "content": content,
        "pipeline": PIPELINE,
        "weights": [entry.sha256 for entry in FACE_FILES],
        "smallest_face_px": settings.smallest_face_px,
        **({"redetect_s": settings.redetect_s, **asdict(settings.sampling)} if source.kind == VIDEO else {}),
    }
    fingerprint = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
    return Task(source, place / f"{slug}-{who}-{fingerprint}.parquet", frames)


def _place(source: Source) -> str:
    """A hash of where the file is; the place itself would tell the user's name."""
    return hashlib.sha256(os.fsencode(os.path.abspath(source.path))).hexdigest()[:16]


def _other_names(place: Path, tasks: list[Task]) -> list[Path]:
    """Shards of these very files under names that they no longer have.

    Raises
    ------
    InputError
        If the folder holds another file's faces under the name of one of these.
    """
    name_of = {_place(task.source): task.source.name for task in tasks}
    place_of = {task.source.name: _place(task.source) for task in tasks}
    outdated = []
    for shard in shard_paths(place):
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


def _content_or_problem(source: Source) -> str:
    try:
        return sha256_of(source.path)
    except OSError as error:
        return f"cannot be opened ({error.strerror})"


def run_task(looker: Looker, task: Task, step: ProgressCallback) -> None:
    """Compute one shard; it appears only when it is complete, and takes the place of outdated ones.

    Raises
    ------
    MienError
        If the disk is full: everything finished so far stays.
    """
    source = task.source
    try:
        with open_shard(task.shard, {"source": source.name, "kind": source.kind, "place": _place(source)}) as shard:
            for rows in _rows(looker, source):
                shard.add(rows)
                if source.kind == VIDEO:
                    step(0, len(set(rows.frame)))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "The disk is full" if full else f"Writing failed ({error.strerror or error})"
        raise MienError(
            f"{what} while {source.name} was written to {task.shard.parent}. What was finished before is kept; "
            "make room and run the same command again."
        ) from error
    stem = task.shard.name.rsplit("-", 1)[0]
    for old in task.shard.parent.glob(f"{glob_escape(stem)}-*.parquet"):
        if old != task.shard:
            old.unlink(missing_ok=True)
    step(1, task.frames if source.kind == PICTURE else 0)


def glob_escape(text: str) -> str:
    """Text for use in a pattern."""
    return re.sub(r"([*?[])", r"[\1]", text)


def _rows(looker: Looker, source: Source) -> Iterator[Faces]:
    if source.problem:
        yield unreadable(source.name, f"{source.path.name}: {source.problem}.")
    elif source.kind == VIDEO:
        yield from looker.video(source)
    else:
        yield looker.picture(source)


def _summary(folder: Path, tasks: list[Task], computed: int) -> Extraction:
    counts = dict.fromkeys((OK, NO_FACE, UNREADABLE), 0)
    problems = []
    for task in tasks:
        status, reason = read_status(task.shard)
        counts[status] += 1
        if reason:
            problems.append((task.source.name, reason))
    return Extraction(folder, len(tasks), computed, counts, tuple(problems))


def _facts(settings: LookSettings, result: Extraction) -> dict:
    sampling = {key: value for key, value in asdict(settings.sampling).items() if value != float("inf")}
    return {
        "settings": {
            "smallest_face_px": settings.smallest_face_px,
            "redetect_s": settings.redetect_s,
            "sampling": sampling,
            "pipeline": PIPELINE,
        },
        "weights": {entry.file: entry.sha256 for entry in FACE_FILES},
        "sources": result.sources,
        "counts": result.counts,
        "problems": [list(problem) for problem in result.problems],
    }
