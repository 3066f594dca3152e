"""Names that are not spellings of one name but may be one person: said in a sentence, never joined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mien.core.names import visible
from mien.core.people.crossed import crossed_names, with_and_without
from mien.core.people.recordings import FILE_ENDING, MOST_RECORDINGS, numbered_recordings, without_condition
from mien.core.people.unknown import is_own

# Words, numbers with decimals (dates and versions have more points), other numbers.
_PARTS = re.compile(r"[^\W\d_]+|(?<![\d.,])\d+[.,]\d+(?![.,]?\d)|\d+")
# What is written before the number of a person.
_PREFIXES = frozenset(
    "sub subj subject part participant pers person pat patient prob proband vpn versuchsperson teilnehmer actor "
    "speaker model child kind case control con num number nummer female male".split()
)
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l",
                          "đ": "d", "ı": "i", "þ": "th", "ð": "d"})  # fmt: skip
# Cyrillic and Greek letters that look like Latin ones, in lower case and as small capitals do.
_LOOKS = str.maketrans("авекмнорстухіјѕαβεικμνορτυχ", "abekmhopctyxijsabeikmvoptyx")
_CYRILLIC = str.maketrans(dict(zip("абвгдезийклмнопрстуфцыэіїєґ", "abvgdeziyklmnoprstufcyeiieg", strict=True))
                          | {"ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ё": "e",
                             "ъ": "", "ь": ""})  # fmt: skip
_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")
# 'T2', 'd1', 'v3' or 'w12' behind a name and a mark.
_SESSION = re.compile(r"(.*[^\W_][\s_-]+)[tdvw]\d+")
_PICTURE = re.compile(r"\.[a-z]{3,4}$", re.IGNORECASE)
_SHOWN = 3
_MOST_FILES = 99


def alike_people(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of names that differ in more than spelling but may be one person.

    They differ in a prefix or its abbreviation before one number (``'sub-001'``, ``'S1'``, ``'1'``), in marks between
    two parts (``'A11'``, ``'A1-1'``), in accents and umlauts (``'Müller'``, ``'Mueller'``), in letters that
    another script has, too, in the order of words, in zeros behind a decimal point, or are recordings of one name
    (``'S1_ses1'``, ``'S1_pre'``, ``'S1a'``, ``'S1 (1)'``; see ``mien.core.people.recordings``).

    Parameters
    ----------
    names : iterable of str
        Distinct people; paths of files and the names of people who are not known are passed over.
    """
    return list(_alike(tuple(dict.fromkeys(map(str, names)))))


# The same thousands of people are asked about in every step of a study.
@lru_cache(maxsize=4)
def _alike(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    distinct = [name for name in names if name and not _is_path(name) and not is_own(name)]
    leader = {name: name for name in distinct}
    first: dict[tuple[str, ...], str] = {}

    def led_by(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    def join(one: str, other: str) -> None:
        a, b = led_by(one), led_by(other)
        leader[max(a, b, key=distinct_at)] = min(a, b, key=distinct_at)

    distinct_at = {name: place for place, name in enumerate(distinct)}.__getitem__
    looks: dict[str, str] = {}
    for name in distinct:
        for key in _keys(_parts(name)):
            join(first.setdefault(key, name), name)
        # A large i looks like a small L.
        join(looks.setdefault(name.replace("I", "l"), name), name)
    recorded: set[str] = set()
    for group in _recordings(distinct, first):
        recorded.update(group)
        for name in group[1:]:
            join(group[0], name)
    for name in distinct:
        # 'P1_2' may be 'P12', but not where it is a recording of 'P1'.
        for parts in _written_otherwise(name) if name not in recorded else ():
            if parts in first:
                join(first[parts], name)
    for one, other in _by_prefix(distinct):
        join(one, other)
    groups: dict[str, list[str]] = {}
    for name in distinct:
        groups.setdefault(led_by(name), []).append(name)
    return tuple(tuple(found) for found in groups.values() if len(found) > 1)


def alike_note(names: Iterable[str], what: str = "person") -> tuple[str, ...]:
    """A sentence that names those groups; ``()`` where there are none."""
    groups = alike_people(names)
    if not groups:
        return ()
    shown = "; ".join(" and ".join(f"'{visible(name)}'" for name in found[:4]) for found in groups[:_SHOWN])
    more = f"; and {len(groups) - _SHOWN} more such groups" if len(groups) > _SHOWN else ""
    return (
        f"Names that may be one {what} but count as several: {shown}{more}. If they are one, spell them alike: "
        "otherwise one person is in training and test, and scores are too good. If they are two, such as the members "
        "of a pair or a family, nothing is wrong.",
    )


def _parts(name: str) -> tuple[str, ...]:
    return _numbers(_raw(name))


def _numbers(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_number(part) if part[0].isdigit() else part for part in parts)


def _raw(name: str) -> list[str]:
    return _PARTS.findall(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()))


def _number(digits: str) -> str:
    whole, _, decimals = digits.replace(",", ".").partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _is_path(name: str) -> bool:
    return name.count("/") > 1 or ("/" in name and bool(_PICTURE.search(name)))


def _recordings(names: list[str], first: dict[tuple[str, ...], str]) -> Iterator[list[str]]:
    """Names that may be recordings of one person; ``first`` has the first name of some parts."""
    small: dict[str, list[str]] = {}
    of_stem: dict[tuple[str, ...], list[str]] = {}
    # 'Test' alone is a word for many things.
    idle = frozenset({"test"} if any("retest" in _raw(name) for name in names) else ())
    for name in names:
        small.setdefault(FILE_ENDING.sub("", name.casefold()), []).append(name)
        session = _SESSION.fullmatch(name.casefold())
        stem = _parts(session[1]) if session else _numbers(without_condition(_raw(name), idle))
        if stem:
            of_stem.setdefault(stem, [first[stem]] if stem in first else []).append(name)
    yield from (found for found in of_stem.values() if len(found) > 1)
    # Files are recordings, however many; where names have no endings, many with one beginning are people of a site.
    files = sum(bool(FILE_ENDING.search(name.casefold())) for name in names)
    most = _MOST_FILES if files == len(names) else MOST_RECORDINGS
    groups = [*numbered_recordings(list(small), most), *with_and_without(list(small))]
    explained = {key for group in groups for key in group}
    groups += crossed_names([key for key in small if key not in explained])
    groups += [(key,) for key, found in small.items() if len(found) > 1]
    for group in groups:
        yield [name for key in group for name in small[key]]


def _keys(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What names have in common but for accents, umlauts, look-alike letters and the order of words."""
    for table in ({}, _LETTERS, _LOOKS, _CYRILLIC, _NUMERALS):
        yield tuple(_bare(part.translate(table)) for part in parts)
    # Of names with numbers the order matters: 'sub-01_ses-02' is not 'sub-02_ses-01'.
    if sum(len(part) > 1 and part.isalpha() for part in parts) > 1 and not any(part[0].isdigit() for part in parts):
        yield "words", *sorted(parts)


def _bare(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _written_otherwise(name: str) -> Iterator[tuple[str, ...]]:
    """The parts of a name with an initial, without a mark between two numbers, and with its decimals as numbers."""
    # The zeros that Excel writes behind whole numbers are none of the number: 'P1.0' is not 'P10'.
    raw = [re.sub(r"(?<=\d)[.,]0{1,2}$", "", part) for part in _raw(name)]
    if len(raw) > 1 and all(part.isalpha() for part in raw):
        # 'A. Meyer' and 'Anna M.' beside 'Anna Meyer'.
        for at in (at for at, word in enumerate(raw) if len(word) > 1):
            initial = (*raw[:at], raw[at][0], *raw[at + 1 :])
            yield initial
            yield initial[::-1]
    split = [part for word in raw for part in re.split("[.,]", word)]
    if len(split) > len(raw) > 1:
        yield tuple(_number(part) if part[0].isdigit() else part for part in split)
    if len(raw) == 1:
        return
    yield tuple(_number(part) if part[0].isdigit() else part for part in _PARTS.findall("".join(split)))
    for at in range(len(split) - 1):
        if split[at].isdigit() and split[at + 1].isdigit():
            joined = [*split[:at], split[at] + split[at + 1], *split[at + 2 :]]
            yield tuple(_number(part) if part[0].isdigit() else part for part in joined)


def _by_prefix(names: list[str]) -> Iterator[tuple[str, str]]:
    """Names of one number, one of which has no prefix, or an abbreviation of the other's."""
    of_number: dict[tuple[str, ...], dict[str, str]] = {}
    whole = {name.casefold(): name for name in names}
    for name in names:
        parts = _parts(name)
        prefix = parts[0] if parts and not parts[0][0].isdigit() else ""
        numbers = parts[1:] if prefix else parts
        if numbers and all(part[0].isdigit() for part in numbers):
            of_number.setdefault(numbers, {}).setdefault(prefix, name)
    for name in names:
        before, _, rest = name.partition("-")
        if before.casefold() in _PREFIXES and (plain := whole.get(rest.casefold())):
            yield plain, name
    for found in of_number.values():
        for prefix, name in found.items():
            for length in range(len(prefix)):
                if (prefix in _PREFIXES or not length) and prefix[:length] in found:
                    yield found[prefix[:length]], name
