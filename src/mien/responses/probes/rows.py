"""What a probe gives, a row at a time: scores of layers, differences between bodies, shares called face, effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.core.words import interval, number


@dataclass(frozen=True)
class Estimated:
    """A number with its 95 % interval over sources, and a test.

    Attributes
    ----------
    value, low, high : float
        NaN where there is none; infinite where no answer speaks against it.
    p : float
        NaN where nothing was tested.
    withheld : str
        Why there is no interval; ``''`` where there is one.
    """

    value: float
    low: float
    high: float
    p: float = float("nan")
    withheld: str = ""

    @property
    def between(self) -> str:
        """The interval in words: ``0.41 to 0.63``, ``from 2.10``; a dash where it is withheld."""
        if np.isposinf(self.high) and self.low == self.low:
            return f"from {number(self.low)}"
        if np.isneginf(self.low) and self.high == self.high:
            return f"up to {number(self.high)}"
        return interval(self.low, self.high)


NOTHING = Estimated(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class ProbeScore:
    """How well one layer tells faces from everything else, on sources that its probe had not seen.

    Attributes
    ----------
    body : str
        Whose layer; ``''`` for the body that the probe is about.
    layer : str
        ``'chosen'``: in every fold the layer that did best within the training pictures.
    features : int
    auc, balanced_accuracy : Estimated
        p against chance.
    d_prime, criterion : Estimated
    hits, false_alarms : float
        Shares called face among faces, and among the rest.
    p_corrected : float
        Of the AUC, over the layers (Holm).
    status : str
        ``'ok'``, or why there are no scores.
    """

    body: str
    layer: str
    features: int
    auc: Estimated = NOTHING
    balanced_accuracy: Estimated = NOTHING
    d_prime: Estimated = NOTHING
    criterion: Estimated = NOTHING
    hits: float = float("nan")
    false_alarms: float = float("nan")
    p_corrected: float = float("nan")
    status: str = "ok"


@dataclass(frozen=True)
class BodyDifference:
    """A layer's AUC less that of another body on the same pictures.

    Attributes
    ----------
    layer : str
    body : str
        The other one.
    other_layer : str
        Of the same name where there is one, else ``'chosen'`` or the only one.
    auc : Estimated
        Difference, with its interval and p over sources.
    p_corrected : float
        Over the layers (Holm).
    """

    layer: str
    body: str
    other_layer: str
    auc: Estimated
    p_corrected: float = float("nan")


@dataclass(frozen=True)
class CalledFace:
    """Pictures of one kind and how many of them were called a face.

    Attributes
    ----------
    set : str
        ``''`` for the pictures that the probe was trained on (answered by folds that had not seen the source).
    layer : str
    kind : dict of str to str
        Columns that say what the pictures are: ``{'category': 'face', 'alteration': 'inverted'}``.
    share : Estimated
        Called face.
    answer : Estimated
        Mean answer, in standard deviations; above 0 is called a face.
    pictures, sources : int
    """

    set: str
    layer: str
    kind: dict[str, str]
    share: Estimated
    answer: Estimated
    pictures: int
    sources: int


@dataclass(frozen=True)
class PairedEffect:
    """A difference between pictures that belong together, over sources.

    Attributes
    ----------
    set, layer : str
    kind : dict of str to str
        Of which pictures: ``{'category': 'face'}``.
    what : str
        ``'inverted - original'``, ``'made-up pareidolia - scrambled parts'``.
    share, answer : Estimated
        Differences of the share called face and of the answer, with intervals and p over sources (signs flipped).
    share_p_corrected, answer_p_corrected : float
        Over the layers (Holm).
    pairs, sources : int
    """

    set: str
    layer: str
    kind: dict[str, str]
    what: str
    share: Estimated
    answer: Estimated
    pairs: int
    sources: int
    share_p_corrected: float = float("nan")
    answer_p_corrected: float = float("nan")


@dataclass(frozen=True)
class LearningStep:
    """How well a probe does that was trained on some of the sources only.

    Attributes
    ----------
    layer : str
    sources, pictures : int
        Mean over the draws; faces and the rest together.
    faces : int
        Sources of faces among them.
    auc : Estimated
        Mean over the draws, on sources that were not drawn from; interval over sources.
    spread : float
        Standard deviation between draws.
    draws : int
    """

    layer: str
    sources: int
    pictures: int
    faces: int
    auc: Estimated
    spread: float
    draws: int


@dataclass(frozen=True, eq=False)
class ProbeAnswers:
    """The probe's answers to single pictures.

    Attributes
    ----------
    set, path, source, category : ndarray of str, shape (pictures,)
        ``set`` is ``''`` for the pictures that the probe was trained on.
    face : ndarray of str, shape (pictures,)
        ``'face'``, ``'other'``, or ``''`` for pictures that took no part in the training.
    fold : ndarray of int, shape (pictures,)
        Whose fit answered; 0 for that to all pictures.
    values : ndarray of float64, shape (pictures, layers)
        NaN where a picture was not answered.
    layers : tuple of str
    """

    __repr__ = brief

    set: np.ndarray
    path: np.ndarray
    source: np.ndarray
    category: np.ndarray
    face: np.ndarray
    fold: np.ndarray
    values: np.ndarray
    layers: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.path)
