"""Answers to the frames of a film are a stream: its times and runs, missing where a frame is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

import mien  # noqa: E402
from mien.core.errors import InputError  # noqa: E402
from mien.data.streams.store import read_stream  # noqa: E402

USUAL = {"weights": "random", "size": 32}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Eight frames of two runs, listed out of order; one is damaged."""
    rng = np.random.default_rng(0)
    lines = []
    for number in (3, 1, 2, 0, 7, 6, 5, 4):
        Image.fromarray(rng.integers(0, 255, (40, 60, 3), dtype=np.uint8)).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{number // 4 + 1},{number % 4}")
    (tmp_path / "5.png").write_bytes(b"no picture")
    (tmp_path / "frames.csv").write_text("\n".join(["path,run,time_s", *lines]))
    return tmp_path


def test_every_frame_is_at_its_time_and_a_damaged_one_is_missing(film: Path) -> None:
    found = mien.activations("songnet", film / "frames.csv", layers="hidden", time_line=film / "study", name="net",
                             **USUAL)  # fmt: skip
    stream = read_stream(film / "study" / "streams" / "net.parquet")
    assert stream.run.tolist() == ["1"] * 4 + ["2"] * 4 and stream.time_s.tolist() == [0, 1, 2, 3] * 2
    at = {Path(path).stem: row for row, path in enumerate(found.samples.path)}
    for place, number in enumerate("01234567"):
        np.testing.assert_array_equal(stream.values[place], found.layer("hidden")[at[number]].astype(float))
    assert np.isnan(stream.values[5]).all() and np.isfinite(np.delete(stream.values, 5, 0)).all()
    assert stream.settings["layer"] == "hidden" and "unreadable" in stream.notes[0]


def test_components_keep_the_distances_between_frames(film: Path) -> None:
    (film / "study" / "streams").mkdir(parents=True)
    (film / "study" / "streams" / "runs.csv").write_text("name,start_s,stop_s\n1,0,4\n2,4,8\n")
    found = mien.activations("songnet", film / "frames.csv", film / "out", layers=["features.1", "hidden"],
                             time_line=film / "study", components=6, **USUAL)  # fmt: skip
    stream = read_stream(film / "study" / "streams" / "songnet-hidden.parquet")
    units = found.layer("hidden")[np.argsort([int(Path(p).stem) for p in found.samples.path])].astype(float)
    ok = np.isfinite(units[:, 0])
    gap = [np.linalg.norm(part[ok][:, None] - part[ok][None], axis=2) for part in (units, stream.values)]
    np.testing.assert_allclose(*gap, rtol=1e-4, atol=1e-6)
    assert stream.columns == tuple(f"component {n}" for n in range(1, 7)) and "hold 100 % of" in stream.notes[-1]
    assert (film / "study" / "streams" / "songnet-features.1.parquet").is_file()


def test_frames_that_are_longer_than_their_run_or_have_no_time_are_refused(film: Path) -> None:
    (film / "study" / "streams").mkdir(parents=True)
    (film / "study" / "streams" / "runs.csv").write_text("name,start_s,stop_s\n1,0,1\n2,1,5\n")
    with pytest.raises(InputError, match="run '1'"):
        mien.activations("songnet", film / "frames.csv", layers="hidden", time_line=film / "study", **USUAL)
    (film / "few.csv").write_text("path,time_s\n0.png,0\n")
    with pytest.raises(InputError, match=r"no time of the frame .*7 of 8 frames"):
        mien.activations("songnet", film / "frames.csv", layers="hidden", time_line=film / "study",
                         times=film / "few.csv", **USUAL)  # fmt: skip
    with pytest.raises(InputError, match="name the study"):
        mien.activations("songnet", film / "frames.csv", layers="hidden", components=3, **USUAL)
    with pytest.raises(InputError, match="needs the time of every frame"):
        one = mien.Samples(["0.png"], ["a"], root=film)
        mien.activations("songnet", one, layers="hidden", time_line=film / "study", **USUAL)
