"""Tables of nouns and results as data frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.extras import require
from mien.core.faces import COLUMNS, Faces
from mien.core.features import Features
from mien.core.fixations import Fixations
from mien.core.samples import Samples
from mien.core.streams import Stream
from mien.core.words import did_you_mean
from mien.learn.predictions import Predictions
from mien.report.tables.spread_out import tables_of

if TYPE_CHECKING:
    import pandas

# A table by name, made when it is asked for.
Tables = dict[str, Callable[[], Any]]


def frame_of(shown: Any, table: str = "") -> pandas.DataFrame:
    """One table of a noun or result; empty: its first.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    frames = frames_of(shown)
    if not frames:
        raise InputError(f"This {type(shown).__name__} holds no table.")
    if table and table not in frames:
        known = f"it has: {', '.join(frames)}.{did_you_mean(table, frames)}"
        raise InputError(f"This {type(shown).__name__} has no table '{table}'; {known}")
    frame: pandas.DataFrame = frames[table or next(iter(frames))]()
    return frame


def frames_of(shown: Any) -> Tables:
    """Its tables by name, the most telling first."""
    require("pandas", "A data frame", "learn")
    for kind, tables in _NOUNS.items():
        if isinstance(shown, kind):
            return tables(shown)
    own = getattr(type(shown), "table", None)
    frames: Tables = {}
    if hasattr(shown, "coordinates"):
        frames["coordinates"] = partial(_coordinates, shown)
    if own is not None:
        frames["table"] = lambda: shown.table if isinstance(own, property) else shown.table()
    for made in tables_of(shown, ""):
        frames[made.name.strip()] = partial(_of_rows, made)
    if isinstance(predictions := getattr(shown, "predictions", None), Predictions):
        frames |= _predictions(predictions)
    # What has a table of its own shows its facts last, and so do the others.
    return {name: frames[name] for name in sorted(frames, key=lambda name: name.split()[-1] in ("facts", "notes"))}


def _of_rows(made: Any) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(list(made.rows), columns=[column.name for column in made.columns])


def _coordinates(embedding: Any) -> pandas.DataFrame:
    """Where each row lies on a map, with what it is."""
    length = len(embedding.coordinates)
    known = {"id": embedding.ids, "subject": embedding.subjects, **embedding.attributes}
    axes = {f"axis {number + 1}": column for number, column in enumerate(np.asarray(embedding.coordinates).T)}
    return _frame({**{name: c for name, c in known.items() if np.shape(c) == (length,)}, **axes})


def _samples(samples: Samples) -> Tables:
    def frame() -> Any:
        columns = {"path": samples.path, "subject": samples.subject, **samples.labels, **samples.ratings}
        return _frame({**columns, **({} if samples.group is None else {"group": samples.group})})

    return {"samples": frame}


def _faces(faces: Faces) -> Tables:
    def frame() -> Any:
        flat: dict[str, Any] = {}
        for name, column in COLUMNS.items():
            values = np.asarray(getattr(faces, name))
            if values.ndim == 1:
                flat[name] = values
                continue
            parts = column.parts or tuple(map(str, range(int(np.prod(values.shape[1:])))))
            named = values.reshape(len(values), -1)
            flat |= {part if name == "blendshapes" else f"{name}_{part}": named[:, n] for n, part in enumerate(parts)}
        return _frame({**flat, **{name: np.asarray(column) for name, column in faces.extra.items()}})

    def points() -> Any:
        number = faces.landmarks_px.shape[1]
        every = {name: np.repeat(np.asarray(getattr(faces, name)), number) for name in ("source", "frame", "track")}
        flat = faces.landmarks_px.reshape(-1, 3)
        places = {f"{axis}_px": flat[:, n] for n, axis in enumerate("xyz")}
        return _frame({**every, "point": np.tile(np.arange(number), len(faces)), **places})

    return {"faces": frame, "landmarks": points}


def _features(features: Features) -> Tables:
    def frame() -> Any:
        flat = features.values.reshape(len(features), -1)
        names = features.names if len(features.names) == flat.shape[1] else tuple(map(str, range(flat.shape[1])))
        return _frame({"status": features.status, **{name: flat[:, n] for n, name in enumerate(names)}})

    return {"features": frame}


def _predictions(predictions: Predictions) -> Tables:
    return {"predictions": lambda: _frame(predictions.columns())}


def _evidence(evidence: Evidence) -> Tables:
    flat = evidence.values.reshape(len(evidence.values), -1).astype(float)
    known = {name: getattr(evidence, name) for name in ("sample", "subject", "label", "output", "gap", "status")}
    known = {name: column for name, column in known.items() if column is not None and len(column) == len(flat)}

    def named() -> Any:
        return _frame({**known, **{name: flat[:, n] for n, name in enumerate(evidence.names)}})

    def amounts() -> Any:
        both = {"evidence_for": np.maximum(flat, 0).sum(axis=1), "evidence_against": np.minimum(flat, 0).sum(axis=1)}
        return _frame({**known, **both, "evidence_amount": np.abs(flat).sum(axis=1)})

    tables: Tables = {"evidence": named} if len(evidence.names) == flat.shape[1] else {}
    return {**tables, "amounts": amounts}


def _fixations(fixations: Fixations) -> Tables:
    from dataclasses import fields

    def frame() -> Any:
        columns = {field.name: getattr(fixations, field.name) for field in fields(fixations)}
        length = len(fixations)
        return _frame({n: c for n, c in columns.items() if isinstance(c, np.ndarray) and c.shape == (length,)})

    return {"fixations": frame}


def _stream(stream: Stream) -> Tables:
    def frame() -> Any:
        columns: dict[str, Any] = {"time_s": stream.time_s}
        for name in ("duration_s", "run", "viewer"):
            column = getattr(stream, name)
            if column is not None and len(column):
                columns[name] = column
        values = np.asarray(stream.values)
        columns |= {name: values[:, n] for n, name in enumerate(stream.columns)}
        return _frame({**columns, **dict(stream.texts)})

    return {"stream": frame}


_NOUNS: dict[type, Callable[[Any], Tables]] = {
    Samples: _samples, Faces: _faces, Features: _features, Evidence: _evidence, Fixations: _fixations, Stream: _stream,
    Predictions: _predictions,
}  # fmt: skip


def _frame(columns: dict[str, Any]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame({str(name): list(c) if np.ndim(c) > 1 else c for name, c in columns.items()})
