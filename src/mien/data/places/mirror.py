"""Local copies of places, kept in the user's cache: what is there already does not travel again."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.names import in_words_of_places, stand_for
from mien.data.places.lock import LOCKS
from mien.data.places.place import HALF, Listed, Place, State
from mien.data.places.systems import endpoint

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

INDEX = "index.json"
# Requests wait for the server, not for this machine.
AT_ONCE = 8
# The times of servers have seconds: what changed so shortly before it was fetched may have changed once more.
_FRESH_S = 3


@dataclass
class Copied:
    """A file as it was when it was fetched or put: at the place, and here."""

    size: int
    tag: str
    changed_s: int
    fetched_s: int
    local_size: int
    local_ns: int

    @property
    def state(self) -> State:
        """What the file at the place was."""
        return State(self.size, self.tag)


class Mirror:
    """A folder with copies of places under their own names, and an index of what they were."""

    def __init__(self) -> None:
        self.folder, self._lock = _own_folder()
        self._index: dict[str, Copied] = {}
        with suppress(InputError, TypeError, AttributeError):
            self._index = {uri: Copied(**facts) for uri, facts in read_json(self.folder / INDEX).items()}

    def close(self) -> None:
        """Let another process use the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def local(self, place: Place) -> Path:
        """Where the copy of a place lies, or will lie."""
        bucket = self.folder / place.scheme / (place.bucket or "_")
        stand_for(str(bucket), f"{place.scheme}://{place.bucket}")
        return bucket / place.key

    def known(self, place: Place) -> Copied | None:
        """What is known of a file's copy."""
        return self._index.get(place.uri)

    def known_below(self, place: Place) -> list[Place]:
        """All files of which there is a copy, or was one, at a place and below it."""
        return [Place(uri) for uri in self._index if uri == place.uri or uri.startswith(f"{place.uri}/")]

    def bring(self, entries: list[Listed]) -> None:
        """Fetch files that are not here, or are no longer what they are at their places."""
        wanted = [entry for entry in entries if not self._is_current(entry)]
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for entry, state in zip(wanted, pool.map(self._fetch, wanted), strict=True):
                    self.note(entry.place, state)
        finally:
            self.save()

    def _fetch(self, entry: Listed) -> State:
        return entry.place.fetch(self.local(entry.place))[0]

    def _is_current(self, entry: Listed) -> bool:
        known = self._index.get(entry.place.uri)
        if known is None or not self.local(entry.place).exists():
            return False
        if (known.size, known.changed_s) != (entry.size, entry.changed_s):
            return False
        return known.fetched_s - known.changed_s > _FRESH_S or entry.place.state() == known.state

    def note(self, place: Place, state: State) -> None:
        """The copy of a file is now what the file is."""
        stat = self.local(place).stat()
        self._index[place.uri] = Copied(
            state.size, state.tag, state.changed_s, int(time.time()), stat.st_size, stat.st_mtime_ns
        )

    def forget(self, place: Place) -> None:
        """A file is gone, at its place and here."""
        self.local(place).unlink(missing_ok=True)
        self._index.pop(place.uri, None)

    def is_changed(self, place: Place) -> bool:
        """Whether the copy is another file than was fetched or put."""
        known, stat = self._index.get(place.uri), self.local(place).stat()
        return known is None or (known.local_size, known.local_ns) != (stat.st_size, stat.st_mtime_ns)

    def files_below(self, place: Place) -> list[Place]:
        """Finished files that lie here, at a place and below it."""
        top = self.local(place)
        if top.is_file():
            return [place]
        found = (path for path in sorted(top.rglob("*")) if path.is_file() and not path.is_symlink())
        inner = (path.relative_to(top).parts for path in found)
        return [place / "/".join(parts) for parts in inner if not any(p.startswith((HALF, LOCKS)) for p in parts)]

    def name_places(self, file: Place) -> None:
        """Write addresses instead of this machine's folders into a JSON file."""
        path = self.local(file)
        if path.suffix == ".json" and str(self.folder).encode() in path.read_bytes():
            with suppress(InputError):
                write_json(path, _with_places(read_json(path)))

    def save(self) -> None:
        """Write the index."""
        write_json(self.folder / INDEX, {uri: asdict(copied) for uri, copied in self._index.items()})


def _with_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {_with_places(name): _with_places(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_places(inner) for inner in value]
    return in_words_of_places(value) if isinstance(value, str) else value


def _own_folder() -> tuple[Path, Any]:
    """The cache's folder with its lock; where another process uses it, one of our own until the process ends."""
    home = os.environ.get("MIEN_HOME")
    root = (Path(home) if home else Path(platformdirs.user_cache_dir("mien"))) / "places"
    # The same bucket of another server is another one.
    folder = root / hashlib.sha256(endpoint().encode()).hexdigest()[:8]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)
    if fcntl is not None:
        handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return folder, handle
        except OSError:
            os.close(handle)
    own = Path(tempfile.mkdtemp(prefix="mien-places-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own, None
