"""What frozen bodies see in crops, computed once and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from mien.core.devices import AUTO, CPU
from mien.core.files import atomic_path, remove_halves
from mien.core.memory import kept_memory
from mien.data.weights import weights_dir
from mien.nets.bodies import BATCH, Body
from mien.nets.device import device_of, full_precision

# Kept features beyond this many bytes are removed, those unused for longest first.
MOST_KEPT = 2_000_000_000
_DIGEST = 20
# Batches on a GPU, in batches of the processor.
_MORE_ON_GPU = 8


@kept_memory()
def body_features(
    crops: np.ndarray, body: Body, *, keep: bool = True, device: str = AUTO,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:  # fmt: skip
    """Features of crops and of their mirror images.

    They are computed once: a file in the cache folder is named by the crops' content, the body's weights and its
    settings.

    Parameters
    ----------
    crops : ndarray of float32, shape (samples, 3, height, width)
        Finite.
    body : Body
    keep : bool
        Whether to look for them on disk and leave them there.
    device : str
        See ``mien.nets.device.device_of``; what a GPU gave is kept apart from what the processor gave.
    progress : callable (done, total), optional

    Returns
    -------
    ndarray of float32, shape (samples, 2, features)
        Of the crop as it is, and mirrored.
    """
    where = device_of(device)
    place = cache_dir() / f"{_fingerprint(crops, body, where.type)}.npy"
    if keep and _is_intact(place):
        place.touch()
        return np.asarray(np.load(place, allow_pickle=False))
    module = body.module(crops.shape[-1]).to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]
    rows = BATCH if where.type == CPU else BATCH * _MORE_ON_GPU
    parts = []
    with torch.no_grad(), full_precision():
        for start in range(0, len(crops), rows):
            batch = torch.from_numpy(np.ascontiguousarray(crops[start : start + rows])).to(where)
            batch = batch.contiguous(memory_format=torch.channels_last)
            parts.append(np.stack([module(batch).cpu().numpy(), module(batch.flip(3)).cpu().numpy()], 1))
            if progress is not None:
                progress(min(start + rows, len(crops)), len(crops))
    found = np.concatenate(parts) if parts else np.zeros((0, 2, sum(body.sizes)), np.float32)
    if keep:
        remove_halves(place.parent)
        with atomic_path(place) as temporary:
            with temporary.open("wb") as file:
                np.save(file, found, allow_pickle=False)
            digest = _digest_of(temporary, temporary.stat().st_size)
            with temporary.open("ab") as file:
                file.write(digest)
        _prune(place)
    return found


def cache_dir() -> Path:
    """Folder of kept features, beside the weights."""
    return weights_dir().parent / "features"


def _fingerprint(crops: np.ndarray, body: Body, kind: str) -> str:
    digest = hashlib.blake2b(digest_size=20)
    facts = {"name": body.name, "stages": body.stages, "grid": body.grid}
    facts |= {} if kind == CPU else {"device": kind}
    digest.update(repr((facts, body.weights, crops.shape, str(crops.dtype))).encode())
    for crop in crops:
        digest.update(np.ascontiguousarray(crop).data)
    return digest.hexdigest()


def _is_intact(place: Path) -> bool:
    """Whether features are there as they were written: behind the array, where NumPy does not look, lies a digest."""
    try:
        size = place.stat().st_size - _DIGEST
        with place.open("rb") as file:
            file.seek(max(0, size))
            return size > 0 and file.read() == _digest_of(place, size)
    except OSError:
        return False


def _digest_of(path: Path, size: int) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST)
    with path.open("rb") as file:
        for start in range(0, size, 1 << 20):
            digest.update(file.read(min(1 << 20, size - start)))
    return digest.digest()


def _prune(newest: Path) -> None:
    files = sorted((p for p in newest.parent.glob("*.npy") if p != newest), key=lambda p: p.stat().st_mtime)
    total = newest.stat().st_size + sum(p.stat().st_size for p in files)
    for path in files:
        if total <= MOST_KEPT:
            return
        total -= path.stat().st_size
        path.unlink(missing_ok=True)
