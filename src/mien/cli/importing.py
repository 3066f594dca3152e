"""``mien import``: other tools' output as faces."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import SOME_FAILED, console, fail, print_json

if TYPE_CHECKING:
    from mien.core.faces import Faces


def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV files, or NumPy arrays (.npy) of MediaPipe landmarks.")],
    tool: Annotated[str, typer.Option("--from", help="openface, pyfeat or mediapipe.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Study folder; faces go to its faces/.")],
    size: Annotated[str, typer.Option(help="Picture size 'WIDTHxHEIGHT' in pixels; needed for mediapipe.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Read landmarks that OpenFace 2, py-feat or MediaPipe computed; one shard per file.

    A file that cannot be read is told and left out; the others are imported. MediaPipe arrays have the shape
    (frames, 478 or 468, 3), normalised to 0..1 as that tool gives them.
    """
    from mien.core.errors import InputError
    from mien.core.provenance import record
    from mien.data.shards import write_shard

    screen = console()
    failed: list[list[str]] = []
    imported: list[dict[str, Any]] = []
    width_height = _checked(tool, size)
    for path in files:
        try:
            faces = _read(path, tool, width_height)
        except InputError as error:
            failed.append([str(path), str(error)])
            screen.print(f"  left out: {error}", markup=False, soft_wrap=True)
            continue
        who = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:8]
        write_shard(faces, output / "faces" / f"{path.stem}-{who}.parquet", {"source": path.name, "tool": tool})
        rows = dict(_rows_by_status(faces))
        imported.append({"file": str(path), "rows": rows, "topology": faces.topology})
        counts = ", ".join(f"{count} {status}" for status, count in rows.items())
        screen.print(f"{path.name}: {counts} ({faces.topology})", markup=False, soft_wrap=True)
    record(output, "import", tool=tool, files=[path.name for path in files], problems=failed)
    if json:
        print_json({"folder": str(output), "imported": imported, "problems": failed})
    if failed:
        fail(SOME_FAILED)


TOOLS = ("openface", "pyfeat", "mediapipe")


def _checked(tool: str, size: str) -> tuple[int, int] | None:
    """The pictures' size; wrong use, which no file can mend, is refused before any file is read."""
    from mien.core.errors import InputError

    if tool not in TOOLS:
        raise InputError(f"--from is one of {', '.join(TOOLS)}, not '{tool}'.")
    width_height = _parse_size(size)
    if tool == "mediapipe" and width_height is None:
        raise InputError("MediaPipe's landmarks are shares of the picture: give its size, as in --size 640x360.")
    return width_height


def _read(path: Path, tool: str, size_px: tuple[int, int] | None) -> Faces:
    from mien.data.importers import read_mediapipe, read_openface, read_pyfeat

    if tool == "pyfeat":
        return read_pyfeat(path)
    if tool == "openface":
        return read_openface(path, source=_name(path), size_px=size_px)
    assert size_px is not None
    return read_mediapipe(path, size_px=size_px, source=_name(path))


def _name(path: Path) -> str:
    """The file's name below its folder, without its ending: files of one name in two folders stay apart."""
    return f"{path.resolve().parent.name}/{path.stem}"


def _parse_size(text: str) -> tuple[int, int] | None:
    from mien.core.errors import InputError

    if not text:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise InputError(f"--size is WIDTHxHEIGHT in pixels, as in 640x360, not '{text}'.")
    return int(width), int(height)


def _rows_by_status(faces: Faces) -> Counter[str]:
    return Counter(str(status) for status in faces.status)
