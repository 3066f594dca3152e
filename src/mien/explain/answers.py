"""What a model gives when it is asked: its errors in a sentence, its scores as (rows, outputs)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError, MienError

# Answers to one row may differ by this share of the largest answer: batches round differently.
ROUNDING = 1e-3
_LONG = 200  # most characters of an error that are repeated
ALONE = "With batch_size=1 the model is asked about one row at a time."


def ask(function: Callable[[Any], Any], values: Any, name: str) -> Any:
    """What a model gives for some values.

    Raises
    ------
    InputError
        If the model itself breaks off; names it and keeps its error as the cause.
    """
    try:
        return function(values)
    except MienError:
        raise
    except Exception as error:
        raise InputError(
            f"The model '{name}' broke off on inputs of shape {tuple(np.shape(values))} ({said_by(error)})."
            f"{_advice(error)}"
        ) from error


def said_by(error: BaseException) -> str:
    """What an error says, in a line."""
    first = next(iter(str(error).splitlines()), "")[:_LONG]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _advice(error: BaseException) -> str:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return " Give batch_size=... or max_memory=..., which bound it."
    if isinstance(error, AssertionError) and "Guard failed" in str(error):
        return (
            " An exported network takes as many rows as it was exported with: export it with a dynamic first axis "
            "(torch.export.Dim.AUTO), or give batch_size=1 for one that was exported with one row."
        )
    return ""


def scores_of(answer: Any, rows: int, outputs: int | None, name: str) -> torch.Tensor:
    """Scores (rows, outputs) from what a model gave.

    Parameters
    ----------
    answer : object
    rows : int
        It was asked about.
    outputs : int, optional
        Number of its outputs, where that is known already.
    name : str
        Of the model.

    Raises
    ------
    InputError
        If these are no numbers, or not one row of numbers for each input.
    """
    scores = answer if isinstance(answer, torch.Tensor) else _numbers(answer, name)
    if scores.is_complex():
        raise InputError(f"The model '{name}' gives complex numbers; what is explained is a real number.")
    each = tuple(scores.shape[1:])
    if scores.ndim and scores.shape[0] == rows and scores.numel() == rows * max((1, *each)):
        scores = scores.reshape(rows, -1)
    elif rows == 1 and scores.ndim < 2:
        scores = scores.reshape(1, -1)  # models that drop the axis of a batch of one
    else:
        raise InputError(_shapes(name, rows, tuple(scores.shape)))
    if outputs is not None and scores.shape[1] != outputs:
        raise InputError(
            f"The model '{name}' gave {outputs} outputs for each row at first, then {scores.shape[1]}: it has to give "
            "the same number whatever it is asked about."
        )
    return scores


def _numbers(answer: Any, name: str) -> torch.Tensor:
    """A function's answer as a tensor."""
    part = _part(answer)
    if part:
        raise InputError(
            f"The model '{name}' has to give a tensor or array of scores (samples, outputs), but gives a "
            f"{type(answer).__name__}: wrap it in a module whose forward, or a function that, gives the scores alone, "
            f"such as model(x){part}."
        )
    if answer is None:
        raise InputError(f"The model '{name}' gives nothing (None): does it return its scores?")
    try:
        array = np.asarray(answer)
        if array.dtype.kind in "SU" or any(isinstance(one, str) for one in array.flat if array.dtype.kind == "O"):
            raise TypeError("text")
        return torch.from_numpy(np.array(array, dtype=np.complex64 if array.dtype.kind == "c" else np.float32))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The model '{name}' has to give numbers, one row of scores for each sample, but gives {_short(answer)}: "
            "of a classifier, give what tells how much it leans to each class, such as predict_proba or "
            "decision_function."
        ) from error


def _part(answer: Any) -> str:
    """Where in a parcel the scores are; ``''`` for what is none."""
    if hasattr(answer, "logits"):
        return ".logits"
    if isinstance(answer, Mapping):
        key = next((key for key in ("logits", "scores", "output", *answer) if key in answer), "logits")
        return f"[{key!r}]"
    held = isinstance(answer, (tuple, list)) and any(
        isinstance(one, (torch.Tensor, Mapping)) or np.ndim(one) > 0 for one in answer
    )
    return "[0]" if held else ""


def _shapes(name: str, rows: int, shape: tuple[int, ...]) -> str:
    """What is wrong with the shape of an answer, and the way out."""
    start = (
        f"The model '{name}' must give (samples,) or (samples, outputs) numbers for {rows} samples, but gave shape "
        f"{shape}"
    )
    if shape in ((), (1,)):
        return f"{start}, one number for the whole batch: give one for each row, such as .sum(1) for .sum(). {ALONE}"
    if shape[0] == rows:
        return (
            f"{start}, more than one row of outputs for a sample (such as one per frame or place): give what is to be "
            "explained as one number per sample and output, such as model(x).mean(1), or model(x)[:, 10] for one frame."
        )
    if len(shape) == 2 and shape[1] == rows:
        return f"{start}, outputs first: give model(x).T."
    return f"{start}: give one row of outputs for each sample."


def _short(answer: Any) -> str:
    """What a model gave, in a word."""
    kind = type(answer).__name__
    with suppress(TypeError, ValueError):
        if np.size(answer) and len(text := str(np.asarray(answer).reshape(-1)[0])) < 40:
            return f"{kind} with '{text}'"
    return kind
