"""Faces that stay in their study's folder until something reads them, shard after shard and without points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mien.core.faces import COLUMNS, Faces
from mien.core.topology import NO_POINTS
from mien.data.shard_parts import read_columns

# What says which person a row is of, when, and whether it counts.
_ABOUT = (
    "source", "frame", "time_s", "track", "status", "reason", "box_px", "presence", "pose_deg", "sharpness", "quality",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class StudyFaces(Faces):
    """No rows, and where they are: thousands of recordings are never one table.

    Attributes
    ----------
    folder : Path
        A study, or its ``faces/``.
    """

    folder: Path = Path()

    @classmethod
    def of(cls, folder: str | Path) -> StudyFaces:
        """Those of a study.

        Parameters
        ----------
        folder : str or Path
        """
        empty = Faces.empty()
        return cls(**{one.name: getattr(empty, one.name) for one in fields(Faces)}, folder=Path(folder))


def read_without_points(path: Path, columns: Sequence[str], extra: Sequence[str]) -> Faces:
    """The rows of one shard with some of its columns and without landmarks.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Of ``Faces``, beside those that say whose face a row is, when it was and whether it counts.
    extra : sequence of str
        Further columns, under their names in ``Faces.extra``.

    Raises
    ------
    InputError
        If the shard is damaged or lacks a column.
    """
    named = [f"extra:{name}" for name in extra]
    found: dict[str, Any] = read_columns(path, [*dict.fromkeys([*_ABOUT, *columns]), *named])
    own = {name: found[name] for name in found if name in COLUMNS}
    return Faces.build(
        len(found["source"]), topology=NO_POINTS, extra={name: found[f"extra:{name}"] for name in extra}, **own
    )
