"""Guided Grad-CAM: the fine detail of guided backpropagation, inside the region that Grad-CAM finds."""

from __future__ import annotations

import numpy as np

from mien.explain.cams.family import grad_cam
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
    region, guided = grad_cam(problem, layer=layer), guided_backprop(problem)
    # A region that speaks against the target everywhere is an answer, unless there was no slope at all.
    found = np.any(region.values != 0, axis=(1, 2, 3)) & np.any(guided.values != 0, axis=(1, 2, 3))
    values = guided.values * np.maximum(region.values, 0)
    return Attribution(values, facts={**region.facts, **guided.facts}, answered=found)
