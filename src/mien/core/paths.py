"""Which of some known paths is meant by another spelling of it: absolute or relative, either slash and Unicode form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath, PureWindowsPath

from mien.core.errors import InputError


class Tails:
    """Known paths that can be found by another path that is the tail of one, or that one is the tail of.

    Parameters
    ----------
    known : iterable of str
    what : str
        What known paths are called in messages, such as ``'sources'``.
    """

    def __init__(self, known: Iterable[str], what: str) -> None:
        self._what = what
        self._spelled: dict[tuple[str, ...], str] = {}
        # Every tail of every path, so that thousands of files of one name cost no more than others.
        self._ending: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for path in known:
            parts = _parts(path)
            if parts not in self._spelled:
                self._spelled[parts] = path
                for start in range(len(parts)):
                    self._ending.setdefault(parts[start:], []).append(parts)

    def find(self, path: str, file: str = "") -> str | None:
        """The known path that is meant; the longest tail wins, None where there is none.

        Parameters
        ----------
        path : str
        file : str
            The same with the folder that it is relative to, where that is known.

        Raises
        ------
        InputError
            If two known paths fit equally well.
        """
        given, full = _parts(path), _parts(file or path)
        best: list[str] = []
        # One path has to be the whole tail of the other: 'smiling/1.jpg' must not find 'neutral/1.jpg'.
        for start in range(len(full) if given else 0):
            tail = full[start:]
            if len(tail) >= len(given) and tail[len(tail) - len(given) :] == given and tail in self._ending:
                best = [self._spelled[parts] for parts in self._ending[tail]]
            elif tail in self._spelled:
                best = [self._spelled[tail]]
            if best:
                break
        if len(best) > 1:
            raise InputError(
                f"The sample '{path}' fits {len(best)} {self._what} equally well, such as '{best[0]}' and "
                f"'{best[1]}'. Give the sample a longer path."
            )
        return best[0] if best else None


def spelled_on_disk(path: Path) -> Path:
    """The path, in the Unicode form in which the file is there; as it came where it is there in none."""
    if path.exists():
        return path
    forms = (Path(unicodedata.normalize(form, str(path))) for form in ("NFC", "NFD"))
    return next((other for other in forms if other.exists()), path)


def without_folders(path: str) -> str:
    """A path for what is passed on: the last part only of an absolute one, of any system; others as they are."""
    windows = PureWindowsPath(path)
    return windows.name if windows.drive or windows.root else path


def _parts(path: str) -> tuple[str, ...]:
    # macOS writes 'ü' as two characters, other systems as one.
    plain = unicodedata.normalize("NFC", path.replace("\\", "/"))
    return tuple(part for part in PurePath(plain).parts if part not in ("/", "."))
