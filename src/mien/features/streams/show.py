"""``mien streams show``: what is on a study's time line, run by run, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.brief import brief
from mien.core.streams import EVENTS, SAMPLED, Runs
from mien.data.streams.placing import lasting, step_of
from mien.data.streams.store import read_time_line


@dataclass(frozen=True)
class StreamRow:
    """What a stream holds.

    Attributes
    ----------
    name, kind, rule : str
    rows, columns : int
    viewers, runs : int
        How many it is of; 0 viewers: of the stimulus itself.
    step_s : float
        From sample to sample; NaN of intervals and events.
    covered : float
        Share of the runs' time in which there is a row of it, mean over its viewers; NaN of events.
    missing : float
        Share of its numbers that are missing.
    settings : dict
    notes : tuple of str
    """

    name: str
    kind: str
    rule: str
    rows: int
    columns: int
    viewers: int
    runs: int
    step_s: float
    covered: float
    missing: float
    settings: dict[str, object]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ShownStreams:
    """Runs and streams of a time line.

    Attributes
    ----------
    runs : Runs
    rows : tuple of StreamRow
        One for each stream.
    """

    __repr__ = brief

    runs: Runs
    rows: tuple[StreamRow, ...]


def show(study: str | Path) -> ShownStreams:
    """What is on a study's time line.

    Parameters
    ----------
    study : str or Path

    Returns
    -------
    ShownStreams

    Raises
    ------
    InputError
        If there is no stream, one cannot be read, or one is not placed on the runs.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("told.csv").write_text("onset,duration,emotion\\n0,20,fear\\n90,10,joy\\n")
    >>> _ = mien.streams.add("told.csv", "study", kind="annotation", run="1")
    >>> [(row.name, row.kind, row.covered) for row in mien.streams.show("study").rows]
    [('told', 'intervals', 0.3)]
    """
    line = read_time_line(study)
    total = float(line.runs.length_s.sum())
    rows = []
    for name, stream in line.streams.items():
        viewers = [viewer for viewer in dict.fromkeys(stream.viewer.tolist()) if viewer]
        begin, lasts = stream.time_s, lasting(stream)
        seconds = 0.0
        for part in stream.parts().values():
            order = part[np.argsort(begin[part], kind="stable")]
            end = np.maximum.accumulate(begin[order] + lasts[order])
            # What overlaps counts once.
            seconds += float(np.minimum(lasts[order], np.diff(np.concatenate([[begin[order][0]], end]))).sum())
        share = seconds / total / max(len(viewers), 1) if total else float("nan")
        missing = float(np.isnan(stream.values).mean()) if stream.values.size else float("nan")
        step = step_of(stream) if stream.kind == SAMPLED else float("nan")
        covered = float("nan") if stream.kind == EVENTS else min(share, 1.0)
        rows.append(
            StreamRow(
                name, stream.kind, stream.rule, len(stream), len(stream.columns) + len(stream.texts), len(viewers),
                len(set(stream.run)), step, covered, missing, dict(stream.settings), stream.notes,
            )
        )  # fmt: skip
    return ShownStreams(line.runs, tuple(rows))
