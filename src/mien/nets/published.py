"""How a paper trained a network: what it weighs there, and the settings that make the same training here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

# Name of the protocol under which a network is trained as there.
PROTOCOL = "gaya-morey"
GAYA_MOREY = (
    "Gaya-Morey et al. 2024, Multimedia Tools and Applications, doi 10.1007/s11042-024-20090-5; "
    "settings and sizes of github.com/Xavi3398/ekman_expressions"
)
# What all twelve share: batches of 128, cross-entropy, a constant rate, every epoch trained, pictures as they are.
_SHARED: dict[str, Any] = {
    "schedule": "constant", "batch_size": 128, "weight_decay": 0.0, "body_rate": 1.0, "warm_up": 0, "validation": 0.0,
    "dropout": 0.0, "dense_top": False, "balanced": False, "smoothing": 0.0, "mirror": False,
    **dict.fromkeys(("shift", "turn_deg", "zoom", "light", "hide"), 0.0),
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A network as the paper trained it on six expressions.

    Attributes
    ----------
    parameters : int
        With the running statistics of normalisation, as Keras counts them.
    optimiser : str
    learning_rate : float
    epochs : int
    pretrained : bool
        Whether it started from weights of ImageNet.
    more : int
        How many parameters the network has here beyond those; below zero where it has fewer.
    why : str
        What makes this difference, or what else the paper leaves open.
    """

    parameters: int
    optimiser: str
    learning_rate: float
    epochs: int
    pretrained: bool
    more: int = 0
    why: str = ""

    source: ClassVar[str] = GAYA_MOREY

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of ``NetworkClassifier`` that train it so."""
        own = {"optimiser": self.optimiser, "learning_rate": self.learning_rate, "epochs": self.epochs}
        return {**_SHARED, **own}


def from_chance(parameters: int, optimiser: str, epochs: int) -> Published:
    """One of the four that learnt nothing before."""
    return Published(parameters, optimiser, 1e-4, epochs, False)


def tuned(parameters: int, learning_rate: float = 1e-4, epochs: int = 2, more: int = 0, why: str = "") -> Published:
    """One of the eight that started from weights of ImageNet."""
    return Published(parameters, "adam", learning_rate, epochs, True, more, why)
