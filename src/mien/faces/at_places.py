"""Extraction from and to places: a worker fetches its own source, and puts the shard when it is complete."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mien.core.errors import PlaceError
from mien.core.faces import OK, TRUNCATED, UNREADABLE
from mien.data.places.place import Place, State
from mien.data.shards import name_hash
from mien.engine.spread import workers_for
from mien.engine.work import CRASHED, Done, Item, Spread
from mien.faces.known import FOLDER, Known
from mien.faces.outcome import KEPT, SourceOutcome, outcome_of
from mien.faces.reader import AGAIN, NO_FRAME, Looker, LookSettings
from mien.faces.run import ProgressCallback, give_up, run_task, why_lost
from mien.faces.sources import MediaSource
from mien.faces.tasks import shard_name, task_of

# So many sources after each other that a place does not give: it is the place, not the source.
_MOST_LOST = 5
_REMEMBER_EVERY = 50


@dataclass(frozen=True)
class Errand:
    """A source to be fetched and read, with the names of its shards that are there; what is known of its content."""

    source: MediaSource
    earlier: tuple[str, ...] = ()
    state: State | None = None
    content: str = ""


@dataclass(frozen=True)
class Brought:
    """What a worker brings back: what became of a source, what it was when it was fetched, and its shard's name."""

    outcome: SourceOutcome
    state: State | None
    shard: str
    computed: bool
    undrawn: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class LookingThere:
    """What workers do: fetch a source, compute its shard in a folder of their own, put it into the study."""

    settings: LookSettings
    study: Place
    scratch: str
    draw: bool

    def start(self, threads: int) -> Looker:
        """The networks."""
        return Looker(self.settings, threads)

    def do(self, ready: Looker, value: Errand, step: Callable[[Any], None]) -> Brought:
        """Fetch, read, put."""
        with _own_folder(self.scratch) as folder:
            source, state = _fetched(value.source, folder)
            task = task_of(source, folder / "faces", self.settings)
            place = self.study / "faces" / task.shard.name
            if task.shard.name in value.earlier:
                place.fetch(task.shard)
                found = outcome_of(source, task.shard, task.content)
                if not found.reason.endswith(AGAIN):
                    return Brought(found, state, task.shard.name, computed=False)
            # Its progress in frames is nobody's: how many there are is not known before the source is here.
            run_task(ready, task, lambda sources, frames: step((sources, 0)) if sources else None)
            found = outcome_of(source, task.shard, task.content)
            if NO_FRAME in found.reason and self._is_worth_keeping(value.earlier, folder):
                return Brought(SourceOutcome(UNREADABLE, KEPT, content=task.content), state, "", computed=True)
            undrawn = self._drawn(source, task.shard, folder) if self.draw else []
            self._put(task.shard, value.earlier)
            return Brought(found, state, task.shard.name, computed=True, undrawn=tuple(undrawn))

    def give_up(self, errand: Errand, reason: str, step: ProgressCallback) -> Brought:
        """A row instead of the faces of a source whose reader died; the next run tries it again."""
        with _own_folder(self.scratch) as folder:
            task = task_of(replace(errand.source, problem=reason), folder / "faces", self.settings)
            give_up(task, reason, step)
            self._put(task.shard, errand.earlier)
            return Brought(outcome_of(errand.source, task.shard, ""), None, task.shard.name, computed=True)

    def _put(self, shard: Path, earlier: tuple[str, ...]) -> None:
        faces = self.study / "faces"
        (faces / shard.name).put(shard)
        for name in earlier:
            if name != shard.name:
                (faces / name).remove()

    def _is_worth_keeping(self, earlier: tuple[str, ...], folder: Path) -> bool:
        """Whether an earlier shard holds faces: only nothing of the video was asked for this time."""
        for name in earlier:
            (self.study / "faces" / name).fetch(folder / name)
            if outcome_of(MediaSource(folder, "", ""), folder / name, "").status in (OK, TRUNCATED):
                return True
        return False

    def _drawn(self, source: MediaSource, shard: Path, folder: Path) -> list[tuple[str, str]]:
        from mien.faces.draw import draw_all

        undrawn: list[tuple[str, str]] = []
        overlays = folder / "overlays"
        draw_all([(source, shard)], overlays, self.settings.sampling, failed=lambda *p: undrawn.append(p))
        for path in sorted(overlays.glob("*")):
            (self.study / "overlays" / path.name).put(path)
        return undrawn


def read_at_places(
    sources: list[MediaSource],
    study: Place,
    settings: LookSettings,
    how: Spread,
    begin: Callable[[int], ProgressCallback],
    draw: bool,
) -> tuple[dict[str, SourceOutcome], int, list[tuple[str, str]]]:
    """Compute the shards of sources that are here or at places, into a study that is here or at a place.

    Parameters
    ----------
    sources : list of MediaSource
        Of this part.
    study : Place
    settings : LookSettings
    how : Spread
    begin : callable
        Gets the number of sources to do and gives what counts them.
    draw : bool

    Returns
    -------
    outcomes : dict of str to SourceOutcome
        By the source's name, in the order of the sources.
    computed : int
    undrawn : list of (str, str)

    Raises
    ------
    PlaceError
        If a place does not answer or refuses; what was finished stays.
    InputError
        If the study holds another file's faces under the name of one of these.
    """
    _check_writable(study)
    (study / "faces").remove_halves()
    known = Known.read(study, how.part)
    known.check_names(sources)
    shards = _by_name(study)
    outcomes: dict[str, SourceOutcome] = {}
    errands: dict[str, Errand] = {}
    for source in sources:
        earlier = shards.get(name_hash(source.name), ())
        state = _state_of(source)
        before = known.outcome(source, state)
        name = before and shard_name(source, before.content, settings)
        if before and name in earlier and not before.reason.endswith(AGAIN):
            outcomes[source.name] = before
        else:
            errands[source.name] = Errand(source, earlier, state)
    step, computed = begin(len(errands)), 0
    undrawn: list[tuple[str, str]] = []
    with ExitStack() as stack:
        # Also what processes leave that are killed.
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="mien-"))
        stack.callback(known.write)
        work = LookingThere(settings, study, scratch, draw)
        how = replace(how, workers=max(1, min(how.workers, len(errands))), ahead=max(1, len(errands)))
        spreading = stack.enter_context(workers_for(work, how))
        items = [Item(name, errand) for name, errand in errands.items()]
        lost = 0
        for place, done in enumerate(spreading(items, step=lambda what: step(*what)) if items else ()):
            brought = _brought(done, errands[done.key], work, how, step)
            lost = 0 if brought.shard or brought.outcome.reason == KEPT else lost + 1
            if lost == _MOST_LOST:
                raise PlaceError(brought.outcome.reason)
            outcomes[done.key] = brought.outcome
            undrawn += brought.undrawn
            computed += brought.computed
            known.note(errands[done.key].source, brought.state, brought.outcome)
            if place % _REMEMBER_EVERY == _REMEMBER_EVERY - 1:
                known.write()
    return {source.name: outcomes[source.name] for source in sources}, computed, undrawn


def _check_writable(study: Place) -> None:
    """Refuse a place that cannot be written to before anything is fetched."""
    check = study / FOLDER / f".check-{secrets.token_hex(6)}"
    try:
        check.write(b"")
        check.remove()
    except PlaceError as error:
        raise PlaceError(str(error).replace(check.uri, study.uri)) from None


def _brought(done: Done, errand: Errand, work: LookingThere, how: Spread, step: ProgressCallback) -> Brought:
    if done.status == CRASHED:
        return work.give_up(errand, why_lost(done, how.time_limit_s), step)
    if isinstance(done.error, PlaceError):
        # It leaves no row: the next run tries it again.
        step(1, 0)
        return Brought(SourceOutcome(UNREADABLE, str(done.error)), None, "", computed=False)
    found: Brought = done.result()
    return found


def _state_of(source: MediaSource) -> State | None:
    """What a source is now; of one that is here its size and time."""
    if source.problem:
        return None
    if source.uri:
        return Place(source.uri).state()
    stat = source.path.stat()
    return State(stat.st_size, str(stat.st_mtime_ns))


def _fetched(source: MediaSource, folder: Path) -> tuple[MediaSource, State | None]:
    """The source with a path of this machine."""
    if not source.uri or source.problem:
        return source, _state_of(source)
    place = Place(source.uri)
    target = folder / "source" / place.name
    state, _ = place.fetch(target)
    return replace(source, path=target), state


def _by_name(study: Place) -> dict[str, tuple[str, ...]]:
    """Names of the shards that are there, by the part that stands for the source's name."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in (study / "faces").entries(deep=False):
        parts = entry.place.name.removesuffix(".parquet").rsplit("-", 2)
        if len(parts) == 3:
            found[parts[1]] = (*found.get(parts[1], ()), entry.place.name)
    return found


@contextmanager
def _own_folder(scratch: str) -> Iterator[Path]:
    """A folder of one source, removed with it; on another machine than the first there is no common one."""
    folder = Path(tempfile.mkdtemp(prefix="mien-", dir=scratch if Path(scratch).is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
