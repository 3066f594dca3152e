"""Peak memory of ``mien extract`` on one big picture of each kind: ``python -m benchmarks.picture_memory``

``--side 14500 12000`` is width and height. Noise that is smooth over 16 pixels; no face is found in it.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, python, write

KINDS = {
    "JPEG": ("RGB", ".jpg", {"quality": 90}),
    "progressive JPEG": ("RGB", ".jpg", {"quality": 90, "progressive": True}),
    "PNG": ("RGB", ".png", {"compress_level": 1}),
    "RGBA PNG": ("RGBA", ".png", {"compress_level": 1}),
}
EXTRACT = "import sys; from mien.faces.extract import extract; extract(sys.argv[1], sys.argv[2])"


def peak_mb(picture: Path, scratch: Path) -> float:
    """Of a process that extracts this picture only."""
    if is_quick():
        python("-c", EXTRACT, picture, scratch / "study")
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    done = subprocess.Popen([sys.executable, "-c", EXTRACT, str(picture), str(scratch / "study")])
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        raise SystemExit(f"extracting {picture.name} ended with status {status}")
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def make(kind: str, picture: Path, width: int, height: int) -> None:
    """Write one picture."""
    mode, _, options = KINDS[kind]
    small = np.random.default_rng(0).integers(0, 255, (height // 16, width // 16, 4), dtype=np.uint8)
    Image.MAX_IMAGE_PIXELS = None
    Image.fromarray(small, "RGBA").convert(mode).resize((width, height)).save(picture, **options)


def main() -> None:
    """Measure and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, nargs=2, default=(14_500, 12_000))
    parser.add_argument("--make", nargs=2, metavar=("KIND", "FILE"), help="only write a picture")
    given = arguments(parser, side=[480, 320])
    if given.make:
        make(given.make[0], Path(given.make[1]), *given.side)
        return
    found = {}
    for name, (_, ending, _) in KINDS.items():
        with tempfile.TemporaryDirectory() as scratch:
            picture = Path(scratch) / f"big{ending}"
            # In a process of its own: the peak of a process counts as that of those that it starts.
            python("-m", "benchmarks.picture_memory", "--make", name, picture, "--side", *given.side)
            found[name] = round(peak_mb(picture, Path(scratch)))
        print(name, found[name], flush=True)
    write("picture_memory", {"side": given.side, "peak_mb": found})


if __name__ == "__main__":
    main()
