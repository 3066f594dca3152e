"""Output of other tools into a study folder, a file at a time; as ``mien import`` does it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import remove_halves
from mien.core.provenance import record
from mien.data.importers import read_mediapipe, read_named_features, read_openface, read_points, read_pyfeat
from mien.data.importers.openface import details_of
from mien.data.shards import write_shard

TOOLS = ("openface", "pyfeat", "mediapipe", "points")
# What lies in a folder of a tool's output, by ending; of points arrays only.
_ENDINGS = {
    "openface": (".csv",), "pyfeat": (".csv",), "points": (".npy", ".npz"),
    "mediapipe": (".csv", ".parquet", ".json", ".npy", ".npz"), "": (".csv", ".tsv", ".txt", ".parquet", ".xlsx"),
}  # fmt: skip


@dataclass(frozen=True)
class ImportedFile:
    """What became of one file.

    Attributes
    ----------
    file : str
    rows : dict of str to int
        Number of rows by status; none where the file could not be read.
    topology : str
        Of its points.
    what : str
        The same in a word; for a table of named numbers how many there are.
    notes : tuple of str
    problem : str
        Why the file was left out; ``''`` where it was not.
    """

    file: str
    rows: dict[str, int] = field(default_factory=dict)
    topology: str = ""
    what: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


def import_(
    files: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    tool: str = "",
    features: str = "",
    columns: Mapping[str, str] | None = None,
    who: str | Path | None = None,
    size: str = "",
    pixels: bool = False,
    done: Callable[[ImportedFile], None] = lambda file: None,
) -> list[ImportedFile]:
    """Read what OpenFace 2, py-feat, MediaPipe or another tool measured; one shard per file.

    A file that cannot be read is left out and says why; the others are imported.

    Parameters
    ----------
    files : str, Path or sequence of them
        Tables, or folders of them; of landmarks also NumPy arrays (.npy, .npz) and JSON files.
    output : str or Path
        Study folder; faces go to its ``faces/``.
    tool : str
        ``'openface'``, ``'pyfeat'``, ``'mediapipe'`` or ``'points'``; left out with ``features``. On the command line
        ``--from``.
    features : str
        Columns of numbers that any tool measured, with commas; patterns such as ``'AU*,!AU45*'``.
    columns : mapping of str to str, optional
        With ``features``: what the table calls source, frame, time, face, success.
    who : str or Path, optional
        With the tool ``'points'``: table with a row per clip, its name in ``clip`` or ``path``.
    size : str
        Picture size ``'WIDTHxHEIGHT'`` in pixels; needed for MediaPipe unless files say it.
    pixels : bool
        MediaPipe: the landmarks are pixels, not shares of the picture.
    done : callable
        Gets each file when it is done.

    Returns
    -------
    list of ImportedFile
        In the order of the files.

    Raises
    ------
    InputError
        If what is asked fits no file.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("a.csv").write_text("frame,AU01,AU12\\n1,0.2,1.5\\n2,0.1,1.7\\n")
    >>> mien.import_("a.csv", "study", features="AU*")[0].rows
    {'ok': 2}
    >>> list(mien.read_faces("study").extra)
    ['AU01', 'AU12']
    """
    given = [files] if isinstance(files, (str, Path)) else files
    paths = _files_of([Path(path) for path in given], tool)
    request = _checked(paths, tool, features, dict(columns or {}), size, pixels, None if who is None else Path(who))
    folder = Path(output)
    # What a run that was killed left half written.
    remove_halves(folder / "faces")
    result: list[ImportedFile] = []
    for path in paths:
        try:
            faces = request.read(path)
        except InputError as error:
            result.append(ImportedFile(str(path), problem=str(error)))
        else:
            shard = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:8]
            facts = {"source": path.name, "tool": tool or "features"}
            write_shard(faces, folder / "faces" / f"{path.stem}-{shard}.parquet", facts)
            rows = dict(Counter(str(status) for status in faces.status))
            notes, request.notes = tuple(request.notes), []
            result.append(ImportedFile(str(path), rows, faces.topology, _what(faces), notes))
        done(result[-1])
    failed = [[file.file, file.problem] for file in result if file.problem]
    record(folder, "import", tool=tool or "features", files=[path.name for path in paths], problems=failed)
    return result


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
        said = str(details_of(path).get("source", "")).replace("\\", "/")
        name = "/".join(said.split("/")[-2:])
        if not name or name in self.named:
            name = _name(path)
        self.named.add(name)
        return name


def _files_of(given: list[Path], tool: str) -> list[Path]:
    """The files, with those of each folder in its place."""
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
    files: list[Path], tool: str, features: str, columns: dict[str, str], size: str, pixels: bool, who: Path | None
) -> _Request:
    """The request; wrong use, which no file can mend, is refused before any file is read."""
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
    return _Request(tool, features, columns, width_height, pixels, who)


def _name(path: Path) -> str:
    """The file's name below its folder, without its ending: files of one name in two folders stay apart."""
    return f"{path.resolve().parent.name}/{path.stem}"


def _parse_size(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise InputError(f"--size is WIDTHxHEIGHT in pixels, as in 640x360, not '{text}'.")
    return int(width), int(height)


def _what(faces: Faces) -> str:
    """What was read, in a word: the points, or the number of named features."""
    return faces.topology if faces.landmarks_px.shape[1] else f"{len(faces.extra)} named features"
