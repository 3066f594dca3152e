"""Networks on projected landmark sequences: trained ones, and randomised ones whose hidden part is never trained.

| name | hidden part | read-out |
| --- | --- | --- |
| ``cnn`` | temporal convolution, own filters per label | trained with it |
| ``mlp`` | one layer on a few windows of time, own units per label | trained with it |
| ``gru``, ``lstm`` | recurrent, own units per label | trained with it |
| ``rvfl`` | random units on windows of time, beside direct links | ridge, closed form |
| ``random-tcn`` | random temporal filters | ridge, closed form |
| ``esn`` | random recurrent reservoir | ridge, closed form |

Adding a network is one class below ``base.ClipNet`` and one line in ``NETWORKS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mien.nets.landmarks.base import ClipNet

_TRAINED = ("members", "dropout")
# Name -> home of the class and the settings that it takes besides components and labels.
NETWORKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "cnn": ("convolution", "LandmarkNet", ("filters", "width", *_TRAINED)),
    "mlp": ("perceptron", "Perceptrons", ("units", "windows", *_TRAINED)),
    "gru": ("recurrent", "GatedNets", ("units", *_TRAINED)),
    "lstm": ("recurrent", "LongMemoryNets", ("units", *_TRAINED)),
    "rvfl": ("perceptron", "RandomLinks", ("units", "windows")),
    "random-tcn": ("convolution", "RandomFilters", ("filters", "width")),
    "esn": ("recurrent", "Reservoir", ("units",)),
}


def build_net(labels: int, settings: dict[str, Any]) -> ClipNet:
    """A network of these settings, before training; models stored before there were several are ``cnn``."""
    home, name, own = NETWORKS[settings.get("network", "cnn")]
    given = {key: settings[key] for key in own if key in settings}
    net: ClipNet = getattr(import_module(f"mien.nets.landmarks.{home}"), name)(settings["components"], labels, **given)
    return net
