"""Files of a data set, whatever folders they were unpacked into, and the samples that a reader makes of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.people.unknown import own_person, unknown_among
from mien.core.samples import Samples
from mien.data.media import pictures, video
from mien.data.sets.cards import card_of
from mien.data.tables.table import listed
from mien.data.vocabulary import LABEL, OWN_LABEL, common_words

PICTURES, VIDEOS = pictures.SUFFIXES, video.SUFFIXES
# What systems leave in folders, beside names that begin with a dot.
_LEFT_BY_SYSTEMS = {"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"}
_FOLDERS_OF_SYSTEMS = {"__macosx", "@eadir", "$recycle.bin", "system volume information"}
_ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
# So many names of a kind are shown.
_NAMED = 3
_UNNAMED = ", which are not named here, as people's names stand in them"
# Letters of a person's code, which may mean "no answer" elsewhere.
_INITIALS = 3


@dataclass(frozen=True)
class Entry:
    """One sample as the set has it.

    Attributes
    ----------
    path : str
        Below the folder, with ``/``.
    label : str
        The set's own word; ``''`` for none.
    subject : str
        ``''`` where nobody says who is shown.
    more : dict of str to str
        Further labels.
    numbers : dict of str to float
        Ratings.
    """

    path: str
    label: str
    subject: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


class Finding:
    """The files below a data set's folder, and those that were passed over, with why.

    Parameters
    ----------
    name : str
        Row of the data set.
    folder : Path

    Raises
    ------
    InputError
        If there is no such folder, or it cannot be read.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.card = name, folder, card_of(name)
        if not folder.is_dir():
            what = "is a file, not a folder" if folder.exists() else "does not exist"
            raise InputError(f"The data set '{name}' is not here: {folder} {what}. {self.expected()}")
        self.passed: dict[str, list[str]] = {}
        self.files = sorted(_files_below(folder, self._refused), key=_natural)

    def expected(self) -> str:
        """What should lie in the folder."""
        lines = [" ".join(line.split()) for line in self.card.tree.splitlines() if "PATH/" in line[:10]]
        return f"Give as '{self.name}:PATH' a folder with {'; '.join(lines)}. More: mien datasets {self.name}"

    def ending(self, suffixes: Iterable[str]) -> Iterator[str]:
        """Files with these endings that hold anything."""
        wanted = frozenset(suffixes)
        for path in self.files:
            if Path(path).suffix.lower() in wanted:
                if _is_empty(self.folder / path):
                    self.pass_over("empty files", path)
                else:
                    yield path

    def named(self, *names: str) -> list[str]:
        """Files of one of these names, in any case."""
        return [path for path in self.files if path.rpartition("/")[2].casefold() in names]

    def _refused(self, error: OSError) -> None:
        place = Path(os.fsdecode(error.filename))
        if place == self.folder:
            raise InputError(f"{place} cannot be read ({error.strerror}).") from error
        self.pass_over(f"folders that cannot be read ({error.strerror})", place.relative_to(self.folder).as_posix())

    def pass_over(self, why: str, name: str) -> None:
        """Leave a file out; ``why`` is what such files are, in the plural."""
        self.passed.setdefault(why, []).append(name)

    def samples(self, entries: Iterable[Entry], notes: tuple[str, ...] = ()) -> Samples:
        """The samples, with the labels in common words and in the set's own.

        Raises
        ------
        InputError
            If there are none; the message shows what should be there and what is.
        """
        kept = sorted(entries, key=lambda entry: _natural(entry.path))
        if not kept:
            raise InputError(f"{self.folder}: {self._nothing()} {self.expected()}")
        own = [entry.label for entry in kept]
        more = dict.fromkeys(name for entry in kept for name in entry.more)
        numbers = dict.fromkeys(name for entry in kept for name in entry.numbers)
        labels = {LABEL: common_words(own), OWN_LABEL: own}
        labels |= {name: [entry.more.get(name, "") for entry in kept] for name in more}
        unknown = sum(not entry.subject for entry in kept)
        subjects = _certain([entry.subject for entry in kept], self.name)
        return Samples(
            path=np.array([entry.path for entry in kept], dtype=object),
            subject=np.array([s or own_person(e.path) for s, e in zip(subjects, kept, strict=True)], dtype=object),
            labels={name: np.array(values, dtype=object) for name, values in labels.items()},
            ratings={name: np.array([entry.numbers.get(name, np.nan) for entry in kept]) for name in numbers},
            root=self.folder.resolve(),
            name=self.card.title,
            licence=f"{self.card.licence}. {self.card.access}",
            credit=self.card.citation,
            notes=(*notes, *self._who(unknown, len(kept)), *self._passed()),
        )

    def _who(self, unknown: int, rows: int) -> tuple[str, ...]:
        if self.card.people == "known" or (self.card.people == "partly" and not unknown):
            return () if self.card.people == "known" else (f"{self.card.title}: {self.card.subjects}",)
        return (f"{self.card.title}: {self.card.subjects} ({unknown} of {rows} rows.)",)

    def _passed(self) -> tuple[str, ...]:
        return tuple(
            f"{self.card.title}: passed over {why} ({len(names)})"
            f"{_UNNAMED if self.card.private else f': {listed(names, _NAMED)}'}."
            for why, names in self.passed.items()
        )

    def _nothing(self) -> str:
        """What lies in the folder in place of the set."""
        tops = sorted({path.split("/")[0] for path in self.files})
        there = f"it holds {len(self.files)} files in {listed(tops, 5)}" if self.files else "it holds no files"
        packed = [path for path in self.files if Path(path).suffix.lower() in _ARCHIVES]
        there += f"; unpack {listed(packed, _NAMED)} there" if packed else ""
        return " ".join([f"there are no samples of the data set '{self.name}'; {there}.", *self._passed()])


def _certain(subjects: list[str], name: str) -> list[str]:
    """Codes of people such that none looks like one for nobody, as JAFFE's NA and KA do, at least among few others."""
    doubt = unknown_among(subject for subject in subjects if subject)
    initials = any(subject.isalpha() and len(subject) <= _INITIALS for subject in subjects)
    return [f"{name} {s}" if s else s for s in subjects] if initials or doubt.sure or doubt.doubtful else subjects


def _files_below(folder: Path, refused: Callable[[OSError], None]) -> Iterator[str]:
    for at, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [n for n in folders if n.casefold() not in _FOLDERS_OF_SYSTEMS and not n.startswith(".")]
        below = Path(at).relative_to(folder).as_posix()
        for name in names:
            if not name.startswith(".") and name.casefold() not in _LEFT_BY_SYSTEMS:
                yield name if below == "." else f"{below}/{name}"


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except OSError:
        return True


def _natural(path: str) -> list[tuple[int, str]]:
    """Order of paths in which 2 comes before 10."""
    return [(len(part), part) if part.isdigit() else (0, part) for part in path.replace(".", "/").split("/")]
