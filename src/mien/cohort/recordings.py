"""Which recording of a study belongs to which row of a table of participants, from the names of shards alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.cohort.problems import TableProblem
from mien.core.faces import EXCLUDED, NO_FACE, OK, TRUNCATED, UNREADABLE
from mien.data.media import video
from mien.data.shard_parts import ShardHead, read_heads
from mien.data.shards import hash_of_nameless, read_facts
from mien.features.match import DAMAGED, NOT_EXTRACTED, NOT_FOUND, sources_of

NO_RECORDING, DOUBTFUL, SHARED = "no recording named", "recording not certain", "recording of several people"
REPEATED = "session named twice"
NO_ROW = "recordings that no row names"
# A video whose end is missing has frames all the same.
USABLE = (OK, TRUNCATED)
_SENTENCES = {
    NO_FACE: ("No frame of the recording shows a face.", "Look at the video: is the face turned, dark or too small?"),
    EXCLUDED: ("Its faces are excluded by the study's review.csv.", "Take the row out of it to use them again."),
    UNREADABLE: ("The recording could not be read.", "Export or copy the video again and run 'mien extract' again."),
    DAMAGED: ("The faces of the recording are stored in a damaged file.", "Run 'mien extract' again."),
    NOT_EXTRACTED: ("The video is there, but its faces are not in the study.", "Run 'mien extract' on it."),
    NOT_FOUND: ("There is no such file and no recording of that name in the study.", "Correct the path."),
}


@dataclass(frozen=True)
class Recordings:
    """Recordings of the rows.

    Attributes
    ----------
    source : ndarray of str, shape (rows,)
        As ``Faces.source``; the path as it is written where there is none.
    status : ndarray of str, shape (rows,)
        ``'ok'`` or why the row has no recording that can be used.
    reason : dict of int to str
        More on single rows.
    without_row : tuple of str
        Recordings that no row names.
    damaged : tuple of str
        Sentences about shards that cannot be read.
    """

    source: np.ndarray
    status: np.ndarray
    reason: dict[int, str]
    without_row: tuple[str, ...]
    damaged: tuple[str, ...] = ()


def recordings_of(paths: Sequence[str], files: Sequence[Path], study: Path | None) -> Recordings:
    """The recording of each row.

    Parameters
    ----------
    paths, files : sequence
        As the table writes them (``''`` where it names none) and where they lie.
    study : Path, optional
        Whose faces are looked for; without it a file that is there is enough.
    """
    rows = [row for row, path in enumerate(paths) if path]
    source = np.array([str(path) for path in paths], dtype=object)
    status = np.full(len(paths), NO_RECORDING, dtype=object)
    doubts: dict[int, str] = {}
    if study is None:
        status[rows] = [OK if files[row].is_file() else NOT_FOUND for row in rows]
        return Recordings(source, status, doubts, _beside(files, rows, ()))
    heads = read_heads(study)
    known = {name: found for head in heads for name, found in head.sources.items()}
    # A damaged shard's end may still say whose it is; if not, its name does, or the hash in its name.
    lost = {str(read_facts(head.path).get("source") or head.path.stem) for head in heads if head.problem} - {*known}
    hashed = [name for name in lost if hash_of_nameless(name)]
    found = sources_of(
        [str(paths[row]) for row in rows], [str(files[row]) for row in rows], [*known, *sorted(lost)], hashed, doubts
    )
    for row, name in zip(rows, found, strict=True):
        if name is None:
            status[row] = NOT_EXTRACTED if files[row].is_file() else NOT_FOUND
        else:
            source[row] = name
            status[row] = DAMAGED if name in lost else known[name]
    status = np.array([OK if one in USABLE else one for one in status], dtype=object)
    reasons = {rows[place]: sentence for place, sentence in doubts.items()}
    for row in reasons:
        status[row] = DOUBTFUL
    named = {name for name in found if name is not None}
    alone = tuple(sorted(name for name in known if name not in named))
    return Recordings(source, status, reasons, (*alone, *_beside(files, rows, known)), _problems(heads))


def _problems(heads: Sequence[ShardHead]) -> tuple[str, ...]:
    return tuple(head.problem for head in heads if head.problem)


def _beside(files: Sequence[Path], rows: Sequence[int], known: Sequence[str] | dict[str, str]) -> tuple[str, ...]:
    """Videos in the folders of the table's videos that no row names and no recording of the study is called by."""
    named = {files[row].absolute() for row in rows}
    folders = {file.parent for file in named if file.is_file()}
    ends = {Path(name).name for name in known}
    videos = (file for folder in sorted(folders) for file in sorted(folder.iterdir()))
    return tuple(
        str(file)
        for file in videos
        if file.suffix.lower() in video.SUFFIXES and file not in named and file.name not in ends
    )


def recording_problems(
    found: Recordings, asked: np.ndarray, row: np.ndarray, subjects: np.ndarray, table: str
) -> Iterator[TableProblem]:
    """A problem for each row without a usable recording, each recording without a row, each damaged shard.

    Rows that are not in the mask ``asked`` have another problem already.
    """
    for place in np.flatnonzero((found.status != OK) & asked):
        status = str(found.status[place])
        if status == NO_RECORDING:
            said = ("The row names no recording.", "Name the video, or leave the session out.")
        elif status == DOUBTFUL:
            said = (found.reason[int(place)], "")
        else:
            sentence, step = _SENTENCES[status]
            said = (f"'{found.source[place]}': {sentence[0].lower()}{sentence[1:]}", step)
        yield TableProblem(status, table, int(row[place]), "path", str(subjects[place]), *said)
    for name in found.without_row:
        yield TableProblem(
            NO_ROW, name, 0, "", "", "No row of the table names this recording; it is in no analysis.",
            "Add a row that says who it shows, if it belongs to the study.",
        )  # fmt: skip
    for sentence in found.damaged:
        yield TableProblem(DAMAGED, table, 0, "", "", sentence, "")


def shared_and_repeated(
    source: np.ndarray, status: np.ndarray, people: np.ndarray, sessions: np.ndarray, row: np.ndarray, table: str
) -> tuple[np.ndarray, list[TableProblem]]:
    """Status of rows that share a recording or name a session twice, ``''`` for the others, and the problems.

    Of a session that is named twice the first row stays. Where one recording is of several people, nobody knows who it
    shows: none of these rows stays.

    Parameters
    ----------
    source, status : ndarray of str, shape (rows,)
        As of ``Recordings``.
    people, sessions : ndarray of str, shape (rows,)
        Keys of people; ``''`` where no session is said.
    row : ndarray of int, shape (rows,)
    table : str
    """
    result = np.full(len(source), "", dtype=object)
    problems: list[TableProblem] = []
    users: dict[str, list[int]] = {}
    for place in np.flatnonzero(status != NO_RECORDING):
        users.setdefault(source[place], []).append(int(place))
    for name, places in users.items():
        if len({people[place] for place in places}) > 1:
            result[places] = SHARED
            listed = ", ".join(str(row[place]) for place in places)
            problems += [
                TableProblem(
                    SHARED, table, int(row[place]), "path", str(people[place]),
                    f"Rows {listed} of different people name one recording, '{name}'; none of them is used.",
                    "Say in one row whom it shows, and remove the others.",
                )
                for place in places
            ]  # fmt: skip
    first: dict[tuple[str, str, str], int] = {}
    for place in np.flatnonzero(result != SHARED):
        # Without a session, rows of one person are told apart by their recordings.
        named = sessions[place] or (source[place] if status[place] != NO_RECORDING else f"row {row[place]}")
        keys = [(people[place], "session", named)]
        if status[place] != NO_RECORDING:
            keys.append((people[place], "recording", source[place]))
        before = next((first[key] for key in keys if key in first), None)
        if before is None:
            first.update(dict.fromkeys(keys, int(place)))
            continue
        result[place] = REPEATED
        problems.append(
            TableProblem(
                REPEATED, table, int(row[place]), "session" if sessions[place] else "path", str(people[place]),
                f"Row {row[before]} has this person's session or recording already; this row is not used.",
                "Remove one of the two, or give them different sessions and recordings.",
            )
        )  # fmt: skip
    return result, problems
