"""Everything that reads stored results, and what each says about what lies there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults.contents import is_half
from mien.core.errors import MienError


def model(folder: Path) -> Any:
    """A model with its scores."""
    import mien
    from mien.models.store import EVALUATION_FILE, stored_evaluation

    found = mien.load_model(folder)
    facts = [found.name, found.classes, found.target, found.recipe, found.feature_names, found.settings,
             found.topology, found.info]  # fmt: skip
    # The model of a reduction is scored there.
    scores = stored_evaluation(folder) if (folder / EVALUATION_FILE).exists() else None
    return [facts, found.arrays, scores]


def evidence(folder: Path) -> Any:
    """Evidence with what it explains."""
    import mien

    found = mien.load_evidence(folder)
    return [found.values, found.output, found.gap, found.columns, str(found.target), found.names, found.method,
            found.settings, found.model, found.sample, found.subject, found.label, found.status]  # fmt: skip


def embedding(folder: Path) -> Any:
    """A map with its quality and its tests."""
    from mien.manifold.embedding import load_embedding

    found = load_embedding(folder)
    return [found.coordinates, found.measures, found.tests, found.method, found.settings, found.ids, found.subjects,
            found.attributes, found.facts]  # fmt: skip


def reduction(folder: Path) -> Any:
    """A reduction."""
    from mien.reduce.result import read_reduction

    return read_reduction(folder).to_json()


def faces(folder: Path) -> Any:
    """All faces of a folder."""
    from mien.data.shards import read_faces

    return read_faces(folder).landmarks_px


def cohort(folder: Path) -> Any:
    """A made-up cohort: every sample, and whether it has faces."""
    from mien.data.samples import read_ready_faces, read_samples

    samples, found = read_samples(f"synthetic:{folder}"), read_ready_faces(folder)
    if found is None:
        raise AssertionError(f"{folder}: no faces")
    return [samples.path, samples.subject, samples.labels, np.isin(samples.path, found.source), found.landmarks_px]


# By the file that says what a folder is.
READERS: dict[str, Callable[[Path], Any]] = {
    "model.json": model, "evidence.json": evidence, "embedding.json": embedding, "reduction.json": reduction,
    "samples.csv": cohort,
}  # fmt: skip


def read_everything(task: tuple[str, tuple[str, ...]]) -> list[str]:
    """Read what lies in some folders of a study; sentences about what could not be read, as ``PLACE: sentence``."""
    here, said = Path(task[0]), []
    folders = [path for name in task[1] for path in [here / name, *sorted((here / name).rglob("*"))] if path.is_dir()]
    for place in [path for path in folders if not is_half(path.relative_to(here).as_posix())]:
        readers = [read for name, read in READERS.items() if (place / name).exists() or _waits(place, name)]
        for read in [*readers, *([faces] if place.name == "faces" else [])]:
            try:
                read(place)
            except MienError as error:
                said.append(f"{place.relative_to(here).as_posix()}: {error}")
    return said


def _waits(place: Path, name: str) -> bool:
    """Whether a file was on its way when the process ended: readers put it into its place first."""
    return (place / ".switch" / name).exists()
