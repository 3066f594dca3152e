"""What the steps of the study 'film' share: steps that the data may not allow, fingerprints, names in settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.files import sha256_of
from mien.core.provenance import LEFT_OUT, record
from mien.studies.stages import Run

BRAIN, FACES, GAZE = "brain", "faces", "gaze"


def unless(
    run: Run, step: str, place: Path, facts: Any, work: Callable[[], Any], also: Sequence[Path] = ()
) -> list[str]:  # fmt: skip
    """A step that the data may not allow; then the reason is said and kept, and the study goes on."""
    try:
        run.once(step, facts, [place, *also], work)
    except InputError as error:
        return left_out(run, step, str(error))
    return [place.relative_to(run.folder).as_posix()]


def left_out(run: Run, step: str, reason: str) -> list[str]:
    run.say(f"{step}: left out. {reason}")
    record(run.folder, f"{step}{LEFT_OUT}", reason=reason)
    return []


def linked(run: Run, name: str, given: dict[str, Any], streams: list[str], link: Callable[..., Any]) -> list[str]:
    place = run.folder / "link" / name

    def work() -> None:
        link(run.folder, output=place, **given)
        record(run.folder, f"link {name}", **given)

    return unless(run, f"link {name}", place, [given, streams_mark(run, streams)], work)


def brain_files(run: Run) -> list[Path]:
    """Files of the brain that the settings name, patterns resolved.

    Raises
    ------
    InputError
        If a name or a pattern fits nothing.
    """
    files: list[Path] = []
    for given in run.settings["streams"]["brain"]:
        whole = run.place(given)
        fits = sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor)))) if "*" in given else [whole]
        if not fits or not fits[0].exists():
            raise InputError(f"study.toml: 'streams.brain' names {given}, but from {run.folder} there is no such file.")
        files += fits
    return files


def draws(run: Run) -> dict[str, int]:
    asked = run.settings["comparison"]
    return {"n_permutations": asked["permutations"], "seed": asked["seed"]}


def plain(given: dict[str, Any]) -> dict[str, Any]:
    """Paths as text, as provenance and marks of steps keep them."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def named(run: Run, given: str) -> tuple[str, str]:
    """Name and path of ``NAME=PATH``, a path, or (where there is no such file) a name that is known otherwise."""
    name, sign, value = given.rpartition("=")
    place = run.place(value)
    if place.exists() or "/" in value:
        return (name if sign else place.name), str(place)
    return (name if sign else value.rpartition(":")[2]), value


def map_of(run: Run, given: str) -> str:
    """A map as ``mien.gaze`` takes it."""
    name, sign, path = given.rpartition("=")
    return f"{name}{sign}{run.place(path)}"


def files_mark(folder: str | Path) -> list[Any]:
    """Fingerprint of what lies in a folder, or of one file."""
    place = Path(folder)
    files = sorted(place.glob("*")) if place.is_dir() else [place]
    return [[file.name, file.stat().st_size] for file in files if file.is_file()]


def mark_of(path: Path) -> Any:
    """Fingerprint of a file, or of the files of a folder of faces."""
    if path.is_file():
        return sha256_of(path)
    return [[file.name, file.stat().st_size] for file in sorted((path / FACES).glob("*.parquet"))]


def streams_mark(run: Run, names: list[str]) -> list[str]:
    from mien.data.streams.store import streams_folder

    paths = [streams_folder(run.folder) / f"{name}.parquet" for name in names]
    return [sha256_of(path) if path.is_file() else name for path, name in zip(paths, names, strict=True)]


def numbers_of(run: Run, name: str) -> set[str]:
    from mien.data.streams.store import read_stream, streams_folder

    return set(read_stream(streams_folder(run.folder) / f"{name}.parquet").columns)
