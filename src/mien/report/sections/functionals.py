"""The report's section on what was measured over time: channels, frames and recordings that were left out, quality."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.core.files import read_json
from mien.core.words import percent
from mien.data.measures import OK, read_quality
from mien.features.over_time.gates import REASONS
from mien.report.draw.histograms import histogram

# Numbers about recordings that are drawn: what the axis says, and the gate that stands there.
_DRAWN = (
    ("usable share", "share of frames that are usable", "min_usable"),
    ("usable_s", "usable time, s", "min_duration_s"),
    ("fps", "frames per second", None),
    ("face height px", "height of the face, px", "min_face_px"),
    ("sharpness", "sharpness", "min_sharpness"),
    ("presence", "sureness of the landmarker", "min_presence"),
)
_GATES = {
    "min_presence": "sureness of the landmarker at least {:g}",
    "min_face_px": "height of the face at least {:g} px",
    "min_sharpness": "sharpness at least {:g}",
    "max_yaw_deg": "head turned to the side by at most {:g} degrees",
    "max_pitch_deg": "up or down by at most {:g} degrees",
    "min_usable": "usable share at least {:g}",
    "min_frames": "at least {:g} usable frames",
    "min_duration_s": "that cover at least {:g} s",
    "max_others": "another face in at most {:g} of the frames",
}


def section(path: Path) -> dict[str, Any]:
    """Texts and pictures (SVG that is still to be marked as safe) of the measures whose facts lie at a path."""
    facts = read_json(path)
    settings, codebook = facts["settings"], facts["codebook"]
    status, quality = read_quality(path.parent)
    gates, ok = settings["gates"], status == OK
    return {
        "words": _words(status, codebook),
        "groups": _groups(codebook),
        "gates": "; ".join(_GATES[name].format(value) for name, value in gates.items() if name in _GATES),
        "frames": _frames(settings["frames"]),
        "usable": _usable(settings["frames"]),
        "recordings": _recordings(settings["recordings"]),
        "pictures": [
            {"svg": drawn, "caption": f"{words[0].upper()}{words[1:]}, {len(status)} recordings."}
            for name, words, gate in _DRAWN
            if name in quality and (drawn := _drawn(quality[name], words, gates.get(gate)))
        ],
        "people": int((quality["people"][ok] > 1).sum()) if "people" in quality else 0,
    }


def _drawn(values: np.ndarray, words: str, mark: float | None) -> str:
    return histogram(values, words=words, title=f"Recordings by {words}", mark=mark)


def _words(status: np.ndarray, codebook: list[dict[str, str]]) -> str:
    channels = {line["channel"] for line in codebook}
    windows = list(dict.fromkeys(line["window"] for line in codebook if line["window"]))
    within = f", for the whole and for each of {', '.join(windows)}" if windows else ""
    return (
        f"{(status == OK).sum()} of {len(status)} recordings have measures: {len(codebook)} numbers each, of "
        f"{len(channels)} channels{within}. What each means, and its unit, stands in measures/codebook.csv."
    )


def _groups(codebook: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Kinds of channel, with how many there are, an example and what was computed."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for line in codebook:
        if not line["window"]:
            group = found.setdefault(line["group"], {"channels": {}, "statistics": {}})
            group["channels"][line["channel"]] = None
            group["statistics"][line["statistic"]] = None
    return [
        {"name": name, "channels": len(group["channels"]), "example": next(iter(group["channels"])),
         "statistics": ", ".join(one for one in group["statistics"] if not one.startswith("catch22"))}
        for name, group in found.items()
    ]  # fmt: skip


def _usable(frames: dict[str, int]) -> str:
    whole = frames.get("frames", 0)
    return f"{frames['usable frames']} of {whole} frames ({percent(frames['usable frames'] / whole)})" if whole else ""


def _frames(frames: dict[str, int]) -> list[dict[str, Any]]:
    """Frames by the first reason for which they were left out."""
    whole = frames.get("frames", 0)
    rows = [(reason, meaning, frames.get(f"left out: {reason}", 0)) for reason, meaning in REASONS.items()]
    return [
        {"reason": reason, "meaning": meaning, "count": count, "share": percent(count / whole)}
        for reason, meaning, count in rows
        if count
    ]


def _recordings(recordings: dict[str, int]) -> list[dict[str, Any]]:
    whole = sum(recordings.values())
    return [
        {"reason": reason, "count": count, "share": percent(count / whole)}
        for reason, count in sorted(recordings.items(), key=lambda pair: -pair[1])
        if reason != OK and count
    ]
