"""What ``mien embed`` maps: ratings, a model's scores or inner activity, features, evidence, or a plain table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK
from mien.core.features import Features
from mien.core.samples import Samples
from mien.data.tables.table import SUFFIXES, read_table

# What each kind is computed from: needed, and taken where it is given.
_TAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "scores": (("model",), ("faces",)),
    "layer": (("model", "layer"), ("faces",)),
    "features": ((), ("model", "faces")),
}
KINDS = ("ratings", "scores", "layer", "features", "evidence", "table")


@dataclass(frozen=True, eq=False)
class MapRows:
    """Rows to be mapped with what is known of them.

    Attributes
    ----------
    values : whatever ``embed`` takes
    ids, subjects : ndarray of str, shape (samples,)
    attributes : dict of str to ndarray of float64
        Numbers per row that can be tested although they are no columns of ``values``.
    labels : dict of str to ndarray of str
        Classes per row, '' where unknown, that can be tested class by class.
    pictures : dict of str to Path
        Picture of each row, where there is one.
    credit : str
        As the samples' licence asks.
    notes : tuple of str
        What has to be said of them.
    cautions : tuple of str
        Of a model's answers or layers: that it is not shown to predict, and that it was fitted to these faces.
    """

    values: Any
    ids: np.ndarray
    subjects: np.ndarray
    attributes: dict[str, np.ndarray] = field(default_factory=dict)
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    pictures: dict[str, Path] = field(default_factory=dict)
    credit: str = ""
    notes: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()


def source_of(
    what: str | Path | Samples,
    *,
    of: str = "",
    faces: str | Path | None = None,
    model: str | Path | None = None,
    layer: str = "",
    labels: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
) -> MapRows:
    """Read what is to be mapped.

    Parameters
    ----------
    what : str, Path or Samples
        A sample table (as for ``mien train``), a folder of evidence, or a CSV/Parquet table of numbers.
    of : str
        One of ``KINDS``; by default ``'evidence'`` for a folder that holds evidence, ``'scores'`` or ``'layer'`` if a
        model or a layer is given, ``'features'`` if only faces are, else ``'ratings'``.
    faces, model, layer : optional
        Faces of the samples, a stored model, and the name of one of its network's layers.
    labels, columns, missing, same : optional
        How a sample table is read, see ``mien.data.samples.read_samples``.

    Raises
    ------
    InputError
        If the kind does not fit what was given.
    """
    kind = of or _kind(what, faces, model, layer)
    if kind not in KINDS:
        raise InputError(f"What is mapped is one of {', '.join(KINDS)}, but got '{kind}'.")
    _check_given(kind, {"model": model, "layer": layer, "faces": faces})
    if kind == "evidence":
        return _of_evidence(_place(what, kind))
    if kind == "table":
        return _of_table(_place(what, kind))
    samples = _samples(what, labels=labels, columns=columns, missing=missing, same=same)
    facts: dict[str, Any] = {
        "ids": samples.path,
        "subjects": samples.subject,
        "attributes": dict(samples.ratings),
        "labels": dict(samples.labels),
        "pictures": pictures_of(samples),
        "credit": samples.credit,
    }
    if kind == "ratings":
        return MapRows(samples, **facts)
    features, network, facts["subjects"], facts["notes"] = _features(samples, faces, model)
    if kind == "features":
        return MapRows(_named(features), **facts)
    assert network is not None
    facts["cautions"] = _cautions(model, network, facts["subjects"][features.ok])
    values = network.scores(features.values) if kind == "scores" else activations(network, features.values, layer)
    names = list(network.classes) if kind == "scores" else []
    return MapRows(_table(values, names), **facts)


def _check_given(kind: str, given: dict[str, Any]) -> None:
    """Refuse a kind without what it is computed from, and what would play no part."""
    needed, taken = _TAKES.get(kind, ((), ()))
    for name, value in given.items():
        if name in needed and not value:
            what = "a model's scores" if kind == "scores" else "what a layer of a model gives"
            raise InputError(f"To map {what}, give --{name}.")
        if value and name not in (*needed, *taken):
            raise InputError(f"--{name} plays no part with --of {kind}; leave it out, or give another --of.")


def _kind(what: str | Path | Samples, faces: Any, model: Any, layer: str) -> str:
    if not isinstance(what, Samples) and (Path(what) / "evidence.json").is_file():
        return "evidence"
    if layer or model:
        return "layer" if layer else "scores"
    return "features" if faces else "ratings"


def _place(what: str | Path | Samples, kind: str) -> Path:
    if isinstance(what, Samples):
        raise InputError(f"--of {kind} reads a {'folder' if kind == 'evidence' else 'file'}, but got samples.")
    return Path(what)


def activations(model: Any, values: np.ndarray, layer: str) -> np.ndarray:
    """What a layer of a stored model's network gives, shape (samples, units).

    Raises
    ------
    InputError
        If the model has no network, or no such layer; the message lists the layers.
    """
    import torch

    module = model.module()
    parts = dict(module.named_modules())
    if layer not in parts or not layer:
        raise InputError(f"The network has no layer '{layer}'; it has: {', '.join(name for name in parts if name)}.")
    found: list[np.ndarray] = []

    def keep(part: Any, args: Any, result: Any) -> None:
        first = result[0] if isinstance(result, tuple) else result
        found.append(first.detach().flatten(1).double().numpy())

    hook = parts[layer].register_forward_hook(keep)
    try:
        with torch.no_grad():
            for start in range(0, len(values), 64):
                module(torch.from_numpy(np.ascontiguousarray(values[start : start + 64], dtype=np.float32)))
    finally:
        hook.remove()
    if not found:
        raise InputError(f"The network does not run its layer '{layer}' for these inputs; choose another.")
    return np.concatenate(found)


def _features(samples: Samples, faces: Any, model: Any) -> tuple[Features, Any, np.ndarray, tuple[str, ...]]:
    """Features, the model, and who is shown: people who share a copy of a face are one, as in training."""
    from mien.explain.people import people_once
    from mien.features import compute
    from mien.features.match import choose, files_of
    from mien.learn.table import load
    from mien.models.store import load_model

    network = load_model(model) if model else None
    recipe = network.recipe if network is not None else {"name": "expression"}
    samples, found = load(samples, faces, recipe)
    features = compute(recipe, samples, found)
    # Copies of what has no features are no rows of the map.
    kept = np.flatnonzero(features.status == OK)
    chosen = choose(samples, found)
    files = files_of(samples, found, chosen)
    subjects = np.array(samples.subject, dtype=object)
    subjects[kept], notes = people_once(
        subjects[kept], samples.path[kept], features.values[kept], network, [files[row] for row in kept],
        [chosen[row] for row in kept], found,
    )  # fmt: skip
    return features, network, subjects, tuple(notes)


def _cautions(place: Any, model: Any, subjects: np.ndarray) -> tuple[str, ...]:
    from mien.core.people.keys import person_key
    from mien.learn.predicted import evaluation_beside, none_predicted

    learnt = {person_key(str(name)) for name in model.info.get("subjects") or []}
    people = {person_key(str(name)) for name in subjects}
    known = len(people & learnt)
    fitted = (
        f"The final model was fitted to faces of {known} of these {len(people)} people: the map shows what it gives "
        "for faces that it knows, not for people whom it has not seen."
    )
    return tuple(filter(None, (none_predicted(evaluation_beside(place), model.classes), fitted if known else "")))


def _named(features: Features) -> Any:
    if features.values.ndim == 2:
        return _table(features.values, list(features.names))
    return features


def _table(values: np.ndarray, names: list[str]) -> Any:
    import pandas as pd

    flat = np.asarray(values).reshape(len(values), -1)
    return pd.DataFrame(flat, columns=names or None)


def _samples(what: str | Path | Samples, **reading: Any) -> Samples:
    from mien.data.samples import given_samples, read_samples

    if isinstance(what, Samples):
        # Refuses what says how a table is read.
        samples: Samples = given_samples(what, **reading)
        return samples
    try:
        return read_samples(what, **reading)
    except InputError as error:
        if Path(what).suffix.lower() in SUFFIXES and Path(what).is_file():
            raise InputError(
                f"{error} If it is a table of numbers to be mapped as they are, say so: --of table."
            ) from error
        raise


def _of_evidence(folder: Path) -> MapRows:
    from mien.explain.store import load_evidence

    if not (folder / "evidence.json").is_file():
        raise InputError(
            f"{folder} holds no evidence.json. Evidence is a folder that 'mien explain' wrote, such as "
            "STUDY/evidence/NAME/METHOD/TARGET."
        )
    evidence = load_evidence(folder)
    return MapRows(evidence, evidence.sample, evidence.subject, {f"output {evidence.target}": evidence.output})


def _of_table(path: Path) -> MapRows:
    import pandas as pd

    if path.is_dir() or path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path} is no table; a table has one row per sample and ends in {', '.join(SUFFIXES)}.")
    columns = dict(read_table(path, numbers=True).columns)
    rows = len(next(iter(columns.values())))
    subjects = columns.pop("subject", np.full(rows, ""))
    name = next((column for column in ("path", "clip", "id") if column in columns), None)
    ids = columns.pop(name) if name else np.arange(rows)
    return MapRows(pd.DataFrame(columns), _texts(ids), _texts(subjects))


def _texts(column: np.ndarray) -> np.ndarray:
    """As text, whole numbers without a point."""
    return np.array([str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in column], dtype=object)


def pictures_of(samples: Samples) -> dict[str, Path]:
    """Place of each sample's picture, by path; those that are not there are left out."""
    from mien.data.media.pictures import SUFFIXES

    root = samples.root or Path()
    places = {str(path): root / str(path) for path in samples.path}
    return {name: place for name, place in places.items() if place.suffix.lower() in SUFFIXES and place.is_file()}
