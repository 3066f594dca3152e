"""The views of a study in the local page, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mien.core.registry import Row


@dataclass(frozen=True)
class PageView(Row[None]):
    """One view: its home gets the study and fills the page; ``meaning`` says what can be done there."""

    kind: ClassVar[str] = "view"
    room: ClassVar[str] = "mien.app.local_page.views."

    title: str = ""


# In the order of the navigation, which is the order of the work.
VIEWS: dict[str, PageView] = {
    row.name: row
    for row in (
        PageView(
            "faces", "faces:faces", "Find faces in pictures and videos, look at them, leave some out.", title="Faces"
        ),
        PageView("samples", "samples:samples", "What is studied: people, labels, ratings, groups.", title="Samples"),
        PageView("models", "models:models", "Train models, see how well they do on held-out people.", title="Models"),
        PageView("why", "why:why", "What a model's answer about a face rests on.", title="Why"),
        PageView("maps", "maps:maps", "The shape of a population; who lies beside whom.", title="Maps"),
        PageView("camera", "camera:camera", "This machine's camera, read live by a model.", title="Camera"),
        PageView("report", "report:report", "One page with everything, to keep and to pass on.", title="Report"),
    )
}
