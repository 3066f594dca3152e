"""Which drawings of a study are meant: by kind, name, pattern, or a part of the name that only one of them has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from mien.core.errors import ChoiceError, InputError
from mien.core.words import did_you_mean


def chosen(
    asked: Sequence[str], there: Sequence[str], of_kind: Mapping[str, Sequence[str]], every_kind: Sequence[str]
) -> list[str]:  # fmt: skip
    """Names of the drawings that are asked for, in the order asked.

    Parameters
    ----------
    asked : sequence of str
        Kinds, names, patterns, or parts of names; beginnings count first.
    there : sequence of str
        Names of all drawings.
    of_kind : dict of str to names
        Those of each kind that there is.
    every_kind : sequence of str
        Kinds that studies can have.

    Raises
    ------
    ChoiceError
        If there is none, or several of which one may be meant.
    InputError
        If the study holds nothing of a kind.
    """
    names: list[str] = []
    for pattern in asked:
        names += [name for name in _meant(pattern, there, of_kind, every_kind) if name not in names]
    return names


def _meant(
    pattern: str, there: Sequence[str], of_kind: Mapping[str, Sequence[str]], every_kind: Sequence[str]
) -> Sequence[str]:  # fmt: skip
    if pattern in of_kind:
        return of_kind[pattern]
    if pattern in every_kind:
        raise InputError(f"This study holds nothing for a figure '{pattern}'; it has: {', '.join(of_kind)}.")
    part = pattern.lower()
    fitting = [name for name in there if name == pattern] or [name for name in there if fnmatchcase(name.lower(), part)]
    if fitting:
        return fitting
    begun = [kind for kind in of_kind if kind.startswith(part)]
    if part and len(begun) == 1:
        return of_kind[begun[0]]
    within = [name for name in there if part and part in name.lower()]
    at_the_beginning = [name for name in within if name.lower().startswith(part)]
    for found in (at_the_beginning, within):
        if len(found) == 1:
            return found
    if within:
        several = at_the_beginning or within
        raise ChoiceError(f"'{pattern}' may be any of these drawings; '*{pattern}*' is all of them:", several)
    known = list(dict.fromkeys([*of_kind, *there]))
    raise ChoiceError(f"There is no drawing '{pattern}'.{did_you_mean(pattern, known)} There are:", known)
