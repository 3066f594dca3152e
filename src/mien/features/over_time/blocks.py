"""Blocks of recordings: the shards of a study in parts that are computed, kept and recognised by themselves."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.data import checksum
from mien.data.measures import OK, Measure, Measures
from mien.data.review import read_review
from mien.data.shards import hash_of_nameless, name_hash, read_facts, read_shard
from mien.features.over_time.channels import Recording, recording_of
from mien.features.over_time.codebook import described
from mien.features.over_time.even import covered_s
from mien.features.over_time.gates import Gates, failed_gates, quality_of, usable, verdict
from mien.features.over_time.series import Rules, Series
from mien.features.over_time.statistics import statistics

# Part of the fingerprint of a block: another number computes everything anew.
VERSION = 2
# A shard belongs to a block by its source's name, so that a new recording changes one block alone.
BLOCKS = 64


@dataclass(frozen=True)
class MeasuresAsked:
    """Everything that decides about the values.

    Attributes
    ----------
    channels : tuple of str
        Patterns.
    groups : tuple of str
        Of ``statistics.GROUPS``.
    gates : Gates
    rules : Rules
    task : str
        Column that names each frame's task.
    events : dict of str to tuple of (start, end, name)
        Windows by source, in seconds; and ``''`` for those of all sources.
    fps : float or None
        Frames per second of recordings without times.
    """

    channels: tuple[str, ...]
    groups: tuple[str, ...]
    gates: Gates
    rules: Rules
    task: str = ""
    events: dict[str, tuple[tuple[float, float, str], ...]] = field(default_factory=dict)
    fps: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Settings as JSON holds them."""
        result: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return result


@dataclass(frozen=True)
class BlockWork:
    """Computes blocks and writes them; travels to workers."""

    asked: MeasuresAsked
    folder: Path

    def start(self, threads: int) -> None:
        """Nothing is needed."""

    def do(self, ready: None, value: tuple[str, str, list[Path]], step: Callable[[Any], None]) -> dict[str, Any]:
        """Compute one block of shards and write it; what is in it."""
        name, fingerprint, paths = value
        rows = []
        for path in paths:
            try:
                rows += rows_of_shard(path, self.asked)
            except Exception as error:  # whatever one recording meets is its row
                rows.append(_without(_name(path), f"failed: {type(error).__name__}: {error}"))
            step(1)
        measures = joined(rows)
        facts = {"fingerprint": fingerprint, "codebook": packed(measures.codebook), **summary(measures)}
        measures.write_block(self.folder, name, facts)
        return facts


@dataclass(frozen=True, eq=False)
class MeasuredRow:
    """One recording: a value for each line of the codebook, the status, and numbers about the recording."""

    source: str
    status: str
    codebook: tuple[Measure, ...]
    values: np.ndarray
    quality: dict[str, float]


def rows_of_shard(path: Path, asked: MeasuresAsked) -> list[MeasuredRow]:
    """The recordings of one shard; a damaged one is a row that says so."""
    try:
        faces = read_shard(path)
    except InputError as error:
        return [_without(_name(path), f"damaged: {error}")]
    if not len(faces):
        return [_without(_name(path), "empty: the file holds no frame")]
    return [row_of(source, faces, rows, asked) for source, rows in faces.by_source()]


def row_of(source: str, faces: Faces, rows: np.ndarray, asked: MeasuresAsked) -> MeasuredRow:
    """One recording's statistics."""
    recording = recording_of(source, faces, rows, asked.channels, asked.task, asked.fps)
    kept, counts = usable(failed_gates(recording, asked.gates))
    seconds = covered_s(recording.time_s[kept], asked.rules.max_gap_s)
    quality = quality_of(recording, kept, counts, seconds)
    status = verdict(recording, kept, seconds, asked.gates)
    if status != OK:
        return MeasuredRow(source, status, (), np.empty(0, dtype=np.float32), quality)
    found = [
        statistics(Series(recording.channels, recording.time_s[mask], recording.values[:, mask], asked.rules),
                   asked.groups, name)
        for name, mask in [("", kept), *windows_of(recording, kept, asked)]
    ]  # fmt: skip
    codebook = found[0][0] if len(found) == 1 else tuple(one for part in found for one in part[0])
    return MeasuredRow(source, status, codebook, np.concatenate([values for _, values in found]), quality)


def windows_of(recording: Recording, kept: np.ndarray, asked: MeasuresAsked) -> Iterator[tuple[str, np.ndarray]]:
    """Usable frames of each task or event that has enough of them; parts of one name are taken together."""
    masks: dict[str, np.ndarray] = {}
    if recording.marks is not None:
        masks = {name: recording.marks == name for name in sorted(set(recording.marks)) if name}
    events = [*asked.events.get("", ()), *asked.events.get(recording.source, ())]
    for start, end, name in events:
        inside = (recording.time_s >= start) & (recording.time_s < end)
        masks[name] = masks.get(name, False) | inside
    for name, mask in masks.items():
        if (mask & kept).sum() >= asked.gates.min_frames:
            yield name, mask & kept


def _name(path: Path) -> str:
    """The source that a shard is of, as far as it says."""
    return str(read_facts(path).get("source") or path.stem)


def _without(source: str, status: str) -> MeasuredRow:
    return MeasuredRow(source, status, (), np.empty(0, dtype=np.float32), {})


def joined(rows: Sequence[MeasuredRow]) -> Measures:
    """Rows as one table; what a row lacks is NaN there."""
    place: dict[str, int] = {}
    codebook: list[Measure] = []
    places: dict[int, np.ndarray] = {}
    known: list[tuple[Measure, ...]] = []
    for row in rows:
        # Recordings with the same channels share their codebook.
        number = next((i for i, other in enumerate(known) if other == row.codebook), -1)
        if number < 0:
            number = len(known)
            known.append(row.codebook)
            for measure in row.codebook:
                if place.setdefault(measure.name, len(codebook)) == len(codebook):
                    codebook.append(measure)
            places[number] = np.array([place[measure.name] for measure in row.codebook], dtype=np.intp)
    values = np.full((len(rows), len(codebook)), np.nan, dtype=np.float32)
    for i, row in enumerate(rows):
        values[i, places[known.index(row.codebook)]] = row.values
    names = list(dict.fromkeys(name for row in rows for name in row.quality))
    return Measures(
        np.array([row.source for row in rows], dtype=object),
        values,
        tuple(codebook),
        np.array([row.status for row in rows], dtype=object),
        {name: np.array([row.quality.get(name, np.nan) for row in rows]) for name in names},
    )


def packed(codebook: Sequence[Measure]) -> list[Any]:
    """A codebook in few bytes, for the metadata of a file."""
    found: dict[tuple[str, str, str], list[list[str]]] = {}
    for one in codebook:
        found.setdefault((one.window, one.channel, one.group), []).append([one.statistic, one.unit])
    return [[*key, statistics] for key, statistics in found.items()]


def unpacked(found: Sequence[Any]) -> list[Measure]:
    """What ``packed`` packed."""
    return [
        described(channel, group, statistic, unit, window)
        for window, channel, group, statistics in found
        for statistic, unit in statistics
    ]


def summary(measures: Measures) -> dict[str, Any]:
    """What a block adds to the whole: recordings by status, and frames by what became of them."""
    quality = measures.quality
    frames = {name: int(np.nansum(column)) for name, column in quality.items() if name.startswith("left out: ")}
    kept = {name: int(np.nansum(quality[name])) for name in ("frames", "usable frames") if name in quality}
    return {"status": dict(Counter(why or OK for why in measures.why)), "counts": {**kept, **frames}}


def blocks_of(paths: Sequence[Path], asked: MeasuresAsked) -> list[tuple[str, str, list[Path]]]:
    """Name, fingerprint and shards of every block, in order."""
    members: dict[str, list[Path]] = {}
    for path in paths:
        who = hash_of_nameless(path.stem) or name_hash(path.stem)
        members.setdefault(f"{int(who[:2], 16) % BLOCKS:02d}", []).append(path)
    settings = json.dumps([VERSION, asked.as_dict()], sort_keys=True)
    return [(name, _fingerprint(settings, members[name]), members[name]) for name in sorted(members)]


def _fingerprint(settings: str, paths: Sequence[Path]) -> str:
    digest = hashlib.sha256(settings.encode())
    review = read_review(paths[0])
    if review:
        hashes = {hash_of_nameless(path.stem) for path in paths}
        # Shards whose names do not say whose they are may be anybody's.
        mine = review.sources if None in hashes else [name for name in review.sources if name_hash(name) in hashes]
        digest.update(review.about(mine).mark.encode())
    for path in paths:
        digest.update(
            f"{path.name}\0{path.stat().st_size}\0{checksum.stated(path)}\0".encode("utf-8", "surrogateescape")
        )
    return digest.hexdigest()


def is_current(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """What is in a block if it was computed from the same shards with the same settings; None if not."""
    facts = read_facts(path) if path.is_file() else {}
    return facts if facts.get("fingerprint") == fingerprint else None
