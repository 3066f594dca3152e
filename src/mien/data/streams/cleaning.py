"""A recording after confounds, drifts and its spread were taken out, within each run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import SAMPLED, Stream
from mien.data.streams.confounds import Confounds, read_confounds, without
from mien.data.streams.volumes import entity


def cleaned(
    stream: Stream, confounds: Sequence[Path], chosen: Sequence[str], scrub_mm: float | None, detrend: bool,
    standardise: bool, settings: dict[str, Any],
) -> Stream:  # fmt: skip
    """The stream after what was asked for was taken out within each run."""
    values, notes = stream.values.copy(), list(stream.notes)
    parts = stream.parts()
    if confounds and len(confounds) != len(parts):
        raise InputError(
            f"{len(parts)} runs need as many tables of confounds, in the same order; got {len(confounds)}."
        )
    for place, ((who, run), rows) in enumerate(parts.items()):
        found = Confounds(np.zeros((len(rows), 0)), (), np.zeros(len(rows), dtype=bool))
        where = f"{who} {run}".strip()
        if confounds:
            _same_run(confounds[place], who, run)
            found = read_confounds(confounds[place], len(rows), chosen, scrub_mm)
        here = values[rows]
        if found.left_out.any():
            here[found.left_out] = np.nan
            why = f"more than {scrub_mm:g} mm of displacement or " if scrub_mm is not None else ""
            notes.append(
                f"{where}: {found.left_out.sum()} of {len(rows)} volumes were left out ({why}no steady state)."
            )
        if found.names or detrend:
            here = without(here, found.values, detrend)
        if standardise:
            here = _standardised(here)
        values[rows] = here
    if chosen:
        notes.append(f"Taken out within each run by least squares: {', '.join(chosen)}; means are 0.")
    if detrend:
        notes.append("A straight line was taken out of each run.")
    if standardise:
        notes.append("Values are in standard deviations of their run.")
    return Stream(
        stream.name, SAMPLED, stream.time_s, stream.columns, values, duration_s=stream.duration_s, run=stream.run,
        viewer=stream.viewer, units=("SD" if standardise else "",) * len(stream.columns), space=stream.space,
        settings=settings, notes=tuple(notes),
    )  # fmt: skip


def _standardised(values: np.ndarray) -> np.ndarray:
    there = np.isfinite(values)
    count = np.maximum(there.sum(axis=0), 1)
    values = values - np.where(there, values, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(there, values, 0) ** 2).sum(axis=0) / count)
    scaled: np.ndarray = values / np.maximum(spread, 1e-12)
    return scaled


def _same_run(path: Path, viewer: str, run: str) -> None:
    """Refuse confounds whose name says that they are another run's or viewer's."""
    for said, own, what in ((entity(path, "run"), run, "run"), (entity(path, "sub"), viewer, "viewer")):
        if said and own.startswith(f"{said[:4]}") and said != own:
            raise InputError(
                f"{path} is of {what} '{said}' by its name, but stands where those of '{own}' belong; give them in the "
                "order of the volumes."
            )
