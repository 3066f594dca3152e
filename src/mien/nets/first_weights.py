"""Where a network's first weights come from: a file, the Hugging Face cache, mien's own cache, or chance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from mien.core.errors import InputError, WeightsError
from mien.core.extras import require
from mien.core.files import sha256_of
from mien.data.cards import CARDS, FILES
from mien.data.torch_file import read_tensors
from mien.nets.efficientnet import VARIANTS, pretrained
from mien.nets.zoo import OWN, Network, dense_top_of, head_of, plain, resolved, timm, with_head

RANDOM, PRETRAINED = "random", "pretrained"
SAFETENSORS = "model.safetensors"


@dataclass(frozen=True)
class Origin:
    """Where weights come from.

    Attributes
    ----------
    words : str
        ``'random'``, a file's name, or the name of published weights such as ``'timm/vgg16.tv_in1k'``.
    sha256 : str
        Of the file; empty for random weights.
    path : Path or None
        The file, where it is one of the user's or of the Hugging Face cache.
    """

    words: str
    sha256: str = ""
    path: Path | None = None

    @property
    def random(self) -> bool:
        """Whether nothing was learnt before."""
        return self.words == RANDOM


def origin_of(name: str, weights: str) -> Origin:
    """Where the weights of a network are.

    Parameters
    ----------
    name : str
    weights : str
        ``'random'``; ``'pretrained'``: those that its makers publish, where they are on this machine; a path of a
        ``.safetensors`` or ``.pth`` file; a folder that holds it as ``NAME.safetensors``; ``''``: pretrained. Networks
        of which nobody publishes weights are random for ``''`` and for a folder that has no file of theirs.

    Raises
    ------
    InputError
        If there are none; the sentence says how to get them.
    WeightsError
        If mien's own were not pulled.
    """
    found = resolved(name)
    if weights == RANDOM or (not weights and found in OWN):
        return Origin(RANDOM)
    if weights not in ("", PRETRAINED):
        path = Path(weights).expanduser()
        if path.is_dir():
            path = path / f"{name}.safetensors"
            if found in OWN and not path.exists():
                return Origin(RANDOM)
        if not path.is_file():
            raise InputError(f"weights is '{RANDOM}', '{PRETRAINED}' or a file, but there is no file '{path}'.")
        return Origin(path.name, sha256_of(path), path)
    if found in OWN:
        raise InputError(f"Nobody publishes weights of '{name}'; leave 'weights' away or give '{RANDOM}'.")
    if found in VARIANTS:
        file = FILES[CARDS[found].file]
        return Origin(file.file, file.sha256)
    return _cached(name, found)


def _cached(name: str, found: str) -> Origin:
    """timm's weights in the Hugging Face cache; it is only looked at, never filled."""
    hub = require("huggingface_hub", "Looking for weights of timm", "zoo")
    config = timm().get_pretrained_cfg(found, allow_unregistered=True)
    address = config.hf_hub_id if config else None
    path = hub.try_to_load_from_cache(address, SAFETENSORS) if address else None
    if address and isinstance(path, str):
        return Origin(address, sha256_of(Path(path)), Path(path))
    pull = f"get them once with 'hf download {address} {SAFETENSORS}', " if address else ""
    raise InputError(
        f"Trained weights of '{name}' are not on this machine, and mien downloads none by itself: {pull}name a file "
        f"with weights=FILE.safetensors, or start from chance with weights={RANDOM}."
    )


def started(
    name: str, outputs: int, *, size: int, weights: str = "", seed: int = 0, dropout: float = 0.0,
    dense_top: bool = True,
) -> tuple[Network, Origin]:  # fmt: skip
    """A network to be trained: its body as the weights have it, its last layer new; see ``mien.nets.zoo.plain``.

    Raises
    ------
    InputError
        For an unknown network, weights that are missing or do not fit it, or pictures that are too small for it.
    """
    found, origin = resolved(name), origin_of(name, weights)
    if found in VARIANTS and not origin.random and origin.path is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net: nn.Module = with_head(pretrained(found).requires_grad_(True), outputs, dropout)
    else:
        net = plain(name, outputs, size=size, seed=seed, dropout=dropout, dense_top=dense_top)
        if origin.path is not None:
            fill_body(net, read_state(origin.path), f"{origin.words} does not fit {name}")
    network = Network(net, found, outputs)
    _look_once(network, name, outputs, size)
    return network, origin


def _look_once(network: Network, name: str, outputs: int, size: int) -> None:
    try:
        with torch.no_grad():
            shape = tuple(network.eval()(torch.zeros(1, 3, size, size)).shape)
    except (RuntimeError, ValueError, AssertionError) as error:
        raise InputError(f"The network '{name}' cannot take crops of {size} pixels: {error}") from error
    if shape != (1, outputs):
        raise InputError(f"The network '{name}' gives {shape} instead of one row of {outputs} outputs; take another.")


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """Tensors of a file by name; no code from the file is run.

    Raises
    ------
    InputError
        If it is neither safetensors nor a state dictionary that ``torch.save`` wrote.
    """
    try:
        if path.suffix == ".safetensors":
            reader = require("safetensors.torch", "Reading weights", "learn")
            found: dict[str, torch.Tensor] = reader.load_file(path)
            return found
        return {key: torch.from_numpy(array) for key, array in read_tensors(path.read_bytes()).items()}
    except WeightsError as error:
        raise InputError(
            f"{path.name} is not a file of weights by name: {error} mien reads .safetensors and what torch.save wrote "
            "of a state_dict (not of a whole module, which would run code from the file). Where you have the network "
            "in Python: safetensors.torch.save_file(net.state_dict(), 'weights.safetensors')."
        ) from error
    except Exception as error:  # safetensors has its own errors, of a class that is not always public
        raise InputError(f"{path.name} is not a readable safetensors file ({error}).") from error


def fill_body(net: nn.Module, state: dict[str, torch.Tensor], complaint: str) -> None:
    """Put weights into all of a network but its last layer.

    Files of mien, of timm and, for VGG and ResNet, of torchvision are understood.

    Raises
    ------
    InputError
        If a tensor is missing, superfluous, or of another shape; nothing is changed then.
    """
    wanted = net.state_dict()
    state = _renamed(state, wanted)
    heads = _head_names(net)
    _fit_positions(net, state, wanted)
    body = {key: value for key, value in wanted.items() if key not in heads}
    state = {key: value for key, value in state.items() if key not in heads}
    # The file of the whole network has layers that this one was made without.
    without = {part for part in dense_top_of(net) if not any(key.startswith(f"{part}.") for key in wanted)}
    state = {key: value for key, value in state.items() if key.partition(".")[0] not in without}
    optional = {key for key in body if key.endswith("num_batches_tracked")}
    for key in [*(set(body) - set(state) - optional), *(set(state) - set(body))]:
        there = "in the file and not in the network" if key in state else "in the network and not in the file"
        raise InputError(f"{complaint}: '{key}' is {there}.")
    for key, value in state.items():
        if value.shape != body[key].shape:
            raise InputError(f"{complaint}: '{key}' is {tuple(value.shape)}, not {tuple(body[key].shape)}.")
        if not bool(torch.isfinite(value).all()):
            raise InputError(f"{complaint}: '{key}' holds values that are not finite.")
    with torch.no_grad():
        for key, value in state.items():
            body[key].copy_(value)


def _head_names(net: nn.Module) -> set[str]:
    """Names of the last layer's tensors, and of EfficientNet-Lite's as published."""
    parts = head_of(net)
    parts = parts if isinstance(parts, (tuple, list)) else (parts,)
    own = {id(p) for part in parts for p in part.parameters()}
    prefixes = {key.rpartition(".")[0] for key, p in net.named_parameters() if id(p) in own}
    return {f"{prefix}.{end}" for prefix in prefixes for end in ("weight", "bias")}


def _renamed(state: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The file's tensors under the network's names."""
    while state and all(key.startswith("module.") for key in state):  # of a network that several devices trained
        state = {key.removeprefix("module."): value for key, value in state.items()}
    if any(key.startswith("net.") for key in state):  # a model that mien stored
        return {key[4:]: value for key, value in state.items() if key.startswith("net.")}
    of_vgg = "pre_logits.fc1.weight" in wanted or {"features.0.weight", "head.fc.weight"} <= set(wanted)
    if "classifier.0.weight" in state and of_vgg:  # VGG of torchvision
        names = {"classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2", "classifier.6": "head.fc"}
        found = {}
        for key, value in state.items():
            layer, _, end = key.rpartition(".")
            new = f"{names.get(layer, layer)}.{end}"
            # The wide layers are convolutions in timm.
            same = new in wanted and wanted[new].numel() == value.numel()
            found[new] = value.reshape(wanted[new].shape) if same and layer in names else value
        return found
    return dict(state)


def _fit_positions(net: nn.Module, state: dict[str, torch.Tensor], wanted: dict[str, torch.Tensor]) -> None:
    """Position embeddings of a transformer brought to another size of picture, in place."""
    key = "pos_embed"
    if key not in state or key not in wanted or state[key].shape == wanted[key].shape:
        return
    layers = require("timm.layers", "Position embeddings", "zoo")
    grid = getattr(getattr(net, "patch_embed", None), "grid_size", None)
    if grid is not None and state[key].ndim == 3:
        prefix = int(getattr(net, "num_prefix_tokens", 1))
        state[key] = layers.resample_abs_pos_embed(state[key], list(grid), num_prefix_tokens=prefix)
