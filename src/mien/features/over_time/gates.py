"""Gates: which frames of a recording count, and which recordings; every exclusion has a reason and is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.data.measures import OK
from mien.features.over_time.channels import Recording

# In this order; a frame that fails several counts for the first.
REASONS: dict[str, str] = {
    "unreadable": "the frame could not be read",
    "no face": "the person was not seen",
    "repeated": "the frame before once more, so no moment of its own",
    "unsure": "the landmarker is not sure that this is a face, as with a hand before it",
    "truncated": "the face reaches beyond the edge of the picture",
    "small": "the face is too small",
    "blurred": "the face is blurred",
    "turned": "the head is turned too far",
}


@dataclass(frozen=True)
class Gates:
    """What a frame and a recording have to be.

    Attributes
    ----------
    min_presence : float
        Least sureness of the landmarker (or of another tool: OpenFace's confidence), 0 to 1.
    min_face_px : float
        Least height of the face.
    min_sharpness : float
        As ``Faces.sharpness``.
    max_yaw_deg, max_pitch_deg : float
        Farthest turn of the head to the side, and up or down.
    min_usable : float
        Least share of usable frames.
    min_frames : int
    min_duration_s : float
        Least time that usable frames cover.
    max_others : float
        Largest share of frames that show another face, too.
    """

    min_presence: float = 0.5
    min_face_px: float = 40.0
    min_sharpness: float = 6.0
    max_yaw_deg: float = 40.0
    max_pitch_deg: float = 30.0
    min_usable: float = 0.5
    min_frames: int = 10
    min_duration_s: float = 1.0
    max_others: float = 0.5


def failed_gates(recording: Recording, gates: Gates) -> dict[str, np.ndarray]:
    """For each reason which frames fail, each of shape (frames,); what is unknown does not fail.

    A frame can fail several.
    """
    seen = recording.seen

    def remarked(word: str) -> np.ndarray:
        return np.array([word in text for text in recording.remarks], dtype=bool)

    some = bool(np.any(recording.remarks != ""))
    none = np.zeros(len(seen), dtype=bool)
    turned = (np.abs(recording.pose_deg[:, 1]) > gates.max_yaw_deg) | (
        np.abs(recording.pose_deg[:, 0]) > gates.max_pitch_deg
    )
    return {
        "unreadable": recording.unreadable,
        "no face": ~seen & ~recording.unreadable,
        "repeated": seen & remarked("repeated") if some else none,
        "unsure": recording.presence < gates.min_presence,
        "truncated": seen & remarked("truncated") if some else none,
        "small": recording.height_px < gates.min_face_px,
        "blurred": recording.sharpness < gates.min_sharpness,
        "turned": turned,
    }


def usable(failed: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, int]]:
    """Mask of the frames that pass all gates, and how many were left out for which first reason.

    The counts and the usable frames add up to all frames.
    """
    left = np.ones(len(next(iter(failed.values()))), dtype=bool)
    counts = {}
    for reason, fails in failed.items():
        counts[reason] = int((left & fails).sum())
        left = left & ~fails
    return left, counts


def verdict(recording: Recording, kept: np.ndarray, usable_s: float, gates: Gates) -> str:
    """``'ok'``, or why a recording has no values: the reason, a colon, and the numbers.

    Parameters
    ----------
    recording : Recording
    kept : ndarray of bool, shape (frames,)
        Usable frames.
    usable_s : float
        Time that they cover.
    gates : Gates
    """
    frames, count = len(kept), int(kept.sum())
    if not recording.seen.any():
        if recording.unreadable.all():
            return f"unreadable: {recording.reason or 'none of its frames could be read'}"
        return f"no face: none of {frames} frames shows one"
    others = float((recording.others > 0).mean())
    if others > gates.max_others:
        return f"other faces: in {_percent(others)} of the frames (at most {_percent(gates.max_others)})"
    if count < gates.min_frames:
        return f"too few frames: {count} of {frames} are usable (at least {gates.min_frames})"
    if count < gates.min_usable * frames:
        return f"usable share: {_percent(count / frames)} of {frames} frames (at least {_percent(gates.min_usable)})"
    if frames > 1 and not np.ptp(recording.time_s) > 0:
        return "no times: all frames have the same time; say how many there are in a second (fps)"
    if usable_s < gates.min_duration_s:
        return f"too short: {usable_s:.2f} s are usable (at least {gates.min_duration_s:g} s)"
    if not recording.channels:
        return "no channels: none that was asked for holds a number"
    return OK


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def quality_of(recording: Recording, kept: np.ndarray, counts: dict[str, int], usable_s: float) -> dict[str, float]:
    """Numbers about the recording, not about the face.

    ``'left out: REASON'`` count frames by their first reason; together with ``'usable frames'`` they are all frames.
    """
    frames = len(kept)
    step = float(np.median(np.diff(recording.time_s))) if frames > 1 else float("nan")
    found: dict[str, Any] = {
        "frames": frames,
        "usable frames": int(kept.sum()),
        "usable share": float(kept.mean()) if frames else float("nan"),
        "duration_s": float(np.ptp(recording.time_s)) + (step if step == step else 0.0) if frames else 0.0,
        "usable_s": usable_s,
        "fps": 1 / step if step > 0 else float("nan"),
        "people": recording.people,
        "frames with others": int((recording.others > 0).sum()),
        **{f"left out: {reason}": count for reason, count in counts.items()},
    }
    typical = {"presence": recording.presence, "face height px": recording.height_px, "sharpness": recording.sharpness}
    for name, column in typical.items():
        known = column[kept & np.isfinite(column)]
        found[name] = float(np.median(known)) if len(known) else float("nan")
    return {name: float(value) for name, value in found.items()}
