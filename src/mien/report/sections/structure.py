"""The report's section on how ratings hang together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.structure_store import load_structures
from mien.compare.structures import Structure
from mien.core.words import equals, listed
from mien.report.draw.structures import MOST_AXES, axes_plot, heat_plot, pairs_plot


def section(path: Path) -> dict[str, Any]:
    """Texts and pictures (SVG that is still to be marked as safe) of stored structures."""
    sources, comparisons = load_structures(path.parent)
    names = list(sources)
    heat = [
        {"name": name, "svg": heat_plot(s, title=f"Correlations of the ratings, {name}"),
         "caption": f"{name.capitalize()}: correlations, in the order of Ward's clustering (tree at the right)."}
        for name, s in sources.items()
    ]  # fmt: skip
    pairs = []
    for (one, other), test in comparisons.items():
        pairs.append(
            {
                "svg": pairs_plot(sources[one], sources[other], (one, other), title=f"{one} and {other}, every pair"),
                "caption": (
                    f"Every pair of ratings: its correlation for {one} and for {other}. The two structures agree with "
                    f"a rank correlation of {test.statistic:.2f} (Mantel test, p {equals(test.p)})."
                ),
            }
        )
    return {
        "words": _words(sources),
        "heat": heat,
        "axes": axes_plot(sources, title="Loadings of the first principal axes") if names else "",
        "pairs": pairs,
    }


def _words(sources: dict[str, Structure]) -> str:
    texts = []
    for name, s in sources.items():
        first = s.loadings[0]
        top = [f"'{s.names[i]}'" for i in np.argsort(-np.abs(first))[:3]]
        shares = listed([f"{100 * v:.0f} %" for v in s.variance_explained[:MOST_AXES]])
        texts.append(
            f"{name.capitalize()}: the first {min(MOST_AXES, len(s.names))} principal axes hold {shares} of the "
            f"variance; the first is mostly {listed(top)}."
        )
    return " ".join(texts)
