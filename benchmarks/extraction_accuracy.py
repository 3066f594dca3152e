"""Agreement with MediaPipe 1.2.2 and accuracy on pictures whose truth is known.

``python -m benchmarks.extraction_accuracy`` needs ``london/``, ``pexels/`` and ``detection/`` of the shared data.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import arguments, data_root, peer, write
from mien.data.media.pictures import read_picture
from mien.data.media.video import Sampling, read_frames
from mien.data.shards import read_faces
from mien.data.synthetic import make_cohort, write_pictures
from mien.data.weights import weights_path
from mien.faces.describe import head_rotation, rotation_to_degrees
from mien.faces.detect import FaceFinder
from mien.faces.extract import extract
from mien.faces.follow import Follower, Seer
from mien.faces.mesh import EYE_CORNERS, Blendshapes, Meshes, crops_of_landmarks
from mien.faces.reader import LookSettings

OTHER = "seen by another look"


def agreement(pictures: dict[str, np.ndarray], stored: Path) -> dict:
    """Mean distance of points in % of the inter-ocular distance and mean difference of blendshapes, by head turn.

    Where the landmarker is not sure of what the closest look saw, mien may take another one, which MediaPipe does not
    have: those pictures stand by themselves.
    """
    seer, shapes, finder = Seer(2, None), Blendshapes(), FaceFinder(2)
    theirs = np.load(stored)
    rows = []
    for name, picture in pictures.items():
        if f"{name}|points" not in theirs:
            continue
        points = theirs[f"{name}|points"]
        meshes, score = seer.find(picture)
        if not len(meshes.presence):
            continue
        distance = np.linalg.norm(meshes.landmarks_px[:, :, :2] - points[None, :, :2], axis=2).mean(axis=1)
        same = int(distance.argmin())
        iod = np.linalg.norm(points[468, :2] - points[473, :2])
        # In a turned head the eyes look closer together than they are.
        yaw = rotation_to_degrees(head_rotation(meshes.landmarks_px[[same]].astype(float)))[0, 1]
        difference = np.abs(shapes(meshes.landmarks_px[[same]])[0] - theirs[f"{name}|blendshapes"]).mean()
        closest = np.isclose(finder(picture, None)[0].score, score[same]).any()
        rows.append((abs(yaw) if closest else np.inf, distance[same] / iod * 100, difference))
    table = np.array(rows)
    result = {}
    for label, low, high in (
        ("|yaw| < 15 deg", 0, 15),
        ("15 to 30 deg", 15, 30),
        ("30 deg and more", 30, 181),
        (OTHER, 181, None),
    ):
        some = table[(table[:, 0] >= low) & (high is None or table[:, 0] < high)]
        if len(some):
            result[label] = {
                "pictures": len(some),
                "points_percent_iod": {
                    "median": float(np.median(some[:, 1]).round(4)),
                    "worst": float(some[:, 1].max().round(4)),
                },
                "blendshapes": {"mean": float(some[:, 2].mean().round(5)), "worst": float(some[:, 2].max().round(5))},
            }
    return result


def apart(ours: Meshes, theirs: Meshes) -> tuple[np.ndarray, np.ndarray]:
    """How far each point lies from the other one, in % of the inter-ocular distance; and blendshapes."""
    shapes, eyes = Blendshapes(), theirs.landmarks_px[:, EYE_CORNERS, :2]
    iod = np.linalg.norm(eyes[:, 1] - eyes[:, 0], axis=1)
    moved = np.linalg.norm(ours.landmarks_px[..., :2] - theirs.landmarks_px[..., :2], axis=2) / iod[:, None]
    return 100 * moved.ravel(), np.abs(shapes(ours.landmarks_px) - shapes(theirs.landmarks_px)).ravel()


def of_video(clip: Path) -> dict:
    """What reading frames as a video changes: crops of the decoder's planes, and crops that the frame before gives."""
    seer = Seer(2, None)
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {
        "planes against pictures": [],
        "followed against alone": [],
    }
    for frame, seen in Follower(seer, LookSettings().redetect_s).follow(read_frames(clip)):
        if frame.number % 4 == 0:
            alone, _ = seer.find(frame.picture)
            crops = crops_of_landmarks(alone)
            ours, theirs = seer.landmarker(frame, crops), seer.landmarker(frame.picture, crops)
            found["planes against pictures"].append(apart(ours, theirs))
            found["followed against alone"].append(apart(seen.meshes, alone))
    result = {}
    for name, pairs in found.items():
        points, blendshapes = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        result[name] = {
            "frames": len(pairs),
            "points_percent_iod": {
                "median": round(float(np.median(points)), 3),
                "99th percentile": round(float(np.percentile(points, 99)), 3),
            },
            "blendshapes_mean": round(float(blendshapes.mean()), 5),
        }
    return result


def detection(folder: Path) -> dict:
    """Faces found in the collages: both irises within half an inter-pupil distance of the true pupils."""
    truth = json.loads((folder / "ground_truth.json").read_text())
    with tempfile.TemporaryDirectory() as out:
        extract(folder / "*.jpg", out)
        faces = read_faces(out)
    found = total = false = 0
    missed = {}
    for name, entries in truth.items():
        entries = entries["faces"] if isinstance(entries, dict) else entries
        eyes = np.array([entry["eyes"] for entry in entries])
        iod = np.array([entry["iod"] for entry in entries])
        rows = faces[np.flatnonzero([source.endswith(name) for source in faces.source])]
        iris = rows.iris_px[rows.ok]
        off = np.linalg.norm(eyes[:, None] - iris[None], axis=3).max(axis=2) / iod[:, None]
        hit = (off < 0.5).any(axis=1)
        found, total = found + int(hit.sum()), total + len(eyes)
        # A second row on the same face is false as well.
        false += len(iris) - int(hit.sum())
        if not hit.all():
            missed[name] = int((~hit).sum())
    return {"faces": total, "found": found, "false": false, "missed": missed}


def london(folder: Path) -> dict:
    """Faces found, and distance of iris centres to hand-placed pupils in % of the inter-pupil distance."""
    with tempfile.TemporaryDirectory() as out:
        result = extract([folder / "neutral", folder / "smiling"], out)
        faces = read_faces(out)
    placed = np.load(folder / "landmarks_neutral.npz")
    errors = []
    for subject, points in zip(placed["ids"], placed["xy"][:, :2], strict=True):
        stem = Path(str(subject)).stem
        row = np.flatnonzero([source == f"neutral/{stem}.jpg" for source in faces.source])
        distance = np.linalg.norm(faces.iris_px[row[0]] - points, axis=1)
        errors.append(distance.mean() / np.linalg.norm(points[0] - points[1]) * 100)
    return {
        "pictures": result.sources,
        "with a face": result.counts["ok"],
        "rows": int(faces.ok.sum()),
        "iris_error_percent_ipd": {"mean": float(np.mean(errors).round(3)), "worst": float(np.max(errors).round(3))},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    given = arguments(parser, data=("london", "pexels", "detection"))
    root = data_root()
    truth = {"detection": detection(root / "detection"), "london": london(root / "london")}
    # Made-up data are no reason to bring in another landmarker.
    write("extraction_accuracy", truth if given.quick else {**agreements(root), **truth})


def agreements(root: Path) -> dict:
    """Agreement with MediaPipe on photos, on frames of the clip and on rendered heads that are turned."""
    task = weights_path("face_landmarker.task")
    paths = [*sorted((root / "london/neutral").glob("*.jpg")), *sorted((root / "london/smiling").glob("*.jpg"))]
    paths += [root / "pexels" / name for name in ("angry.jpg", "neutral.jpeg", "surprised.jpeg")]
    clip = root / "pexels/WolfgangLanger_Pexels.mp4"
    with tempfile.TemporaryDirectory() as folder:
        peer("pictures", f"{folder}/p.npz", task, *paths)
        photos = agreement({str(path): read_picture(path) for path in paths}, Path(folder) / "p.npz")
        peer("frames", f"{folder}/f.npz", task, clip, 4)
        film = {str(frame.number): frame.picture for frame in read_frames(clip, Sampling(every=4))}
        frames = agreement(film, Path(folder) / "f.npz")
        # The photos at hand are frontal: turned heads are rendered ones.
        turned = make_cohort(30, ("neutral", "smile"), n_frames=8, head_strength=4.5, seed=7)
        write_pictures(turned, Path(folder) / "turned")
        rendered = sorted((Path(folder) / "turned" / "pictures").glob("*.png"))
        peer("pictures", f"{folder}/t.npz", task, *rendered)
        heads = agreement({str(path): read_picture(path) for path in rendered}, Path(folder) / "t.npz")
    return {
        "agreement_photos": photos,
        "agreement_clip_frames": frames,
        "read_as_a_video": of_video(clip),
        "agreement_rendered_turned_heads": heads,
    }


if __name__ == "__main__":
    main()
