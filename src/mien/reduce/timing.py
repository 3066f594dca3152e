"""What fewer landmarks save: fitting, answering and size, all against few, measured in turns."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from mien.core.target import Target
from mien.learn.cost import answer_seconds
from mien.reduce.learner import parameters

ROUNDS = 15


def savings(
    full: Any, part: Any, values: np.ndarray, points: np.ndarray, contrast: Target | None = None
) -> dict[str, Any]:
    """Microseconds per clip and parameters of a network on all landmarks and of one on some.

    Parameters
    ----------
    full, part : estimator
        Fitted on all landmarks and on ``points``.
    values : ndarray of float32, shape (clips, frames, landmarks, coordinates)
        Clips to be answered about.
    points : ndarray of int
    contrast : Target, optional
        What the binary network answers; by default the last class.

    Returns
    -------
    dict
        ``parameters`` and, for one binary network and for all classes together, each for one clip alone and for all
        clips at once: ``all_us`` and ``chosen_us`` per clip, and ``ratio`` (chosen / all). Fastest of runs in which
        the two take turns on one thread.
    """
    from mien.explain.modules import narrowed
    from mien.nets.threads import one_thread

    nets = [est.model().module() for est in (full, part)]
    classes = tuple(str(c) for c in full.classes_)
    binary = [narrowed(net, Target(contrast.name if contrast else classes[-1]), classes)[0] for net in nets]
    inputs = [np.ascontiguousarray(values), np.ascontiguousarray(values[:, :, points])]
    sizes = [parameters(est) for est in (full, part)]
    with one_thread():
        return {
            "parameters": {
                "all": sum(sizes[0]), "chosen": sum(sizes[1]), "all_trained": sizes[0][0], "chosen_trained": sizes[1][0]
            },
            "binary_one_clip": _in_turns(binary, [x[:1] for x in inputs]),
            "binary_all_clips": _in_turns(binary, inputs),
            "classes_one_clip": _in_turns(nets, [x[:1] for x in inputs]),
            "classes_all_clips": _in_turns(nets, inputs),
        }  # fmt: skip


def _in_turns(modules: list[Any], inputs: list[np.ndarray]) -> dict[str, float]:
    import torch

    tensors = [torch.from_numpy(x) for x in inputs]
    answers = [partial(module, tensor) for module, tensor in zip(modules, tensors, strict=True)]
    with torch.no_grad():
        fastest = answer_seconds(answers, ROUNDS).min(axis=0)
    full, part = (float(seconds / len(tensor)) * 1e6 for seconds, tensor in zip(fastest, tensors, strict=True))
    return {"all_us": full, "chosen_us": part, "ratio": part / full}
