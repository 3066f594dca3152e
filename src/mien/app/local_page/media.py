"""Pictures and written pages of a study over HTTP; paths are confined to the folders that were chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.app.local_page.access import WRITTEN
from mien.app.local_page.folders import OpenStudies, OpenStudy
from mien.core.errors import MienError

# What browsers show as it is; everything else is made into one of these first.
SHOWN = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif"}
MEDIA = "/media/"


def picture_address(study: OpenStudy, path: str | Path) -> str:
    """Address of a picture that a study looks at."""
    from urllib.parse import urlencode

    return f"{MEDIA}{study.name}/picture?{urlencode({'path': str(path)})}"


def written_address(study: OpenStudy, path: str) -> str:
    """Address of a page that mien has written into the study's folder, such as its report."""
    from urllib.parse import quote

    return f"{WRITTEN}{study.name}/{quote(path)}"


def add_routes(application: Any, studies: OpenStudies) -> None:
    """Answer for the addresses above."""
    # FastAPI reads the annotations of what follows: they have to be there at run time.
    from fastapi import Response
    from fastapi.responses import FileResponse, JSONResponse

    @application.exception_handler(MienError)
    def refused(request: Any, error: MienError) -> Any:
        return JSONResponse({"error": str(error)}, status_code=404)

    @application.get(MEDIA + "{name}/picture")
    def picture(name: str, path: str) -> Any:
        place = studies.named(name).inside(path)
        kind = SHOWN.get(place.suffix.lower())
        if kind is None or not place.is_file():
            return Response(status_code=404)
        return FileResponse(place, media_type=kind)

    @application.get(WRITTEN + "{name}/{path:path}")
    def written(name: str, path: str) -> Any:
        study = studies.named(name)
        place = study.inside(path)
        if place.suffix != ".html" or not place.is_file() or not place.is_relative_to(study.folder):
            return Response(status_code=404)
        return FileResponse(place, media_type="text/html; charset=utf-8")
