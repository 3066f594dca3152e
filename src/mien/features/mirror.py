"""What named features become when the picture is mirrored: partners swapped, some signs turned."""

from __future__ import annotations

import numpy as np

from mien.core.faces import BLENDSHAPES
from mien.core.topology import topology as find


def mirror_of(names: tuple[str, ...], topology: str) -> tuple[np.ndarray, np.ndarray]:
    """Where each feature of the mirrored face comes from, and with which sign.

    Parameters
    ----------
    names : tuple of str
        Names given by the recipe ``'expression'``, with or without a functional behind them.
    topology : str
        Of the points they were computed from.

    Returns
    -------
    index : ndarray of int, shape (features,)
    sign : ndarray of float64, shape (features,)
        ``mirrored = values[:, index] * sign``. Of x coordinates the sign is exact for values, means and rises; the
        low and high ends of an x coordinate change places as well, which ``index`` takes into account.
    """
    place = {name: i for i, name in enumerate(names)}
    partners = find(topology).mirror if topology else np.array([], dtype=int)
    index, sign = np.arange(len(names)), np.ones(len(names))
    for i, name in enumerate(names):
        other, turned = _partner(name, partners)
        if other in place:
            index[i] = place[other]
            sign[i] = -1.0 if turned else 1.0
    return index, sign


def _partner(name: str, partners: np.ndarray) -> tuple[str, bool]:
    words = name.split(" ")
    if words[0] == "point" and len(words) >= 3 and words[1].isdigit() and int(words[1]) < len(partners):
        turned = words[2] == "x"
        words[1] = str(partners[int(words[1])])
        if turned and words[-1] in ("low", "high"):
            words[-1] = "high" if words[-1] == "low" else "low"
        return " ".join(words), turned and words[-1] != "sd"
    if words[0] in BLENDSHAPES:
        words[0] = _swapped(words[0], "Left", "Right")
    elif words[0] in ("right", "left"):
        words[0] = "left" if words[0] == "right" else "right"
    return " ".join(words), False


def _swapped(text: str, one: str, other: str) -> str:
    if text.endswith(one):
        return text[: -len(one)] + other
    if text.endswith(other):
        return text[: -len(other)] + one
    return text
