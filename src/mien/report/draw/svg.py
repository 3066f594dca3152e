"""A few lines to write SVG with: small files, presentation attributes only (so that no style can be injected)."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any
from xml.sax.saxutils import escape, quoteattr

# Evidence for and against: told apart by people with any common colour vision, visible on white and on black.
POSITIVE, NEGATIVE = "#d6402b", "#2b7bd6"
# Amounts whose sign says nothing: a hue of neither side.
AMOUNT = "#8a4fc7"
_NAMESPACE = "http://www.w3.org/2000/svg"


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return "0" if text in ("-0.0", "0.0") else text.removesuffix(".0")


def element(name: str, *content: str, **attributes: Any) -> str:
    """An element; ``content`` is SVG already, attributes are escaped, ``_`` in their names becomes ``-``."""
    parts = [name]
    for key, value in attributes.items():
        # Numbers hold nothing that would have to be escaped, and pictures are full of them.
        shown = f'"{number(value)}"' if isinstance(value, float) else quoteattr(str(value))
        parts.append(f"{key.rstrip('_').replace('_', '-')}={shown}")
    inside = "".join(content)
    return f"<{' '.join(parts)}>{inside}</{name}>" if inside else f"<{' '.join(parts)}/>"


def text(x: float, y: float, words: str, *, size: float = 11, anchor: str = "start", **attributes: Any) -> str:
    """Text in the colour of the page."""
    return element(
        "text",
        escape(words),
        x=float(x),
        y=float(y),
        font_size=size,
        text_anchor=anchor,
        fill="currentColor",
        **attributes,
    )


def picture(width: float, height: float, *content: str, title: str, left: float = 0, top: float = 0) -> str:
    """A whole picture; ``title`` is what it shows, for people who cannot see it."""
    return element(
        "svg",
        element("title", escape(title)),
        *content,
        xmlns=_NAMESPACE,
        viewBox=" ".join(number(v) for v in (left, top, width, height)),
        role="img",
        font_family="system-ui, 'Helvetica Neue', Arial, sans-serif",
    )


def placed(svg: str, x: float, y: float, width: float, height: float) -> str:
    """A picture inside another one."""
    head, rest = svg[:4], svg[4:]
    return f"{head} x='{number(x)}' y='{number(y)}' width='{number(width)}' height='{number(height)}'{rest}"


def signed_paint(value: float, limit: float) -> dict[str, Any]:
    """Fill for a signed value on a scale from -limit to limit: hue for the sign, opacity for the amount."""
    return _filled(POSITIVE if value >= 0 else NEGATIVE, abs(value), limit)


def amount_paint(value: float, limit: float) -> dict[str, Any]:
    """Fill for an amount on a scale from 0 to limit: one hue, which stands for neither for nor against."""
    return _filled(AMOUNT, abs(value), limit)


def _filled(colour: str, amount: float, limit: float) -> dict[str, Any]:
    share = min(amount / limit, 1.0) if limit > 0 else 0.0
    return {"fill": colour, "fill_opacity": f"{share:.2f}".rstrip("0").rstrip(".")}


def colour_bar(
    limit: float, unit: str, *, x: float, y: float, width: float, size: float = 8, beyond: bool = False,
    amount: bool = False, sides: bool = False,
) -> str:  # fmt: skip
    """A bar with five ticks and its unit below; takes about four times ``size`` in height.

    It goes from -limit over 0 to limit, or from 0 to limit where amounts are drawn. ``beyond``: whether values beyond
    the limit are drawn in its colour, which the ends then say. ``sides``: whether strength is an amount and hue alone
    says for or against, so that no number has a sign.
    """
    height, steps = size * 0.9, 24
    first = 0.0 if amount else -1.0
    paint = amount_paint if amount else signed_paint
    cells = []
    for step in range(steps):
        share = first + (1 - first) * (step + 0.5) / steps
        place = {"x": f"{x + step * width / steps:.2f}", "width": f"{width / steps + 0.05:.2f}"}
        cells.append(element("rect", **place, y=float(y), height=float(height), **paint(share, 1.0)))
    frame = element(
        "rect", x=float(x), y=float(y), width=float(width), height=float(height), fill="none", stroke="currentColor",
        stroke_width=f"{size / 18:.2f}", stroke_opacity="0.6",
    )  # fmt: skip
    below, marks = y + height + size * 1.25, []
    ticks: dict[int, str] = {}
    taken: list[tuple[float, float]] = []
    # Ends first: a tick stays bare where its words would run into those of another one.
    for number_of, anchor in ((0, "start"), (4, "end"), (2, "middle"), (1, "middle"), (3, "middle")):
        share, place_x = first + (1 - first) * number_of / 4, x + width * number_of / 4
        mark = f"M{number(place_x)} {number(y + height)}v{number(size * 0.3)}"
        marks.append(element("path", d=mark, stroke="currentColor", stroke_width=f"{size / 14:.2f}"))
        words = tick_words(abs(share) * limit if sides else share * limit, signed=not (amount or sides))
        if beyond and abs(share) == 1:
            words = f"{'≤' if share < 0 else '≥'} {words}"
        if sides and abs(share) == 1:
            words = f"{words} {'against' if share < 0 else 'for'}"
        room = 0.6 * size * len(words)
        start = place_x - room * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        if sides and number_of % 2:
            continue
        if all(start > end or start + room < begin for begin, end in taken):
            taken.append((start - size / 2, start + room + size / 2))
            ticks[number_of] = text(place_x, below, words, size=size, anchor=anchor)
    # A long unit gets smaller letters rather than more room.
    letters = min(size, 1.9 * width / max(len(unit), 1))
    unit_words = text(x + width / 2, below + size * 1.25, unit, size=round(letters, 1), anchor="middle")
    return "".join([*cells, frame, *marks, *(ticks[i] for i in sorted(ticks)), unit_words])


def tick_words(value: float, *, signed: bool) -> str:
    """A value on a scale with two digits and, on a signed scale, its sign."""
    return f"{value:{'+' if signed and value else ''}.2g}".replace("-", "−")


def round_ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers within a range."""
    raw = (high - low) / 4
    power = 10.0 ** floor(log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw)
    return [round(place * step, 10) for place in range(ceil(low / step), floor(high / step) + 1)]
