"""Made-up stand-ins for the data sets, in the layout that each has: what ``--quick`` measures on.

Rendered people in place of photos, drawn blobs in place of objects, noise in place of a brain. They have the files and
columns that the readers want, and little more: figures on them say nothing.
"""

import atexit
import csv
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

# A folder that already holds them all: one command that runs every benchmark makes them once.
READY = "MIEN_MADE_UP"
PEOPLE, FACES = 8, 16
CLASSES = {"neutral": "neutral", "smile": "happiness", "sadness": "sadness", "surprise": "surprise"}
RATINGS = ("happy", "smug", "alert", "trustworthy", "attractive", "dominant", "smart", "age", "typical",
           "familiar", "outgoing", "memorable", "well-groomed", "cute", "dorky", "long-haired", "hair-color",
           "outdoors")  # fmt: skip
OBJECTS = ("house", "house with garden", "cat", "black cat", "baby bottle", "lotion bottle", "scissors", "ballet shoes",
           "flat shoe", "chair", "seat", "apple", "hammer", "lamp", "violin", "kettle", "drum", "anchor", "bus", "tent",
           "kite", "basket", "clock", "bell")  # fmt: skip
ANIMALS = ("ant", "bat", "crab", "duck", "goat", "hen", "newt", "owl")


def made_up_data(names: Iterable[str]) -> Path:
    """Folder that holds made-up sets of these names, in place of that of the data sets."""
    if ready := os.environ.get(READY):
        return Path(ready)
    folder = Path(tempfile.mkdtemp(prefix="made-up-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in names:
        SETS[name](folder)
    return folder


def london(root: Path) -> None:
    """Neutral and smiling people, rated by thirty others, with the pupils marked on the neutral pictures."""
    folder, people = root / "london", _rendered(("neutral", "smile"), PEOPLE, 320, seed=1)
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 8, (30, PEOPLE)).astype(np.uint8)
    rows, pupils = [], []
    for number, (_, label, picture, points) in enumerate(people):
        who, shown = number // 2, {"neutral": "neutral", "smile": "smiling"}[label]
        _save(folder / shown / f"{who:03d}.jpg", picture)
        rows.append((f"{shown}/{who:03d}.jpg", f"{who:03d}", shown, 20 + who, ("female", "male")[who % 2], "white",
                     f"{ratings[:, who].mean():.4f}"))  # fmt: skip
        if label == "neutral":
            pupils.append(points[[468, 473], :2])
    head = ("file", "subject", "expression", "face_age", "face_gender", "face_eth", "attractiveness_mean")
    _table(folder / "labels.csv", head, rows)
    np.savez(folder / "ratings_matrix.npz", ratings=ratings)
    ids = np.array([f"{who:03d}" for who in range(PEOPLE)])
    np.savez(folder / "landmarks_neutral.npz", ids=ids, xy=np.array(pupils, np.float32))


def omi(root: Path) -> None:
    """Faces with mean ratings, of which 'happy' goes with the smile, and the single ratings."""
    folder, rng = root / "noncommercial" / "omi", np.random.default_rng(1)
    rows, single = [], []
    for number, (_, label, picture, _) in enumerate(_rendered(("neutral", "smile"), FACES // 2, 256, seed=2), start=1):
        _save(folder / "images" / f"{number}.jpg", picture)
        means = rng.uniform(20, 80, len(RATINGS))
        means[0] = rng.uniform(70, 90) if label == "smile" else rng.uniform(10, 28)
        rows.append((number, *means.round(4)))
        single += [(number, name, int(np.clip(mean + 9 * rng.normal(), 0, 100)), "normal")
                   for name, mean in zip(RATINGS, means, strict=True) for _ in range(4)]  # fmt: skip
    _table(folder / "attribute_means_core.csv", ("stimulus", *RATINGS), rows)
    lines = [",".join(map(str, row)) for row in [("stimulus", "attribute", "rating", "rating_type"), *single]]
    (folder / "ratings_core.csv.gz").write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))


def buhmap(root: Path) -> None:
    """Clips of made-up people as OpenFace would have written them."""
    from mien.core.topology import ibug_68_in_478
    from mien.data.synthetic import make_cohort

    n_frames, folder, rng = 20, root / "buhmap", np.random.default_rng(2)
    cohort = make_cohort(6, tuple(CLASSES), n_frames=n_frames, clips_per_expression=3, seed=3)
    points = cohort.faces.landmarks_px[:, ibug_68_in_478()].astype(np.float32)
    label = [CLASSES[str(name)] for name in cohort.samples.labels["expression"]]
    who = [f"S{int(row) + 1:02d}" for row in cohort.performance.subject]
    rows = [(f"{who[clip]}_{clip}", who[clip], label[clip], clip * n_frames, n_frames) for clip in range(len(label))]
    _table(folder / "clips.csv", ("clip", "subject", "label", "start", "n_frames"), rows)
    units = [f"AU{number:02d}_r" for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 45)]
    count = len(points)
    np.savez(
        folder / "frames.npz", xy=points[..., :2].astype(np.float16),
        timestamp=np.tile(np.arange(n_frames) / 30, len(label)),
        xyz=(points - points.mean(axis=1, keepdims=True) + [0, 0, 500]).astype(np.float16),
        pose=rng.normal(size=(count, 6)).astype(np.float32) * 0.05, au=rng.uniform(0, 3, (count, len(units))),
        au_names=np.array(units), confidence=np.full(count, 0.98, np.float16),
    )  # fmt: skip


def objects(root: Path) -> None:
    """Drawn blobs, some with two dots and a line in them: things, animals' heads, animals and faces."""
    folder, rng, rows = root / "objects", np.random.default_rng(3), []
    kinds = {"object": OBJECTS, "animal": ANIMALS, "animal face": [f"{name} face" for name in ANIMALS],
             "drawn face": [f"made-up face {number}" for number in range(16)]}  # fmt: skip
    for category, names in kinds.items():
        for name in names:
            picture = np.full((192, 192, 3), 128, np.uint8)
            corners = np.sort(rng.uniform(0, 2 * np.pi, 9))
            radius = rng.uniform(40, 85, 9)
            outline = 96 + radius[:, None] * np.stack([np.cos(corners), np.sin(corners)], axis=1)
            cv2.fillPoly(picture, [outline.astype(np.int32)], rng.integers(0, 255, 3).tolist())
            if category.endswith("face"):
                for place in ((72, 84), (120, 84)):
                    cv2.circle(picture, place, 8, (20, 20, 20), -1)
                cv2.ellipse(picture, (96, 122), (24, 10), 0, 0, 180, (20, 20, 20), 4)
            path = f"{category.replace(' ', '-')}/{name.replace(' ', '-')}.jpg"
            _save(folder / path, picture)
            rows.append((path, name, category))
    _table(folder / "labels.csv", ("path", "name", "category"), rows)


def pexels(root: Path) -> None:
    """A clip of one moving face, and three pictures."""
    from mien.data.media.film import Film

    folder = root / "pexels"
    people = _rendered(("anger", "neutral", "surprise"), 1, 360, seed=4)
    for name, (_, _, picture, _) in zip(("angry.jpg", "neutral.jpeg", "surprised.jpeg"), people, strict=True):
        _save(folder / name, picture)
    with Film(folder / "WolfgangLanger_Pexels.mp4", 25) as film:
        for number in range(24):
            film.add(np.roll(people[1][2], number, axis=1), number / 25)


def webmorph(root: Path) -> None:
    """Neutral people in two folders."""
    for number, (_, _, picture, _) in enumerate(_rendered(("neutral",), 4, 320, seed=5)):
        _save(root / "webmorph" / ("canada", "composite")[number % 2] / f"{number:03d}.jpg", picture)


def detection(root: Path) -> None:
    """A group picture of four people whose pupils are known."""
    side, entries = 256, []
    picture = np.zeros((2 * side, 2 * side, 3), np.uint8)
    for number, (who, _, one, points) in enumerate(_rendered(("neutral",), 4, side, seed=6)):
        row, column = divmod(number, 2)
        picture[row * side : (row + 1) * side, column * side : (column + 1) * side] = one
        eyes = points[[468, 473], :2] + [column * side, row * side]
        distance = float(np.linalg.norm(eyes[0] - eyes[1]))
        entries.append({"subject": who, "eyes": eyes.round(1).tolist(), "iod": round(distance, 1)})
    _save(root / "detection" / "group_grid4.jpg", picture)
    (root / "detection" / "ground_truth.json").write_text(json.dumps({"group_grid4.jpg": entries}))


def osie(root: Path) -> None:
    """Where fifteen viewers looked on pictures of one thing each, half of them called faces."""
    folder, rng, rows = root / "osie", np.random.default_rng(8), []
    for picture in range(1, 121):
        thing = rng.uniform((150, 120), (650, 480))
        for viewer in range(1, 16):
            for place in range(3):
                x, y = np.clip(thing + rng.normal(0, (20, 60, 120)[place], 2), 0, (799, 599))
                rows.append((f"{1000 + picture}.jpg", viewer, place, f"{x:.1f}", f"{y:.1f}", 250))
    folder.mkdir(parents=True)
    head = ("image", "subject", "fix_index", "x", "y", "duration_ms")
    lines = [",".join(map(str, row)) for row in (head, *rows)]
    (folder / "fixations.csv.gz").write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    _table(folder / "images_with_faces.csv", ("image",), [(f"{1000 + picture}.jpg",) for picture in range(1, 121, 2)])


def haxby(root: Path) -> None:
    """Four runs of noise in which every category has a pattern of its own."""
    import nibabel

    folder, rng = root / "haxby", np.random.default_rng(7)
    names = ("face", "house", "cat", "bottle", "scissors", "shoe", "chair")
    shape, length = (8, 8, 1), 6
    patterns = rng.normal(size=(len(names), *shape))
    folder.mkdir(parents=True)
    for run in range(1, 5):
        values, rows = rng.normal(size=(*shape, 2 * length * len(names) + length)) + 100, []
        for place, name in enumerate(rng.permutation(len(names))):
            start = length + 2 * length * place
            rows.append((2.5 * start, 2.5 * length, names[name]))
            values[..., start + 2 : start + 2 + length] += patterns[name][..., None]
        nibabel.save(nibabel.Nifti1Image(values.astype(np.float32), np.eye(4)), folder / f"run-{run:02d}.nii.gz")
        _table(folder / f"run-{run:02d}.tsv", ("onset", "duration", "trial_type"), rows, "\t")


def ict_facekit(root: Path) -> None:
    """A head of as many points as the kit's, in the kit's order of pieces: the canonical face, and balls in it."""
    from scipy.interpolate import griddata
    from scipy.spatial import cKDTree

    from mien.core.topology import ibug_68_in_478
    from mien.data.synthetic import geometry

    rng, rest = np.random.default_rng(8), geometry.rest_points()
    low, high = rest[:468, :2].min(0), rest[:468, :2].max(0)
    across = np.stack(np.meshgrid(*np.linspace(low, high, 97).T), axis=-1).reshape(-1, 2)
    depth = griddata(rest[:468, :2], rest[:468, 2], across, "linear", fill_value=float(rest[:468, 2].min()))
    neutral, quads = [np.column_stack([across, depth])], [_grid(97, 97, 0)]
    # What follows the face: the head, sockets, something unused, gums, teeth, two eyes.
    start, middle = 9409, rest[:468].mean(0)
    for count, radius, shift in ((1839, 9, -6), (2046, 2, -4), (768, 1, -9), (2977, 2, -4), (4412, 2, -3),
                                 (1570, 1.2, -3), (1570, 1.2, -3), (2128, 1, -9)):  # fmt: skip
        rows = count // 30
        turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, 30), np.linspace(0.1, 3, rows))
        ball = np.stack([np.cos(turn) * np.sin(tilt), np.cos(tilt), np.sin(turn) * np.sin(tilt)], axis=-1)
        points = np.resize(ball.reshape(-1, 3), (count, 3)) * radius + middle + [0, 0, shift]
        neutral.append(points)
        quads.append(_grid(rows, 30, start))
        start += count
    points, face = np.concatenate(neutral), neutral[0]
    marks = cKDTree(face).query(rest[ibug_68_in_478()])[1]
    shapes = ("browInnerUp", "browOuterUp", "browDown", "eyeWide", "cheekSquint", "eyeSquint", "noseSneer",
              "mouthSmile", "mouthUpperUp", "mouthDimple", "mouthFrown", "mouthLowerDown", "mouthStretch",
              "mouthPress", "eyeBlink")  # fmt: skip
    names = [f"{name}_{side}" for name in shapes for side in "LR"]
    names += ["mouthShrugLower", "mouthPucker", "jawOpen", "mouthRollLower", "mouthRollUpper", "cheekPuff"]
    moved = np.zeros((len(names), len(points), 3), np.float16)
    for place in range(len(names)):
        away = np.linalg.norm(face - face[rng.choice(marks)], axis=1)
        moved[place, : len(face)] = 0.4 * np.exp(-(away[:, None] ** 2)) * rng.normal(size=3)
    waves = np.sin(points[None] / 5 + rng.uniform(0, 6, (40, 1, 3))) * 0.05
    (root / "ict_facekit").mkdir(parents=True)
    np.savez(
        root / "ict_facekit" / "ict_facekit_light.npz", neutral=points.astype(np.float32), quads=np.concatenate(quads),
        expr=moved, expr_names=np.array(names), identity=waves.astype(np.float16), landmarks68=marks.astype(np.int32),
    )  # fmt: skip


def _grid(rows: int, columns: int, first: int) -> np.ndarray:
    number = first + np.arange(rows * columns).reshape(rows, columns)
    corners = (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1])
    return np.stack([corner.ravel() for corner in corners], axis=1).astype(np.int32)


SETS: dict[str, Callable[[Path], None]] = {
    made.__name__: made
    for made in (london, omi, buhmap, objects, pexels, webmorph, detection, osie, haxby, ict_facekit)
}


def _rendered(
    shown: tuple[str, ...], people: int, size_px: int, seed: int
) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Who, expression, picture and where the 478 points are, for every person and expression."""
    from mien.data.synthetic import make_cohort, render, scene

    cohort = make_cohort(people, shown, n_frames=8, seed=seed)
    found = []
    for row, (who, label) in enumerate(zip(cohort.samples.subject, cohort.samples.labels["expression"], strict=True)):
        seen = scene(cohort.performance, row, -1)
        found.append((str(who), str(label), render(seen, size_px), seen.points_px(size_px)))
    return found


def _save(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])


def _table(path: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]], comma: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=comma).writerows([head, *rows])
