"""What the bare installation promises, on made-up files: run by .ci/versions in an environment without extras."""

import subprocess
import sys
import tempfile
from pathlib import Path

import av
import numpy as np


def mien(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "mien", *words], capture_output=True, text=True, timeout=300)


def video(path: Path, pictures: list[np.ndarray]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def refused(place: Path) -> None:
    """Whatever needs an extra says so in one line with the command, in the shell and in Python."""
    samples, study, new = str(place / "people" / "samples.csv"), str(place / "study"), str(place / "new")
    on_faces = [samples, "--faces", study, "-o", new]
    for words in (
        ["train", *on_faces, "--target", "expression"],
        ["train", *on_faces, "--target", "expression", "--model", "resnet18"],
        ["explain", "rules", *on_faces],
        ["explain", "blendshape:mouthSmileLeft", *on_faces],
        ["evaluate-evidence", "blendshape:mouthSmileLeft", *on_faces],
        ["reduce", *on_faces, "--target", "expression"],
        ["embed", *on_faces],
        ["study", "new", "fast-landmarks", "-o", new, "--samples", samples],
        ["report", study],
        ["demo", "-o", new],
    ):
        done = mien(*words)
        assert done.returncode == 2 and "pip install 'mien[" in done.stderr, (words, done.stderr)
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr

    import mien as package

    for name in package.__all__:
        try:
            getattr(package, name)
        except package.MienError as error:
            assert "pip install 'mien[learn]'" in str(error), error


def main() -> None:
    from mien.data.media.pictures import read_picture
    from mien.data.shards import read_faces

    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        done = mien("synthesize", "-o", str(place / "people"), "--subjects", "2", "--frames", "2", "--pictures")
        assert done.returncode == 0, done.stderr
        faces = sorted((place / "people").rglob("*.png"))
        video(place / "people" / "clip.mp4", [read_picture(faces[0])] * 6)
        done = mien("extract", str(faces[0].parent), str(place / "people" / "clip.mp4"), "-o", str(place / "study"))
        assert done.returncode == 0, done.stdout + done.stderr
        found = read_faces(place / "study" / "faces")
        film = np.array([str(source).endswith("clip.mp4") for source in found.source])
        assert (found.status == "ok").all() and film.sum() == 6 and (~film).sum() == len(faces), found.status
        refused(place)
        for words in (["extract", "-h"], ["doctor"]):
            done = mien(*words)
            assert done.returncode == 0, done.stdout + done.stderr
    versions = f"Python {sys.version.split()[0]}, numpy {np.__version__}, PyAV {av.__version__}"
    print(f"bare installation: {len(faces)} pictures and a video extracted; {versions}")


if __name__ == "__main__":
    main()
