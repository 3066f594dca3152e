"""
Why does the model say so?
==========================

Evidence for one class, first as numbers, then on the face, then in words that may be quoted.
"""

from pathlib import Path
from tempfile import mkdtemp

import mien

folder = Path(mkdtemp())
people = mien.synthesize(folder / "people", subjects=10, expressions=("neutral", "smile"), frames=8, seed=1)
model = mien.train(
    folder / "people", target="expression", model="landmark-rvfl", evaluate=False, output=folder / "study/models/mine"
).model

# %%
# Evidence
# --------
# ``mien explain study/models/mine people --target 'smile>neutral' -o study/evidence/mine``. One signed value per
# clip, frame, point and coordinate: positive speaks for a smile against neutral. Nothing is normalised.
evidence = mien.explain(model, folder / "people", target="smile>neutral", output=folder / "study/evidence/mine")
evidence

# %%
# On the face
# -----------
evidence.plot()

# %%
# In words
# --------
drawn = mien.draw_evidence(evidence, folder / "study/evidence/mine")
print(drawn.words)

# %%
# How far to trust it
# -------------------
# Integrated gradients adds up: the evidence of a clip is its score less that of the baseline. What is missing is the
# gap.
gap = abs(evidence.gap).max() / abs(evidence.output).mean()
print(f"largest gap: {gap:.1%} of a typical score")

# %%
# - "For its size" matters. A region with many points has much evidence by size alone; an even spread is the
#   comparison that the sentence gives, and a region that does not stand out from it is not a finding.
# - This is where *the model* looks. Whether the values say truly what the model does is measured in
#   :doc:`05_is_the_evidence_worth_anything`; whether the model looks where faces move is known here only because the
#   people are made up.
