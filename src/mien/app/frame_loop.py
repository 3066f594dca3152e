"""One frame after the other: faces, answers, evidence, the drawn frame, and what is said for machines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

import numpy as np

from mien.app.overlay import Scale, drawn
from mien.app.rates import EXPRESSION, LANDMARKS, OVERLAY, WINDOW, Rates
from mien.app.reading import FaceReading, LiveModel, about_of, short_title_of
from mien.core.faces import Faces
from mien.data.media.video_frame import VideoFrame

# Of a line below a frame, at most.
LETTERS = 100


class Smoother:
    """Exponential smoothing of each face's answers over time.

    Parameters
    ----------
    constant_s : float
        Time after which an old answer weighs 1/e; 0 for none. A face that was away longer than three of them starts
        anew.
    """

    def __init__(self, constant_s: float) -> None:
        self._constant_s = constant_s
        self._known: dict[int, tuple[float, dict[str, float]]] = {}

    def __call__(self, time_s: float, readings: Sequence[FaceReading]) -> list[FaceReading]:
        """The readings of a frame with smoothed answers."""
        return [self._smoothed(time_s, reading) for reading in readings] if self._constant_s else list(readings)

    def _smoothed(self, time_s: float, reading: FaceReading) -> FaceReading:
        if not reading.answers:
            return reading
        last_s, before = self._known.get(reading.track, (-math.inf, reading.answers))
        passed = time_s - last_s
        keep = math.exp(-passed / self._constant_s) if passed <= 3 * self._constant_s else 0.0
        now = {name: keep * before.get(name, value) + (1 - keep) * value for name, value in reading.answers.items()}
        self._known[reading.track] = time_s, now
        return replace(reading, answers=now, chosen=max(now, key=now.__getitem__) if reading.chosen else "")


class FrameLoop:
    """What is done with every frame.

    Parameters
    ----------
    live : LiveModel
    look : callable
        From a frame to its faces, see ``Looker.stream``.
    most_faces : int
        Of more faces the largest are read.
    smooth_s : float
        See ``Smoother``.
    draws : bool
        Whether frames are drawn, with evidence.
    """

    def __init__(
        self, live: LiveModel, look: Callable[[VideoFrame], Faces], most_faces: int, smooth_s: float, draws: bool
    ) -> None:
        self._live, self._look, self._most, self._draws = live, look, most_faces, draws
        self._smooth, self._smooth_s = Smoother(smooth_s), smooth_s
        self._scale, self.rates = Scale(), Rates()
        self._title = short_title_of(live.model)
        # The same in every frame, so that all frames of a film are of one size.
        self._caution = wrap(live.caution(), LETTERS)
        self.count = self.with_faces = self.dropped = 0

    def __call__(self, frame: VideoFrame, dropped: int) -> tuple[np.ndarray | None, dict[str, Any]]:
        """The drawn frame, None where none is drawn; and what is said of it, for JSON."""
        self.count, self.dropped = self.count + 1, self.dropped + dropped
        with self.rates.timed(LANDMARKS):
            found = self._look(frame)
            faces, others = self._largest(found[found.ok])
        with self.rates.timed(EXPRESSION):
            readings, features = self._live.answers(frame.picture, faces) if len(faces) else ([], None)
        readings = self._smooth(frame.time_s, readings)
        self.with_faces += any(reading.answers for reading in readings)
        picture = None
        if self._draws:
            with self.rates.timed(OVERLAY):
                if features is not None:
                    readings = self._live.explained(faces, features, readings)
                for reading in readings:
                    self._scale.see(reading.evidence, len(reading.points_px))
                picture = drawn(frame.picture, readings, self._scale, self._lines(readings, others), self._title)
        self.rates.frame()
        return picture, self._state(frame, readings, others)

    def _largest(self, faces: Faces) -> tuple[Faces, int]:
        """The largest faces in order of their numbers, and how many others there are."""
        area = faces.box_px[:, 2] * faces.box_px[:, 3]
        kept = np.argsort(-area, kind="stable")[: self._most]
        return faces[kept[np.argsort(faces.track[kept], kind="stable")]], len(faces) - len(kept)

    def _lines(self, readings: Sequence[FaceReading], others: int) -> list[str]:
        rates, nobody = self.rates, "" if readings else "no face | "
        alone = rates.per_second(LANDMARKS, EXPRESSION, last=WINDOW)
        both = rates.per_second(LANDMARKS, EXPRESSION, OVERLAY, last=WINDOW)
        speed = (
            f"{_number(rates.shown)} frames/s | expression alone {_number(alone)}/s | with overlay {_number(both)}/s | "
            f"{self.dropped} dropped"
        )
        smooth = f" | answers smoothed over {self._smooth_s:g} s" if self._smooth_s else ""
        more = f" | {others} more face{'s' if others > 1 else ''} not read" if others else ""
        rate = f"{nobody}{speed}{smooth}{more}"
        return [rate, self._about(readings), about_of(self._live.model), *self._caution]

    def _about(self, readings: Sequence[FaceReading]) -> str:
        """What the colours stand for."""
        shown = [reading.evidence for reading in readings if reading.evidence is not None]
        if not shown:
            return f"evidence: {self._live.method}"
        targets = ", ".join(dict.fromkeys(f"'{one.target}'" for one in shown))
        colours = "red for, blue against" if shown[0].signed else "one colour: how much rests on a place"
        scale = f"strongest so far {self._scale.limit:.2g} {shown[0].unit}"
        return f"evidence about {targets} by {shown[0].method}: {colours}; {scale}"

    def _state(self, frame: VideoFrame, readings: Sequence[FaceReading], others: int) -> dict[str, Any]:
        rates = self.rates
        return {
            "title": self._title,
            "caution": self._live.caution(readings),
            "frame": frame.number,
            "time_s": round(frame.time_s, 4),
            "faces": [
                {
                    "face": reading.track,
                    "box_px": [round(float(value), 1) for value in reading.box_px],
                    "status": reading.status,
                    "expression": reading.chosen or None,
                    "answers": {name: round(value, 4) for name, value in reading.answers.items()},
                    "abstained": list(reading.abstained),
                }
                for reading in readings
            ],
            "faces_not_read": others,
            "frames_per_s": _finite(rates.shown),
            "landmarks_ms": _finite(rates.milliseconds(LANDMARKS, WINDOW)),
            "expression_ms": _finite(rates.milliseconds(EXPRESSION, WINDOW)),
            "overlay_ms": _finite(rates.milliseconds(OVERLAY, WINDOW)),
            "dropped": self.dropped,
        }


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}"


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
