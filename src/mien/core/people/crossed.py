"""Names of one person by how a list of names is built: with and without a tail or head, or each stem with each tail."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from mien.core.people.recordings import GROUPS, MEMBERS, MOST_RECORDINGS, MOST_TAGS, OTHERS

# Where a name may end and a tail begin: at a mark, and where a number meets a letter.
_MARK = re.compile(r"[\W_]+")
_TURN = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
# The name of a person with its own word or letter and number, behind a mark or a session's number.
_HEAD = re.compile(r"([^\W_]+)[\W_]+([^\W\d_]+[\W_]*\d+)")
_SESSION_HEAD = re.compile(r"([tdvw]\d)([^\W\d_]+[\W_]*\d+)")
# A number behind a word, and the last figures of a number behind the same letters everywhere.
_NUMBERED_WORD = re.compile(r"([^\d]*[^\W\d_])[\W_]*(\d{1,2})\W*")
_NUMBER = re.compile(r"(\D*)(\d+)")
_DECIMAL = re.compile(r"\d+[.,]\d+")
# So many words or numbers come each with the same few tails before that is a plan and not chance.
_STEMS_OF_WORDS = 4
_STEMS_OF_NUMBERS = 5
# Some people miss a recording.
_COMPLETE = 0.75


def with_and_without(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Groups of a name and others that are this name with a tail or head, such as ``'vp1'``, ``'vp1b'``, ``'t2_vp1'``.

    Parameters
    ----------
    names : sequence of str
        In small letters.
    """
    tails = _of_bare(names, _tails)
    heads = _of_bare(names, _heads)
    return [(stem, *found.values()) for of_stem in (tails, heads) for stem, found in of_stem.items()]


def _of_bare(
    names: Sequence[str], pieces: Callable[[str], Iterator[tuple[str, str, bool]]]
) -> dict[str, dict[str, str]]:
    """By name, what is added to it with the name that this gives, where that is little."""
    bare = set(names)
    marked: dict[str, dict[str, str]] = defaultdict(dict)
    turned: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        for stem, added, mark in pieces(name):
            if stem in bare and stem != name:
                (marked if mark else turned)[stem][added] = name
                break
    # Without a mark, many endings are those of codes and of members.
    if len({added for found in turned.values() for added in found}) > MOST_TAGS:
        turned.clear()
    both = {stem: marked.get(stem, {}) | turned.get(stem, {}) for stem in bare if stem in marked or stem in turned}
    return {stem: found for stem, found in both.items() if len(found) <= MOST_RECORDINGS and not {*found} <= OTHERS}


def _tails(name: str) -> Iterator[tuple[str, str, bool]]:
    """The beginnings of a name, the longest first, what follows, and whether a mark is between."""
    if _DECIMAL.fullmatch(name):
        return
    cuts = [(m.start(), m.end()) for pattern in (_MARK, _TURN) for m in pattern.finditer(name) if m.start()]
    for start, end in sorted(cuts, reverse=True):
        tail = name[end:].rstrip(")]}>\"' ")
        if tail and tail.rstrip("0123456789") not in MEMBERS:
            yield name[:start], tail, end > start


def _heads(name: str) -> Iterator[tuple[str, str, bool]]:
    """The ends of a name, the longest first, what is before, and whether a mark is between."""
    for match in _MARK.finditer(name):
        head, stem = name[: match.start()], name[match.end() :]
        letters = any(c.isalpha() for c in stem) and len(stem) > 1
        if head and not GROUPS.fullmatch(head) and (letters or (head.isalpha() and head not in MEMBERS)):
            yield stem, head, True


def crossed_names(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Groups of names that share a stem, where nearly every stem comes with the same few heads or tails.

    Such as ``'t1_vp1'`` and ``'t2_vp1'``, ``'a_vp1'`` and ``'b_vp1'``, ``'anna1'`` and ``'anna2'``, ``'101'`` and
    ``'102'``. People who are counted anew within a site, a sex or a group look the same where only a bare number
    follows: these are passed over.

    Parameters
    ----------
    names : sequence of str
        In small letters.
    """
    heads: dict[str, dict[str, str]] = defaultdict(dict)
    numbers: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        headed = _HEAD.fullmatch(name) or _SESSION_HEAD.fullmatch(name)
        if headed and not GROUPS.fullmatch(headed[1]) and headed[1] not in MEMBERS:
            heads[headed[2]][headed[1]] = name
        if (match := _NUMBERED_WORD.fullmatch(name)) and re.split(r"[\W_]+", match[1])[-1] not in MEMBERS:
            numbers[match[1]][match[2]] = name
    return [*_complete(heads, 2), *_complete(numbers, _STEMS_OF_WORDS), *_last_figures(names)]


def _complete(of_stem: dict[str, dict[str, str]], stems: int) -> list[tuple[str, ...]]:
    """The names of every stem, if most stems have all the few additions."""
    added = {one for found in of_stem.values() for one in found}
    whole = sum(len(found) == len(added) for found in of_stem.values())
    few = 1 < len(added) <= MOST_RECORDINGS and len(added) < len(of_stem)
    if not few or len(of_stem) < stems or whole < _COMPLETE * len(of_stem) or added <= OTHERS:
        return []
    return [tuple(found.values()) for found in of_stem.values() if len(found) > 1]


def _last_figures(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Numbers alone, the last one or two figures of which count from one to a few for every beginning."""
    matches = [_NUMBER.fullmatch(name) for name in names]
    if not matches or not all(matches) or len({match[1] for match in matches if match}) > 1:
        return []
    for width in (1, 2):
        of_stem: dict[str, dict[str, str]] = defaultdict(dict)
        for match in filter(None, matches):
            of_stem[match[2][:-width].zfill(1)][match[2][-width:].zfill(width)] = match[0]
        ends = sorted({int(end) for found in of_stem.values() for end in found})
        groups = _complete(of_stem, _STEMS_OF_NUMBERS)
        if groups and sum(map(len, groups)) == len(names) and ends == list(range(1, len(ends) + 1)):
            return groups
    return []
