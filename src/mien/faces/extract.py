"""``extract``: pictures and videos to one Parquet shard of ``Faces`` per source, resumable at any moment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mien.core.faces import NO_FACE, OK, UNREADABLE, Faces
from mien.core.files import remove_halves
from mien.core.in_notebooks import InNotebooks
from mien.core.names import shown
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import files_in_lines
from mien.core.provenance import record, record_part
from mien.data.cards import FACE_FILES
from mien.data.media.video import Sampling
from mien.data.places.arguments import at_places, reads_places
from mien.data.places.place import Place, place_or_path
from mien.data.places.working_copy import working_copy
from mien.data.shards import read_faces
from mien.data.weights import weights_path
from mien.engine.spread import workers_for
from mien.engine.work import Spread
from mien.faces.at_places import read_at_places
from mien.faces.mesh import MIN_PRESENCE
from mien.faces.outcome import SourceOutcome, outcome_of
from mien.faces.reader import LookSettings
from mien.faces.run import Looking, ProgressCallback, count_frames, read_sources, run_task
from mien.faces.sources import MediaSource, find_sources, with_data_sets
from mien.faces.tasks import PIPELINE, Task, is_done, other_names, task_of

ABSENT = "absent"
# Share of a video's frames that repeat the one before from which it is said.
REPEATING = 0.05
# Content of a file that is empty.
_NOTHING = hashlib.sha256().hexdigest()


@dataclass(frozen=True)
class Extraction(InNotebooks):
    """What an extraction did.

    Attributes
    ----------
    folder : Path or Place
        Study folder; its ``faces/`` holds the shards.
    sources, computed : int
        All sources, and those that were not there from an earlier run.
    counts : dict of str to int
        Sources per status: ``'ok'``, ``'no face'``, ``'unreadable'``, and ``'truncated'`` (videos that
        end before the end that they state) and ``'absent'`` where there are any.
    problems : tuple of (str, str)
        Name and reason of every source that is unreadable, absent, truncated or damaged in part, or whose overlay could
        not be drawn.
    left_out : dict of str to int
        Files of other kinds in the folders: how many of each ending. They leave no row.
    faces_found, doubtful : int
        Rows with a face, and those of them with a presence below 0.9: things that look like faces are among them.
    copies : tuple of tuple of str
        Names of sources that are one and the same file, byte by byte.
    repeating : tuple of (str, int, int)
        Videos of which a twentieth or more of the frames are the one before once more (a camera that froze, a frame
        rate that was converted): name, such frames (``'repeated'`` in ``Faces.quality``), all frames.
    """

    folder: Path | Place
    sources: int
    computed: int
    counts: dict[str, int]
    problems: tuple[tuple[str, str], ...]
    left_out: dict[str, int]
    faces_found: int = 0
    doubtful: int = 0
    copies: tuple[tuple[str, ...], ...] = ()
    repeating: tuple[tuple[str, int, int], ...] = ()

    def faces(self) -> Faces:
        """All rows."""
        return at_places(read_faces)(str(self.folder))


@reads_places
@checked_numbers
def extract(
    inputs: str | bytes | Path | Sequence[str | bytes | Path],
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
    isolated: bool = False,
    time_limit_s: float = 600.0,
    engine: str = "local",
    address: str = "",
    part: str = "",
    progress: Callable[[int, int], ProgressCallback] | bool | None = None,
) -> Extraction:
    """Find, landmark and describe all faces in pictures and videos.

    Sources whose shard is there and whose content and settings did not change are not computed again.

    Parameters
    ----------
    inputs : path or sequence of paths
        Pictures, videos, folders and patterns, also on object storage (``'s3://bucket/videos'``); of a data set as
        ``'ck+:PATH'`` those that its samples are.
    output : path
        Study folder, also on object storage; shards go to its ``faces/``.
    workers : int
        Processes that work on different sources.
    threads : int, optional
        Threads per worker; by default the machine's cores divided by ``workers``, and one on a cluster.
    every : int or str
        Every so many frames of a video (``5``), or one frame in so many seconds (``'0.5s'``).
    start_s, stop_s : float
        Part of each video, in seconds from its first frame.
    smallest_face_px : float, optional
        Height of the smallest face to look for; by default 40 in pictures, 1/14 of the longer side in videos.
    redetect_s : float
        Seconds between searches for new faces in a video.
    min_presence : float
        Faces of which the landmarker is less sure (column ``presence``) are left out; by default all from 0.5 on. Among
        870 drawn objects and animals, 64 that are no faces pass at 0.5, 34 at 0.9, 20 at 0.99; of 392 faces in photos,
        none is lost at 0.99.
    draw : bool
        Also write overlays to the study's ``overlays/``.
    isolated : bool
        Read sources in processes of their own even with one worker: a file that makes its reader crash, or that is
        killed for lack of memory, becomes a row, and the others go on. With several workers that is always so. In a
        script, what calls this then has to stand below ``if __name__ == "__main__":``.
    time_limit_s : float
        In processes of their own: seconds without a finished frame after which a source is given up.
    engine : str
        ``'local'``: processes of this machine; ``'ray'``: workers of a Ray cluster, whose machines see sources and
        study under the same paths.
    address : str
        Of the Ray cluster (``'HOST:PORT'``); by default one of this machine alone, for the time of the extraction.
    part : str
        ``'3/40'``: of all sources only the third of forty parts, for job arrays of a batch system. Jobs write into the
        same study at the same time; a last call without ``part`` adds what is missing and sums up.
    progress : callable or bool, optional
        ``True`` writes lines with the time left to standard error. A callable is called once with the number of
        sources and frames to do; what it returns is called with the numbers of sources and frames done since.

    Returns
    -------
    Extraction

    Raises
    ------
    InputError
        If there is nothing to do, a setting makes no sense or the folder cannot be written to. A source that cannot
        be read is no error; it gets a row with status ``'unreadable'``. What does not exist is counted and listed, but
        leaves no row. A part of a video that holds no frame does not replace an earlier extraction of that video.
    WeightsError
        If the weights were not pulled.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=1, expressions=("smile",), frames=2, pictures=True)
    >>> mien.extract("people/pictures", "study").counts
    {'ok': 1, 'no face': 0, 'unreadable': 0}
    >>> mien.read_faces("study").landmarks_px.shape
    (1, 478, 3)
    """
    settings = LookSettings(Sampling.parse(every, start_s, stop_s), smallest_face_px, redetect_s, min_presence)
    threads = threads or (1 if address else max(1, (os.cpu_count() or 1) // workers))
    how = Spread(engine, workers, threads, part, address, isolated, time_limit_s)
    found = find_sources(with_data_sets([inputs] if isinstance(inputs, (str, bytes, Path)) else list(inputs)))
    mine = [source for source in found.sources if how.takes(source.name)]
    for entry in FACE_FILES:
        weights_path(entry.file)
    folder = place_or_path(output)
    absent = [source for source in mine if source.absent]
    if isinstance(folder, Place) or any(source.uri for source in mine):
        study = folder if isinstance(folder, Place) else Place(f"file://{folder.absolute().as_posix()}")
        if isinstance(folder, Path):
            check_folder(folder / "faces")
        there = [source for source in mine if not source.absent]
        outcomes, computed, undrawn = read_at_places(
            there, study, settings, how, lambda count: _stepper(progress, count, count), draw
        )
        result = _summary(folder, outcomes, absent, computed, undrawn, found.left_out)
        # Where nothing was there, nothing was done that a study would have to say.
        if there:
            with working_copy(study / "provenance") as here:
                _record(here.parent, part, settings, result)
        return result
    place = folder / "faces"
    check_folder(place)
    place.mkdir(parents=True, exist_ok=True)
    remove_halves(place)
    tasks = [task_of(source, place, settings) for source in mine if not source.absent]
    missing = [task for task in tasks if not is_done(task)]
    renamed = other_names(place, tasks) if missing else []
    known, unknown = [t for t in missing if t.source.problem], [t for t in missing if not t.source.problem]
    # Whole lists are in memory already, and results are names: whoever is free goes on.
    how = replace(how, workers=max(1, min(workers, len(unknown))), ahead=max(1, len(unknown)))
    with ExitStack() as stack:
        # Also what processes leave that die or have to be killed.
        stack.callback(remove_halves, place)
        spreading = stack.enter_context(workers_for(Looking(settings), how)) if unknown else None
        if spreading and progress:
            unknown = count_frames(spreading, unknown)
        todo = known + unknown
        step = _stepper(progress, len(todo), sum(task.frames for task in todo))
        for task in known:
            run_task(None, task, step)
        if spreading:
            read_sources(spreading, unknown, time_limit_s, step)
    for shard in renamed:
        shard.unlink(missing_ok=True)
    undrawn = _drawn(tasks, folder, settings) if draw else []
    outcomes = {task.source.name: outcome_of(task.source, task.shard, task.content) for task in tasks}
    result = _summary(folder, outcomes, absent, len(missing), undrawn, found.left_out)
    _record(folder, part, settings, result)
    return result


def _stepper(
    progress: Callable[[int, int], ProgressCallback] | bool | None, sources: int, frames: int
) -> ProgressCallback:
    if not progress or not sources:
        return _silent
    begin = files_in_lines if progress is True else progress
    return begin(sources, frames)


def _silent(sources: int, frames: int) -> None:
    """No progress wanted."""


def _drawn(tasks: list[Task], folder: Path, settings: LookSettings) -> list[tuple[str, str]]:
    """Draw overlays; name and reason of those that could not be drawn."""
    from mien.faces.draw import draw_all

    undrawn: list[tuple[str, str]] = []
    shards = [(task.source, task.shard) for task in tasks if task.shard.exists()]
    draw_all(shards, folder / "overlays", settings.sampling, failed=lambda *problem: undrawn.append(problem))
    return undrawn


def _summary(
    folder: Path | Place,
    outcomes: dict[str, SourceOutcome],
    absent: list[MediaSource],
    computed: int,
    undrawn: list[tuple[str, str]],
    left_out: dict[str, int],
) -> Extraction:
    counts = dict.fromkeys((OK, NO_FACE, UNREADABLE), 0)
    problems = [(source.name, shown(f"{source.uri or source.path}: {source.problem}.")) for source in absent]
    if absent:
        counts[ABSENT] = len(absent)
    for name, outcome in outcomes.items():
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
        if outcome.reason:
            problems.append((name, outcome.reason))
    doubtful, seen = sum(o.doubtful for o in outcomes.values()), sum(o.faces for o in outcomes.values())
    everything, total = (*problems, *undrawn), len(outcomes) + len(absent)
    alike = _copies(outcomes), _repeating(outcomes)
    return Extraction(folder, total, computed, counts, everything, left_out, seen, doubtful, *alike)


def _copies(outcomes: dict[str, SourceOutcome]) -> tuple[tuple[str, ...], ...]:
    """Names of sources with the same content; what is empty has none."""
    names: dict[str, list[str]] = {}
    for name, outcome in outcomes.items():
        if outcome.content and outcome.content != _NOTHING:
            names.setdefault(outcome.content, []).append(name)
    return tuple(tuple(group) for group in names.values() if len(group) > 1)


def _repeating(outcomes: dict[str, SourceOutcome]) -> tuple[tuple[str, int, int], ...]:
    """Videos with many frames that repeat the one before, with how many and of how many."""
    counted = [(name, outcome.repeated, outcome.frames) for name, outcome in outcomes.items()]
    return tuple((name, many, of) for name, many, of in counted if many and many >= REPEATING * of)


def _record(folder: Path, part: str, settings: LookSettings, result: Extraction) -> None:
    if part:
        record_part(folder, "extract", part, **_facts(settings, result))
    else:
        record(folder, "extract", **_facts(settings, result))


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
        "left_out": result.left_out,
        "copies": [list(group) for group in result.copies],
        "repeating": [list(film) for film in result.repeating],
    }
