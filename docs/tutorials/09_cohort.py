"""
A cohort: faces over time, and a questionnaire
==============================================

Which behaviour over time goes with which score? The people are made up, with effects that were planted, so that it
can be seen what is found, what is missed, and what is found although it is not there.
"""

from pathlib import Path
from tempfile import mkdtemp

import mien

folder = Path(mkdtemp())
cohort = mien.synthesize_cohort(folder, people=60, frames=240, effect=0.6, sites=1, missing_share=0, seed=3)
print(*(f"{one.what}, {one.statistic}: goes with {one.trait}, {one.size:+.2f}" for one in cohort.planted), sep="\n")

# %%
# The questionnaire
# -----------------
# ``mien questionnaire participants.csv --scale dass-21``: scores, severity bands (**not a diagnosis**) and how far
# the items hang together.
asked = mien.questionnaire(folder / "participants.csv", scale="dass-21", output=folder)
asked

# %%
# Measures over time
# ------------------
# ``mien functionals STUDY``: one row per recording, with a codebook.
measured = mien.functionals(folder, statistics="level,bouts,head,eyes")
print(len(measured.measures.codebook), "measures of", len(measured.measures.source), "recordings")

# %%
# What goes with the score
# ------------------------
# ``mien effects participants.csv --measures STUDY --outcome dass_21_depression``. Each measure over people, adjusted
# for age and sex, and corrected for the number of measures.
scored = asked.beside(mien.read_samples(folder / "participants.csv"))
found = mien.effects(scored, folder, outcome="dass_21_depression", covariates=["age", "sex"])
for channel in found.channels[:6]:
    p = f"p = {channel.p:.4f}  corrected {channel.q:.3f}"
    print(f"{channel.channel:22} {channel.strongest:34} r = {channel.effect:+.2f}  {p}")

# %%
found.plot()

# %%
# How far to trust it
# -------------------
# - With 60 people a correlation has to be about .4 before it survives such a correction: most of what was planted
#   smaller than that is missed. That a channel is missing from the list is no evidence that it does nothing.
# - What survives is a correlation in these people. The strongest of many is larger than the truth, and a new sample
#   will show less.
# - Whether the score can be *predicted* for people never seen is another question: :func:`mien.train` with
#   ``features="functionals:*"`` and ``beside="age,sex"`` (:doc:`../cohort`).
