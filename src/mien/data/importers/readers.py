"""The tools whose output ``mien import`` reads, by name: how their files are known, what reads them, which options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mien.core.faces import Faces
from mien.core.registry import Row

_ARRAYS = (".npy", ".npz")


@dataclass(frozen=True)
class Reader(Row[Faces]):
    """A tool; its home takes a file's path and gives its faces.

    Attributes
    ----------
    endings : tuple of str
        Of its files where a folder is given.
    takes : tuple of str
        Arguments of its home that ``mien import`` fills in: ``source`` (what rows are called that do not say where they
        come from), ``size_px`` (``--size``), ``normalised`` (False with ``--pixels``), ``who``, ``features`` and
        ``columns`` (the options of these names), ``say`` (called with a sentence on what cannot be read as it stands).
    sizeless : tuple of str
        Endings of its files that need ``size_px`` unless they hold pixels.
    """

    endings: tuple[str, ...] = (".csv",)
    takes: tuple[str, ...] = ("source",)
    sizeless: tuple[str, ...] = ()

    kind: ClassVar[str] = "tool"
    room: ClassVar[str] = "mien.data.importers."
    n_given: ClassVar[int] = 1


READERS: dict[str, Reader] = {
    row.name: row
    for row in (
        Reader("openface", "openface:read_openface", "CSV files of OpenFace 2: 68 points, action units, head, gaze",
               "Baltrusaitis et al. 2018", takes=("source", "size_px")),
        Reader("pyfeat", "pyfeat:read_pyfeat", "CSV files of py-feat: 68 or 478 points, action units, emotion scores",
               "Cheong et al. 2023", takes=()),
        Reader("mediapipe", "mediapipe:read_mediapipe", "478 or 468 points of MediaPipe: tables, JSON or arrays",
               "Kartynnik et al. 2019", endings=(".csv", ".parquet", ".json", *_ARRAYS),
               takes=("source", "size_px", "normalised"), sizeless=(".npy",)),
        Reader("points", "points:read_points", "arrays (clips, frames, 68, 468 or 478 points, 2 or 3) of any program",
               endings=_ARRAYS, takes=("source", "who")),
    )
}  # fmt: skip
# Tables of any tool, which are asked for by the names of their columns.
NAMED = Reader(
    "features", "named:read_named_features", "named numbers of any tool",
    endings=(".csv", ".tsv", ".txt", ".parquet", ".xlsx"), takes=("source", "features", "columns", "say"),
)  # fmt: skip
