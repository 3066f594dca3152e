"""Numbers that people give: finite, whole where they count, within a range. All verbs and functions ask here."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

import numpy as np

from mien.core.errors import InputError

# Three years: more is a slip of the pen, and squares of it are still numbers.
MOST_SECONDS = 1e8
MOST_PIXELS = 32_766


@dataclass(frozen=True)
class Range:
    """What a number may be.

    Attributes
    ----------
    least, most : float
        Both belong to the range.
    whole : bool
        Whether it counts something.
    above, below : bool
        Whether ``least``, ``most`` do not belong to it.
    words : str
        Such as ``'at least 1'``, beside the kind of number; by default made of the rest.
    """

    least: float = -inf
    most: float = inf
    whole: bool = False
    above: bool = False
    below: bool = False
    words: str = ""

    def holds(self, value: Any) -> bool:
        """Whether a value is a finite number inside; truth values are no numbers to people."""
        if isinstance(value, bool) or not isinstance(value, Integral if self.whole else Real):
            return False
        number: Any = value
        # Without a range as well, infinities are refused, and nothing is less or more than NaN.
        inside = -inf < number < inf and self.least <= number <= self.most
        at_end = (self.above and number == self.least) or (self.below and number == self.most)
        return bool(inside and not at_end)

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        start = f" {'above' if self.above else 'from'} {_short(self.least)}" if self.least > -inf else ""
        end = f" to {'below ' if self.below else ''}{_short(self.most)}" if self.most < inf else ""
        return f"{kind}{start}{end}"


def _short(number: float) -> str:
    return f"{number:,.12g}"


_COUNT = Range(1, 1e9, whole=True)
_SECONDS = Range(0, MOST_SECONDS)
RANGES: dict[str, Range] = {
    "port": Range(0, 65_535, whole=True),
    "most_faces": Range(1, 1000, whole=True),
    "smooth_s": Range(0, 60),
    "shift_s": Range(0, 60),
    "lag_s": Range(0, 60),
    "gap_s": Range(0, 600),
    "at_least": Range(0, 1e9),
    "max_mb": Range(0, 1000, above=True),
    "max_megapixels": Range(0, 175, above=True),
    "rate": Range(0, 1000, above=True),
    "dpi": Range(30, 2400, whole=True),
    "font_size": Range(1, 72),
    "per_row": Range(1, 26, whole=True),
    "waiting": Range(0, 1000, whole=True),
    "workers": Range(1, 1024, whole=True),
    "threads": Range(1, 1024, whole=True),
    "start_s": _SECONDS,
    "stop_s": Range(0, MOST_SECONDS, above=True),
    "redetect_s": Range(0, MOST_SECONDS, above=True),
    "time_limit_s": Range(0, MOST_SECONDS, above=True),
    "smallest_face_px": Range(8, MOST_PIXELS),
    "min_presence": Range(0, 1),
    # Random numbers of NumPy, scikit-learn and torch alike start from 32 bits.
    "seed": Range(0, 2**32 - 1, whole=True),
    "n_folds": Range(2, 1e6, whole=True),
    # Of mien adapt.
    "repeats": Range(1, 1000, whole=True),
    # Of mien learning-curve.
    "held_out": Range(0.05, 0.5),
    "weight": Range(1, 1000, whole=True),
    "steps": Range(1, 1000, whole=True),
    "n_random": Range(0, 1e6, whole=True),
    "tolerance": Range(0, 1),
    "margin": Range(0, 100, above=True),
    "n_dims": Range(1, 1000, whole=True),
    "least_people": Range(2, 1e6, whole=True),
    # Of mien release.
    "smallest_cell": Range(2, 1000, whole=True),
    # Fewer cannot give a p of .01.
    "n_permutations": Range(99, 1e9, whole=True),
    "n_seeds": Range(0, 1000, whole=True),
    # Of mien questionnaire and mien profiles.
    "most": Range(2, 100, whole=True),
    "n_null": Range(19, 100_000, whole=True),
    "neighbours": Range(0, 1000, whole=True),
    "n_boot": Range(5, 1e6, whole=True),
    # Of mien functionals.
    "min_face_px": Range(0, MOST_PIXELS),
    "min_sharpness": Range(0, 1e6),
    "max_yaw_deg": Range(0, 180),
    "max_pitch_deg": Range(0, 180),
    "min_usable": Range(0, 1),
    "min_frames": Range(1, 1e9, whole=True),
    "min_duration_s": _SECONDS,
    "max_others": Range(0, 1),
    "max_gap_s": _SECONDS,
    "bout_on": Range(0, 1),
    "bout_off": Range(0, 1),
    "min_bout_s": _SECONDS,
    "fps": Range(0, 100_000, above=True),
    # Of mien questionnaire.
    # Of mien units.
    "n_shuffles": Range(0, 1000, whole=True),
    "fdr": Range(0, 0.5, above=True),
    "n_steps": _COUNT,
    "n_baselines": _COUNT,
    "batch_size": _COUNT,
    "block": Range(1, MOST_PIXELS, whole=True),
    "subjects": Range(1, 1e6, whole=True),
    "frames": Range(1, 1e6, whole=True),
    "clips": Range(1, 1e6, whole=True),
    "noise_px": Range(0, 1000),
    # Of mien synthesize cohort.
    "people": Range(1, 1e6, whole=True),
    "sessions": Range(1, 1000, whole=True),
    "sites": Range(1, 1000, whole=True),
    "effect": Range(0, 0.95),
    "site_shift": Range(0, 3),
    "confounding": Range(0, 3),
    "missing_share": Range(0, 0.9),
    # Of mien synthesize film.
    "viewers": Range(1, 1000, whole=True),
    "minutes": Range(0.5, 1000),
    "runs": Range(1, 1000, whole=True),
    "parcels": Range(1, 100_000, whole=True),
    "response": Range(0, 100),
    # Of mien effects and mien channels.
    "cutoff": Range(0, 1e9),
    "together": Range(0, 1, above=True),
    # Of mien stimuli and mien pareidolia.
    "pairs": Range(1, 1e5, whole=True),
    "cycles": Range(0, MOST_PIXELS, above=True),
    "blocks": Range(2, MOST_PIXELS, whole=True),
    "size_px": Range(16, 8192, whole=True),
    # Of mien fixations.
    "distance_cm": Range(1, 10_000),
    "velocity_deg_s": Range(0, 10_000, above=True),
    "dispersion_deg": Range(0, 90, above=True),
    "saccade_factor": Range(0, 1000, above=True),
    "min_fixation_s": Range(0, 60, above=True),
    "velocity_window_s": Range(0, 1, above=True),
    # Of mien gaze.
    "pixels_per_degree": Range(1, MOST_PIXELS),
    "blur_deg": Range(0, 90, above=True),
    "smooth_deg": Range(0, 90),
    "cells": Range(8, 1024, whole=True),
    "window_s": Range(0, MOST_SECONDS, above=True),
    "far_s": _SECONDS,
    "block_s": Range(0, MOST_SECONDS, above=True),
    # Of mien brain-evidence.
    "largest": Range(1, 1e6, whole=True),
    "n_spins": Range(99, 1e6, whole=True),
    "most_rows": Range(1, 1e6, whole=True),
    # Of a scanner's volumes.
    "repetition_s": Range(0.01, 60),
    "scrub_mm": Range(0, 100, above=True),
    "smooth_mm": Range(0, 100, above=True),
    # Of a network's pictures and layers.
    "size": Range(16, 2048, whole=True),
    "depth": Range(1, 10_000, whole=True),
    "components": Range(0, 10_000, whole=True),
}

P = ParamSpec("P")
R = TypeVar("R")


def check_number(name: str, value: Any, fits: Range | None = None) -> None:
    """Refuse what is no number within a range, by default the one of that name in ``RANGES``.

    Raises
    ------
    InputError
        Names the argument, what it takes and what came.
    """
    fits = RANGES[name] if fits is None else fits
    if not fits.holds(value):
        raise InputError(f"{name} is {fits}, but got {as_text(value)}.")


def as_text(value: Any) -> str:
    """A value in a sentence: an array by its shape, the rest as Python writes it, not too long."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def check_options(options: dict[str, Any]) -> None:
    """The same for the options of a verb, as the command line writes them; numbers without a range are finite."""
    for name, value in options.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            check_number(f"--{name.replace('_', '-')}", value, RANGES.get(name, Range()))


def checked_numbers(function: Callable[P, R]) -> Callable[P, R]:
    """The function, refusing numbers out of their range before anything is done; None where that is the default."""
    parameters = inspect.signature(function).parameters
    ranged = {name: parameter for name, parameter in parameters.items() if name in RANGES}
    places = list(parameters)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in (*zip(places, args, strict=False), *kwargs.items()):
            if name in ranged and not (value is None and ranged[name].default is None):
                check_number(name, value, RANGES[name])
        return function(*args, **kwargs)

    return run
