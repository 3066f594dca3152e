"""``mien import``: other tools' output as faces."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import SOME_FAILED, console, errors, fail, print_json
from mien.cli.inputs import pairs_of

if TYPE_CHECKING:
    from mien.core.faces import Faces


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="Tables, or folders of them; of landmarks also NumPy arrays (.npy, .npz) and JSON files."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Study folder; faces go to its faces/.")],
    tool: Annotated[
        str, typer.Option("--from", help="openface, pyfeat, mediapipe or points; left out with --features.")
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

    A file that cannot be read is told and left out; the others are imported. MediaPipe's landmarks come as tables with
    a row per frame or per point, as JSON or as arrays (frames, 478 or 468, 3), normalised to 0..1 as that tool gives
    them; points of other programs as arrays (clips, frames, 68, 2 or 3). With --features any table of numbers per
    picture or per frame is read: 'mien train --features' learns from them.
    """
    from mien.core.errors import InputError
    from mien.core.files import remove_halves
    from mien.core.provenance import record
    from mien.data.shards import write_shard

    screen = console()
    failed: list[list[str]] = []
    imported: list[dict[str, Any]] = []
    files = _files_of(files, tool)
    asked = _checked(files, tool, features, columns, size, pixels, who)
    # What a run that was killed left half written.
    remove_halves(output / "faces")
    for path in files:
        try:
            faces = asked.read(path)
        except InputError as error:
            failed.append([str(path), str(error)])
            errors().print(f"  left out: {error}", markup=False, soft_wrap=True)
            continue
        shard = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:8]
        facts = {"source": path.name, "tool": tool or "features"}
        write_shard(faces, output / "faces" / f"{path.stem}-{shard}.parquet", facts)
        rows = dict(_rows_by_status(faces))
        notes, asked.notes = asked.notes, []
        imported.append({"file": str(path), "rows": rows, "topology": faces.topology, "notes": notes})
        counts = ", ".join(f"{count} {status}" for status, count in rows.items())
        screen.print(f"{path.name}: {counts} ({_what(faces)})", markup=False, soft_wrap=True)
        for note in notes:
            screen.print(f"  {note}", markup=False, soft_wrap=True)
    record(output, "import", tool=tool or "features", files=[path.name for path in files], problems=failed)
    if json:
        print_json({"folder": str(output), "imported": imported, "problems": failed})
    if failed:
        fail(SOME_FAILED)


TOOLS = ("openface", "pyfeat", "mediapipe", "points")


@dataclass
class _Request:
    """What is read from the files, and which sources were named so far."""

    tool: str
    features: str
    columns: dict[str, str]
    size_px: tuple[int, int] | None
    pixels: bool
    who: Path | None
    named: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def read(self, path: Path) -> Faces:
        """Faces of one file."""
        from mien.data.importers import read_mediapipe, read_named_features, read_openface, read_points, read_pyfeat

        if self.features:
            source = self._openface_source(path)
            say = self.notes.append
            return read_named_features(path, features=self.features, columns=self.columns, source=source, say=say)
        if self.tool == "pyfeat":
            return read_pyfeat(path)
        if self.tool == "openface":
            return read_openface(path, source=self._openface_source(path), size_px=self.size_px)
        if self.tool == "points":
            return read_points(path, who=self.who, source=_name(path))
        return read_mediapipe(path, size_px=self.size_px, source=_name(path), normalised=not self.pixels)

    def _openface_source(self, path: Path) -> str:
        """The video that OpenFace says it read, with its folder; the table's own name where another was called so."""
        from mien.data.importers.openface import details_of

        said = str(details_of(path).get("source", "")).replace("\\", "/")
        name = "/".join(said.split("/")[-2:])
        if not name or name in self.named:
            name = _name(path)
        self.named.add(name)
        return name


# What lies in a folder of a tool's output, by ending; of points arrays only.
_ENDINGS = {
    "openface": (".csv",), "pyfeat": (".csv",), "points": (".npy", ".npz"),
    "mediapipe": (".csv", ".parquet", ".json", ".npy", ".npz"), "": (".csv", ".tsv", ".txt", ".parquet", ".xlsx"),
}  # fmt: skip


def _files_of(given: list[Path], tool: str) -> list[Path]:
    """The files, with those of each folder in its place."""
    from mien.core.errors import InputError

    endings = _ENDINGS.get(tool, ())
    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in endings
            and file.is_file()
            and not file.name.startswith((".", "~$"))
            # OpenFace's remarks on its own tables.
            and not file.name.endswith("_of_details.txt")
        )
        if not inside and endings:
            raise InputError(f"The folder {path} holds no file to be imported; expected {', '.join(endings)} in it.")
        found += inside or [path]
    return found


def _checked(
    files: list[Path], tool: str, features: str, columns: str, size: str, pixels: bool, who: Path | None
) -> _Request:
    """The request; wrong use, which no file can mend, is refused before any file is read."""
    from mien.core.errors import InputError

    if features and tool:
        raise InputError("--features reads any tool's table: leave --from out, or leave --features out for landmarks.")
    if not features and tool not in TOOLS:
        said = f"not '{tool}'" if tool else "or give --features for a table of named numbers"
        raise InputError(f"--from is one of {', '.join(TOOLS)}, {said}.")
    for name, given, wanted in (("columns", columns, features), ("who", who, tool == "points")):
        if given and not wanted:
            raise InputError(f"--{name} belongs to {'--features' if name == 'columns' else '--from points'}.")
    if who is not None and len(files) > 1:
        raise InputError("--who names the clips of one array; import the arrays one by one.")
    width_height = _parse_size(size)
    arrays = all(path.suffix.lower() == ".npy" for path in files)
    if tool == "mediapipe" and width_height is None and not pixels and arrays:
        raise InputError("MediaPipe's landmarks are shares of the picture: give its size, as in --size 640x360.")
    return _Request(tool, features, pairs_of(columns, "--columns"), width_height, pixels, who)


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


def _what(faces: Faces) -> str:
    """What was read, in a word: the points, or the number of named features."""
    return faces.topology if faces.landmarks_px.shape[1] else f"{len(faces.extra)} named features"


def _rows_by_status(faces: Faces) -> Counter[str]:
    return Counter(str(status) for status in faces.status)
