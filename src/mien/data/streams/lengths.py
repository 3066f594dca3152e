"""Whether streams go on as long as each other, where no table of runs says how long these last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from mien.core.streams import SAMPLED, Stream
from mien.data.streams.placing import step_of

# Rows of a stream on no run are those of one run, called so.
ONE_RUN = "1"
# Seconds by which what is annotated may go on beyond the last sample, and the share of a run by which samples may.
_ALLOWED_S, _ALLOWED_SHARE = 1.0, 0.05


@dataclass(frozen=True)
class Reach:
    """How far a stream goes.

    Attributes
    ----------
    kind : str
    ends : mapping of str to float
        When its last row of each run ends, in seconds since the run's start.
    step_s : float
        From sample to sample; 0 where it has none.
    """

    kind: str
    ends: Mapping[str, float]
    step_s: float = 0.0


def reach_of(stream: Stream) -> Reach:
    """How far a stream goes."""
    step = float(np.nan_to_num(step_of(stream))) if stream.kind == SAMPLED else 0.0
    lasts = np.nan_to_num(stream.duration_s, nan=step)
    return Reach(stream.kind, _ends(stream.run, stream.time_s + lasts), step)


def reach_of_file(path: Path, kind: str) -> Reach:
    """The same of a stored stream, without its values in memory.

    Parameters
    ----------
    path : Path
        Of a Parquet file that ``write_stream`` wrote.
    kind : str
        Of the stream.
    """
    ends: dict[str, float] = {}
    step = 0.0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["run", "time_s", "duration_s"]):
            time_s = batch["time_s"].to_numpy()
            if kind == SAMPLED and not step and (np.diff(time_s) > 0).any():
                step = float(np.median(np.diff(time_s)[np.diff(time_s) > 0]))
            lasts = np.nan_to_num(batch["duration_s"].to_numpy(zero_copy_only=False), nan=step)
            for run, end in _ends(np.array(batch["run"].to_pylist(), dtype=object), time_s + lasts).items():
                ends[run] = max(ends.get(run, 0.0), end)
    return Reach(kind, ends, step)


def beyond(reaches: Mapping[str, Reach]) -> dict[tuple[str, str], str]:
    """Sentences on streams that go on beyond the samples of another one, or have runs that these lack.

    Parameters
    ----------
    reaches : mapping of str to Reach
        By the stream's name.

    Returns
    -------
    dict of (str, str) to str
        By the stream that goes on and the one whose samples end.
    """
    result = {}
    for name, one in reaches.items():
        for other, samples in reaches.items():
            if name == other or samples.kind != SAMPLED or not one.ends or not samples.ends:
                continue
            lost = [run for run in one.ends if run not in samples.ends]
            far = [run for run in one.ends if run in samples.ends and _far(one, samples, run)]
            said = []
            if far:
                run = max(far, key=lambda run: one.ends[run] - samples.ends[run])
                said.append(
                    f"'{name}' goes on beyond the end of '{other}' in {len(far)} of {len(one.ends)} runs, such as "
                    f"'{run}': to {one.ends[run]:.2f} s, but that ends at {samples.ends[run]:.2f} s. No table of runs "
                    "says how long they last; add one (as runs), or correct the clock."
                )
            if lost:
                said.append(
                    f"'{name}' has {len(lost)} of {len(one.ends)} runs that '{other}' lacks, such as '{lost[0]}'; if "
                    "they are the same, call them alike."
                )
            if said:
                result[name, other] = " ".join(said)
    return result


def _far(one: Reach, samples: Reach, run: str) -> bool:
    allowed = _ALLOWED_S + 2 * (one.step_s + samples.step_s)
    if one.kind == SAMPLED:
        allowed = max(allowed, _ALLOWED_SHARE * samples.ends[run])
    return one.ends[run] > samples.ends[run] + allowed


def _ends(run: np.ndarray, end: np.ndarray) -> dict[str, float]:
    names, of = np.unique(run.astype(str), return_inverse=True)
    last = np.zeros(len(names))
    np.maximum.at(last, of, end)
    return {str(name) or ONE_RUN: float(value) for name, value in zip(names, last, strict=True)}
