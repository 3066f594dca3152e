"""``mien actions``: apparent action units of faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import SOME_FAILED, fail, notes, page, print_json, problem, watching

if TYPE_CHECKING:
    from mien.features.action_result import ActionUnits

# Rows that fit on a terminal.
MOST_SHOWN = 20


def actions(
    inputs: Annotated[
        list[str], typer.Argument(help="Pictures, videos, folders, patterns in quotes; or the folder of an extraction.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for actions.parquet and actions.json.")
    ] = None,
    every: Annotated[
        str, typer.Option(help="Analyse every n-th frame of videos ('5'), or one frame per so many seconds ('0.5s').")
    ] = "1",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Apparent action units of every face: presence (probability), intensity (0 to 1) and its standard error.

    What shows in a face says nothing about what somebody feels. Ten units, among them six that blendshapes do not see,
    are measured from points and skin, learnt on rendered heads; the others from one blendshape each.
    """
    from mien.features.action_units import actions as run

    with watching("files") as bar:
        found = run(inputs[0] if len(inputs) == 1 else inputs, output, every=every, progress=bar)
    if json:
        print_json(_facts(found))
    else:
        _print(found)
        if output is not None:
            notes().print(f"Table: {output / 'actions.parquet'}", markup=False, soft_wrap=True)
    bad = [row for row in range(len(found)) if found.status[row] == "unreadable"]
    for row in bad:
        problem(str(found.reason[row]) or f"{found.source[row]}: unreadable")
    if bad:
        fail(SOME_FAILED)


def _facts(found: ActionUnits) -> dict[str, Any]:
    """Rows with their values, and what the units are."""

    def plain(value: float) -> float | None:
        return round(float(value), 4) if value == value else None

    rows = [
        {
            "source": str(found.source[row]), "frame": int(found.frame[row]), "time_s": float(found.time_s[row]),
            "track": int(found.track[row]), "status": str(found.status[row]), "reason": str(found.reason[row]),
            "doubt": str(found.doubt[row]),
            "units": {
                unit: {name: plain(getattr(found, name)[row, place]) for name in ("presence", "intensity", "error")}
                for place, unit in enumerate(found.units)
            },
        }
        for row in range(len(found))
    ]  # fmt: skip
    return {"rows": rows, **found.facts}


def _print(found: ActionUnits) -> None:
    """One line per face: units that probably show, with intensity and its error."""
    import numpy as np
    from rich.markup import escape
    from rich.table import Table

    from mien.features.action_result import DOUBTS

    table = Table("source", "face", "apparent action units (presence; intensity ± error)", box=None)
    for row in range(min(len(found), MOST_SHOWN)):
        shown = [
            f"{unit} {presence:.2f}; {found.intensity[row, place]:.2f} ± {found.error[row, place]:.2f}"
            for place, (unit, presence) in enumerate(zip(found.units, found.presence[row], strict=True))
            if presence > 0.5
        ]
        known = found.status[row] == "ok" or np.isfinite(found.presence[row]).any()
        words = ", ".join(shown) or ("none above 0.5" if known else "")
        remarks = [text for text in (found.status[row], found.doubt[row]) if text and text != "ok"]
        said = " ".join([words, *(f"[{text}]" for text in remarks)]).strip()
        name = str(found.source[row]) + (f" #{found.frame[row]}" if found.frame[row] else "")
        table.add_row(escape(name), str(found.track[row]), escape(said))
    page().print(table)
    if len(found) > MOST_SHOWN:
        notes().print(f"and {len(found) - MOST_SHOWN} other rows; all are in the table (-o) and in --json.")
    marked = set(" ".join(map(str, found.doubt[:MOST_SHOWN])).split())
    if marked:
        notes().print("; ".join(f"[{word}]: {DOUBTS[word]}" for word in DOUBTS if word in marked) + ".", markup=False)
    if not np.isfinite(found.presence).any():
        return
    said = found.facts["units"]
    notes().print("; ".join(f"{unit}: {said[unit]['meaning']}" for unit in found.units) + ".", markup=False)
