"""The views of a study in the local page, one file each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mien.core.registry import Row


@dataclass(frozen=True)
class View(Row[None]):
    """One view: its home gets the study and fills the page; ``meaning`` says what can be done there."""

    kind: ClassVar[str] = "view"
    room: ClassVar[str] = "mien.app.local_page.views."

    title: str = ""


# In the order of the navigation, which is the order of the work.
VIEWS: dict[str, View] = {
    row.name: row
    for row in (
        View("faces", "faces:faces", "Find faces in pictures and videos, look at them, leave some out.", title="Faces"),
        View("samples", "samples:samples", "What is studied: people, labels, ratings, groups.", title="Samples"),
        View("models", "models:models", "Train models, see how well they do on held-out people.", title="Models"),
        View("why", "why:why", "What a model's answer about a face rests on.", title="Why"),
        View("maps", "maps:maps", "The shape of a population; who lies beside whom.", title="Maps"),
        View("camera", "camera:camera", "This machine's camera, read live by a model.", title="Camera"),
        View("report", "report:report", "One page with everything, to keep and to pass on.", title="Report"),
    )
}
