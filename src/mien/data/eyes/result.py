"""Fixations of recordings of eye trackers with the quality of each recording: written, read, as a stream."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import finite, read_json, sha256_of, write_json, write_text
from mien.core.in_notebooks import InNotebooks
from mien.core.provenance import provenance
from mien.core.results import MISFIT, number
from mien.core.streams import Stream

FORMAT = "mien fixations 1"
OK = "ok"
WORDS = ("viewer", "run", "picture")
NUMBERS = ("onset_s", "duration_s", "x_px", "y_px", "rms_deg")


@dataclass(frozen=True)
class EyeRecording:
    """One viewer in one file: what became of it and how good it is. What is not known is NaN.

    Attributes
    ----------
    file, viewer : str
    status : str
        ``'ok'``, or the sentence that says why it was not read.
    tracker : str
    samples, fixations : int
    seen : float
        Share of samples with a place.
    beyond : float
        Share of these that lie beyond the screen.
    seconds : float
        From the first to the last sample.
    rate_hz, rate_said_hz : float
        One by the median step, and what the file states.
    gaps : int
        Steps between samples longer than 1.5 usual ones.
    longest_gap_s : float
    precision_deg : float
        Root mean square of the steps from sample to sample within fixations (RMS-S2S): median over fixations.
    error_deg, worst_error_deg : float
        Mean and greatest error of the last validation that the file states.
    median_s : float
        Of the durations of fixations.
    """

    file: str
    viewer: str
    status: str
    tracker: str = ""
    samples: int = 0
    fixations: int = 0
    seen: float = float("nan")
    beyond: float = float("nan")
    seconds: float = float("nan")
    rate_hz: float = float("nan")
    rate_said_hz: float = float("nan")
    gaps: int = 0
    longest_gap_s: float = float("nan")
    precision_deg: float = float("nan")
    error_deg: float = float("nan")
    worst_error_deg: float = float("nan")
    median_s: float = float("nan")


@dataclass(frozen=True, eq=False)
class EyeRecordings(InNotebooks):
    """Fixations of one or several recordings.

    Attributes
    ----------
    viewer, run, picture : ndarray of str, shape (fixations,)
        ``''`` where nothing says it.
    onset_s : ndarray of float64, shape (fixations,)
        Since the run or picture began (its message or first sample); without either on the clock of the recording,
        from its first sample on.
    duration_s : ndarray of float64, shape (fixations,)
        The last sample counts for its whole step.
    x_px, y_px : ndarray of float64, shape (fixations,)
        Mean place on the screen, from its top left corner.
    rms_deg : ndarray of float64, shape (fixations,)
        Root mean square of the steps from sample to sample; NaN where degrees are not known.
    recordings : tuple of EyeRecording
    settings : dict
    notes : tuple of str
    """

    __repr__ = brief

    viewer: np.ndarray
    run: np.ndarray
    picture: np.ndarray
    onset_s: np.ndarray
    duration_s: np.ndarray
    x_px: np.ndarray
    y_px: np.ndarray
    rms_deg: np.ndarray
    recordings: tuple[EyeRecording, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.viewer)

    def stream(self, name: str = "fixations") -> Stream:
        """The fixations as intervals with columns ``x_px`` and ``y_px``, in order of viewer, run and time."""
        order = np.lexsort((self.onset_s, self.run.astype(str), self.viewer.astype(str)))
        texts = {"picture": self.picture[order]} if (self.picture != "").any() else {}
        return Stream(
            name, "intervals", self.onset_s[order], ("x_px", "y_px"), np.stack([self.x_px, self.y_px], 1)[order],
            texts, self.duration_s[order], self.run[order], self.viewer[order], ("px", "px"),
            settings=self.settings, source=", ".join(sorted({one.file for one in self.recordings})), notes=self.notes,
        )  # fmt: skip

    def write(self, path: str | Path) -> None:
        """Write the table ``NAME.csv``, and beside it ``NAME.json`` with settings, quality and notes."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        words = [name for name in WORDS if name == "viewer" or (getattr(self, name) != "").any()]
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow([*words, *NUMBERS])
        columns = [getattr(self, name) for name in words]
        columns += [[f"{v:.6g}" if v == v else "" for v in np.round(getattr(self, name), 6)] for name in NUMBERS]
        rows.writerows(zip(*columns, strict=True))
        write_text(path, text.getvalue())
        facts = finite(
            {"format": FORMAT, "recordings": [asdict(one) for one in self.recordings], "settings": self.settings,
             "notes": list(self.notes)}
        )  # fmt: skip
        write_json(path.with_suffix(".json"), provenance(**facts, table_sha256=sha256_of(path)))


def load_eye_recordings(path: str | Path) -> EyeRecordings:
    """Read what ``mien fixations`` wrote.

    Parameters
    ----------
    path : path
        The table; its JSON file lies beside it.

    Returns
    -------
    EyeRecordings

    Raises
    ------
    InputError
        If one of them is missing or was changed.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from pathlib import Path
    >>> lines = ["time_ms,x,y", *(f"{4 * i},{300 if i < 100 else 700},{400 + i % 2}" for i in range(200))]
    >>> _ = Path("v1.csv").write_text("\\n".join(lines))
    >>> _ = mien.fixations("v1.csv", method="i-dt", pixels_per_degree=40, output="looked.csv")
    >>> mien.load_eye_recordings("looked.csv").viewer.tolist()
    ['v1', 'v1']
    """
    path = Path(path)
    found = read_json(path.with_suffix(".json"))
    wrong = f"{path} was not written by 'mien fixations', or was changed since"
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise InputError(f"{wrong}; name the table that it wrote.")
    if not path.is_file() or sha256_of(path) != found.get("table_sha256"):
        raise InputError(f"{wrong}; run it again, or read the table alone with mien.read_fixations.")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        words: Any = {name: np.array([row.get(name, "") for row in rows], dtype=object) for name in WORDS}
        values: Any = {name: np.array([float(row[name] or "nan") for row in rows]) for name in NUMBERS}
        return EyeRecordings(
            **words, **values, recordings=tuple(_recording(one) for one in found["recordings"]),
            settings=dict(found["settings"]), notes=tuple(map(str, found["notes"])),
        )  # fmt: skip
    except (*MISFIT, OSError) as error:
        raise InputError(f"{wrong} ({error}).") from error


def _recording(found: dict[str, Any]) -> EyeRecording:
    kinds = EyeRecording.__dataclass_fields__
    values: Any = {name: number(value) if kinds[name].type == "float" else value for name, value in found.items()}
    return EyeRecording(**values)
