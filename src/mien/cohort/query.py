"""Questions to a cohort in SQL: read-only views over the files of a study where they lie."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mien.cohort.answer_files import check_apart, check_suffix, write_batches
from mien.cohort.columns import face_columns
from mien.cohort.store import (
    FACES,
    MEASURES,
    PARTICIPANTS,
    SAMPLES,
    locked,
    make_faces_view,
    make_measures_view,
    needed_views,
    opened,
    participants_table,
)
from mien.core.brief import brief
from mien.core.errors import DamageWarning, InputError
from mien.core.extras import require
from mien.core.numbers import checked_numbers
from mien.core.output import check_file
from mien.core.settings import bytes_of
from mien.data.review import read_review
from mien.data.shard_parts import ShardHead, read_heads
from mien.data.shards import read_shard, write_shard

if TYPE_CHECKING:
    import pandas

# How each view comes to be.
_MAKERS = {
    FACES: "mien extract INPUT -o {study}",
    SAMPLES: "mien participants TABLE -o {study}",
    MEASURES: "mien functionals {study}",
}
# Rows that are in memory at once while an answer is written.
_ROWS = 50_000
_SAID_AGAIN_S = 0.1
_MEMORY = "1.5GB"


@dataclass(frozen=True)
class CohortStore:
    """A study's faces, participants and measures, to be asked in SQL.

    Attributes
    ----------
    folder : Path
        The study.
    landmarks : bool
        Whether the view ``faces`` has the points, too.
    check : bool
        Compare every shard with its checksum before the first question about faces.
    max_memory : str or int
        For the database; what does not fit is put on the disk.
    threads : int
    """

    __repr__ = brief

    folder: Path
    landmarks: bool = False
    check: bool = True
    max_memory: str | int = _MEMORY
    threads: int = field(default_factory=lambda: min(8, os.cpu_count() or 1))

    @cached_property
    def _heads(self) -> tuple[list[ShardHead], list[str]]:
        heads = read_heads(self.folder, check=self.check)
        return [head for head in heads if not head.problem], [head.problem for head in heads if head.problem]

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about the shards that cannot be read and are in no answer."""
        return tuple(self._heads[1])

    def columns(self) -> dict[str, str]:
        """Names and meanings of the columns of the view ``faces``.

        Returns
        -------
        dict of str to str
        """
        layouts = {head.layout for head in self._heads[0]}
        return {c.name: c.meaning for layout in sorted(layouts) for c in face_columns(layout, self.landmarks)}

    def sql(self, text: str) -> QueryAnswer:
        """Ask in DuckDB's SQL: one SELECT over ``faces``, ``samples`` and ``measures``.

        Parameters
        ----------
        text : str

        Returns
        -------
        QueryAnswer
            Nothing is computed until it is read.

        Raises
        ------
        InputError
            For anything but one SELECT, for names that are not there, and what else DuckDB refuses.
        """
        duckdb = require("duckdb", "Querying a cohort", "cohort")
        wanted = needed_views(text)
        connection, scratch = opened(bytes_of(self.max_memory), self.threads)
        try:
            _check_select(duckdb, text)
            there = self._views(connection, wanted, Path(scratch.name))
            relation = connection.sql(text)
        except duckdb.Error as error:
            absent = [name for name in wanted if name not in there] if "does not exist" in str(error) else []
            raise _refused(duckdb, error, absent, self.folder, wanted) from error
        return QueryAnswer(relation, connection, self, scratch, self.problems if FACES in wanted else ())

    def _views(self, connection: Any, wanted: set[str], scratch: Path) -> set[str]:
        """Make the views that are asked for, and let the connection read their files alone; which of them there are."""
        files: list[Path] = []
        made: set[str] = set()
        if FACES in wanted:
            heads, problems = self._heads
            for problem in problems:
                warnings.warn(problem, DamageWarning, stacklevel=4)
            if not heads and problems:
                raise InputError(problems[0])
            if heads:
                heads = _as_reviewed(heads, scratch)
                make_faces_view(connection, heads, self.landmarks)
                files += [head.path for head in heads]
                made.add(FACES)
        if SAMPLES in wanted and (self.folder / PARTICIPANTS).is_file():
            connection.register("participants_as_written", participants_table(self.folder))
            connection.execute(f"CREATE TABLE {SAMPLES} AS SELECT * FROM participants_as_written")
            connection.unregister("participants_as_written")
            made.add(SAMPLES)
        if MEASURES in wanted:
            blocks, problems = make_measures_view(connection, self.folder)
            for problem in problems:
                warnings.warn(problem, DamageWarning, stacklevel=4)
            if blocks:
                files += blocks
                made.add(MEASURES)
        locked(connection, files)
        return made


def _as_reviewed(heads: list[ShardHead], scratch: Path) -> list[ShardHead]:
    """Shards; in the place of those that a review is about, copies as the review leaves them."""
    review = read_review(heads[0].path)
    result = []
    for at, head in enumerate(heads):
        if review.about(head.sources):
            copy = scratch / f"reviewed-{at}.parquet"
            write_shard(read_shard(head.path), copy)
            head = replace(head, path=copy)
        result.append(head)
    return result


@dataclass(frozen=True, eq=False)
class QueryAnswer:
    """The answer to a query; it is computed in streams each time it is read.

    Attributes
    ----------
    problems : tuple of str
        Sentences about shards that cannot be read and are not in the answer.
    """

    _relation: Any = field(repr=False)
    _connection: Any = field(repr=False)
    _cohort: CohortStore = field(repr=False)
    # Goes with the answer.
    _scratch: tempfile.TemporaryDirectory[str] = field(repr=False)
    problems: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self._relation.columns]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in batches, so that memory does not grow with them.

        Yields
        ------
        pyarrow.RecordBatch
        """
        duckdb = require("duckdb", "Querying a cohort", "cohort")
        # DuckDB works in a thread of its own: the one that waits can be interrupted, and then stops it.
        with ThreadPoolExecutor(1) as working:
            # The thread is there before it has work: who is interrupted while it starts leaves no query behind.
            working.submit(int).result()
            try:
                reader = working.submit(self._relation.to_arrow_reader, _ROWS).result()
                while (batch := working.submit(_next, reader).result()) is not None:
                    yield batch
            except (duckdb.Error, pa.ArrowException) as error:
                raise _refused(duckdb, error, [], self._cohort.folder) from error
            except BaseException:
                # DuckDB forgets what comes before a query runs, so it is said until the thread is free for what comes
                # last; what was asked for when the interruption came may have no name here.
                last = working.submit(int)
                while not last.done():
                    self._connection.interrupt()
                    wait([last], _SAID_AGAIN_S)
                raise

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table.

        Returns
        -------
        pyarrow.Table
        """
        batches = list(self.batches())
        return pa.Table.from_batches(batches, batches[0].schema if batches else self._schema())

    def _schema(self) -> pa.Schema:
        schema: pa.Schema = self._relation.limit(0).to_arrow_table().schema
        return schema

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a DataFrame.

        Returns
        -------
        pandas.DataFrame
        """
        require("pandas", "A DataFrame", "learn")
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def write(self, path: str | Path) -> int:
        """Write the rows as they come: ``.csv`` or ``.parquet``, atomically.

        In a CSV file texts that a spreadsheet would take for a formula (they begin with ``=``, ``+``, ``-`` or ``@``)
        have an apostrophe in front, which spreadsheets do not show.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        int
            How many rows.

        Raises
        ------
        InputError
            For another ending, or a place in the study where its own files lie.
        """
        check_suffix(Path(path))
        check_apart(Path(path), self._cohort.folder)
        return write_batches(self.batches(), self._schema(), Path(path))


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None


@checked_numbers
def cohort(
    folder: str | Path,
    *,
    landmarks: bool = False,
    check: bool = True,
    max_memory: str | int = _MEMORY,
    threads: int | None = None,
) -> CohortStore:
    """Open a study, to ask its faces, participants and measures in SQL; nothing is copied and nothing can be changed.

    Parameters
    ----------
    folder : str or Path
        The study that ``mien.extract``, ``mien.import_`` or ``mien.synthesize`` wrote.
    landmarks : bool
        Give the view ``faces`` the points, too, as one list per row.
    check : bool
        Compare every shard with its checksum before the first question about faces, which reads all of it.
    max_memory : str or int
        For the database, such as ``'2GB'``; what does not fit is put on the disk.
    threads : int, optional
        As many as the machine has, at most 8, where nothing else is said.

    Returns
    -------
    CohortStore
        Ask it with ``.sql("SELECT ...")``; ``.columns()`` says what the view ``faces`` has.

    Raises
    ------
    InputError
        If there is no such folder.
    MissingExtra
        Without DuckDB.

    Examples
    --------
    >>> import mien
    >>> _ = mien.synthesize("study", subjects=2, frames=2)
    >>> answer = mien.cohort("study").sql("SELECT count(DISTINCT source) > 1 AS several FROM faces WHERE status = 'ok'")
    >>> answer.to_arrow().to_pylist()
    [{'several': True}]
    """
    require("duckdb", "Querying a cohort", "cohort")
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} does not exist; give the folder that 'mien extract' wrote.")
    return CohortStore(folder, landmarks, check, max_memory, threads or min(8, os.cpu_count() or 1))


def query(
    sql: str,
    study: str | Path,
    *,
    output: str | Path | None = None,
    landmarks: bool = False,
    check: bool = True,
    max_memory: str | int = _MEMORY,
    threads: int | None = None,
) -> QueryAnswer:
    """Ask a study in SQL, and write the answer where a file is named.

    Parameters
    ----------
    sql : str
        One SELECT in DuckDB's SQL over the views ``faces`` (one row per source, frame and face), ``samples`` (the
        participants that ``mien.participants`` wrote) and ``measures`` (functionals).
    study : str or Path
        The study's folder.
    output : str or Path, optional
        A file, ``.csv`` or ``.parquet``.
    landmarks, check, max_memory, threads
        As of ``mien.cohort``.

    Returns
    -------
    QueryAnswer

    Raises
    ------
    InputError
        As ``mien.cohort`` and its ``sql``.

    Examples
    --------
    >>> import mien
    >>> _ = mien.synthesize("study", subjects=2, frames=2)
    >>> mien.query("SELECT DISTINCT status FROM faces", "study", output="answer.csv").columns
    ['status']
    """
    if output is not None:
        check_suffix(Path(output))
        check_file(output)
    answer = cohort(study, landmarks=landmarks, check=check, max_memory=max_memory, threads=threads).sql(sql)
    if output is not None:
        answer.write(output)
    return answer


def _check_select(duckdb: Any, text: str) -> None:
    statements = duckdb.extract_statements(text)
    kinds = [str(statement.type).rpartition(".")[2] for statement in statements]
    if kinds != ["SELECT"]:
        came = "nothing" if not kinds else f"{len(kinds)} statements" if len(kinds) > 1 else kinds[0]
        raise InputError(
            f"A query is one SELECT over {FACES}, {SAMPLES} and {MEASURES}, but got {came}; a cohort is read, never "
            "changed. Results go into a file with -o answer.csv (.write('answer.csv'))."
        )


def _refused(
    duckdb: Any, error: Exception, absent: list[str], folder: Path, wanted: Collection[str] = ()
) -> InputError:
    """What DuckDB says, as a sentence with its hint."""
    if absent:
        made = _MAKERS[absent[0]].format(study=quote(str(folder)))
        return InputError(f"{folder} has no '{absent[0]}' yet; make them with: {made}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return InputError(
            "The query needs more memory than it may take; ask for fewer columns or rows, or give more "
            "(max_memory='4GB')."
        )
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kept = [line for line in lines if not line.startswith(("LINE ", "^"))]
    if "disabled by configuration" in str(error) or isinstance(error, duckdb.PermissionException):
        return InputError("A query reads the study's own files and nothing else; it names another file or a setting.")
    named = isinstance(error, (duckdb.BinderException, duckdb.ParserException)) and MEASURES in wanted
    hint = '. Names of measures hold spaces and stand in double quotes: "mouthSmileLeft mean".' if named else ""
    return InputError(f"The query was refused. {' '.join(kept) or type(error).__name__}{hint}")
