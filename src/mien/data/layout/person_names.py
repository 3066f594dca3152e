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
    idle, result = idle_words() | _THINGS, []
    for stem in stems:
        match = _PERSON_EXPRESSION.fullmatch(unicodedata.normalize("NFC", stem))
        if match is None or set(words_of(match["person"])) & idle:
            return None
        result.append(match["person"].strip(" _-.,()+~"))
    files = Counter(person_key(person) for person in result)
    several = [count for count in files.values() if count > 1]
    return result if len(several) >= PEOPLE and sum(several) >= LEAST_SHARE * len(stems) else None


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
    class, an expression or a part of the data. Numbers alone are never suggested: one may be the expression's code or
    the picture's number, and each person would be split.
    """
    idle = _idle(classes)
    result: dict[tuple[int, ...], str] = {}
    for pattern in _PLACES:
        names = [match[1] for path in paths if (match := re.search(pattern, path))]
        lettered = len(names) == len(paths) and all(any(c.isalpha() for c in name) for name in names)
        if lettered and _may_be_people(names, classes, idle):
            keys = {key: number for number, key in enumerate(dict.fromkeys(map(person_key, names)))}
            result.setdefault(tuple(keys[person_key(name)] for name in names), pattern)
    return next(iter(result.values())) if len(result) == 1 else ""


def may_be_people(names: Sequence[str], classes: Sequence[str]) -> bool:
    """Whether most names come again in several classes, and hold no word for a class, an expression or a part."""
    return _may_be_people(names, classes, _idle(classes))


def _idle(classes: Iterable[str]) -> set[str]:
    # Numbers of classes are numbers of anything.
    return idle_words(label for label in set(classes) if not label.isdigit()) | _THINGS


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
