"""Names chosen by patterns, as ``'AU*'`` chooses action units."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from mien.core.errors import InputError
from mien.core.words import did_you_mean


def patterns_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """Patterns from one text with commas or several."""
    parts = given.split(",") if isinstance(given, str) else [str(one) for one in given]
    return tuple(part.strip() for part in parts if part.strip())


def fits(name: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern fits a name and none with ``!`` leaves it out again."""

    def any_fits(wanted: Sequence[str]) -> bool:
        return any(name == pattern or fnmatchcase(name, pattern) for pattern in wanted)

    without = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any_fits([p for p in patterns if not p.startswith("!")]) and not any_fits(without)


def chosen(names: Sequence[str], patterns: Sequence[str], what: str) -> list[str]:
    """The names that a pattern fits, each once, in the order of the patterns and then of the names.

    Parameters
    ----------
    names : sequence of str
    patterns : sequence of str
        Names, or with ``*`` and ``?``; with ``!`` in front those that are left out again.
    what : str
        Where the names are from, for messages.

    Raises
    ------
    InputError
        If a pattern fits no name, or nothing is left.
    """
    result: dict[str, None] = {}
    for pattern in (p for p in patterns if not p.startswith("!")):
        fits = [pattern] if pattern in names else [name for name in names if fnmatchcase(name, pattern)]
        if not fits:
            hint = did_you_mean(pattern, names)
            shown = ", ".join(f"'{name}'" for name in names[:12]) + (" ..." if len(names) > 12 else "")
            raise InputError(
                f"No column of numbers in {what} is called '{pattern}'.{hint} There are: {shown or 'none'}."
            )
        result.update(dict.fromkeys(fits))
    without = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    kept = [name for name in result if not any(name == p or fnmatchcase(name, p) for p in without)]
    if not kept:
        raise InputError(f"The patterns {', '.join(patterns) or '(none)'} choose no column of numbers in {what}.")
    return kept
