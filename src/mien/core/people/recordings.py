"""Names of one person's recordings: a session, a condition, a copy or a year behind (or before) the person's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

# When, how and from which side somebody was recorded, and with which expression.
_CONDITIONS = frozenset(
    "pre post baseline follow up followup before after vorher nachher vor nach prä prae pretest posttest retest "
    "onset apex offset left right links rechts frontal profile open closed "
    "neutral happy happiness smile smiling sad sadness angry anger fear fearful afraid disgust disgusted surprise "
    "surprised contempt pain calm laugh laughing fröhlich freude traurig trauer wütend wut ärger angst ekel "
    "überrascht überraschung verachtung neutre joie tristesse colère peur".split()
)
# What is counted: a number or a letter follows.
_COUNTED = frozenset(
    "ses sess session sitting sitzung visit wave welle time zeitpunkt timepoint day tag run part teil clip trial block "
    "take video vid film rep repetition round recording rec aufnahme frame condition cond task version".split()
)
_COUNTED_LETTER = re.compile(r"(?:cond|condition|ses|sess|session|visit|phase|block|task)[a-e]")
# A letter, a short number, a copy's number in brackets, or a year or date behind a name.
_LETTER = re.compile(r"(.*\d)[\W_]*([a-d])\W*")
# Letters that go further than recordings do.
_MEMBER = re.compile(r".*\d[\W_]*[e-z]\W*")
_INDEX = re.compile(r"(.*\d)(?:[^\w.,]+|_+|[.,](?=[1-9]))(\d{1,2})\W*")
_COPY = re.compile(r"(.*[^\W_])\s*\((\d{1,2})\)")
_YEAR = re.compile(r"(.*[^\W\d_])[\s_\-.]+((?:19|20)\d\d(?:[\s_\-.]?(?:0[1-9]|1[0-2])(?:[\s_\-.]?[0-3]\d)?)?)")
_DATE = re.compile(r"(.*[^\W_])[\s_\-.]+((?:19|20)\d\d[\-.]?(?:0[1-9]|1[0-2])[\-.]?[0-3]\d)")
# A word, an abbreviation or both with a number behind a person's number, such as 'condA', 'd1', 'T0' or 'placebo';
# behind a name only where all names end so.
_TAG = re.compile(r"(.*\d)[\W_]*([^\W\d_]+\d{0,2})\W*")
_TAG_OF_NAME = re.compile(r"(.*[^\W\d_])[_\-]([^\W\d_]+|[tdvw]\d)")
# Who belongs together and is not one person: couples, families, cases and controls; and people who are numbered within
# a site or a group, as in 'S1P2'.
OTHERS = frozenset(
    "m f w h male female man woman frau mann junge mädchen boy girl husband wife mother father mum mom dad parent "
    "child infant baby kind mutter vater son daughter sister brother twin teacher student patient pat p c k con "
    "control ctrl hc case proband therapist partner interviewer".split()
)
MEMBERS = frozenset(
    "p n id pt sub subj subject vp vpn part person participant patient pat proband teilnehmer tn member actor kind "
    "child".split()
)
GROUPS = re.compile(
    r"(?:site|centre|center|zentrum|lab|group|gruppe|grp|g|fam|family|familie|team|dyad|pair|paar|couple|class|klasse|"
    r"school|schule|hospital|clinic|klinik|cohort|kohorte|country)[\s_\-]*\d+"
)
FILE_ENDING = re.compile(r"(?<=.)(\.(?:jpe?g|png|tiff?|bmp|webp|heic|gif|mp4|mov|avi|mkv|webm|mpe?g|wmv))$")
# People have few recordings; sites and families have many members, who are numbered in the same way.
MOST_RECORDINGS = 4
MOST_TAGS = 6
# Letters and numbers behind names mean recordings if so many of the names that end so have one that differs in it only.
_MOSTLY = 0.5


def without_condition(parts: Sequence[str], idle: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """A name's parts without words for conditions and counted recordings; ``()`` if none is there, or nothing else.

    Parameters
    ----------
    parts : sequence of str
        Words and numbers of a name in small letters.
    idle : frozenset of str
        Further words that say nothing of the person.
    """
    left: list[str] = []
    place = 0
    while place < len(parts):
        following = parts[place + 1] if place + 1 < len(parts) else ""
        if parts[place] in _COUNTED and (following.isdigit() or len(following) == 1):
            place += 2
        elif parts[place] in _CONDITIONS or parts[place] in idle or _COUNTED_LETTER.fullmatch(parts[place]):
            place += 1
        else:
            left.append(parts[place])
            place += 1
    return tuple(left) if len(left) < len(parts) else ()


def numbered_recordings(names: Sequence[str], most: int = MOST_RECORDINGS) -> list[tuple[str, ...]]:
    """Groups of names that differ in an index, a letter, a copy's number or a year behind them only.

    Parameters
    ----------
    names : sequence of str
        In small letters, without files' endings.
    most : int
        How many recordings somebody may have; where there are more of one stem, they are people.
    """
    patterns = (_LETTER, _INDEX, _YEAR, _DATE, _COPY)
    return [*_tagged(names), *(group for pattern in patterns for group in _with_ends(names, pattern, most))]


def _tagged(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Names with one of a few words or abbreviations behind them, where most that have one come with several."""
    numbered, named = (_tags_of(names, pattern) for pattern in (_TAG, _TAG_OF_NAME))
    groups = _several(numbered)
    if not groups and len(named) > 1 and len({frozenset(found) for found in named.values()}) == 1:
        groups = _several(named)
    return groups


def _tags_of(names: Sequence[str], pattern: re.Pattern[str]) -> dict[str, dict[str, str]]:
    """By what stands before it, every tag with its name."""
    of_stem: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        match = pattern.fullmatch(name)
        if not match or match[1] in _CONDITIONS or GROUPS.fullmatch(match[1]):
            continue
        word = match[2].rstrip("0123456789")
        if word == match[2] or word not in MEMBERS:
            of_stem[match[1]][match[2]] = name
    return of_stem


def _several(of_stem: dict[str, dict[str, str]]) -> list[tuple[str, ...]]:
    groups = [found for found in of_stem.values() if len(found) > 1 and not {*found} <= OTHERS]
    tags = {tag for found in groups for tag in found}
    if len(tags) > MOST_TAGS or sum(map(len, groups)) < _MOSTLY * sum(map(len, of_stem.values())):
        return []
    return [tuple(found.values()) for found in groups]


def _with_ends(names: Sequence[str], pattern: re.Pattern[str], limit: int) -> list[tuple[str, ...]]:
    """Names with the same beginning, where these have few names each, as people have few recordings."""
    of_stem: dict[str, list[str]] = defaultdict(list)
    ends: list[str] = []
    for name in names:
        if match := pattern.fullmatch(name):
            of_stem[re.sub(r"[\W_]+$", "", match[1])].append(name)
            ends.append(match[2])
    bare = set(names) if pattern is _COPY else set()
    groups = [([stem] if stem in bare else []) + found for stem, found in of_stem.items()]
    several = [tuple(group) for group in groups if len(group) > 1]
    if pattern is _COPY:
        return several
    if pattern is _LETTER:
        members = any(_MEMBER.fullmatch(name) for name in names)
    else:
        members = pattern is _INDEX and any(int(end) > limit for end in ends)
    numbers = pattern is _YEAR and len(of_stem) == 1 and len(ends) == len(names)
    most = max(map(len, several), default=0)
    if members or numbers or most > limit or sum(map(len, several)) < _MOSTLY * len(ends):
        return []
    return several
