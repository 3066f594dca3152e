"""Speed and memory of ``mien extract`` against MediaPipe 1.2.2, on the same clip in one interleaved run.

``python -m benchmarks.extraction_speed [--rounds 7] [--height 1080] [--frames 120]`` needs ``pexels/`` of the shared
data and, for MediaPipe's own environment, the package index on the first run. Both sides decode, track, landmark and
compute blendshapes and pose; mien also writes its Parquet shard. Seconds of a clip are those of several copies less
those of fewer, so that neither starting processes nor loading networks is in them, as on MediaPipe's side. The floor
decodes and runs both networks, and does nothing else: no conversion of pictures, no following, no measures, no shard;
without the crop that the network sees, and with it, which nobody can leave out. ``--height`` scales the clip first,
``--frames`` cuts it; ``--quick`` takes a made-up clip without MediaPipe.
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

from benchmarks.common import arguments, data_root, is_quick, peer, python, write

CLIP = "pexels/WolfgangLanger_Pexels.mp4"
QUICK_FRAMES = 8
# Workers and threads of each; starting processes takes longer than all else that is quick.
WAYS = ((1, 2),) if is_quick() else ((1, 2), (2, 1))
MIEN, FLOOR = "mien, {} worker(s), {} thread(s) each", "floor, {} process(es), {} thread(s) each"
CROPPED = "floor with crops, {} process(es), {} thread(s) each"


def extract_here(inputs: list[str], workers: int, threads: int) -> None:
    """Extract, and print seconds, those of the processor, and peak memory in MB: what a process of its own does."""
    import mien

    with tempfile.TemporaryDirectory() as out:
        start, spent = time.perf_counter(), processor_seconds()
        mien.extract(inputs, out, workers=workers, threads=threads)
        seconds, spent = time.perf_counter() - start, processor_seconds() - spent
    print(json.dumps([seconds, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def processor_seconds() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def extracted(inputs: list[Path], workers: int, threads: int) -> tuple[float, float, float]:
    """Seconds, those of the processor and peak memory in MB of one extraction in a process of its own."""
    words = ("--extract", *inputs, "--workers", workers, "--threads", threads)
    seconds, spent, megabytes = json.loads(python("-m", "benchmarks.extraction_speed", *words).splitlines()[-1])
    return seconds, spent, megabytes


def seconds_per_clip(copies: list[Path], workers: int, threads: int) -> tuple[float, float]:
    """Of each clip, by the clock and of the processor: of all copies less of half of them; every worker has as many."""
    half = copies[: len(copies) // 2]
    more, fewer = extracted(copies, workers, threads), extracted(half, workers, threads)
    count = len(copies) - len(half)
    return (more[0] - fewer[0]) / count, (more[1] - fewer[1]) / count


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


def floor_here(clip: Path, threads: int, cropped: bool) -> None:
    """Decode, then run the landmark and blendshape networks alone; print seconds and those of the processor.

    ``cropped``: on a crop of each frame, a square of nine tenths of its rows, instead of on the same noise.
    """
    import av
    import numpy as np

    from mien.data.media.video_frame import Planes
    from mien.faces.mesh import BLENDSHAPE_POINTS, CROP_SIDE
    from mien.faces.networks import FaceNetwork

    mesh, shapes = FaceNetwork("landmarker", threads, 1 / 255 if cropped else 1), FaceNetwork("blendshapes", 1)
    rng = np.random.default_rng(0)
    crop, points = rng.random((1, 256, 256, 3), "f4"), rng.random((1, len(BLENDSHAPE_POINTS), 2), "f4")
    start, spent = time.perf_counter(), time.process_time()
    with av.open(str(clip)) as container:
        for frame in container.decode(container.streams.video[0]):
            if cropped:
                turn = (
                    0.9 * frame.height / CROP_SIDE * np.array([[np.cos(0.1), -np.sin(0.1)], [np.sin(0.1), np.cos(0.1)]])
                )
                middle = np.array([frame.width / 2, frame.height / 2]) - turn @ np.full(2, CROP_SIDE / 2)
                crop = Planes(frame).crop(np.column_stack([turn, middle]), CROP_SIDE)[None]
            mesh(crop)
            shapes(points)
    print(json.dumps([time.perf_counter() - start, time.process_time() - spent]))


def floor_seconds(clip: Path, processes: int, threads: int, cropped: bool) -> tuple[float, float]:
    """Of each clip, by the clock and of the processor, with so many processes side by side."""
    command = [sys.executable, "-m", "benchmarks.extraction_speed", "--floor", str(clip), "--threads", str(threads)]
    command += ["--cropped"] if cropped else []
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    found = [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]
    return max(seconds for seconds, _ in found) / processes, sum(spent for _, spent in found) / processes


def scaled(clip: Path, height: int | None, frames: int | None, target: Path) -> Path:
    """The first frames of a clip in another size."""
    import av

    with av.open(str(clip)) as source, av.open(str(target), "w") as out:
        film = source.streams.video[0]
        high = height or film.height
        stream = out.add_stream("libx264", rate=film.average_rate, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = round(film.width * high / film.height / 2) * 2, high, "yuv420p"
        for number, frame in enumerate(source.decode(film)):
            if number == frames:
                break
            image = frame.reformat(width=stream.width, height=high, format="yuv420p")
            # Without these all frames would stand at the same time.
            image.pts, image.time_base = number, 1 / film.average_rate
            out.mux(stream.encode(image))
        out.mux(stream.encode(None))
    return target


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
                last, first = 0, None
                for packet in container.demux(source):
                    if packet.dts is None:
                        continue
                    # Frames that look ahead are decoded earlier than shown: times of decoding begin below zero.
                    first = min(packet.dts, 0) if first is None else first
                    packet.pts += shift
                    packet.dts += shift
                    last = max(last, packet.pts + packet.duration)
                    packet.stream = stream
                    out.mux(packet)
                shift = last - (first or 0)
    return target


def measured(clip: Path, rounds: int, folder: Path, against_mediapipe: bool) -> dict[str, list[tuple[float, float]]]:
    """Seconds per frame of every way, by the clock and of the processor (NaN: not known), round by round: a busy moment
    of the machine hits all sides."""
    from mien.data.weights import weights_path

    copies = [Path(shutil.copy(clip, folder / f"copy{n}.mp4")) for n in range(4)]
    frames = frames_of(clip)
    times: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for faces in (1, 5) if against_mediapipe else ():
            seconds = json.loads(peer("video", clip, weights_path("face_landmarker.task"), faces))["seconds_per_frame"]
            times.setdefault(f"mediapipe, {faces} face(s) asked for", []).append((seconds, float("nan")))
        for workers, threads in WAYS:
            clock, spent = seconds_per_clip(copies[: 2 * workers], workers, threads)
            times.setdefault(MIEN.format(workers, threads), []).append((clock / frames, spent / frames))
            for floor in (FLOOR, CROPPED):
                clock, spent = floor_seconds(clip, workers, threads, floor == CROPPED)
                times.setdefault(floor.format(workers, threads), []).append((clock / frames, spent / frames))
    return times


def shares(clock: dict[str, float], spent: dict[str, float], floor: str) -> dict[str, dict[str, float]]:
    """Of a floor, by the clock and of the processor, for every way."""
    return {
        MIEN.format(*how): {
            "clock": round(clock[floor.format(*how)] / clock[MIEN.format(*how)], 3),
            "processor": round(spent[floor.format(*how)] / spent[MIEN.format(*how)], 3),
        }
        for how in WAYS
    }


def frames_of(clip: Path) -> int:
    """How many frames a clip has."""
    from mien.data.media.video import read_frames

    return sum(1 for _ in read_frames(clip))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--height", type=int, help="scale the clip to that many rows")
    parser.add_argument("--frames", type=int, help="only so many frames")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cropped", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--without-mediapipe", action="store_true", help="only mien and its floors")
    parser.add_argument("--extract", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    given = arguments(parser)
    if given.extract:
        extract_here(given.extract, given.workers, given.threads)
        return
    if given.floor:
        floor_here(given.floor, given.threads, given.cropped)
        return
    rounds = 1 if given.quick else given.rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = made_up_clip(folder / "made_up.mp4") if given.quick else data_root() / CLIP
        if given.height or given.frames:
            clip = scaled(clip, given.height, given.frames, folder / "scaled.mp4")
        times = measured(clip, rounds, folder, not (given.quick or given.without_mediapipe))
        long = repeated(clip, 2 if given.quick else 20, folder / "long.mp4")
        memory = {"1x": extracted([clip], 1, 2)[2], "longer": extracted([long], 1, 2)[2]}
    clock = {name: statistics.median(one for one, _ in values) for name, values in times.items()}
    spent = {name: statistics.median(one for _, one in values) for name, values in times.items()}
    fps = {name: round(1 / value, 1) for name, value in clock.items()}
    base = fps.get("mediapipe, 1 face(s) asked for", float("nan"))
    result = {
        "frames_per_second": fps,
        "ratio_to_mediapipe": {name: round(value / base, 2) for name, value in fps.items()},
        "processor_ms_per_frame": {name: round(1e3 * value, 2) for name, value in spent.items() if value == value},
        "share_of_floor": {of: shares(clock, spent, floor) for of, floor in (("bare", FLOOR), ("with crops", CROPPED))},
        "height": given.height,
        "rounds": rounds,
        "peak_memory_mb": {name: round(value, 1) for name, value in memory.items()},
        "memory_ratio": round(memory["longer"] / memory["1x"], 3),
    }
    if given.quick:
        print(json.dumps(result, indent=1))
    else:
        write(f"extraction_speed{f'_{given.height}' if given.height else ''}", result)


if __name__ == "__main__":
    main()
