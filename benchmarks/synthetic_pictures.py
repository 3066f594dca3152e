"""How the landmarker reads the rendered people: faces found, distance of the points, pose, blendshapes, speed.

python -m benchmarks.synthetic_pictures [--subjects 24] [--size-px 384]
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.common import arguments
from mien.core.faces import BLENDSHAPES
from mien.data.shards import read_shard
from mien.data.synthetic import make_cohort, render, scene, write_pictures
from mien.faces.extract import extract

# The blendshape that each expression of group A should raise above its neutral picture.
TELLING = {
    "smile": "mouthSmileLeft", "surprise": "browInnerUp", "anger": "browDownLeft", "disgust": "noseSneerLeft",
    "sadness": "mouthFrownLeft",
}  # fmt: skip


def main(subjects: int, size_px: int) -> None:
    cohort = make_cohort(subjects)
    labels = cohort.samples.labels["expression"]
    render(scene(cohort.performance, 0, -1), size_px)  # paints the skin, which is kept
    spent = []
    for clip in range(6):
        begin = time.process_time()
        render(scene(cohort.performance, clip, -1), size_px)
        spent.append(time.process_time() - begin)
    print(f"render: median {np.median(spent):.3f} s of processor time per {size_px} px picture")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(cohort, folder, size_px=size_px)
        known = read_shard(folder / "truth" / "pictures.parquet")
        found = extract([folder / "pictures"], folder / "study").faces()
    rows = {Path(str(s)).name: row for row, s in enumerate(found.source) if found.ok[row]}
    pairs = [(row, rows[Path(str(s)).name]) for row, s in enumerate(known.source) if Path(str(s)).name in rows]
    a, b = np.array(pairs).T
    eyes = np.linalg.norm(np.diff(known.iris_px[a], axis=1)[:, 0], axis=-1)
    away = np.linalg.norm(found.landmarks_px[b, :, :2] - known.landmarks_px[a, :, :2], axis=-1) / eyes[:, None]
    print(f"found: {len(a)} of {len(known)} pictures")
    print(f"points: median {100 * np.median(away):.1f} %, mean {100 * away.mean():.1f} % of the inter-ocular distance")
    pose = found.pose_deg[b] - known.pose_deg[a]
    print("pose, mean absolute difference (pitch, yaw, roll):", np.abs(pose).mean(0).round(1), "degrees")
    print(
        "pose, correlation:",
        [round(np.corrcoef(found.pose_deg[b, k], known.pose_deg[a, k])[0, 1], 3) for k in range(3)],
    )
    for label, blendshape in TELLING.items():
        column = found.blendshapes[b, BLENDSHAPES.index(blendshape)]
        of_a = cohort.samples.group[a] == "A"
        shown, rest = column[of_a & (labels[a] == label)], column[of_a & (labels[a] == "neutral")]
        higher = 100 * (shown[:, None] > rest[None]).mean()
        print(f"{label}: {blendshape} {shown.mean():.2f}, neutral {rest.mean():.2f}; above in {higher:.0f} % of pairs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=24)
    parser.add_argument("--size-px", type=int, default=384)
    asked = arguments(parser, subjects=2, size_px=192)
    main(asked.subjects, asked.size_px)
