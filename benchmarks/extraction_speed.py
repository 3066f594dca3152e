"""Speed and memory of ``mien extract`` against MediaPipe 1.2.2, on the same clip in one interleaved run.

``python benchmarks/extraction_speed.py [--rounds 7]`` needs ``pexels/`` of the shared data and, for MediaPipe's own
environment, the package index on the first run. Both sides decode, track, landmark and compute blendshapes and pose;
mien also writes its Parquet shard.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import data_root, peer, write

CLIP = "pexels/WolfgangLanger_Pexels.mp4"
FRAMES = 472


def mien_seconds(inputs: list[Path], workers: int, threads: int) -> tuple[float, float]:
    """Seconds of extraction alone (networks loaded, as on MediaPipe's side), and peak memory in MB."""
    code = f"""
import json, resource, sys, tempfile, time
from pathlib import Path
import mien.faces.extract as e
from mien.faces.reader import Looker, LookSettings
from mien.faces.sources import find_sources
if __name__ == "__main__":
    inputs, workers, threads = {[str(i) for i in inputs]!r}, {workers}, {threads}
    with tempfile.TemporaryDirectory() as out:
        if workers == 1:
            looker = Looker(LookSettings(), threads)
            tasks = [e._task(s, Path(out) / "faces", LookSettings()) for s in find_sources(inputs)]
            start = time.perf_counter()
            for task in tasks:
                e.run_task(looker, task, lambda a, b: None)
        else:
            start = time.perf_counter()
            e.extract(inputs, out, workers=workers, threads=threads)
        seconds = time.perf_counter() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(code)
        script.flush()
        done = subprocess.run([sys.executable, script.name], check=True, capture_output=True, text=True)
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    from mien.data.weights import weights_path

    task = weights_path("face_landmarker.task")
    clip = data_root() / CLIP
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(shutil.copy(clip, Path(folder) / f"copy{n}.mp4")) for n in range(4)]
        times: dict[str, list[float]] = {}
        for _ in range(rounds):
            # Interleaved, so that a busy moment of the machine hits both sides.
            for faces in (1, 5):
                seconds = json.loads(peer("video", clip, task, faces))["seconds_per_frame"]
                times.setdefault(f"mediapipe, {faces} face(s) asked for", []).append(seconds)
            times.setdefault("mien, 1 worker, 2 threads", []).append(mien_seconds([clip], 1, 2)[0] / FRAMES)
            two = mien_seconds(copies, 2, 1)[0]
            start_up = mien_seconds([copies[0], copies[1]], 2, 1)[0]
            # Two pairs of copies minus one pair: a pair's time without starting the processes.
            times.setdefault("mien, 2 workers, 1 thread each", []).append((two - start_up) / (2 * FRAMES))
            times.setdefault("floor: decode + networks, 2 threads", []).append(floor_seconds(clip) / FRAMES)
        long = repeated(clip, 20, Path(folder) / "long.mp4")
        memory = {"1x": mien_seconds([clip], 1, 2)[1], "20x": mien_seconds([long], 1, 2)[1]}
    fps = {name: round(1 / statistics.median(values), 1) for name, values in times.items()}
    base = fps["mediapipe, 1 face(s) asked for"]
    write(
        "extraction_speed",
        {
            "frames_per_second": fps,
            "ratio_to_mediapipe": {name: round(value / base, 2) for name, value in fps.items()},
            "rounds": rounds,
            "peak_memory_mb": {name: round(value, 1) for name, value in memory.items()},
            "memory_ratio": round(memory["20x"] / memory["1x"], 3),
        },
    )


if __name__ == "__main__":
    main()
