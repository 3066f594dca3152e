"""Small pictures and videos that tests make: one real face (NASA's astronaut, public domain) and noise."""

from pathlib import Path

import av
import numpy as np
from PIL import Image


def astronaut() -> np.ndarray:
    """RGB (320, 320, 3) with one frontal smiling face."""
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut()[:320, 60:380])


def noise(height: int = 120, width: int = 160, seed: int = 0) -> np.ndarray:
    """RGB noise without a face."""
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)


def save(picture: np.ndarray, path: Path) -> Path:
    """Write a picture in the format of its ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def write_video(path: Path, frames: list[np.ndarray], times_ms: list[int] | None = None, rate: int = 25) -> Path:
    """H.264 with the given times; every frame is a key frame, so that cutting the file leaves whole frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "frag_keyframe+empty_moov"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "18", "g": "1", "bf": "0"})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[number], av_milliseconds()
                stream.codec_context.time_base = av_milliseconds()
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def av_milliseconds():  # type: ignore[no-untyped-def]
    """A time base of one millisecond."""
    from fractions import Fraction

    return Fraction(1, 1000)


def sound_only(path: Path) -> None:
    """An MP4 without a video stream."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def set_rotation(path: Path, degrees_clockwise: int) -> None:
    """Write the rotation that phones write: the matrix in the track header box of an MP4."""
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees_clockwise]
    numbers = [cosine, sine, 0, -sine, cosine, 0, 0, 0]
    matrix = b"".join(int(n * 65536).to_bytes(4, "big", signed=True) for n in numbers) + (0x40000000).to_bytes(4, "big")
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 4
    # Version 0 header: flags 4, times 8, track 4, reserved 4, duration 4, reserved 8, layer.. 8, then the matrix.
    place = start + (40 if content[start] == 0 else 52)
    content[place : place + 36] = matrix
    path.write_bytes(bytes(content))
