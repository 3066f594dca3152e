"""A file with an unusual ending that the user names himself is opened as what it is."""

import av
import numpy as np
import pytest
from PIL import Image

from mien.data.media.kinds import is_video


@pytest.mark.parametrize(
    ("name", "form", "codec"),
    [("c.ts", "mpegts", "mpeg2video"), ("c.vob", "vob", "mpeg2video"), ("c.asf", "asf", "wmv2"),
     ("c.clip", "mp4", "mpeg4"), ("c", "matroska", "mpeg4"), ("c.bin", "avi", "mpeg4"), ("c.data", "mov", "mpeg4"),
     ("c.m2v", "mpeg2video", "mpeg2video"), ("c.dvd", "dvd", "mpeg2video")],
)  # fmt: skip
def test_videos_are_known_by_their_first_bytes(tmp_path, name, form, codec):
    with av.open(str(tmp_path / name), "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    assert is_video(tmp_path / name)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_pictures_with_another_ending_are_pictures(tmp_path, form):
    with (tmp_path / "p.data").open("wb") as file:
        Image.new("RGB", (64, 64)).save(file, form)
    assert not is_video(tmp_path / "p.data")


def test_text_and_what_is_not_there_are_no_videos(tmp_path):
    (tmp_path / "code.ts").write_text("const x: number = 1;\n" * 40)
    assert not is_video(tmp_path / "code.ts") and not is_video(tmp_path / "nothing") and not is_video(tmp_path)
