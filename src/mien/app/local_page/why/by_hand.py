"""The parts 'Cover it yourself' and 'Move it yourself': what they say, and where their canvases are."""

from __future__ import annotations

import json
from typing import Any

from mien.app.local_page.parts import part, say_note
from mien.app.local_page.why.asked import AskedModel
from mien.app.local_page.why.asked_face import AskedFace, Changed
from mien.app.local_page.why.covering import FILL_WORDS, FILLS
from mien.app.local_page.why.routes import WHY
from mien.app.reading import title_of
from mien.core.features import NAMED

PIXELS = (
    "Brush over the face; the model is asked again as you paint. It looks at the picture that is shown. Covered pixels "
    "get what mien's methods that cover parts give them: usually the picture's mean colour."
)
POINTS = (
    "Brush over the face; the model is asked again as you paint. It does not look at the photo but at points and "
    "measures: what lies under the brush is put to its mean over the faces of this study. A measure that is about "
    "several points goes as far toward its mean as the share of its points that is covered; what is not about a place "
    "on the face stays."
)
MOVED = (
    "Drag a point, or set a measure. Distances are computed anew from the moved points, and blendshapes change by what "
    "their network reads differently in them; action units that come from the photo stay. Of clips, every frame moves "
    "but the first ones that movement is measured from."
)
NOT_MOVED = "This model looks at pixels. Points can be moved for models that look at points and measures."


def by_hand(choice: AskedFace) -> Changed:
    """Fill both parts; what is returned draws them anew."""
    from nicegui import ui

    with part("Cover it yourself", "cover"):
        cover = ui.element("div")
    with part("Move it yourself", "move"):
        move = ui.element("div")

    async def show(asked: AskedModel, row: int, target: str) -> None:
        named = asked.features(row).space == NAMED
        about = {
            "address": f"{WHY}{choice.study.name}/",
            "model": asked.name,
            "row": row,
            "target": target,
            "title": title_of(asked.model),
            "share": asked.probabilities,
            "pixels": asked.of_pixels,
            "points": not named,
            "fills": [[name, FILL_WORDS[name]] for name in FILLS] if asked.of_pixels else [],
            "start": 61 if asked.faces.landmarks_px.shape[1] > 68 else 48,
        }
        _drawn(cover, "cover", about, PIXELS if asked.of_pixels else POINTS)
        if asked.of_pixels:
            move.clear()
            with move:
                say_note(NOT_MOVED)
        else:
            _drawn(move, "move", about, MOVED)

    return show


def _drawn(place: Any, what: str, about: dict[str, Any], words: str) -> None:
    from nicegui import ui

    place.clear()
    with place:
        say_note(words)
        holder = ui.element("div").props(f'data-testid="{what}-holder"')
    # '<' cannot end a script in what is sent as a message, but nothing is gained by leaving it.
    config = json.dumps(about).replace("<", "\\u003c")
    ui.run_javascript(
        f"const begin = () => window.mienWhy && document.getElementById('{holder.html_id}')"
        f" ? window.mienWhy.{what}('{holder.html_id}', {config}) : setTimeout(begin, 50); begin();"
    )
