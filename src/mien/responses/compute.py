"""Activations of a body for pictures: block by block, so that memory is bounded and nothing is computed twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch

from mien.core.devices import AUTO, CPU
from mien.core.errors import InputError
from mien.core.files import remove_halves
from mien.core.memory import kept_memory
from mien.core.numbers import as_text, checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.data.stimuli import read_stimuli
from mien.nets.device import words_of
from mien.nets.layers import NamedLayer, listening, named, spread
from mien.responses.activations import OK, Activations
from mien.responses.blocks import (
    BLOCKS,
    AnswerBlock,
    BlockValues,
    facts_of,
    fingerprint,
    place_of,
    rows_at_once,
    write_block,
)
from mien.responses.body_card import Exposure
from mien.responses.frozen import FrozenBody, frozen_body
from mien.responses.pictures import FITS, Fit, content_of, square
from mien.responses.store import load_activations, save_index
from mien.responses.time_line import frames_as_samples, moments_of, write_answers

ALL = "all"
USUAL_DEPTH = 12
UNREADABLE, NOT_FINITE = "unreadable", "not finite"


@kept_memory()
@checked_numbers
def activations(
    body: Any,
    samples: Any,
    output: str | Path | None = None,
    *,
    layers: Sequence[str] | str = (),
    depth: int = USUAL_DEPTH,
    weights: str = "pretrained",
    seed: int = 0,
    exposure: Exposure | None = None,
    whole: bool = False,
    float16: bool = False,
    size: int | None = None,
    fit: Fit = "crop",
    batch_size: int = 16,
    device: str = AUTO,
    name: str = "",
    category: str = "category",
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    replace_others: bool = False,
    time_line: str | Path | None = None,
    times: str | Path | None = None,
    components: int = 0,
    progress: Progress | bool | None = None,
) -> Activations:
    """What layers of a frozen network answer to pictures.

    Pictures are whole, not cut to faces, and all treated alike; they may be of different sizes.

    Parameters
    ----------
    body : str, Path, Module, Model or FrozenBody
        A network by name (``mien.nets.names.NETWORKS``, and all others of timm), the folder of a picture model that
        mien trained, or a torch module from pictures (samples, 3, side, side), RGB from 0 to 1.
    samples : Samples, str or Path
        Pictures with their category and source (the person or thing shown), as ``mien.read_stimuli`` takes them.
    output : str or Path, optional
        Folder, such as ``STUDY/activations/NAME``; without it they stay in memory. Work that was interrupted goes on
        where it ended, and pictures that were changed since are computed again.
    layers : str or sequence of str
        Names, ``'all'``, or nothing for ``depth`` of them.
    depth : int
        How many layers, spread over the depth of the network, where none are named.
    weights : str
        Of a network by name: ``'pretrained'`` (ImageNet), ``'random'``, or a file (.safetensors, .pth).
    seed : int
        Of random weights.
    exposure : str, optional
        What faces weights from a file, or a module, have seen: ``'none'``, ``'blurred'``, ``'incidental'``, ``'trained
        on faces'`` or ``'unknown'``. Of weights that mien knows it is known.
    whole : bool
        Keep maps, (samples, channels, height, width), instead of their averages over the picture.
    float16 : bool
        Store half of the digits; what does not fit stands at the end of the range, and a note says so.
    size : int, optional
        Pixels per side that the network sees; None: what it was made for.
    fit : str
        ``'crop'``: the middle square of every picture; ``'letterbox'``: all of it, with grey beside it.
    batch_size : int
        Pictures that go through the network at once.
    device : str
        Where it computes: ``'auto'`` (a GPU where torch can use one, else the processor; a module of your own stays
        where it is), ``'cpu'``, ``'cuda'`` or ``'cuda:NUMBER'``. Answers agree to within rounding.
    name : str
        What the body is called; ``''``: as it was given.
    category : str
        Column that says the category.
    labels, subject_pattern, columns, missing, same : optional
        How a table or folder is read, see ``mien.read_stimuli``.
    replace_others : bool
        Whether a folder that holds other layers, or answers of another network, is written anew; else it is refused.
    time_line : str or Path, optional
        Of frames of a film: study whose time line receives each layer as a stream, a row for each frame and a column
        for each unit; it is called like the body (``name``), with several layers ``NAME-LAYER``. A table of frames
        needs ``path``, ``time_s`` and, with several runs, ``run``; no categories are read.
    times : str or Path, optional
        When frames are shown: table with ``path``, ``time_s`` (seconds since the start of the run) and ``run``; by
        default that of the samples.
    components : int
        So many principal components instead of units in such a stream; 0: units.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.

    Returns
    -------
    Activations
        With ``output``, layers are read from the disk when they are asked for.

    Raises
    ------
    InputError
        For an unknown network or layer (the sentence says which there are), weights that are not here, no pictures.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=2, expressions=("neutral", "smile"), pictures=True)
    >>> found = mien.activations("songnet", "people/pictures.csv", category="expression", weights="random", depth=3)
    >>> found.body.sentence()
    'songnet (random, seed 0): it has never seen a face.'
    >>> found.layers, found.layer(found.layers[0]).shape
    (('features.1', 'features.7', 'hidden'), (4, 64))
    """
    progress = progress_of(progress, "pictures")
    if fit not in get_args(Fit):
        raise InputError(f"fit is one of {', '.join(FITS)}, but got {as_text(fit)}.")
    if output is not None:
        check_folder(output)
    if time_line is None and (times is not None or components):
        raise InputError("Times and components are those of a stream; name the study that receives it (time_line).")
    own_times = samples if isinstance(samples, (str, Path)) and Path(samples).expanduser().is_file() else None
    frozen = frozen_body(body, weights=weights, seed=seed, exposure=exposure, size=size, name=name, device=device)
    frozen = replace(frozen, card=replace(frozen.card, fit=fit))
    chosen = _chosen(frozen, layers, depth)
    if output is not None and not replace_others:
        _refuse_others(Path(output), frozen, chosen)
    if time_line is not None and own_times is not None:
        samples = frames_as_samples(own_times)
    elif isinstance(samples, (str, Path)):
        samples = read_stimuli(
            samples, category=category, labels=labels, subject_pattern=subject_pattern, columns=columns,
            missing=missing, same=same,
        )  # fmt: skip
    elif not isinstance(samples, Samples):
        raise InputError(f"The samples are a table, a folder, a data set or Samples, but got {as_text(samples)}.")
    if not len(samples):
        raise InputError("There are no pictures among the samples.")
    if output is not None and any(part._forward_hooks for part in frozen.module.modules()):
        raise InputError(
            "Something listens to this network or silences units of it, which the files would not say; leave output "
            "out and keep these activations in memory."
        )
    work = _Work(frozen, chosen, whole, float16, fit, batch_size)
    moments = None if time_line is None else moments_of(samples, times or own_times, work.shapes, components)
    files = samples.files()
    bounds = [(i, min(i + work.rows, len(files))) for i in range(0, len(files), work.rows)]
    parts = [_found(work, files[a:b], output, (a, len(files)), progress) for a, b in bounds]
    status = np.array([word for part in parts for word in part.status], dtype=object)
    if not (status == OK).any():
        raise InputError(
            f"None of the {len(files)} pictures could be used: {files[0]} is {status[0]}. Check where the table's "
            "paths start."
        )
    notes = (*frozen.notes, *_notes(parts, status, frozen.card.name))
    if output is None:
        joined = {
            layer.name: np.concatenate([part.values[layer.name] for part in parts if part.values is not None])
            for layer in chosen
        }
        found = Activations(samples, frozen.card, joined, status, notes)
    else:
        found = _stored(Path(output), work, samples, parts, bounds, status, notes)
    if time_line is not None and moments is not None:
        write_answers(found, time_line, moments, components=components)
    return found


def _stored(
    output: Path, work: _Work, samples: Samples, parts: Sequence[_Part], bounds: Sequence[tuple[int, int]],
    status: np.ndarray, notes: tuple[str, ...],
) -> Activations:  # fmt: skip
    """Activations whose blocks lie in a folder, with their index."""
    blocks = [(part.name, b - a) for part, (a, b) in zip(parts, bounds, strict=True)]
    values = BlockValues(output, work.shapes, blocks, work.dtype)
    found = Activations(samples, work.body.card, values, status, notes)
    facts = {**work.settings, "device": words_of(work.body.device)}
    save_index(output, found, blocks, work.dtype, facts, work.shapes)
    _remove_others(output, {block for block, _ in blocks})
    return found


def _chosen(frozen: FrozenBody, layers: Sequence[str] | str, depth: int) -> tuple[NamedLayer, ...]:
    names = [layers] if isinstance(layers, str) and layers else list(layers)
    if names == [ALL]:
        return frozen.layers
    if names:
        return named(frozen.layers, names, frozen.card.name)
    return spread(frozen.net, frozen.layers, depth)


@dataclass(frozen=True, eq=False)
class _Work:
    """What is computed of every picture."""

    body: FrozenBody
    layers: tuple[NamedLayer, ...]
    whole: bool
    float16: bool
    fit: Fit
    batch_size: int

    @property
    def dtype(self) -> str:
        return "float16" if self.float16 else "float32"

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {layer.name: layer.shape if self.whole else (layer.channels,) for layer in self.layers}

    @property
    def rows(self) -> int:
        """Pictures in a block."""
        values = sum(int(np.prod(shape)) for shape in self.shapes.values())
        return rows_at_once(values * np.dtype(self.dtype).itemsize)

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the numbers, beside the pictures' content."""
        card, kind = self.body.card, self.body.device.type
        return {
            "weights": card.sha256, "network": type(self.body.net).__name__, "side_px": card.side_px,
            "preparation": _preparation(self.body), "layers": list(self.shapes), "whole": self.whole,
            "dtype": self.dtype, "fit": self.fit, **({} if kind == CPU else {"device": kind}),
        }  # fmt: skip


def _preparation(body: FrozenBody) -> list[list[float]]:
    """What the network does to colours first."""
    own = (getattr(body.module, name, None) for name in ("mean", "sd"))
    return [value.flatten().tolist() for value in own if isinstance(value, torch.Tensor)]


@dataclass(frozen=True, eq=False)
class _Part:
    """A block as it lies on the disk (then without values) or in memory."""

    name: str
    status: tuple[str, ...]
    clipped: dict[str, int]
    values: dict[str, np.ndarray] | None = None


def _found(
    work: _Work, files: Sequence[Path], output: str | Path | None, done: tuple[int, int], progress: Progress | None
) -> _Part:
    """One block, read where it lies there whole, else computed and, with a folder, written."""
    name = ""
    if output is not None:
        name = fingerprint(work.settings, [content_of(path)[1] for path in files])
        facts = facts_of(place_of(Path(output), name), work.shapes, len(files))
        if facts is not None:
            _say(progress, done[0] + len(files), done[1])
            return _Part(name, tuple(facts["status"]), facts["clipped"])
    block = _computed(work, files, done, progress)
    if output is None:
        return _Part("", block.status, block.clipped, block.values)
    remove_halves(Path(output) / BLOCKS)
    write_block(place_of(Path(output), name), block)
    return _Part(name, block.status, block.clipped)


def _computed(work: _Work, files: Sequence[Path], done: tuple[int, int], progress: Progress | None) -> AnswerBlock:
    values = {name: np.full((len(files), *shape), np.nan, work.dtype) for name, shape in work.shapes.items()}
    clipped = dict.fromkeys(values, 0)
    status = [UNREADABLE] * len(files)
    most = float(np.finfo(work.dtype).max)
    with listening(work.body.net, work.layers, work.body.module) as ask:
        for start, rows, pictures in _batches(files, work):
            if len(rows):
                answers = ask(work.body.tensor(pictures))
                found = {
                    layer.name: (answers[layer.name] if work.whole else layer.averaged(answers[layer.name]))
                    .float().cpu().numpy()
                    for layer in work.layers
                }  # fmt: skip
                finite = np.all([np.isfinite(v.reshape(len(v), -1)).all(axis=1) for v in found.values()], axis=0)
                for row, good in zip(rows, finite, strict=True):
                    status[row] = OK if good else NOT_FINITE
                for key, answer in found.items():
                    answer = answer[finite]
                    clipped[key] += int((np.abs(answer) > most).sum()) if work.float16 else 0
                    values[key][np.asarray(rows)[finite]] = np.clip(answer, -most, most) if work.float16 else answer
            _say(progress, done[0] + min(start + work.batch_size, len(files)), done[1])
    return AnswerBlock(values, tuple(status), {key: count for key, count in clipped.items() if count})


def _batches(files: Sequence[Path], work: _Work) -> Iterator[tuple[int, list[int], np.ndarray]]:
    """Start, rows and pictures of each batch; the next is decoded while one goes through the network."""
    side = work.body.card.side_px

    def read(start: int) -> tuple[int, list[int], np.ndarray]:
        rows, pictures = [], []
        for row in range(start, min(start + work.batch_size, len(files))):
            try:
                pictures.append(square(content_of(files[row])[0], files[row].name, side, work.fit))
                rows.append(row)
            except InputError:
                continue
        return start, rows, np.stack(pictures) if pictures else np.zeros((0, side, side, 3), np.uint8)

    starts = range(0, len(files), work.batch_size)
    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(read, 0)
        for start in starts:
            ready = waiting.result()
            if start + work.batch_size < len(files):
                waiting = ahead.submit(read, start + work.batch_size)
            yield ready


def _say(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _notes(parts: Sequence[_Part], status: np.ndarray, name: str) -> list[str]:
    """What has to be known: pictures without an answer, values beyond float16."""
    notes = []
    for word in sorted(set(status.tolist()) - {OK}):
        count = int((status == word).sum())
        notes.append(f"{count} of {len(status)} pictures have no activations: {word}.")
    clipped: dict[str, int] = {}
    for part in parts:
        for layer, count in part.clipped.items():
            clipped[layer] = clipped.get(layer, 0) + count
    for layer, count in clipped.items():
        notes.append(
            f"{name}, layer '{layer}': {count} values were beyond float16 and stand at its end, 65504; leave float16 "
            "out for this body."
        )
    return notes


def _refuse_others(folder: Path, frozen: FrozenBody, chosen: Sequence[NamedLayer]) -> None:
    """Keep hours of work from being replaced by a command that asks for something else.

    Raises
    ------
    InputError
    """
    try:
        there = load_activations(folder)
    except InputError:
        return
    names = tuple(layer.name for layer in chosen)
    if there.body.sha256 != frozen.card.sha256:
        other = f"answers of {there.body.name} ({there.body.weights})"
    elif there.layers != names:
        other = f"other layers ({', '.join(there.layers)})"
    else:
        return
    raise InputError(
        f"{folder} holds {other}. Give another folder, or replace them: replace_others=True (--replace-others)."
    )


def _remove_others(folder: Path, blocks: set[str]) -> None:
    """Blocks of earlier runs that nothing names any more."""
    for path in (folder / BLOCKS).glob("*.safetensors"):
        if path.stem not in blocks:
            path.unlink(missing_ok=True)
