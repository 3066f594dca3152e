"""Rendered people, photographed: two who smile and two who do not, one of them with the head on one side."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mien.core.samples import Samples
from mien.data.synthetic import make_cohort, render, scene
from mien.faces.extract import extract


@pytest.fixture(scope="session")
def photos(weights, tmp_path_factory):
    """Folder, samples and extracted faces."""
    folder = tmp_path_factory.mktemp("photos")
    cohort = make_cohort(2, ("smile", "surprise"), seed=3)
    names, labels = [], []
    for clip, label in enumerate(cohort.samples.labels["expression"]):
        picture = render(scene(cohort.performance, clip, -1, seed=1), 320)
        if clip == 1:
            turn = cv2.getRotationMatrix2D((160, 160), 14, 1)
            picture = cv2.warpAffine(picture, turn, (320, 320), borderMode=cv2.BORDER_REPLICATE)
        names.append(f"{clip}.png")
        labels.append(label)
        Image.fromarray(picture).save(folder / names[-1])
    samples = Samples(
        path=np.array(names, dtype=object),
        subject=np.array(cohort.samples.subject, dtype=object),
        labels={"expression": np.array(labels, dtype=object)},
        root=folder,
    )
    faces = extract([folder / name for name in names], folder / "study", threads=1).faces()
    assert faces.ok.all() and len(faces) == len(samples)
    return folder, samples, faces
