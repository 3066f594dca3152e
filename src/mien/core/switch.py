"""Files that belong together take their places together, even if the process is killed in between."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from mien.core.errors import InputError, StorageError
from mien.core.files import LOCK, full_disk_told, half_written, read_json, remove_halves, write_json

# New files of a folder, complete, on their way to their places; and the list of those that have no successor.
_SWITCH, _SUPERSEDED = ".switch", "superseded.json"


@contextlib.contextmanager
def switched_together(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """Give a temporary folder whose files take their places in ``folder`` together: all of them or none.

    A process that is killed leaves the old files or, from the moment that the temporary folder has its final name, the
    new ones, which ``settle`` then puts into their places: whoever reads such files calls it first.

    Parameters
    ----------
    folder : Path
    names : iterable of str
        Files and folders that belong together. What is there of them and is not written is removed from ``folder``.

    Raises
    ------
    StorageError
        If the disk is full or the like; the old files stay.
    """
    folder = Path(folder)
    with full_disk_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        settle(folder)
        remove_halves(folder)
        # The lock is on a file beside the new folder, under the same name.
        with half_written(folder, LOCK) as lock:
            new = lock.with_suffix("")
            try:
                new.mkdir()
                yield new
                old = {path.relative_to(folder) for name in names for path in _files(folder / name)}
                gone = old - {path.relative_to(new) for path in _files(new)}
                write_json(new / _SUPERSEDED, sorted(path.as_posix() for path in gone))
                for path in _files(new):
                    _flush(path)
                settle(folder)
                new.rename(folder / _SWITCH)
            except StorageError as error:
                # People know the file by the name that it was to have.
                raise StorageError(str(error).replace(str(new), str(folder))) from error
            finally:
                shutil.rmtree(new, ignore_errors=True)
        _flush(folder)
        settle(folder)


def settle(folder: Path) -> None:
    """Finish the switch to new files that a killed process had begun; nothing otherwise.

    Where the folder cannot be written to, the old files stay in their places.
    """
    folder = Path(folder)
    switch = folder / _SWITCH
    if not switch.is_dir():
        return
    # Another process may settle the same folder: what is gone from here is in its place.
    with contextlib.suppress(OSError, InputError):
        for path in _files(switch):
            if path.name != _SUPERSEDED:
                target = folder / path.relative_to(switch)
                target.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    path.replace(target)
        gone = read_json(switch / _SUPERSEDED)
        for name in gone if isinstance(gone, list) else ():
            (folder / str(name)).unlink(missing_ok=True)
        shutil.rmtree(switch)


def settle_below(folder: Path) -> None:
    """``settle`` for every folder below one, and itself."""
    for switch in list(Path(folder).rglob(_SWITCH)):
        settle(switch.parent)


def _files(place: Path) -> list[Path]:
    """A file itself, or all files below a folder, sorted."""
    if place.is_dir():
        return sorted(path for path in place.rglob("*") if path.is_file())
    return [place] if place.exists() else []


def _flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
