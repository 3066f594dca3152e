"""Small pictures of faces, made once and kept in the study's folder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from mien.app.local_page.gallery.tiles import Tile
from mien.core.errors import MienError
from mien.core.files import half_written
from mien.data.media.pictures import read_picture
from mien.data.media.video import read_frames

FOLDER = Path("page", "thumbnails")
SIDE_PX = 112
# Of the face's box, on each side.
MARGIN = 0.25
JPEG_QUALITY = 80
# Decoding large pictures at the same time takes memory.
_at_once = threading.Semaphore(2)


def thumbnail_path(study: Path, key: str) -> Path:
    """Where the small picture of a tile is kept."""
    return study / FOLDER / f"{key}.jpg"


def small(picture: np.ndarray, box: Sequence[float]) -> bytes:
    """A face, or a whole picture without one, as a square JPEG.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    box : sequence of float
        x, y, width, height in pixels; empty: the whole picture.
    """
    height, width = picture.shape[:2]
    if len(box):
        side = max(box[2], box[3]) * (1 + 2 * MARGIN)
        left, top = box[0] + box[2] / 2 - side / 2, box[1] + box[3] / 2 - side / 2
    else:
        side = max(width, height)
        left, top = (width - side) / 2, (height - side) / 2
    scale = SIDE_PX / max(side, 1.0)
    # Large pictures are averaged first: reading every tenth pixel would show noise.
    reduced = min(1.0, 2 * scale)
    if reduced < 1:
        picture = cv2.resize(picture, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
    turn = np.array([[scale / reduced, 0, -left * scale], [0, scale / reduced, -top * scale]])
    tile = cv2.warpAffine(picture, turn, (SIDE_PX, SIDE_PX), flags=cv2.INTER_AREA, borderValue=(128, 128, 128))
    return bytes(cv2.imencode(".jpg", tile[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())


def make_thumbnails(study: Path, file: Path, is_video: bool, tiles: Sequence[Tile]) -> int:
    """Make those of one picture or video that are not there yet, in one reading; how many.

    Parameters
    ----------
    study : Path
    file : Path
    is_video : bool
    tiles : sequence of Tile
        Of this source.
    """
    missing = [tile for tile in tiles if tile.key and not thumbnail_path(study, tile.key).exists()]
    if not missing:
        return 0
    with _at_once:
        try:
            if not is_video:
                picture = read_picture(file)
                for tile in missing:
                    _write(study, tile, small(picture, tile.box))
                return len(missing)
            last, made = max(tile.frame for tile in missing), 0
            for frame in read_frames(file):
                for tile in missing:
                    if tile.frame == frame.number:
                        _write(study, tile, small(frame.picture, tile.box))
                        made += 1
                if frame.number >= last:
                    break
            return made
        except (MienError, OSError):
            return 0


def _write(study: Path, tile: Tile, data: bytes) -> None:
    target = thumbnail_path(study, tile.key)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Not flushed to the disk one by one: what is lost is made again.
    with half_written(target.parent, target.suffix) as temporary:
        temporary.write_bytes(data)
        temporary.replace(target)
