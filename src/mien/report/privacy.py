"""What a drawing or a page shows of people: no face, no name and no place on the disk unless they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from mien.core.evidence import Evidence
from mien.explain.aggregate import Summary

# A mean over fewer people can be matched with other pictures of one of them: docs/privacy.md has the measurement.
FEWEST_IN_A_MEAN = 8
SHOW_FACES, SHOW_NAMES = "--show-faces (Python: show_faces=True)", "--show-names (Python: show_names=True)"

# A path from a root, a home or a drive; not the slash within "km/h", a link or a list such as "yes/no".
_PATH = re.compile(
    r"(?<![\w.:/\\~-])(?:~|[A-Za-z]:)?(?:[\\/][^\s\\/'\"<>|:;,()]+){2,}[\\/]?|(?<![\w])file://[^\s'\"<>]+"
)
# Words that would be lost as names: lower-case letters only, or digits only, are taken for names in quotation marks.
_PLAIN = re.compile(r"[a-z]+|[\d.]+")


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

    def sample(self, name: str, subject: str = "") -> str:
        """A sample as it may be called: its file's name, or its number and its person's."""
        if self.names:
            return PurePath(name).name
        person = self.people.get(subject)
        return f"{self.samples.get(name, 'a sample')}{f' of {person}' if person else ''}"


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
    return _PATH.sub(lambda found: re.split(r"[\\/]", found[0].rstrip("\\/"))[-1], text)


def name_remover(privacy: Privacy, kept: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that puts numbers for the names of samples and people into texts, and cuts paths.

    Parameters
    ----------
    shown : Privacy
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
    ordinary = {name for name in instead if _PLAIN.fullmatch(name)}
    by_length = sorted(instead, key=len, reverse=True)
    quoted = _any_of(by_length, r"(?<=['\"“‘])", r"(?=['\"”’])")
    bare = _any_of([name for name in by_length if name not in ordinary], r"(?<![\w./\\-])", r"(?![\w/\\-])")

    def remove(text: str) -> str:
        for pattern in (quoted, bare):
            if pattern is not None:
                text = pattern.sub(lambda found: instead[found[0]], text)
        return without_paths(text)

    return remove


def _any_of(names: list[str], before: str, after: str) -> re.Pattern[str] | None:
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, names))}){after}") if names else None


def cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """Nested lists, tuples and dicts with every plain text cleaned; drawings, which are markup, stay."""
    if type(value) is str:
        return clean(value)
    if isinstance(value, dict):
        return {clean(key) if type(key) is str else key: cleaned(inner, clean) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(cleaned(inner, clean) for inner in value)
    return value
