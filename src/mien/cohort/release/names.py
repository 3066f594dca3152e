"""Original names of a study, and the new ones: random, one for each person, kept nowhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mien.core.people.keys import person_key

PERSON, RECORDING = "P", "R"
# Names that also are numbers or letters of anything else: they are replaced and looked for only where names stand.
_SHORT = 2
# Columns and keys that hold names of people, and those that hold names of files.
OF_PEOPLE = frozenset({"subject", "subjects", "person", "people", "participant", "participants", "rater"})
OF_FILES = frozenset(
    {"path", "paths", "source", "sources", "sample", "file", "files", "clip", "recording", "id", "ids"}
)

_WORD = re.compile(r"[^\W_]+")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_DATES = re.compile(
    rf"(?<!\d)(?:{_YEAR}[-/._]{_MONTH}[-/._]{_DAY}(?!\d)|{_DAY}[./-]{_MONTH}[./-]{_YEAR}(?!\d)"
    rf"|{_MONTH}/{_DAY}/{_YEAR}(?!\d)|{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?!\d))"
    rf"|(?<![^\W\d_])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? +{_DAY},? +{_YEAR}"
    rf"|(?<!\d){_DAY}\.? +(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*\.? +{_YEAR}",
    re.IGNORECASE,
)
# Months of a year; with digits alone they may be pages or a fraction, so only columns are asked for these.
_MONTHS = re.compile(
    r"(?<![^\W\d_])(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|m[aä]rz|apr(?:il)?|may|mai|june?|juni|july?|juli|"
    r"aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?[ /-]+" + rf"{_YEAR}(?!\d)",
    re.IGNORECASE,
)
_MONTHS_IN_DIGITS = re.compile(
    rf"(?:{_YEAR}[-/.](?:0[1-9]|1[0-2])|{_MONTH}[-/]{_YEAR}|Q[1-4][ /-]*{_YEAR}|{_YEAR}[ /-]*Q[1-4])", re.IGNORECASE
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_TITLE = re.compile(r"(?<!\w)(?:Dr|Prof|Mrs?|Ms|Frau|Herr)\b\.? *[^\W\d_]")
_PATH = re.compile(r"^(?:[a-z][\w+.-]*:)?(?:~|[A-Za-z]:)?[\\/]|\\|^\.\.?/|^[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def has_date(text: str) -> bool:
    """Whether a text holds a date, a month of a year or a time of day."""
    return bool(_DATES.search(text) or _MONTHS.search(text))


def is_month(text: str) -> bool:
    """Whether a text is a month or a quarter of a year, such as ``'2024-03'`` and ``'Q1 2024'``."""
    return bool(_MONTHS_IN_DIGITS.fullmatch(text.strip()))


def has_address(text: str) -> bool:
    """Whether a text holds an e-mail address."""
    return bool(_MAIL.search(text))


def has_title(text: str) -> bool:
    """Whether a text names somebody with a title, such as ``'Dr. Weber'``."""
    return bool(_TITLE.search(text))


def of_people(key: str) -> bool:
    """Whether a key says that people stand below it, as ``'by_subject'`` does."""
    return not OF_PEOPLE.isdisjoint(_WORD.findall(key.casefold()))


def is_path(text: str) -> bool:
    """Whether a text is a place on a disk or a server."""
    return bool(_PATH.search(text))


@dataclass
class Names:
    """New names for the people and recordings of a study.

    Attributes
    ----------
    people, files : dict of str to str
        New names by the old ones; spellings of one person have one.
    words : frozenset of str
        Values of categories, which are no names even where somebody is called so.
    tables : frozenset of str
        Those of the files that are tables or pages and no recordings.
    """

    people: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    _by_key: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _index: tuple[int, dict[str, list[tuple[str, str]]]] = field(default=(-1, {}), repr=False)

    def add_people(self, names: Iterable[str]) -> None:
        """Give people new names."""
        for name in names:
            if name.strip() and name not in self.people:
                key = person_key(name) or name
                self._by_key.setdefault(key, self._new(PERSON))
                self.people[name] = self._by_key[key]

    def add_files(self, names: Iterable[str]) -> None:
        """Give recordings new names."""
        for name in names:
            if name.strip() and name not in self.files:
                self.files[name] = self._new(RECORDING)

    def _new(self, kind: str) -> str:
        while (name := f"{kind}-{secrets.token_hex(4)}") in self._used:
            pass
        self._used.add(name)
        return name

    @property
    def recordings(self) -> int:
        """How many recordings have new names."""
        return len({new for old, new in self.files.items() if old not in self.tables})

    def person(self, name: str) -> str:
        """The new name of a person; of one that is met for the first time, too."""
        self.add_people([name])
        return self.people.get(name, "")

    def file(self, name: str) -> str:
        """The new name of a recording; of one that is met for the first time, too."""
        self.add_files([name])
        return self.files.get(name, "")

    def is_ambiguous(self, name: str) -> bool:
        """Whether a name could as well be a number or a word of the results."""
        return len(name) <= _SHORT or name.replace(".", "").replace(",", "").isdigit() or name in self.words

    def within(self, text: str) -> str:
        """A text with the new names in it."""
        parts, end = [], 0
        for start, stop, new in self._spans(text):
            if start >= end:
                parts += [text[end:start], new]
                end = stop
        return "".join([*parts, text[end:]])

    def found_in(self, text: str) -> str:
        """An old name that stands in a text as a word of its own; ``''`` where there is none."""
        return next((text[start:stop] for start, stop, _ in self._spans(text)), "")

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where old names stand in a text, with the new ones; the longest of those that begin at a place."""
        folded = text.casefold()
        # Letters whose lower case is longer move what follows them.
        folded = folded if len(folded) == len(text) else text.lower() if len(text.lower()) == len(text) else text
        index = self._names_by_word()
        for word in _WORD.finditer(folded):
            for name, new in index.get(word[0], ()):
                stop = word.start() + len(name)
                if folded.startswith(name, word.start()) and not _WORD.match(folded[stop : stop + 1]):
                    yield word.start(), stop, new
                    break

    def _names_by_word(self) -> dict[str, list[tuple[str, str]]]:
        """Everything that must not stand anywhere, from its first word on, by that word; the longest first."""
        known = len(self.people) + len(self.files)
        if self._index[0] != known:
            found = {name: new for name, new in self.people.items() if not self.is_ambiguous(name)}
            for name, new in self.files.items():
                path = PurePosixPath(name.replace("\\", "/"))
                found |= {part: new for part in (name, path.name, path.stem) if not self.is_ambiguous(part)}
            index: dict[str, list[tuple[str, str]]] = {}
            for name in sorted(found, key=len, reverse=True):
                folded = name.casefold()
                if first := _WORD.search(folded):
                    index.setdefault(first[0], []).append((folded[first.start() :], found[name]))
            self._index = known, index
        return self._index[1]
