"""Drawings of evidence about what a model is not shown to predict: grey, and the drawing itself says so."""

from __future__ import annotations

import base64
import io
import re

from mien.report.draw import svg

GREY = "#8a8a8a"
_VIEW = re.compile(r'viewBox="([\d.-]+) ([\d.-]+) ([\d.]+) ([\d.]+)"')
_PIXELS = re.compile(r'href="data:image/(?:png|jpeg);base64,([^"]+)"')
_HUES = re.compile("|".join((svg.POSITIVE, svg.NEGATIVE, svg.AMOUNT)))
# Width of a bold letter and size of the words, in sizes of text and in widths of the drawing.
_LETTER, _SIZE = 0.64, 0.04


def unpredicted(drawn: str, words: str) -> str:
    """A drawing without hues, for or against, above which some words stand.

    Parameters
    ----------
    drawn : str
        SVG.
    words : str
        What is wrong with it.

    Returns
    -------
    str
        SVG.
    """
    view = _VIEW.search(drawn)
    if view is None:
        return drawn
    left, top, width, height = (float(part) for part in view.groups())
    size = min(_SIZE * width, width / (_LETTER * len(words)))
    room = 1.7 * size
    box = " ".join(svg.number(value) for value in (left, top - room, width, height + room))
    said = svg.text(left + width / 2, top - 0.6 * size, words, size=round(size, 2), anchor="middle", font_weight="bold")
    grey = _PIXELS.sub(_without_hue, _HUES.sub(GREY, drawn))
    inside = grey.index("</title>") + len("</title>")
    return f"{grey[:inside]}{said}{grey[inside:]}".replace(view[0], f'viewBox="{box}"', 1)


def _without_hue(found: re.Match[str]) -> str:
    from PIL import Image

    file = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("LA").save(file, "PNG")
    return f'href="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"'
