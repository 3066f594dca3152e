"""Named numbers of any tool, per picture, per clip or per frame: action units, emotion scores, valence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.patterns import chosen, patterns_of
from mien.core.topology import NO_POINTS
from mien.data.importers import columns as c
from mien.data.tables import Table, listed, read_table

# What the columns that are no features are called in tables of OpenFace, py-feat, AFFDEX, FaceReader and others.
ROLES: dict[str, tuple[str, ...]] = {
    "source": ("source", "file", "filename", "file_name", "video", "image", "path", "clip", "input", "stimulus"),
    "frame": ("frame", "frame_index", "frame_number", "frame_id", "frame_idx", "frame_num", "frameno", "frame no"),
    "time": ("timestamp", "time_s", "time", "seconds", "time_ms", "timestamp_ms", "video time", "approx_time"),
    "face": ("face_id", "face", "face_index", "person", "person_id", "track"),
    "success": ("success",),
}
# What FaceReader writes in place of numbers.
_FAILED = ("FIND_FAILED", "FIT_FAILED")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d+)?)")


def read_named_features(
    path: str | Path,
    *,
    features: str | Sequence[str] = "*",
    columns: Mapping[str, str] | None = None,
    source: str | None = None,
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

    Returns
    -------
    Faces
        Without points: the features are ``extra``, under their own names. Rows without any of them, or whose tool says
        that it failed, are ``'no face'``. Without a column of frames the rows of each source are numbered in order.

    Raises
    ------
    InputError
        If the table cannot be read, or a column that is asked for is not there or holds no numbers.
    """
    table = c.tidied(read_table(Path(path), numbers=True, preamble=True))
    roles = _roles(table, columns or {})
    values = _numbers(table, [name for name in table.columns if name and name not in roles.values()])
    names = chosen(list(values), patterns_of(features), str(table.path))
    _only_numbers(table, names)
    rows = len(table)
    sources = np.full(rows, source or table.path.stem, dtype=object)
    if "source" in roles:
        column = table.columns[roles["source"]]
        sources = np.array([str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in column], object)
    block = np.stack([values[name] for name in names], axis=1)
    failed = np.isnan(block).all(axis=1)
    if "success" in roles:
        failed |= table.numbers(roles["success"])[0] == 0
    frame = _order(sources)
    reason = np.full(rows, "", dtype=object)
    if "frame" in roles:
        given = table.numbers(roles["frame"])[0]
        reason = c.reasons({"frame": given}, rows)
        frame = c.whole(given, frame)
    time = _seconds(table, roles["time"]) if "time" in roles else np.zeros(rows)
    track = (
        c.whole(table.numbers(roles["face"])[0], np.zeros(rows)) if "face" in roles else np.zeros(rows, dtype=np.int64)
    )
    return c.assemble(
        NO_POINTS,
        {"source": sources, "frame": frame, "time_s": time, "track": track},
        reason=reason,
        no_face=failed,
        extra=dict(zip(names, block.T, strict=True)),
    )


def _roles(table: Table, given: Mapping[str, str]) -> dict[str, str]:
    """The columns of the table that say where a row belongs."""
    unknown = sorted(set(given) - set(ROLES))
    if unknown:
        raise InputError(f"Columns can be named for {', '.join(ROLES)}, not for '{unknown[0]}'.")
    for role, name in given.items():
        table.need(name, f"named as '{role}'")
    lower = {name.lower(): name for name in reversed(table.columns)}
    found = {role: next((lower[name] for name in names if name in lower), "") for role, names in ROLES.items()}
    return {role: name for role, name in {**found, **given}.items() if name}


def _numbers(table: Table, names: list[str]) -> dict[str, np.ndarray]:
    """Columns of numbers, shape (rows,) each, such with a few words among them as well; a failed tool's are missing."""
    found: dict[str, np.ndarray] = {}
    for name in names:
        values, bad = table.numbers(name)
        if bad.any():
            bad &= ~np.isin(table.columns[name].astype(str), _FAILED)
        if np.isfinite(values).sum() > bad.sum():
            found[name] = np.where(np.isfinite(values), values, np.nan)
    if not found:
        raise InputError(
            f"{table.path} has no column of numbers that could be a feature: {listed(list(table.columns))}."
        )
    return found


def _only_numbers(table: Table, names: list[str]) -> None:
    """Refuse a word among the numbers of a feature: without a word the column, or the row, would be left out."""
    for name in names:
        bad = table.numbers(name)[1]
        bad &= ~np.isin(table.columns[name].astype(str), _FAILED) if bad.any() else False
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise InputError(
                f"{table.path}, row {row + table.first_row}: '{name}' holds '{table.columns[name][row]}' among "
                f"numbers. Correct it, empty the cell, or leave the column out (--features '*,!{name}')."
            )


def _seconds(table: Table, name: str) -> np.ndarray:
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
