"""Which rows of ``Faces`` belong to which sample, and which of several faces is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import EXCLUDED, NO_FACE, OK, TRUNCATED, UNREADABLE, Faces
from mien.core.paths import Tails
from mien.core.samples import Samples
from mien.data.shards import ANEW, hash_of_nameless, name_hash
from mien.features.spellings import find_loosely

NOT_EXTRACTED, NOT_FOUND = "not extracted", "not found"
# Status of a sample whose faces are stored in a file that is damaged.
DAMAGED = "faces damaged: extract them again"
SURE = 0.99


@dataclass(frozen=True, eq=False)
class Choice:
    """The face of one sample.

    Attributes
    ----------
    rows : ndarray of int
        Rows of ``Faces`` of the chosen face, in order of frames; empty where there is none.
    frames : ndarray of int
        Numbers of all frames of the source that were looked at, with a face or not.
    times : ndarray of float
        Seconds of these frames.
    status : str
        ``'ok'``, ``'no face'``, ``'unreadable'``, ``'not extracted'``, or that the stored faces are damaged.
    n_faces : int
        How many faces there were to choose from.
    """

    rows: np.ndarray
    frames: np.ndarray
    times: np.ndarray
    status: str
    n_faces: int


def rows_of_samples(samples: Samples, faces: Faces) -> list[np.ndarray]:
    """Rows of ``Faces`` of each sample, in the order of the samples.

    A source belongs to a sample if its path equals the sample's path (as given, or resolved against
    ``samples.root``), or else if one of the two paths is the tail of the other; the longest tail wins. What has no
    source then may differ in capitals, composed letters or its ending, see ``mien.features.spellings``.

    Raises
    ------
    InputError
        If two sources fit a sample equally well, or two samples fall on one source by their tails.
    """
    rows = dict(faces.by_source())
    files = [str(file) for file in samples.files()]
    damaged = [str(name) for name in faces.source[faces.status == UNREADABLE]]
    sources = sources_of(samples.path.tolist(), files, rows, damaged)
    result: list[np.ndarray] = []
    owner: dict[str, str] = {}
    for path, source in zip(samples.path, sources, strict=True):
        if source is None:
            result.append(np.array([], dtype=np.intp))
            continue
        if owner.setdefault(source, path) != path:
            raise InputError(
                f"The faces of '{source}' fit two samples, '{owner[source]}' and '{path}'. Give the samples paths "
                "with enough folders to tell them apart, or extract each picture under its own path."
            )
        result.append(rows[source])
    return result


def sources_of(
    paths: Sequence[str],
    files: Sequence[str],
    names: Collection[str],
    damaged: Iterable[str] = (),
    doubts: dict[int, str] | None = None,
) -> list[str | None]:
    """The source of each path by the rules of ``rows_of_samples``, in time that grows with their number alone.

    Parameters
    ----------
    paths, files : sequence of str
        As given and with their folder.
    names : collection of str
        Of the sources; several paths may get one.
    damaged : iterable of str
        Those among them of which nothing but the name of the shard may be left.
    doubts : dict, optional
        Takes, by row, the sentence on a path that two sources fit equally well; without it the first such row is
        refused, and so are two paths that get one source by their spellings.

    Raises
    ------
    InputError
        See ``doubts``.
    """
    known, tails = set(names), Tails(names, "sources")
    sources: list[str | None] = []
    for row, (path, file) in enumerate(zip(paths, files, strict=True)):
        try:
            sources.append(path if path in known else tails.find(path, file))
        except InputError as error:
            if doubts is None:
                raise
            doubts[row] = str(error)
            sources.append(None)
    if None in sources:
        _find_damaged(files, sources, damaged)
        find_loosely(paths, files, sources, list(names), doubts)
    return sources


def _find_damaged(files: Sequence[str], sources: list[str | None], damaged: Iterable[str]) -> None:
    """Fill in sources whose shard is so damaged that only the hash of their names is left."""
    hashes_of = ((hash_of_nameless(name), name) for name in damaged)
    nameless = {who: name for who, name in hashes_of if who}
    for place, file in enumerate(files if nameless else []):
        parts = Path(file).parts
        hashes = (name_hash("/".join(parts[start:]).lstrip("/")) for start in range(len(parts)))
        name = next((nameless[result] for result in hashes if result in nameless), None)
        if sources[place] is None and name is not None:
            sources[place] = name


def files_of(samples: Samples, faces: Faces, choices: list[Choice]) -> list[Path]:
    """The picture or video of each sample, where it lies.

    A file that is not where the samples' table says is looked for under the name that it was extracted by: below the
    table's folder, the two folders above it and the present one.
    """
    near = [Path()] if samples.root is None else [samples.root, *samples.root.parents[:2], Path()]
    result = []
    for file, choice in zip(samples.files(), choices, strict=True):
        if len(choice.rows) and not file.is_file():
            source = faces.source[choice.rows[0]]
            file = next((folder / source for folder in near if (folder / source).is_file()), file)
        result.append(file)
    return result


def example(samples: Samples, faces: Faces) -> str:
    """How a sample without a source is called and how the sources are, in a sentence; '' where all have one."""
    without = [path for path, rows in zip(samples.path, rows_of_samples(samples, faces), strict=True) if not len(rows)]
    if not without or not len(faces):
        return ""
    return f"The samples are called '{without[0]}', the faces '{faces.source[0]}'."


def choose(samples: Samples, faces: Faces) -> list[Choice]:
    """The face of each sample: in a picture the largest, in a clip the one seen in most frames, then the largest.

    Faces of which the landmarker is not sure count less: their area and their frames are multiplied by their odds of
    being a face, relative to odds of 99 to 1. Where presence is unknown, faces are taken for certain.
    """
    return [_choose(faces, rows) for rows in rows_of_samples(samples, faces)]


def _choose(faces: Faces, rows: np.ndarray) -> Choice:
    if len(rows) == 0:
        return Choice(rows, rows, np.empty(0), NOT_EXTRACTED, 0)
    # The row that says what is missing at the end of a video is no frame that was looked at.
    looked_at = rows[faces.status[rows] != TRUNCATED]
    frames, first = np.unique(faces.frame[looked_at], return_index=True)
    times = faces.time_s[looked_at][first]
    result = rows[faces.status[rows] == OK]
    if len(result) == 0:
        statuses = faces.status[rows]
        status = next((one for one in (EXCLUDED, NO_FACE) if one in statuses), str(statuses[0]))
        if status == UNREADABLE and str(faces.reason[rows[0]]).endswith(ANEW):
            status = DAMAGED
        return Choice(result, frames, times, status, 0)
    tracks = np.unique(faces.track[result])
    sure = _sureness(faces.presence[result])
    sizes = _sizes(faces, result) * sure
    if len(frames) == 1:
        best = result[np.argmax(sizes)]
        return Choice(np.array([best]), frames, times, OK, len(result))
    rows_of = [faces.track[result] == t for t in tracks]
    seen = [(float(sure[mine].sum()), float(sizes[mine].mean())) for mine in rows_of]
    chosen = result[faces.track[result] == tracks[seen.index(max(seen))]]
    chosen = chosen[np.argsort(faces.frame[chosen], kind="stable")]
    if len(np.unique(faces.frame[chosen])) < len(chosen):
        raise InputError(
            f"'{faces.source[chosen[0]]}' has several faces with the same track number in one frame; each face of a "
            "clip needs its own track."
        )
    return Choice(chosen, frames, times, OK, len(tracks))


def _sureness(presence: np.ndarray) -> np.ndarray:
    """1 from a presence of .99 on, below it in proportion to the odds; 1 where it is unknown."""
    share = np.clip(np.nan_to_num(presence.astype(np.float64), nan=1.0), 0, SURE)
    return share / (1 - share) * (1 - SURE) / SURE


def _sizes(faces: Faces, rows: np.ndarray) -> np.ndarray:
    """Area of each face in square pixels, by the extent of its points where there is no box."""
    area = faces.box_px[rows, 2].astype(np.float64) * faces.box_px[rows, 3]
    unknown = ~np.isfinite(area)
    if unknown.any() and faces.landmarks_px.shape[1]:
        points = faces.landmarks_px[rows[unknown], :, :2].astype(np.float64)
        area[unknown] = (points.max(1) - points.min(1)).prod(1)
    return np.where(np.isfinite(area), area, 0.0)
