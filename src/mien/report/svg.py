"""A few lines to write SVG with: small files, presentation attributes only (so that no style can be injected)."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

# Evidence for and against: told apart by people with any common colour vision, visible on white and on black.
POSITIVE, NEGATIVE = "#d6402b", "#2b7bd6"
_NAMESPACE = "http://www.w3.org/2000/svg"


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return "0" if text in ("-0.0", "0.0") else text.removesuffix(".0")


def element(name: str, *content: str, **attributes: Any) -> str:
    """An element; ``content`` is SVG already, attributes are escaped, ``_`` in their names becomes ``-``."""
    parts = [name]
    for key, value in attributes.items():
        shown = number(value) if isinstance(value, float) else str(value)
        parts.append(f"{key.rstrip('_').replace('_', '-')}={quoteattr(shown)}")
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
    amount = min(abs(value) / limit, 1.0) if limit > 0 else 0.0
    return {"fill": POSITIVE if value >= 0 else NEGATIVE, "fill_opacity": f"{amount:.2f}".rstrip("0").rstrip(".")}


def colour_bar(
    limit: float, unit: str, *, x: float, y: float, width: float, size: float = 7, beyond: bool = False
) -> str:
    """A bar from -limit over 0 to limit with its unit below; takes about four times ``size`` in height.

    ``beyond``: whether values beyond the limit are drawn in its colour, which the ends then say.
    """
    least, most = ("≤ −", "≥ +") if beyond else ("−", "+")
    half, height = width / 2, size * 0.9
    steps = 12
    cells = []
    for side, colour in ((-1, NEGATIVE), (1, POSITIVE)):
        for step in range(steps):
            start = step * half / steps
            left = x + half + (start if side > 0 else -start - half / steps)
            opacity = f"{(step + 0.5) / steps:.2f}"
            cells.append(
                element(
                    "rect",
                    x=f"{left:.2f}",
                    y=float(y),
                    width=f"{half / steps + 0.05:.2f}",
                    height=float(height),
                    fill=colour,
                    fill_opacity=opacity,
                )
            )
    below = y + height + size
    frame = element(
        "rect", x=float(x), y=float(y), width=float(width), height=float(height), fill="none", stroke="currentColor",
        stroke_width="0.3", stroke_opacity="0.5",
    )  # fmt: skip
    return "".join(
        [
            *cells,
            frame,
            text(x, below, f"{least}{limit:.2g}", size=size, anchor="start"),
            text(x + half, below, "0", size=size, anchor="middle"),
            text(x + width, below, f"{most}{limit:.2g}", size=size, anchor="end"),
            text(x + half, below + size * 1.25, unit, size=size, anchor="middle"),
        ]
    )
