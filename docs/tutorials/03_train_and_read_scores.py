"""
Training a model, and reading its scores
========================================

A model of two apparent expressions, scored on people whom it never saw. The people are made up, their landmarks
noisy.
"""

from pathlib import Path
from tempfile import mkdtemp

import mien

folder = Path(mkdtemp())
people = mien.synthesize(
    folder / "people", subjects=16, expressions=("neutral", "sadness"), frames=8, noise_px=8.0, seed=2
)
people.samples

# %%
# Folds never share a person
# --------------------------
# ``mien train people --target expression --noise-check -o study/models/mine``. With ``noise_check``, the same is done
# once more with labels that were shuffled: whatever that reaches above chance would be a leak.
trained = mien.train(
    folder / "people", target="expression", n_folds=4, noise_check=True, output=folder / "study/models/mine"
)
for name, score in trained.evaluation.scores.items():
    print(
        f"{name:18} {score.value:.2f}  [{score.low:.2f}, {score.high:.2f}]"
        f"   chance {score.chance:.2f}   p = {score.p:.3f}"
    )

# %%
# The picture to report is the one with the intervals and the chance level.
trained.evaluation.plot()

# %%
# What the number says
# --------------------
accuracy = trained.evaluation.scores["accuracy"]
print(
    f"{accuracy.value:.0%} of the clips of {accuracy.people} people; with other people it may be "
    f"{accuracy.low:.0%} to {accuracy.high:.0%}; guessing gives {accuracy.chance:.0%}."
)

# %%
# With shuffled labels the same training has to come out at chance or below it (in small balanced sets below: what is
# left out for testing is what the training has too few of).
shuffled = trained.evaluation.noise_check["accuracy"]
print(f"shuffled labels: {shuffled.value:.0%} [{shuffled.low:.0%}, {shuffled.high:.0%}], p = {shuffled.p:.2f}")

# %%
# How far to trust it
# -------------------
# - The interval is over *people*: more clips of the same people would not make it narrower. With fewer than ten
#   people there is none.
# - It holds for people like these. Another camera, age or culture is another question: :func:`mien.evaluate` on other
#   data answers it.
# - Trying several models and reporting the best flatters: :func:`mien.compare_models` corrects for that.
