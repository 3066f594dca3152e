"""``mien figure``: drawings of a study for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import console, notes, page, print_json
from mien.cli.inputs import ShowFaces, ShowNames


def figure(
    study: Annotated[Path, typer.Argument(help="Study folder.")],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            help="Kinds such as scores, evidence or maps, or drawings by name, by a part of it that no other one has, "
            "or by pattern. [default: they are listed]"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File: .svg, .pdf, .png or .tiff; its caption beside it as .txt."),
    ] = None,
    width: Annotated[str, typer.Option(help="single (85 mm), double (178 mm), or millimetres.")] = "double",
    dpi: Annotated[int, typer.Option(help="Pixels per inch of PNG and TIFF.")] = 600,
    font_size: Annotated[
        float | None, typer.Option(help="Size of most text in points. [default: the drawings' at this width]")
    ] = None,
    per_row: Annotated[int | None, typer.Option(help="Panels side by side. [default: about a square]")] = None,
    own_scales: Annotated[
        bool,
        typer.Option(
            "--own-scales", help="Evidence: a colour scale for every panel. [default: one, to be compared by colour]"
        ),
    ] = False,
    show_faces: ShowFaces = False,
    show_names: ShowNames = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Drawings of a study as a figure for a paper: vector text, panel letters, the width that a journal asks for.

    Without names it lists what there is to draw.
    """
    from mien.core.errors import InputError
    from mien.report.figure import Figure
    from mien.report.figure import figure as run

    if what and output is None:
        raise InputError("Say where the figure goes: -o figure.pdf (.svg, .pdf, .png or .tiff).")
    found = run(
        study, what or (), output, width=width, dpi=dpi, font_size=font_size, per_row=per_row, own_scales=own_scales,
        show_faces=show_faces, show_names=show_names,
    )  # fmt: skip
    if not isinstance(found, Figure):
        if json:
            print_json({"drawings": list(found)})
        else:
            for name in found:
                page().print(name, markup=False, soft_wrap=True)
        return
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if json:
        size = {"width_mm": found.width_mm, "height_mm": found.height_mm, "smallest_pt": found.smallest_pt}
        print_json({"figure": str(output), "panels": list(found.names), "caption": found.caption, **size})
    else:
        console().print(f"Figure: {output}", markup=False, soft_wrap=True)
        page().print(found.caption, markup=False, soft_wrap=True)
