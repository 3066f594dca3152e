"""What the gallery's script asks: faces, small pictures, frames, tracks, and decisions of a review."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.app.local_page.folders import OpenStudies
from mien.app.local_page.media import MEDIA
from mien.core.errors import MienError
from mien.data.media.kinds import is_video

if TYPE_CHECKING:
    from mien.app.local_page.gallery.index import FaceIndex

# Frames whose points are sent at once.
MOST_POINTS = 300
# A thumbnail's name stands for what is seen on it.
KEPT = {"Cache-Control": "private, max-age=86400"}
# What browsers play themselves.
PLAYED = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm"}
NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
# Of a tile.
KEY = re.compile(r"[0-9a-f]{20}")


def add_routes(application: Any, studies: OpenStudies) -> None:
    """Answer the gallery's script."""
    # FastAPI reads the annotations of what follows: they have to be there at run time.
    from fastapi import Body, Response
    from fastapi.responses import FileResponse

    # The page's start does not wait for what reads tables, pictures and films.
    def of(name: str) -> FaceIndex:
        from mien.app.local_page.gallery.index import index_of

        return index_of(studies.named(name))

    @application.get(MEDIA + "{name}/faces")
    def faces(name: str, offset: int = 0) -> Any:
        from mien.app.local_page.gallery.answers import faces_from

        return faces_from(of(name), offset)

    @application.get(MEDIA + "{name}/thumbnail")
    def thumbnail(name: str, key: str, source: str) -> Any:
        from mien.app.local_page.gallery.thumbnails import thumbnail_path

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
        from mien.app.local_page.gallery.frames import frame_jpeg, picture_jpeg

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
        from mien.app.local_page.gallery import details

        index = of(name)
        return {**details.faces_of_frame(index, source, frame), "file": index.has_file(source)}

    @application.get(MEDIA + "{name}/points")
    def points(name: str, source: str, first: int, count: int) -> Any:
        from mien.app.local_page.gallery import details

        data = details.points_between(of(name), source, first, min(count, MOST_POINTS))
        return Response(data, media_type="application/octet-stream")

    @application.get(MEDIA + "{name}/mesh")
    def mesh(name: str, topology: str) -> Any:
        from mien.app.local_page.gallery import details

        return details.edges_of(topology)

    @application.get(MEDIA + "{name}/tracks")
    def tracks(name: str, source: str) -> Any:
        from mien.app.local_page.gallery import details

        played = Path(source).suffix.lower() in PLAYED and of(name).has_file(source)
        return {**details.time_line(of(name), source), "measures": details.measure_names(), "played": played}

    @application.get(MEDIA + "{name}/curve")
    def curve(name: str, source: str, measure: str, track: int) -> Any:
        from mien.app.local_page.gallery import details

        return details.curve(of(name), source, measure, track)

    @application.post(MEDIA + "{name}/review")
    def review(name: str, asked: dict[str, Any] = Body()) -> Any:
        from mien.app.local_page.gallery.answers import answer_to_decision

        return answer_to_decision(of(name), asked)
