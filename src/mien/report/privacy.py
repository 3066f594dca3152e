"""What a drawing or a page shows of people: no face, no name and no place on the disk unless they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import PurePath
from typing import Any
from xml.sax.saxutils import escape

from mien.atlas.summary import Summary
from mien.core.evidence import Evidence
from mien.core.names import invisible
from mien.core.people.keys import person_key

# A mean over fewer people can be matched with other pictures of one of them: docs/privacy.md has the measurement.
FEWEST_IN_A_MEAN = 8
SHOW_FACES, SHOW_NAMES = "--show-faces (Python: show_faces=True)", "--show-names (Python: show_names=True)"

# Paths from a root, a home, a drive or a server; not the slash in "km/h", a link, or "models/net". In quotation marks,
# and where there is nothing else, they may hold blanks.
_ROOT = r"(?:file://)?(?:~|[A-Za-z]:|[\\/])?[\\/]"
_PART = r"[^\s\\/'\"<>|:;,()]+"
_PATHS = (
    re.compile(rf"^{_ROOT}[^\\/\n,;:]+(?:[\\/][^\\/\n,;:]+)*[\\/]?$"),
    re.compile(rf"(?<=['\"]){_ROOT}[^'\"<>|\n]+(?=['\"])"),
    re.compile(rf"(?<![\w.:/\\~-]){_ROOT}(?:{_PART}[\\/])+{_PART}?|(?<![\w.:/\\~-]){_ROOT}[\w-]+\.\w+"),
)
_BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]+(?=<)")
# Words that would be lost as names: letters only, or digits only, are taken for names where they stand alone.
_QUOTED = re.compile(r"(?<=['\"“‘])[^'\"“”‘’]+(?=['\"”’])")
# One person's spellings once they are all called alike.
_SPELLINGS = re.compile(r"'(person \d+)'(?:(?:,| and) '\1')+")
_PLAIN = re.compile(r"[^\W\d_]+|[\d.]+")


@dataclass(frozen=True)
class Privacy:
    """What may be shown of people.

    Attributes
    ----------
    faces : bool
        Pictures of single people, and means over few.
    names : bool
        File names and names of people as they are.
    samples, people : dict of str to str
        What samples and people are called instead of their names, such as ``'sample 3'`` and ``'person 2'``.
    """

    faces: bool = False
    names: bool = False
    samples: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    def about(self, evidence: Evidence) -> Privacy:
        """For drawings of some evidence: the faces of synthetic people, who are nobody, may be seen."""
        return replace(self, faces=self.faces or bool(evidence.settings.get("synthetic")))

    def sample(self, name: str, subject: str = "") -> str:
        """A sample as it may be called: its file's name, or its number and its person's."""
        if self.names:
            return PurePath(name).name
        person = self.people.get(subject)
        known = self.samples.get(name, f"row {name}" if name.isdigit() else "a sample")
        return f"{known}{f' of {person}' if person else ''}"


def privacy_of(
    samples: Iterable[str], people: Iterable[str], *, faces: bool = False, names: bool = False
) -> Privacy:  # fmt: skip
    """Numbers instead of names: samples in the order given, people in the order of their names."""
    return Privacy(
        faces,
        names,
        {name: f"sample {i}" for i, name in enumerate(dict.fromkeys(s for s in samples if s), 1)},
        {name: f"person {i}" for i, name in enumerate(sorted({p for p in people if p}), 1)},
    )


def privacy_of_evidence(evidence: Evidence, *, faces: bool = False, names: bool = False) -> Privacy:
    """The same for the samples and people of some evidence."""
    return privacy_of(evidence.sample, evidence.subject, faces=faces, names=names)


def few_people(summary: Summary, faces: bool) -> str:
    """Why a mean over pictures is not drawn; ``''`` where it may be."""
    if faces or summary.samples < 2 or (summary.subjects or 0) >= FEWEST_IN_A_MEAN:
        return ""
    few = "how many people it shows is not known" if summary.subjects is None else f"it is one of {summary.subjects}"
    return (
        f"The mean over pictures is not drawn: {few}, and means over fewer than {FEWEST_IN_A_MEAN} people can look "
        f"like one of them. It is drawn with {SHOW_FACES}."
    )


def without_paths(text: str) -> str:
    """The text with the last part only of every absolute path in it."""
    for pattern in _PATHS:
        text = pattern.sub(lambda found: re.split(r"[\\/]", found[0].rstrip("\\/"))[-1], text)
    return text


def name_remover(privacy: Privacy, kept: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that puts numbers for the names of samples and people into texts, and cuts paths.

    Parameters
    ----------
    privacy : Privacy
        With ``names`` only paths are cut.
    kept : iterable of str
        Words that are no names, whoever may be called so: classes, ratings, models.
    """
    if privacy.names:
        return without_paths
    instead = {name: alias for known in (privacy.people, privacy.samples) for name, alias in known.items()}
    for name, alias in privacy.samples.items():
        instead.setdefault(PurePath(name).name, alias)
        instead.setdefault(PurePath(name).stem, alias)
    for word in [word for word in kept if word in instead]:
        del instead[word]
    by_length = sorted(instead, key=len, reverse=True)
    quoted = _any_of(by_length, r"(?<=['\"“‘])", r"(?=['\"”’])")
    unusual = [name for name in by_length if not _PLAIN.fullmatch(name)]
    bare = _any_of(unusual, r"(?<![\w./\\-])", r"(?![\w/\\-])")
    alone = {name for name in instead if not re.fullmatch(r"[\d.]+", name)}
    # Other spellings of a person's name, which notes quote where they were joined.
    spelt = {person_key(name): alias for name, alias in privacy.people.items() if name in instead}

    def remove(text: str) -> str:
        text = ", ".join(instead[item] if item in alone else item for item in text.split(", "))
        for pattern in (quoted, bare):
            if pattern is not None:
                text = pattern.sub(lambda found: instead[found[0]], text)
        text = _QUOTED.sub(lambda found: spelt.get(person_key(invisible(found[0])), found[0]), text)
        text = _SPELLINGS.sub(r"'\1' in several spellings", text)
        return without_paths(text)

    return remove


def cleaned_drawing(svg: str, clean: Callable[[str], str]) -> str:
    """A drawing whose words and title are cleaned; its attributes, which hold places and sizes, stay.

    Parameters
    ----------
    svg : str
        As ``mien.report.draw`` writes it: what comes from data is escaped.
    clean : callable
        For texts, such as that of ``name_remover``.
    """
    return _BETWEEN_TAGS.sub(lambda found: escape(clean(unescape(found[0]))), svg)


def _any_of(names: list[str], before: str, after: str) -> re.Pattern[str] | None:
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, names))}){after}") if names else None


def cleaned(value: Any, usual: Callable[[str], str], strict: Callable[[str], str], at: Iterable[str]) -> Any:
    """Nested lists, tuples and dicts with every plain text cleaned; drawings, which are markup, stay.

    Parameters
    ----------
    value : nested lists, tuples and dicts
    usual, strict : callable
        For texts, and for those below one of the keys ``at``.
    at : iterable of str
    """
    if type(value) is str:
        return usual(value)
    if isinstance(value, dict):
        return {
            usual(key) if type(key) is str else key: cleaned(inner, strict if key in at else usual, strict, at)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(cleaned(inner, usual, strict, at) for inner in value)
    return value
