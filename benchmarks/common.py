"""What the benchmarks share: the peer's environment, the machine's name, results on disk."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import platformdirs

from mien.core.provenance import versions
from mien.data.sets.catalogue import data_root as data_root

MEDIAPIPE = "mediapipe==1.2.2"
RESULTS = Path(__file__).parent / "results"


def peer_python() -> str:
    """Python of an environment that holds MediaPipe and not mien; made once, in the cache."""
    home = Path(os.environ.get("MIEN_HOME") or platformdirs.user_cache_dir("mien"))
    place = home / "benchmarks" / MEDIAPIPE.replace("==", "-")
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", MEDIAPIPE], check=True)
        (place / "ready").touch()
    return str(python)


def peer(*words: object) -> str:
    """Output of one run of ``peer.py``."""
    command = [peer_python(), str(Path(__file__).parent / "peer.py"), *(str(word) for word in words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def machine() -> str:
    """Processor and number of cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        name = names[0] if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def write(name: str, result: dict) -> None:
    """Keep a result with machine and versions in ``benchmarks/results`` and print it."""
    RESULTS.mkdir(exist_ok=True)
    full = {**result, "machine": machine(), "versions": versions()}
    (RESULTS / f"{name}.json").write_text(json.dumps(full, indent=1) + "\n")
    print(json.dumps(full, indent=1))
