"""JSON of results without names, files, dates and sentences about people."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from mien.cohort.release.names import OF_FILES, Names, has_address, has_date, is_path, of_people

# Keys whose values say when and where something was made, or are not true of the copy.
_OF_RUNS = frozenset(
    "written date time created started finished timestamp machine host user folder root place read_from checksum "
    "copies problems repeating seen weights_file".split()
)
_POINTS = re.compile(r"_px$|landmarks_px|thumbnail|pixels")
# Longer texts are sentences that somebody wrote.
MOST_WORDS, MOST_LETTERS = 4, 60
GONE: Any = object()


@dataclass
class Cleaner:
    """Cleans values of JSON files.

    Attributes
    ----------
    names : Names
    coarser : dict of str to dict of str to str
        New values of columns by the old ones, where small cells are made larger.
    left_out : set of str
        Keys that were left out.
    """

    names: Names
    coarser: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)

    def clean(self, value: Any, key: str = "") -> Any:
        """A value without what must not be passed on; ``GONE`` where nothing is left of it."""
        word = key.casefold()
        if word in _OF_RUNS or (_POINTS.search(word) and isinstance(value, list | dict | str)):
            self.left_out.add(key)
            return GONE
        if isinstance(value, dict):
            people = of_people(key) or any(n in self.names.people and not self.names.is_ambiguous(n) for n in value)
            pairs = ((self._key(name, people), self.clean(inner, name)) for name, inner in value.items())
            return {name: inner for name, inner in pairs if name is not GONE and inner is not GONE}
        if isinstance(value, list):
            return [inner for inner in (self.clean(inner, key) for inner in value) if inner is not GONE]
        return self._text(value, word) if isinstance(value, str) else value

    def _key(self, name: str, people: bool) -> Any:
        if people and name in self.names.people:
            return self.names.people[name]
        return self.names.files.get(name) or self._text(name, "")

    def _name(self, text: str, key: str) -> str:
        if text in self.names.people and (of_people(key) or not self.names.is_ambiguous(text)):
            return self.names.people[text]
        if text in self.names.files and (key in OF_FILES or not self.names.is_ambiguous(text)):
            return self.names.files[text]
        return self.names.within(text)

    def _text(self, text: str, key: str) -> Any:
        if key in self.coarser:
            return self.coarser[key].get(text, text)
        new = self._name(text, key)
        # Sentences on people quote them, and a number in quotation marks is somebody, too.
        quoted = any(word in self.names.people for word in re.findall(r"['\"“‘]([^'\"”’]+)['\"”’]", text))
        if is_path(new) or has_date(new) or has_address(new) or (quoted and new == text):
            self.left_out.add(key)
            return GONE
        return new
