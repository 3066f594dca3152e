"""A model is asked before it is explained: how many outputs it has, and whether every row gets an answer of its own."""

from __future__ import annotations

import numpy as np
import torch

from mien.core.errors import InputError
from mien.explain.answers import ALONE, ROUNDING, ask, said_by, scores_of
from mien.explain.modules import evaluating
from mien.explain.networks import ExplainedModel

_ROWS = 3


def probes_of(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Three inputs, different ones where there are any; float32, (3, ...).

    Parameters
    ----------
    values, reference : ndarray of float32, shape (rows, ...)
        Finite inputs; both may be empty.
    """
    pool = np.concatenate([values[:1], values[-1:], reference[:1], reference[-1:]])
    if not len(pool):
        return np.zeros((_ROWS, *values.shape[1:]), np.float32)
    rows = [pool[0]]
    # Turned around a row keeps its range, which some models insist on.
    turned = [np.flip(pool[0], axis=-1), np.flip(pool[0], axis=0), np.zeros_like(pool[0])]
    for one in (*pool[1:], *turned):
        if len(rows) < _ROWS and not any(np.array_equal(one, other) for other in rows):
            rows.append(one)
    return np.stack((rows * _ROWS)[:_ROWS]).astype(np.float32)


def outputs_of(network: ExplainedModel, probes: np.ndarray, most: int) -> tuple[tuple[str, ...], list[str]]:
    """Names of the model's outputs (given, known, or counted), and what has to be told about its answers.

    Parameters
    ----------
    network : ExplainedModel
    probes : ndarray of float32, shape (3, ...)
        From ``probes_of``.
    most : int
        Rows that may go through it at once. Models of others are asked about one, two and three.

    Raises
    ------
    InputError
        If it takes no such inputs, does not give scores (samples, outputs), or lets rows change each other's answers.
    """
    with evaluating(network.module), torch.no_grad():
        alone = _first(network, probes)
        count = alone.shape[1]
        several = [] if network.known else [order for order in ([0, 1], [2, 0, 1]) if len(order) <= most]
        notes = _rows_apart(network, probes, alone, several)
    if network.classes is not None and len(network.classes) != count:
        raise InputError(f"The model has {count} outputs, but {len(network.classes)} names of classes.")
    return network.classes or (("output",) if count == 1 else tuple(str(i) for i in range(count))), notes


def _asked(network: ExplainedModel, rows: np.ndarray, outputs: int | None) -> np.ndarray:
    function = network.function()
    result = ask(function, torch.from_numpy(rows).to(network.device), network.name)
    return scores_of(result, len(rows), outputs, network.name).double().cpu().numpy()


def _first(network: ExplainedModel, probes: np.ndarray) -> np.ndarray:
    """The answer to one row; why there is none is mostly the shape, or the precision of the weights."""
    try:
        return _asked(network, probes[:1], None)
    except InputError as error:
        if error.__cause__ is None or network.module is None or isinstance(error.__cause__, AssertionError):
            raise
        kinds = {p.dtype for p in network.module.parameters()}
        if kinds & {torch.float64, torch.float16, torch.bfloat16}:
            raise InputError(
                f"The model's weights are {sorted(map(str, kinds))[0]}, but inputs are torch.float32: give "
                "model.float()."
            ) from error.__cause__
        shape = ", ".join(map(str, probes.shape[1:]))
        raise InputError(
            f"The model '{network.name}' does not take inputs of shape (samples, {shape}): {said_by(error.__cause__)}."
        ) from error.__cause__


def _rows_apart(network: ExplainedModel, probes: np.ndarray, alone: np.ndarray, several: list[list[int]]) -> list[str]:
    """Whether a row gets the same answer whatever rows are beside it."""
    answers = {(0,): alone} | {tuple(o): _asked(network, probes[o], alone.shape[1]) for o in several}
    answers = {order: np.where(np.isfinite(answer), answer, np.nan) for order, answer in answers.items()}
    largest = max(_size(answer) for answer in answers.values())
    apart = max(
        _size(answer[order.index(row)] - beside[other.index(row)])
        for order, answer in answers.items()
        for other, beside in answers.items()
        for row in set(order) & set(other)
    )
    if apart <= ROUNDING * largest:
        return []
    again = _size(_asked(network, probes[:1], alone.shape[1]) - alone)
    if again > ROUNDING * largest:
        return [
            f"The model gives other answers to the same input when it is asked again (by {again:.2g} of at most "
            f"{largest:.2g}): the evidence holds its noise. Turn off what it draws, such as dropout."
        ]
    raise InputError(
        f"The model '{network.name}' gives a sample another answer beside other samples (by {apart:.2g} of at most "
        f"{largest:.2g}), so evidence of one would be about the others, too. Batch normalisation in training mode "
        f"does so (model.eval()), and what is centred or scaled over the batch. {ALONE}"
    )


def _size(numbers: np.ndarray) -> float:
    """The largest one, whatever its sign; 0 where none is finite."""
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))
