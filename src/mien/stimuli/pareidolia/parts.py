"""Parts that objects have (knobs, holes, buttons, bolts; slots, handles, grilles), drawn with transparency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

# Drawn so many times larger and averaged.
_FINE = 8


@dataclass(frozen=True, eq=False)
class Paint:
    """Colours of the parts of one picture, 0 to 255 each, shape (3,)."""

    body: np.ndarray
    rim: np.ndarray
    light: np.ndarray
    dark: np.ndarray


def paint_for(ground: np.ndarray, rng: np.random.Generator) -> Paint:
    """Colours that stand out from the object's: dark on light objects and, more seldom, light on dark ones."""
    grey = float(ground @ [0.299, 0.587, 0.114])
    tint = rng.uniform(0.6, 1.4, 3) if rng.random() < 0.5 else np.ones(3)
    dark, light = np.clip(ground * 0.22 * tint, 0, 90), np.clip(255 - (255 - ground) * 0.25 * tint, 170, 255)
    if grey > 105:
        body, rim = dark, (light if rng.random() < 0.6 else ground * 0.6)
    else:
        body, rim = light, (dark if rng.random() < 0.6 else np.clip(ground * 1.6, 0, 255))
    return Paint(body, rim, np.clip(body * 0.4 + 150, 0, 255), np.clip(body * 0.45, 0, 255))


class Canvas:
    """A part that is drawn, its unit the half width or half height of its box."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width * _FINE, height * _FINE
        self.colour = np.zeros((self.height, self.width, 3))
        self.alpha = np.zeros((self.height, self.width))

    def put(self, mask: np.ndarray, colour: np.ndarray, alpha: float = 1.0) -> None:
        """Lay a colour over pixels, shape (height, width), bool."""
        over = mask * alpha
        self.colour = self.colour * (1 - over[..., None]) + colour * over[..., None]
        self.alpha = np.maximum(self.alpha, over)

    def disc(self, radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
        """Pixels of an ellipse in units of the box, which is a circle where the box is a square."""
        across, down = self._units()
        return np.asarray((across - x) ** 2 + (down - y) ** 2 <= radius**2)

    def bar(self, half_width: float, half_height: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
        """Pixels of a bar with round ends."""
        across, down = self._units()
        ratio = self.width / self.height
        # Lengths in units of the half height.
        reach = max(half_width * ratio - half_height, 0.0)
        beyond = np.maximum(np.abs(across - x) * ratio - reach, 0)
        return np.asarray(np.hypot(beyond, down - y) <= half_height)

    def polygon(self, corners: int, radius: float, turn: float) -> np.ndarray:
        """Pixels of a regular polygon."""
        angle = turn + 2 * np.pi * np.arange(corners) / corners
        points = np.stack([np.cos(angle) * self.width, np.sin(angle) * self.height], axis=1) * radius / 2
        points += (self.width / 2, self.height / 2)
        mask = np.zeros((self.height, self.width), dtype=np.uint8)
        cv2.fillConvexPoly(mask, np.rint(points).astype(np.int32), 1)
        return mask.astype(bool)

    def _units(self) -> tuple[np.ndarray, np.ndarray]:
        across = (np.arange(self.width) + 0.5) / self.width * 2 - 1
        down = (np.arange(self.height) + 0.5) / self.height * 2 - 1
        return across[None], down[:, None]

    def patch(self) -> np.ndarray:
        """Red, green, blue (0 to 255) and opacity (0 to 1), shape (height, width, 4), at the part's own size."""
        shape = (self.height // _FINE, _FINE, self.width // _FINE, _FINE)
        alpha = self.alpha.reshape(shape).mean(axis=(1, 3))
        weighted = (self.colour * self.alpha[..., None]).reshape(*shape, 3).mean(axis=(1, 3))
        return np.concatenate([weighted / np.maximum(alpha, 1e-9)[..., None], alpha[..., None]], axis=2)


def knob(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A round knob with a light."""
    canvas.put(canvas.disc(0.98), paint.rim)
    canvas.put(canvas.disc(0.80), paint.body)
    canvas.put(canvas.disc(0.22, -0.28, -0.3), paint.light)


def hole(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A hole with an inner shade."""
    canvas.put(canvas.disc(0.98), paint.body)
    canvas.put(canvas.disc(0.72, 0.04, 0.1), paint.dark)


def button(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A button with two or four holes."""
    canvas.put(canvas.disc(0.98), paint.body)
    canvas.put(canvas.disc(0.70), paint.body * 0.7 + paint.rim * 0.3)
    many = int(rng.choice([2, 4]))
    for k in range(many):
        angle = np.pi / many + 2 * np.pi * k / many
        canvas.put(canvas.disc(0.16, 0.32 * np.cos(angle), 0.32 * np.sin(angle)), paint.rim)


def bolt(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """The head of a bolt with six edges."""
    turn = rng.uniform(0, np.pi)
    canvas.put(canvas.polygon(6, 0.98, turn), paint.body)
    canvas.put(canvas.disc(0.55), paint.body * 0.6 + paint.light * 0.4)
    canvas.put(canvas.disc(0.28), paint.dark)


def ring(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A lens: rings around a dark middle."""
    canvas.put(canvas.disc(0.98), paint.body)
    canvas.put(canvas.disc(0.68), paint.rim)
    canvas.put(canvas.disc(0.42), paint.dark)


def slot(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A slot."""
    canvas.put(canvas.bar(0.98, 0.96), paint.body)
    canvas.put(canvas.bar(0.90, 0.50, 0, 0.16), paint.dark)


def handle(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A handle between two screws."""
    canvas.put(canvas.bar(0.98, 0.96), paint.body)
    canvas.put(canvas.bar(0.84, 0.22, 0, -0.36), paint.light)


def grille(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A grille of upright bars."""
    canvas.put(canvas.bar(0.98, 0.96), paint.body)
    bars = int(rng.integers(4, 7))
    for k in range(bars):
        canvas.put(canvas.bar(0.05, 0.62, -0.72 + 1.44 * k / (bars - 1)), paint.rim)


def vent(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """Two slots, one above the other."""
    for y in (-0.48, 0.48):
        canvas.put(canvas.bar(0.98, 0.42, 0, y), paint.body)


def peg(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A peg."""
    canvas.put(canvas.disc(0.98), paint.body)
    canvas.put(canvas.disc(0.35, -0.25, -0.25), paint.light)


def notch(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
    """A three-cornered notch."""
    canvas.put(canvas.polygon(3, 0.98, -np.pi / 2), paint.body)


Draw = Callable[[Canvas, Paint, np.random.Generator], None]
LOOKS: dict[str, tuple[Draw, ...]] = {
    "eye": (knob, hole, button, bolt, ring),
    "mouth": (slot, handle, grille, vent),
    "nose": (peg, notch),
}


def drawn(draw: Draw, width: int, height: int, paint: Paint, rng: np.random.Generator) -> np.ndarray:
    """A part as a patch, shape (height, width, 4); see ``Canvas.patch``."""
    canvas = Canvas(width, height)
    draw(canvas, paint, rng)
    return canvas.patch()


def laid(pixels: np.ndarray, patch: np.ndarray, x0: int, y0: int) -> None:
    """Lay a patch onto a picture (float, 0 to 255), its upper left corner at (x0, y0)."""
    place = pixels[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]]
    place += (patch[..., :3] - place) * patch[..., 3:]
