"""Fixations during a film beside maps of its frames: windows, weights, far frames, blocks of time, bad input."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.compare.gaze.film import frames_of, on_faces, on_frames, stream_of
from mien.compare.gaze.metrics import METRICS, nss, scores
from mien.compare.gaze.stretches import stretches_of
from mien.compare.gaze.words import in_words
from mien.core.errors import InputError
from mien.core.fixations import Fixations
from mien.core.streams import Stream


def table(path: Path, runs: int = 2, seconds: int = 60) -> Path:
    rows = [f"{run}/{t:03d}.jpg,run-{run},{t}" for run in range(1, runs + 1) for t in range(seconds)]
    path.write_text("\n".join(["path,run,time_s", *rows]) + "\n")
    return path


def looked(rows: list[tuple]) -> Stream:
    """Fixations from (run, viewer, onset, duration, x, y)."""
    run, viewer, onset, lasts, x, y = zip(*rows, strict=True)
    place = np.stack([x, y], 1)
    return Stream("fixations", "intervals", onset, ("x_px", "y_px"), place, duration_s=lasts, run=run, viewer=viewer)


def made_up(seed: int = 0, viewers: int = 6, follow: float = 1.0, seconds: int = 60) -> tuple[Stream, dict, dict]:
    """Viewers who look at a place that moves; its map, and that of another place."""
    rng = np.random.default_rng(seed)
    rows, right, other = [], {}, {}
    y, x = np.mgrid[:36, :64] * 10 + 5.0
    for run in (1, 2):
        for start in range(0, seconds, 5):
            a, b = rng.uniform([60, 60], [580, 300], (2, 2))
            for t in range(start, start + 5):
                name = f"{run}/{t:03d}.jpg"
                right[name], other[name] = (np.exp(-((x - c[0]) ** 2 + (y - c[1]) ** 2) / 3000) for c in (a, b))
                for viewer in range(viewers):
                    for part in range(3):
                        c = a if rng.random() < follow else (b if rng.random() < 0.5 else (320, 180))
                        rows.append((f"run-{run}", f"v{viewer}", t + part / 3, 0.3, *(c + rng.normal(0, 20, 2))))
    return looked(rows), right, other


def test_a_fixation_counts_on_each_frame_by_how_long_it_lies_in_its_window(tmp_path: Path) -> None:
    frames = frames_of(table(tmp_path / "frames.csv"), None, None)
    found = on_frames(looked([("run-1", "v", 0.8, 0.6, 10, 10), ("run-2", "v", 59.5, 9, 10, 10)]), frames,
                      picture_size="64x36")  # fmt: skip
    assert found.picture.tolist() == ["1/000.jpg", "1/001.jpg", "2/059.jpg"]
    np.testing.assert_allclose(found.duration_s, [0.2, 0.4, 0.5])


def test_no_window_reaches_over_a_cut(tmp_path: Path) -> None:
    (tmp_path / "cuts.csv").write_text("time_s,run\n1.5,run-1\n")
    frames = frames_of(table(tmp_path / "frames.csv", runs=1, seconds=4), 2.0, tmp_path / "cuts.csv")
    np.testing.assert_allclose(frames.stop_s, [1.5, 1.5, 4, 5])


def test_near_frames_are_those_of_the_run_within_the_distance(tmp_path: Path) -> None:
    first, last = frames_of(table(tmp_path / "frames.csv", seconds=20), None, None).near(3.0)
    assert (first[10], last[10]) == (8, 13) and (first[20], last[20]) == (20, 23)


def test_weights_are_those_of_fixations_that_are_there_so_often() -> None:
    rng = np.random.default_rng(0)
    maps, at = rng.random((2, 40)), np.array([[3, 7, 11]])
    often, density, even = np.array([[3, 3, 7, 11]]), np.ones((1, 40)) / 40, np.ones(40)
    weighted = scores(maps, at, density, even, even, weight=np.array([[2.0, 1.0, 1.0]]))
    np.testing.assert_allclose(weighted, scores(maps, often, density, even, even))
    np.testing.assert_allclose(scores(maps, at, density, even, even, weight=np.ones((1, 3)) * 0.2),
                               scores(maps, at, density, even, even))  # fmt: skip
    assert nss(maps, at).shape == (2, 1) and len(METRICS) == 8


def test_the_place_that_viewers_follow_wins_and_is_a_stream_by_frame(tmp_path: Path) -> None:
    fixations, right, other = made_up()
    frames = table(tmp_path / "frames.csv")
    found = mien.gaze(
        fixations, film=frames, maps={"right": right, "other": other}, picture_size="640x360", cells=16, block_s=10,
        pixels_per_degree=30, time_line=tmp_path / "study", output=tmp_path / "study/gaze/film",
    )  # fmt: skip
    best = next(c for c in found.contrasts if (c.metric, c.map, c.other) == ("NSS", "right", "other"))
    assert best.low > 0 and best.p_corrected < 0.05 and best.pictures == 12
    assert found.row("right", "NSS", "absolute").score > 2 > 1 > found.row("centre prior", "NSS").score
    again = mien.load_gaze(tmp_path / "study/gaze/film").per_frame()
    from mien.data.streams.store import read_stream

    stream = read_stream(tmp_path / "study/streams/gaze.parquet")
    assert stream.kind == "sampled" and set(stream.run) == {"run-1", "run-2"}
    assert (stream.viewer == "").sum() == 120 and set(stream.viewer) == {"", *(f"v{i}" for i in range(6))}
    np.testing.assert_allclose(again.values, stream.values, rtol=1e-6)
    mine = stream.column("right absolute NSS")
    np.testing.assert_allclose(mine[stream.viewer == ""].mean(), found.row("right", "NSS", "absolute").score, rtol=1e-3)


def test_a_film_too_short_for_other_times_has_scores_alone_and_says_so(tmp_path: Path) -> None:
    fixations, right, _ = made_up(viewers=3, seconds=30)
    found = mien.gaze(
        fixations, film=table(tmp_path / "frames.csv", seconds=30), maps=right, picture_size="640x360", cells=16,
        pixels_per_degree=30,
    )  # fmt: skip
    row = found.row(found.maps[0][0], "NSS", "absolute")
    assert row.score > 2 and np.isnan([row.low, row.high, row.share_low]).all() and row.pictures == 2
    assert all(np.isnan(c.p) and np.isnan(c.p_corrected) for c in found.contrasts)
    assert any("cannot be said: there are too few units" in sentence for sentence in in_words(found))
    assert any(note.startswith("Too short for intervals and tests") for note in found.notes)


def test_stretches_end_with_their_run_and_means_leave_out_what_is_not_known(tmp_path: Path) -> None:
    reel = frames_of(table(tmp_path / "frames.csv"), None, None)
    found = stretches_of(reel, list(range(3, 120)), 30.0)
    assert (found.blocks, len(found.block), found.waves.shape[1]) == (4, 39, 1)
    values = np.arange(117.0)[:, None] * [1.0, 1.0]
    values[0, 1] = np.nan
    np.testing.assert_allclose(found.means(values)[[0, 18, 19]], [[1, 1.5], [55, 55], [58, 58]])


def test_frames_near_in_time_give_a_baseline_that_far_ones_do_not(tmp_path: Path) -> None:
    """The place stays for five seconds: frames beside a frame know it."""
    fixations, right, _ = made_up(viewers=3, seconds=30)
    of = {"film": table(tmp_path / "frames.csv", seconds=30), "maps": right, "picture_size": "640x360", "cells": 16}
    near, far = (mien.gaze(fixations, far_s=s, pixels_per_degree=30, **of) for s in (0.0, 10.0))
    others = [found.row("fixations on other pictures", "NSS").score for found in (near, far)]
    assert others[0] > others[1] + 0.1


@pytest.mark.parametrize(
    ("rows", "more", "sentence"),
    [
        ([("x", "v", 0.0, 0.3, 10, 10)], {}, "No run of the fixations"),
        ([("run-1", "v", 500.0, 0.3, 10, 10)], {}, "half of the fixations begin later"),
        ([("run-1", "v", 0.0, 0.3, 900, 10)], {}, "lie outside frames of 640 x 360"),
        ([("run-1", "", 0.0, 0.3, 10, 10)], {}, "does not say whose fixations"),
        ([("run-1", "v", 0.0, 0.3, 10, 10)], {"picture_size": ""}, "size of the frames is not known"),
        ([("run-1", "v", 0.0, 0.3, 10, 10)], {}, "No picture has fixations of two viewers"),
        ([("run-1", "v", 0.0, 0.3, 10, 10)], {"film": None}, "name the table of its frames"),
    ],
)  # fmt: skip
def test_bad_input_is_a_sentence(tmp_path: Path, rows: list, more: dict, sentence: str) -> None:
    given = {"film": table(tmp_path / "frames.csv"), "picture_size": "640x360"} | more
    with pytest.raises(InputError, match=sentence):
        mien.gaze(looked(rows), **given)


def test_columns_of_a_table_are_those_that_were_named(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("who,run,begin,lasts,FIX_X,FIX_Y,x\n7,1,0.5,0.2,10,20,99\n")
    named = {"viewer": "who", "onset": "begin", "duration": "lasts", "x": "FIX_X", "y": "FIX_Y"}
    found = stream_of(tmp_path / "f.csv", named)
    assert found.viewer.tolist() == ["7"] and found.time_s.tolist() == [0.5] and found.duration_s.tolist() == [0.2]
    assert (found.column("x_px")[0], found.column("y_px")[0]) == (10, 20)
    for wrong, said in (({"x": "NOPE"}, "no column 'NOPE'"), ({"picture": "run"}, "'picture' is nothing")):
        with pytest.raises(InputError, match=said):
            stream_of(tmp_path / "f.csv", {**named, **wrong})


def test_a_fixation_whose_place_is_a_code_counts_on_no_frame(tmp_path: Path) -> None:
    frames = frames_of(table(tmp_path / "frames.csv"), None, None)
    lost = [("run-1", "w", t, 0.6, 0, 0) for t in (2, 3)]
    found = on_frames(looked([("run-1", "v", 0.8, 0.6, 10, 10), *lost]), frames, picture_size="64x36")
    assert set(found.viewer) == {"v"} and any("2 of 3 fixations lie at the same place" in one for one in found.notes)
    assert "Of 2 viewers 1 have no fixation with a place; they are left out." in found.notes


def test_the_time_on_faces_is_that_of_each_frame():
    looked = Fixations(
        np.array(["1.png", "10.png", "10.png"], object), np.array(["a", "a", "b"], object), np.array([5.0, 5.0, 50.0]),
        np.array([5.0, 5.0, 50.0]), np.array([1.0, 1.0, 3.0]), sizes={"1.png": (64, 64), "10.png": (64, 64)},
    )  # fmt: skip
    face = np.array([[0.0, 0.0, 10.0, 10.0]])
    assert on_faces(looked, ["1.png", "10.png"], {0: face, 1: face}) == [1.0, 0.25]
