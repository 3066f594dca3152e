"""
A video over time
=================

What a face does in a film, in numbers about the whole film: how strong, how often, how fast. The film is made here,
so that it is known what happens in it: a made-up face smiles twice.
"""

from pathlib import Path
from tempfile import mkdtemp

import av
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image

import mien

folder = Path(mkdtemp())
people = mien.synthesize(
    folder, subjects=1, expressions=("neutral", "smile"), frames=12, pictures=True, size_px=256, seed=4
)
rest, smile = (
    np.asarray(Image.open(folder / "pictures" / f"s001-{what}-1.png"), float) for what in ("neutral", "smile")
)

# %%
# Six seconds at 12 frames per second; the smile comes after one and after four seconds, each time for about a second.
times_s = np.arange(72) / 12
strength = np.exp(-(((times_s - 1.5) / 0.4) ** 4)) + np.exp(-(((times_s - 4.5) / 0.4) ** 4))
with av.open(folder / "film.mp4", "w") as film:
    stream = film.add_stream("mpeg4", rate=12, width=256, height=256, pix_fmt="yuv420p", bit_rate=2_000_000)
    for share in strength:
        picture = (rest + share * (smile - rest)).astype(np.uint8)
        film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    film.mux(stream.encode())

# %%
# Every frame, then the whole film
# --------------------------------
# ``mien extract film.mp4 -o study`` and ``mien functionals study`` do the same.
extracted = mien.extract(folder / "film.mp4", folder / "study")
measured = mien.functionals(folder / "study", channels=["mouthSmile*", "jawOpen"])
measures = measured.measures
table = pd.DataFrame({"value": measures.values[0].round(2), "meaning": [one.meaning for one in measures.codebook]})
table.index = [one.name for one in measures.codebook]
table.loc[[name for name in table.index if name.startswith("mouthSmileLeft")]].head(12)

# %%
# The frames behind the numbers
# -----------------------------
faces = mien.read_faces(folder / "study")
found = faces.to_pandas()["mouthSmileLeft"].to_numpy()
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(times_s, strength, color="0.7", label="how strongly the film was mixed")
ax.plot(faces.time_s, found, color="#0072b2", label="blendshape mouthSmileLeft")
ax.set(xlabel="time (s)", ylabel="strength")
ax.legend(frameon=False)

# %%
# How far to trust it
# -------------------
# - The order in time is right; how far up a blendshape goes depends on the face. A count of smiles rests on two
#   thresholds (``bout_on``, ``bout_off``), which the codebook beside the measures names.
agreement = np.corrcoef(strength, found)[0, 1]
print(f"what was mixed and what was found go along: r = {agreement:.2f} over {len(found)} frames of one face")

# %%
# - That is one film of one face: 72 frames are not 72 observations, and no interval is given. Whoever compares films
#   needs people (see :doc:`09_cohort`). What the measures mean, and when a recording counts at all:
#   :doc:`../over_time`.
