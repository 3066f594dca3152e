"""Samples and sources that mean the same file under another ending, in other letters or from another tool's folder."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath

from mien.core.errors import InputError
from mien.core.paths import Tails
from mien.data.media import pictures, video
from mien.data.tables import table as tables

# Endings that a name may lose, and what kind of file they stand for.
_KINDS = {
    **dict.fromkeys((*tables.SUFFIXES, ".npy", ".npz", ".json"), ""),
    **dict.fromkeys(pictures.SUFFIXES, "picture"),
    **dict.fromkeys(video.SUFFIXES, "video"),
}


def folded(path: str) -> str:
    """A path in one spelling: composed letters, no capitals, forward slashes."""
    return unicodedata.normalize("NFC", path.replace("\\", "/")).casefold()


def stem(path: str) -> str:
    """The same without the ending of a picture, video or table."""
    path = folded(path)
    ending = PurePath(path).suffix
    return path.removesuffix(ending) if ending in _KINDS else path


def kind_of(path: str) -> str:
    """``'picture'``, ``'video'`` or ``''`` where the ending does not say."""
    return _KINDS.get(PurePath(folded(path)).suffix, "")


def find_loosely(
    paths: Sequence[str],
    files: Sequence[str],
    chosen: list[str | None],
    sources: list[str],
    doubts: dict[int, str] | None = None,
) -> None:
    """Fill in the sources of samples that have none by their exact paths.

    A sample that is still without a source takes one that no sample has: first one that differs in capitals or in how
    letters are composed, then one with another ending for the same kind of file or with none, as imported tables have,
    at last one without an ending whose name alone is the same and is nobody else's.

    Parameters
    ----------
    paths, files : sequence of str
        Of the samples, as given and with their folder.
    chosen : list of str or None
        Source of each sample; changed in place.
    sources : list of str
    doubts : dict, optional
        Takes the sentences that would be raised, by row; such rows stay without a source.

    Raises
    ------
    InputError
        If two sources fit a sample equally well, or two samples one source.
    """
    for spelling in (folded, stem):
        _by(spelling, paths, files, chosen, sources, doubts)
    names = Counter(stem(path).rsplit("/", 1)[-1] for path in paths)
    taken = set(chosen)
    free = [source for source in sources if source not in taken]
    by_name = {_of_log(source): source for source in free if not kind_of(source)}
    counts = Counter(_of_log(source) for source in sources)
    for row, path in enumerate(paths):
        name = stem(path).rsplit("/", 1)[-1]
        if chosen[row] is None and row not in (doubts or ()) and names[name] == counts[name] == 1:
            chosen[row] = by_name.get(name)


def _of_log(source: str) -> str:
    """The name of the film that a source is about: FaceReader writes 'film_detailed.txt'."""
    return stem(source).rsplit("/", 1)[-1].removesuffix("_detailed")


def _by(
    spelling: Callable[[str], str],
    paths: Sequence[str],
    files: Sequence[str],
    chosen: list[str | None],
    sources: list[str],
    doubts: dict[int, str] | None,
) -> None:
    taken = set(chosen)
    spelled: dict[str, list[str]] = {}
    for source in sources:
        if source not in taken:
            spelled.setdefault(spelling(source), []).append(source)
    tails = Tails(spelled, "sources")
    owner: dict[str, str] = {}
    for row, (path, file) in enumerate(zip(paths, files, strict=True)):
        if chosen[row] is not None or row in (doubts or ()):
            continue
        try:
            chosen[row] = _one_of(spelled, tails.find(spelling(path), spelling(file)), path, owner)
        except InputError as error:
            if doubts is None:
                raise
            doubts[row] = str(error)


def _one_of(spelled: dict[str, list[str]], key: str | None, path: str, owner: dict[str, str]) -> str | None:
    """The one source of a spelling that is of the path's kind; ``owner`` has who took one before."""
    fits = [s for s in spelled.get(key or "", []) if not {kind_of(path), kind_of(s)} >= {"picture", "video"}]
    if len(fits) > 1:
        raise InputError(
            f"The sample '{path}' fits {len(fits)} sources equally well, such as '{fits[0]}' and '{fits[1]}'. Give "
            "the sample its own ending."
        )
    if fits and owner.setdefault(fits[0], path) != path:
        raise InputError(
            f"The faces of '{fits[0]}' fit two samples, '{owner[fits[0]]}' and '{path}'. Give the samples the "
            "names of their own files."
        )
    return fits[0] if fits else None
