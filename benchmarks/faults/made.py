"""Undamaged inputs: a made-up face in every format of pictures and videos, and tables of every kind that is read."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIDE_PX = 112
# Rows of a table, and frames of a film.
ROWS, FRAMES = 24, 8


def face() -> np.ndarray:
    """A made-up person, RGB, as small as faces in pictures are looked for."""
    from mien.data.synthetic import make_cohort, render, scene

    cohort = make_cohort(1, ("smile",), n_frames=2, seed=3)
    return render(scene(cohort.performance, 0, 1, seed=3), SIDE_PX)


def pictures() -> dict[str, bytes]:
    """The same made-up face in every format."""
    from PIL import Image

    picture, found = Image.fromarray(face()), {}
    formats = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "bmp": "BMP", "tif": "TIFF", "ppm": "PPM",
               "jp2": "JPEG2000", "avif": "AVIF", "gif": "GIF"}  # fmt: skip
    for ending, name in formats.items():
        buffer = io.BytesIO()
        picture.save(buffer, name)
        found[ending] = buffer.getvalue()
    return found


def videos() -> dict[str, bytes]:
    """A face that moves a little, in several containers."""
    import av

    shown, found = face(), {}
    for ending, codec in (("mp4", "libx264"), ("mkv", "libx264"), ("avi", "mpeg4"), ("webm", "libvpx")):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format={"mkv": "matroska"}.get(ending, ending)) as container:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = SIDE_PX, SIDE_PX, "yuv420p"
            for shift in range(FRAMES):
                frame = np.ascontiguousarray(np.roll(shown, shift, axis=1))
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())
        found[ending] = buffer.getvalue()
    return found


def _columns() -> dict[str, dict[str, Any]]:
    rng = np.random.default_rng(1)
    number = np.arange(ROWS)
    samples = {
        "path": [f"{i}.png" for i in number], "subject": [f"P{i // 2:02d}" for i in number],
        "mood": np.where(number % 2, "happy", "sad"), "age": rng.integers(18, 80, ROWS), "warm": rng.normal(size=ROWS),
    }  # fmt: skip
    ratings = {
        "path": [f"{i // 4}.png" for i in number], "subject": [f"P{i // 8}" for i in number],
        "attribute": np.where(number % 2, "warm", "kind"), "rating": rng.integers(1, 8, ROWS),
        "rater": [f"R{i // 2 % 2}" for i in number],
    }  # fmt: skip
    named = {"file": ["clip"] * ROWS, "frame": number, "AU01": rng.random(ROWS), "AU12": rng.random(ROWS)}
    openface = {
        "frame": number + 1, "face_id": 0 * number, "timestamp": number / 25, "confidence": np.full(ROWS, 0.98),
        "success": np.ones(ROWS, int), **{f"gaze_{eye}_{axis}": np.full(ROWS, float(axis == "z"))
                                          for eye in "01" for axis in "xyz"},
        **{f"pose_{kind}{axis}": rng.normal(size=ROWS) for kind in "TR" for axis in "xyz"},
        **{f"{axis}_{p}": rng.uniform(200, 400, ROWS) for axis in "xy" for p in range(68)},
        **{f"{axis}_{p}": rng.uniform(200, 400, ROWS) for axis in "XYZ" for p in range(68)},
        "AU12_r": rng.random(ROWS),
    }  # fmt: skip
    pyfeat = {
        **{f"FaceRect{name}": np.full(ROWS, 200.0) for name in ("X", "Y", "Width", "Height")},
        "FaceScore": np.full(ROWS, 0.9), **{f"{axis}_{p}": rng.uniform(200, 400, ROWS) for axis in "xy"
                                            for p in range(68)},
        **{name: rng.random(ROWS) for name in ("Pitch", "Roll", "Yaw", "AU01", "AU12", "happiness")},
        "input": ["v.mp4"] * ROWS, "frame": number, "FrameHeight": np.full(ROWS, 720.0),
        "FrameWidth": np.full(ROWS, 1280.0),
    }  # fmt: skip
    mediapipe = {"frame": number, **{f"{axis}_{p}": rng.random(ROWS) for p in range(478) for axis in "xyz"}}
    return {"samples": samples, "ratings": ratings, "named": named, "openface": openface, "pyfeat": pyfeat,
            "mediapipe": mediapipe}  # fmt: skip


def tables() -> dict[str, bytes]:
    """Tables of samples, of single ratings and of other tools, by name with ending."""
    import pandas as pd

    found: dict[str, bytes] = {}
    for name, columns in _columns().items():
        table = pd.DataFrame(columns)
        found[f"{name}.csv"] = table.to_csv(index=False).encode()
        if name in ("samples", "ratings", "named"):
            found[f"{name}.tsv"] = table.to_csv(index=False, sep="\t").encode()
            for ending, write in (("xlsx", table.to_excel), ("parquet", table.to_parquet)):
                buffer = io.BytesIO()
                write(buffer, index=False)
                found[f"{name}.{ending}"] = buffer.getvalue()
    points = np.random.default_rng(2).random((ROWS, 478, 3))
    for name, write in (("mediapipe.npy", np.save), ("mediapipe.npz", np.savez)):
        buffer = io.BytesIO()
        write(buffer, points)
        found[name] = buffer.getvalue()
    return found


def _openface(path: Path) -> Any:
    from mien.data.importers.openface import read_openface

    return read_openface(path)


def _pyfeat(path: Path) -> Any:
    from mien.data.importers.pyfeat import read_pyfeat

    return read_pyfeat(path)


def _mediapipe(path: Path) -> Any:
    from mien.data.importers.mediapipe_files import read_landmarks

    return read_landmarks(path)


def _named(path: Path) -> Any:
    from mien.data.importers.named import read_named_features

    return read_named_features(path)


def _samples(path: Path) -> Any:
    from mien.data.samples import read_samples

    return read_samples(path)


def _ratings(path: Path) -> Any:
    from mien.data.ratings import read_single_ratings

    return read_single_ratings(str(path))


TABLE_READERS: dict[str, Callable[[Path], Any]] = {
    "samples": _samples, "ratings": _ratings, "named": _named, "openface": _openface, "pyfeat": _pyfeat,
    "mediapipe": _mediapipe,
}  # fmt: skip
