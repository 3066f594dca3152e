"""What the gallery's script asks: faces, small pictures, frames, tracks, and decisions of a review."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import OpenStudies
from mien.app.local_page.gallery import details
from mien.app.local_page.gallery.frames import frame_jpeg, picture_jpeg
from mien.app.local_page.gallery.index import FaceIndex, index_of
from mien.app.local_page.gallery.thumbnails import thumbnail_path
from mien.app.local_page.media import MEDIA
from mien.core.errors import InputError, MienError
from mien.data.media.kinds import is_video
from mien.data.review import Decision
from mien.data.shards import check_review, stored_shards

# Tiles that are sent at once.
PAGE = 1000
# Frames whose points are sent at once.
MOST_POINTS = 300
# A thumbnail's name stands for what is seen on it.
KEPT = {"Cache-Control": "private, max-age=86400"}
# What browsers play themselves.
PLAYED = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm"}
NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
# Of a tile.
KEY = re.compile(r"[0-9a-f]{20}")
MOST_LETTERS = 4000
_writing = threading.Lock()


def add_routes(application: Any, studies: OpenStudies) -> None:
    """Answer the gallery's script."""
    # FastAPI reads the annotations of what follows: they have to be there at run time.
    from fastapi import Body, Response
    from fastapi.responses import FileResponse

    def of(name: str) -> FaceIndex:
        return index_of(studies.named(name))

    @application.get(MEDIA + "{name}/faces")
    def faces(name: str, offset: int = 0) -> Any:
        index = of(name)
        tiles = index.tiles()
        part = tiles[max(0, offset) : max(0, offset) + PAGE]
        return {
            "total": len(tiles), "counts": index.counts(), "review": review_rows(index), "problem": index.problem,
            "tiles": [{**tile.as_dict(), "video": is_video_name(tile.source)} for tile in part],
        }  # fmt: skip

    @application.get(MEDIA + "{name}/thumbnail")
    def thumbnail(name: str, key: str, source: str) -> Any:
        index = of(name)
        if not KEY.fullmatch(key):
            return Response(status_code=404)
        path = thumbnail_path(index.study.folder, key)
        if not path.exists():
            with suppress(MienError):
                index.thumbnails(source)
        if not path.exists():
            # No fault of the page's: the tile says what is wrong with the picture.
            return Response(NOTHING, media_type="image/svg+xml")
        return FileResponse(path, media_type="image/jpeg", headers=KEPT)

    @application.get(MEDIA + "{name}/frame")
    def frame(name: str, source: str, n: int = 0) -> Any:
        file = of(name).file(source)
        data = frame_jpeg(file, n) if is_video(file) else picture_jpeg(file)
        return Response(data, media_type="image/jpeg", headers=KEPT)

    @application.get(MEDIA + "{name}/video")
    def video(name: str, source: str) -> Any:
        file = of(name).file(source)
        kind = PLAYED.get(file.suffix.lower())
        return FileResponse(file, media_type=kind) if kind else Response(status_code=404)

    @application.get(MEDIA + "{name}/face")
    def face(name: str, source: str, frame: int = 0) -> Any:
        index = of(name)
        return {**details.faces_of_frame(index, source, frame), "file": index.has_file(source)}

    @application.get(MEDIA + "{name}/points")
    def points(name: str, source: str, first: int, count: int) -> Any:
        data = details.points_between(of(name), source, first, min(count, MOST_POINTS))
        return Response(data, media_type="application/octet-stream")

    @application.get(MEDIA + "{name}/mesh")
    def mesh(name: str, topology: str) -> Any:
        return details.edges_of(topology)

    @application.get(MEDIA + "{name}/tracks")
    def tracks(name: str, source: str) -> Any:
        played = Path(source).suffix.lower() in PLAYED and of(name).has_file(source)
        return {**details.time_line(of(name), source), "measures": details.measure_names(), "played": played}

    @application.get(MEDIA + "{name}/curve")
    def curve(name: str, source: str, measure: str, track: int) -> Any:
        return details.curve(of(name), source, measure, track)

    @application.post(MEDIA + "{name}/review")
    def review(name: str, asked: dict[str, Any] = Body()) -> Any:
        index = of(name)
        change_review(index, asked)
        return {"review": review_rows(index), "counts": index.counts()}


def is_video_name(source: str) -> bool:
    """Whether a source is a video, by its name."""
    return is_video(Path(source))


def review_rows(index: FaceIndex) -> list[dict[str, Any]]:
    """The decisions of a study's review, as the page shows them and gives them back to be undone."""
    return [
        {
            "source": one.source, "action": one.action, "frames": one.frames, "track": one.track, "other": one.other,
            "note": one.note,
        }
        for one in index.review().decisions
    ]  # fmt: skip


def change_review(index: FaceIndex, asked: dict[str, Any]) -> None:
    """Add a decision to a study's review, or take one out.

    Parameters
    ----------
    index : FaceIndex
    asked : dict
        ``do``: ``'add'`` or ``'undo'``; ``decision``: as ``review_rows`` has it.

    Raises
    ------
    InputError
        If it means nothing, cannot be obeyed, or is not there any more; the file stays as it is.
    """
    decision = _decision(asked.get("decision"))
    with _writing:
        before = index.review()
        if index.problem:
            raise InputError(index.problem)
        if asked.get("do") == "undo":
            after = before.without(decision)
        elif asked.get("do") == "add":
            after = before.with_one(decision)
        else:
            raise InputError("A review is asked to add a decision or to undo one.")
        check_review(after, tuple(stored_shards(index.study.folder)))
        after.write()
        # Of the last decision that is taken back no file remains to say when.
        index.study.keep(reviewed_ns=time.time_ns())
        index.look_again()


def _decision(given: Any) -> Decision:
    if not isinstance(given, dict):
        raise InputError("A decision of a review names a source and an action.")
    texts = {name: given.get(name, "") for name in ("source", "action", "frames", "note")}
    track, other = (given.get(name) for name in ("track", "other"))
    if not all(isinstance(value, str) and len(value) <= MOST_LETTERS for value in texts.values()):
        raise InputError("The parts of a decision are texts.")
    if not all(value is None or (type(value) is int and 0 <= value < 10**9) for value in (track, other)):
        raise InputError("Tracks are numbers from 0 on.")
    source, action, frames, note = (str(value).strip() for value in texts.values())
    return Decision(source, action, frames, track, other, note)
