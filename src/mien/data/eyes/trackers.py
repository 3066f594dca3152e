"""Files of eye trackers by their tool: what columns are called, in which units, from which corner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mien.core.errors import InputError
from mien.data.eyes.screen import BOTTOM_LEFT, PIXELS, SHARES, TOP_LEFT

EYELINK, TABLE = "eyelink", "table"
SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS = "s", "ms", "us", "ns"
TIME_UNITS = {SECONDS: 1.0, MILLISECONDS: 1e-3, MICROSECONDS: 1e-6, NANOSECONDS: 1e-9}
# What a mapping of columns may name. A sample counts where 'valid' is neither 0 nor a word for invalid.
FIELDS = ("time", "x", "y", "left_x", "left_y", "right_x", "right_y", "valid", "picture", "run", "viewer")


@dataclass(frozen=True)
class TrackerFormat:
    """One kind of table of raw samples.

    Attributes
    ----------
    name, meaning : str
    columns : dict of str to tuple of str
        By field of ``FIELDS`` what the column may be called; a name that ends in ``*`` starts so.
    time : str
        Unit of times where the name of their column does not say it.
    units, origin : str
        Of coordinates.
    least_valid : float
        A sample counts where the number in ``valid`` is at least so large.
    """

    name: str
    meaning: str
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    time: str = SECONDS
    units: str = PIXELS
    origin: str = TOP_LEFT
    least_valid: float = 0.5


TRACKERS: dict[str, TrackerFormat] = {
    row.name: row
    for row in (
        TrackerFormat(EYELINK, "SR Research EyeLink, .asc as edf2asc writes it", time=MILLISECONDS),
        TrackerFormat(
            "tobii", "Tobii Pro Lab, export of single samples (.tsv)",
            {
                "time": ("Recording timestamp", "Recording timestamp [μs]", "Recording timestamp [us]",
                         "Recording timestamp [ms]"),
                "x": ("Gaze point X", "Gaze point X [MCS px]", "Gaze point X [DACS px]"),
                "y": ("Gaze point Y", "Gaze point Y [MCS px]", "Gaze point Y [DACS px]"),
                "left_x": ("Gaze point left X", "Gaze point left X [DACS px]"),
                "left_y": ("Gaze point left Y", "Gaze point left Y [DACS px]"),
                "right_x": ("Gaze point right X", "Gaze point right X [DACS px]"),
                "right_y": ("Gaze point right Y", "Gaze point right Y [DACS px]"),
                "picture": ("Presented Stimulus name",), "viewer": ("Participant name",),
            },
            time=MICROSECONDS,
        ),
        TrackerFormat(
            "pupil", "Pupil Labs, gaze_positions.csv or gaze on a surface (shares, from the bottom left corner)",
            {"time": ("gaze_timestamp", "timestamp", "world_timestamp"), "x": ("x_norm", "norm_pos_x"),
             "y": ("y_norm", "norm_pos_y"), "valid": ("confidence",)},
            units=SHARES, origin=BOTTOM_LEFT, least_valid=0.6,
        ),
        TrackerFormat(
            "gazepoint", "Gazepoint, all_gaze.csv (shares of the screen)",
            {"time": ("TIME*",), "x": ("BPOGX",), "y": ("BPOGY",), "valid": ("BPOGV",), "left_x": ("LPOGX",),
             "left_y": ("LPOGY",), "right_x": ("RPOGX",), "right_y": ("RPOGY",), "picture": ("MEDIA_NAME",)},
            units=SHARES,
        ),
        TrackerFormat(
            TABLE, "any table with a row per sample, by a mapping of columns",
            {
                "time": ("time_s", "time_ms", "time_us", "time_ns", "timestamp [ns]", "time", "timestamp"),
                "x": ("x_px", "x", "gaze_x", "gaze x [px]"), "y": ("y_px", "y", "gaze_y", "gaze y [px]"),
                "left_x": ("left_x", "x_left"), "left_y": ("left_y", "y_left"),
                "right_x": ("right_x", "x_right"), "right_y": ("right_y", "y_right"), "valid": ("valid",),
                "picture": ("picture", "image", "stimulus"), "run": ("run",),
                "viewer": ("viewer", "subject", "participant"),
            },
        ),
    )
}  # fmt: skip


def columns_of(tracker: TrackerFormat, have: list[str], given: Mapping[str, str], where: str) -> dict[str, str]:
    """The column of each field that a table has.

    Raises
    ------
    InputError
        If the mapping names what there is not.
    """
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        raise InputError(f"columns: '{unknown[0]}' is none of {', '.join(FIELDS)}.")
    lost = [name for name in given.values() if name not in have]
    if lost:
        raise InputError(f"{where} has no column '{lost[0]}'. Its columns: {', '.join(have[:30])}.")
    result = dict(given)
    for name, usual in tracker.columns.items():
        found = next((column for word in usual for column in have if _called(column, word)), "")
        if found and name not in result:
            result[name] = found
    return result


def _called(column: str, word: str) -> bool:
    return column.startswith(word[:-1]) if word.endswith("*") else column == word


def guessed(have: list[str]) -> str:
    """The tracker whose time and place a table has; the plain table where none does."""
    for name, row in TRACKERS.items():
        found = columns_of(row, have, {}, "") if row.columns else {}
        if name != TABLE and "time" in found and "x" in found and not {"x", "time_s"} & set(have):
            return name
    return TABLE


def unit_in(column: str) -> str:
    """The unit that the name of a column of times says; '' where it says none."""
    lower = column.lower().replace("μ", "u").replace("µ", "u")
    for unit in (NANOSECONDS, MICROSECONDS, MILLISECONDS, SECONDS):
        if lower.endswith((f"_{unit}", f"[{unit}]", f"({unit})")):
            return unit
    return ""
