"""Fixations of viewers beside maps: what was found, written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.compare.gaze.dwell import DwellRow
from mien.compare.gaze.metrics import METRICS
from mien.compare.gaze.rows import ABOVE, MAP, GazeContrast, GazeRow
from mien.compare.gaze.shown import SHOWN_FILE, ShownPicture, load_shown, shown_bytes
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import Plotted
from mien.core.results import number, numbers
from mien.core.streams import Stream
from mien.data.result_files import ResultFiles

if TYPE_CHECKING:
    import pandas

GAZE_FILE, CELLS_FILE = "gaze.json", "cells.safetensors"
_FORMAT = "mien gaze 1"
_FILES = ResultFiles("mien gaze", _FORMAT, GAZE_FILE, {"cells": CELLS_FILE}, (SHOWN_FILE,))
_SEPARATOR = "|"


@dataclass(frozen=True)
class GazePicture:
    """What became of a picture.

    Attributes
    ----------
    name, status : str
        ``'ok'``, ``'no fixations'``, ``'one viewer'`` (nobody to compare with) or ``'no map'``.
    viewers, fixations : int
        That count.
    outside, first : int
        Fixations that do not: those outside the picture, and viewers' first ones.
    faces : int
        That are known in it.
    maps : dict of str to str
        Of each map: ``'ok'``, ``'no map'``, ``'another shape than the picture'``, ``'not finite'``, ``'all zero'`` or
        ``'no usable evidence'``.
    """

    name: str
    status: str
    viewers: int
    fixations: int
    outside: int
    first: int
    faces: int = 0
    maps: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class GazeAgreement(Plotted):
    """Do maps and fixations of viewers fall on the same places.

    Attributes
    ----------
    rows : tuple of GazeRow
        Every map, baseline and the ceiling by every metric.
    contrasts : tuple of GazeContrast
        Maps against baselines and each other, on the same pictures and viewers.
    dwell : tuple of DwellRow
        Shares of parts of the face; empty where no landmarks are known.
    pictures : tuple of GazePicture
    curve : mapping of int to ndarray, shape (metrics,)
        Scores of the densities of so many other viewers: how the ceiling depends on their number.
    cells : mapping of (str, str) to ndarray of float32, shape (metrics, pictures, viewers)
        Scores of single viewers on the pictures of status ``'ok'``, by map and part.
    viewers : tuple of str
    shown : tuple of ShownPicture
        A few pictures with fixations and maps, to be drawn.
    settings : dict
    notes : tuple of str
        What has to be known with the numbers, in sentences.
    """

    __repr__ = brief

    rows: tuple[GazeRow, ...]
    contrasts: tuple[GazeContrast, ...]
    dwell: tuple[DwellRow, ...]
    pictures: tuple[GazePicture, ...]
    curve: Mapping[int, np.ndarray]
    cells: Mapping[tuple[str, str], np.ndarray]
    viewers: tuple[str, ...]
    shown: tuple[ShownPicture, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> pandas.DataFrame:
        """The rows as a DataFrame."""
        pandas = require("pandas", "A table of scores", "learn")
        return pandas.DataFrame([asdict(row) for row in self.rows], columns=list(GazeRow.__dataclass_fields__))

    @property
    def maps(self) -> tuple[tuple[str, str], ...]:
        """Names and parts of the maps, baselines and the ceiling left out."""
        return tuple(dict.fromkeys((row.map, row.part) for row in self.rows if row.kind == MAP))

    def row(self, name: str, metric: str, part: str = "") -> GazeRow:
        """One row.

        Raises
        ------
        InputError
            If there is none.
        """
        for row in self.rows:
            if (row.map, row.part, row.metric) == (name, part, metric):
                return row
        have = ", ".join(dict.fromkeys(f"'{r.map}'{f' ({r.part})' if r.part else ''}" for r in self.rows))
        raise InputError(f"There is no row '{name}'{f' ({part})' if part else ''} by '{metric}'; there are {have}.")

    def ceiling(self, metric: str) -> GazeRow:
        """What the densities of all other viewers reach."""
        return next(row for row in self.rows if row.kind == ABOVE and row.metric == metric)

    def per_frame(self, name: str = "gaze") -> Stream:
        """Of a film: scores of every map, baseline and the ceiling by frame, as a stream.

        Parameters
        ----------
        name : str
            Of the stream.

        Returns
        -------
        Stream
            A row for each frame with the mean over viewers (viewer ``''``), then those of single viewers; columns
            ``'MAP PART METRIC'`` and, in the rows of all, ``'on faces'``, the share of their time on faces.

        Raises
        ------
        InputError
            If the fixations were not those of a film.
        """
        film = self.settings.get("film")
        if film is None:
            raise InputError("These are fixations on pictures; only a film's have a time for each (film).")
        known = {key: cells for key, cells in sorted(self.cells.items()) if np.isfinite(cells).any()}
        columns = [" ".join(word for word in (*key, metric) if word) for key in known for metric in METRICS]
        # Shape (frames, viewers, columns).
        every = np.concatenate(list(known.values())).transpose(1, 2, 0).astype(np.float64)
        count = np.isfinite(every).sum(1)
        mean = np.where(count > 0, np.nansum(every, axis=1) / np.maximum(count, 1), np.nan)
        faces = numbers([None if v is None or v != v else v for v in film["on_faces"]])
        frames = len(mean)
        values = np.concatenate([mean[:, None], every], axis=1).transpose(1, 0, 2).reshape(-1, len(columns))
        share = np.full(len(values), np.nan)
        share[:frames] = faces
        viewers = ("", *self.viewers)
        return Stream(
            name, "sampled", np.tile(film["time_s"], len(viewers)), (*columns, "on faces"),
            np.column_stack([values, share]), duration_s=np.tile(film["window_s"], len(viewers)),
            run=np.tile(np.array(film["run"], dtype=object), len(viewers)),
            viewer=np.repeat(np.array(viewers, dtype=object), frames),
            settings={key: value for key, value in self.settings.items() if key != "film"}
            | {key: film[key] for key in ("far_s", "block_s", "shots")},
            source=str(self.settings.get("fixations", "")), notes=self.notes,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain values without the scores of single viewers; what is not a number becomes None."""
        return dict(
            finite(
                {
                    "format": _FORMAT,
                    **{name: [asdict(row) for row in getattr(self, name)]
                       for name in ("rows", "contrasts", "dwell", "pictures")},
                    "metrics": list(METRICS),
                    "curve": {str(count): [float(v) for v in values] for count, values in self.curve.items()},
                    "viewers": list(self.viewers), "settings": self.settings, "notes": list(self.notes),
                }
            )
        )  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write ``gaze.json``, ``cells.safetensors`` and the pictures to be drawn, which change together."""
        parts = {"cells": {_SEPARATOR.join(key): np.asarray(cells, np.float32) for key, cells in self.cells.items()}}
        _FILES.write(folder, self.to_json(), parts, {SHOWN_FILE: shown_bytes(self.shown)} if self.shown else None)


def load_gaze(folder: str | Path) -> GazeAgreement:
    """Read what ``mien gaze`` wrote.

    Parameters
    ----------
    folder : path

    Returns
    -------
    GazeAgreement

    Raises
    ------
    InputError
        If a file is missing, damaged or something else.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> lines = [f"{p}.png,{v},{10 + 3 * i},{20 + i}" for p in "ab" for v in ("v1", "v2") for i in range(4)]
    >>> _ = Path("looked.csv").write_text("\\n".join(["picture,viewer,x,y", *lines]))
    >>> result = mien.gaze("looked.csv", picture_size="80x60", output="study/gaze/mine")
    >>> mien.load_gaze("study/gaze/mine").viewers
    ('v1', 'v2')
    """
    return _FILES.read(folder, lambda found, parts: _result(found, parts["cells"], Path(folder)))


def _result(found: dict[str, Any], arrays: dict[str, np.ndarray], folder: Path) -> GazeAgreement:
    cells = {(name.rpartition(_SEPARATOR)[0], name.rpartition(_SEPARATOR)[2]): a for name, a in arrays.items()}
    return GazeAgreement(
        tuple(_row(GazeRow, row) for row in found["rows"]),
        tuple(_row(GazeContrast, row) for row in found["contrasts"]),
        tuple(_row(DwellRow, row) for row in found["dwell"]),
        tuple(GazePicture(**row) for row in found["pictures"]),
        {int(count): numbers(values) for count, values in found["curve"].items()},
        cells, tuple(map(str, found["viewers"])), load_shown(folder), dict(found["settings"]),
        tuple(map(str, found["notes"])),
    )  # fmt: skip


def _row(kind: Any, found: Mapping[str, Any]) -> Any:
    """A row whose floating-point numbers may be None in the file."""
    return kind(
        **{name: number(value) if kind.__dataclass_fields__[name].type == "float" else value
           for name, value in found.items()}
    )  # fmt: skip
