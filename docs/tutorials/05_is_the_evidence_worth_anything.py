"""
Is the evidence worth anything?
===============================

A heat map always looks like something. Here methods are measured, beside random evidence, beside the same evidence
turned around and, since the people are made up, beside the truth.
"""

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

import mien

folder = Path(mkdtemp())
people = mien.synthesize(folder / "people", subjects=10, expressions=("neutral", "smile"), frames=8, seed=1)
model = mien.train(
    folder / "people", target="expression", model="landmark-rvfl", evaluate=False, output=folder / "study/models/mine"
).model

# %%
# Three methods
# -------------
# ``mien evaluate-evidence study/models/mine people --method saliency --truth mouth,cheek -o study/faithfulness/mine``.
# The truth is a region or a list of points; with real people there is usually none, and only the other metrics
# remain.
found = mien.evaluate_evidence(
    model,
    folder / "people",
    ["saliency", "integrated-gradients", "occlusion"],
    target="smile>neutral",
    metrics=["insertion", "deletion", "region-auc"],
    truth="mouth,cheek",
    n_steps=10,
)
for row in found.rows:
    print(
        f"{row.method:22} {row.metric:14} {row.value:6.2f} [{row.low:.2f}, {row.high:.2f}]"
        f"   random {row.random:.2f}, turned around {row.inverse:.2f}"
    )

# %%
figure, ax = plt.subplots(figsize=(7, 2.2), layout="constrained")
found.plot(ax)

# %%
# How far to trust it
# -------------------
# - A method that is no better than random evidence says nothing about this model, however plausible its map is.
# - Insertion and deletion replace points by others, which makes faces that do not exist; a model may answer those
#   oddly. That is why more than one metric stands here and why the fill is named: ``found.settings["fill"]``.
# - Intervals are over people. Ten are the fewest that get one.
print("fill:", found.settings["fill"])
