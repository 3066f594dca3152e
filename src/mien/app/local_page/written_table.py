"""Tables of the page as HTML in which every text is escaped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from mien.core.extras import require


def linked(text: str, address: str, *, new: bool = False) -> Any:
    """A link to put into a cell."""
    markup = require("markupsafe", "The local page", "app")
    tab = ' target="_blank" rel="noopener"' if new else ""
    return markup.Markup(f'<a href="{markup.escape(address)}"{tab}>{markup.escape(text)}</a>')


def written_table(
    head: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    caption: str = "",
    numbers: Collection[int] = (),
    marked: int = -1,
) -> str:
    """A table; its first column names the rows.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences
        Texts and numbers, which are escaped, and what ``linked`` gave.
    caption : str
    numbers : collection of int
        Columns that are set to the right.
    marked : int
        A row that stands out.
    """
    escape = require("markupsafe", "The local page", "app").escape

    def kind(column: int) -> str:
        return ' class="num"' if column in numbers else ""

    heads = "".join(f'<th scope="col"{kind(i)}>{escape(name)}</th>' for i, name in enumerate(head))
    body = []
    for place, row in enumerate(rows):
        cells = "".join(
            f'<th scope="row"{kind(i)}>{escape(cell)}</th>' if i == 0 else f"<td{kind(i)}>{escape(cell)}</td>"
            for i, cell in enumerate(row)
        )
        at = ' class="at" aria-current="true"' if place == marked else ""
        body.append(f"<tr{at}>{cells}</tr>")
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption or "Table")}"><table>{above}'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
