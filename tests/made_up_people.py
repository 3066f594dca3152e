"""Made-up people whose expression is known: small enough to train on within a test."""

from collections.abc import Callable

import numpy as np
import pytest

from mien.core.faces import BLENDSHAPES, Faces
from mien.core.samples import Samples

Made = tuple[Samples, Faces]


@pytest.fixture
def make_pictures() -> Callable[..., Made]:
    """Pictures of people with one signal planted in blendshapes, 68 points of chance."""

    def make(n_subjects: int = 16, classes: tuple[str, ...] = ("rest", "smile"), signal: float = 1.0) -> Made:
        rng = np.random.default_rng(0)
        labels = np.tile(classes, n_subjects)
        rows = len(labels)
        subject = np.repeat([f"s{i:02d}" for i in range(n_subjects)], len(classes))
        shapes = rng.uniform(0.02, 0.1, (rows, 52))
        acting = [("mouthSmileLeft", "mouthSmileRight"), ("browInnerUp", "jawOpen")]
        for label, names in zip(classes[1:], acting, strict=False):
            for name in names:
                shapes[labels == label, BLENDSHAPES.index(name)] += 0.5 * signal
        points = rng.uniform(-60, 60, (1, 68, 3)) + rng.normal(0, 2, (rows, 68, 3))
        points[:, [36, 39, 42, 45], :2] = [(-40, 0), (-20, 0), (20, 0), (40, 0)]
        path = np.array([f"{s}/{c}.png" for s, c in zip(subject, labels, strict=True)], dtype=object)
        faces = Faces.build(
            rows, topology="ibug-68", source=path, blendshapes=shapes, landmarks_px=points + 300, track=np.zeros(rows)
        )
        return Samples(path=path, subject=subject, labels={"expression": labels}, name="made-up"), faces

    return make


@pytest.fixture
def make_clips() -> Callable[..., Made]:
    """Clips of 68 points: 'smile' lifts the mouth corners, 'brows' the brows, 'rest' nothing; heads drift."""

    def make(n_subjects: int = 6, repetitions: int = 3, classes: tuple[str, ...] = ("brows", "rest", "smile")) -> Made:
        rng = np.random.default_rng(1)
        acting = {"smile": ((48, 54), (0.0, -9.0)), "brows": (tuple(range(17, 27)), (0.0, -7.0)), "rest": ((), (0, 0))}
        source, subjects, labels, points = [], [], [], []
        for s in range(n_subjects):
            base = np.random.default_rng(2).uniform(-60, 60, (68, 2)) + rng.normal(0, 2, (68, 2))
            base[[36, 39, 42, 45]] = [(-40, 0), (-20, 0), (20, 0), (40, 0)]
            for r in range(repetitions):
                for label in classes:
                    course = np.sin(np.linspace(0, np.pi, 14))[:, None, None]
                    clip = np.repeat(base[None], 14, axis=0) + rng.normal(0, 0.5, (14, 68, 2))
                    who, where = acting[label]
                    clip[:, list(who)] += course * np.array(where) * rng.uniform(0.7, 1.3)
                    clip += 300 + np.linspace(0, 1, 14)[:, None, None] * rng.normal(0, 3, 2)
                    source.append(f"s{s}-{label}-{r}")
                    subjects.append(f"s{s}")
                    labels.append(label)
                    points.append(clip)
        flat = np.concatenate(points)
        faces = Faces.build(
            len(flat),
            topology="ibug-68",
            source=np.repeat(np.array(source, dtype=object), 14),
            frame=np.tile(np.arange(14), len(source)),
            track=np.zeros(len(flat)),
            landmarks_px=np.concatenate([flat, np.zeros((*flat.shape[:2], 1))], axis=2),
        )
        samples = Samples(
            path=np.array(source), subject=np.array(subjects), labels={"expression": np.array(labels)}, name="made-up"
        )
        return samples, faces

    return make
