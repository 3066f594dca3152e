"""Offsets of single runs and viewers, from a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import Stream
from mien.data.tables.table import read_table


def with_offsets(stream: Stream, path: Path) -> Stream:
    """Times of runs and viewers moved by the seconds that a table says; rows that it does not name stay.

    Parameters
    ----------
    stream : Stream
    path : Path
        Table with ``offset_s`` and ``run``, ``viewer`` or both.

    Raises
    ------
    InputError
        If the table names nobody, somebody twice or whom the stream does not have, or an offset is no number.
    """
    table = read_table(path)
    table.need("offset_s", "seconds that are added to the times")
    offset_s, bad = table.numbers("offset_s")
    keys = [name for name in ("run", "viewer") if name in table.columns]
    if not keys:
        raise InputError(f"{path} does not say whose times are moved: it needs a column 'run', 'viewer' or both.")
    if "run" in keys and not stream.on_runs:
        raise InputError(
            f"'{stream.name}' is on the clock of the stimulus and has no runs that could be moved apart; give one "
            "offset (offset_s), or add it with its runs."
        )
    time_s, said = stream.time_s.copy(), {}
    for row, seconds in enumerate(offset_s.tolist()):
        cells = {name: str(table.columns[name][row]) for name in keys}
        where = ", ".join(f"{name} {cell}" for name, cell in cells.items())
        if bad[row] or not np.isfinite(seconds):
            raise InputError(f"{path}, row {row + table.first_row} ({where}): 'offset_s' is no number.")
        if where in said:
            raise InputError(f"{path}, row {row + table.first_row}: {where} is there twice; give one offset.")
        mine = np.all([getattr(stream, name) == cell for name, cell in cells.items()], axis=0)
        if not mine.any():
            raise InputError(f"{path}, row {row + table.first_row}: '{stream.name}' has no rows of {where}.")
        time_s[mine] += seconds
        said[where] = seconds
    return replace(stream, time_s=time_s, settings={**stream.settings, "offsets_s": said})
