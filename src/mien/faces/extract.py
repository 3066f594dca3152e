"""``extract``: pictures and videos to one Parquet shard of ``Faces`` per source, resumable at any moment."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mien.core.errors import InputError, MienError
from mien.core.faces import NO_FACE, OK, TRUNCATED, UNREADABLE, Faces
from mien.core.files import remove_halves
from mien.core.provenance import record
from mien.data.cards import FACE_FILES
from mien.data.shards import count_below, is_whole, open_shard, read_faces, read_status
from mien.data.video import Sampling
from mien.data.weights import weights_path
from mien.faces.look import NO_FRAME, Looker, LookSettings, unreadable
from mien.faces.mesh import MIN_PRESENCE
from mien.faces.sources import PICTURE, VIDEO, Source, find_sources
from mien.faces.tasks import PIPELINE, Task, earlier_shards, other_names, place_hash, task_of

ABSENT = "absent"
# Half of the drawn objects that pass for faces lie below this presence, and hardly any face.
DOUBTFUL = 0.9
KEPT = "no frame lies between start and stop; the faces of an earlier extraction are kept as they were."


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
        Sources per status: ``'ok'``, ``'no face'``, ``'unreadable'``, and ``'truncated'`` (videos that
        end before the end that they state) and ``'absent'`` where there are any.
    problems : tuple of (str, str)
        Name and reason of every source that is unreadable, absent, truncated or damaged in part.
    faces_found, doubtful : int
        Rows with a face, and those of them with a presence below 0.9: things that look like faces are among them.
    """

    folder: Path
    sources: int
    computed: int
    counts: dict[str, int]
    problems: tuple[tuple[str, str], ...]
    faces_found: int = 0
    doubtful: int = 0

    def faces(self) -> Faces:
        """All rows."""
        return read_faces(self.folder)


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
    min_presence: float = MIN_PRESENCE,
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
    min_presence : float
        Faces of which the landmarker is less sure (column ``presence``) are left out; by default all from 0.5 on. Among
        870 drawn objects and animals, 64 that are no faces pass at 0.5, 34 at 0.9, 20 at 0.99; of 392 faces in photos,
        none is lost at 0.99.
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
        row with status ``'unreadable'``. What does not exist is counted and told, but leaves no row. A part of a
        video that holds no frame does not replace an earlier extraction of that video.
    WeightsError
        If the weights were not pulled.
    """
    for name, value in (("workers", workers), ("threads", threads or 1)):
        if value < 1:
            raise InputError(f"{name} must be 1 or more, but is {value}.")
    settings = LookSettings(Sampling.parse(every, start_s, stop_s), smallest_face_px, redetect_s, min_presence)
    sources = find_sources([inputs] if isinstance(inputs, (str, Path)) else list(inputs))
    for entry in FACE_FILES:
        weights_path(entry.file)
    folder = Path(output)
    place = folder / "faces"
    _make_folder(place)
    remove_halves(place)
    absent = [source for source in sources if source.absent]
    tasks = [task_of(source, place, settings) for source in sources if not source.absent]
    missing = [task for task in tasks if not is_whole(task.shard)]
    renamed = other_names(place, tasks) if missing else []
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
    result = _summary(folder, tasks, absent, len(missing))
    record(folder, "extract", **_facts(settings, result))
    if draw:
        from mien.faces.draw import draw_all

        draw_all(
            [(task.source, task.shard) for task in tasks if is_whole(task.shard)],
            folder / "overlays",
            settings.sampling,
        )
    return result


def _silent(sources: int, frames: int) -> None:
    """No progress wanted."""


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{place} cannot be made ({error.strerror}); choose another output folder.") from error


def run_task(looker: Looker, task: Task, step: ProgressCallback) -> None:
    """Compute one shard; it appears only when it is complete, and takes the place of outdated ones.

    Raises
    ------
    MienError
        If the disk is full: everything finished so far stays.
    """
    source = task.source
    try:
        with open_shard(task.shard, {"source": source.name, "kind": source.kind, "place": place_hash(source)}) as shard:
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
    step(1, task.frames if source.kind == PICTURE else 0)


def _rows(looker: Looker, source: Source) -> Iterator[Faces]:
    if source.problem:
        yield unreadable(source.name, f"{source.path.name}: {source.problem}.")
    elif source.kind == VIDEO:
        yield from looker.video(source)
    else:
        yield looker.picture(source)


def _summary(folder: Path, tasks: list[Task], absent: list[Source], computed: int) -> Extraction:
    counts = dict.fromkeys((OK, NO_FACE, UNREADABLE), 0)
    problems = [(source.name, f"{source.path}: {source.problem}.") for source in absent]
    if absent:
        counts[ABSENT] = len(absent)
    for task in tasks:
        status, reason = read_status(task.shard) if is_whole(task.shard) else (UNREADABLE, KEPT)
        counts[status] = counts.get(status, 0) + 1
        if reason:
            problems.append((task.source.name, reason))
    shards = [task.shard for task in tasks if is_whole(task.shard)]
    doubtful, found = (
        sum(counted) for counted in zip((0, 0), *(count_below(s, DOUBTFUL) for s in shards), strict=True)
    )
    return Extraction(folder, len(tasks) + len(absent), computed, counts, tuple(problems), found, doubtful)


def _facts(settings: LookSettings, result: Extraction) -> dict:
    sampling = {key: value for key, value in asdict(settings.sampling).items() if value != float("inf")}
    return {
        "settings": {
            "smallest_face_px": settings.smallest_face_px,
            "redetect_s": settings.redetect_s,
            "min_presence": settings.min_presence,
            "sampling": sampling,
            "pipeline": PIPELINE,
        },
        "weights": {entry.file: entry.sha256 for entry in FACE_FILES},
        "sources": result.sources,
        "counts": result.counts,
        "faces": {"found": result.faces_found, "presence below 0.9": result.doubtful},
        "problems": [list(problem) for problem in result.problems],
    }
