"""Answers of a network to the frames of a film as streams of a study's time line, one for each layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.core.streams import SAMPLED, Stream
from mien.core.words import percent
from mien.data.streams.placing import placed
from mien.data.streams.store import RUNS, check_name, read_runs, streams_folder, write_stream
from mien.data.tables.table import read_table
from mien.features.streams.frame_times import frame_times
from mien.responses.activations import Activations

# More columns than this are maps, which no time line can hold for hours of a film.
MOST_COLUMNS = 20_000


def frames_as_samples(path: str | Path) -> Samples:
    """Frames of a film by a table with ``path`` and perhaps ``run``, which stands for who is shown."""
    table = read_table(Path(path).expanduser())
    named = [str(cell) for cell in table.need("path", "which frame each row is")]
    run = [str(cell) for cell in table.columns["run"]] if "run" in table.columns else ["film"] * len(named)
    return Samples(np.array(named, object), np.array(run, object), root=table.path.parent, name=table.path.name)


def moments_of(
    samples: Samples, times: str | Path | None, shapes: Mapping[str, tuple[int, ...]], components: int
) -> tuple[np.ndarray, np.ndarray]:
    """Seconds and run of each frame, before anything is computed.

    Parameters
    ----------
    samples : Samples
        The frames.
    times : path, optional
        Table with ``path``, ``time_s`` and perhaps ``run``.
    shapes : mapping of str to tuple of int
        Of each layer's answer to one frame.
    components : int
        0: a column for each unit.

    Raises
    ------
    InputError
        If a frame has no time, or a layer has too many values for a stream.
    """
    if times is None:
        raise InputError(
            "A stream needs the time of every frame: give a table with path, time_s (seconds since the start of the "
            "run) and run (times)."
        )
    for layer, shape in shapes.items():
        if not components and np.prod(shape) > MOST_COLUMNS:
            raise InputError(
                f"Layer '{layer}' answers each frame with {np.prod(shape):,} values, which are too many for a stream: "
                "leave whole out, or ask for components."
            )
    return frame_times(Path(times).expanduser(), samples.path.tolist())


def write_answers(
    found: Activations, study: str | Path, moments: tuple[np.ndarray, np.ndarray], *, components: int = 0
) -> list[Stream]:
    """Write each layer's answers as a stream of a study, a row for each frame.

    Parameters
    ----------
    found : Activations
        To the frames. The stream is called like the body, with several layers ``BODY-LAYER``.
    study : str or Path
        Its time line; where it has runs, frames have to fit them.
    moments : (ndarray, ndarray)
        As ``moments_of`` gives them.
    components : int
        So many principal components of all frames instead of the units.

    Returns
    -------
    list of Stream
        As written. Frames without an answer are missing.
    """
    time_s, run = moments
    order = np.lexsort((time_s, run.astype(str)))
    runs = streams_folder(study) / RUNS
    streams = []
    for layer in found.layers:
        name = stream_name(found, layer)
        check_name(name)
        values, notes = found.layer(layer)[order].astype(np.float64), found.notes
        columns = tuple(f"unit {number}" for number in range(1, values.shape[1] + 1))
        if components:
            values, share = _components(values, found.ok[order], components)
            columns = tuple(f"component {number}" for number in range(1, values.shape[1] + 1))
            many = f"{len(columns)} principal components of all frames, without any label"
            notes = (*notes, f"{many}, hold {percent(share)} of the variance of '{layer}'.")
        stream = Stream(
            name, SAMPLED, time_s[order], columns, values, run=run[order],
            settings={"network": found.body.name, "weights": found.body.weights, "layer": layer,
                      "components": components, "faces seen": found.body.exposure},
            source=found.samples.name, licence=found.samples.licence, credit=found.samples.credit, notes=notes,
        )  # fmt: skip
        if runs.is_file():
            stream = placed(stream, read_runs(runs))
        write_stream(stream, study)
        streams.append(stream)
    return streams


def stream_name(found: Activations, layer: str) -> str:
    """What the stream of a layer is called, as a file can be."""
    name = found.body.name if len(found.layers) == 1 else f"{found.body.name}-{layer}"
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")


def _components(values: np.ndarray, ok: np.ndarray, most: int) -> tuple[np.ndarray, float]:
    """The first principal components of the rows that are ok, and the share of variance that they hold."""
    centred = values[ok] - values[ok].mean(axis=0)
    left, size, axes = np.linalg.svd(centred, full_matrices=False)
    many = min(most, int((size > size[:1].max(initial=0) * 1e-7).sum()))
    if not many:
        raise InputError("The network answers every frame alike, so there are no components; take another layer.")
    # The sign of a component is nobody's choice: its largest weight is positive.
    sign = np.sign(axes[np.arange(many), np.abs(axes[:many]).argmax(axis=1)])
    found = np.full((len(values), many), np.nan)
    found[ok] = left[:, :many] * size[:many] * sign
    return found, float((size[:many] ** 2).sum() / (size**2).sum())
