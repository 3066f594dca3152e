"""Models of landmark sequences: clips projected onto directions of movement, then a small network.

The networks are in ``mien.nets.landmarks``. Their activations are smooth, so that path methods such as Integrated
Gradients converge fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from mien.features.geometry import PRESENT, mirrored
from mien.models.base import SEQUENCE, Model
from mien.nets.landmarks import build_net
from mien.nets.landmarks.base import ClipNet, SlopedNet
from mien.nets.landmarks.convolution import LandmarkNet as LandmarkNet

ONE_VS_REST, MULTICLASS = "one-vs-rest", "multiclass"


class SequenceModule(nn.Module):
    """Landmark sequences (samples, frames, points, channels) -> logits (samples, classes).

    With ``mirrored_projection`` the logits are the mean of those of the clip and of its mirror image, so that a
    face and its mirror image get the same answer. With ``masked`` the last channel says which frames are there (1) and
    which are padding (0).
    """

    projection: torch.Tensor
    mirrored_projection: torch.Tensor | None

    def __init__(
        self,
        net: ClipNet,
        projection: torch.Tensor,
        mirrored_projection: torch.Tensor | None = None,
        *,
        masked: bool = False,
    ) -> None:
        super().__init__()
        self.net, self.masked = net, masked
        self.register_buffer("projection", projection)
        self.register_buffer("mirrored_projection", mirrored_projection)

    @property
    def projections(self) -> list[torch.Tensor]:
        """That of the clip and, where both are looked at, that of its mirror image."""
        return [p for p in (self.projection, self.mirrored_projection) if p is not None]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logit of each label."""
        present = x[..., -1].mean(2) if self.masked else None
        flat = (x[..., :-1] if self.masked else x).flatten(2)
        logits = [self.net((flat @ p).transpose(1, 2), present) for p in self.projections]
        return torch.stack(logits).mean(0)

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer."""
        return self.net.head_parameters()

    def outputs(self, columns: Sequence[int]) -> SequenceModule:
        """The same module with only these labels: who explains one label need not run the networks of the others."""
        part = self.net.outputs(columns)
        module = SequenceModule(part, self.projection, self.mirrored_projection, masked=self.masked)
        return module.to(self.projection.device).train(self.training)

    def split(self) -> tuple[nn.Module, nn.Module] | None:
        """An affine first part and the rest, which one after the other are this module: path methods use it.

        There is none where frames are masked: a clip times its mask is no affine map of both.
        """
        if self.masked:
            return None
        return _First(self), _SlopedReadOut(self) if isinstance(self.net, SlopedNet) else _ReadOut(self)


class _First(nn.Module):
    """Projection and affine first part of a clip (and of its mirror image): (samples, images, ...)."""

    def __init__(self, whole: SequenceModule) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(2)
        return torch.stack([self.whole.net.first((flat @ p).transpose(1, 2)) for p in self.whole.projections], 1)


class _ReadOut(nn.Module):
    """What ``_First`` gives -> logits (samples, classes)."""

    def __init__(self, whole: SequenceModule) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, first: torch.Tensor) -> torch.Tensor:
        logits = self.whole.net.read_out(first.flatten(0, 1)).mean(1)
        return logits.reshape(*first.shape[:2], -1).mean(1)


class _SlopedReadOut(_ReadOut):
    """The same of a network that knows its gradient."""

    def slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the logits' sum, weighed by ``given`` (classes,), at every row of what ``_First`` gives."""
        net = self.whole.net
        assert isinstance(net, SlopedNet)
        return net.slope(first.flatten(0, 1), given / first.shape[1]).reshape(first.shape)


def mirrored_projection(
    projection: np.ndarray, topology: str, coordinates: int, channels: Sequence[str] = ()
) -> np.ndarray:
    """The projection that does to a clip what ``projection`` does to its mirror image; shape as given."""
    weights = projection.reshape(-1, coordinates, projection.shape[1])
    # Mirroring is its own transpose: partners swapped and the sign of x changed.
    turned = mirrored(np.moveaxis(weights, 2, 0), topology, channels)
    return np.ascontiguousarray(np.moveaxis(turned, 0, 2).reshape(projection.shape))


class SequenceModel(Model):
    """A fitted landmark-sequence network.

    ``arrays``: ``projection`` (points * coordinates, components) and everything in the network's ``state_dict``, what
    was trained and what was drawn at random.
    ``settings``: ``network``, its sizes, ``components``, ``mirror``, ``task`` and those of training.
    """

    kind = SEQUENCE

    @property
    def masked(self) -> bool:
        """Whether the last channel says which frames are there."""
        return PRESENT in self.feature_names

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        with torch.device("meta"):
            state = build_net(len(self.classes), self.settings).state_dict()
        coordinates = self.input_shape[-1] - self.masked
        projection = (self.input_shape[1] * coordinates, self.settings["components"])
        return {"projection": projection} | {name: tuple(value.shape) for name, value in state.items()}

    def module(self) -> nn.Module:
        """The network in evaluation mode; logits of independent binary networks, or of all classes together."""
        net = build_net(len(self.classes), self.settings)
        net.load_state_dict({k: torch.tensor(v) for k, v in self.arrays.items() if k != "projection"})
        projection, other = self.arrays["projection"], None
        if self.settings["mirror"]:
            coordinates = self.input_shape[-1] - self.masked
            names = self.feature_names[:coordinates]
            other = torch.tensor(mirrored_projection(projection, self.topology, coordinates, names))
        return SequenceModule(net, torch.tensor(projection), other, masked=self.masked).eval()

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probabilities: of binary networks divided by their sum, as for one-vs-rest in scikit-learn; else softmax."""
        values = self.check_values(values)
        module = self.module()
        with torch.no_grad():
            parts = [module(torch.from_numpy(values[i : i + 256])) for i in range(0, len(values), 256)]
        logits = torch.cat(parts) if parts else torch.zeros(0, len(self.classes))
        return probabilities(logits.double().numpy(), self.settings.get("task", ONE_VS_REST))

    @property
    def parameters(self) -> dict[str, int]:
        """Trainable parameters, frozen (random) ones, and those of the projection, which is fitted without labels."""
        net = build_net(len(self.classes), self.settings)
        return count_parameters(net, self.arrays["projection"])


def count_parameters(net: ClipNet, projection: np.ndarray) -> dict[str, int]:
    """Numbers of trained and frozen parameters of a network, and those of the projection in front of it."""
    trained = sum(p.numel() for p in net.parameters())
    return {"trained": trained, "frozen": sum(b.numel() for b in net.buffers()), "projection": int(projection.size)}


def probabilities(logits: np.ndarray, task: str) -> np.ndarray:
    """Probabilities of each class from logits (samples, classes); each row sums to one."""
    if task == ONE_VS_REST:
        return one_vs_rest(logits)
    logits = np.asarray(logits, dtype=np.float64)
    p = np.exp(logits - (logits.max(1, keepdims=True) if logits.size else 0.0))
    return p / p.sum(1, keepdims=True)


def one_vs_rest(logits: np.ndarray) -> np.ndarray:
    """Probabilities of independent binary networks, divided by their sum; (samples, classes)."""
    # Through the logarithm, so that a sample which every network refuses still has a most probable class.
    log_p = -np.logaddexp(0.0, -np.asarray(logits, dtype=np.float64))
    log_p -= log_p.max(1, keepdims=True) if log_p.size else 0.0
    p = np.exp(log_p)
    return p / p.sum(1, keepdims=True)


def settings_of_model(estimator: Any, components: int) -> dict[str, Any]:
    """Settings of a fitted estimator as its model stores them."""
    settings = {**estimator.get_params(), "components": components, "mirror": estimator.mirror_}
    return {key: value for key, value in settings.items() if key not in ("topology", "feature_names")}
