"""Peak memory of ``mien extract`` on one big picture of each kind: ``python -m benchmarks.picture_memory``

``--side 14500 12000`` is width and height. Noise that is smooth over 16 pixels; no face is found in it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import write

KINDS = {
    "JPEG": ("RGB", ".jpg", {"quality": 90}),
    "progressive JPEG": ("RGB", ".jpg", {"quality": 90, "progressive": True}),
    "PNG": ("RGB", ".png", {"compress_level": 1}),
    "RGBA PNG": ("RGBA", ".png", {"compress_level": 1}),
}
EXTRACT = "import sys; from mien.faces.extract import extract; extract(sys.argv[1], sys.argv[2])"


def peak_mb(picture: Path, scratch: Path) -> float:
    """Of a process that extracts this picture only."""
    done = subprocess.Popen([sys.executable, "-c", EXTRACT, str(picture), str(scratch / "study")])
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        raise SystemExit(f"extracting {picture.name} ended with status {status}")
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    """Measure and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, nargs=2, default=(14_500, 12_000))
    width, height = parser.parse_args().side
    small = np.random.default_rng(0).integers(0, 255, (height // 16, width // 16, 4), dtype=np.uint8)
    Image.MAX_IMAGE_PIXELS = None
    found = {}
    for name, (mode, ending, options) in KINDS.items():
        with tempfile.TemporaryDirectory() as scratch:
            picture = Path(scratch) / f"big{ending}"
            Image.fromarray(small, "RGBA").convert(mode).resize((width, height)).save(picture, **options)
            found[name] = round(peak_mb(picture, Path(scratch)))
        print(name, found[name], flush=True)
    write("picture_memory", {"width": width, "height": height, "peak_mb": found})


if __name__ == "__main__":
    main()
