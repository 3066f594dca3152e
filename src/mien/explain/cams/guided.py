"""Guided Grad-CAM: the fine detail of guided backpropagation, inside the region that Grad-CAM finds."""

from __future__ import annotations

import numpy as np

from mien.explain.cams.family import from_maps
from mien.explain.cams.layers import find_layer
from mien.explain.gradients.plain import guided_backprop
from mien.explain.problem import Attribution, Problem


def guided_grad_cam(problem: Problem, *, layer: str = "") -> Attribution:
    """Guided backpropagation times the positive part of Grad-CAM (Selvaraju et al. 2017).

    Parameters
    ----------
    problem : Problem
        Of pictures.
    layer : str
        Of the Grad-CAM, see ``grad_cam``.

    Returns
    -------
    Attribution
        One signed value per pixel and channel. Where Grad-CAM is positive nowhere, all are 0.

    Raises
    ------
    InputError
        If the layer does not exist or holds no map.
    """
    # The published order: cut off at zero, then enlarge.
    region = from_maps(
        problem,
        find_layer(problem, layer),
        lambda a, g: (g.mean(dim=(2, 3), keepdim=True) * a).sum(dim=1),
        finish=lambda found: found.clamp(min=0),
    )
    guided = guided_backprop(problem)
    # A layer that speaks against the target everywhere is an answer, unless there was no slope at all.
    answered = np.any(guided.values != 0, axis=(1, 2, 3))
    return Attribution(guided.values * region.values, facts={**region.facts, **guided.facts}, answered=answered)
