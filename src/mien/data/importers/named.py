"""Named numbers of any tool, per picture, per clip or per frame: action units, emotion scores, valence."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.patterns import chosen, fits, patterns_of
from mien.core.topology import NO_POINTS
from mien.data.importers import columns as c
from mien.data.importers.measured import measured
from mien.data.tables.table import FileTable, listed, read_table

# What the columns that are no features are called in tables of OpenFace, py-feat, AFFDEX, FaceReader and others.
ROLES: dict[str, tuple[str, ...]] = {
    "source": (
        "source", "file", "filename", "file_name", "video", "image", "path", "clip", "input", "input_image_path",
        "stimulus",
    ),
    "frame": ("frame", "frame_index", "frame_number", "frame_id", "frame_idx", "frame_num", "frameno", "frame no"),
    "time": (
        "timestamp", "time_s", "time", "seconds", "time_ms", "timestamp_ms", "frame_time_in_ms", "video time",
        "approx_time",
    ),
    "face": ("face_id", "faceid", "face", "face_index", "person", "person_id", "track"),
    "success": ("success",),
}  # fmt: skip
# Numbers of rows, which are no measures.
_COUNTERS = ("row", "samplenumber", "sample number", "index", "unnamed: 0")
# What was shown to the person whose face was filmed, where rows have times: no name of the film.
_SHOWN = ("stimulus",)
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")


def read_named_features(
    path: str | Path,
    *,
    features: str | Sequence[str] = "*",
    columns: Mapping[str, str] | None = None,
    source: str | None = None,
    say: Callable[[str], None] | None = None,
) -> Faces:
    """Read a table with columns of numbers that another tool measured on faces.

    Parameters
    ----------
    path : str or Path
        Any table; lines above its header (as of FaceReader and iMotions) are passed over.
    features : str or sequence of str
        Names or patterns of the columns that are features, such as ``'AU*'`` or ``'AU*_r,pose_R?'``; by default every
        column of numbers that is nothing else.
    columns : mapping of str to str, optional
        What the table calls ``'source'`` (picture or clip), ``'frame'``, ``'time'``, ``'face'`` (several per frame) and
        ``'success'`` (0: no face), where it is none of ``ROLES``.
    source : str, optional
        The picture or clip of all rows where no column says it; by default the file's name without its ending.
    say : callable, optional
        Gets a sentence for what could not be read as it stands; by default it is a warning.

    Returns
    -------
    Faces
        Without points: the features are ``extra``, under their own names. Rows without any of them, or whose tool says
        that it failed, are ``'no face'``. Without a column of frames the rows of each source are numbered in order.

    Raises
    ------
    InputError
        If the table cannot be read, or a column that is asked for is not there or holds no numbers.

    Notes
    -----
    Checked against what the tools' own code or public exports hold: FaceReader 6.1's detailed log in the package
    facereadeR (github.com/d-bohn/facereadeR, inst/extdata: six lines above the header, padded to its width; action
    units as NotActive and A to E; 'Stimulus' is what was shown), LibreFace (github.com/ihp-lab/LibreFace,
    libreface/__init__.py and utils.py: frame_idx, frame_time_in_ms, au_1_intensity, input_image_path), iMotions with
    AFFDEX (lines with '#' above the header, times in ms; the names of its columns as in public descriptions of
    exports). Exports of iMotions hold a row for every sample of every sensor: export facial coding alone.
    """
    table = c.tidied(read_table(Path(path), numbers=True, preamble=True))
    warn = say or (lambda sentence: warnings.warn(sentence, stacklevel=3))
    roles = _roles(table, columns or {})
    patterns = patterns_of(features)
    others = [name for name in table.columns if name and name not in roles.values()]
    asked = [pattern for pattern in patterns if pattern != "*"]
    read = measured(table, [name for name in others if name.lower() not in _COUNTERS or fits(name, asked)])
    values = read.wanted(patterns)
    if not values:
        raise InputError(
            f"{table.path} has no column of numbers that could be a feature: {listed(list(table.columns))}."
        )
    for name in (name for name in patterns if name in read.texts):
        raise InputError(f"{table.path}: the column '{name}' is asked for as a feature, but {read.texts[name]}.")
    names = chosen(list(values), patterns, str(table.path))
    for sentence in (*table.notes, *read.notes_on(names, patterns)):
        warn(f"{table.path.name}: {sentence}")
    rows = len(table)
    sources = np.full(rows, source or table.path.stem, dtype=object)
    if "source" in roles:
        column = table.columns[roles["source"]]
        texts = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in column]
        sources = np.array(texts, dtype=object)
    block = np.stack([values[name] for name in names], axis=1)
    failed = np.isnan(block).all(axis=1)
    if 2 * failed.sum() > rows:
        warn(
            f"{table.path.name}: {int(failed.sum())} of {rows} rows hold none of the features and count as frames "
            "without a face. If they belong to other sensors, export the facial measures alone."
        )
    if "success" in roles:
        failed |= table.numbers(roles["success"])[0] == 0
    frame = _order(sources)
    reason = np.full(rows, "", dtype=object)
    if "frame" in roles:
        given = table.numbers(roles["frame"])[0]
        reason = c.reasons({"frame": given}, rows)
        frame = c.whole(given, frame)
    time = _seconds(table, roles["time"]) if "time" in roles else np.zeros(rows)
    track = _tracks(table, roles["face"]) if "face" in roles else np.zeros(rows, dtype=np.int64)
    return c.assemble(
        NO_POINTS,
        {"source": sources, "frame": frame, "time_s": time, "track": track},
        reason=reason,
        no_face=failed,
        extra=dict(zip(names, block.T, strict=True)),
    )


def _roles(table: FileTable, given: Mapping[str, str]) -> dict[str, str]:
    """The columns of the table that say where a row belongs."""
    unknown = sorted(set(given) - set(ROLES))
    if unknown:
        raise InputError(f"Columns can be named for {', '.join(ROLES)}, not for '{unknown[0]}'.")
    taken: dict[str, str] = {}
    for role, name in given.items():
        table.need(name, f"named as '{role}'")
        if name in taken:
            raise InputError(f"{table.path}: the column '{name}' is named as '{taken[name]}' and as '{role}'.")
        taken[name] = role
    lower = {name.lower(): name for name in reversed(table.columns)}
    result = {role: next((lower[name] for name in names if name in lower), "") for role, names in ROLES.items()}
    if (result["time"] or result["frame"]) and result["source"].lower() in _SHOWN:
        result["source"] = ""
    return {role: name for role, name in {**result, **given}.items() if name}


def _tracks(table: FileTable, name: str) -> np.ndarray:
    """Number of the face of each row: as the column says, or in order of first mention where it holds names."""
    values, bad = table.numbers(name)
    if not bad.any():
        return c.whole(values, np.zeros(len(table)))
    texts = [str(text) for text in table.columns[name]]
    order = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return np.array([order[text] for text in texts], dtype=np.int64)


def _seconds(table: FileTable, name: str) -> np.ndarray:
    """Times in seconds, from numbers (milliseconds where the name or the steps say so) or clock times."""
    values, bad = table.numbers(name)
    if bad.any():
        clock = [_CLOCK.fullmatch(str(text).strip()) for text in table.columns[name]]
        hours = [[float((part or "0").replace(",", ".")) for part in m.groups()] if m else [np.nan] * 3 for m in clock]
        return np.nan_to_num(np.array(hours) @ np.array([3600.0, 60.0, 1.0]))
    return np.nan_to_num(c.seconds(name, values))


def _order(sources: np.ndarray) -> np.ndarray:
    """Number of each row among those of its source, from 0."""
    seen: dict[str, int] = {}
    result = np.empty(len(sources), dtype=np.int64)
    for row, name in enumerate(sources):
        result[row] = seen.get(name, 0)
        seen[name] = result[row] + 1
    return result
