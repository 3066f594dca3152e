"""Overlays: what was found, drawn on the pictures and videos it was found in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from mien.core.errors import InputError, StorageError
from mien.core.faces import BLENDSHAPES, Faces
from mien.core.files import atomic_path, remove_halves
from mien.data.canonical import canonical_mesh
from mien.data.media.film import Film
from mien.data.media.pictures import read_picture
from mien.data.media.video import Sampling, read_frames, video_facts
from mien.data.shards import read_shard
from mien.faces.sources import VIDEO, MediaSource

# Okabe and Ito's colours, which people with colour blindness can tell apart; RGB.
TRACK_COLOURS = ((0, 158, 115), (230, 159, 0), (86, 180, 233), (204, 121, 167), (213, 94, 0), (0, 114, 178))
TOP_BLENDSHAPES = 5


def draw_all(
    sources: Sequence[tuple[MediaSource, Path]],
    folder: Path,
    sampling: Sampling,
    done: Callable[[str], None] = lambda name: None,
    failed: Callable[[str, str], None] = lambda name, reason: None,
) -> list[Path]:
    """Write an overlay for every source that has a face; those that are there already are not drawn again.

    Parameters
    ----------
    sources : sequence of (MediaSource, Path)
        Each source with its shard.
    folder : Path
    sampling : Sampling
        As in the extraction.
    done : callable
        Gets the name of each source when its overlay is there.
    failed : callable
        Gets the name of each source whose overlay cannot be drawn, and why.

    Returns
    -------
    list of Path
        The overlays.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    written = []
    remove_halves(folder)
    for source, shard in sources:
        # Named by the shard, so that an overlay of older results is not taken for one of these.
        target = folder / f"{shard.stem}{'.mp4' if source.kind == VIDEO else '.jpg'}"
        try:
            if not target.exists() and not _draw(source, shard, target, sampling):
                continue
        except StorageError:
            raise
        except Exception as error:  # as in reading: what one source meets does not stop the others
            failed(source.name, f"{source.path.name}: its overlay cannot be drawn ({error}).")
            continue
        written.append(target)
        done(source.name)
    return written


def _draw(source: MediaSource, shard: Path, target: Path, sampling: Sampling) -> bool:
    """Write the overlay of a source; False if there is no face to draw."""
    faces = read_shard(shard)
    if not faces.ok.any():
        return False
    if source.kind == VIDEO:
        _draw_video(source.path, faces, target, sampling)
        return True
    picture = cv2.cvtColor(draw_faces(read_picture(source.path), faces[faces.ok]), cv2.COLOR_RGB2BGR)
    with atomic_path(target) as temporary:
        # Encoded here and written there: OpenCV's own writing does not say when the disk is full.
        temporary.write_bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return True


def draw_faces(picture: np.ndarray, faces: Faces) -> np.ndarray:
    """A copy of an RGB picture (height, width, 3) of uint8 with mesh, points, box, number and top blendshapes."""
    canvas = np.ascontiguousarray(picture).copy()
    for row in range(len(faces)):
        colour = TRACK_COLOURS[max(0, int(faces.track[row])) % len(TRACK_COLOURS)]
        points = faces.landmarks_px[row, :, :2]
        size = float(np.ptp(points[:, 1]))
        # Line widths and letters follow the size of the face; 4 bits of sub-pixel precision.
        fixed = np.round(points * 16).astype(np.int32)
        mesh = canvas.copy()
        cv2.polylines(mesh, list(fixed[_edges()]), False, colour, 1, cv2.LINE_AA, shift=4)
        cv2.addWeighted(mesh, 0.45, canvas, 0.55, 0, dst=canvas)
        radius = max(10, round(size / 220 * 16))
        for x, y in fixed:
            cv2.circle(canvas, (int(x), int(y)), radius, (255, 255, 255), -1, cv2.LINE_AA, shift=4)
        x, y, width, height = (round(float(v)) for v in faces.box_px[row])
        cv2.rectangle(canvas, (x, y), (x + width, y + height), colour, max(1, round(size / 200)), cv2.LINE_AA)
        _write(canvas, _caption(faces, row), (x, y, width, height), colour, size)
    return canvas


def _caption(faces: Faces, row: int) -> list[str]:
    lines = [f"face {faces.track[row]}" + (f" ({faces.quality[row]})" if faces.quality[row] else "")]
    strengths = faces.blendshapes[row]
    for index in np.argsort(-strengths[1:])[:TOP_BLENDSHAPES] + 1:
        if strengths[index] >= 0.05:
            lines.append(f"{BLENDSHAPES[index]} {strengths[index]:.2f}")
    return lines


def _write(
    canvas: np.ndarray, lines: list[str], box: tuple[int, int, int, int], colour: tuple[int, int, int], size: float
) -> None:
    """Text on a dark ground beside, below or above the box, wherever there is room."""
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, float(np.clip(size / 420, 0.35, 2.0))
    if size < 60:
        lines = lines[:1]
    sizes = [cv2.getTextSize(line, font, scale, 1)[0] for line in lines]
    width, step = max(s[0] for s in sizes) + 8, round(max(s[1] for s in sizes) * 1.7)
    height = step * len(lines) + 6
    x, y, box_width, box_height = box
    places = [(x + box_width + 4, y), (x - 4 - width, y), (x, y + box_height + 4), (x, y - 4 - height)]
    free = [
        (left, top)
        for left, top in places
        if left >= 0 and left + width <= canvas.shape[1] and top >= 0 and top + height <= canvas.shape[0]
    ]
    left, top = free[0] if free else (0, 0)
    ground = canvas[top : top + height, left : left + width]
    ground[...] = (ground * 0.35).astype(np.uint8)
    for number, line in enumerate(lines):
        place = (left + 4, top + step * (number + 1) - step // 4)
        ink = colour if number == 0 else (255, 255, 255)
        cv2.putText(canvas, line, place, font, scale, ink, max(1, round(scale * 1.5)), cv2.LINE_AA)


@cache
def _edges() -> np.ndarray:
    """Every edge of the mesh once, shape (edges, 2)."""
    triangles = canonical_mesh().triangles
    pairs = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(pairs, axis=1), axis=0)


def _draw_video(path: Path, faces: Faces, target: Path, sampling: Sampling) -> None:
    rows_of = {int(number): np.flatnonzero(faces.ok & (faces.frame == number)) for number in np.unique(faces.frame)}
    with atomic_path(target) as temporary, Film(temporary, video_facts(path)["rate"] or 25) as film:
        try:
            for frame in read_frames(path, sampling):
                rows = rows_of.get(frame.number, np.empty(0, dtype=np.int64))
                film.add(draw_faces(frame.picture, faces[rows]) if len(rows) else frame.picture, frame.time_s)
        except InputError:
            # The video breaks off here; its overlay does too, and the shard says why.
            pass
