"""From what the user names (files, folders, patterns) to the list of pictures and videos, each under one name."""

import glob
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mien.core.errors import InputError
from mien.data import pictures, video
from mien.data.kinds import is_video

PICTURE, VIDEO = "picture", "video"
# What extraction writes into a study folder is no input.
OWN_FOLDERS = ("faces", "overlays")
_MISSING, _NO_MATCH = "does not exist", "the pattern matches no file"
_ABSENT = (_MISSING, _NO_MATCH)


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes
    ----------
    path : Path
        Where the file is now.
    name : str
        What ``Faces.source`` says: the path from the folder that the user named downward, so that a study can be
        moved; more parent folders are added where two inputs would share a name.
    kind : str
        ``'picture'`` or ``'video'``.
    problem : str
        Why it cannot be read, if that is known already.
    """

    path: Path
    name: str
    kind: str
    problem: str = ""

    @property
    def absent(self) -> bool:
        """Whether there is nothing under this name at all: told, but no row of a study."""
        return self.problem in _ABSENT


def find_sources(inputs: Sequence[str | Path]) -> list[Source]:
    """Pictures and videos in files, folders (searched deeply) and patterns such as ``'clips/*.mp4'``.

    A file that is named twice is taken once; links in circles are followed once. Inputs that do not exist and
    folders that may not be read become sources with a problem.

    Raises
    ------
    InputError
        If nothing at all was found.
    """
    found: dict[Path, Source] = {}
    for given in inputs:
        for path, base, problem in _expand(str(given)):
            real = Path(os.path.realpath(path))
            if real not in found:
                kind = VIDEO if is_video(path) else PICTURE
                found[real] = Source(path, str(base), kind, problem)
    if not found:
        endings = ", ".join(sorted(pictures.SUFFIXES | video.SUFFIXES))
        raise InputError(
            f"No pictures or videos in {', '.join(str(i) for i in inputs) or 'an empty list'}. Files are recognised by "
            f"their endings ({endings}); a file with another ending can be named itself."
        )
    return _named(list(found.values()))


def _expand(given: str) -> Iterable[tuple[Path, Path, str]]:
    """(file, folder its name is counted from, problem) for one input."""
    path = Path(given)
    try:
        is_folder, exists = path.is_dir(), path.exists() or path.is_symlink()
    except OSError as error:
        return [(path, path.parent.parent, f"cannot be opened ({error.strerror})")]
    if is_folder:
        return _walk(path)
    if not exists and glob.has_magic(given):
        matches = sorted(glob.glob(given, recursive=True))
        result: list[tuple[Path, Path, str]] = []
        for match in matches:
            result += (
                _expand(match)
                if Path(match).is_dir()
                else [(Path(match), _grandparent(Path(match)), _link_problem(Path(match)))]
            )
        return result or [(path, _grandparent(path), _NO_MATCH)]
    return [(path, _grandparent(path), _link_problem(path) if exists else _MISSING)]


def _link_problem(path: Path) -> str:
    """A sentence about a link that leads nowhere; ``''`` for all that can be followed."""
    if not path.is_symlink() or path.exists():
        return ""
    return f"is a link to {path.readlink()}, which does not exist or leads back to the link"


def _grandparent(path: Path) -> Path:
    return Path(os.path.abspath(path)).parent.parent


def _walk(folder: Path) -> Iterable[tuple[Path, Path, str]]:
    known = pictures.SUFFIXES | video.SUFFIXES
    base = Path(os.path.abspath(folder)).parent
    visited: set[tuple[int, int]] = set()
    problems: list[tuple[Path, Path, str]] = []

    def refused(error: OSError) -> None:
        problems.append((Path(str(error.filename)), base, f"the folder cannot be read ({error.strerror})"))

    for place, folders, files in os.walk(folder, followlinks=True, onerror=refused):
        status = os.stat(place)
        if (status.st_dev, status.st_ino) in visited:
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        own = OWN_FOLDERS if (Path(place) / "provenance.json").exists() else ()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in own)
        for name in sorted(files):
            if Path(name).suffix.lower() in known and not name.startswith("."):
                yield Path(place) / name, base, _link_problem(Path(place) / name)
    yield from problems


def _named(sources: list[Source]) -> list[Source]:
    """Give every source its name; ``name`` holds the base folder until here."""
    parts = [Path(os.path.abspath(source.path)).parts for source in sources]
    depth = [len(p) - len(Path(s.name).parts) for p, s in zip(parts, sources, strict=True)]
    while True:
        names = ["/".join(p[-max(d, 1) :]) for p, d in zip(parts, depth, strict=True)]
        double = {name for name, count in Counter(names).items() if count > 1}
        grow = [i for i, name in enumerate(names) if name in double and depth[i] < len(parts[i])]
        if not grow:
            break
        for i in grow:
            depth[i] += 1
    return [Source(s.path, _readable(n.lstrip("/")), s.kind, s.problem) for s, n in zip(sources, names, strict=True)]


def _readable(name: str) -> str:
    """A name that can be written as UTF-8 even if the file system's is none."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
