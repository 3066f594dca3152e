"""
What do networks respond to in faces?
=====================================

Can faces be told from everything else by what a network's layers answer? And is that more than what the pictures'
plain statistics give? The pictures are the 200 small grey ones that scikit-image brings: 100 faces and 100 places
without one.
"""

from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import skimage
from PIL import Image

import mien

folder = Path(mkdtemp())
pictures = skimage.data.lfw_subset()
rows = ["path,category,source"]
for number, picture in enumerate(pictures):
    Image.fromarray((255 * picture).astype(np.uint8)).resize((64, 64)).convert("RGB").save(folder / f"{number}.png")
    rows.append(f"{number}.png,{'face' if number < 100 else 'other'},picture {number}")
_ = (folder / "pictures.csv").write_text("\n".join(rows))

# %%
# Activations
# -----------
# A network with random weights, which has never seen anything: what it can do is no knowledge about faces. On your
# machine, take one that was trained as well; mien uses the weights that are in your own cache and downloads none.
seen = mien.activations("songnet", folder / "pictures.csv", weights="random", size=64, depth=4)
print(seen.body.sentence())

# %%
# A probe per layer
# -----------------
# ``mien activations songnet pictures.csv --weights random -o study/activations/songnet``, then ``mien probe
# study/activations/songnet --faces face --beside low-level``.
found = mien.probe(seen, faces="face", beside=["low-level"], curve=False, n_permutations=199)
for score in found.scores:
    print(
        f"{score.layer:14} AUC {score.auc.value:.3f} [{score.auc.low:.3f}, {score.auc.high:.3f}]  p = {score.auc.p:.3f}"
    )

# %%
found.plot()

# %%
# How far to trust it
# -------------------
# - Random weights tell these faces from the rest nearly without fault, and so do statistics of colour, spectrum and
#   edges: *that layers separate them says nothing about faces* in this set. A claim needs pictures whose low-level
#   statistics are matched (:func:`mien.stimuli`), pareidolia (:func:`mien.pareidolia`) and the comparison that stands
#   here.
# - ``chosen`` is the honest score: the layer is chosen within the training folds. The best of many layers flatters.
# - Nobody knows which of these pictures show the same person; each counts as one of its own, so that the intervals
#   are somewhat too narrow.
