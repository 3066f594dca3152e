"""Where questions about one face are asked over HTTP; what answers is loaded with the first of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mien.app.local_page.folders import OpenStudies
from mien.core.errors import MienError

WHY = "/ask/"


def add_routes(application: Any, studies: OpenStudies) -> None:
    """Answer to POSTs of JSON at ``/ask/STUDY/KIND``: ``model``, ``row``, and what the kind needs."""
    # FastAPI reads the annotations of what follows: they have to be there at run time.
    from fastapi import Body
    from fastapi.responses import JSONResponse

    @application.post(WHY + "{name}/{kind}")
    def answer(name: str, kind: str, asked: dict[str, Any] = Body()) -> Any:
        # Networks take seconds to load; the page's start does not wait for them.
        from mien.app.local_page.why.questions import answered_about

        try:
            return JSONResponse(answered_about(studies.named(name), kind, asked))
        except MienError as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
