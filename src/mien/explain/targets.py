"""From a target in words to the one number of the model's output that is explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.target import Target
from mien.core.words import did_you_mean
from mien.explain.answers import ask, scores_of

# What the only output of a model may be called, whatever its name.
SCORE = "score"


def find_target(target: str | int | Target | None, classes: Sequence[str]) -> Target:
    """The target that is meant, checked against the model's outputs.

    Parameters
    ----------
    target : str, int, Target or None
        As in ``Target.parse``; a number, also as text (``'0'``, ``'1>0'``, ``'0:down'``), counts the model's outputs
        from 0 where none is called so. The only output of a model is also called ``'score'``. None: the only output,
        or the second of two classes.
    classes : sequence of str
        Names of the model's outputs.

    Raises
    ------
    InputError
        If there is no such output, or None leaves open which is meant; the message says what is possible.
    """
    names = list(classes)
    if target is None:
        if len(names) > 2:
            raise InputError(
                f"The model has {len(names)} outputs ({', '.join(names)}): name one with target=..., "
                "or call mien.explain_all for one Evidence each."
            )
        return Target(names[-1])
    if isinstance(target, (bool, np.bool_)):
        raise InputError(f"A target is a name or number of an output, but got {target}. {possible(names)}")
    if isinstance(target, (int, np.integer)):
        if not 0 <= target < len(names):
            raise InputError(
                f"The model has outputs 0 to {len(names) - 1}, but the target is {target}. {possible(names)}"
            )
        return Target(names[int(target)])
    # A class may hold '>' or ':' in its own name; the whole text wins over its parts.
    parsed = Target(target) if isinstance(target, str) and target in names else Target.parse(target)
    return Target(_named(parsed.name, names), _named(parsed.against, names) if parsed.against else "", parsed.direction)


def _named(name: str, names: list[str]) -> str:
    """The output that is meant by a name or a number as text."""
    if name in names:
        return name
    if len(names) == 1 and name == SCORE:
        return names[0]
    if name.isdecimal() and int(name) < len(names):
        return names[int(name)]
    parts = [part.strip() for part in name.split(",")]
    if len(parts) > 1 and all(part in names for part in parts):
        raise InputError(
            f"'{name}' names {len(parts)} outputs, and evidence is for one; mien.explain_all(..., targets={parts}) "
            "gives one Evidence each."
        )
    raise InputError(f"The model has no output '{name}'.{did_you_mean(name, names)} {possible(names)}")


def possible(names: Sequence[str]) -> str:
    """What a target may be, in a sentence."""
    if len(names) == 1:
        called = ", ".join(f"'{name}'" for name in dict.fromkeys((names[0], SCORE, "0")))
        return f"It has one: {called}; with ':down' for what lowers it, such as '{names[0]}:down'."
    pair = f"'{names[1]}>{names[0]}'"
    return f"It has: {', '.join(names)}; also one against another, such as {pair}, and each with ':down'."


def weights_of(target: Target, classes: Sequence[str]) -> list[float]:
    """What each output counts in the explained one."""
    sign = 1.0 if target.direction == "up" else -1.0
    return [sign * ((name == target.name) - (name == target.against)) for name in classes]


def read_out(
    module: Callable[[torch.Tensor], Any], target: Target, classes: Sequence[str], name: str = "model"
) -> Callable[[torch.Tensor], torch.Tensor]:
    """The explained output: one number per row, larger where the model leans toward the target.

    For a class it is its score (the logit of mien's models), for a class against another the difference of the
    two scores, for direction ``'down'`` the same with the sign turned. ``name`` is the model's, for what it does wrong.
    """
    sign = 1.0 if target.direction == "up" else -1.0
    first = list(classes).index(target.name)
    second = list(classes).index(target.against) if target.against else None

    writes: list[bool] = []

    def output(values: torch.Tensor) -> torch.Tensor:
        # A module may begin in place (ReLU(inplace=True)): it must not write into the samples, nor into a leaf. The
        # first pass tells, by the count of writes that tensors keep.
        given = values.clone() if not writes or writes[0] else values
        before = given._version
        scores = ask(module, given, name)
        if not writes:
            writes.append(given._version > before)
        scores = scores_of(scores, len(values), len(classes), name)
        chosen = scores[:, first]
        return sign * (chosen if second is None else chosen - scores[:, second])

    return output
