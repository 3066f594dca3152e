"""Persons read out of files' names: those called PERSON and EXPRESSION, and where in a path a person may stand."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from mien.core.people.keys import person_key
from mien.data.layout.file_names import ANGLES, EXPRESSIONS, LEAST_SHARE, PEOPLE, idle_words, words_of

# What has a number and is no person: a name that holds one of these is not read unasked.
_THINGS = frozenset(
    "set batch session sess ses sitting sitzung day tag date site cam camera kamera group gruppe block trial run clip "
    "film movie scene szene part fold split version v take sample item stim stimulus task cond condition visit week "
    "wave time row line page file nr no t r".split()
)
_CODES = "|".join(sorted(EXPRESSIONS, key=len, reverse=True))
_VIEWS = "|".join(view for view in ANGLES if view)
_MARK = r"[\s_\-.,()+~]"
# A person with one number, behind which an expression needs no mark, or a person in words; then the expression, from
# which angle, and which picture of it.
_PERSON_EXPRESSION = re.compile(
    rf"(?P<person>[^\W\d_]*{_MARK}?\d+|[^\W\d_]+(?:{_MARK}[^\W\d_]+)*{_MARK}?\d*(?={_MARK}))"
    rf"{_MARK}*(?:{_CODES})(?:{_MARK}*(?:{_VIEWS}))?(?:{_MARK}*(?:\d+|[a-d])){{0,2}}{_MARK}*",
    re.IGNORECASE,
)


def people_before_expressions(stems: Sequence[str]) -> list[str] | None:
    """The person in every name such as ``'001HA'``, ``'012_sad'`` and ``'anna-happy-2'``.

    Parameters
    ----------
    stems : sequence of str
        Names of files without their endings.

    Returns
    -------
    list of str or None
        None unless every name is a person and an expression (with the number of the picture at most), what stands for
        the person holds no word for something else and one number at most, and persons come again.
    """
    idle, found = idle_words() | _THINGS, []
    for stem in stems:
        match = _PERSON_EXPRESSION.fullmatch(unicodedata.normalize("NFC", stem))
        if match is None or set(words_of(match["person"])) & idle:
            return None
        found.append(match["person"].strip(" _-.,()+~"))
    files = Counter(person_key(person) for person in found)
    several = [count for count in files.values() if count > 1]
    return found if len(several) >= PEOPLE and sum(several) >= LEAST_SHARE * len(stems) else None


# Where a person may stand in the name of a file: its beginning with the first number, its end, one of its parts.
_PLACES = (
    r"([^\W\d_]+\d+)[^/]*$",
    r"([^/\W_]+)\.[^./]+$",
    *(rf"(?:^|/)(?:[^/\W_]+(?:[^\w/]|_)+){{{number}}}([^/\W_]+)[^/]*$" for number in range(8)),
    r"([^/]+)\.[^./]+$",
    r"([^\W\d_]+[_\-. ]?\d+)[^/]*$",
)


def suggested_pattern(paths: Sequence[str], classes: Sequence[str]) -> str:
    """The one ``subject_pattern`` that cannot but be meant; ``''`` where there is none, or more than one.

    Parameters
    ----------
    paths : sequence of str
        Written with ``/``.
    classes : sequence of str
        Of every file.

    Notes
    -----
    What it finds has to come again in several classes for most people, has to differ, and must hold no word for a
    class, an expression or a part of the data. Where another part of the names comes again and has more values, people
    may stand in one class each: then that part is meant if the first is single letters, or it is left open. Numbers
    alone are never suggested: one may be the expression's code or
    the picture's number, and each person would be split.
    """
    idle = _idle(classes)
    found: dict[tuple[int, ...], str] = {}
    others: dict[tuple[int, ...], str] = {}
    single = True
    for pattern in _PLACES:
        names = [match[1] for path in paths if (match := re.search(pattern, path))]
        if len(names) < len(paths) or not all(any(c.isalpha() for c in name) for name in names):
            continue
        keys = {key: number for number, key in enumerate(dict.fromkeys(map(person_key, names)))}
        reading = tuple(keys[person_key(name)] for name in names)
        if _may_be_people(names, classes, idle):
            found.setdefault(reading, pattern)
            single = single and all(len(name) == 1 for name in names)
        elif _come_again(names, idle):
            others.setdefault(reading, pattern)
    if len(found) != 1:
        return ""
    # 'anna-a' and 'anna-b' among patients, 'bert-a' among controls: letters may number each person's files.
    rivals = {reading: pattern for reading, pattern in others.items() if max(reading) > max(next(iter(found)))}
    if not rivals:
        return next(iter(found.values()))
    return next(iter(rivals.values())) if single and len(rivals) == 1 else ""


def may_be_people(names: Sequence[str], classes: Sequence[str]) -> bool:
    """Whether most names come again in several classes, and hold no word for a class, an expression or a part."""
    return _may_be_people(names, classes, _idle(classes))


def _idle(classes: Iterable[str]) -> set[str]:
    # Numbers of classes are numbers of anything.
    return idle_words(label for label in set(classes) if not label.isdigit()) | _THINGS


def _come_again(names: Sequence[str], idle: set[str]) -> bool:
    """Whether most files share what a name holds with another file, in whatever class, and no such name is a word."""
    files = Counter(map(person_key, names))
    again = [count for count in files.values() if count > 1]
    return (
        len(again) >= PEOPLE
        and sum(again) >= LEAST_SHARE * len(names)
        and not any(set(words_of(name)) & idle for name in set(names))
    )


def _may_be_people(names: Sequence[str], classes: Sequence[str], idle: set[str]) -> bool:
    among: dict[str, set[str]] = defaultdict(set)
    files: Counter[str] = Counter()
    for name, label in zip(names, classes, strict=True):
        among[person_key(name)].add(label)
        files[person_key(name)] += 1
    again = [key for key, labels in among.items() if len(labels) > 1]
    return (
        len(among) >= PEOPLE
        and 2 * len(again) >= len(among)
        and sum(files[key] for key in again) >= LEAST_SHARE * len(names)
        and not any(set(words_of(name)) & idle for name in set(names))
    )
