"""A network's own attention as evidence; it has to earn that name like any other (``mien evaluate-evidence``)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from torch.nn.functional import interpolate

from mien.explain.problem import Attribution, Problem


def attention(problem: Problem, *, gives: Literal["contribution", "attention"] = "contribution") -> Attribution:
    """What the places of the picture added to the class, by the network's own attention map.

    Parameters
    ----------
    problem : Problem
        Of a network whose method ``maps(x)`` gives attention and value of each class, (samples, classes, rows,
        columns), such as the model ``'efdnn'``.
    gives : str
        ``'contribution'``: attention times value, signed, in the unit of the output; over the map's own cells it
        sums to the output without the class's constant. ``'attention'``: where the network looked, positive,
        without what it made of it.

    Returns
    -------
    Attribution
        One value per pixel, shape (samples, 1, height, width), enlarged bilinearly; ``facts['cells']`` is the map's own
        size.
    """
    network: Any = problem.network
    size = problem.values.shape[2:]
    cells: list[int] = []
    parts = []
    with torch.no_grad():
        for start in range(0, len(problem.values), problem.batch_size):
            x = torch.from_numpy(problem.values[start : start + problem.batch_size]).to(problem.device)
            looked, value = network.maps(x)
            result = _of_target(problem, looked if gives == "attention" else looked * value, gives)
            cells = list(result.shape[1:])
            enlarged = interpolate(result[:, None], size=size, mode="bilinear", align_corners=False)
            parts.append(enlarged.cpu().numpy())
            problem.progress(start + len(x), len(problem.values))
    values = np.concatenate(parts) if parts else np.zeros((0, 1, *size), np.float32)
    return Attribution(values, facts={"cells": cells})


def _of_target(problem: Problem, maps: torch.Tensor, gives: str) -> torch.Tensor:
    """The map of the class, or of the class against the other; the network holds only these outputs."""
    sign = 1.0 if problem.target.direction == "up" or gives == "attention" else -1.0
    if not problem.target.against:
        return sign * maps[:, 0]
    # Where a class is set against another, attention is where the network looked for either.
    return maps[:, 0] + maps[:, 1] if gives == "attention" else sign * (maps[:, 0] - maps[:, 1])
