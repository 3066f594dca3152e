"""The served explainer: JSON about posted pictures, limits in words, nothing written."""

import base64
import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

from PIL import Image

import mien
from mien.app.serve import Serving
from tests.app.conftest import Asked, sentence
from tests.media import astronaut, noise

pytestmark = pytest.mark.usefixtures("weights")


def encoded(picture: np.ndarray, kind: str = "PNG", **settings: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **settings)
    return file.getvalue()


def port_of(server: Serving) -> int:
    return int(server.url.rstrip("/").rpartition(":")[2])


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with mien.serve("rules", port=0, rate=500, max_mb=2, max_megapixels=1, wait=False) as running:
        yield running


def explained(ask: Asked, server: Serving, body: bytes, kind: str = "image/png") -> dict:
    status, headers, said = ask(port_of(server), "POST", "/explain", body, Content_Type=kind)
    assert status == 200 and headers["Content-Type"].startswith("application/json"), said
    return json.loads(said)


def test_a_posted_picture_gets_expression_evidence_and_regions(server: Serving, ask: Asked) -> None:
    said = explained(ask, server, encoded(astronaut()))
    assert (
        said["status"] == "ok"
        and said["method"] == "rule-reasons"
        and (said["width_px"], said["height_px"]) == (320, 320)
    )
    assert "no statement about what somebody feels" in said["about"]
    face = said["faces"][0]
    assert face["expression"] == "happiness" and face["status"] == "ok"
    assert sum(face["probabilities"].values()) == pytest.approx(1)
    assert sum(row["share"] for row in face["regions"]) == pytest.approx(1, abs=1e-4)
    assert sum(row["even"] for row in face["regions"]) == pytest.approx(1, abs=1e-4)
    assert all(abs(row["net"]) <= row["share"] + 1e-6 for row in face["regions"])
    assert face["regions"][0]["region"] == "mouth"
    left, top, width, height = face["evidence"]["box_px"]
    drawn = Image.open(io.BytesIO(base64.b64decode(face["evidence"]["png"].partition(",")[2])))
    assert drawn.size == (width, height) and drawn.mode == "RGBA"
    assert left >= 0 and left + width <= 320 and top >= 0 and top + height <= 320


def test_formats_orientation_and_depth_are_read_as_from_files(server: Serving, ask: Asked) -> None:
    picture = astronaut()
    upright = explained(ask, server, encoded(picture))["faces"][0]["box_px"]
    for kind, name in (("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("BMP", "image/bmp")):
        found = explained(ask, server, encoded(picture, kind), name)["faces"][0]["box_px"]
        np.testing.assert_allclose(found, upright, atol=4)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by the camera
    turned = encoded(np.ascontiguousarray(np.rot90(picture)), "JPEG", exif=exif, quality=95)
    np.testing.assert_allclose(explained(ask, server, turned, "image/jpeg")["faces"][0]["box_px"], upright, atol=4)


def test_a_picture_without_a_face_is_an_answer(server: Serving, ask: Asked) -> None:
    said = explained(ask, server, encoded(noise()))
    assert said["status"] == "no face" and said["faces"] == []
    assert explained(ask, server, encoded(np.zeros((1, 1, 3), np.uint8)))["status"] == "no face"


def test_bytes_that_are_no_picture_get_a_sentence(server: Serving, ask: Asked) -> None:
    whole = encoded(astronaut(), "JPEG")
    for body in (b"no picture", whole[:200], b"GIF89a" + bytes(50), b"%PDF-1.4", b"<svg xmlns='x'/>", bytes(1000)):
        status, _, said = ask(port_of(server), "POST", "/explain", body)
        assert status == 422 and sentence(said)


def test_a_picture_that_breaks_off_gets_a_sentence_and_the_next_an_answer(server: Serving, ask: Asked) -> None:
    whole = encoded(astronaut())
    status, _, said = ask(port_of(server), "POST", "/explain", whole[: len(whole) // 2])
    assert status == 422 and "damaged or cut off" in sentence(said)
    assert explained(ask, server, whole)["status"] == "ok"


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused_by_its_first_bytes(server: Serving, ask: Asked) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for width, height in ((1001, 1000), (40_000, 20), (30_000, 30_000), (2**31 - 1, 2**31 - 1)):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        status, _, said = ask(port_of(server), "POST", "/explain", bomb)
        assert status == 413 and "megapixels" in sentence(said)


def test_too_many_bytes_nothing_and_other_types_are_refused(server: Serving, ask: Asked) -> None:
    for status, body, kind in ((413, bytes(2_000_001), "image/png"), (400, b"", "image/png"), (415, b"x", "text/plain"),
                               (415, b"x", "multipart/form-data"), (415, b"x", "image/svg+xml")):  # fmt: skip
        assert ask(port_of(server), "POST", "/explain", body, Content_Type=kind)[0] == status


def test_parameters_of_the_address_are_refused_not_ignored(server: Serving, ask: Asked) -> None:
    status, _, body = ask(port_of(server), "POST", "/explain?target=anger", b"x")
    assert status == 400 and "takes no parameters" in json.loads(body)["error"]


def test_who_asks_too_often_is_told_when_to_come_again(ask: Asked) -> None:
    body = encoded(noise(40, 40))
    with mien.serve("rules", method="none", port=0, rate=1, wait=False) as running:
        found = [ask(port_of(running), "POST", "/explain", body) for _ in range(4)]
        assert 429 in [status for status, _, _ in found]
        refused = next(answer for answer in found if answer[0] == 429)
        assert int(refused[1]["Retry-After"]) >= 1 and "per second" in sentence(refused[2])
        assert ask(port_of(running), path="/health")[0] == 200


def test_of_more_faces_than_wanted_the_largest_is_read(ask: Asked) -> None:
    small = np.asarray(Image.fromarray(astronaut()).resize((200, 200)))
    both = np.zeros((320, 520, 3), np.uint8)
    both[:200, :200], both[:, 200:] = small, astronaut()
    with mien.serve("rules", port=0, most_faces=1, wait=False) as running:
        said = explained(ask, running, encoded(both))
    assert said["faces_not_read"] == 1 and said["faces"][0]["box_px"][0] > 200


def test_nothing_is_written_and_no_picture_is_told(
    server: Serving, ask: Asked, tmp_path: Path, monkeypatch, capfd
) -> None:
    opened: list[str] = []
    original = io.open

    def watched(file, mode="r", *more, **named):
        if isinstance(mode, str) and set(mode) & set("wax+"):
            opened.append(str(file))
        return original(file, mode, *more, **named)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(io, "open", watched)
    monkeypatch.setattr("builtins.open", watched)
    explained(ask, server, encoded(astronaut()))
    assert not opened and not list(tmp_path.iterdir()) and capfd.readouterr() == ("", "")


def test_the_page_says_what_it_shows_and_puts_no_text_in_as_html(server: Serving, ask: Asked) -> None:
    page, script = (ask(port_of(server), path=path)[2].decode() for path in ("/", "/explain.js"))
    assert "no\n    statement about what somebody feels" in page and "<script>" not in page and "style=" not in page
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"):
        assert danger not in script + ask(port_of(server), path="/page.css")[2].decode()


def test_the_command_ends_at_ctrl_c(tmp_path: Path) -> None:
    import signal

    # What is started in the background inherits that Ctrl-C is ignored.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from mien.cli.main import run; run()"
    )
    line = [sys.executable, "-c", code, "serve", "--port", "0"]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stderr is not None
    said = process.stderr.readline()
    assert said.startswith("Listening on http://127.0.0.1:") and "this machine only" in said
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0 and process.stderr.read() == ""


def test_of_many_at_once_some_are_answered_and_the_others_sent_away_in_words(ask: Asked) -> None:
    from concurrent.futures import ThreadPoolExecutor

    body = encoded(np.asarray(Image.fromarray(astronaut()).resize((1600, 1600))), "JPEG")
    with mien.serve("rules", port=0, rate=500, waiting=1, wait=False) as running, ThreadPoolExecutor(10) as pool:
        port = port_of(running)
        found = list(pool.map(lambda _: ask(port, "POST", "/explain", body), range(10)))
        said = explained(ask, running, encoded(astronaut()))
    statuses = [status for status, _, _ in found]
    assert set(statuses) <= {200, 503} and 200 in statuses and said["status"] == "ok"
    assert 503 in statuses
    for status, headers, answer in found:
        assert json.loads(answer)["faces"] if status == 200 else headers["Retry-After"] == "1" and sentence(answer)
