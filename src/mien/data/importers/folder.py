"""Output of other tools into a study folder, a file at a time; as ``mien import`` does it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import remove_halves
from mien.core.provenance import record
from mien.core.registry import row_of
from mien.data.importers.openface import details_of
from mien.data.importers.readers import NAMED, READERS, Reader
from mien.data.shards import write_shard

# Options that belong to some tools, by the arguments of their readers.
_OPTIONS = {"columns": "--columns", "who": "--who", "size_px": "--size", "normalised": "--pixels"}


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
        ``'openface'``, ``'pyfeat'``, ``'mediapipe'`` or ``'points'`` (``mien.data.importers.readers``); left out with
        ``features``. On the command line ``--from``.
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
    reader = _reader_of(tool, features)
    given = {"columns": dict(columns or {}), "who": who and Path(who), "size_px": _parse_size(size)}
    options = {name: value for name, value in given.items() if value} | ({"normalised": False} if pixels else {})
    paths = _files_of([Path(path) for path in ([files] if isinstance(files, (str, Path)) else files)], reader)
    _check(reader, paths, options)
    request = _Request(reader, {**options, "features": features})
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
            facts = {"source": path.name, "tool": reader.name}
            write_shard(faces, folder / "faces" / f"{path.stem}-{shard}.parquet", facts)
            rows = dict(Counter(str(status) for status in faces.status))
            notes, request.notes = tuple(request.notes), []
            result.append(ImportedFile(str(path), rows, faces.topology, _what(faces), notes))
        done(result[-1])
    failed = [[file.file, file.problem] for file in result if file.problem]
    record(folder, "import", tool=reader.name, files=[path.name for path in paths], problems=failed)
    return result


@dataclass
class _Request:
    """What reads the files, what it is given, and which sources were named so far."""

    reader: Reader
    options: dict[str, Any]
    named: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def read(self, path: Path) -> Faces:
        """Faces of one file."""
        offered = {**self.options, "source": self._source(path), "say": self.notes.append}
        return self.reader.run(path, **{name: offered[name] for name in self.reader.takes if name in offered})

    def _source(self, path: Path) -> str:
        """The video that OpenFace says it read, with its folder; the file's own name where another was called so."""
        said = str(details_of(path).get("source", "")).replace("\\", "/")
        name = "/".join(said.split("/")[-2:])
        if not name or name in self.named:
            name = _name(path)
        self.named.add(name)
        return name


def _reader_of(tool: str, features: str) -> Reader:
    if features and tool:
        raise InputError("--features reads any tool's table: leave --from out, or leave --features out for landmarks.")
    if not features and not tool:
        raise InputError(f"--from is one of {', '.join(READERS)}, or give --features for a table of named numbers.")
    return NAMED if features else row_of(READERS, tool)


def _files_of(given: list[Path], reader: Reader) -> list[Path]:
    """The files, with those of each folder in its place."""
    result: list[Path] = []
    for path in given:
        if not path.is_dir():
            result.append(path)
            continue
        inside = sorted(
            file
            for file in path.iterdir()
            if file.suffix.lower() in reader.endings
            and file.is_file()
            and not file.name.startswith((".", "~$"))
            # OpenFace's remarks on its own tables.
            and not file.name.endswith("_of_details.txt")
        )
        if not inside:
            expected = ", ".join(reader.endings)
            raise InputError(f"The folder {path} holds no file to be imported; expected {expected} in it.")
        result += inside
    return result


def _check(reader: Reader, files: list[Path], options: dict[str, Any]) -> None:
    """Refuse wrong use, which no file can mend, before any file is read."""
    for name in options.keys() - set(reader.takes):
        tools = [row.name for row in READERS.values() if name in row.takes]
        belongs = f"--from {' or '.join(tools)}" if tools else "--features"
        raise InputError(f"{_OPTIONS[name]} belongs to {belongs}.")
    if "who" in options and len(files) > 1:
        raise InputError("--who names the clips of one array; import the arrays one by one.")
    sized = {"size_px", "normalised"} & options.keys()
    if reader.sizeless and not sized and all(path.suffix.lower() in reader.sizeless for path in files):
        raise InputError(
            f"The landmarks of {reader.name} are shares of the picture: give its size, as in --size 640x360."
        )


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
