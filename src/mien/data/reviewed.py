"""Faces as a review leaves them, and whether all that it says can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import EXCLUDED, MARKED, OK, RETRACKED
from mien.core.words import did_you_mean
from mien.data.review import EXCLUDE, MARK, MERGE, SWAP, Decision, Review

# What has to be known of a row before a decision can be obeyed, and what obeying it changes.
NEEDED = ("source", "frame", "track", "status", "reason", "quality")
WHY = "excluded by review"


def obeyed(columns: Mapping[str, np.ndarray], review: Review) -> dict[str, np.ndarray]:
    """Columns of faces after all decisions, one after the other.

    Excluded faces keep their rows, so that nothing seems not to have been looked at; their status says so, and their
    measures are NaN.

    Parameters
    ----------
    columns : mapping of str to ndarray, each of shape (rows, ...)
        With all of ``NEEDED``.
    review : Review
        What it says of sources that are not there is passed over.

    Returns
    -------
    dict of str to ndarray
        New arrays where something changed.
    """
    found = dict(columns)
    about = review.about(set(columns["source"].tolist()))
    if not about:
        return found
    for name in ("track", "status", "reason", "quality"):
        found[name] = np.array(columns[name])
    for decision in about.decisions:
        _obey(found, decision)
    out = (found["status"] == EXCLUDED) & (columns["status"] == OK)
    if out.any():
        for name, column in columns.items():
            if column.dtype.kind == "f" and name != "time_s":
                found[name] = np.array(column)
                found[name][out] = np.nan
    return found


def _obey(columns: dict[str, np.ndarray], decision: Decision) -> None:
    at = concerned(columns, decision)
    track, faces = columns["track"], columns["status"] == OK
    if decision.action == EXCLUDE:
        out = at & faces & (True if decision.track is None else track == decision.track)
        columns["status"][out] = EXCLUDED
        columns["reason"][out] = f"{WHY}: {decision.note}" if decision.note else WHY
    elif decision.action == MARK:
        _remark(columns["quality"], at, MARKED)
    else:
        one, other = at & faces & (track == decision.track), at & faces & (track == decision.other)
        track[one] = decision.other
        if decision.action == SWAP:
            track[other] = decision.track
        _remark(columns["quality"], one | other, RETRACKED)


def concerned(columns: Mapping[str, np.ndarray], decision: Decision) -> np.ndarray:
    """Mask of the rows of a decision's source and frames, whosever they are."""
    first, last = decision.span
    frame = columns["frame"]
    at: Any = (columns["source"] == decision.source) & (frame >= first)
    return np.asarray(at if last is None else at & (frame <= last), dtype=bool)


def _remark(quality: np.ndarray, rows: np.ndarray, remark: str) -> None:
    for row in np.flatnonzero(rows):
        words = str(quality[row]).split()
        quality[row] = " ".join([*words, *[remark] * (remark not in words)])


def check_obeyable(review: Review, columns: Mapping[str, np.ndarray], known: list[str]) -> None:
    """Refuse a review that says something of faces that are not there, or that cannot be done.

    Parameters
    ----------
    review : Review
    columns : mapping of str to ndarray
        ``NEEDED`` columns, of all sources that the review names, as extracted.
    known : list of str
        All sources of the study, as far as they are known; for what may have been meant.

    Raises
    ------
    InputError
        With file and row.
    """
    now = {name: np.array(columns[name]) for name in NEEDED}
    there = set(now["source"].tolist())
    for decision, row in zip(review.decisions, review.rows, strict=True):
        where = f"{review.path}, row {row}"
        if decision.source not in there:
            raise InputError(
                f"{where}: this study has no faces of '{decision.source}'.{did_you_mean(decision.source, known)} "
                "Correct the name, or take the row out."
            )
        problem = _problem(now, decision)
        if problem:
            raise InputError(f"{where}: {problem} Correct the row, or take it out.")
        _obey(now, decision)


def _problem(columns: Mapping[str, np.ndarray], decision: Decision) -> str:
    at, track = concerned(columns, decision), columns["track"]
    frames = f"frames {decision.frames}" if ".." in decision.frames else f"frame {decision.frames}"
    where = f"{frames} of '{decision.source}'" if decision.frames else f"'{decision.source}'"
    if decision.action == MARK:
        return "" if at.any() else f"'{decision.source}' has no {frames}."
    faces = at & np.isin(columns["status"], (OK, EXCLUDED))
    if decision.track is None:
        return "" if faces.any() else f"there is no face in {where}."
    one, other = faces & (track == decision.track), faces & (track == decision.other)
    if not one.any() and not (decision.action == SWAP and other.any()):
        return f"there is no face of track {decision.track} in {where}."
    if decision.action == MERGE:
        both = np.intersect1d(columns["frame"][one], columns["frame"][other])
        if len(both):
            return (
                f"tracks {decision.track} and {decision.other} are both seen in frame {both[0]}, "
                "so they are two faces and cannot be merged there."
            )
    return ""
