"""What is watched is what is there: answers frame by frame, drawn on the frames, in a file or on a local page."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

import av
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.app.frame_loop import Smoother
from mien.app.reading import FaceReading
from mien.cli.main import app
from mien.core.errors import InputError
from tests.app.conftest import Asked
from tests.media import astronaut, noise, write_video

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of one face that moves to the right."""
    frames = [np.ascontiguousarray(np.roll(astronaut(), 2 * shift, axis=1)) for shift in range(8)]
    return write_video(tmp_path_factory.mktemp("clip") / "astronaut.mp4", frames)


def frames_of(film: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(film)) as container:
        return [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_a_film_has_every_frame_at_its_time_with_evidence_on_the_face(clip: Path, tmp_path: Path) -> None:
    watched = mien.watch(clip, output=tmp_path / "with.mp4")
    assert (watched.frames, watched.with_faces, watched.dropped, watched.problem) == (8, 8, 0, "")
    assert watched.landmarks_ms > 0 and watched.expression_ms > 0 and watched.overlay_ms > 0
    mien.watch(clip, output=tmp_path / "without.mp4", method="none")
    some, others = frames_of(tmp_path / "with.mp4"), frames_of(tmp_path / "without.mp4")
    np.testing.assert_allclose([time_s for time_s, _ in some], np.arange(8) / 25, atol=1e-3)
    assert all(side % 2 == 0 for side in some[0][1].shape[:2]) and some[0][1].shape[1] == 320
    face = np.zeros((320, 320), bool)
    face[60:240, 60:280] = True
    change = np.abs(some[4][1][:320].astype(int) - others[4][1][:320]).max(axis=2)
    # Evidence lies on the face, everything else is left as it is but for what the codec makes of it.
    assert change[face].max() > 60 and np.quantile(change[~face], 0.99) < 30


def test_frames_go_into_a_folder_and_what_is_said_to_who_asks(clip: Path, tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []
    watched = mien.watch(clip, output=tmp_path / "frames", every=3, each=said.append)
    names = ["frame-000000.jpg", "frame-000003.jpg", "frame-000006.jpg"]
    assert watched.frames == 3 and sorted(p.name for p in (tmp_path / "frames").iterdir()) == names
    assert Image.open(tmp_path / "frames" / names[0]).size[0] == 320
    assert [state["frame"] for state in said] == [0, 3, 6] and [len(state["faces"]) for state in said] == [1, 1, 1]
    face = said[-1]["faces"][0]
    assert face["expression"] == "happiness" and sum(face["answers"].values()) == pytest.approx(1, abs=0.001)
    assert said[-1]["faces"][0]["face"] == said[0]["faces"][0]["face"]
    assert json.loads(json.dumps(said, allow_nan=False)) == said


def test_the_same_clip_gives_the_same_answers(clip: Path) -> None:
    runs: list[list[Any]] = [[], []]
    for said in runs:
        mien.watch(clip, page=False, each=lambda state, said=said: said.append(state["faces"]))
    assert runs[0] == runs[1]


def test_frames_without_a_face_are_shown_and_say_so(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "noise.mp4", [noise(seed=seed) for seed in range(3)])
    said: list[dict[str, Any]] = []
    watched = mien.watch(clip, output=tmp_path / "out.mp4", each=said.append)
    assert (watched.frames, watched.with_faces) == (3, 0) and len(frames_of(tmp_path / "out.mp4")) == 3
    assert all(state["faces"] == [] for state in said)


def test_ctrl_c_ends_it_and_the_film_is_finished(clip: Path, tmp_path: Path) -> None:
    def interrupt(state: dict[str, Any]) -> None:
        if state["frame"] == 4:
            raise KeyboardInterrupt

    watched = mien.watch(clip, output=tmp_path / "part.mp4", each=interrupt)
    assert watched.frames == 5 and len(frames_of(tmp_path / "part.mp4")) == 5 and watched.ended_by == 2
    assert [path.name for path in tmp_path.iterdir()] == ["part.mp4"]


def test_a_film_that_breaks_off_is_watched_to_there_and_it_is_told(clip: Path, tmp_path: Path) -> None:
    content = clip.read_bytes()
    short = tmp_path / "short.mp4"
    short.write_bytes(content[: len(content) * 3 // 5])
    watched = mien.watch(short, output=tmp_path / "out.mp4")
    assert 0 < watched.frames < 8 and "short.mp4 is damaged or cut off" in watched.problem
    assert len(frames_of(tmp_path / "out.mp4")) == watched.frames


def test_sources_and_outputs_of_no_use_are_refused_before_anything_runs(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    for given, words in (
        ({"source": broken}, "broken.mp4"), ({"source": tmp_path / "none.mp4"}, "is no file"),
        ({"output": clip / "x"}, "cannot be written"), ({"every": "0"}, "every"), ({"most_faces": 0}, "most_faces"),
        ({"smooth_s": -1}, "smooth_s"), ({"port": 70_000}, "port"), ({"target": "bored"}, "bored"),
        ({"model": tmp_path / "nowhere"}, "does not exist"), ({"method": "grad-cam"}, "torch module"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            mien.watch(**{"source": clip, "output": tmp_path / "never.mp4", **given})
    assert not (tmp_path / "never.mp4").exists()


def test_only_what_was_written_here_is_replaced(clip: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("frame-000000.jpg", "frame-000099.jpg"):
        Image.new("RGB", (8, 8)).save(mine / name)
    shutil.copy(clip, tmp_path / "other.mp4")
    kept = {path: path.read_bytes() for path in (*mine.iterdir(), tmp_path / "other.mp4")}
    for output, words in ((mine, "frame-000000.jpg"), (tmp_path / "other.mp4", "was not written by")):
        with pytest.raises(InputError, match=words):
            mien.watch(clip, output=output)
    assert {path: path.read_bytes() for path in kept} == kept
    # Its own it replaces; frames of an earlier run do not stay among the new ones, other files do.
    frames, film = tmp_path / "frames", tmp_path / "film.mp4"
    for _ in range(2):
        mien.watch(clip, output=film, every=4)
    mien.watch(clip, output=frames, every=3)
    (frames / "notes.txt").write_text("mine")
    mien.watch(clip, output=frames, every=4)
    assert sorted(path.name for path in frames.iterdir()) == ["frame-000000.jpg", "frame-000004.jpg", "notes.txt"]
    assert Image.open(frames / "frame-000004.jpg").info["comment"] == b"drawn by mien"


def test_who_asks_for_every_frame_waits_for_no_page(clip: Path) -> None:
    said: list[dict[str, Any]] = []
    assert mien.watch(clip, every=4, each=said.append).frames == len(said) == 2


def test_smoothing_follows_its_time_constant_and_a_face_that_was_away_starts_anew() -> None:
    def at(time_s: float, share: float) -> float:
        answers = {"smile": share, "rest": 1 - share}
        said = FaceReading(1, np.zeros(4), np.zeros((478, 3)), "ok", answers, "smile" if share > 0.5 else "rest")
        found = smooth(time_s, [said])[0]
        assert found.chosen == max(found.answers, key=found.answers.__getitem__)
        return found.answers["smile"]

    smooth = Smoother(0.5)
    assert at(0.0, 0.0) == 0.0
    assert at(0.5, 1.0) == pytest.approx(1 - np.exp(-1))
    assert at(10.0, 1.0) == 1.0
    smooth = Smoother(0.0)
    assert at(0.0, 0.0) == 0.0 and at(0.01, 1.0) == 1.0


def test_the_page_streams_frames_and_says_what_is_said(clip: Path, ask: Asked, tmp_path: Path) -> None:
    addresses: list[str] = []
    done: list[Any] = []
    thread = threading.Thread(target=lambda: done.append(mien.watch(clip, port=0, say=addresses.append)))
    thread.start()
    while not addresses and thread.is_alive():
        time.sleep(0.02)
    port = int(addresses[0].split("127.0.0.1:")[1].split("/")[0])
    assert json.loads(ask(port, path="/state")[2])["status"] == "waiting for the first frame"
    assert "no statement about what somebody feels" in ask(port)[2].decode()
    assert ask(port, path="/stream", Origin="https://evil.example")[0] == 403 and not done
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        said = b""
        while piece := connection.recv(65_536):
            said += piece
    thread.join(30)
    assert b"multipart/x-mixed-replace" in said[:2000] and said.count(b"\xff\xd8\xff") >= 2
    assert done[0].frames + done[0].dropped == 8 and done[0].output is None


def test_the_command_prints_a_line_of_json_per_frame_and_ends_a_view_at_ctrl_c(clip: Path, tmp_path: Path) -> None:
    import signal

    # What is started in the background inherits that Ctrl-C is ignored.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from mien.cli.main import run; run()"
    )
    line = [sys.executable, "-c", code, "watch", str(clip)]
    done = CliRunner().invoke(app, ["watch", str(clip), "--json"])
    assert done.exit_code == 0 and [json.loads(said)["frame"] for said in done.stdout.splitlines()] == list(range(8))
    view = subprocess.Popen([*line, "--port", "0"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert view.stderr is not None and "in a browser on this machine" in view.stderr.readline()
    view.send_signal(signal.SIGINT)
    assert view.wait(20) == 0 and not list(tmp_path.iterdir())
    # Looking at it can end at any time, but a film that is cut short is not done.
    cut = (
        "import os, signal; from mien.app import watch as w; w.FrameLoop.__call__ = lambda *a: os.kill(os.getpid(), 2)"
    )
    film = [sys.executable, "-c", f"{cut}; {code}", "watch", str(clip), "-o", "film.mp4"]
    ended = subprocess.run(film, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ended.returncode == 130 and "Interrupted: nothing was written." in ended.stderr


def test_faces_are_where_extraction_finds_them(clip: Path, tmp_path: Path) -> None:
    """A stream is followed frame by frame, extraction takes pairs of frames: the crops differ a little."""
    said: list[dict[str, Any]] = []
    mien.watch(clip, page=False, each=said.append)
    mien.extract(clip, tmp_path / "study")
    faces = mien.read_faces(tmp_path / "study")
    boxes = np.array([state["faces"][0]["box_px"] for state in said])
    np.testing.assert_allclose(boxes, faces.box_px, atol=2.5)
