"""When each frame of a film was shown, by a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.tables.table import read_table
from mien.features.match import sources_of


def frame_times(path: Path, source: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and run of each frame.

    Parameters
    ----------
    path : Path
        Table with ``path`` and ``time_s``, and ``run`` where there are runs, a row for each frame.
    source : sequence of str
        The frames, each by its path as it is known; one may be there several times.

    Returns
    -------
    time_s : ndarray of float64, shape (frames,)
    run : ndarray of str, shape (frames,)
        ``''`` where the table has no runs.

    Raises
    ------
    InputError
        If a column is missing, or a frame has no time.
    """
    table = read_table(path)
    named = table.need("path", "which frame each row is")
    table.need("time_s", "when each frame was shown, in seconds")
    seconds, bad = table.numbers("time_s")
    if bad.any() or not np.isfinite(seconds).all():
        row = int(np.argmax(bad | ~np.isfinite(seconds)))
        raise InputError(f"{path}, row {row + table.first_row}: 'time_s' is no number.")
    run = np.array([str(cell) for cell in table.columns["run"]], object) if "run" in table.columns else np.full(
        len(named), "", object
    )  # fmt: skip
    names = list(dict.fromkeys(str(name) for name in source))
    of_row = sources_of([str(cell) for cell in named], [str(path.parent / str(cell)) for cell in named], set(names))
    place = {name: row for row, name in enumerate(of_row) if name is not None}
    lost = [name for name in names if name not in place]
    if lost:
        raise InputError(
            f"{path} names no time of the frame '{lost[0]}' ({len(lost)} of {len(names)} frames have none)."
        )
    rows = np.array([place[str(name)] for name in source])
    return seconds[rows], run[rows]
