"""One vocabulary of apparent expressions for the words of many data sets, and a user's own words in its place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.labels import label_key
from mien.core.samples import Samples
from mien.data.tables.table import listed, read_table

# The common word, and what data sets call it.
EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "neutral": ("neutrality", "neutra", "no expression"),
    "anger": ("angry", "arrabbiato"),
    "disgust": ("disgusted", "disgusto"),
    "fear": ("fearful", "afraid", "scared", "paura"),
    "happiness": ("happy", "joy", "joyful", "smile", "smiling", "allegria"),
    "sadness": ("sad", "tristezza"),
    "surprise": ("surprised", "sorpresa"),
    "contempt": ("contemptuous",),
    "calm": (),
    "other": (),
}
_COMMON = {label_key(word): common for common, words in EXPRESSIONS.items() for word in (common, *words)}
# The columns of data sets that are read by name: in common words, and in the set's own.
LABEL, OWN_LABEL = "label", "own_label"
# What a set's words are called in a mapping that holds for every set.
ANY = ""
# How the note ends that says it of samples whose set no word is about.
UNCHANGED = "and their labels stay as they are."


@dataclass(frozen=True)
class Words:
    """What labels are called.

    Attributes
    ----------
    by_set : dict of str to dict of str to str
        The word for each label, by ``label_key``, of each set by its name in small letters; ``''``: of every set.
    file : str
        Where they were read from; then a set that is named in the file has to have all its labels there. ``''`` where
        they were given one by one. Others stay.
    """

    by_set: dict[str, dict[str, str]]
    file: str = ""

    def of(self, names: Sequence[str]) -> dict[str, str]:
        """Those of a set by all its names, of which later ones go before."""
        found = dict(self.by_set.get(ANY, {}))
        for name in names:
            found |= self.by_set.get(name.casefold(), {})
        return found

    def names(self, names: Sequence[str]) -> bool:
        """Whether a set is named, by any of its names."""
        return any(name.casefold() in self.by_set for name in names)

    def has_all(self, names: Sequence[str]) -> bool:
        """Whether every label of a set has to be there."""
        return bool(self.file) and self.names(names)

    def others(self, names: Iterable[str]) -> list[str]:
        """Sets that are named, but are none of these, in small letters."""
        return sorted({*self.by_set} - {ANY} - {name.casefold() for name in names})


def common_word(word: str) -> str:
    """The common word for a set's own; ``''`` where there is none.

    Examples
    --------
    >>> common_word("Happy"), common_word("wink")
    ('happiness', '')
    """
    return _COMMON.get(label_key(word), "")


def common_words(own: Iterable[str]) -> np.ndarray:
    """The common word for each of a set's own; those without one stay."""
    return np.array([common_word(word) or word for word in own], dtype=object)


def words_of(same: Mapping[str, str] | str | Path) -> Words:
    """What labels are called, from a mapping, a text such as ``'smiling=happiness,bored='``, or a file.

    Parameters
    ----------
    same : mapping, str or Path
        A file is a table with the columns ``set`` (which may be missing or empty: any), ``label`` and ``common``, or
        TOML with a table for each set. ``''`` leaves a label out.

    Raises
    ------
    InputError
        If it is none of these, or gives two words for one label.
    """
    if isinstance(same, Mapping):
        return Words(_collected((ANY, str(label), word, "same") for label, word in same.items()))
    path = Path(same).expanduser()
    if path.is_file():
        rows = _of_toml(path) if path.suffix.lower() == ".toml" else _of_table(path)
        return Words(_collected(rows), str(path))
    text = str(same)
    if "=" not in text:
        raise InputError(
            f"same: there is no file '{text}'. Give a table with the columns set, label and common, a TOML file with a "
            "table for each set, or the words themselves: 'smiling=happiness,bored='."
        )
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    wrong = ["".join(part) for part in parts if not (part[1] and part[0].strip()) or "=" in part[2]]
    if wrong:
        raise InputError(f"same is written LABEL=WORD, with commas between several, but got '{wrong[0].strip()}'.")
    return Words(_collected((ANY, label.strip(), word.strip(), "same") for label, _, word in parts))


def words_by_set(tables: Mapping[str, Mapping[str, str]], where: str) -> Words:
    """What labels are called, from a table of words for each set.

    Parameters
    ----------
    tables : mapping of str to mapping of str to str
    where : str
        Where they stand, for refusals.
    """
    return Words(_collected((name, str(k), word, where) for name, words in tables.items() for k, word in words.items()))


def in_common_words(samples: Samples, words: Words, names: Sequence[str]) -> Samples:
    """Samples whose labels are called as ``words`` say; the column ``own_`` + name keeps what they were called.

    Parameters
    ----------
    samples : Samples
    words : Words
    names : sequence of str
        Of the data set, or of the table without its ending and others; the last is the one that it is called by.

    Raises
    ------
    InputError
        If a file names the set and not all labels of a column, none of the labels is there, or none is left.
    """
    meant, name = words.of(names), names[-1] if names else ""
    if not meant:
        return _as_they_are(samples, words, names)
    labels, found = dict(samples.labels), False
    for column, values in samples.labels.items():
        if column.startswith("own_"):
            continue
        own = f"own_{column}"
        # A set that was put into common words is called anew from its own.
        given = samples.labels.get(own, values)
        called = np.array([meant.get(label_key(v)) if v else "" for v in given], dtype=object)
        if not any(v and new is not None for v, new in zip(given, called, strict=True)):
            continue
        found = True
        unnamed = Counter(v for v, new in zip(given, called, strict=True) if new is None)
        if unnamed and words.has_all(names):
            label, rows = next(iter(unnamed.items()))
            raise InputError(
                f"{words.file}: '{label}' ({rows} rows of {name or 'the samples'}, column '{column}') has no common "
                f"word. Add it; an empty word leaves it out. Named so far: {listed(sorted(meant))}."
            )
        labels[own] = given
        labels[column] = np.array([v if new is None else new for v, new in zip(values, called, strict=True)], object)
    if not found and (words.has_all(names) or not words.file):
        columns = "; ".join(f"{column}: {listed(sorted(set(v) - {''}), 8)}" for column, v in samples.labels.items())
        raise InputError(
            f"{words.file or 'same'}: none of the labels that it names ({listed(sorted(meant), 8)}) is in "
            f"{name or 'the samples'}. There are: {columns or 'no labels'}."
        )
    emptied = [column for column in labels if f"own_{column}" in labels and not (labels[column] != "").any()]
    if found and emptied and len(emptied) == sum(f"own_{column}" in labels for column in labels):
        raise InputError(
            f"{words.file or 'same'} leaves out every label of {name or 'the samples'} (column '{emptied[0]}': "
            f"{listed(sorted(set(labels[f'own_{emptied[0]}']) - {''}), 8)}); name a word for those that are to stay."
        )
    return replace(samples, labels=labels) if found else _as_they_are(samples, words, names)


def _as_they_are(samples: Samples, words: Words, names: Sequence[str]) -> Samples:
    """Samples that no word is about, with a note that says what they are called."""
    if not words.file:
        return samples
    others = words.others(names)
    what = f"names words for {listed(others, 8)}" if others else "holds no word for them"
    called = " or ".join(f"'{name}'" for name in dict.fromkeys(names[::-1]))
    note = f"{words.file} {what}; these samples are called {called} there, {UNCHANGED}"
    return replace(samples, notes=(*samples.notes, note))


def _collected(rows: Any) -> dict[str, dict[str, str]]:
    """Words by set and label, from (set, label, word, where it stands)."""
    found: dict[str, dict[str, str]] = {}
    for name, label, word, where in rows:
        if not isinstance(word, str):
            raise InputError(f"{where}: the word for '{label}' has to be text, but is {word!r}.")
        of_set = found.setdefault(name.strip().casefold(), {})
        if of_set.setdefault(label_key(label), word.strip()) != word.strip():
            raise InputError(
                f"{where}: '{label}' has two common words, '{of_set[label_key(label)]}' and '{word.strip()}'; keep one."
            )
    return found


def _of_table(path: Path) -> list[tuple[str, str, str, str]]:
    table = read_table(path)
    label, common = table.need("label", "the word of the data set"), table.need("common", "what it is to be called")
    name = table.columns.get("set", np.full(len(table), ANY, dtype=object))
    return [(str(s), str(a), str(b), str(path)) for s, a, b in zip(name, label, common, strict=True)]


def _of_toml(path: Path) -> list[tuple[str, str, Any, str]]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable TOML ({error}).") from error
    tables = {key: value for key, value in read.items() if isinstance(value, dict)}
    anywhere = {key: value for key, value in read.items() if key not in tables}
    return [
        (name, label, word, str(path))
        for name, words in {**tables, ANY: anywhere}.items()
        for label, word in words.items()
    ]
