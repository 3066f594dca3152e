"""Parts of shards, read fast: what one holds (from its end alone), and chosen columns without the rest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from mien.core.errors import InputError
from mien.core.faces import COLUMNS, TRUNCATED, UNREADABLE, source_status
from mien.data import checksum
from mien.data.native import native_file
from mien.data.review import read_review
from mien.data.reviewed import NEEDED, obeyed
from mien.data.shards import ANEW, UNREADABLE_AS, from_arrow, shard_paths

# Shards with the columns of faces say so.
TOPOLOGY = b"mien.topology"


@dataclass(frozen=True)
class ShardHead:
    """What the end of a shard says of it.

    Attributes
    ----------
    path : Path
    sources : dict of str to str
        Status of each source in it, as ``Faces.counts`` has it.
    rows : int
        Frames and faces.
    layout : tuple of tuple (name, type)
        Its columns.
    problem : str
        Why it cannot be read, in a sentence; ``''`` where it can.
    """

    path: Path
    sources: dict[str, str]
    rows: int
    layout: tuple[tuple[str, str], ...]
    problem: str = ""


def read_head(path: Path, *, check: bool = False) -> ShardHead:
    """Sources, rows and columns of a shard, from its end; from a few columns where that does not say enough.

    The study's review is obeyed: a source whose faces are all excluded is.

    Parameters
    ----------
    path : Path
    check : bool
        Compare its content with its checksum, too, which reads all of it.

    Returns
    -------
    ShardHead
        With the problem, where it is damaged or none of mien's.
    """
    review = read_review(path)
    try:
        if check and checksum.is_intact(path) is False:
            return _damaged(path, "its content is not what was written (SHA-256)")
        with native_file(path) as opened, pq.ParquetFile(opened) as file:
            facts, schema = file.metadata, file.schema_arrow
            names = set(schema.names)
            if TOPOLOGY not in (schema.metadata or {}) or not names >= {*COLUMNS, "landmarks_px"}:
                return ShardHead(path, {}, 0, (), f"{path} was not written by 'mien extract'; it was left out.")
            groups = range(facts.num_row_groups)
            ends = {name: _ends(facts, schema.names, name, groups) for name in ("source", "status")}
            source, status = ends["source"], ends["status"]
            if review and (source is None or source[0] != source[1] or source[0] in review.sources):
                table = file.read(columns=list(NEEDED))
                found = obeyed({name: from_arrow(table[name], ()) for name in NEEDED}, review)
                sources = _sources(zip(found["source"].tolist(), found["status"].tolist(), strict=True))
            elif source and status and source[0] == source[1] and (TRUNCATED in status or status[1] != UNREADABLE):
                # In this order nothing that would count for more lies between the two ends.
                sources = {source[0]: source_status(set(status))}
            elif source and source == source[::-1] and status == (UNREADABLE, UNREADABLE):
                sources = {source[0]: UNREADABLE}
            else:
                pairs = file.read(columns=["source", "status"]).group_by(["source", "status"], use_threads=False)
                alone = pairs.aggregate([])
                sources = _sources(zip(alone["source"].to_pylist(), alone["status"].to_pylist(), strict=True))
            layout = tuple((field.name, str(field.type)) for field in schema)
            return ShardHead(path, sources, facts.num_rows, _once(layout))
    except UNREADABLE_AS as error:
        return _damaged(path, str(error))


@cache
def _once(layout: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Thousands of shards are laid out alike: one object for all of them."""
    return layout


def read_heads(folder: Path, *, check: bool = False) -> list[ShardHead]:
    """The heads of all shards of a study, those that cannot be read among them.

    Parameters
    ----------
    folder : Path
        A study, or its ``faces/``.
    check : bool
        As of ``read_head``.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda path: read_head(path, check=check), shard_paths(folder)))


def _damaged(path: Path, why: str) -> ShardHead:
    return ShardHead(path, {}, 0, (), f"{path} is damaged and was left out: {why.rstrip('.')}. {ANEW}")


def _ends(facts: Any, names: list[str], name: str, groups: range) -> tuple[str, str] | None:
    """The first and the last text of a column in alphabetical order, where the file's end holds them."""
    # Each column is one leaf of the file, in their order.
    found = [facts.row_group(group).column(names.index(name)).statistics for group in groups]
    if not found or not all(one is not None and one.has_min_max for one in found):
        return None
    return min(one.min for one in found), max(one.max for one in found)


def _sources(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Status of each source by those of its rows."""
    statuses: dict[str, set[str]] = {}
    for source, status in dict.fromkeys(pairs):
        statuses.setdefault(source, set()).add(status)
    return {source: source_status(found) for source, found in statuses.items()}


def read_columns(path: Path, names: Sequence[str], *, check: bool = True, review: bool = True) -> dict[str, np.ndarray]:
    """Some columns of a shard, without reading the others, as the study's review leaves them.

    Points stay on the disk unless they are named.

    Parameters
    ----------
    path : Path
    names : sequence of str
        As of ``Faces``; further columns as ``'extra:AU12_r'``. ``'extra:*'`` stands for all of these.
    check : bool
        Compare the content with the checksum before it is read.
    review : bool
        Obey the study's review. False: as extracted.

    Returns
    -------
    dict of str to ndarray, each of shape (rows, ...)

    Raises
    ------
    InputError
        If the file is damaged or has no such column.
    """
    said = read_review(path) if review else None
    try:
        if check and checksum.is_intact(path) is False:
            raise InputError(f"{path} is damaged: its content is not what was written (SHA-256). {ANEW}")
        with native_file(path) as opened, pq.ParquetFile(opened) as file:
            there = file.schema_arrow.names
            wanted = [n for name in names for n in (_extra(there) if name == "extra:*" else [name])]
            absent = [name for name in wanted if name not in there]
            if absent:
                raise InputError(f"{path} has no column '{absent[0]}'; it has: {', '.join(there)}.")
            needed = [name for name in NEEDED if said and name not in wanted]
            table = file.read(columns=[*wanted, *needed], use_threads=False)
    except UNREADABLE_AS as error:
        raise InputError(f"{path} is not a readable Parquet file ({error}). {ANEW}") from error
    shapes = {name: COLUMNS[name].shape if name in COLUMNS else () for name in wanted}
    if "landmarks_px" in wanted:
        shapes["landmarks_px"] = (-1, 3)
    found = {name: from_arrow(table[name], shapes.get(name, ())) for name in (*wanted, *needed)}
    found = obeyed(found, said) if said else found
    return {name: found[name] for name in wanted}


def _extra(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith("extra:")]
