"""
How few landmarks are enough?
=============================

Rank the points, leave the least important out, train again, and compare with points drawn at random.
"""

from pathlib import Path
from tempfile import mkdtemp

import mien

folder = Path(mkdtemp())
people = mien.synthesize(
    folder / "people", subjects=12, expressions=("neutral", "smile", "surprise"), frames=6, noise_px=4.0, seed=3
)

# %%
# Rank, remove, retrain
# ---------------------
# ``mien reduce people --target expression --counts 478,64,16,4,1 -o study/reduction``. The ranking is made inside
# each training fold: the people who are scored had no part in it.
found = mien.reduce(
    folder / "people",
    target="expression",
    counts=[478, 64, 16, 4, 1],
    methods=["one-shot", "random"],
    n_random=3,
    n_folds=3,
    output=folder / "study/reduction",
)
found.curve[["method", "count", "accuracy", "low", "high"]].round(2)

# %%
found.plot()

# %%
# What to report
# --------------
print(f"chosen: {found.chosen.count} of 478 points, by the rule '{found.chosen.rule}'")
regions = found.landmarks()["regions"]
print({region: len(points) for region, points in regions.items()})

# %%
# How far to trust it
# -------------------
# - Random points of the same number are the comparison. Neighbouring points move together, so that few random ones
#   often do as well: then *how many* is a finding, and *which* is not.
# - The set depends on the expressions, the people and the model. ``found.stability`` says how alike the sets of
#   different folds are:
found.stability.round(2)
