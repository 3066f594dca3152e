"""A frozen body ready to be asked: the network, its layers by name, and its card."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mien.core.devices import AUTO
from mien.core.errors import InputError
from mien.core.numbers import as_text
from mien.models.base import Model
from mien.models.network.model import NetworkModel
from mien.models.picture import PictureModel
from mien.models.store import MODEL_FILE, load_model
from mien.nets.bodies import UNTRAINED
from mien.nets.device import copied_to, device_of, place_of
from mien.nets.efficientnet import VARIANTS
from mien.nets.first_weights import PRETRAINED, RANDOM, Origin, started
from mien.nets.layers import NamedLayer, layers_of
from mien.nets.names import NETWORKS
from mien.nets.zoo import Network, head_of, resolved, timm
from mien.responses.body_card import EXPOSURES, BodyCard, Exposure

USUAL_SIDE = 224
# Published weights whose training pictures are known to be ImageNet's; of timm's by their tag.
_IMAGENET = ("in1k", "in12k", "in21k", "in22k")


@dataclass(frozen=True, eq=False)
class FrozenBody:
    """A network that answers pictures and learns nothing.

    Attributes
    ----------
    card : BodyCard
    module : Module
        Pictures (samples, 3, side, side), RGB from 0 to 1, to whatever it gives; its own pre-processing is within.
    net : Module
        In which the layers have their names; ``module`` itself, or a part of it.
    layers : tuple of NamedLayer
        Those that have something to say, from the first on.
    notes : tuple of str
        What has to stand beside its answers.
    """

    card: BodyCard
    module: nn.Module
    net: nn.Module
    layers: tuple[NamedLayer, ...]
    notes: tuple[str, ...] = ()

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return place_of(self.module)

    def tensor(self, pictures: np.ndarray) -> torch.Tensor:
        """Pictures as ``module`` takes them.

        Parameters
        ----------
        pictures : ndarray of uint8, shape (samples, side, side, 3)

        Returns
        -------
        Tensor of float32, shape (samples, 3, side, side), from 0 to 1
        """
        # In this order of memory convolutions are quickest.
        return torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float() / 255


def frozen_body(
    body: Any, *, weights: str = PRETRAINED, seed: int = 0, exposure: Exposure | None = None, size: int | None = None,
    name: str = "", device: str = AUTO,
) -> FrozenBody:  # fmt: skip
    """Any network with any weights, frozen, with its history.

    Parameters
    ----------
    body : str, Path, Module, Model or FrozenBody
        A network's name (``mien.nets.names.NETWORKS``, or any of timm), the folder of a picture model that mien
        trained, or a torch module from pictures (samples, 3, side, side), RGB from 0 to 1.
    weights : str
        Of a network by name: ``'pretrained'`` (ImageNet), ``'random'``, or a file (.safetensors, .pth).
    seed : int
        Of random weights.
    exposure : str, optional
        Of weights that mien does not know, what faces they have seen: one of ``mien.responses.body_card.EXPOSURES``.
    size : int, optional
        Pixels per side of the pictures; None: what the network was made for.
    name : str
        What it is called; ``''``: as it was given.
    device : str
        Where it computes, see ``mien.nets.device.device_of``; with ``'auto'`` a module stays where it is.

    Raises
    ------
    InputError
        If there is no such network, model or file, or it takes no pictures.
    """
    if exposure is not None and exposure not in EXPOSURES:
        raise InputError(f"exposure is one of {', '.join(EXPOSURES)}, but got {as_text(exposure)}.")
    where = device_of(device)
    if isinstance(body, FrozenBody):
        if device != AUTO and where != body.device:
            raise InputError(f"{body.card.name} is on {body.device} already; leave device out, or give its network.")
        return body
    if isinstance(body, nn.Module):
        module, called = body if device == AUTO else copied_to(body, where), name or type(body).__name__
        return _ready(module, module, called, "a torch module's own", exposure or "unknown", size or USUAL_SIDE)
    found = _of_mien(body, weights, seed, exposure, size, name)
    found.module.to(where)
    return found


def _of_mien(
    body: Any, weights: str, seed: int, exposure: Exposure | None, size: int | None, name: str
) -> FrozenBody:  # fmt: skip
    """A network by name or of a stored model, on the processor."""
    if isinstance(body, (str, Path)) and (Path(body) / MODEL_FILE).is_file():
        found = _of_model(load_model(Path(body)), name or Path(body).absolute().name, exposure, size)
        return _made(found, network=str(Path(body).absolute()))
    if isinstance(body, Model):
        return _of_model(body, name or body.name, exposure, size)
    if isinstance(body, Path) or "/" in str(body):
        raise InputError(
            f"{body} is no folder of a model that mien trained. A body is such a folder, or a network's name: "
            f"{', '.join(NETWORKS)}, or any other of timm."
        )
    return _by_name(str(body), weights, seed, exposure, size, name)


def reopened(card: BodyCard) -> FrozenBody:
    """The body of a card, made once more.

    Raises
    ------
    InputError
        If it was a module, which only its owner has, or what is made now has other weights.
    """
    if not card.network:
        raise InputError(
            f"{card.name} was a module of Python's, which nothing on the disk gives back: give it as body=..."
        )
    exposure = card.exposure if (Path(card.network) / MODEL_FILE).is_file() or Path(card.source).is_file() else None
    found = frozen_body(
        card.network, weights=card.source or PRETRAINED, seed=card.seed, exposure=exposure, size=card.side_px,
        name=card.name,
    )  # fmt: skip
    return _checked(found, card)


def _checked(found: FrozenBody, card: BodyCard) -> FrozenBody:
    """The body, if it has the weights that the card names.

    Raises
    ------
    InputError
    """
    if found.card.sha256 != card.sha256:
        raise InputError(
            f"{card.name} has other weights now ({found.card.weights}, SHA-256 {found.card.sha256[:12]}...) than when "
            f"its activations were computed ({card.weights}, {card.sha256[:12]}...). Run 'mien activations' again."
        )
    return replace(found, card=card)


def _made(found: FrozenBody, **made: Any) -> FrozenBody:
    """The body, with how it is made once more on its card."""
    return replace(found, card=replace(found.card, **made))


def _by_name(
    body: str, weights: str, seed: int, exposure: Exposure | None, size: int | None, name: str
) -> FrozenBody:  # fmt: skip
    if body.startswith(UNTRAINED):
        body, weights = body.removeprefix(UNTRAINED), RANDOM
    found, side = resolved(body), size or _side_of(body)
    network, origin = started(body, 2, size=side, weights=weights or PRETRAINED, seed=seed)
    if origin.random:
        known: Exposure | None = "none"
        words = f"random, seed {seed}"
    elif origin.path is not None and weights not in ("", PRETRAINED):
        known, words = None, f"file {origin.words}"
    else:
        known, words = _published(found, origin)
    if known and exposure and exposure != known:
        raise InputError(
            f"The weights of {body} are known ({words}): what they have seen of faces is '{known}', not '{exposure}'. "
            "Leave exposure out; it is for weights from a file of yours."
        )
    ready = _of_network(network, name or body, words, known or exposure or "unknown", side, without_head=True)
    # A file is found from another folder, too.
    source = str(Path(weights).expanduser().absolute()) if known is None and origin.path else weights or PRETRAINED
    return _made(ready, network=body, source=source, seed=seed if origin.random else 0)


def _published(found: str, origin: Origin) -> tuple[Exposure | None, str]:
    """What faces published weights have seen, where that is known, and what they are called."""
    if found in VARIANTS:
        return "incidental", f"ImageNet, {origin.words}"
    if any(word in origin.words for word in _IMAGENET):
        return "incidental", f"ImageNet, {origin.words}"
    return None, f"published, {origin.words}"


def _side_of(body: str) -> int:
    found = resolved(body)
    if found in VARIANTS:
        return VARIANTS[found].size
    if body in NETWORKS:
        return NETWORKS[body].size
    config = timm().get_pretrained_cfg(found, allow_unregistered=True)
    return int(config.input_size[-1]) if config else USUAL_SIDE


def _of_model(model: Model, name: str, exposure: Exposure | None, size: int | None) -> FrozenBody:
    """A network that mien trained; of a head on a frozen body the body."""
    if isinstance(model, PictureModel):
        body = model.body
        weights = RANDOM if body.bare != body.name else body.source or PRETRAINED
        return _by_name(body.bare, weights, 0, exposure, size or model.input_shape[-1], name)
    if not isinstance(model, NetworkModel):
        raise InputError(
            f"The model '{model.name}' is no network that sees pictures (it is of the kind '{model.kind}'); a body is "
            "a picture model, or a network by name."
        )
    side = model.input_shape[-1]
    if size not in (None, side):
        raise InputError(f"The model '{name}' was trained on pictures of {side} pixels; leave size out.")
    trained = model.info.get("samples", {}).get("name") or "samples without a name"
    count = model.info.get("n_samples")
    start = "random weights" if model.settings.get("random_start") else str(model.settings.get("weights", "weights"))
    words = f"trained by mien from {start} on {trained}" + (f", {count} pictures of faces" if count else "")
    network = model.module()
    assert isinstance(network, Network)
    return _of_network(network, name, words, exposure or "trained on faces", side, without_head=False)


def _of_network(
    network: Network, name: str, words: str, exposure: Exposure, side: int, *, without_head: bool
) -> FrozenBody:
    """A network of the zoo; a last layer that nobody trained says nothing."""
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return _ready(network, network.net, name, words, exposure, side, head_of(network.net) if without_head else None)


def _ready(
    module: nn.Module, net: nn.Module, name: str, words: str, exposure: Exposure, side: int, head: Any = None
) -> FrozenBody:
    """Frozen, in evaluation mode, its layers listed by one pass."""
    module = module.eval().requires_grad_(False)
    heads = [] if head is None else list(head) if isinstance(head, (tuple, list)) else [head]
    own = {id(part) for top in heads for part in top.modules()}
    untrained = {key for key, part in net.named_modules() if id(part) in own}
    layers = layers_of(net, torch.full((1, 3, side, side), 0.5, device=place_of(module)), module)
    layers = tuple(layer for layer in layers if not untrained & {layer.name, *layer.also})
    if not layers:
        raise InputError(f"{name} has no layer that gives one tensor for each picture.")
    return FrozenBody(BodyCard(name, words, _digest(net, untrained), exposure, side), module, net, layers)


def _digest(net: nn.Module, without: set[str]) -> str:
    """SHA-256 of the weights' values by name, whatever file they came from."""
    digest = hashlib.sha256()
    for key, value in net.state_dict().items():
        if key.rpartition(".")[0] in without or key.endswith("num_batches_tracked"):
            continue
        digest.update(f"{key} {tuple(value.shape)}".encode())
        flat = value.detach().cpu().contiguous(memory_format=torch.contiguous_format).reshape(-1)
        digest.update(flat.view(torch.uint8).numpy().data)
    return digest.hexdigest()
