"""Recipe 'series': channels of long recordings at even steps of time, read from the study shard after shard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.features import SERIES, Features
from mien.core.numbers import Range
from mien.core.patterns import chosen, patterns_of
from mien.core.samples import Samples
from mien.data.shard_parts import ShardHead, read_heads
from mien.data.shards import read_facts
from mien.data.study_faces import StudyFaces, read_without_points
from mien.features.geometry import PRESENT
from mien.features.match import DAMAGED, NOT_EXTRACTED, Choice, sources_of
from mien.features.measures import MEASURES
from mien.features.over_time.channels import OWN, Channel, Recording, named_channel, recording_of
from mien.features.over_time.even import covered_s
from mien.features.over_time.gates import Gates, failed_gates, usable, verdict
from mien.features.over_time.series import Rules
from mien.features.settings import resolve

DEFAULTS: dict[str, Any] = {"channels": [], "per_second": 2.0, "most_steps": 240, "steps": 0, **asdict(Gates())}
KINDS: dict[str, Any] = {
    "per_second": Annotated[float, Range(0.01, 1000)],
    "most_steps": Annotated[int, Range(1, whole=True)],
    "steps": Annotated[int, Range(0, whole=True)],
    **{one.name: int if one.type == "int" else float for one in fields(Gates)},
}
MISSING_CHANNEL = "a channel is missing"
# Taken unless channels are named: what a face does, not how large it is in the picture.
_USUAL = ("blendshapes", "head", "gaze", "eyelids", "action units")
_NUMBERS = re.compile(r"(u?int\d+|float|double|halffloat)")
# Distances would need the points, which stay on the disk.
_NO_DISTANCES = ("*", *(f"!{name}" for name in MEASURES))


def series(recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces) -> Features:
    """Channels of each recording, averaged into even steps of time.

    A step averages the usable frames in it. One without any is missing: ``'present'``, the last channel, is 0 there,
    and so are all others; so are steps after a recording's end. A channel without a number in a step that others have
    is interpolated between its neighbours.

    Settings of the recipe
    ----------------------
    channels : list of str
        Names or patterns, as ``mien.features.over_time.channels`` has them but for distances; by default blendshapes,
        head pose, gaze, eyelids and action units. Those that no recording has are dropped; a recording that lacks one
        of the others has the status ``'a channel is missing'``.
    per_second : float
        Steps in a second.
    most_steps : int
        What comes after so many steps is not looked at.
    steps : int
        Steps of every sample; 0: as many as the longest recording has, ``most_steps`` at most.
    min_presence, min_face_px, min_sharpness, max_yaw_deg, max_pitch_deg, min_usable, min_frames, min_duration_s, \
max_others
        See ``mien.features.over_time.gates.Gates``.

    Returns
    -------
    Features
        ``'channels x time'``, (samples, steps, channels and ``'present'``).
    """
    settings = resolve("series", recipe, DEFAULTS, KINDS)
    gates = Gates(**{one.name: settings[one.name] for one in fields(Gates)})
    stored = _Stored(faces.folder) if isinstance(faces, StudyFaces) else _InMemory(faces)
    known = stored.channels()
    if settings["channels"]:
        names = chosen([one.name for one in known], patterns_of(settings["channels"]), "the recordings")
    else:
        names = [one.name for one in known if one.group in _USUAL and one.unit != "mm"]
    files = [str(file) for file in samples.files()]
    sources = sources_of(samples.path.tolist(), files, stored.names(), stored.damaged)
    rows = {source: [i for i, one in enumerate(sources) if one == source] for source in set(sources) if source}
    most = settings["steps"] or settings["most_steps"]
    values = np.full((len(samples), most, len(names) + 1), np.nan, dtype=np.float32)
    status = np.array([NOT_EXTRACTED if source is None else DAMAGED for source in sources], dtype=object)
    longest = 1
    for recording in stored.recordings(set(rows), names):
        found, why = stepped(recording, names, gates, settings["per_second"], most)
        status[rows[recording.source]] = why
        if why == OK:
            values[rows[recording.source]] = 0
            values[rows[recording.source], : len(found)] = found
            longest = max(longest, len(found))
    settings["steps"] = settings["steps"] or longest
    values = values[:, : settings["steps"]]
    held = np.isfinite(values[status == OK]).all(axis=1)[:, :-1]
    there = held.any(axis=0) if len(held) and not recipe.get("steps") else np.ones(len(names), dtype=bool)
    if not there.all():
        names, values = [name for name, so in zip(names, there, strict=True) if so], values[..., [*there, True]]
    settings["channels"] = names
    status[(status == OK) & np.isnan(values).any(axis=(1, 2))] = MISSING_CHANNEL
    values[status != OK] = np.nan
    return Features(values, SERIES, (*names, PRESENT), settings, status)


def stepped(
    recording: Recording, names: Sequence[str], gates: Gates, per_second: float, most: int
) -> tuple[np.ndarray, str]:
    """A recording's channels in steps, (steps, channels and 'present'), and 'ok' or why it has none.

    A channel that the recording lacks is NaN.
    """
    kept, _ = usable(failed_gates(recording, gates))
    why = verdict(recording, kept, covered_s(recording.time_s[kept], Rules().max_gap_s), gates)
    if why != OK:
        return np.empty((0, len(names) + 1), dtype=np.float32), why.partition(":")[0]
    # A hair is added so that a frame at the beginning of a step is in it, whatever its time was rounded to.
    step = np.floor((recording.time_s - recording.time_s[0]) * per_second + 1e-6).astype(np.int64)
    count = min(most, int(step[-1]) + 1)
    place = {channel.name: i for i, channel in enumerate(recording.channels)}
    found = np.zeros((count, len(names) + 1), dtype=np.float32)
    present = np.bincount(step[kept & (step < count)], minlength=count) > 0
    for column, name in enumerate(names):
        number = recording.values[place[name]] if name in place else np.full(len(step), np.nan)
        use = kept & (step < count) & np.isfinite(number)
        frames = np.bincount(step[use], minlength=count)
        if not frames.any():
            found[:, column] = np.nan
            continue
        known = np.flatnonzero(frames)
        means = np.bincount(step[use], weights=number[use], minlength=count)[known] / frames[known]
        found[present, column] = np.interp(np.flatnonzero(present), known, means)
    found[:, -1] = present
    return found, OK


class _InMemory:
    """Recordings of faces that are in memory."""

    damaged: tuple[str, ...] = ()

    def __init__(self, faces: Faces) -> None:
        self._faces, self._rows = faces, dict(faces.by_source())

    def names(self) -> list[str]:
        return list(self._rows)

    def channels(self) -> list[Channel]:
        extra = [name for name, column in self._faces.extra.items() if column.dtype.kind in "fiu"]
        return [*(one for own in OWN.values() for one in own), *map(named_channel, extra)]

    def recordings(self, wanted: set[str], names: Sequence[str]) -> Iterator[Recording]:
        for source, rows in self._rows.items():
            if source in wanted:
                yield recording_of(source, self._faces, rows, _NO_DISTANCES)


class _Stored:
    """Recordings of a study, one shard in memory at a time."""

    def __init__(self, folder: Path) -> None:
        self._heads: list[tuple[ShardHead, tuple[str, ...]]] = []
        broken: list[str] = []
        for head in read_heads(folder):
            own = tuple(head.sources)
            if head.problem:
                own = (str(read_facts(head.path).get("source") or head.path.stem),)
                broken += own
            self._heads.append((head, own))
        if not self._heads:
            raise InputError(f"{folder} holds no faces; fill it with: mien extract INPUT -o {quote(str(folder))}")
        self.damaged = tuple(broken)

    def names(self) -> list[str]:
        return list(dict.fromkeys(name for _, own in self._heads for name in own))

    def channels(self) -> list[Channel]:
        layouts = {head.layout: None for head, _ in self._heads}
        extra = {
            name.removeprefix("extra:"): None
            for layout in layouts
            for name, kind in layout
            if name.startswith("extra:") and _NUMBERS.fullmatch(kind)
        }
        return [*(one for own in OWN.values() for one in own), *map(named_channel, extra)]

    def recordings(self, wanted: set[str], names: Sequence[str]) -> Iterator[Recording]:
        columns = [column for column, own in OWN.items() if {one.name for one in own} & set(names)]
        for head, own in self._heads:
            if head.problem or not wanted & set(own):
                continue
            there = {name.removeprefix("extra:") for name, _ in head.layout if name.startswith("extra:")}
            try:
                faces = read_without_points(head.path, columns, [name for name in names if name in there])
            except InputError:  # its recordings keep the status of a damaged shard
                continue
            for source, rows in faces.by_source():
                if source in wanted:
                    yield recording_of(source, faces, rows, _NO_DISTANCES)
