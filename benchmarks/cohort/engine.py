"""The engine: what more workers bring, what kills cost, what an item costs beside its work, and hours on paper.

``python -m benchmarks.cohort.engine [--quick] [--part speed|kills|items|explain]`` needs ``pexels/`` of the shared
data, the weights and, for Ray, the extra [ray]. Run it on an idle machine: wall times of two workers mean nothing
beside other work (seconds of the processor per frame do).
"""

import argparse
import filecmp
import json
import multiprocessing
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}

import mien
from benchmarks.common import arguments, data_root, is_quick, write
from mien.data.media.video import Sampling, read_frames
from mien.data.shards import shard_paths
from mien.engine.spread import workers_for
from mien.engine.work import Item, Spread
from mien.faces.reader import LookSettings
from mien.faces.run import Looking
from mien.faces.sources import find_sources
from mien.faces.tasks import task_of
from tests.media import write_video

CLIP = "pexels/WolfgangLanger_Pexels.mp4"
VIDEOS, MINUTES, RATE = 11_427, 3, 25
CORES = (1, 8, 64, 512)


@dataclass(frozen=True)
class Timed(Looking):
    """Extraction that tells the seconds of the processor and the frames of each clip instead of its task."""

    on_one_core: bool = False

    def start(self, threads: int) -> Any:
        # A worker decodes beside the networks, so that one alone takes more than one core where there are more.
        if self.on_one_core:
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        return super().start(threads)

    def do(self, ready: Any, value: Any, step: Callable[[Any], None]) -> tuple[float, float]:
        begun, frames = time.process_time(), []
        super().do(ready, value, lambda what: frames.append(what[1]))
        return time.process_time() - begun, sum(frames)


# Starting a cluster takes longer than all else that is quick.
ENGINES = ("local",) if is_quick() else ("local", "ray")


class Nothing:
    """Items that cost nothing."""

    def start(self, threads: int) -> None:
        return None

    def do(self, ready: None, value: int, step: Callable[[Any], None]) -> int:
        return value


def clips(folder: Path, many: int, frames: int) -> list[Path]:
    """Clips of a real video, 640 pixels wide."""
    read = read_frames(data_root() / CLIP, Sampling.parse(1, 0, frames / RATE))
    pictures = [frame.picture[::2, ::2].copy() for frame in read]
    first = write_video(folder / "clip-000.mp4", pictures, rate=RATE)
    made = [first]
    for number in range(1, many):
        made.append(folder / f"clip-{number:03d}.mp4")
        made[-1].write_bytes(first.read_bytes())
    return made


def items_for(files: list[Path], study: Path, label: str = "") -> list[Item]:
    """What extraction gives its workers for these files."""
    (study / "faces").mkdir(parents=True, exist_ok=True)
    tasks = [task_of(source, study / "faces", LookSettings()) for source in find_sources(files).sources]
    return [Item(task.source.name + label, ("read", task)) for task in tasks]


def speed(files: list[Path], rounds: int) -> dict[str, Any]:
    """Wall and processor seconds with one and two workers that are ready, and with one that has one core, in turns."""
    found: dict[str, list[dict[str, float]]] = {}
    for round_number in range(rounds):
        for engine in ENGINES:
            arrangements = ((1, False), (2, False)) if is_quick() else ((1, False), (1, True), (2, False))
            for workers, on_one_core in arrangements if round_number % 2 else reversed(arrangements):
                how = Spread(engine, workers, isolated=True, ahead=len(files))
                name = f"{engine} {workers}{' on one core' if on_one_core else ''}"
                timed = Timed(LookSettings(), on_one_core)
                with tempfile.TemporaryDirectory() as place, workers_for(timed, how) as spreading:
                    warm, work = Path(place) / "warm", Path(place) / "work"
                    list(spreading(items_for(files[:workers], warm)))
                    begun = time.perf_counter()
                    done = [one.result() for one in spreading(items_for(files, work))]
                    wall = time.perf_counter() - begun
                frames = sum(counted for _, counted in done)
                row = {
                    "wall_s": wall,
                    "frames": frames,
                    "processor_ms_per_frame": 1000 * sum(seconds for seconds, _ in done) / frames,
                    "load": os.getloadavg()[0],
                }
                found.setdefault(name, []).append(row)
                print(f"{name}: {json.dumps(row)}", file=sys.stderr)
    middle = {
        name: {key: statistics.median(row[key] for row in rows) for key in rows[0]} for name, rows in found.items()
    }
    gain = {
        name: statistics.median(
            one["wall_s"] / two["wall_s"]
            for one, two in zip(found[name], found[f"{name.partition(' ')[0]} 2"], strict=True)
        )
        for name in found
        if not name.endswith(" 2")
    }
    return {"rounds": rounds, "median": middle, "two_workers_times_one": gain}


def workers_of(engine: str) -> list[int]:
    """Processes that are at work for this one."""
    if engine == "local":
        return [child.pid for child in multiprocessing.active_children() if child.pid]
    parents, actors = {}, []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            actors += [int(place.name)] * (place / "cmdline").read_bytes().startswith(b"ray::Actor")
        except OSError:
            continue
    return [pid for pid in actors if os.getpid() in ancestors(pid, parents)]


def ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    """Parents of a process."""
    while pid in parents:
        pid = parents[pid]
        yield pid


@contextmanager
def killing(engine: str, many: int, seed: int, most_s: float) -> Iterator[list[float]]:
    """Kill a worker with SIGKILL so many times, at random moments."""
    moments: list[float] = []
    over, rng, begun = threading.Event(), random.Random(seed), time.monotonic()

    def kill() -> None:
        while len(moments) < many and not over.wait(rng.uniform(0.5, most_s)):
            there = workers_of(engine)
            if there:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(there), signal.SIGKILL)
                    moments.append(time.monotonic() - begun)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield moments
    finally:
        over.set()
        thread.join()


def kills(files: list[Path], many: int) -> dict[str, Any]:
    """Workers that are killed at random moments, and a machine that is lost; are the shards the same?"""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        with workers_for(Looking(LookSettings()), Spread(isolated=not is_quick())) as spreading:
            list(spreading(items_for(files, whole)))
        for engine in ENGINES:
            rounds: list[dict[str, int]] = []
            # Extraction starts anew until there were as many kills as wanted.
            while sum(row["kills"] for row in rounds) < many:
                study, missing = Path(place) / f"{engine}-{len(rounds)}", many - sum(row["kills"] for row in rounds)
                how = Spread(engine, 2, isolated=True, ahead=len(files))
                with (
                    workers_for(Looking(LookSettings()), how) as spreading,
                    killing(engine, missing, len(rounds), 1.0 if is_quick() else 9.0) as moments,
                ):
                    done = list(spreading(items_for(files, study)))
                rounds.append(outcome(whole, study, done) | {"kills": len(moments)})
            found[engine] = {key: sum(row[key] for row in rounds) for key in rounds[0]} | {"runs": len(rounds)}
            print(f"kills, {engine}: {found[engine]}", file=sys.stderr)
        if "ray" in ENGINES:
            found["a lost machine"] = lost_machine(files, Path(place), whole)
            print(f"lost machine: {found['a lost machine']}", file=sys.stderr)
    return found


def lost_machine(files: list[Path], place: Path, whole: Path) -> dict[str, Any]:
    """Three simulated machines, of which one goes while it works."""
    from ray.cluster_utils import Cluster

    machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    nodes = [machines.add_node(num_cpus=1) for _ in range(2)]
    study = place / "machines"
    how = Spread("ray", 3, address=machines.address, ahead=len(files))
    try:
        with workers_for(Looking(LookSettings()), how) as spreading:
            rows = spreading(items_for(files, study))
            done = [next(rows) for _ in range(len(files) // 3)]
            machines.remove_node(nodes[0], allow_graceful=False)
            done += list(rows)
        return outcome(whole, study, done) | {"machines": 3}
    finally:
        machines.shutdown()


def outcome(whole: Path, study: Path, done: list[Any]) -> dict[str, Any]:
    """Whether shards are those of an undisturbed run, byte by byte."""
    names = [path.name for path in shard_paths(whole)]
    _, other, absent = filecmp.cmpfiles(whole / "faces", study / "faces", names, shallow=False)
    given_up = sum(one.status != "done" for one in done)
    return {"clips": len(names), "others": len(other), "missing": len(absent), "given_up": given_up}


def items(many: int) -> dict[str, Any]:
    """What an item costs beside its work, with two workers that are ready."""
    found = {}
    for engine in ENGINES:
        how = Spread(engine, 2, isolated=True, ahead=64)
        with workers_for(Nothing(), how) as spreading:
            list(spreading([Item(f"w{number}", number) for number in range(10)]))
            wall, processor = time.perf_counter(), time.process_time()
            right = [one.value for one in spreading(Item(str(n), n) for n in range(many))] == list(range(many))
            found[engine] = {
                "items": many,
                "right": right,
                "microseconds_per_item": (time.perf_counter() - wall) / many * 1e6,
                "processor_microseconds_of_the_first_process": (time.process_time() - processor) / many * 1e6,
            }
        print(f"items, {engine}: {found[engine]}", file=sys.stderr)
    return found


def explanation(place: Path, people: int) -> dict[str, Any]:
    """SmoothGrad of clips by one and two workers, their start included: seconds, and whether bytes are the same."""
    mien.synthesize(place / "people", subjects=people, expressions=("neutral", "smile"), frames=16)
    mien.train(place / "people", target="expression", model="landmark-rvfl", evaluate=False, output=place / "model")
    found: dict[str, Any] = {"samples": 2 * people}
    stored = []
    for workers in (1, 2):
        begun, load = time.perf_counter(), os.getloadavg()[0]
        output = place / f"by-{workers}"
        asked = {"target": "smile", "method": "smoothgrad", "n_samples": 20}
        mien.explain(place / "model", str(place / "people"), output=output, workers=workers, **asked)
        found[f"{workers} workers"] = {"wall_s": time.perf_counter() - begun, "load": load}
        stored.append(next(output.rglob("evidence.safetensors")).read_bytes())
        print(f"explain, {workers} workers: {found[f'{workers} workers']}", file=sys.stderr)
    return {**found, "same_bytes": stored[0] == stored[1]}


def on_paper(ms_per_frame: float) -> dict[str, float]:
    """Hours for a cohort of videos on so many cores, from the processor's time for a frame."""
    seconds = VIDEOS * MINUTES * 60 * RATE * ms_per_frame / 1000
    return {f"{cores} cores": round(seconds / cores / 3600, 1) for cores in CORES}


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--part", choices=("speed", "kills", "items", "explain"))
    options.add_argument("--rounds", type=int, default=5)
    given = arguments(options, data=("pexels",))
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        if given.part in (None, "speed"):
            many, frames, rounds = (2, 8, 1) if given.quick else (16, 150, given.rounds)
            result["speed"] = speed(clips(Path(place) / "speed", many, frames), rounds)
            cost = result["speed"]["median"]["local 1"]["processor_ms_per_frame"]
            result["hours_on_paper"] = on_paper(cost)
        if given.part in (None, "kills"):
            many, frames, times = (2, 8, 1) if given.quick else (60, 25, 30)
            result["kills"] = kills(clips(Path(place) / "kills", many, frames), times)
        if given.part in (None, "items"):
            result["items"] = items(50 if given.quick else 100_000)
        if given.part in (None, "explain"):
            result["explain"] = explanation(Path(place) / "explain", 2 if given.quick else 64)
    write("cohort_engine" + (f"_{given.part}" if given.part else ""), result)


if __name__ == "__main__":
    main()
