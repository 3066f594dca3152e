"""Are altered copies met, and nothing else? ``python -m benchmarks.near_copies [--pictures 80]``

Pictures of London, each saved anew in ten ways under another person's name, with the pictures at hand and without;
clips of BUHMAP measured again with the landmarker's noise. Counted are copies that meet their picture or clip, and
pairs of different people.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, write
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.data.samples import faces_of, read_samples
from mien.data.shards import read_faces
from mien.faces.extract import extract
from mien.features.match import choose
from mien.learn.near_clips import near_clips
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
    "140 pixels": lambda p: p.resize((140, 140 * p.height // p.width)),
    "blurred": lambda p: p.filter(ImageFilter.GaussianBlur(4)),
    "squeezed": lambda p: p.resize((p.width, 4 * p.height // 5)),
}
# Of a face's size: how far two measurements of one frame lie apart that was saved in two qualities (crf 18 and 30).
NOISE = 0.008


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=80)
    asked = arguments(parser, data=("london", "buhmap"), pictures=4).pictures
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
        choices = choose(samples, faces)
        here = near_copies(samples.subject, files, choices, faces)
        away = near_copies(samples.subject, [Path("nowhere") / file.name for file in files], choices, faces)
    person_of = [str(name).split()[0] for name in people]
    found = {"pictures": len(pictures)}
    for told, pairs in (("pictures at hand", here), ("faces alone", away)):
        met = {max(a, b) for a, b in pairs if a % len(pictures) == b % len(pictures) and min(a, b) < len(pictures)}
        for number, way in enumerate(list(ALTERED)[1:], start=1):
            own = range(number * len(pictures), (number + 1) * len(pictures))
            found[f"{told}: {way}, met"] = len(met & {*own})
        found[f"{told}: pairs of different people"] = sum(person_of[a] != person_of[b] for a, b in pairs)
    write("near_copies", {**found, **of_clips(data_root() / "buhmap")})


def of_clips(root: Path) -> dict[str, int]:
    """Clips met again in another measurement under another name, and pairs of different people."""
    samples = read_samples(f"buhmap:{root}")
    faces = faces_of(samples)
    points = faces.landmarks_px.astype(np.float64)
    size = np.linalg.norm((points - points.mean(axis=1, keepdims=True))[..., :2], axis=(1, 2))
    noise = (
        np.random.default_rng(0).normal(size=points.shape)
        * (NOISE * size / np.sqrt(2 * points.shape[1]))[:, None, None]
    )
    again = replace(
        faces,
        source=np.array([f"again/{source}" for source in faces.source], dtype=object),
        landmarks_px=(points + noise).astype(np.float32),
    )
    names = [*samples.path, *(f"again/{path}" for path in samples.path)]
    people = [*samples.subject, *(f"again {name}" for name in samples.subject)]
    both, twice = Samples(path=names, subject=people), Faces.concat([faces, again])
    pairs = near_clips(both.subject, choose(both, twice), twice)
    count = len(samples)
    return {
        "clips": count,
        "clips met": sum(b == a + count for a, b in pairs),
        "clips: pairs of different people": sum(
            str(both.subject[a]).split()[-1] != str(both.subject[b]).split()[-1] for a, b in pairs
        ),
    }


if __name__ == "__main__":
    main()
