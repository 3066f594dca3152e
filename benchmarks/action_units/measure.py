"""Render heads, look at them through detector and landmarker, and keep what the action units are learnt from.

``python -m benchmarks.action_units.measure OUT.npz --train 6000 --validation 800 --test 1200 --final 1200 --workers 2``
``... MORE.npz --train 11000 --train-from 6000 --validation 0 --test 0 --final 0 --add OUT.npz`` adds to what is there
"""

import argparse
import time
from typing import Any

import numpy as np

from benchmarks.action_units.heads import SETS, UNITS, head, numbers_of
from benchmarks.common import arguments, processes

_LOOKED: list[Any] = []
_ROWS = ("x", "blendshapes", "strength", "facts")


def looked(job: tuple[str, int]) -> tuple[np.ndarray, ...] | None:
    """Inputs, blendshapes, strengths and facts of one head; None where no face is seen."""
    from mien.faces.follow import Seer
    from mien.faces.mesh import Blendshapes
    from mien.features.action_inputs import inputs_of

    if not _LOOKED:
        _LOOKED.extend([Seer(1, 40.0), Blendshapes()])
    seer, blendshapes = _LOOKED
    made = head(*job)
    meshes, _ = seer.find(made.picture)
    if not len(meshes):
        return None
    largest = int(np.argmax(np.ptp(meshes.landmarks_px[:, :, 0], axis=1)))
    points = meshes.landmarks_px[[largest]]
    shapes = blendshapes(points)
    values = inputs_of(points, shapes, [made.picture])[0]
    facts = np.array([SETS.index(job[0]), job[1], made.person, made.camera, made.renderer, *made.pose_deg])
    return values.astype(np.float32), shapes[0].astype(np.float32), made.strength.astype(np.float32), facts


def measured(
    counts: dict[str, int], workers: int, seconds: float = float("inf"), train_from: int = 0
) -> dict[str, np.ndarray]:
    """All heads of the sets: ``x``, ``blendshapes``, ``strength``, ``facts``, and how many were not seen.

    They come in a random order, so that what is done after so many seconds is a fair part of each set.
    """
    jobs = numbers_of(list(counts), list(counts.values()), train_from)
    jobs = [jobs[place] for place in np.random.default_rng(0).permutation(len(jobs))]
    start, rows = time.monotonic(), []
    with processes().Pool(workers) as pool:
        for row in pool.imap_unordered(looked, jobs, chunksize=8):
            rows.append(row)
            if time.monotonic() - start > seconds:
                break
    seen = [row for row in rows if row is not None]
    # In the order of their sets and numbers, whoever finished first.
    seen.sort(key=lambda row: (row[3][0], row[3][1]))
    x, shapes, strength, facts = (np.stack(part) for part in zip(*seen, strict=True))
    return {"x": x, "blendshapes": shapes, "strength": strength, "facts": facts,
            "unseen": np.array(len(rows) - len(seen)), "units": np.array(UNITS)}  # fmt: skip


def main() -> None:
    """Measure and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", default="heads.npz")
    for name, count in zip(SETS, (6000, 800, 1200, 1200, 0), strict=True):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop then, with what is done")
    parser.add_argument("--train-from", type=int, default=0, help="number of the first head of the train set")
    parser.add_argument("--add", help="heads measured earlier that these join")
    given = vars(arguments(parser, data=("ict_facekit",), out="", train=8, validation=0, test=0, final=0, workers=1))
    start = time.monotonic()
    counts = {name: given[name] for name in SETS if given[name]}
    found = measured(counts, given["workers"], given["seconds"], given["train_from"])
    if given["add"]:
        with np.load(given["add"], allow_pickle=False) as earlier:
            joined = {name: np.concatenate([earlier[name], found[name]]) for name in _ROWS}
            found |= joined | {"unseen": earlier["unseen"] + found["unseen"]}
    if given["out"]:
        np.savez(given["out"], **found)
    print(len(found["x"]), "heads,", int(found["unseen"]), "not seen,", round(time.monotonic() - start), "s")


if __name__ == "__main__":
    main()
