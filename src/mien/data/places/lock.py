"""A lock on a folder at a place, so that two processes do not write back at the same time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mien.core.errors import PlaceError
from mien.data.places.place import Place

# Folder of the locks; each process writes a file of its own.
LOCKS = ".mien-locks"
# Whoever has not said for so long that it is at it was killed.
ABANDONED_S = 600.0


class Held:
    """A lock that is held; ``renew`` it while writing takes long."""

    def __init__(self, place: Place) -> None:
        self._place, self._said = place, time.monotonic()

    def renew(self) -> None:
        """Say that this process is still at it."""
        if time.monotonic() - self._said > ABANDONED_S / 4:
            self._place.write(b"")
            self._said = time.monotonic()


@contextmanager
def locked(folder: Place) -> Iterator[Held]:
    """Hold a folder's lock.

    Every process writes a file of its own and then lists all: whoever sees another one gives way. Of two that come at
    the same moment at most one goes on, wherever listings show what was written before them, as those of S3 do.

    Raises
    ------
    PlaceError
        If another process is writing there.
    """
    own = folder / LOCKS / f"{secrets.token_hex(8)}"
    own.write(b"")
    try:
        found = (folder / LOCKS).entries()
        now = next((entry.changed_s for entry in found if entry.place == own), int(time.time()))
        for entry in found:
            if entry.place != own and now - entry.changed_s > ABANDONED_S:
                entry.place.remove()
            elif entry.place != own:
                raise PlaceError(
                    f"{folder} is being written to by another process; nothing was changed there. Run the same command "
                    "again in a moment: what was computed is kept."
                )
        yield Held(own)
    finally:
        own.remove()
