"""One Million Impressions: synthetic faces, and who rated them how."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.core.samples import Samples
from mien.data.sets.catalogue import part
from mien.data.tables.ratings import SingleRatings, read_ratings
from mien.data.tables.table import read_table


def omi(folder: Path) -> Samples:
    """One Million Impressions: 1,004 synthetic faces (nobody real) with 18 mean impressions, 0 to 100."""
    table = read_table(part(folder, "attribute_means_core.csv", "omi"))
    stimulus = table.need("stimulus", "number of each face")
    ratings = {name: table.numbers(name)[0] for name in table.columns if name != "stimulus"}
    return Samples(
        path=np.array([f"images/{s}.jpg" for s in stimulus], dtype=object),
        subject=stimulus,
        ratings=ratings,
        root=folder.resolve(),
        name="One Million Impressions (OMI)",
        licence="CC BY-NC-SA 4.0 (non-commercial)",
        credit="Peterson, J. C. et al. (2022), Deep models of superficial face judgments, PNAS 119(17) e2115228119.",
        synthetic=True,
    )


def omi_ratings(folder: Path) -> SingleRatings:
    """Every rater's ratings of the faces."""
    single = read_ratings(folder / "ratings_core.csv.gz")
    return replace(single, item=np.array([f"images/{number}.jpg" for number in single.item], dtype=object))
