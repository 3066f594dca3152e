"""Streams of a study on disk: one Parquet file each below ``streams/``, and the table of runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.files import atomic_path, write_text
from mien.core.streams import Runs, Stream, TimeLine
from mien.data.streams.lengths import ONE_RUN, Reach, beyond, reach_of, reach_of_file
from mien.data.tables.table import FileTable, read_table

STREAMS, RUNS = "streams", "runs.csv"
_FACTS, _FORMAT = b"mien.stream", "mien stream 1"
_TEXT, VALUE = "text:", "value:"
# Rows that a reader of a part has to take at once.
_GROUP = 131_072


def streams_folder(study: str | Path) -> Path:
    """The folder of a study's streams; that folder itself is taken, too."""
    path = Path(study)
    return path if path.name == STREAMS else path / STREAMS


def check_name(name: str) -> None:
    """Refuse a name of a stream that cannot be that of a file on every machine.

    Raises
    ------
    InputError
    """
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", name):
        raise InputError(
            f"A stream's name is of letters, digits, '-', '_' and '.' and begins with one of the first two, but got "
            f"'{name}'. Give another one (name)."
        )


def write_stream(stream: Stream, study: str | Path) -> Path:
    """Write a stream as ``streams/NAME.parquet``, atomically.

    Parameters
    ----------
    stream : Stream
        Its name becomes that of the file.
    study : str or Path
        Study folder, or its ``streams/``.

    Raises
    ------
    InputError
        If the name cannot be that of a file.
    """
    check_name(stream.name)
    columns: dict[str, pa.Array] = {
        "viewer": _dictionary(stream.viewer), "run": _dictionary(stream.run),
        "time_s": pa.array(stream.time_s), "duration_s": pa.array(stream.duration_s),
    }  # fmt: skip
    columns |= {f"{_TEXT}{name}": _dictionary(column) for name, column in stream.texts.items()}
    columns |= {f"{VALUE}{name}": pa.array(stream.values[:, i]) for i, name in enumerate(stream.columns)}
    facts = {
        "format": _FORMAT, "name": stream.name, "kind": stream.kind, "rule": stream.rule, "units": list(stream.units),
        "settings": stream.settings, "source": stream.source, "licence": stream.licence, "credit": stream.credit,
        "notes": list(stream.notes), "space": None if stream.space is None else _space_facts(stream.space),
    }  # fmt: skip
    table = pa.table(columns).replace_schema_metadata({_FACTS: json.dumps(facts)})
    path = streams_folder(study) / f"{stream.name}.parquet"
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        pq.write_table(table, file, compression="zstd", row_group_size=_GROUP)
    return path


def read_stream(path: str | Path, *, viewer: str | None = None, run: str | None = None) -> Stream:
    """Read what ``write_stream`` wrote.

    Parameters
    ----------
    path : str or Path
    viewer, run : str, optional
        Rows of one viewer, of one run alone.

    Raises
    ------
    InputError
        If the file is missing, damaged or no stream.
    """
    chosen = [(name, "==", value) for name, value in (("viewer", viewer), ("run", run)) if value is not None]
    return _read(path, lambda place: pq.read_table(place, filters=chosen or None))


def read_head(path: str | Path) -> tuple[Stream, int]:
    """What is known of a stream, without its rows, and how many these are.

    Raises
    ------
    InputError
        As ``read_stream``.
    """
    rows = 0

    def head(place: Path) -> pa.Table:
        nonlocal rows
        with pq.ParquetFile(place) as file:
            rows = file.metadata.num_rows
            return file.schema_arrow.empty_table()

    return _read(path, head), rows


def _read(path: str | Path, read: Callable[[Path], pa.Table]) -> Stream:
    place = Path(path)
    if not place.is_file():
        raise InputError(f"There is no stream '{place.stem}' in {place.parent}; add it with 'mien streams add'.")
    try:
        table = read(place)
        facts = json.loads((table.schema.metadata or {})[_FACTS])
        names = table.column_names
        texts = {name.removeprefix(_TEXT): _words(table[name]) for name in names if name.startswith(_TEXT)}
        columns = tuple(name.removeprefix(VALUE) for name in names if name.startswith(VALUE))
        values = [table[f"{VALUE}{name}"].to_numpy() for name in columns]
        return Stream(
            name=facts["name"], kind=facts["kind"], time_s=table["time_s"].to_numpy(), columns=columns,
            values=np.column_stack(values) if values else np.zeros((len(table), 0)), texts=texts,
            duration_s=table["duration_s"].to_numpy(), run=_words(table["run"]), viewer=_words(table["viewer"]),
            units=tuple(facts["units"]), rule=facts["rule"], space=_space_of(facts["space"]),
            settings=facts["settings"], source=facts["source"], licence=facts["licence"], credit=facts["credit"],
            notes=tuple(facts["notes"]),
        )  # fmt: skip
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise InputError(f"{place} is not a readable stream of mien ({error}); add it again.") from error


def write_runs(runs: Runs, study: str | Path) -> Path:
    """Write ``streams/runs.csv``: name, start and stop of every run on the clock of the stimulus."""
    path = streams_folder(study) / RUNS
    rows = [f"{name},{start!r},{stop!r}" for name, start, stop in
            zip(runs.name, runs.start_s.tolist(), runs.stop_s.tolist(), strict=True)]  # fmt: skip
    write_text(path, "\n".join(["name,start_s,stop_s", *rows]) + "\n")
    return path


def read_runs(path: str | Path) -> Runs:
    """Runs from a table with start and stop (``start_s``/``start``/``onset``, ``stop_s``/``end``/``duration``).

    Raises
    ------
    InputError
        If a column is missing or holds no number.
    """
    table = read_table(Path(path), numbers=True)
    called = {name.strip().lower(): name for name in table.columns}
    start = next((called[name] for name in ("start_s", "start", "onset") if name in called), "")
    stop = next((called[name] for name in ("stop_s", "stop", "end_s", "end") if name in called), "")
    lasts = next((called[name] for name in ("duration_s", "duration") if name in called), "")
    named = next((called[name] for name in ("name", "run", "id") if name in called), "")
    if not start or not (stop or lasts):
        have = ", ".join(table.columns)
        raise InputError(f"{path}: runs need the columns start_s and stop_s (seconds of the stimulus); it has {have}.")
    begin = _numbers(table, start)
    end = _numbers(table, stop) if stop else begin + _numbers(table, lasts)
    names = [f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in table.columns[named]] if named else [
        str(i) for i in range(1, len(begin) + 1)
    ]  # fmt: skip
    return Runs(np.array(names, dtype=object), begin, end)


def read_time_line(study: str | Path, *, heads: Mapping[str, tuple[Stream, Mapping[str, float]]] = {}) -> TimeLine:
    """Every stream of a study with its runs.

    Parameters
    ----------
    study : str or Path
        Study folder, or its ``streams/``.
    heads : mapping of str to (Stream, mapping of str to float)
        Streams that are not read: what is known of each, and when its last row in each run ends.

    Returns
    -------
    TimeLine
        Where there is no ``runs.csv``, the runs are those of the streams, each from 0 to the end of its last row; what
        goes on beyond the samples of another stream says so in its notes.

    Raises
    ------
    InputError
        If there is no stream, or one cannot be read.
    """
    folder = streams_folder(study)
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise InputError(f"{folder} holds no stream; add one with 'mien streams add FILE --as KIND -o {study}'.")
    streams = {path.stem: heads[path.stem][0] if path.stem in heads else read_stream(path) for path in files}
    if (folder / RUNS).is_file():
        return TimeLine(read_runs(folder / RUNS), streams)
    # Rows of one run of everything where nothing says otherwise.
    streams = {
        name: stream
        if stream.on_runs or not len(stream)
        else replace(stream, run=np.full(len(stream), ONE_RUN, object))
        for name, stream in streams.items()
    }
    reaches = {
        name: Reach(stream.kind, heads[name][1]) if name in heads else reach_of(stream)
        for name, stream in streams.items()
    }
    ends: dict[str, float] = {}
    for reach in reaches.values():
        for run, end in reach.ends.items():
            ends[run] = max(ends.get(run, 0.0), end, 1e-9)
    for (name, _), said in beyond(reaches).items():
        streams[name] = replace(streams[name], notes=(*streams[name].notes, said))
    names = sorted(ends)
    return TimeLine(Runs(np.array(names, object), np.zeros(len(names)), np.array([ends[n] for n in names])), streams)


def lengths_noted(name: str, study: str | Path) -> tuple[str, ...]:
    """Where, without a table of runs, a stream goes on beyond another one's samples, or another one beyond its."""
    folder = streams_folder(study)
    if (folder / RUNS).is_file():
        return ()
    reaches = {path.stem: reach_of_file(path, read_head(path)[0].kind) for path in sorted(folder.glob("*.parquet"))}
    return tuple(said for pair, said in beyond(reaches).items() if name in pair)


def _numbers(table: FileTable, column: str) -> np.ndarray:
    values, bad = table.numbers(column)
    wrong = bad | ~np.isfinite(values)
    if wrong.any():
        row = int(np.argmax(wrong))
        cell = str(table.columns[column][row])
        raise InputError(f"{table.path}, row {row + table.first_row}: '{column}' holds '{cell}', which is no number.")
    return values


def _dictionary(words: np.ndarray) -> pa.Array:
    return pa.array([str(word) for word in words], pa.string()).dictionary_encode()


def _words(column: pa.ChunkedArray) -> np.ndarray:
    return np.array(column.to_pylist(), dtype=object)


def _space_facts(space: BrainSpace) -> dict[str, object]:
    return {
        "names": space.names.tolist(), "unit": space.unit, "shape": list(space.shape),
        "affine": space.affine.tolist(), "voxels": space.voxels.tolist(), "column": space.column.tolist(),
        "centres_mm": [[None if x != x else x for x in centre] for centre in space.centres_mm.tolist()],
    }  # fmt: skip


def _space_of(facts: dict[str, object] | None) -> BrainSpace | None:
    if facts is None:
        return None
    centres = np.array(facts["centres_mm"], dtype=np.float64).reshape(-1, 3)
    return BrainSpace(
        np.array(facts["names"], dtype=object), str(facts["unit"]), tuple(facts["shape"]),  # type: ignore[arg-type]
        np.array(facts["affine"]), np.array(facts["voxels"], dtype=np.int64).reshape(-1, 3),
        np.array(facts["column"], dtype=np.int64), centres,
    )  # fmt: skip
