"""Everything that reads stored results, and what each says about what lies there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import MienError


def _model(folder: Path) -> Any:
    import mien

    mien.load_model(folder)
    from mien.models.store import stored_evaluation

    return stored_evaluation(folder)


def _evidence(folder: Path) -> Any:
    import mien

    return mien.load_evidence(folder).values


def _embedding(folder: Path) -> Any:
    from mien.manifold.store import load_embedding

    return load_embedding(folder).coordinates


def _reduction(folder: Path) -> Any:
    from mien.reduce.result import read_reduction

    return read_reduction(folder).curve


def _faces(folder: Path) -> Any:
    from mien.data.shards import read_faces

    return read_faces(folder).landmarks_px


def _cohort(folder: Path) -> Any:
    from mien.data.samples import read_ready_faces, read_samples

    samples, faces = read_samples(f"synthetic:{folder}"), read_ready_faces(folder)
    if faces is None or not np.isin(samples.path, faces.source).all():
        raise AssertionError(f"{folder}: samples without faces")
    return faces.landmarks_px


# By the file that says what a folder is.
READERS: dict[str, Callable[[Path], Any]] = {
    "model.json": _model, "evidence.json": _evidence, "embedding.json": _embedding, "reduction.json": _reduction,
    "samples.csv": _cohort,
}  # fmt: skip


def read_everything(task: tuple[str, tuple[str, ...]]) -> list[str]:
    """Read what lies in some folders of a study; sentences about what could not be read, as ``PLACE: sentence``."""
    here, places = Path(task[0]), task[1]
    said = []
    for place in [path for name in places for path in [here / name, *sorted((here / name).rglob("*"))] if path.is_dir()]:
        readers = [read for name, read in READERS.items() if (place / name).exists() or _waits(place, name)]
        readers += [_faces] if place.name == "faces" else []
        for read in readers:
            try:
                read(place)
            except MienError as error:
                said.append(f"{place.relative_to(here).as_posix()}: {error}")
    return said


def _waits(place: Path, name: str) -> bool:
    """Whether a file was on its way when the process ended: readers put it into its place first."""
    return (place / ".switch" / name).exists()
