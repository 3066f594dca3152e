"""The explainable fast network that has learnt on other faces before: where its body starts from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.attention.model import EfdnnModel
from mien.models.base import Model
from mien.nets.attention import Efdnn

# Crops that the statistics of the normalisations are taken from.
CALIBRATED_ON = 256


def start_of(folder: str, *, width: float, shape: tuple[int, ...] = ()) -> EfdnnModel | None:
    """The model whose body a training starts from; None for ``''``.

    Parameters
    ----------
    folder : str
        Written by ``mien train --model efdnn``.
    width : float
        Of the network to be trained.
    shape : tuple of int
        Of its crops, where they are known.

    Raises
    ------
    InputError
        If it is no model 'efdnn', or has another width or size of crops.
    """
    from mien.models.store import load_model

    if not folder:
        return None
    found = load_model(Path(folder).expanduser())
    if not isinstance(found, EfdnnModel):
        raise InputError(
            f"{folder} holds a model '{found.name}' ({found.kind}); start has to name a folder that 'mien train "
            "--model efdnn' wrote."
        )
    before = float(found.settings["width"])
    if before != float(width):
        raise InputError(
            f"The network in {folder} has width {before:g} and this one {float(width):g}, so its body does not fit: "
            f"give width={before:g}."
        )
    if shape and found.input_shape != tuple(shape):
        raise InputError(
            f"The network in {folder} learnt on crops of {found.input_shape[-1]} pixels, these have {shape[-1]}: give "
            f"size={found.input_shape[-1]}."
        )
    return found


def facts_of_start(start: EfdnnModel, folder: str) -> dict[str, Any]:
    """What a stored model says about the model that it started from."""
    return {
        "folder": Path(folder).expanduser().resolve().name,
        "weights_sha256": start.weights_sha256,
        "samples": start.info.get("samples", {}).get("name", ""),
        "target": start.target,
        "n_samples": start.info.get("n_samples", 0),
        # A start may itself have had one.
        "start": start.info.get("start"),
    }


def note_of_start(facts: dict[str, Any]) -> str:
    """The sentence that has to stand beside every score of a network that started from another."""
    faces = facts["samples"] or "samples without a name"
    before = f" That one started from '{facts['start']['folder']}'." if facts["start"] else ""
    return (
        f"The network started from the body of '{facts['folder']}' (SHA-256 {facts['weights_sha256'][:12]}), which had "
        f"learnt '{facts['target']}' on {facts['n_samples']} samples of {faces} before.{before}"
    )


def merged_info(info: dict[str, Any], start: Model, facts: dict[str, Any]) -> dict[str, Any]:
    """Training provenance that knows the start's samples too, so that they count as seen."""
    both = {key: sorted({*info.get(key, []), *start.info.get(key, [])}) for key in ("seen", "subjects")}
    return {**info, **both, "start": facts}


def take_body(net: Efdnn, start: EfdnnModel, crops: torch.Tensor) -> None:
    """Give a network the convolutions of a stored one, layer by layer, in place.

    Normalisations are folded into the convolutions of a stored network; here they come back with the statistics of
    ``crops``, and with a factor and a shift that undo them, so that the body's map of these crops stays the same.

    Parameters
    ----------
    net : Efdnn
        Of the same width; its answering layers are left as they are.
    start : EfdnnModel
    crops : Tensor, shape (samples, 3, size, size)
        Of training.
    """
    stored = {key: torch.tensor(value) for key, value in start.arrays.items()}
    with torch.no_grad():
        x = crops[:: max(1, len(crops) // CALIBRATED_ON)] * 2 - 1
        x = functional.relu(_taken(net.stem[0], net.stem[1], stored, "stem.0", x))
        for number, block in enumerate(net.body):
            depthwise: Any = block.depthwise
            depthwise.weight.copy_(stored[f"body.{number}.depthwise.weight"])
            y = functional.relu(_taken(block.pointwise, block.norm, stored, f"body.{number}.pointwise", depthwise(x)))
            x = x + y if block.adds else y


def _taken(convolution: Any, norm: Any, stored: dict[str, torch.Tensor], name: str, x: torch.Tensor) -> torch.Tensor:
    """A convolution's weights and the normalisation after it that undoes itself; what both make of ``x``."""
    convolution.weight.copy_(stored[f"{name}.weight"])
    y: torch.Tensor = convolution(x)
    variance, mean = torch.var_mean(y, (0, 2, 3), correction=0)
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.copy_(mean + stored[f"{name}.bias"])
    return y + stored[f"{name}.bias"][:, None, None]
