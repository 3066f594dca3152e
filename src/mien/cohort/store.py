"""A cohort in DuckDB: views over the files of a study where they lie, which can be read and nothing else."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

from mien.cohort.columns import face_columns, null_of_nan, quoted
from mien.cohort.participants_file import FOLDER, ROWS
from mien.core.errors import InputError
from mien.core.extras import require
from mien.data.measures import BLOCKS
from mien.data.native import native_file
from mien.data.parquet import read_parquet
from mien.data.shard_parts import ShardHead
from mien.data.shards import UNREADABLE_AS

FACES, SAMPLES, MEASURES = "faces", "samples", "measures"
# Where the participants of a study lie.
PARTICIPANTS = Path(FOLDER) / ROWS
_ALLOWED = "allowed"
# Nothing is fetched, no variable of Python is a table.
_CLOSED = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    "enable_external_file_cache": False,
    "preserve_insertion_order": False,
}


def needed_views(sql: str) -> set[str]:
    """The views that a query names, and all where it lists what there is."""
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    every = {FACES, SAMPLES, MEASURES}
    return every if words & {"show", "information_schema", "duckdb_tables", "duckdb_views"} else words & every


def opened(max_bytes: int, threads: int) -> tuple[Any, tempfile.TemporaryDirectory[str]]:
    """A connection that holds nothing and fetches nothing, and the folder for what does not fit into its memory.

    Raises
    ------
    MissingExtra
        Without DuckDB.
    """
    duckdb = require("duckdb", "Querying a cohort", "cohort")
    # Rows of people: on the user's own disk, for this user alone, gone at the end.
    cache = Path(platformdirs.user_cache_dir("mien"))
    cache.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.TemporaryDirectory(prefix="query-", dir=cache)
    memory = {"memory_limit": f"{max_bytes // 1000}KB", "threads": threads, "temp_directory": scratch.name}
    connection = duckdb.connect(":memory:", config={**_CLOSED, **memory})
    # A bar would stand among the results.
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET enable_progress_bar_print = false")
    return connection, scratch


def locked(connection: Any, files: Sequence[Path]) -> None:
    """Let a connection read these files and nothing else, whatever it is asked."""
    _set_files(connection, _ALLOWED, files)
    connection.execute(f"SET allowed_paths = getvariable('{_ALLOWED}')")
    connection.execute(f"RESET VARIABLE {_ALLOWED}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def make_faces_view(connection: Any, heads: Sequence[ShardHead], points: bool) -> None:
    """Make the view of faces: shards that are laid out alike together, columns united by name."""
    alike: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for head in heads:
        # Points of another topology are another layout, which matters only where they are shown.
        layout = head.layout if points else tuple(pair for pair in head.layout if pair[0] != "landmarks_px")
        alike.setdefault(layout, []).append(head.path)
    _make_view(
        connection,
        FACES,
        [
            (paths, [f"{column.sql} AS {quoted(column.name)}" for column in face_columns(layout, points)])
            for layout, paths in alike.items()
        ],
    )


def make_measures_view(connection: Any, folder: Path) -> tuple[list[Path], list[str]]:
    """Make the view of measures, where there are any; its files, and sentences about those that cannot be read."""
    alike: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    problems = []
    for path in sorted((folder / "measures").glob(BLOCKS)):
        try:
            with native_file(path) as file:
                layout = tuple((field.name, str(field.type)) for field in pq.read_schema(file))
            alike.setdefault(layout, []).append(path)
        except UNREADABLE_AS as error:
            problems.append(f"{path} is damaged and was left out ({error}); compute the measures again.")
    parts = [
        (
            paths,
            [
                f"{null_of_nan(name) if kind in ('float', 'double') else quoted(name)} AS {quoted(name)}"
                for name, kind in layout
            ],
        )
        for layout, paths in alike.items()
    ]
    if parts:
        _make_view(connection, MEASURES, parts)
    return [path for paths in alike.values() for path in paths], problems


def participants_table(folder: Path) -> pa.Table:
    """The participants of a study as they were written, with what the view calls their columns."""
    with native_file(folder / PARTICIPANTS) as file:
        return read_parquet(file).replace_schema_metadata(None)


def _make_view(connection: Any, name: str, parts: Sequence[tuple[Sequence[Path], Sequence[str]]]) -> None:
    selects = []
    for at, (paths, columns) in enumerate(parts):
        variable = f"{name}_{at}"
        _set_files(connection, variable, paths)
        files = f"read_parquet(getvariable('{variable}'), hive_partitioning=false)"
        selects.append(f"SELECT {', '.join(columns)} FROM {files}")
    connection.execute(f"CREATE VIEW {quoted(name)} AS {' UNION ALL BY NAME '.join(selects)}")


def _set_files(connection: Any, variable: str, paths: Sequence[Path]) -> None:
    """Paths as a variable: written into a statement, each of them takes several kilobytes while that is parsed."""
    connection.execute(f"SET VARIABLE {variable} = $1", [[_name(path) for path in paths]])


def _name(path: Path) -> str:
    """A path as DuckDB reads it: characters of its patterns stand for themselves.

    Raises
    ------
    InputError
        If the path is no UTF-8.
    """
    text = str(path.absolute())
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{text!r} is no UTF-8, which DuckDB cannot open; rename the file.") from None
    return text
