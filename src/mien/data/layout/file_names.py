"""Whether files' names look as if several of them showed one person."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mien.core.people.keys import person_key

# Words and codes for expressions, views, pictures and parts of data, none of which name a person.
EXPRESSIONS = (
    "neutral happy happiness joy smile smiling laugh laughing sad sadness sorrow angry anger rage fear fearful afraid "
    "scared disgust disgusted surprise surprised contempt contemptuous calm pain bored boredom proud pride shame "
    "embarrassed embarrassment neutre neutro froh fröhlich freude glücklich lächeln lachen traurig trauer wut wütend "
    "ärger ärgerlich zorn zornig angst ängstlich furcht ekel angeekelt überrascht überraschung verachtung ruhig "
    "schmerz stolz amused amusement awe confused confusion excited excitement sleepy wink tired relief "
    "happily sadly angrily hap ang neut surp disg cont joie tristesse colère peur dégoût neutr "
    "af an ang ca co con di dis fe fea ha hap hc ho ne neu sa su sad sur sp"
).split()
OTHER = (
    "img image images pic picture photo foto face faces frame dsc dscn pxl crop cropped aligned copy kopie mirror "
    "mirrored flip flipped frontal front left right profile half full open closed mouth view straight video clip vid "
    "train training trainset val valid validation test testing testset dev publictest privatetest public private "
    "final new edited hd jpg png before after pre post baseline apex onset offset low mid high trn tst vld"
).split()
ANGLES = ("", "s", "fl", "fr", "hl", "hr", "o", "c")
_SEPARATED = re.compile(r"[\s_\-.,()+~=#@]+")
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_RANDOM = re.compile(r"[0-9a-f]{12,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# So many files have to share what looks like a person, and so many such people there have to be.
LEAST_SHARE, PEOPLE, _PEOPLE_BY_WORDS = 0.5, 2, 3


@dataclass(frozen=True)
class Shared:
    """Names of files that look like one person's, and how many files look so."""

    names: tuple[str, str]
    files: int


def shared_people(stems: Sequence[str], classes: Iterable[str] = ()) -> Shared | None:
    """Names that look like PERSON and EXPRESSION (``'001HA'``, ``'001NE'``) or PERSON and number (``'ann_1'``).

    Parameters
    ----------
    stems : sequence of str
        Names of files without their endings.
    classes : iterable of str
        Names of the classes, which say nothing about the person either.

    Returns
    -------
    Shared or None
        None unless half of the files share what is left of their names with another file, two such persons at least.
    """
    idle = idle_words(classes)
    # Random names share nothing but by chance.
    left = {stem: [w for w in words_of(stem) if w not in idle] for stem in stems if not _RANDOM.fullmatch(stem)}
    rules = (_without_expression, _without_index, _first_number)
    tried = (_shared(rule(left), stems, PEOPLE) for rule in rules)
    return next((result for result in tried if result), None) or _shared(_by_words(left), stems, _PEOPLE_BY_WORDS)


def idle_words(classes: Iterable[str] = ()) -> set[str]:
    """Words of files' names that name no person: expressions, views, parts of the data, and classes."""
    idle = {word for name in classes for word in words_of(name)} | set(EXPRESSIONS) | set(OTHER)
    return idle | {code + angle for code in idle if len(code) <= 3 for angle in ANGLES}


def _shared(person: dict[str, str], stems: Sequence[str], least: int) -> Shared | None:
    count = Counter(person[stem] for stem in stems if person.get(stem))
    many = [name for name, files in count.items() if files > 1]
    files = sum(count[name] for name in many)
    if len(many) < least or files < LEAST_SHARE * len(stems):
        return None
    first = [stem for stem in stems if person.get(stem) == many[0]]
    return Shared((first[0], first[1]), files)


def words_of(text: str) -> list[str]:
    """Words and numbers of a name in small letters."""
    return [word.casefold() for word in _PIECES.findall(unicodedata.normalize("NFC", text))]


def _without_expression(left: dict[str, list[str]]) -> dict[str, str]:
    # Only where something was dropped: whole names that are equal are another matter.
    return {stem: person_key(" ".join(words)) for stem, words in left.items() if len(words) < len(words_of(stem))}


def _without_index(left: dict[str, list[str]]) -> dict[str, str]:
    """Names without a last number or letter, where a number before it tells the persons apart."""
    return {
        stem: person_key(" ".join(words[:-1]))
        for stem, words in _indexed(left).items()
        if any(word.isdigit() for word in words[:-1])
    }


def _by_words(left: dict[str, list[str]]) -> dict[str, str]:
    """The same where words tell the persons apart ('ann_1'), if their numbers begin anew with every word."""
    indexed = _indexed(left)
    again = Counter(words[-1] for words in indexed.values())
    return {
        stem: person_key(" ".join(words[:-1]))
        for stem, words in indexed.items()
        if again[words[-1]] > 1 and len(" ".join(words[:-1])) > 2
    }


def _indexed(left: dict[str, list[str]]) -> dict[str, list[str]]:
    return {s: words for s, words in left.items() if len(words) > 1 and (words[-1].isdigit() or len(words[-1]) == 1)}


def _first_number(left: dict[str, list[str]]) -> dict[str, str]:
    """The first part of a name that holds a number, where more parts follow."""
    result = {}
    for stem, words in left.items():
        parts = [part for part in _SEPARATED.split(stem) if part]
        numbered = next((part for part in parts[:-1] if any(c.isdigit() for c in part)), "")
        if words and numbered:
            result[stem] = person_key(numbered)
    return result
