"""How unlike pictures are in what can be known of them without any network."""

from __future__ import annotations

import numpy as np

from mien.compare.conditions import Conditions
from mien.compare.dissimilarity import dissimilarity
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.stimuli.low_level import BASELINE, low_level

LOW_LEVEL = "low-level"


def low_level_matrix(samples: Samples, conditions: Conditions) -> np.ndarray:
    """Euclidean distances in colour, spectrum and oriented gradients, each of the three weighing the same.

    Parameters
    ----------
    samples : Samples
        The pictures.
    conditions : Conditions

    Returns
    -------
    ndarray of float64, shape (conditions, conditions)

    Raises
    ------
    InputError
        If a picture is not there any more.
    """
    parts = []
    for name in BASELINE:
        found = low_level(samples, parts=[name])
        unread = np.flatnonzero(found.status != "ok")
        if len(unread):
            raise InputError(
                f"{len(unread)} pictures cannot be read any more, such as {samples.files()[int(unread[0])]}; low-level "
                "properties are those of the pictures, which have to lie where they were for 'mien activations'."
            )
        spread = found.values.std(axis=0)
        values = (found.values - found.values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        parts.append(conditions.means(np.nan_to_num(values)) / np.sqrt(values.shape[1]))
    return dissimilarity(np.concatenate(parts, axis=1), "euclidean")
