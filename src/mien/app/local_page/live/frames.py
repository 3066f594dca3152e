"""Frames of the browser's camera: what a model says of them, one at a time; none is kept unless that is asked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from mien.app.guard import Rate, Refused, Turns
from mien.app.local_page.drop import DROPPED
from mien.app.local_page.folders import OpenStudies
from mien.core.files import atomic_path

CAMERA = "/camera/"
KIND = "image/jpeg"
# Of one frame; a camera's page sends 640 x 480.
MOST_BYTES = 2_000_000
PER_SECOND = 15.0


@dataclass(frozen=True, eq=False)
class CameraFrames:
    """Answers about frames: so many per second, one at a time."""

    studies: OpenStudies
    rate: Rate = field(default_factory=lambda: Rate(PER_SECOND))
    turns: Turns = field(default_factory=lambda: Turns(1))

    def said(self, name: str, model: str, evidence: bool, kind: str, content: bytes) -> dict[str, Any]:
        """What a model says of a frame.

        Raises
        ------
        Refused
            If it is no picture or too large, or too many came.
        InputError
            As ``said_of``.
        """
        # Networks take seconds to load; the page's start does not wait for them.
        from mien.app.local_page.live.explainers import said_of

        check_frame(kind, content)
        self.rate.take()
        with self.turns.turn():
            start = time.perf_counter()
            found = said_of(self.studies.named(name), model, evidence, content)
            return {**found, "ms": round(1e3 * (time.perf_counter() - start), 1)}

    def kept(self, name: str, kind: str, content: bytes) -> str:
        """Keep a frame in the study's folder because somebody asked for it; its name there.

        Raises
        ------
        Refused
            If it is no picture, or too large.
        """
        check_frame(kind, content)
        self.rate.take()
        folder = self.studies.named(name).folder / DROPPED
        folder.mkdir(exist_ok=True)
        at = time.time()
        stem = f"camera-{time.strftime('%Y%m%d-%H%M%S', time.localtime(at))}-{round(at % 1 * 1e3):03d}"
        place = folder / f"{stem}.jpg"
        if place.exists():
            raise Refused(HTTPStatus.CONFLICT, f"There is a frame {place.name} already; keep it once more.")
        with atomic_path(place) as temporary:
            temporary.write_bytes(content)
        return f"{DROPPED}/{place.name}"


def check_frame(kind: str, content: bytes) -> None:
    """Refuse what is no JPEG of a camera, by its type, size and first bytes.

    Raises
    ------
    Refused
    """
    if kind.partition(";")[0].strip().lower() != KIND:
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"CameraFrames are sent as {KIND}.")
    if len(content) > MOST_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A frame has up to {MOST_BYTES / 1e6:g} megabytes.")
    if not content.startswith(b"\xff\xd8\xff"):
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "The body is no JPEG.")


def add_routes(application: Any, studies: OpenStudies) -> None:
    """Answer to POSTs of JPEG at ``/camera/STUDY/frame`` and ``/camera/STUDY/keep``."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse

    frames = CameraFrames(studies)

    async def answered(request: Any) -> Any:
        content = await request.body()
        name, kind = request.path_params["name"], request.headers.get("content-type", "")
        asked = request.query_params
        try:
            if request.path_params["what"] == "keep":
                return JSONResponse({"kept": await run_in_threadpool(frames.kept, name, kind, content)})
            model, evidence = asked.get("model", ""), asked.get("evidence") == "yes"
            return JSONResponse(await run_in_threadpool(frames.said, name, model, evidence, kind, content))
        except Refused as refusal:
            return JSONResponse({"error": refusal.sentence}, refusal.status, refusal.headers)

    # What a model refuses is answered as everywhere on the page.
    application.add_route(CAMERA + "{name}/{what}", answered, methods=["POST"])
