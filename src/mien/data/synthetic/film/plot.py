"""What a made-up film shows: runs, scenes with a portrayed emotion, shots with and without a face, and observers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.streams import Runs
from mien.data.synthetic.streams import PLOT, stream

# Portrayed emotions, with what the tables of StudyForrest and the made-up faces call them.
EMOTIONS = ("happiness", "anger", "fear", "sadness")
COLUMNS = {"happiness": "e_happiness", "anger": "e_anger/rage", "fear": "e_fear", "sadness": "e_sadness"}
SHOWN_AS = {"happiness": "smile", "anger": "anger", "fear": "fear", "sadness": "sadness", "": "neutral"}
CHARACTERS = ("ANNA", "BERT", "CORA")
OBSERVERS = 9
# In seconds: how long shots and scenes last, and how long it takes until an expression is seen.
_SHOT_S, _SCENE_S, ONSET_S = (3, 6), (12, 20), 1
_SHARE_OF_FACES, _SHARE_BY_CONTEXT = 0.65, 0.5
# How likely one observer sees the emotion: in the first second of a shot, later, told by the context, and a wrong one.
_SEEN = {"onset": 0.35, "face": 0.85, "context": 0.65, "wrong": 0.03}


@dataclass(frozen=True)
class Shot:
    """A stretch of film from one camera.

    Attributes
    ----------
    start_s, stop_s : float
        On the clock of the film.
    run : int
    character : int
        Whom it is about.
    face : bool
        Whether that person's face is seen.
    emotion : str
        Portrayed, ``''`` for none.
    cue : str
        What tells it: ``'face'``, ``'context'`` or ``''``.
    place : float
        Where the face is, from 0 (left) to 1.
    """

    start_s: float
    stop_s: float
    run: int
    character: int
    face: bool
    emotion: str
    cue: str
    place: float


@dataclass(frozen=True, eq=False)
class FilmPlot:
    """A made-up film.

    Attributes
    ----------
    runs : Runs
    shots : tuple of Shot
    agreement : ndarray of float64, shape (seconds, emotions)
        Share of observers who saw each of ``EMOTIONS``, by second of the film.
    """

    __repr__ = brief

    runs: Runs
    shots: tuple[Shot, ...]
    agreement: np.ndarray

    @property
    def shot_at(self) -> np.ndarray:
        """Number of the shot of every second, shape (seconds,)."""
        starts = [shot.start_s for shot in self.shots]
        return np.searchsorted(starts, np.arange(len(self.agreement)) + 0.5) - 1

    @property
    def face(self) -> np.ndarray:
        """Whether a face is seen, by second, shape (seconds,)."""
        return np.array([shot.face for shot in self.shots])[self.shot_at]


def plot(minutes: float, runs: int, seed: int) -> FilmPlot:
    """Draw a film.

    Parameters
    ----------
    minutes : float
        Length of all runs together.
    runs : int
    seed : int

    Raises
    ------
    InputError
        If a run lasted less than 30 s.
    """
    length = int(minutes * 60 / runs)
    if length < 30:
        raise InputError(
            f"A made-up film of {minutes:g} minutes in {runs} runs has {length} s per run; runs last 30 s or more. "
            "Give more minutes or fewer runs."
        )
    shots = [shot for run in range(runs) for shot in _shots(run, length, stream(seed, PLOT, run))]
    starts = np.arange(runs) * float(length)
    named = Runs(np.array([str(run + 1) for run in range(runs)]), starts, starts + length)
    return FilmPlot(named, tuple(shots), _agreement(shots, runs * length, stream(seed, PLOT, runs)))


def _shots(run: int, length: int, draw: np.random.Generator) -> list[Shot]:
    """Scenes with every emotion, and none, in a drawn order again and again until the run is full."""
    shots: list[Shot] = []
    at, order = 0, [""]
    while at < length:
        # An order of its own each time, so that no emotion has a part of the run to itself.
        order = order[1:] or list(draw.permutation(["", *EMOTIONS]))
        emotion, stop = str(order[0]), at + int(draw.integers(_SCENE_S[0], _SCENE_S[1] + 1))
        stop = length if length - stop < _SCENE_S[0] else stop
        character, by_context = int(draw.integers(len(CHARACTERS))), draw.random() < _SHARE_BY_CONTEXT
        while at < stop:
            end = min(at + int(draw.integers(_SHOT_S[0], _SHOT_S[1] + 1)), stop)
            face = draw.random() < _SHARE_OF_FACES
            cue = "face" if face else "context" if by_context else ""
            start_s = float(run * length)
            shots.append(
                Shot(start_s + at, start_s + end, run, character, face, emotion, cue if emotion else "", draw.random())
            )
            at = end
    return shots


def _agreement(shots: list[Shot], seconds: int, draw: np.random.Generator) -> np.ndarray:
    """Observers decide once per shot; what they see of it first is less plain."""
    agreement = np.zeros((seconds, len(EMOTIONS)))
    for shot in shots:
        least = draw.random((OBSERVERS, len(EMOTIONS)))
        for second in range(int(shot.start_s), int(shot.stop_s)):
            likely = np.full(len(EMOTIONS), _SEEN["wrong"])
            if shot.cue:
                moment = "onset" if second - shot.start_s < ONSET_S else shot.cue
                likely[EMOTIONS.index(shot.emotion)] = _SEEN[moment]
            agreement[second] = (least < likely).mean(0)
    return agreement
