"""Eyes: blinks, gaze shifts and gaze aversion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mien.features.over_time.bouts import bouts, mean_of
from mien.features.over_time.channels import Channel
from mien.features.over_time.even import Even
from mien.features.over_time.series import Found, Series

# What says how far the eyes are closed: channels, and whether they open rather than close.
LIDS: dict[str, tuple[tuple[str, ...], bool]] = {
    "eyelids": (("eyelids right", "eyelids left"), True),
    "eyeBlink": (("eyeBlinkLeft", "eyeBlinkRight"), False),
    "AU45": (("AU45_r",), False),
}
# An eye counts as closing from this share of its way on, and as closed in a blink if it goes as far as that.
CLOSING, CLOSED = 0.3, 0.5
# Where lids hardly move, their noise is no blink: least way of a blink, in the channel's unit.
LEAST_WAY = {"eyelids": 0.08, "eyeBlink": 0.2, "AU45": 0.5}
# Longer closures are no blinks; 0.1 to 0.4 s is usual (Schiffman 2001), drowsy ones take longer.
LONGEST_BLINK_S = 0.5
# A shift of gaze is a turn of so many degrees within so short a time.
SHIFT_DEG, SHIFT_S = 5.0, 0.15
# The iris is not where it seems to be while lids move.
_LID_S = 0.1
AVERTED_DEG = 10.0


def eye_statistics(series: Series) -> Iterator[Found]:
    """Blinks by each channel that shows lids; shifts and aversion of gaze."""
    closed: list[tuple[float, float]] | None = None
    for name, (names, opens) in LIDS.items():
        lids = series.together(names)
        if lids is None or not lids.step_s:
            continue
        found, spans = _blinks(lids, opens, LEAST_WAY[name])
        closed = spans if closed is None else closed
        yield (Channel(name, "1", "eyelids"),), found
    closed = closed or []
    gaze = series.together(("gaze pitch", "gaze yaw"))
    if gaze is not None and gaze.step_s:
        yield (Channel("gaze", "deg", "gaze"),), _shifts(gaze, closed)
    whole = series.together(("pitch", "yaw", "gaze pitch", "gaze yaw"))
    if whole is not None:
        yield (Channel("gaze with head", "deg", "gaze"),), _aversion(whole, closed)


def _blinks(lids: Even, opens: bool, least: float) -> tuple[dict[str, np.ndarray], list[tuple[float, float]]]:
    """Rate and duration of blinks and the share of time closed for longer; beginning and end of each closure."""
    mean = lids.values.mean(axis=0, keepdims=True).astype(np.float64)
    if opens:
        mean = -mean
    # Lids are open most of the time; how far they close differs between people and cameras.
    open_level = np.quantile(mean, 0.2)
    way = max(float(np.quantile(mean, 0.995) - open_level), 2 * least)
    closure = Even(((mean - open_level) / way).astype(np.float32), lids.time_s, lids.stretch, lids.step_s)
    seen = bouts(closure, np.array([CLOSING], dtype=np.float32), np.array([CLOSED], dtype=np.float32))
    brief = seen.duration_s <= LONGEST_BLINK_S
    whole = seen.begun & seen.ended & brief
    closed = float(seen.duration_s[~brief].sum()) / lids.seconds
    found = {
        "blinks per minute": np.array([brief.sum() / lids.seconds * 60]),
        "blink duration": mean_of(seen, seen.duration_s, whole, 1),
        "closed share": np.array([closed]),
    }
    begin = np.clip(np.round(seen.onset_s / lids.step_s).astype(int), 0, len(lids.time_s) - 1)
    end = np.clip(np.round(seen.offset_s / lids.step_s).astype(int), 0, len(lids.time_s) - 1)
    return found, list(zip(lids.time_s[begin], lids.time_s[end], strict=True))


def _while_lids_move(time_s: np.ndarray, closed: list[tuple[float, float]], margin_s: float) -> np.ndarray:
    """Mask of the times at which the eyes are closed, or so shortly before or after."""
    if not closed:
        return np.zeros(len(time_s), dtype=bool)
    begin, end = np.array(closed).T
    at = np.searchsorted(begin - margin_s, time_s, side="right") - 1
    result: np.ndarray = (at >= 0) & (time_s <= end[at] + margin_s)
    return result


def _shifts(gaze: Even, closed: list[tuple[float, float]]) -> dict[str, np.ndarray]:
    """Turns of gaze relative to the head, but for those while lids move."""
    lag = gaze.lag(SHIFT_S)
    if len(gaze.time_s) <= lag:
        return {}
    turned = gaze.values[:, lag:] - gaze.values[:, :-lag]
    size = np.hypot(turned[0], turned[1])
    # Across the end of a stretch nothing is known of the turn.
    size[gaze.stretch[lag:] != gaze.stretch[:-lag]] = 0
    middle = (gaze.time_s[lag:] + gaze.time_s[:-lag]) / 2
    size[_while_lids_move(middle, closed, _LID_S + SHIFT_S / 2)] = 0
    turns = Even(size[None], middle, gaze.stretch[lag:], gaze.step_s)
    seen = bouts(turns, np.array([SHIFT_DEG / 2], dtype=np.float32), np.array([SHIFT_DEG], dtype=np.float32))
    return {
        "shifts per minute": np.array([len(seen) / gaze.seconds * 60]),
        "shift amplitude": mean_of(seen, seen.height, np.ones(len(seen), dtype=bool), 1),
    }


def _aversion(whole: Even, closed: list[tuple[float, float]]) -> dict[str, np.ndarray]:
    """Share of the time with open eyes in which head and eyes together point away from where they mostly point."""
    direction = (whole.values[:2] + whole.values[2:])[:, ~_while_lids_move(whole.time_s, closed, _LID_S)]
    if not direction.shape[1]:
        return {}
    away = direction - np.median(direction, axis=1, keepdims=True)
    return {"aversion share": np.array([(np.hypot(away[0], away[1]) > AVERTED_DEG).mean()])}
