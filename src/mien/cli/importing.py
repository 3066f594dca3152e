"""``mien import``: other tools' output as faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import SOME_FAILED, console, fail, print_json, problem
from mien.cli.inputs import pairs_of
from mien.data.importers.readers import READERS

if TYPE_CHECKING:
    from mien.data.importers.folder import ImportedFile


# Files of one reason that are named.
MOST_NAMED = 5


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="Tables, or folders of them; of landmarks also NumPy arrays (.npy, .npz) and JSON files."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Study folder; faces go to its faces/.")],
    tool: Annotated[
        str, typer.Option("--from", help=f"The tool: {', '.join(READERS)}; left out with --features.")
    ] = "",
    features: Annotated[
        str,
        typer.Option(help="Columns of numbers that any tool measured, with commas; patterns such as 'AU*,!AU45*'."),
    ] = "",
    columns: Annotated[
        str,
        typer.Option(help="With --features: what the table calls source, frame, time, face, success: 'frame=FrameNo'."),
    ] = "",
    who: Annotated[
        Path | None, typer.Option(help="With --from points: table with a row per clip, its name in 'clip' or 'path'.")
    ] = None,
    size: Annotated[
        str, typer.Option(help="Picture size 'WIDTHxHEIGHT' in pixels; needed for mediapipe unless files say it.")
    ] = "",
    pixels: Annotated[
        bool, typer.Option(help="mediapipe: the landmarks are pixels, not shares of the picture.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Read what OpenFace 2, py-feat, MediaPipe or another tool measured; one shard per file.

    A file that cannot be read is named and left out; the others are imported. MediaPipe's landmarks come as tables with
    a row per frame or per point, as JSON or as arrays (frames, 478 or 468, 3), normalised to 0..1 as that tool gives
    them; points of other programs as arrays (clips, frames, 68, 2 or 3). With --features any table of numbers per
    picture or per frame is read: 'mien train --features' learns from them.
    """
    from mien.data.importers.folder import import_ as run

    result = run(
        files, output, tool=tool, features=features, columns=pairs_of(columns, "--columns"), who=who, size=size,
        pixels=pixels, done=_show,
    )  # fmt: skip
    _show_left_out([file for file in result if file.problem])
    failed = [[file.file, file.problem] for file in result if file.problem]
    if json:
        imported = [
            {"file": file.file, "rows": file.rows, "topology": file.topology, "notes": list(file.notes)}
            for file in result
            if not file.problem
        ]
        print_json({"folder": str(output), "imported": imported, "problems": failed})
    if failed:
        fail(SOME_FAILED)


def _show(file: ImportedFile) -> None:
    if file.problem:
        return
    counts = ", ".join(f"{count} {status}" for status, count in file.rows.items())
    console().print(f"{Path(file.file).name}: {counts} ({file.what})", markup=False, soft_wrap=True)
    for note in file.notes:
        console().print(f"  {note}", markup=False, soft_wrap=True)


def _show_left_out(files: list[ImportedFile]) -> None:
    """Why files were left out; those with one reason in one line."""
    alike: dict[str, list[ImportedFile]] = {}
    for file in files:
        reason = file.problem.replace(file.file, "").replace(Path(file.file).name, "")
        alike.setdefault(reason, []).append(file)
    for first, *others in alike.values():
        named = ", ".join(Path(file.file).name for file in others[:MOST_NAMED])
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        same = f" The same holds for {len(others)} other files: {named}{more}." if others else ""
        problem(f"{first.problem}{same}")
