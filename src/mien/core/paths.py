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
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        self._spelled: dict[tuple[str, ...], str] = {}
        for path in known:
            parts = _parts(path)
            if parts not in self._spelled:
                self._by_name.setdefault(parts[-1] if parts else "", []).append(parts)
                self._spelled[parts] = path

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
        fits: dict[str, int] = {}
        for parts in self._by_name.get(given[-1] if given else "", []):
            # One path has to be the whole tail of the other: 'smiling/1.jpg' must not find 'neutral/1.jpg'.
            common = _common_tail(parts, full)
            if common == len(parts) or _common_tail(parts, given) == len(given):
                fits[self._spelled[parts]] = common
        if not fits:
            return None
        longest = max(fits.values())
        best = [known for known, common in fits.items() if common == longest]
        if len(best) > 1:
            raise InputError(
                f"The sample '{path}' fits {len(best)} {self._what} equally well, such as '{best[0]}' and "
                f"'{best[1]}'. Give the sample a longer path."
            )
        return best[0]


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


def _common_tail(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    length = 0
    for x, y in zip(reversed(a), reversed(b), strict=False):
        if x != y:
            break
        length += 1
    return length
