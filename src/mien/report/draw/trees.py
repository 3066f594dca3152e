"""Dendrogram of distances with the support of each cluster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.cluster.hierarchy import leaves_list

from mien.report.draw import svg

_ROW, _WIDE = 17.0, 190.0


def tree_plot(names: Sequence[str], dendrogram: np.ndarray, support: np.ndarray, *, title: str,
              unit: str = "1 − correlation of the maps") -> str:  # fmt: skip
    """Leaves below each other, merges at their distance to the right, with the bootstrap support of each in per cent.

    Parameters
    ----------
    names : sequence of str
    dendrogram : ndarray, shape (leaves - 1, 4)
        SciPy's linkage matrix.
    support : ndarray, shape (leaves - 1,)
    title : str
    unit : str
        What the distance is.
    """
    left = 12 + 5.6 * max(map(len, names))
    most = float(dendrogram[:, 2].max()) or 1.0
    places: dict[int, tuple[float, float]] = {}
    drawn = []
    for row, leaf in enumerate(leaves_list(dendrogram)):
        places[int(leaf)] = 0.0, _ROW * (row + 0.5)
        drawn.append(svg.text(left - 5, _ROW * (row + 0.5) + 3.5, names[int(leaf)], size=10, anchor="end"))
    for merge, (a, b, distance, _) in enumerate(dendrogram):
        (xa, ya), (xb, yb) = places[int(a)], places[int(b)]
        here = _WIDE * float(distance) / most
        corners = "L".join(
            f"{svg.number(left + x)} {svg.number(y)}" for x, y in ((xa, ya), (here, ya), (here, yb), (xb, yb))
        )
        drawn.append(svg.element("path", d=f"M{corners}", fill="none", stroke="currentColor", stroke_width="0.9"))
        places[len(names) + merge] = here, (ya + yb) / 2
        if merge < len(dendrogram) - 1:
            drawn.append(svg.text(left + here + 3, (ya + yb) / 2 - 2, f"{100 * support[merge]:.0f}", size=8.5))
    bottom = _ROW * len(names)
    for share in (0.0, 0.5, 1.0):
        x = left + _WIDE * share
        drawn.append(
            svg.element("path", d=f"M{svg.number(x)} {svg.number(bottom + 2)}v4", stroke="currentColor",
                        stroke_width="0.7")
        )  # fmt: skip
        drawn.append(svg.text(x, bottom + 16, f"{most * share:.2g}", size=9, anchor="middle"))
    drawn.append(svg.text(left + _WIDE / 2, bottom + 29, unit, size=10, anchor="middle"))
    return svg.picture(left + _WIDE + 24, bottom + 34, *drawn, title=title)
