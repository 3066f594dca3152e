"""A small study on disk, run undisturbed once: what every verb starts from and what it has to give."""

import atexit
import functools
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.contents import contents
from benchmarks.faults.forked import Interruption, mien
from benchmarks.faults.verbs import Verb, given, verbs


@dataclass(frozen=True)
class Known:
    """What is known of a verb from undisturbed runs.

    Attributes
    ----------
    verb : Verb
    seconds : float
        Of a run from nothing.
    calls : int
        By which it writes, from nothing.
    older : dict of str to str, or None
        What an earlier run with other settings leaves, as ``contents``; None for verbs that have none.
    new, over : dict of str to str
        What a run from nothing leaves, and one over the older result: the same, and drawings of the older one.
    """

    verb: Verb
    seconds: float
    calls: int
    older: dict[str, str] | None
    new: dict[str, str]
    over: dict[str, str]


class Unsound(Exception):
    """An undisturbed run fails, or two of them differ: then nothing can be said about disturbed ones."""


class SmallStudy:
    """The study in ``place/here``: always in this folder, as paths are among what is stored."""

    def __init__(self, place: Path, *, subjects: int = 6, quick: bool = False) -> None:
        self.here, self.whole, self._older = place / "here", place / "whole", place / "older"
        self.here.mkdir(parents=True)
        self.known = [self._undisturbed(verb) for verb in verbs(self.here, subjects=subjects, quick=quick)]
        shutil.copytree(self.here, self.whole)
        self.wanted = contents(self.here)

    def _undisturbed(self, verb: Verb) -> Known:
        older, over = None, {}
        if verb.older != verb.words or verb.name == "study run":
            given(self.here, verb.name, older=True)
            self._fine(verb.older)
            older = self._kept(verb)
            given(self.here, verb.name)
            self._fine(verb.words)
            over = self.written(verb)
            self._without(verb)
        given(self.here, verb.name)
        ended = self._fine(verb.words)
        found = self.written(verb)
        if older is None:
            return Known(verb, ended.seconds, ended.calls, None, found, found)
        if found != {name: mark for name, mark in over.items() if name in found or "/overlays/" not in name}:
            raise Unsound(f"{verb.name} over an older result differs: {differing(found, over)}")
        return Known(verb, ended.seconds, ended.calls, older, found, over)

    def _fine(self, words: tuple[str, ...]):
        ended = mien(list(words), interruption=Interruption(str(self.here)))
        if ended.code:
            raise Unsound(
                f"without any disturbance mien {' '.join(words)} ended with {ended.code}: {ended.said[-800:]}"
            )
        return ended

    def _kept(self, verb: Verb) -> dict[str, str]:
        for name in verb.writes:
            source, target = self.here / name, self._older / verb.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        return self.written(verb)

    def _without(self, verb: Verb) -> None:
        for name in verb.writes:
            path = self.here / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def restore(self) -> None:
        """The whole study as undisturbed runs left it."""
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(self.whole, self.here)

    def start(self, verb: Verb, over_older: bool) -> None:
        """The whole study, but of this verb nothing, or an older result."""
        self.restore()
        self._without(verb)
        if over_older and verb.writes:
            shutil.copytree(self._older / verb.name, self.here, dirs_exist_ok=True)
        given(self.here, verb.name)

    def written(self, verb: Verb) -> dict[str, str]:
        """What lies where a verb writes."""
        return {name: mark for name, mark in contents(self.here).items() if belongs(name, verb.writes)}


@functools.cache
def quick_study() -> SmallStudy:
    """The smallest study, made once for all parts of a quick campaign."""
    place = Path(tempfile.mkdtemp(prefix="mien-faults-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return SmallStudy(place / "study", subjects=4, quick=True)


def belongs(name: str, places: tuple[str, ...]) -> bool:
    """Whether a file is one of some files or lies in one of some folders."""
    return any(name == place or name.startswith(f"{place}/") for place in places)


def differing(one: dict[str, str], other: dict[str, str]) -> str:
    """Names of files that differ, at most five."""
    odd = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return ", ".join(odd[:5])
