"""Lesions through the network: units of one layer are silent, and a later layer answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.nets.layers import NamedLayer, listening, named
from mien.nets.lesions import silenced
from mien.responses.activations import Activations
from mien.responses.frozen import FrozenBody, frozen_body, reopened
from mien.responses.pictures import FITS, Fit, content_of, square

# Pictures that go through the front of the network at once, and copies that go on from the silenced layer.
_PICTURES, _COPIES = 4, 96


def network_of(found: Activations, body: Any = None, weights: str = "") -> FrozenBody:
    """The network that gave some activations.

    Parameters
    ----------
    found : Activations
    body : optional
        As for ``mien.activations``; by default what the card names.
    weights : str
        A file, where the weights came from one.

    Raises
    ------
    InputError
        If it is not there, or has other weights.
    """
    card = found.body
    if body is None and not weights:
        return reopened(card)
    net = frozen_body(
        card.network or card.name if body is None else body, weights=weights or "pretrained", seed=card.seed,
        size=card.side_px,
    )  # fmt: skip
    if net.card.sha256 != card.sha256:
        raise InputError(
            f"The activations are of {card.name} ({card.weights}), but the network here is {net.card.name} "
            f"({net.card.weights}) with other weights; name the same one (--body, --weights)."
        )
    return net


def read_later(
    found: Activations, net: FrozenBody, layer: str, read_at: str, done: Callable[[int], None] | None = None
) -> Any:
    """What readers of a later layer say, as ``mien.responses.units.lesions.Read``.

    Parameters
    ----------
    found : Activations
        Averaged over the picture; of the same network.
    net : FrozenBody
    layer, read_at : str
        Where units are silent, and the later layer that the readers see.
    done : callable (pictures), optional
        How many went through since it was last called.

    Raises
    ------
    InputError
        If the layers do not come in this order, hold maps, or the stored answers cannot be reproduced.
    """
    silent, later = _layers(found, net, layer, read_at)
    files = found.samples.files()
    fit = _fit(found, net, later, files)

    def read(rows: np.ndarray, masks: np.ndarray, readers: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
        scores = [np.empty((len(rows), len(masks), weights.shape[1])) for weights, _ in readers]
        for start in range(0, len(rows), _PICTURES):
            part = rows[start : start + _PICTURES]
            pictures = net.tensor(_squares([files[row] for row in part], net, fit))
            answers = _answers(net, silent, later, pictures, masks)
            for score, (weights, offset) in zip(scores, readers, strict=True):
                score[start : start + len(part)] = answers @ weights + offset
            if done is not None:
                done(len(part))
        return scores

    return read


def _layers(found: Activations, net: FrozenBody, layer: str, read_at: str) -> tuple[NamedLayer, NamedLayer]:
    for name in (layer, read_at):
        if name not in found.layers:
            found.layer(name)  # says which there are
    order = list(found.layers)
    if order.index(read_at) <= order.index(layer):
        raise InputError(f"The layer '{read_at}' does not come behind '{layer}'; probes read a later one.")
    silent, later = (named(net.layers, [name], net.card.name)[0] for name in (layer, read_at))
    for one, name in ((silent, layer), (later, read_at)):
        if found.shapes[name] != (one.channels,):
            raise InputError(
                f"The activations of '{name}' are maps; lesions through the network need averages over the picture "
                "(mien activations without --whole)."
            )
    return silent, later


def _squares(files: list[Path], net: FrozenBody, fit: Fit) -> np.ndarray:
    return np.stack([square(content_of(path)[0], path.name, net.card.side_px, fit) for path in files])


def _fit(found: Activations, net: FrozenBody, later: NamedLayer, files: list[Path]) -> Fit:
    """How the pictures were made square: the way that gives the stored answers again."""
    rows = np.flatnonzero(found.ok)[:: max(1, int(found.ok.sum()) // 3)][:3]
    stored = found.layer(later.name if later.name in found.layers else next(n for n in later.also if n in found.layers))
    size = float(np.abs(stored[rows]).max()) or 1.0
    fits: tuple[Fit, ...] = ("crop", "letterbox")
    for fit in fits:
        with listening(net.net, [later], net.module) as ask:
            again = later.averaged(ask(net.tensor(_squares([files[r] for r in rows], net, fit)))[later.name])
        if np.abs(again.float().cpu().numpy() - stored[rows]).max() < 0.01 * size:
            return fit
    raise InputError(
        f"The network does not give the stored answers again ({' or '.join(FITS)}): the pictures were changed since, "
        "or prepared in another way. Run 'mien activations' again."
    )


def _answers(
    net: FrozenBody, silent: NamedLayer, later: NamedLayer, pictures: torch.Tensor, masks: np.ndarray
) -> np.ndarray:  # fmt: skip
    """Averages of the later layer, shape (pictures, sets, channels)."""
    found = []
    each = max(1, _COPIES // len(pictures))
    with listening(net.net, [later], net.module) as ask:
        for start in range(0, len(masks), each):
            part = masks[start : start + each]
            try:
                with _copies(net.net, silent, part):
                    answer = later.averaged(ask(pictures)[later.name])
                found.append(answer.float().cpu().numpy().reshape(len(pictures), len(part), -1))
            except (RuntimeError, ValueError):
                # What goes round the layer, such as the other branch of a residual, was not copied.
                found.append(_one_by_one(net, silent, later, ask, pictures, part))
    return np.concatenate(found, axis=1)


@contextmanager
def _copies(net: nn.Module, layer: NamedLayer, masks: np.ndarray) -> Iterator[None]:
    """Behind a layer every picture goes on once for each set of silent units, so that what is before runs once."""
    keep = torch.from_numpy(~masks)

    def hook(module: nn.Module, given: Any, answer: torch.Tensor) -> torch.Tensor:
        shape = [1] * answer.ndim
        shape[-1 if layer.channels_last else 1] = layer.channels
        kept = keep.to(answer).reshape(len(keep), *shape[1:])
        return (answer[:, None] * kept[None]).reshape(-1, *answer.shape[1:])

    handle = dict(net.named_modules())[layer.name].register_forward_hook(hook, prepend=True)
    try:
        yield
    finally:
        handle.remove()


def _one_by_one(
    net: FrozenBody, silent: NamedLayer, later: NamedLayer, ask: Any, pictures: torch.Tensor, masks: np.ndarray
) -> np.ndarray:  # fmt: skip
    found = []
    for mask in masks:
        with silenced(net.net, silent.name, np.flatnonzero(mask), channels_last=silent.channels_last):
            found.append(later.averaged(ask(pictures)[later.name]).float().cpu().numpy())
    return np.stack(found, axis=1)
