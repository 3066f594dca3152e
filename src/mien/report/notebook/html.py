"""What a notebook shows of a noun or result: what it is, its picture, the first rows of its table."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

from mien.core.in_notebooks import Plotted
from mien.report.notebook.frames import frames_of

# Rows and columns that are shown; the whole is had by ``to_pandas``.
ROWS, COLUMNS = 6, 9
_WIDEST_TEXT = 40


def html_of(shown: Any) -> str:
    """What a notebook shows. File names and labels are escaped: they are other people's text."""
    import pandas

    frames = frames_of(shown)
    kind = type(shown).__name__
    if not frames:
        return f"<p><b>{escape(kind)}</b>: empty</p>"
    name, make = next(iter(frames.items()))
    frame = make()
    more = ", ".join(other for other in frames if other != name)
    size = f"{len(frame)} row{'' if len(frame) == 1 else 's'}, {frame.shape[1]} columns"
    first = frame.iloc[:ROWS, :COLUMNS]
    with pandas.option_context("display.max_colwidth", _WIDEST_TEXT, "display.precision", 3):
        table = first.to_html(index=False, border=0, na_rep="", escape=True)
    note = f"<small>{escape(name)}: {size}" + (f"; also {escape(more)} by to_pandas(NAME)" if more else "") + "</small>"
    caution = str(getattr(shown, "caution", ""))
    warned = f"<p><b>{escape(caution)}</b></p>" if caution else ""
    return f"<div><b>{escape(kind)}</b><br>{warned}{_picture(shown)}{table}{note}</div>"


def _picture(shown: Any) -> str:
    if not isinstance(shown, Plotted):
        return ""
    from matplotlib.figure import Figure

    from mien.report.notebook.plots import plot_of

    figure = Figure(figsize=(5.2, 3.0), layout="constrained")
    try:
        plot_of(shown, figure.add_subplot())
    except ValueError:
        # Nothing in it can be drawn, such as a result without a finite number: the table says so.
        return ""
    with io.BytesIO() as file:
        figure.savefig(file, format="png", dpi=110)
        coded = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(type(shown).__name__)}, drawn" src="data:image/png;base64,{coded}"><br>'
