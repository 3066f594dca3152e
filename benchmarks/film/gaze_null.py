"""How often two maps of noise differ by fixations during a film, with p <= .05, and how often intervals hold 0.

``python -m benchmarks.film.gaze_null [--quick]``. Viewers look where a made-up scene draws them, which lasts for
seconds; maps are smooth noise over place and time that have nothing to do with it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import write

WIDTH, HEIGHT = 320, 180


def film(folder: Path, seconds: int, viewers: int, carry: float, rng: np.random.Generator) -> None:
    """Frames, fixations and two maps."""
    frames = [f"f{second:04d}.png" for second in range(seconds)]
    rows = [f"{frame},{second},1" for second, frame in enumerate(frames)]
    (folder / "frames.csv").write_text("\n".join(["path,time_s,run", *rows]) + "\n")
    scene = rng.normal(size=(seconds, 2))
    for second in range(1, seconds):
        scene[second] = carry * scene[second - 1] + np.sqrt(1 - carry**2) * scene[second]
    looked = []
    for viewer in range(viewers):
        time = rng.uniform(0, 0.3)
        while time < seconds - 0.6:
            lasts = rng.uniform(0.2, 0.6)
            x = WIDTH / 2 + 40 * scene[int(time), 0] + 30 * rng.normal()
            y = HEIGHT / 2 + 20 * scene[int(time), 1] + 20 * rng.normal()
            if 0 <= x < WIDTH and 0 <= y < HEIGHT:
                looked.append(f"1,v{viewer},{time:.3f},{lasts:.3f},{x:.1f},{y:.1f}")
            time += lasts + 0.04
    (folder / "fix.csv").write_text("\n".join(["run,viewer,onset_s,duration_s,x_px,y_px", *looked]) + "\n")
    for name in "ab":
        (folder / name).mkdir()
        noise = gaussian_filter(rng.normal(size=(seconds + 20, 18, 32)), (8, 3, 3))[10:-10]
        noise = (noise - noise.min()) / np.ptp(noise)
        for second, frame in enumerate(frames):
            np.save(folder / name / frame.replace(".png", ".npy"), noise[second].astype(np.float32))


def study(seed: int, seconds: int, viewers: int) -> tuple[float, bool]:
    """p of the difference of the two maps by NSS, and whether the interval of the first holds 0."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        film(folder, seconds, viewers, 0.9, np.random.default_rng(seed))
        found = mien.gaze(
            folder / "fix.csv", film=folder / "frames.csv", maps=[f"a={folder / 'a'}", f"b={folder / 'b'}"],
            picture_size=(WIDTH, HEIGHT), pixels_per_degree=WIDTH / 20, cells=32,
        )  # fmt: skip
    row = found.row("a", "NSS", "absolute")
    p = next(test.p for test in found.contrasts if test.metric == "NSS" and {test.map, test.other} == {"a", "b"})
    return p, row.low <= 0 <= row.high


def main() -> None:
    """Simulate and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    result = {}
    for seconds, viewers in ((60, 3),) if quick else ((180, 3), (180, 8), (360, 8)):
        drawn = [study(seed, seconds, viewers) for seed in range(2 if quick else 200)]
        result[f"{seconds} s, {viewers} viewers, {len(drawn)} films"] = {
            "p <= .05": float(np.mean([p <= 0.05 for p, _ in drawn])),
            "interval holds 0": float(np.mean([held for _, held in drawn])),
        }
    write("film_gaze_null", result)


if __name__ == "__main__":
    main()
