"""Scoring files: TOML that says how a questionnaire is scored; what is wrong in one is said with its key and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.words import did_you_mean, listed
from mien.data.questionnaires.scale import ScoringKey, Subscale, expanded

# Scales by name, each a file beside this one.
READY = ("dass-21", "phq-9", "gad-7")
_TOP = ("title", "version", "items", "also", "range", "reversed", "source", "licence", "notes", "subscale")
_SUB = ("name", "items", "factor", "max_missing", "cut_offs", "bands", "screening")
_ALL = "all"
_NUMBER, _LIST = "a number", "a list"
_MOST_ITEMS = 1000


def read_scale(scale: ScoringKey | str | Path) -> ScoringKey:
    """A scale by name, or from a scoring file.

    Parameters
    ----------
    scale : ScoringKey, str or Path
        ``'dass-21'``, ``'phq-9'``, ``'gad-7'``, or a TOML file.

    Returns
    -------
    ScoringKey

    Raises
    ------
    InputError
        If there is no such scale, or the file is wrong; with the key and its line.
    """
    if isinstance(scale, ScoringKey):
        return scale
    name = str(scale).strip()
    if name.lower().replace("_", "-") in READY:
        name = name.lower().replace("_", "-")
        place = files("mien.data.questionnaires") / f"{name}.toml"
        return scale_of(place.read_text(encoding="utf-8"), name, f"{name}.toml")
    path = Path(name)
    if not name or not path.is_file():
        raise InputError(
            f"scale is one of {', '.join(READY)} or a scoring file (TOML), but there is no '{scale}'."
            f"{did_you_mean(name.lower(), READY)}"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a scoring file ({error}); save it as UTF-8.") from error
    return scale_of(text, path.stem, str(path))


def scale_of(text: str, name: str, file: str) -> ScoringKey:
    """A scale from the text of a scoring file.

    Raises
    ------
    InputError
        With the file, the key and its line.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is no TOML: {error}.") from error
    return _Reading(text.splitlines(), file, found).scale(name)


@dataclass(frozen=True)
class _Reading:
    """A scoring file while it is checked."""

    lines: list[str]
    file: str
    found: dict[str, Any]

    def scale(self, name: str) -> ScoringKey:
        self._known(self.found, _TOP, -1)
        items = self._items()
        low, high = self._range()
        reversed_items = self._numbers_of(self.found.get("reversed", []), "reversed", items, -1)
        given = self.found.get("subscale")
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
            raise self._wrong("subscale", "has to be there, as one or several tables [[subscale]]", -1)
        subscales = tuple(self._subscale(one, items, place) for place, one in enumerate(given))
        names = [one.name.casefold() for one in subscales]
        for place, known in enumerate(names):
            if known in names[:place]:
                raise self._wrong("name", f"names '{known}' a second time", place)
        for place, one in enumerate(subscales):
            self._reachable(one, low, high, place)
        notes = self.found.get("notes", [])
        texts = {key: self._text(key) for key in ("title", "version", "source", "licence")}
        return ScoringKey(
            name, **{**texts, "title": texts["title"] or name}, items=items, low=low, high=high, subscales=subscales,
            reversed=reversed_items, notes=tuple(self._words(notes, "notes", -1)), also=self._also(len(items)),
        )  # fmt: skip

    def _items(self) -> tuple[str, ...]:
        given = self.found.get("items")
        if not isinstance(given, (str, list)) or not given:
            raise self._wrong("items", "names the columns of the answers: 'q_{1..9}' or a list", -1)
        texts = [given] if isinstance(given, str) else self._words(given, "items", -1)
        items = tuple(name for text in texts for name in expanded(text))
        if not 1 < len(items) <= _MOST_ITEMS:
            raise self._wrong("items", f"gives {len(items)} columns; 2 to {_MOST_ITEMS} are needed", -1)
        twice = next((name for name in items if items.count(name) > 1), None)
        if twice is not None:
            raise self._wrong("items", f"names the column '{twice}' twice", -1)
        return items

    def _also(self, count: int) -> tuple[tuple[str, ...], ...]:
        others = tuple(expanded(text) for text in self._words(self.found.get("also", []), "also", -1))
        for names in others:
            if len(names) != count:
                raise self._wrong(
                    "also", f"gives {len(names)} columns with '{names[0]}', but there are {count} items", -1
                )
        return others

    def _range(self) -> tuple[int, int]:
        given = self.found.get("range")
        if isinstance(given, list) and len(given) == 2 and all(type(value) is int for value in given):
            low, high = given
            if low < high:
                return low, high
        raise self._wrong("range", f"is the least and the highest answer, as in [0, 3], but is {given!r}", -1)

    def _subscale(self, given: dict[str, Any], items: tuple[str, ...], place: int) -> Subscale:
        self._known(given, _SUB, place)
        name = given.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self._wrong("name", "has to be a text", place)
        asked = given.get("items", _ALL)
        own = tuple(range(1, len(items) + 1)) if asked == _ALL else self._numbers_of(asked, "items", items, place)
        if len(own) < 1:
            raise self._wrong("items", "names no item", place)
        factor = self._number(given, "factor", 1.0, place)
        if factor <= 0:
            raise self._wrong("factor", f"has to be above 0, but is {factor:g}", place)
        most = given.get("max_missing", 0)
        if type(most) is not int or not 0 <= most < len(own):
            raise self._wrong("max_missing", f"is a whole number from 0 to {len(own) - 1}, but is {most!r}", place)
        cut_offs = given.get("cut_offs", [])
        if not isinstance(cut_offs, list) or any(not _is_number(value) for value in cut_offs):
            raise self._wrong("cut_offs", "is a list of numbers", place)
        if any(b <= a for a, b in pairwise(cut_offs)):
            raise self._wrong("cut_offs", f"has to rise, but is {cut_offs}", place)
        bands = tuple(self._words(given.get("bands", []), "bands", place))
        if (cut_offs or bands) and len(bands) != len(cut_offs) + 1:
            raise self._wrong(
                "bands",
                f"needs one name more than there are cut_offs ({len(cut_offs) + 1}), but has {len(bands)}",
                place,
            )
        screening = self._number(given, "screening", None, place)
        return Subscale(name.strip(), own, float(factor), most, tuple(map(float, cut_offs)), bands, screening)

    def _reachable(self, one: Subscale, low: int, high: int, place: int) -> None:
        least, most = (len(one.items) * end * one.factor for end in (low, high))
        asked = [("cut_offs", value) for value in one.cut_offs]
        asked += [("screening", one.screening)] if one.screening is not None else []
        for key, value in asked:
            if not least < value <= most:
                raise self._wrong(key, f"holds {value:g}, but '{one.name}' goes from {least:g} to {most:g}", place)

    def _numbers_of(self, given: Any, key: str, items: tuple[str, ...], place: int) -> tuple[int, ...]:
        """Numbers of items, given as such or by their columns."""
        if not isinstance(given, list):
            raise self._wrong(key, f"is a list of items, as in [1, 4], but is {given!r}", place)
        result = []
        for value in given:
            number = items.index(value) + 1 if isinstance(value, str) and value in items else value
            if type(number) is not int or not 1 <= number <= len(items):
                raise self._wrong(key, f"holds {value!r}, but there are the items 1 to {len(items)}", place)
            if number in result:
                raise self._wrong(key, f"holds the item {value!r} twice", place)
            result.append(number)
        return tuple(result)

    def _number(self, given: dict[str, Any], key: str, default: Any, place: int) -> Any:
        value = given.get(key, default)
        if value is not default and not _is_number(value):
            raise self._wrong(key, f"is {_NUMBER}, but is {value!r}", place)
        return value

    def _text(self, key: str) -> str:
        value = self.found.get(key, "")
        if not isinstance(value, str):
            raise self._wrong(key, f"is a text, but is {value!r}; write it in quotation marks", -1)
        return value

    def _words(self, given: Any, key: str, place: int) -> list[str]:
        if not isinstance(given, list) or any(not isinstance(one, str) or not one.strip() for one in given):
            raise self._wrong(key, f"is {_LIST} of texts, but is {given!r}", place)
        return given

    def _known(self, given: dict[str, Any], keys: Sequence[str], place: int) -> None:
        for key in given:
            if key not in keys:
                raise self._wrong(key, f"is not known.{did_you_mean(key, keys)} There are: {listed(list(keys))}", place)

    def _wrong(self, key: str, sentence: str, place: int) -> InputError:
        """The error about a key of the file, or of its ``place``-th subscale (from 0; -1: above them all)."""
        where = f", [[subscale]] {place + 1}" if place >= 0 else ""
        return InputError(f"{self.file}, line {self._line(key, place)}{where}: '{key}' {sentence}.")

    def _line(self, key: str, place: int) -> int:
        """Where a key stands, else where its table begins, from 1."""
        written = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=|\s*\[+\s*{re.escape(key)}\s*\]+")
        table, begins = -1, 1
        for number, line in enumerate(self.lines, 1):
            if re.match(r"\s*\[\[\s*subscale\s*\]\]", line):
                table += 1
                begins = number if table == place else begins
            if table == place and written.match(line):
                return number
        return begins


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9
