"""Which network answered, where its weights come from, and what faces it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from mien.core.errors import InputError

Exposure = Literal["none", "blurred", "incidental", "trained on faces", "unknown"]
EXPOSURES: tuple[str, ...] = get_args(Exposure)
WORDS: dict[str, str] = {
    "none": "it has never seen a face",
    "blurred": "faces in its training pictures were blurred or masked",
    "incidental": "faces were in its training pictures, but no class of them was a face",
    "trained on faces": "it was trained on pictures of faces",
    "unknown": "whether faces were in its training pictures is not known",
}


@dataclass(frozen=True)
class BodyCard:
    """A frozen network and its history, which stands beside every figure about it.

    Attributes
    ----------
    name : str
        As ``mien models`` lists it, the folder of a model of mien, or the class of a module.
    weights : str
        Where they come from, in words: ``'ImageNet (TensorFlow)'``, ``'random, seed 0'``, the name of a file.
    sha256 : str
        Of the weights' values or file.
    exposure : str
        One of ``EXPOSURES``: what faces it has seen.
    side_px : int
        Pixels per side of the pictures that it was given.
    fit : str
        How pictures were made square, see ``mien.responses.pictures.FITS``.
    network, source : str
        How it is made once more: the network's name or the folder of a model, and ``'pretrained'``, ``'random'`` or a
        file; ``''`` for a module, which only its owner has.
    seed : int
        Of random weights.

    Examples
    --------
    >>> from mien.responses.body_card import BodyCard
    >>> BodyCard("efficientnet-lite0", "random, seed 0", "", "none", 224).sentence()
    'efficientnet-lite0 (random, seed 0): it has never seen a face.'
    """

    name: str
    weights: str
    sha256: str
    exposure: Exposure
    side_px: int
    fit: str = "crop"
    network: str = ""
    source: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.exposure not in EXPOSURES:
            raise InputError(f"exposure is one of {', '.join(EXPOSURES)}, but got '{self.exposure}'.")
        if self.side_px < 1:
            raise InputError(f"side_px is a number of pixels from 1 on, but got {self.side_px}.")

    def sentence(self) -> str:
        """The network, its weights and its exposure to faces.

        Returns
        -------
        str
        """
        return f"{self.name} ({self.weights}): {WORDS[self.exposure]}."
