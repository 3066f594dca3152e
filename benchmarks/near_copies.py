"""Are altered copies of a picture met, and nothing else? ``python -m benchmarks.near_copies [--pictures 80]``

Pictures of London, each saved anew in seven ways under another person's name: JPEG of quality 40, half size, mirrored,
brighter, cut, grey, turned by 5 degrees. Counted are copies that meet their picture, and pairs of different people.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import data_root, write
from mien.core.samples import Samples
from mien.data.shards import read_faces
from mien.faces.extract import extract
from mien.features.match import choose
from mien.learn.near_copies import near_copies

ALTERED = {
    "same": lambda p: p,
    "quality 40": lambda p: p,
    "half size": lambda p: p.resize((p.width // 2, p.height // 2)),
    "mirrored": ImageOps.mirror,
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.25),
    "cut": lambda p: p.crop((p.width // 20, p.height // 20, p.width, p.height)),
    "grey": lambda p: p.convert("L"),
    "turned": lambda p: p.rotate(5, resample=Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)),
}


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=80)
    asked = parser.parse_args().pictures
    root = data_root() / "london"
    pictures = [p for n in sorted((root / "neutral").glob("*.jpg")) for p in (n, root / "smiling" / n.name)][:asked]
    with tempfile.TemporaryDirectory() as scratch:
        names, people, files = [], [], []
        for way, alter in ALTERED.items():
            for picture in pictures:
                name = f"{way.replace(' ', '-')}-{picture.parent.name}-{picture.stem}.jpg"
                (Path(scratch) / "made").mkdir(exist_ok=True)
                altered = alter(Image.open(picture).convert("RGB"))
                altered.save(Path(scratch) / "made" / name, quality=40 if way == "quality 40" else 95)
                names.append(name)
                files.append(Path(scratch) / "made" / name)
                # Every copy is said to show somebody else.
                people.append(picture.stem if way == "same" else f"{picture.stem} {way} {picture.parent.name}")
        extract(Path(scratch) / "made", Path(scratch) / "study")
        faces = read_faces(Path(scratch) / "study")
        samples = Samples(path=np.array(names, object), subject=np.array(people, object))
        pairs = near_copies(samples.subject, files, choose(samples, faces), faces)
    picture_of = np.arange(len(names)) % len(pictures)
    met = {max(a, b) for a, b in pairs if picture_of[a] == picture_of[b] and min(a, b) < len(pictures)}
    person_of = [str(name).split()[0] for name in people]
    write(
        "near_copies",
        {
            "pictures": len(pictures),
            "copies": len(names) - len(pictures),
            "copies met": len(met),
            "false alarms": sum(person_of[a] != person_of[b] for a, b in pairs),
        },
    )


if __name__ == "__main__":
    main()
