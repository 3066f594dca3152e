"""
Does a model look where people look?
====================================

Maps of a model beside the fixations of viewers. Pictures, viewers and maps are made up: viewers look at eyes and
mouth; one map has learnt that roughly, one only looks at the middle.
"""

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mien

folder = Path(mkdtemp())
draw = np.random.default_rng(0)
width, height, names = 160, 160, [f"face-{number:02d}.png" for number in range(16)]
eyes_and_mouth = {name: np.array([[55, 65], [105, 65], [80, 115]]) + draw.integers(-15, 15, 2) for name in names}
rows = [
    {"image": name, "subject": f"viewer {viewer}", "x": x, "y": y, "duration_ms": draw.integers(150, 400)}
    for name in names
    for viewer in range(8)
    for x, y in eyes_and_mouth[name][draw.choice(3, 6, p=[0.4, 0.4, 0.2])] + draw.normal(0, 7, (6, 2))
]
looked = pd.DataFrame(rows)
looked.to_csv(folder / "fixations.csv", index=False)

# %%
# Two maps of every picture
# -------------------------
# With a model of yours these would come from ``mien explain`` (one map per picture, in the picture's pixels).
grid = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1)


def blobs(places: np.ndarray, spread: float) -> np.ndarray:
    """A map with a round hill at every place."""
    distance = ((grid[:, :, None] - places) ** 2).sum(axis=-1)
    return np.exp(-distance / (2 * spread**2)).sum(axis=-1)


maps = {
    "eyes and mouth": {name: blobs(eyes_and_mouth[name] + draw.normal(0, 10, (3, 2)), 18) for name in names},
    "the middle": {name: blobs(np.array([[width / 2, height / 2]]), 35) for name in names},
}
figure, axes = plt.subplots(1, 2, figsize=(7, 3.4), layout="constrained")
for ax, (name, of_pictures) in zip(axes, maps.items(), strict=True):
    ax.imshow(of_pictures[names[0]], cmap="Greys")
    here = looked[looked.image == names[0]]
    ax.plot(here.x, here.y, "o", color="#d55e00", markersize=3)
    ax.set_title(f"{name}, with fixations")
    ax.axis("off")

# %%
# The comparison
# --------------
# ``mien gaze fixations.csv --maps MAPS --picture-size 160x160``
found = mien.gaze(folder / "fixations.csv", maps=maps, picture_size=f"{width}x{height}", pixels_per_degree=20)
figure, ax = plt.subplots(figsize=(7, 2), layout="constrained")
found.plot(ax)

# %%
scores = found.to_pandas()
scores[scores["metric"] == "NSS"][["map", "kind", "score", "low", "high", "share", "pictures", "viewers"]].round(2)

# %%
# How far to trust it
# -------------------
# - *Centre prior*: people look at the middle of pictures, whatever is there. A map has to beat that, and the map of
#   the middle shows how far one comes without having seen anything.
# - *Other viewers*: how well some viewers are told by others. That is what these viewers allow; with few of
#   them and few fixations a good map may come out above it.
# - That a map lies where people look does not say that the model uses what people use. It may look at the right place
#   for a wrong reason.
