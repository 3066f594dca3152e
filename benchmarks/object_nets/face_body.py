"""A body trained on faces alone: EfficientNet-Lite0 from random weights, on mean impressions of synthetic faces (OMI).

``python -m benchmarks.object_nets.face_body FOLDER`` (MIEN_DATA holds the set 'omi'; about ten minutes on one core).
It is the control beside ImageNet weights and random ones: the same layers, another history. Four fifths of the faces
are trained on; what the network learnt is measured on the rest.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from mien.core.progress import progress_of

SIDE_PX, EPOCHS, SEED = (32, 1, 0) if is_quick() else (96, 30, 0)
RECIPE = {"name": "crop", "align": "none", "size": SIDE_PX}
SETTINGS = {
    "weights": "random", "epochs": EPOCHS, "patience": EPOCHS, "learning_rate": 2e-3, "batch_size": 32, "seed": SEED,
    "validation": 0.1,
}  # fmt: skip


def main(folder: Path) -> None:
    """Extract the faces, train the body, score it on the faces left out."""
    samples = mien.read_samples("omi")
    faces = folder / "extraction"
    mien.extract(samples.files(), faces)
    rest = np.random.default_rng(SEED).permutation(len(samples)) % 5 == 0
    mien.train(
        samples[~rest], target=list(samples.ratings), model="efficientnet-lite0", faces=faces, recipe=RECIPE,
        settings=SETTINGS, seed=SEED, evaluate=False, output=folder / "omi_body", progress=progress_of(True, "epochs"),
    )  # fmt: skip
    scored = mien.evaluate(folder / "omi_body", samples[rest], faces=faces)
    for name, score in scored.per_rating.items():
        print(f"{name}: r = {score['pearson'].value:.2f} ({score['pearson'].between})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="for the extraction and the body; without it thrown away")
    given = arguments(parser, data=("omi",))
    with tempfile.TemporaryDirectory() as scratch:
        main(given.folder or Path(scratch))
