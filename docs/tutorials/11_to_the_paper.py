"""
From results to a paper
=======================

Figure, tables and the paragraphs on methods and results, out of what a study folder holds.
"""

from pathlib import Path
from tempfile import mkdtemp
from textwrap import fill

import matplotlib.pyplot as plt

import mien

folder = Path(mkdtemp())
study = folder / "study"
people = mien.synthesize(
    folder / "people", subjects=12, expressions=("neutral", "smile", "surprise"), frames=6, noise_px=6.0
)
trained = mien.train(folder / "people", target="expression", n_folds=4, output=study / "models/mine")
evidence = mien.explain(trained.model, folder / "people", target="smile>neutral", output=study / "evidence/mine")

# %%
# A figure
# --------
# ``mien figure study`` lists what there is to draw; panels have letters, and every panel has a caption that stands
# alone.
print(*mien.figure(study), sep="\n")
panels = mien.figure(study, ["scores", "confusion-mine"], folder / "figure.png", width="double", dpi=200)
for caption in panels.captions:
    print("-", caption)

# %%
figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
ax.imshow(plt.imread(folder / "figure.png"))
ax.axis("off")

# %%
# Tables
# ------
# ``mien tables study -o tables``: CSV for R, SPSS and pandas, with a codebook of every column.
written = mien.tables(study, folder / "tables")
print(*written.files, sep="\n")

# %%
# Methods and results
# -------------------
# ``mien methods-text study -o text`` writes Markdown, a file for a word processor, and the references as BibTeX.
text = mien.methods_text(study)
for heading, paragraph in text.methods + text.results:
    print(heading, fill(paragraph, 100), "", sep="\n")

# %%
# How far to trust it
# -------------------
# The paragraphs claim nothing that the folder does not hold, and cannot know what it does not: why these people, who
# consented, what was planned beforehand. That part stays yours.
