"""From what the user names (files, folders, patterns) to the list of pictures and videos, each under one name."""

import errno
import glob
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mien.core.errors import InputError
from mien.core.names import utf8_name
from mien.data.media import pictures, video
from mien.data.media.kinds import SHARED_ENDINGS, is_video
from mien.data.places.address import is_place
from mien.data.places.files import files_named
from mien.data.places.place import Place, place_or_path
from mien.data.samples import read_samples
from mien.data.sets.catalogue import set_of
from mien.data.tables import table as tables

PICTURE, VIDEO = "picture", "video"
# What extraction writes into a study folder is no input.
OWN_FOLDERS = ("faces", "overlays")
_MISSING, _NO_MATCH = "does not exist", "the pattern matches no file"
_ABSENT = (_MISSING, _NO_MATCH)
_IS_TABLE = (
    "is a table, not a picture or video. Name the folder of its pictures here; the table itself goes to 'mien train "
    "TABLE --target COLUMN --faces STUDY -o STUDY/models/NAME', or to 'mien study new' with --samples TABLE"
)
# Opening one of the others could wait for ever.
_NO_FILES = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device",
             stat.S_IFBLK: "a device"}  # fmt: skip
_IS_FOLDER = f"is {_NO_FILES[stat.S_IFDIR]}"
NO_ENDING = "without an ending"


@dataclass(frozen=True)
class MediaSource:
    """One input.

    Attributes
    ----------
    path : Path
        Where the file is now.
    name : str
        What ``Faces.source`` says: the path from the folder that the user named downward, so that a study can be
        moved; more parent folders are added where two inputs would share a name. What is no UTF-8 in it stands there
        as ``mien.core.names.utf8_name`` writes it.
    kind : str
        ``'picture'`` or ``'video'``.
    problem : str
        Why it cannot be read, if that is known already.
    uri : str
        Its address, if it is not on this machine; ``path`` only names it then.
    """

    path: Path
    name: str
    kind: str
    problem: str = ""
    uri: str = ""

    @property
    def absent(self) -> bool:
        """Whether there is nothing under this name at all: told, but no row of a study."""
        return self.problem in _ABSENT


@dataclass(frozen=True)
class Found:
    """What the user's words lead to.

    Attributes
    ----------
    sources : list of MediaSource
    left_out : dict of str to int
        Files of other kinds in the folders that were searched: how many of each ending.
    """

    sources: list[MediaSource]
    left_out: dict[str, int]


def find_sources(inputs: Sequence[str | bytes | Path]) -> Found:
    """Pictures and videos in files, folders (searched deeply) and patterns such as ``'clips/*.mp4'``.

    A file that is named twice is taken once; links in circles are followed once. Inputs that do not exist, folders
    that may not be read and what is no file (pipes, devices, broken links) become sources with a problem.

    Raises
    ------
    InputError
        If nothing at all or only tables were found, or an input is no path or an empty one.
    """
    found: dict[str, MediaSource] = {}
    left_out: Counter[str] = Counter()
    for given in inputs:
        if (
            not isinstance(given, (str, bytes, os.PathLike)) or not os.fsdecode(given).strip()
        ):  # an empty path is this folder
            raise InputError(f"An input is a file, a folder or a pattern, but one of them is {given!r}.")
        if is_place(given) and isinstance(place := place_or_path(os.fsdecode(given)), Place):
            for source in _sources_at(place, left_out):
                found.setdefault(source.uri, source)
            continue
        local = place_or_path(os.fsdecode(given)) if is_place(given) else given
        for path, base, problem in _expand(os.fsdecode(local), left_out):
            real = str(path) if problem else os.path.realpath(path)
            if real not in found:
                kind = VIDEO if is_video(path) else PICTURE
                found[real] = MediaSource(path, str(base), kind, problem)
    if found and all(source.problem == _IS_TABLE for source in found.values()):
        raise InputError(f"{next(iter(found.values())).path} {_IS_TABLE}.")
    if not found:
        endings = ", ".join(sorted(pictures.SUFFIXES | video.SUFFIXES))
        others = f" There are other files: {in_words(left_out)}." if left_out else ""
        raise InputError(
            f"No pictures or videos in {', '.join(os.fsdecode(i) for i in inputs) or 'an empty list'}.{others} Files "
            f"are recognised by their endings ({endings}); a file with another ending can be named itself."
        )
    return Found(_named(list(found.values())), dict(left_out.most_common()))


def _sources_at(place: Place, left_out: Counter[str]) -> Iterator[MediaSource]:
    """Pictures and videos at a place: a file, a folder (searched deeply) or a pattern such as ``s3://bucket/a/*.mp4``."""
    files, is_folder = files_named(place)
    if not files:
        problem = _NO_MATCH if glob.has_magic(place.key) else _MISSING
        yield MediaSource(_as_path(place), str(_as_path(place).parent.parent), PICTURE, problem, place.uri)
    is_study = is_folder and any(file.below(place) == "provenance.json" for file in files)
    for file in files:
        inner = PurePosixPath(file.below(place)).parts if is_folder else ()
        if any(part.startswith(".") for part in inner) or (is_study and inner[0] in OWN_FOLDERS):
            continue
        path = _as_path(file)
        if not is_folder or _is_media_at(file, path.suffix.lower()):
            base = _as_path(place).parent if is_folder else path.parent.parent
            yield MediaSource(path, str(base), VIDEO if is_video(path) else PICTURE, "", file.uri)
        elif not is_study:
            left_out[utf8_name(path.suffix.lower()) or NO_ENDING] += 1


def _as_path(place: Place) -> Path:
    """A path that names a place, so that its file can be named from a folder downward."""
    return Path(f"/{place.bucket}/{place.key}")


def _is_media_at(file: Place, ending: str) -> bool:
    if ending in SHARED_ENDINGS:
        with file.open() as opened:
            return b"\0" in opened.read(1024)
    return ending in pictures.SUFFIXES or ending in video.SUFFIXES


def with_data_sets(inputs: Sequence[str | bytes | Path]) -> list[str | bytes | Path]:
    """Inputs with the files of its samples in place of a data set that is named as ``'ck+:PATH'``.

    Raises
    ------
    InputError
        If the data set cannot be read there, or comes as landmarks.
    """
    files: list[str | bytes | Path] = []
    for given in inputs:
        if not isinstance(given, str):
            files.append(given)
            continue
        known, place = set_of(given)
        if known is None or not place:
            files.append(given)
        elif known.faces:
            raise InputError(
                f"{given} holds no pictures or films: its landmarks come with it, and nothing is extracted."
            )
        else:
            files += read_samples(given).files()
    return files


def in_words(left_out: dict[str, int]) -> str:
    """Files per ending, such as ``'2 .heic, 1 .txt'``; the most frequent first."""
    ranked = sorted(left_out.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ranked[8:])
    return ", ".join(f"{count} {ending}" for ending, count in ranked[:8]) + (f" and {rest} others" if rest else "")


def _expand(given: str, left_out: Counter[str]) -> Iterator[tuple[Path, Path, str]]:
    """(file, folder its name is counted from, problem) for one input."""
    matches = [given]
    named = Path(given)
    if named.suffix.lower() in tables.SUFFIXES and named.suffix.lower() != ".txt" and not _problem(named):
        yield named, _grandparent(named), _IS_TABLE
        return
    if _problem(Path(given)) == _MISSING and glob.has_magic(given):
        matches = sorted(glob.glob(given, recursive=True))
        if not matches:
            yield Path(given), _grandparent(Path(given)), _NO_MATCH
    for path in map(Path, matches):
        problem = _problem(path)
        if problem == _IS_FOLDER:
            yield from _walk(path, left_out)
        else:
            yield path, _grandparent(path), problem


def _problem(path: Path) -> str:
    """Why this is no file that can be read, as far as that is known without opening it; ``''`` for a file."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return _link_problem(path) or _MISSING
    except OSError as error:
        looped = error.errno == errno.ELOOP and _link_problem(path)
        return looped or f"cannot be opened ({error.strerror or error})"
    except ValueError as error:  # a name with a zero byte
        return f"cannot be opened ({error})"
    return "" if kind == stat.S_IFREG else f"is {_NO_FILES.get(kind, 'no file')}"


def _link_problem(path: Path) -> str:
    """A sentence about a link that leads nowhere; ``''`` for what is no link."""
    try:
        return f"is a link to {path.readlink()}, which does not exist or leads back to the link"
    except (OSError, ValueError):
        return ""


def _grandparent(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent.parent


def _walk(folder: Path, left_out: Counter[str]) -> Iterator[tuple[Path, Path, str]]:
    base = Path(os.path.abspath(folder)).parent
    visited: set[tuple[int, int]] = set()
    problems: list[tuple[Path, Path, str]] = []

    def refused(error: OSError) -> None:
        problems.append((Path(os.fsdecode(error.filename)), base, f"the folder cannot be read ({error.strerror})"))

    for place, folders, files in os.walk(folder, followlinks=True, onerror=refused):
        try:
            status = os.stat(place)
        except OSError as error:  # it is gone since it was listed
            refused(error)
            continue
        if (status.st_dev, status.st_ino) in visited:
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        is_study = (Path(place) / "provenance.json").exists()
        own = OWN_FOLDERS if is_study else ()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in own)
        for name in sorted(name for name in files if not name.startswith(".")):
            path = Path(place) / name
            problem = _problem(path)
            if _is_wanted(path, problem):
                yield path, base, problem
            elif not is_study:
                left_out[utf8_name(path.suffix.lower()) or NO_ENDING] += 1
    yield from problems


def _is_wanted(path: Path, problem: str) -> bool:
    """Whether a file of a folder is a picture or a video, by its ending."""
    ending = path.suffix.lower()
    if ending in SHARED_ENDINGS and not problem:
        try:
            with path.open("rb") as file:
                return b"\0" in file.read(1024)
        except OSError:
            return True
    return ending in pictures.SUFFIXES or ending in video.SUFFIXES


def _named(sources: list[MediaSource]) -> list[MediaSource]:
    """Give every source its name; ``name`` holds the base folder until here."""
    parts = [Path(os.path.abspath(source.path)).parts for source in sources]
    depth = [len(p) - len(Path(s.name).parts) for p, s in zip(parts, sources, strict=True)]
    while True:
        names = [utf8_name("/".join(p[-max(d, 1) :]).lstrip("/")) for p, d in zip(parts, depth, strict=True)]
        double = {name for name, count in Counter(names).items() if count > 1}
        grow = [i for i, name in enumerate(names) if name in double and depth[i] < len(parts[i])]
        if not grow:
            break
        for i in grow:
            depth[i] += 1
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]
