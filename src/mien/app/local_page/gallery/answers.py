"""What the gallery's script is told, and how it changes a review; loaded with the first question."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from mien.app.local_page.gallery.index import FaceIndex
from mien.core.errors import InputError, MienError
from mien.data.media.kinds import is_video
from mien.data.review import Decision, Review
from mien.data.shards import check_review, stored_shards

# Tiles that are sent at once.
PAGE = 1000
MOST_LETTERS = 4000
_writing = threading.Lock()


def faces_from(index: FaceIndex, offset: int) -> dict[str, Any]:
    """A part of the gallery's tiles, with what is said above them."""
    tiles = index.tiles()
    part = tiles[max(0, offset) : max(0, offset) + PAGE]
    return {
        "total": len(tiles), "counts": index.counts(), "review": review_rows(index), "problem": index.problem,
        "tiles": [{**tile.as_dict(), "video": is_video_name(tile.source)} for tile in part],
    }  # fmt: skip


def is_video_name(source: str) -> bool:
    """Whether a source is a video, by its name."""
    return is_video(Path(source))


def review_rows(index: FaceIndex) -> list[dict[str, Any]]:
    """The decisions of a study's review, as the page shows them and gives them back to be undone."""
    return [
        {
            "source": one.source, "action": one.action, "frames": one.frames, "track": one.track, "other": one.other,
            "note": one.note,
        }
        for one in index.review().decisions
    ]  # fmt: skip


def answer_to_decision(index: FaceIndex, asked: dict[str, Any]) -> dict[str, Any]:
    """The review as it is now; that a decision cannot be obeyed is an answer as well, no fault of the page's."""
    try:
        change_review(index, asked)
    except MienError as error:
        return {"refused": str(error)}
    return {"review": review_rows(index), "counts": index.counts()}


def change_review(index: FaceIndex, asked: dict[str, Any]) -> None:
    """Add a decision to a study's review, or take one out.

    Parameters
    ----------
    index : FaceIndex
    asked : dict
        ``do``: ``'add'`` or ``'undo'``; ``decision``: as ``review_rows`` has it; ``numbering``, if given: of the
        source's tracks when somebody looked at it, as ``faces_of_frame`` says.

    Raises
    ------
    InputError
        If it means nothing, cannot be obeyed, is not there any more, or means other tracks than it did; the file
        stays as it is.
    """
    decision = _decision(asked.get("decision"))
    with _writing:
        before = index.review()
        if index.problem:
            raise InputError(index.problem)
        if asked.get("do") == "undo":
            _check_rests(before, decision)
            after = before.without(decision)
        elif asked.get("do") == "add":
            _check_seen(before, decision, asked.get("numbering"))
            after = before.with_one(decision)
        else:
            raise InputError("A review is asked to add a decision or to undo one.")
        check_review(after, tuple(stored_shards(index.study.folder)))
        after.write()
        # Of the last decision that is taken back no file remains to say when.
        index.study.keep(reviewed_ns=time.time_ns())
        index.look_again()


def _check_seen(review: Review, decision: Decision, seen: Any) -> None:
    """After somebody else's swap the same number means another person."""
    if seen is not None and seen != review.numbering(decision.source):
        raise InputError(
            f"Tracks of {decision.source} were swapped or merged meanwhile, in another tab or by somebody else: they "
            "have other numbers now. Nothing was changed; look at what is drawn now, and decide again."
        )


def _check_rests(review: Review, decision: Decision) -> None:
    """Without the swap above them, later rows would be about another person."""
    later = review.resting_on(decision)
    if later:
        raise InputError(
            f"{len(later)} later {'decision' if len(later) == 1 else 'decisions'} about {decision.source} "
            f"{'means' if len(later) == 1 else 'mean'} the numbers that this {decision.action} gave. Take back the "
            "later first, the last one before the others."
        )


def _decision(given: Any) -> Decision:
    if not isinstance(given, dict):
        raise InputError("A decision of a review names a source and an action.")
    texts = {name: given.get(name, "") for name in ("source", "action", "frames", "note")}
    track, other = (given.get(name) for name in ("track", "other"))
    if not all(isinstance(value, str) and len(value) <= MOST_LETTERS for value in texts.values()):
        raise InputError("The parts of a decision are texts.")
    if not all(value is None or (type(value) is int and 0 <= value < 10**9) for value in (track, other)):
        raise InputError("Tracks are numbers from 0 on.")
    source, action, frames, note = (str(value).strip() for value in texts.values())
    return Decision(source, action, frames, track, other, note)
