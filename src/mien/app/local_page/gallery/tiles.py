"""Tiles of the gallery: one for each face of a picture, each track of a video, and each way that a source failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mien.core.faces import EXCLUDED, NO_FACE, OK, TRUNCATED, UNREADABLE, source_status

# Columns that a tile is made from.
COLUMNS = ("source", "frame", "track", "status", "reason", "quality", "box_px", "sharpness")
# Failures stand first, the worst of them before the others.
ORDER = (UNREADABLE, TRUNCATED, NO_FACE, EXCLUDED, OK)


@dataclass(frozen=True)
class Tile:
    """One tile.

    Attributes
    ----------
    key : str
        Names its thumbnail; of what was extracted, not of what a review makes of it.
    source, frame, track, status, reason, quality
        As of ``Faces``; the frame is the one that shows the face most sharply.
    frames : int
        How many frames it stands for.
    box : tuple of float
        Around the face in pixels: x, y, width, height; empty without a face.
    of_source : str
        Status of the source as a whole.
    """

    key: str
    source: str
    frame: int
    track: int
    status: str
    reason: str
    quality: str
    frames: int
    box: tuple[float, ...]
    of_source: str

    def as_dict(self) -> dict[str, Any]:
        """For the page."""
        found = asdict(self)
        del found["box"]
        return found


def tiles_of(raw: Mapping[str, np.ndarray], reviewed: Mapping[str, np.ndarray]) -> Iterator[Tile]:
    """Tiles of one shard.

    Parameters
    ----------
    raw, reviewed : mapping of str to ndarray
        ``COLUMNS`` as extracted, and as the study's review leaves them.
    """
    status = reviewed["status"]
    names, group = np.unique(raw["source"].astype(str), return_inverse=True)
    for place, source in enumerate(names):
        rows = np.flatnonzero(group == place)
        whole = source_status(set(status[rows]))
        # Of a face its status and track, of anything else its status alone.
        people = [(str(status[row]), _person(reviewed, row)) for row in rows.tolist()]
        for kind, track in dict.fromkeys(people):
            mine = rows[[person == (kind, track) for person in people]]
            best = mine[int(np.argmax(np.nan_to_num(raw["sharpness"][mine], nan=-1.0)))]
            box = raw["box_px"][best]
            frame = int(raw["frame"][best])
            there = bool(np.isfinite(box).all()) and kind in (OK, EXCLUDED)
            yield Tile(
                _key(str(source), frame, int(raw["track"][best])), str(source), frame, track, kind,
                next((str(text) for text in reviewed["reason"][mine] if text), ""), str(reviewed["quality"][best]),
                len(np.unique(raw["frame"][mine])), tuple(map(float, box)) if there else (), whole,
            )  # fmt: skip


def _person(columns: Mapping[str, np.ndarray], row: int) -> int:
    return int(columns["track"][row]) if columns["status"][row] in (OK, EXCLUDED) else -1


def _key(source: str, frame: int, track: int) -> str:
    return hashlib.blake2b(f"{source}\0{frame}\0{track}".encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def in_order(tiles: Iterable[Tile]) -> list[Tile]:
    """Sources without a usable face first; then as they are called."""
    return sorted(
        tiles, key=lambda t: (ORDER.index(t.of_source), t.source, t.track if t.track >= 0 else 1 << 30, t.frame)
    )


def chosen(tiles: Iterable[Tile], status: str = "", text: str = "") -> list[Tile]:
    """Those of a status whose source, reason or remarks hold a text."""
    words = text.casefold().split()
    return [
        tile
        for tile in tiles
        if (not status or tile.status == status)
        and all(word in f"{tile.source} {tile.reason} {tile.quality}".casefold() for word in words)
    ]
