"""Photos of people who show nothing: what measures that were learnt on rendered heads have to be silent on.

``python -m benchmarks.action_units.photos [OUT.npz]``   inputs of 40 neutral students and 10 average faces
(WebMorph: CC BY 4.0 and CC0), as they are and through five of the cameras of the train set each

The 102 people of London (CC BY 4.0) are not among them: they are for checking.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from benchmarks.action_units.heads import CAMERAS_OF, camera_of, taken
from benchmarks.common import arguments, data_root
from mien.data.media.pictures import read_picture
from mien.faces.follow import Seer
from mien.faces.mesh import Blendshapes
from mien.features.action_inputs import inputs_of

COPIES = 5


def pictures_of(path: Path, number: int) -> list[np.ndarray]:
    """A photo as it is, and as cameras of the train set give it."""
    photo = np.asarray(read_picture(path))
    found = [photo]
    for copy in range(COPIES):
        draw = np.random.default_rng([8, number, copy])
        camera = camera_of(int(draw.choice(CAMERAS_OF["train"])))
        width = round(draw.uniform(0.75, 1.4) * camera["size_px"])
        size = (width, round(photo.shape[0] * width / photo.shape[1]))
        found.append(taken(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), camera, draw))
    return found


def inputs_of_photos(paths: list[Path], copies: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and blendshapes of the largest face of each picture, and which photo it is."""
    seer, blendshapes = Seer(1, 40.0), Blendshapes()
    rows = []
    for number, path in enumerate(paths):
        for picture in pictures_of(path, number) if copies else [np.asarray(read_picture(path))]:
            meshes, _ = seer.find(picture)
            if len(meshes):
                points = meshes.landmarks_px[[int(np.argmax(np.ptp(meshes.landmarks_px[:, :, 0], axis=1)))]]
                shapes = blendshapes(points)
                rows.append((inputs_of(points, shapes, [picture])[0], shapes[0], number))
    x, shapes, photo = zip(*rows, strict=True)
    return np.array(x), np.array(shapes), np.array(photo)


def neutral_photos() -> list[Path]:
    """The photos to be silent on."""
    return sorted((data_root() / "webmorph").glob("c*/*.jpg"))


def main() -> None:
    """Keep the inputs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", default="photos.npz")
    given = arguments(parser, data=("webmorph",), out="")
    x, shapes, photo = inputs_of_photos(neutral_photos(), copies=True)
    if given.out:
        np.savez(given.out, x=x, blendshapes=shapes, photo=photo)
    print(len(x), "pictures of", len(set(photo)), "photos")


if __name__ == "__main__":
    main()
