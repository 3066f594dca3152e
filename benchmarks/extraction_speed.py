"""Speed and memory of ``mien extract`` against MediaPipe 1.2.2, on the same clip in one interleaved run.

``python -m benchmarks.extraction_speed [--rounds 7]`` needs ``pexels/`` of the shared data and, for MediaPipe's own
environment, the package index on the first run. Both sides decode, track, landmark and compute blendshapes and pose;
mien also writes its Parquet shard. Seconds of a clip are those of several copies less those of fewer, so that neither
starting processes nor loading networks is in them, as on MediaPipe's side. ``--quick`` takes a made-up clip and leaves
MediaPipe out.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import arguments, data_root, peer, write

CLIP = "pexels/WolfgangLanger_Pexels.mp4"
QUICK_FRAMES = 8


def extract_here(inputs: list[str], workers: int, threads: int) -> None:
    """Extract, and print seconds and peak memory in MB: what a process of its own does."""
    import mien

    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        mien.extract(inputs, out, workers=workers, threads=threads)
        seconds = time.perf_counter() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def extracted(inputs: list[Path], workers: int, threads: int) -> tuple[float, float]:
    """Seconds and peak memory in MB of one extraction in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.extraction_speed", "--extract", *map(str, inputs)]
    command += ["--workers", str(workers), "--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def seconds_per_clip(copies: list[Path], workers: int, threads: int) -> float:
    """Of each clip: of all copies less of half of them; every worker has as many."""
    half = copies[: len(copies) // 2]
    more, fewer = extracted(copies, workers, threads)[0], extracted(half, workers, threads)[0]
    return (more - fewer) / (len(copies) - len(half))


def made_up_clip(target: Path) -> Path:
    """A made-up face that moves over the picture."""
    import numpy as np

    from mien.data.media.film import Film
    from mien.data.synthetic import make_cohort, render, scene

    person = make_cohort(1, ("neutral",), n_frames=2, seed=0)
    picture = render(scene(person.performance, 0, 0), 480)
    with Film(target, 25) as film:
        for number in range(QUICK_FRAMES):
            film.add(np.roll(picture, number, axis=1), number / 25)
    return target


def floor_seconds(clip: Path) -> float:
    """Decoding, then the landmark and blendshape networks alone on two threads, per clip."""
    import numpy as np

    from mien.data.media.video import read_frames
    from mien.faces.mesh import BLENDSHAPE_POINTS
    from mien.faces.networks import FaceNetwork

    mesh, shapes = FaceNetwork("landmarker", 2), FaceNetwork("blendshapes", 1)
    rng = np.random.default_rng(0)
    crop, points = rng.random((1, 256, 256, 3), "f4"), rng.random((1, len(BLENDSHAPE_POINTS), 2), "f4")
    start = time.perf_counter()
    for _ in read_frames(clip):
        mesh(crop)
        shapes(points)
    return time.perf_counter() - start


def repeated(clip: Path, times: int, target: Path) -> Path:
    """The clip's packets ``times`` in a row, without encoding again."""
    import av

    with av.open(str(target), "w") as out:
        stream = None
        shift = 0
        for _ in range(times):
            with av.open(str(clip)) as container:
                source = container.streams.video[0]
                if stream is None:
                    stream = out.add_stream_from_template(source)
                last = 0
                for packet in container.demux(source):
                    if packet.dts is None:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    last = max(last, packet.pts + packet.duration)
                    packet.stream = stream
                    out.mux(packet)
                shift = last
    return target


def measured(clip: Path, rounds: int, folder: Path, against_mediapipe: bool) -> dict[str, list[float]]:
    """Seconds per frame of every way, round by round: a busy moment of the machine hits all sides."""
    from mien.data.weights import weights_path

    copies = [Path(shutil.copy(clip, folder / f"copy{n}.mp4")) for n in range(4)]
    frames = frames_of(clip)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for faces in (1, 5) if against_mediapipe else ():
            seconds = json.loads(peer("video", clip, weights_path("face_landmarker.task"), faces))["seconds_per_frame"]
            times.setdefault(f"mediapipe, {faces} face(s) asked for", []).append(seconds)
        one = seconds_per_clip(copies[:2], 1, 2)
        times.setdefault("mien, 1 worker, 2 threads", []).append(one / frames)
        two = seconds_per_clip(copies, 2, 1)
        times.setdefault("mien, 2 workers, 1 thread each", []).append(two / frames)
        times.setdefault("floor: decode + networks, 2 threads", []).append(floor_seconds(clip) / frames)
    return times


def frames_of(clip: Path) -> int:
    """How many frames a clip has."""
    from mien.data.media.video import read_frames

    return sum(1 for _ in read_frames(clip))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--extract", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    given = arguments(parser)
    if given.extract:
        extract_here(given.extract, given.workers, given.threads)
        return
    rounds = 1 if given.quick else given.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = made_up_clip(folder / "made_up.mp4") if given.quick else data_root() / CLIP
        times = measured(clip, rounds, folder, not given.quick)
        long = repeated(clip, 2 if given.quick else 20, folder / "long.mp4")
        memory = {"1x": extracted([clip], 1, 2)[1], "longer": extracted([long], 1, 2)[1]}
    fps = {name: round(1 / statistics.median(values), 1) for name, values in times.items()}
    base = fps.get("mediapipe, 1 face(s) asked for", float("nan"))
    result = {
        "frames_per_second": fps,
        "ratio_to_mediapipe": {name: round(value / base, 2) for name, value in fps.items()},
        "rounds": rounds,
        "peak_memory_mb": {name: round(value, 1) for name, value in memory.items()},
        "memory_ratio": round(memory["longer"] / memory["1x"], 3),
    }
    if given.quick:
        print(json.dumps(result, indent=1))
    else:
        write("extraction_speed", result)


if __name__ == "__main__":
    main()
