"""A video that lacks its end is called truncated, with both counts; a whole one never is."""

from pathlib import Path

import av
import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.media.video import DamagedVideoError, Sampling, TruncatedVideoError, read_frames
from mien.data.media.video_end import file_end
from tests.media import av_milliseconds

# Container, encoder, options of the container.
KINDS = {
    "plain.mp4": ("libx264", {}),
    "index-first.mp4": ("libx264", {"movflags": "faststart"}),
    "fragments.mp4": ("libx264", {"movflags": "frag_keyframe+empty_moov"}),
    "a.mov": ("libx264", {"movflags": "faststart"}),
    "a.mkv": ("libx264", {}),
    "a.avi": ("mpeg4", {}),
    "a.webm": ("libvpx", {}),
    "a.flv": ("libx264", {}),
    "a.mpg": ("mpeg2video", {}),
    "a.ts": ("libx264", {}),
    "a.wmv": ("wmv2", {}),
    "x264.avi": ("libx264", {}),
    "moof.mp4": ("libx264", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}),
    "each.mp4": ("libx264", {"movflags": "frag_every_frame+empty_moov"}),
    "first.mp4": ("libx264", {"movflags": "frag_keyframe"}),
    "live.mkv": ("libx264", {"live": "1"}),
    "live.webm": ("libvpx", {"live": "1"}),
    "front.mkv": ("libx264", {"reserve_index_space": "5000"}),
    "mpeg2.ts": ("mpeg2video", {}),
    "a.m2ts": ("libx264", {}),
    "a.mxf": ("mpeg2video", {}),
}
# Those whose beginning can be read without their end, and which say how long they are.
CUT = ("index-first.mp4", "a.mov", "a.mkv", "a.avi", "x264.avi", "a.webm", "a.flv", "front.mkv")
# Those that can be read without their end, but do not say how long they are.
CUT_OPEN = (
    "fragments.mp4", "moof.mp4", "each.mp4", "first.mp4", "live.mkv", "live.webm", "a.ts", "mpeg2.ts", "a.m2ts",
    "a.mpg", "a.wmv",
)  # fmt: skip


def write(path: Path, frames: int = 50, times_ms: list[int] | None = None, sound_s: float = 0) -> Path:
    """Noise that moves, in the format of the name; ``sound_s`` seconds of silence with it."""
    codec, options = KINDS[path.name]
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, (48, 64, 3)).astype(np.uint8)
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25, options={"g": "5"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        sound = container.add_stream("aac", rate=48_000) if sound_s else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, number, axis=1), format="rgb24")
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[number], av_milliseconds()
                stream.codec_context.time_base = av_milliseconds()
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            for number in range(int(sound_s * 48_000 / 1024)):
                silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
                silence.sample_rate, silence.pts = 48_000, number * 1024
                container.mux(sound.encode(silence))
            container.mux(sound.encode())
    return path


def read(path: Path, sampling: Sampling | None = None) -> tuple[int, InputError | None]:
    """Frames that came, and the complaint behind the last one."""
    count = 0
    try:
        for _ in read_frames(path, sampling):
            count += 1
    except InputError as error:
        return count, error
    return count, None


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_video_is_whole(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    assert read(path) == (50, None)
    assert file_end(path).missing in (0, None)


@pytest.mark.parametrize("name", ["plain.mp4", "a.mkv"])
def test_sound_that_goes_on_is_no_missing_video(tmp_path: Path, name: str) -> None:
    assert read(write(tmp_path / name, frames=20, sound_s=3)) == (20, None)


@pytest.mark.parametrize("name", ["plain.mp4", "a.mkv", "a.avi", "a.webm"])
def test_a_variable_rate_is_no_missing_video(tmp_path: Path, name: str) -> None:
    assert read(write(tmp_path / name, frames=5, times_ms=[0, 40, 500, 540, 3000])) == (5, None)


def test_a_trimmed_video_is_whole(tmp_path: Path) -> None:
    """Trimming without encoding again leaves frames in the file that an edit list hides."""
    source, target = write(tmp_path / "plain.mp4"), tmp_path / "trimmed.mp4"
    with av.open(str(source)) as old, av.open(str(target), "w", options={"avoid_negative_ts": "disabled"}) as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        for packet in old.demux(stream):
            if packet.dts is not None:
                shift = int(0.5 / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copy
                new.mux(packet)
    with av.open(str(target)) as file:
        assert file.streams.video[0].frames == 50
    count, problem = read(target)
    assert problem is None and 35 <= count < 50


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("name", CUT)
def test_a_cut_video_gives_its_frames_and_both_counts(tmp_path: Path, name: str, share: float) -> None:
    path = write(tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    count, problem = read(path)
    assert isinstance(problem, TruncatedVideoError)
    assert 1 < count < 50 and f"{count} of 5" in str(problem) and path.name in str(problem)
    # Of a part that was read whole, nothing is missing.
    assert read(path, Sampling(stop_s=0.03)) == (1, None)
    sampled, problem = read(path, Sampling(every=5))
    assert isinstance(problem, TruncatedVideoError) and sampled == -(-count // 5)


@pytest.mark.parametrize("share", [0.31, 0.62, 0.951])
@pytest.mark.parametrize("name", CUT_OPEN)
def test_a_cut_video_that_does_not_say_its_length_is_called_cut(tmp_path: Path, name: str, share: float) -> None:
    path = write(tmp_path / name)
    content = path.read_bytes()
    place = int(len(content) * share)
    if path.suffix == ".mp4":
        # In the frames of a fragment: where its header ends differs from encoder to encoder.
        place = content.rindex(b"mdat", 0, place) + 12
    path.write_bytes(content[:place])
    count, problem = read(path)
    assert isinstance(problem, TruncatedVideoError) and f"{count} frames could be read" in str(problem)
    assert 1 < count <= 50


@pytest.mark.parametrize("name", ["plain.mp4", "fragments.mp4", "a.mkv", "a.avi", "x264.avi", "a.wmv", "a.ts", "a.flv"])
@pytest.mark.parametrize(
    "times_ms",
    [[10_000 + 40 * n for n in range(20)], [41 * n + (n > 17) * 5000 for n in range(20)]],
    ids=["late", "held"],
)
def test_odd_times_are_no_missing_video(tmp_path: Path, name: str, times_ms: list[int]) -> None:
    assert read(write(tmp_path / name, frames=20, times_ms=times_ms)) == (20, None)


@pytest.mark.parametrize("name", ["a.wmv", "a.avi", "a.ts", "fragments.mp4"])
def test_sound_that_goes_on_is_no_missing_video_in_formats_without_a_length(tmp_path: Path, name: str) -> None:
    assert read(write(tmp_path / name, frames=20, sound_s=3)) == (20, None)


@pytest.mark.parametrize("name", ["plain.mp4"])
def test_a_video_whose_index_is_missing_is_called_cut_off(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    count, problem = read(path)
    assert count == 0 and "cut off, or its recording was not ended" in str(problem)


def test_a_download_that_stopped_in_a_file_of_full_size_is_truncated(tmp_path: Path) -> None:
    path = write(tmp_path / "index-first.mp4")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    count, problem = read(path)
    assert isinstance(problem, TruncatedVideoError) and 10 < count < 50 and "damaged" in str(problem)


def test_damaged_frames_are_counted_and_the_others_read(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.mp4")
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        places = [(p.pos, p.size) for p in file.demux(video=0) if p.size]
    for number in (12, 31):
        content[places[number][0] : sum(places[number])] = bytes(places[number][1])
    path.write_bytes(bytes(content))
    count, problem = read(path)
    assert isinstance(problem, DamagedVideoError)
    assert count == 48 and "2 of 50 frames" in str(problem)


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"RIFF" + (100).to_bytes(4, "little") + b"AVI " + bytes(46), 50),
        (b"RIFF" + bytes(4) + b"AVI ", None),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x8a" + bytes(4), 6),
        (b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff" + bytes(4), None),
        ((8).to_bytes(4, "big") + b"ftyp" + (1).to_bytes(4, "big") + b"mdat" + (30).to_bytes(8, "big"), 14),
        ((8).to_bytes(4, "big") + b"ftyp" + bytes(4) + b"mdat" + bytes(9), None),
        (b"no video", None),
    ],
)
def test_missing_bytes_follow_from_the_sizes_of_the_parts(tmp_path: Path, content: bytes, missing: int | None) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert file_end(path).missing == missing
