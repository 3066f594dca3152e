"""``mien import``: other tools' output as faces."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import SOME_FAILED, console, fail


def import_(
    files: Annotated[list[Path], typer.Argument(help="CSV files, or NumPy arrays (.npy) of MediaPipe landmarks.")],
    tool: Annotated[str, typer.Option("--from", help="openface, pyfeat or mediapipe.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Study folder; faces go to its faces/.")],
    size: Annotated[str, typer.Option(help="Picture size 'WIDTHxHEIGHT' in pixels; needed for mediapipe.")] = "",
) -> None:
    """Read landmarks that OpenFace 2, py-feat or MediaPipe computed; one shard per file.

    A file that cannot be read is told and left out; the others are imported. MediaPipe arrays have the shape
    (frames, 478 or 468, 3), normalised to 0..1 as that tool gives them.
    """
    from mien.core.errors import InputError
    from mien.core.faces import Faces
    from mien.core.provenance import record
    from mien.data.shards import write_shard

    screen = console()
    failed = []
    for path in files:
        try:
            faces: Faces = _read(path, tool, size)
        except InputError as error:
            if tool not in TOOLS:
                raise
            failed.append([str(path), str(error)])
            screen.print(f"  left out: {error}", markup=False, soft_wrap=True)
            continue
        who = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:8]
        write_shard(faces, output / "faces" / f"{path.stem}-{who}.parquet", {"source": path.name, "tool": tool})
        counts = ", ".join(f"{count} {status}" for status, count in _rows_by_status(faces).items())
        screen.print(f"{path.name}: {counts} ({faces.topology})", markup=False, soft_wrap=True)
    record(output, "import", tool=tool, files=[path.name for path in files], problems=failed)
    if failed:
        fail(SOME_FAILED)


TOOLS = ("openface", "pyfeat", "mediapipe")


def _read(path: Path, tool: str, size: str):  # type: ignore[no-untyped-def]
    from mien.core.errors import InputError
    from mien.data.importers import read_mediapipe, read_openface, read_pyfeat

    if tool not in TOOLS:
        raise InputError(f"--from is one of {', '.join(TOOLS)}, not '{tool}'.")
    if tool == "pyfeat":
        return read_pyfeat(path)
    width_height = _parse_size(size)
    if tool == "openface":
        return read_openface(path, source=_name(path), size_px=width_height)
    if width_height is None:
        raise InputError("MediaPipe's landmarks are shares of the picture: give its size, as in --size 640x360.")
    return read_mediapipe(path, size_px=width_height, source=_name(path))


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


def _rows_by_status(faces):  # type: ignore[no-untyped-def]
    from collections import Counter

    return Counter(str(status) for status in faces.status)
