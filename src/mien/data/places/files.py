"""Which files an address names: one, those of a folder, or those that a pattern fits."""

from __future__ import annotations

import glob
from fnmatch import fnmatchcase

from mien.data.places.place import Place


def files_named(place: Place) -> tuple[list[Place], bool]:
    """Files that an address names.

    Parameters
    ----------
    place : Place
        A file, a folder (searched deeply), or a pattern; ``'*'`` in it stays within a folder, ``'**'`` does not.

    Returns
    -------
    files : list of Place
        Sorted by name; empty where there is nothing.
    is_folder : bool
        Whether the address is that of a folder.
    """
    if place.exists():
        return [place], False
    if not glob.has_magic(place.key):
        return [entry.place for entry in place.entries()], True
    top = place
    while glob.has_magic(top.key):
        top = top.parent
    files = [entry.place for entry in top.entries()]
    return [file for file in files if _fits(file.key, place.key)], False


def _fits(key: str, pattern: str) -> bool:
    if "**" in pattern:
        return fnmatchcase(key, pattern) or fnmatchcase(key, pattern.replace("**/", ""))
    parts, wanted = key.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
