"""What bad input gets: a row with a status or a sentence, while the other inputs complete."""

import errno
import os
import socket
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mien.core.errors import InputError, MienError
from mien.core.names import file_name
from mien.data.shards import read_faces, shard_paths
from mien.faces.extract import extract
from tests.media import astronaut, noise, save, set_rotation, sound_only, write_video

pytestmark = pytest.mark.usefixtures("weights")


def cut_jpeg(path: Path) -> None:
    save(astronaut(), path)
    path.write_bytes(path.read_bytes()[:3000])


def cut_video(path: Path) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width = 120, 160
        for number in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noise(seed=number), format="rgb24")))
        container.mux(stream.encode())
    # An MP4 whose index, at its end, is cut off holds nothing that can be read.
    path.write_bytes(path.read_bytes()[:-2000])


BAD = {
    "empty.jpg": (lambda path: path.write_bytes(b""), "it is empty"),
    "empty.mp4": (lambda path: path.write_bytes(b""), "not a video"),
    "text.jpg": (lambda path: path.write_text("dear reader, this is text"), "it holds text"),
    "cut.jpg": (cut_jpeg, "damaged or cut off"),
    "cut.mp4": (cut_video, "not a video"),
    "sound.mp4": (sound_only, "no video stream"),
    "huge.png": (lambda path: Image.new("1", (20_000, 15_000)).save(path), "175 megapixels"),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory):
    """One good picture among all kinds of bad files, extracted."""
    place = tmp_path_factory.mktemp("bad")
    save(astronaut(), place / "set" / "good.png")
    save(noise(1, 1), place / "set" / "pixel.png")
    for name, (make, _) in BAD.items():
        make(place / "set" / name)
    result = extract(place / "set", place / "out")
    return result, read_faces(place / "out")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_becomes_a_row_with_the_reason(mixed, name: str) -> None:
    result, faces = mixed
    row = faces[np.flatnonzero(faces.source == f"set/{name}")]
    assert list(row.status) == ["unreadable"]
    assert BAD[name][1] in row.reason[0]
    assert name in row.reason[0]
    assert (f"set/{name}", row.reason[0]) in result.problems


def test_the_others_complete_and_the_summary_counts(mixed) -> None:
    result, faces = mixed
    assert result.counts == {"ok": 1, "no face": 1, "unreadable": len(BAD)}
    assert list(faces.status[faces.source == "set/good.png"]) == ["ok"]
    assert list(faces.status[faces.source == "set/pixel.png"]) == ["no face"]


def test_bad_files_do_not_stop_workers_either(tmp_path: Path) -> None:
    place = tmp_path / "set"
    for name in ("text.jpg", "cut.mp4"):
        place.mkdir(exist_ok=True)
        BAD[name][0](place / name)
    save(astronaut(), place / "good.png")
    assert extract(place, tmp_path / "out", workers=2, threads=1).counts["ok"] == 1


def test_a_hundred_megapixels_are_read(tmp_path: Path) -> None:
    large = Image.new("RGB", (12_500, 8_000), (120, 120, 120))
    large.paste(Image.fromarray(astronaut()).resize((4000, 4000)), (4000, 2000))
    large.save(tmp_path / "large.jpg", quality=80)
    result = extract(tmp_path / "large.jpg", tmp_path / "out", smallest_face_px=600)
    assert result.counts["ok"] == 1
    assert 4000 < read_faces(tmp_path / "out").box_px[0, 0] < 8000


def test_an_animated_gif_is_a_video(tmp_path: Path) -> None:
    first, *others = (Image.fromarray(np.roll(astronaut(), 4 * t, axis=1)) for t in range(3))
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, duration=[100, 200, 100])
    extract(tmp_path / "a.gif", tmp_path / "out")
    faces = read_faces(tmp_path / "out")
    assert list(faces.status) == ["ok"] * 3
    np.testing.assert_allclose(faces.time_s, [0, 0.1, 0.3], atol=0.02)


def test_a_rotated_video_is_seen_upright(tmp_path: Path) -> None:
    lying = np.ascontiguousarray(np.rot90(astronaut(), 1))
    path = write_video(tmp_path / "phone.mp4", [lying] * 3)
    set_rotation(path, 90)
    extract(path, tmp_path / "out")
    faces = read_faces(tmp_path / "out")
    assert list(faces.status) == ["ok"] * 3
    assert np.abs(faces.roll_deg).max() < 10
    assert (faces.iris_px[:, :, 1] < 160).all()


def test_foreign_and_very_long_names(tmp_path: Path) -> None:
    save(noise(), tmp_path / "set" / ("ж" * 110 + ".png"))
    save(noise(), tmp_path / "set" / "笑顔 'q\" ü.png")
    assert extract(tmp_path / "set", tmp_path / "out").counts["no face"] == 2
    assert set(read_faces(tmp_path / "out").source) == {f"set/{'ж' * 110}.png", "set/笑顔 'q\" ü.png"}


def test_zero_faces_in_everything(tmp_path: Path) -> None:
    save(noise(), tmp_path / "set" / "a.png")
    write_video(tmp_path / "set" / "b.mp4", [noise(seed=n) for n in range(4)])
    result = extract(tmp_path / "set", tmp_path / "out", draw=True)
    assert result.counts == {"ok": 0, "no face": 2, "unreadable": 0}
    faces = read_faces(tmp_path / "out")
    assert len(faces) == 5
    assert not faces.ok.any()


def test_sixty_faces_in_one_picture(tmp_path: Path) -> None:
    small = np.asarray(Image.fromarray(astronaut()).resize((128, 128)))
    save(np.tile(small, (6, 10, 1)), tmp_path / "many.png")
    extract(tmp_path / "many.png", tmp_path / "out")
    faces = read_faces(tmp_path / "out")
    assert len(faces) == 60
    assert faces.ok.all()


def test_a_full_disk_stops_with_a_sentence_and_keeps_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.data.shards import ShardWriter

    save(astronaut(), tmp_path / "set" / "a.png")
    save(noise(), tmp_path / "set" / "b.png")
    close, calls = ShardWriter.close, []

    def full(self: ShardWriter) -> None:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        close(self)

    monkeypatch.setattr(ShardWriter, "close", full)
    with pytest.raises(MienError, match=r"The disk is full while set/b\.png .* make room"):
        extract(tmp_path / "set", tmp_path / "out")
    assert len(shard_paths(tmp_path / "out")) == 1
    assert not list((tmp_path / "out" / "faces").glob(".part-*"))
    monkeypatch.undo()
    assert extract(tmp_path / "set", tmp_path / "out").computed == 1


def test_an_output_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    save(noise(), tmp_path / "a.png")
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="taken"):
        extract(tmp_path / "a.png", tmp_path / "taken")


def test_missing_inputs_are_told_and_leave_no_row(tmp_path: Path) -> None:
    """A mistyped path stayed in the study as an unreadable source for good."""
    save(noise(), tmp_path / "a.png")
    result = extract([tmp_path / "a.png", tmp_path / "gone.mp4", tmp_path / "*.gif"], tmp_path / "out")
    assert result.counts == {"ok": 0, "no face": 1, "unreadable": 0, "absent": 2}
    assert result.sources == 3
    assert "gone.mp4: does not exist" in result.problems[0][1]
    assert len(shard_paths(tmp_path / "out")) == 1


def test_faces_of_a_file_that_is_gone_are_kept(tmp_path: Path) -> None:
    save(astronaut(), tmp_path / "a.png")
    extract(tmp_path / "a.png", tmp_path / "out")
    (tmp_path / "a.png").unlink()
    assert extract(tmp_path / "a.png", tmp_path / "out").counts["absent"] == 1
    assert list(read_faces(tmp_path / "out").status) == ["ok"]


def test_a_start_beyond_the_end_keeps_the_faces_that_are_there(tmp_path: Path) -> None:
    """It replaced a good extraction by an unreadable row."""
    clip = write_video(tmp_path / "clip.mp4", [astronaut()] * 5)
    beyond = extract(clip, tmp_path / "out", start_s=30)
    assert beyond.counts["unreadable"] == 1
    assert beyond.problems[0][1] == "clip.mp4: no frame lies between 30 s and the end; the video is 0.2 s long."
    assert extract(clip, tmp_path / "out").counts["ok"] == 1, "a real extraction replaces the row without faces"
    before = shard_paths(tmp_path / "out")
    beyond = extract(clip, tmp_path / "out", start_s=30)
    assert shard_paths(tmp_path / "out") == before and beyond.counts["unreadable"] == 1
    assert "the faces of an earlier extraction are kept" in beyond.problems[0][1]
    clip.write_bytes(b"damaged since")
    extract(clip, tmp_path / "out")
    assert list(read_faces(tmp_path / "out").status) == ["unreadable"], "faces of content that is gone do not stay"


def test_a_link_that_leads_nowhere_is_called_that(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "set" / "b.jpg").symlink_to("b.jpg")
    result = extract(tmp_path / "set", tmp_path / "out")
    assert result.counts["unreadable"] == 2
    assert "a.jpg: is a link to nowhere.jpg, which does not exist" in result.problems[0][1]


@pytest.mark.parametrize("settings", [{"workers": 0}, {"smallest_face_px": 2}, {"redetect_s": 0}, {"every": "often"}])
def test_senseless_settings_are_refused(tmp_path: Path, settings: dict) -> None:
    save(noise(), tmp_path / "a.png")
    with pytest.raises(InputError):
        extract(tmp_path / "a.png", tmp_path / "out", **settings)


def test_a_name_that_is_not_utf8_stops_nothing(tmp_path: Path) -> None:
    import os

    place = tmp_path / "set"
    save(noise(), place / "z.png")
    (place / os.fsdecode(b"\xff\xfe.png")).write_bytes((place / "z.png").read_bytes())
    assert extract(place, tmp_path / "out").counts["no face"] == 2
    assert set(read_faces(tmp_path / "out").source) == {"set/\\xff\\xfe.png", "set/z.png"}


def test_senseless_threads_are_refused(tmp_path: Path) -> None:
    save(noise(), tmp_path / "a.png")
    with pytest.raises(InputError, match="threads is a whole number from 1"):
        extract(tmp_path / "a.png", tmp_path / "out", threads=-1)


@pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and devices of POSIX")
def test_what_is_no_file_is_a_row_and_never_waited_for(tmp_path: Path) -> None:
    place = tmp_path / "set"
    save(noise(), place / "good.png")
    os.mkfifo(place / "pipe.jpg")
    (place / "zero.mp4").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(place / "socket.png"))
        result = extract(place, tmp_path / "out")
    assert result.counts == {"ok": 0, "no face": 1, "unreadable": 3}
    assert {reason.split(": ")[1] for _, reason in result.problems} == {"is a pipe.", "is a device.", "is a socket."}


def test_what_happens_while_files_are_listed_and_hashed_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.faces import tasks

    for name in ("gone.png", "shut.png", "good.png"):
        save(noise(), tmp_path / "set" / name)
    sha256_of = tasks.sha256_of

    def failing(path: Path) -> str:
        if path.name == "gone.png":
            path.unlink()
        if path.name == "shut.png":
            raise PermissionError(13, "Permission denied", str(path))
        return sha256_of(path)

    monkeypatch.setattr(tasks, "sha256_of", failing)
    result = extract([tmp_path / "set", "a\0b.png", "x" * 300 + ".png"], tmp_path / "out")
    assert result.counts == {"ok": 0, "no face": 1, "unreadable": 4}
    assert "shut.png: cannot be opened (Permission denied)." in dict(result.problems)["set/shut.png"]


def test_whatever_one_source_meets_is_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoders raise what they like; a picture of a side that OpenCV cannot sample once ended the run."""
    from mien.data.media.pictures import Picture, open_picture
    from mien.faces import reader as look
    from mien.faces.mesh import Blendshapes

    Image.new("RGB", (33_000, 4)).save(tmp_path / "wide.png")
    save(noise(), tmp_path / "odd.png")

    def odd(path: Path, most_megapixels: float) -> Picture:
        if path.name == "odd.png":
            raise RuntimeError("Failed to decode frame 0")
        return open_picture(path, most_megapixels)

    monkeypatch.setattr(look, "open_picture", odd)
    save(noise(), tmp_path / "good.png")
    result = extract(tmp_path, tmp_path / "out")
    assert result.counts == {"ok": 0, "no face": 1, "unreadable": 2}
    reasons = dict(result.problems)
    assert "33,000 x 4 pixels" in reasons[f"{tmp_path.name}/wide.png"]
    assert "it cannot be read (RuntimeError: Failed to decode frame 0)" in reasons[f"{tmp_path.name}/odd.png"]

    def broken(self: Blendshapes, landmarks: np.ndarray) -> np.ndarray:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(Blendshapes, "__call__", broken)
    save(astronaut(), tmp_path / "good.png")
    failed = extract(tmp_path / "good.png", tmp_path / "new")
    assert "ZeroDivisionError: odd" in failed.problems[0][1] and "tried again" in failed.problems[0][1]
    monkeypatch.undo()
    assert extract(tmp_path / "good.png", tmp_path / "new").counts["ok"] == 1, "it was tried again"


def test_files_of_other_kinds_are_counted_by_their_endings(tmp_path: Path) -> None:
    save(noise(), tmp_path / "set" / "a.png")
    for name in ("b.cr2", "c.CR2", "notes.txt", "README", ".hidden", "code.ts"):
        (tmp_path / "set" / name).write_text("text")
    result = extract(tmp_path / "set", tmp_path / "out")
    assert result.left_out == {".cr2": 2, ".txt": 1, "without an ending": 1, ".ts": 1}
    assert result.sources == 1
    (tmp_path / "set" / "a.png").unlink()
    with pytest.raises(InputError, match=r"There are other files: 2 \.cr2"):
        extract(tmp_path / "set", tmp_path / "out")


def test_pictures_and_videos_of_rarer_endings_are_read(tmp_path: Path) -> None:
    place = tmp_path / "set"
    save(noise(), place / "a.mpo")
    for name, container in (("b.ts", "mpegts"), ("c.VOB", "vob"), ("d.asf", "asf")):
        with av.open(str(place / name), "w", format=container) as film:
            stream = film.add_stream("mpeg2video", rate=25)
            stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
            film.mux(stream.encode(av.VideoFrame.from_ndarray(noise(), format="rgb24")))
            film.mux(stream.encode())
    (place / "e.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    result = extract(place, tmp_path / "out")
    assert result.counts == {"ok": 0, "no face": 4, "unreadable": 1} and result.left_out == {}
    assert result.problems[0][0] == "set/e.HEIC"


def test_damaged_shards_are_computed_again(tmp_path: Path) -> None:
    """A shard that was damaged in its middle once counted as done."""
    save(astronaut(), tmp_path / "a.png")
    extract(tmp_path / "a.png", tmp_path / "out")
    (shard,) = shard_paths(tmp_path / "out")
    good = shard.read_bytes()
    shard.write_bytes(good[:1000] + bytes(200) + good[1200:])
    assert extract(tmp_path / "a.png", tmp_path / "out").computed == 1
    assert list(read_faces(tmp_path / "out").status) == ["ok"]
    assert extract(tmp_path / "a.png", tmp_path / "out").computed == 0


@pytest.mark.parametrize("inputs", ["", ["a.png", ""], [None], []])
def test_no_input_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: object) -> None:
    """An empty word meant the folder in which the command was given."""
    save(noise(), tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        extract(inputs, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_that_are_no_utf8_lead_back_to_their_files(tmp_path: Path) -> None:
    names = [b"\xff.png", b"\\xff.png", b"line\nbreak.png", b"bad\xe9.jpg"]
    (tmp_path / "set").mkdir()
    for name in names:
        (tmp_path / "set" / os.fsdecode(name)).write_bytes(b"no picture")
    place = tmp_path / os.fsdecode(b"o\xfct")
    result = extract(os.fsencode(tmp_path / "set"), place)
    assert result.counts["unreadable"] == 4
    faces = read_faces(place)
    assert {os.fsencode(file_name(source)) for source in faces.source} == {b"set/" + name for name in names}
    assert not any(letter in "".join(faces.reason) for letter in "\n\udcff")


def test_a_truncated_video_keeps_its_faces_and_says_what_is_missing(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "set" / "clip.mkv", [np.roll(astronaut(), 4 * t, axis=1) for t in range(12)])
    save(astronaut(), tmp_path / "set" / "good.png")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    result = extract(tmp_path / "set", tmp_path / "out")
    assert result.counts == {"ok": 1, "no face": 0, "unreadable": 0, "truncated": 1}
    rows = read_faces(tmp_path / "out")
    rows = rows[np.flatnonzero(rows.source == "set/clip.mkv")]
    read = len(rows) - 1
    assert 2 < read < 12 and list(rows.status) == ["ok"] * read + ["truncated"]
    assert f"{read} of 12 frames could be read" in rows.reason[-1] and f"{read} of 12" in result.problems[0][1]
    assert list(rows.frame) == list(range(read + 1))
    again = extract(tmp_path / "set", tmp_path / "out")
    assert again.computed == 0 and again.counts == result.counts
    assert read_faces(tmp_path / "out").counts() == result.counts


def test_damaged_frames_are_a_problem_and_the_others_are_kept(tmp_path: Path) -> None:
    import av

    clip = write_video(tmp_path / "clip.mp4", [np.roll(astronaut(), 4 * t, axis=1) for t in range(8)])
    content = bytearray(clip.read_bytes())
    with av.open(str(clip)) as file:
        place, size = [(p.pos, p.size) for p in file.demux(video=0) if p.size][3]
    content[place : place + size] = bytes(size)
    clip.write_bytes(bytes(content))
    result = extract(clip, tmp_path / "out")
    assert result.counts["ok"] == 1 and "1 of 8 frames" in result.problems[0][1]
    rows = read_faces(tmp_path / "out")
    assert sorted(rows.status) == ["ok"] * 7 + ["unreadable"]
    times = sorted(rows.time_s[rows.ok])
    np.testing.assert_allclose(times, np.array([0, 1, 2, 4, 5, 6, 7]) / 25, atol=1e-3)


def test_pixels_that_are_not_square_do_not_stretch_the_face(tmp_path: Path) -> None:
    from fractions import Fraction

    import av

    narrow = np.asarray(Image.fromarray(astronaut()).resize((240, 320)))
    with av.open(str(tmp_path / "narrow.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(narrow, format="rgb24")))
        container.mux(stream.encode())
    save(astronaut(), tmp_path / "square.png")
    extract([tmp_path / "narrow.mp4", tmp_path / "square.png"], tmp_path / "out")
    faces = read_faces(tmp_path / "out")
    assert set(faces.width_px) == set(faces.height_px) == {320}
    height = np.linalg.norm(faces.landmarks_px[:, 10, :2] - faces.landmarks_px[:, 152, :2], axis=1)
    eyes = np.linalg.norm(faces.landmarks_px[:, 33, :2] - faces.landmarks_px[:, 263, :2], axis=1)
    assert np.ptp(height / eyes) < 0.05


def test_faces_below_the_presence_that_is_asked_for_are_left_out(tmp_path: Path) -> None:
    save(astronaut(), tmp_path / "set" / "a.png")
    save(noise(), tmp_path / "set" / "b.png")
    result = extract(tmp_path / "set", tmp_path / "out")
    assert (result.faces_found, result.doubtful) == (1, 0)
    presence = float(read_faces(tmp_path / "out").presence[0])
    assert extract(tmp_path / "set", tmp_path / "out", min_presence=0.9).counts["ok"] == 1
    with pytest.raises(InputError, match="min_presence"):
        extract(tmp_path / "set", tmp_path / "out", min_presence=0.4)
    clip = write_video(tmp_path / "clip.mp4", [astronaut()] * 3)
    strict = extract([clip, tmp_path / "set" / "a.png"], tmp_path / "strict", min_presence=0.9999999)
    if presence < 0.9999999:
        assert strict.counts == {"ok": 0, "no face": 2, "unreadable": 0}
        assert list(read_faces(tmp_path / "strict").status) == ["no face"] * 4
