"""Windows in time from a table of events."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.tables.table import read_table


def read_events(path: str | Path) -> dict[str, tuple[tuple[float, float, str], ...]]:
    """Windows by source: start, end and name; those without a source, under ``''``, are of all recordings.

    Parameters
    ----------
    path : path
        Table with the columns ``start_s``, ``end_s`` and ``name``, and ``source`` if they differ between recordings.

    Raises
    ------
    InputError
        If a column is missing, or a row has no times or no name or ends before it starts; the message names the row.
    """
    table = read_table(Path(path))
    names = table.need("name", "what the window is called")
    for column in ("start_s", "end_s"):
        table.need(column, "when the window starts and ends, in seconds")
    starts, ends = (table.numbers(column)[0] for column in ("start_s", "end_s"))
    sources = table.need("source", "") if "source" in table.columns else np.full(len(names), "", dtype=object)
    found: dict[str, list[tuple[float, float, str]]] = {}
    for row, (source, start, end, name) in enumerate(zip(sources, starts, ends, names, strict=True)):
        if not start < end or not str(name).strip():
            raise InputError(
                f"{path}, row {row + table.first_row}: a window has a name and starts before it ends, but got "
                f"'{name}' from {start:g} to {end:g} s."
            )
        found.setdefault(str(source).strip(), []).append((float(start), float(end), str(name).strip()))
    return {source: tuple(windows) for source, windows in found.items()}
