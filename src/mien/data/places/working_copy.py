"""Working copies: what a verb reads of places is brought here, and what it made is put back when it is finished."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from mien.core.errors import MienError, PlaceError
from mien.data.media.pictures import SUFFIXES as PICTURES
from mien.data.places.address import holds_place, split_set
from mien.data.places.lock import LOCKS, locked
from mien.data.places.mirror import AT_ONCE, Mirror
from mien.data.places.place import Listed, Place, State, place_or_path

# Facts of a whole study, which parts of it are written beside; what stands last is written last.
STUDY_FILES = ("study.toml", "parts.json", "steps.json", "provenance.json")
# Pictures of extraction for people; no verb reads them.
UNREAD = "overlays"
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")


@contextmanager
def working_copies(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Arguments of a verb with local copies instead of places; in the end, what is new or changed is put back.

    Parameters
    ----------
    given : dict
        Values of any kind; addresses are texts and paths, also in lists and dicts and behind the name of a data set
        (``'ck+:s3://...'``).

    Yields
    ------
    dict

    Raises
    ------
    PlaceError
        If a place does not answer or refuses; if somebody changed there what would be written over. What was computed
        stays in the cache then, and the same command goes on from there.
    """
    copies = WorkingCopies()
    try:
        local = {name: _mapped(value, copies.here) for name, value in given.items()}
        try:
            yield local
        except Exception:
            # Finished parts are as good as those of a run that goes on; typer's exit is an exception, too.
            copies.put_back()
            raise
        copies.put_back()
    finally:
        copies.close()


@contextmanager
def working_copy(uri: str | Place) -> Iterator[Path]:
    """A local copy of one place, to be read and written; put back when the block ends.

    Parameters
    ----------
    uri : str or Place
        Folder or file; one that does not exist yet is made.

    Yields
    ------
    Path
    """
    with working_copies({"uri": str(uri)}) as local:
        yield Path(local["uri"])


class WorkingCopies:
    """The working copies of one run of a verb."""

    def __init__(self) -> None:
        self._mirror = Mirror()
        self._named: list[Place] = []

    def close(self) -> None:
        """Let other processes have the cache."""
        self._mirror.close()

    def here(self, place: Place) -> Path:
        """The local copy of a place, with what stands beside it in its study and what its tables and settings name."""
        if place in self._named:
            return self._mirror.local(place)
        self._named.append(place)
        self._bring_facts(place)
        state = place.state()
        if state is not None:
            self._mirror.bring([Listed(place, state.size, state.changed_s)])
            if place.uri.lower().endswith(TABLES):
                self._bring_pictures(place)
        else:
            self._bring_folder(place)
        return self._mirror.local(place)

    def _bring_folder(self, place: Place) -> None:
        entries = place.entries()
        self._forget_gone(place, {entry.place for entry in entries})
        unread = (f"/{UNREAD}/", f"/{LOCKS}/")
        self._mirror.bring([entry for entry in entries if not any(name in entry.place.uri for name in unread)])
        if any(entry.place == place / STUDY_FILES[0] for entry in entries):
            for named in _named_in(place, self._mirror.local(place) / STUDY_FILES[0]):
                self.here(named)

    def _bring_facts(self, place: Place) -> None:
        """The facts of the studies that a place is part of, which a verb adds to."""
        found: list[Listed] = []
        above = place
        while "/" in above.key:
            above = above.parent
            entries = {entry.place: entry for entry in above.entries(deep=False)}
            files = [above / name for name in STUDY_FILES]
            self._forget_gone(above, set(entries), files)
            found += [entries[file] for file in files if file in entries]
        self._mirror.bring(found)

    def _forget_gone(self, folder: Place, there: set[Place], among: list[Place] | None = None) -> None:
        """Remove copies of what is no longer at its place; what was made here and not put yet stays."""
        for known in self._mirror.known_below(folder):
            if known not in there and (among is None or known in among):
                self._mirror.forget(known)

    def _bring_pictures(self, table: Place) -> None:
        """Pictures that a table names; films stay where they are, because only extraction reads them."""
        from mien.data.samples import read_samples

        with suppress(MienError):  # the verb itself will say what is wrong with the table
            folder = self._mirror.local(table).parent
            files = read_samples(self._mirror.local(table)).files()
            named = [path.relative_to(folder).as_posix() for path in files if path.is_relative_to(folder)]
            wanted = {table.parent / path for path in named if Path(path).suffix.lower() in PICTURES}
            for place in sorted({place.parent for place in wanted}):
                self._mirror.bring([entry for entry in place.entries(deep=False) if entry.place in wanted])

    def put_back(self) -> None:
        """Put what is new or changed to its place; finished files, and facts of the whole study last.

        Raises
        ------
        PlaceError
            If somebody else changed one of these files, or is writing just now; then nothing is put.
        """
        changed, gone = self._changes()
        if not changed and not gone:
            return
        with locked(_common([*changed, *gone])) as lock:
            for place, state in zip((*changed, *gone), _at_once(Place.state, [*changed, *gone]), strict=True):
                known = self._mirror.known(place)
                if state != (known.state if known else None):
                    raise PlaceError(
                        f"{place} was changed by somebody else since this command began; nothing was written over. "
                        f"What was computed here is kept in {self._mirror.folder}; look at what changed there, remove "
                        "one of the two, and run the same command again."
                    )

            def put(place: Place) -> State | None:
                self._mirror.name_places(place)
                place.put(self._mirror.local(place))
                lock.renew()
                return place.state()

            try:
                for _, together in groupby(changed, key=lambda place: _turn(place)[:2]):
                    places = list(together)
                    for place, state in zip(places, _at_once(put, places), strict=True):
                        if state is not None:
                            self._mirror.note(place, state)
                for place in gone:
                    place.remove()
                    self._mirror.forget(place)
            finally:
                self._mirror.save()

    def _changes(self) -> tuple[list[Place], list[Place]]:
        """Files that are new or changed, in the order in which they are put; those that the verb removed."""
        mirror = self._mirror
        facts = {above / name for place in self._named for above in _above(place) for name in STUDY_FILES}
        files = {file for place in self._named for file in mirror.files_below(place)}
        files |= {file for file in facts if mirror.local(file).is_file()}
        known = {file for place in self._named for file in mirror.known_below(place)}
        gone = sorted(file for file in known if not mirror.local(file).exists())
        return sorted((file for file in files if mirror.is_changed(file)), key=_turn), gone


def _common(places: list[Place]) -> Place:
    """The folder that holds them all."""
    folder = places[0].parent
    while not all(place.uri.startswith(f"{folder}/") for place in places):
        folder = folder.parent
    return folder


def _at_once(function: Callable[[Place], Any], places: list[Place]) -> Iterator[Any]:
    """Results in order; the requests wait beside each other."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(function, places)


def _above(place: Place) -> Iterator[Place]:
    while "/" in place.key:
        place = place.parent
        yield place


def _turn(place: Place) -> tuple[int, bool, str]:
    """Arrays and tables first, then what says what they are, then the facts of the study."""
    last = STUDY_FILES.index(place.name) + 1 if place.name in STUDY_FILES else 0
    return last, place.name.endswith((".json", ".toml")), place.uri


def _named_in(study: Place, settings: Path) -> Iterator[Place]:
    """Files and folders beside a study that its settings name by paths from there, or by addresses."""
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        for text in _texts(tomllib.loads(settings.read_text(encoding="utf-8"))):
            path = text.partition(":")[2] if ":../" in text else text
            if not path.startswith("../"):
                continue
            parts = [part for part in study.key.split("/") if part]
            for part in PurePosixPath(path).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            if parts:
                yield Place(f"{study.scheme}://{study.bucket}/{'/'.join(parts)}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _mapped(value: Any, here: Callable[[Place], Path]) -> Any:
    """An argument with what ``here`` gives instead of the places in it; text stays text."""
    if isinstance(value, dict):
        return {name: _mapped(inner, here) for name, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_mapped(inner, here) for inner in value)
    if not holds_place(value):
        return value
    name, uri = split_set(value)
    place = place_or_path(uri)
    local = place if isinstance(place, Path) else here(place)
    return f"{name}{local}" if isinstance(value, str) else local
