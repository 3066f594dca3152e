"""Populations read for a study: one table with a column that names them, or a source for each; one set of classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.labels import label_key
from mien.core.people.keys import person_key
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.core.words import listed
from mien.data.samples import read_ready_faces, read_samples, set_names
from mien.data.shards import read_faces
from mien.data.vocabulary import UNCHANGED, Words, in_common_words, words_by_set, words_of
from mien.studies.stages import Run

REFUSE, LEAVE_OUT, OTHERS = "refuse", "leave out", "other people"
# In 'populations.same' this is no class, but names a file with the words of several data sets.
WORDS_FILE = "file"
# A class is compared where each population shows it in so many people.
LEAST_PEOPLE = 4
_CONDITION = re.compile(r"(.+?)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_COMPARED: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
}  # fmt: skip


class PopulationsRun(Run):
    """A study whose samples are those of all populations, ``Samples.group`` saying which is whose."""

    @property
    def source(self) -> str:
        """The samples in a word."""
        return ", ".join(self._sources.values())

    @property
    def _sources(self) -> dict[str, str]:
        """By population; the key is '' where a column names them."""
        given, several = self.settings["samples"]["source"], self.settings["populations"]["sources"]
        if bool(given) == bool(several):
            raise InputError(
                "study.toml: give 'samples.source' (one table with a column that names the population) or "
                f"'populations.sources' (a source for each), not {'both' if given else 'neither'}."
            )
        if given:
            return {"": self.spec(given)}
        wrong = [name for name, place in several.items() if not isinstance(place, str)]
        if wrong or len(several) < 2:
            raise InputError(
                "study.toml: 'populations.sources' names two populations or more, such as { adults = \"london\", "
                'others = "table.csv" }.'
            )
        return {name: self.spec(place) for name, place in several.items()}

    @property
    def same(self) -> str:
        """The file that says what labels are called, ``''`` for none."""
        file = self.settings["populations"]["same"].get(WORDS_FILE, "")
        return str(self.place(str(file))) if file else ""

    @cached_property
    def _read(self) -> dict[str, Samples]:
        asked = self.settings["samples"]
        names = ("labels", "columns", "missing", "subject_pattern")
        found, called = {}, {}
        for name, source in self._sources.items():
            own = Path(source).is_dir() or Path(source).is_file()
            found[name] = read_samples(source, **{key: asked[key] for key in names if asked[key] and own})
            called[name] = (*set_names(source), *([name] if name else []))
        known = dict.fromkeys(one for every in called.values() for one in every)
        for words in self._words:
            if unknown := words.others(known):
                sentence = (
                    f"{words.file or 'study.toml: populations.same'} has words for {listed(unknown)}, but the "
                    f"populations and their tables here are called {listed([*known])}."
                )
                if not words.file:
                    raise InputError(sentence)
                self.say(sentence)
            found = {name: in_common_words(part, words, called[name]) for name, part in found.items()}
        return found

    @property
    def _words(self) -> list[Words]:
        """What labels are called, from a file and from tables of single populations."""
        given = {name: words for name, words in self.settings["populations"]["same"].items() if isinstance(words, dict)}
        found = [words_of(self.same)] if self.same else []
        return [*found, *([words_by_set(given, "study.toml, populations.same")] if given else [])]

    @cached_property
    def samples(self) -> Samples:
        """Samples of all populations with the classes that they share."""
        settings = self.settings["populations"]
        same = {key: value for key, value in settings["same"].items()
                if key != WORDS_FILE and not isinstance(value, dict)}  # fmt: skip
        parts = {name: _one_vocabulary(part, self.target, same) for name, part in self._read.items()}
        rule = settings["people_in_several"]
        if "" in parts:
            samples = _by_column(parts[""], settings["column"])
            samples = _only(samples, settings["names"])
            subject, kept = people_apart(samples.subject, group_of(samples), rule, self.say)
            samples = replace(samples, subject=subject)[kept]
        else:
            samples = _only(joined_samples(parts, rule, self.say), settings["names"])
        return _shared_classes(samples, self.target, self.say)

    @property
    def group(self) -> np.ndarray:
        """Population of each sample."""
        return group_of(self.samples)

    @property
    def target(self) -> str:
        """Column with the classes."""
        found: str = self.settings["samples"]["target"]
        return found

    @cached_property
    def populations(self) -> tuple[str, ...]:
        """Names, in the order in which they come."""
        return tuple(dict.fromkeys(self.group.tolist()))

    @cached_property
    def faces(self) -> Faces:
        """Faces of all populations: ready ones, or extracted now."""
        given = self.settings["samples"]["faces"]
        if given:
            return read_faces(self.place(given))
        ready = {name: read_ready_faces(source) for name, source in self._sources.items()}
        found = [
            part if name == "" else replace(part, source=_placed(part.source, name, self._read[name]))
            for name, part in ready.items() if part is not None
        ]  # fmt: skip
        lacking = [name for name, part in ready.items() if part is None]
        if lacking:
            from mien.faces.extract import extract

            self.say("faces ...")
            rows = np.isin(self.group, lacking) if lacking != [""] else slice(None)
            extract(self.samples[rows].files(), self.folder)
            found.append(read_faces(self.folder))
        return Faces.concat(found) if len(found) > 1 else found[0]


def _placed(paths: np.ndarray, name: str, samples: Samples) -> np.ndarray:
    """Paths that are no other population's: below their own folder, or below the population's name."""
    root = str(samples.root) if samples.root is not None else name
    return np.array([str(Path(root) / str(path)) for path in paths], dtype=object)


def group_of(samples: Samples) -> np.ndarray:
    """Population of each sample."""
    if samples.group is None:
        raise InputError(f"{samples.name or 'The samples'}: it is not known which population each row is of.")
    return samples.group


def joined_samples(parts: dict[str, Samples], rule: str, say: Callable[[str], None]) -> Samples:
    """Samples of several sources, each a population; labels that all have are kept."""
    shared = sorted(set.intersection(*(set(part.labels) for part in parts.values())))
    group = np.concatenate([np.full(len(part), name, dtype=object) for name, part in parts.items()])
    # Before spellings are joined: '1' of one source and '001' of another are one only if the rule says so.
    subject, kept = people_apart(np.concatenate([part.subject for part in parts.values()]), group, rule, say)
    labels = {name: np.concatenate([part.labels[name] for part in parts.values()])[kept] for name in shared}
    return Samples(
        path=np.concatenate([_placed(part.path, name, part) for name, part in parts.items()])[kept],
        subject=subject[kept],
        labels=labels,
        group=group[kept],
        name="; ".join(dict.fromkeys(part.name for part in parts.values())),
        licence="; ".join(dict.fromkeys(part.licence for part in parts.values() if part.licence)),
        credit="; ".join(dict.fromkeys(part.credit for part in parts.values() if part.credit)),
        notes=tuple(f"{name}: {note}" for name, part in parts.items() for note in part.notes),
        synthetic=all(part.synthetic for part in parts.values()),
    )


def _only(samples: Samples, names: list[str]) -> Samples:
    """Samples of some populations; of all where none is named."""
    group = group_of(samples)
    unknown = sorted(set(names) - set(group))
    if unknown:
        raise InputError(
            f"study.toml: 'populations.names' names '{unknown[0]}'; there are: {listed(sorted(set(group)))}."
        )
    return samples[np.isin(group, names)] if names else samples


def _one_vocabulary(samples: Samples, target: str, same: dict[str, Any]) -> Samples:
    """The samples with ``target`` in the study's words: labels renamed, ratings cut by conditions."""
    wrong = [key for key, value in same.items() if not isinstance(value, str)]
    if wrong:
        raise InputError(
            f"study.toml: 'populations.same' gives text for '{wrong[0]}', such as \"smile\", or names a population and "
            'its words, such as { adults = { still = "neutral" } }.'
        )
    conditions = {key: found for key in same if (found := _CONDITION.fullmatch(key))}
    applied = {key: found for key, found in conditions.items() if found[1] in samples.ratings}
    if target in samples.labels:
        renamed = {label_key(key): value for key, value in same.items() if key not in conditions}
        label = np.array([renamed.get(label_key(v), v) for v in samples.labels[target]], dtype=object)
    elif applied:
        label = np.full(len(samples), "", dtype=object)
    elif target in samples.ratings:
        raise InputError(
            f"{samples.name or 'The samples'}: '{target}' holds numbers. Say in 'populations.same' which of them mean "
            f'a class, such as {{ "{target} > 65" = "smile", "{target} < 30" = "neutral" }}.'
        )
    else:
        label = samples.target(target)
    for key, found in applied.items():
        holds = _COMPARED[found[2]](samples.ratings[found[1]], float(found[3]))
        label = np.where(holds, same[key], label)
    return replace(samples, labels={**samples.labels, target: label})


def _by_column(samples: Samples, column: str) -> Samples:
    """Samples whose population stands in a column; those without one are left out."""
    values = np.array([str(value) for value in samples.target(column)], dtype=object)
    return replace(samples, group=values)[values != ""]


def people_apart(
    subject: np.ndarray, group: np.ndarray, rule: str, say: Callable[[str], None]
) -> tuple[np.ndarray, np.ndarray]:
    """Names under which nobody is in two populations, and which rows are kept; spellings of one name are one.

    Raises
    ------
    InputError
        If somebody is, and the rule is to refuse.
    """
    groups: dict[str, set[str]] = {}
    keys = np.array([person_key(str(name)) for name in subject], dtype=object)
    for key, name, population in zip(keys, subject, group, strict=True):
        if not is_own(name):
            groups.setdefault(key, set()).add(population)
    several = {key for key, found in groups.items() if len(found) > 1}
    if several and rule == REFUSE:
        raise InputError(
            f"{len(several)} names of people are in several populations. If they are the same people, set "
            f"'populations.people_in_several' in study.toml to \"{LEAVE_OUT}\"; if other people have the same names, "
            f'to "{OTHERS}".'
        )
    if rule == LEAVE_OUT:
        if several:
            say(f"{len(several)} people are in several populations and were left out.")
        return subject, ~np.isin(keys, list(several))
    names = [f"{population}: {name}" if key in several else name
             for key, name, population in zip(keys, subject, group, strict=True)]  # fmt: skip
    return np.array(names, dtype=object), np.ones(len(subject), dtype=bool)


def _shared_classes(samples: Samples, target: str, say: Callable[[str], None]) -> Samples:
    """Samples of the classes that every population shows in enough people."""
    label, group = samples.target(target).astype(str), group_of(samples).astype(str)
    names = list(dict.fromkeys(group))
    if len(names) < 2:
        raise InputError(f"Populations are compared, but there is only one: {names[0] if names else 'none'}.")
    people = {
        (name, value): len(set(samples.subject[(group == name) & (label == value)]))
        for name in names for value in set(label) - {""}
    }  # fmt: skip
    every = sorted({value for _, value in people})
    shared = [value for value in every if all(people[name, value] >= LEAST_PEOPLE for name in names)]
    if len(shared) < 2:
        rows = {name: Counter(label[group == name].tolist()) for name in names}
        counts = "; ".join(
            f"{name}: {', '.join(f'{value} {count}' for value, count in rows[name].items() if value)}" for name in names
        )
        raise InputError(
            f"The populations share {len(shared)} classes that at least {LEAST_PEOPLE} people of each show, but two "
            f"are needed. Samples by class: {counts}. Classes that mean the same are named in 'populations.same'."
            + "".join(f" {note}" for note in samples.notes if note.endswith(UNCHANGED))
        )
    left = [f"'{value}'" for value in every if value not in shared]
    if left:
        say(f"classes left out, as not every population shows them in {LEAST_PEOPLE} people: {listed(left)}.")
    return samples[np.isin(label, shared)]
