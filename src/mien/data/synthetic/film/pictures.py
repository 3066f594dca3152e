"""Frames of a made-up film: one per second, with a rendered head where the shot shows a face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from mien.core.brief import brief
from mien.data.synthetic.cohort import make_cohort
from mien.data.synthetic.film.plot import CHARACTERS, ONSET_S, SHOWN_AS, FilmPlot, Shot
from mien.data.synthetic.render import render
from mien.data.synthetic.scene import Scene, scene
from mien.data.synthetic.streams import PICTURES, stream

SIZE_PX = (320, 192)
# Moments of the performance whose pictures are made for every shot: while the expression comes, and its apex.
_MOMENTS = (2, 7)


@dataclass(frozen=True, eq=False)
class FilmFrame:
    """A picture of the film.

    Attributes
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    points_px : ndarray of float64, shape (478, 3), or None
        Where the points of the face are, if it shows one.
    objects_px : ndarray of float64, shape (objects, 2)
        Where things are.
    """

    __repr__ = brief

    picture: np.ndarray
    points_px: np.ndarray | None
    objects_px: np.ndarray


def frames(plot: FilmPlot, seed: int) -> Iterator[FilmFrame]:
    """The frame of every second of the film."""
    expressions = list(SHOWN_AS.values())
    cast = make_cohort(len(CHARACTERS), expressions, n_frames=8, blink_chance=0.0, head_strength=0.5, seed=seed)
    for number, shot in enumerate(plot.shots):
        draw = stream(seed, PICTURES, number)
        seconds = int(shot.stop_s - shot.start_s)
        if not shot.face:
            picture, objects = _things(draw)
            yield from (FilmFrame(_pushed(picture, draw)[0], None, objects) for _ in range(seconds))
            continue
        clip = shot.character * len(expressions) + expressions.index(SHOWN_AS[shot.emotion])
        moments = [_filmed(scene(cast.performance, clip, moment, seed=seed), shot, draw) for moment in _MOMENTS]
        for second in range(seconds):
            picture, points = moments[0 if second < ONSET_S else 1]
            moved, by = _pushed(picture, draw)
            yield FilmFrame(moved, points + np.array([*by, 0]), np.zeros((0, 2)))


def _filmed(shown: Scene, shot: Shot, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A head somewhere in the width of the frame; what is beside it is the blurred room."""
    width, height = SIZE_PX
    # Light and room belong to the shot, not to the moment.
    shown = replace(shown, width_cm=33.0, shift_cm=(0.0, 1.0), light_deg=(35.0, -30.0), seed=int(shot.start_s) + 1)
    left = round(shot.place * (width - height))
    picture = cv2.copyMakeBorder(render(shown, height), 0, 0, left, width - height - left, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(picture, (0, 0), 6)
    for beside in (slice(0, left), slice(left + height, width)):
        picture[:, beside] = soft[:, beside]
    return picture, shown.points_px(height) + np.array([left, 0, 0])


def _things(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A room without anybody: a soft ground and some boxes and balls."""
    width, height = SIZE_PX
    ground = cv2.resize(draw.uniform(40, 170, (4, 6, 3)).astype(np.float32), SIZE_PX, interpolation=cv2.INTER_CUBIC)
    picture = np.clip(ground, 0, 255).astype(np.uint8)
    places = np.stack([draw.uniform(40, width - 40, 3), draw.uniform(40, height - 40, 3)], 1)
    for x, y in places.astype(int):
        colour = tuple(int(value) for value in draw.integers(20, 236, 3))
        radius = int(draw.integers(12, 30))
        if draw.random() < 0.5:
            cv2.circle(picture, (int(x), int(y)), radius, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, (int(x - radius), int(y - radius)), (int(x + radius), int(y + radius)), colour, -1)
    return picture, places


def _pushed(picture: np.ndarray, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A hand-held camera: some pixels aside, with noise of the sensor."""
    by = draw.integers(-3, 4, 2)
    moved = cv2.warpAffine(
        picture, np.array([[1, 0, by[0]], [0, 1, by[1]]], dtype=np.float32), SIZE_PX, borderMode=cv2.BORDER_REPLICATE
    )
    noisy = moved + draw.normal(0, 1.5, moved.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8), by
