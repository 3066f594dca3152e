"""
Ratings, and groups
===================

How friendly does a face look? Raters do not agree, and no model can agree with them better than they do among
themselves. Faces and raters are made up: a wide mouth looks friendly to them, and each rater has a mind of their own.
"""

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mien

folder = Path(mkdtemp())
people = mien.synthesize(folder / "people", subjects=40, expressions=("smile",), frames=4, noise_px=2.0, seed=5)

# %%
# What the raters see: the width of the mouth by that of the eyes, in the last frame of each clip. Eight raters, one
# row per rating.
points = people.faces.landmarks_px[people.faces.frame == people.faces.frame.max(), :, :2]
mouth, eyes = (np.linalg.norm(points[:, a] - points[:, b], axis=1) for a, b in ((61, 291), (33, 263)))
friendly = (mouth / eyes - np.mean(mouth / eyes)) / np.std(mouth / eyes)
draw = np.random.default_rng(0)
rows = [
    {
        "path": path,
        "subject": path.split("-")[0],
        "attribute": "friendly",
        "rating": value + draw.normal(),
        "rater": f"r{rater}",
    }
    for path, value in zip(people.samples.path, friendly, strict=True)
    for rater in range(8)
]
pd.DataFrame(rows).to_csv(folder / "ratings.csv", index=False)

# %%
# A model of the mean rating
# --------------------------
# ``mien train ratings.csv --faces people --target friendly --ceiling ratings.csv -o study/models/friendly``
trained = mien.train(
    folder / "ratings.csv",
    target="friendly",
    faces=folder / "people",
    n_folds=5,
    ceiling=folder / "ratings.csv",
    output=folder / "study/models/friendly",
)
figure, ax = plt.subplots(figsize=(7, 1.6), layout="constrained")
trained.evaluation.plot(ax)

# %%
# What the number says
# --------------------
score, ceiling = trained.evaluation.scores["pearson"], trained.evaluation.ceilings["friendly"]
print(
    f"correlation with the mean rating: {score.value:.2f} [{score.low:.2f}, {score.high:.2f}] over "
    f"{score.people} people;\nceiling {ceiling.value:.2f}; chance {score.chance:.0f}"
)

# %%
# The ceiling is the highest correlation with these mean ratings that any model can be expected to reach, by how far
# the raters agree (the square root of the mean rating's reliability). A score is to be read against it, and not
# against 1.
#
# Two groups
# ----------
# The made-up people are of two groups, and both smile in their own way. Is the mouth wider in one of them? The person
# is the unit.
is_b = people.samples.group == "B"
found = mien.compare(
    friendly[~is_b, None],
    friendly[is_b, None],
    people.samples.subject[~is_b],
    people.samples.subject[is_b],
    names=["mouth width"],
    labels=("group A", "group B"),
)
figure, ax = plt.subplots(figsize=(7, 1.6), layout="constrained")
found.plot(ax)

# %%
found.table.round(3).T

# %%
# How far to trust it
# -------------------
# - An impression belongs to the raters: "looks friendly to these raters", never "is friendly".
# - A difference between groups that has no small p is not the absence of one: the equivalence test in the table says
#   whether it is smaller than half a standard deviation, as far as these people can tell.
