"""The time line: runs cut, clocks kept apart, windows by known answers; nothing is shifted or filled silently."""

from dataclasses import replace

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.streams import Runs, Stream
from mien.data.streams.annotations import read_annotations
from mien.data.streams.haemodynamics import convolved, response
from mien.data.streams.placing import drift, placed, with_clock
from mien.data.streams.store import read_runs, read_stream, read_time_line, write_runs, write_stream
from mien.data.streams.windows import Windows, onto, share_of_time, words_onto

RUNS = Runs(["1", "2"], [0.0, 100.0], [100.0, 150.0])


def intervals(rows, values=(), **more):
    begin, lasts = zip(*rows, strict=True)
    given = {"columns": ("x",), "values": np.array(values, dtype=float)[:, None]} if len(values) else {}
    return Stream("told", "intervals", np.array(begin, float), duration_s=np.array(lasts, float), **given, **more)


def windows(starts, width, run="1", viewer=""):
    many = len(starts)
    return Windows(np.full(many, run, object), np.array(starts, float), width, np.full(many, viewer, object))


def test_intervals_are_cut_at_the_borders_of_runs_and_what_lies_outside_is_counted():
    found = placed(intervals([(90, 20), (160, 5)], [1, 2]), RUNS)
    assert list(zip(found.run, found.time_s, found.duration_s, strict=True)) == [("1", 90, 10), ("2", 0, 10)]
    assert "1 of 2 rows lie outside" in found.notes[0]


def test_a_moment_on_a_border_belongs_to_the_run_that_begins_there():
    found = placed(Stream("cuts", "events", [0.0, 100.0]), RUNS)
    assert found.run.tolist() == ["1", "2"] and found.time_s.tolist() == [0.0, 0.0]


def test_runs_that_overlap_both_have_what_lies_in_both():
    runs = Runs(["1", "2"], [0.0, 90.0], [100.0, 150.0])
    assert placed(Stream("cuts", "events", [95.0]), runs).time_s.tolist() == [95.0, 5.0]


def test_offsets_are_added_and_said():
    found = placed(Stream("s", "events", [1.0], run=["1"]), RUNS, offset_s={"1": 2.5})
    assert found.time_s.tolist() == [3.5] and found.settings["offset_s"] == {"1": 2.5}


def test_a_run_of_another_length_is_refused_and_a_shorter_one_noted():
    volumes = Stream("brain", "sampled", np.arange(60) * 2.0, run=np.full(60, "1", object))
    with pytest.raises(InputError, match=r"goes on to 120.00 s, but the run lasts 100.00 s"):
        placed(volumes, RUNS)
    assert "ends at 80.00 s of 100.00 s" in placed(volumes[:40], RUNS).notes[0]
    with pytest.raises(InputError, match="run '3'"):
        placed(replace(volumes, run=np.full(60, "3", object)), RUNS)


def test_runs_that_are_too_long_are_one_sentence_for_all_viewers():
    runs = Runs(["1", "2"], [0.0, 200.0], [200.0, 400.0])
    time, values = np.tile(np.arange(50) * 2.0, 6), np.zeros((300, 1))
    brain = Stream("brain", "sampled", time, ("p",), values, run=np.tile(np.repeat(["1", "2"], 50), 3),
                   viewer=np.repeat(["a", "b", "c"], 100))  # fmt: skip
    (note,) = placed(brain, runs).notes
    assert (
        "6 of 6 runs" in note and "50 %" in note and "at 100.00 s of 200.00 s" in note and "correct their table" in note
    )
    own = intervals([(0, 4), (40, 50), (10, 80)], [1.0, 1.0, 1.0], run=["1", "1", "2"])
    assert placed(own, runs).notes == (
        "It holds nothing beyond 45 % of any of its runs, which counts as none. If runs last less, correct their "
        "table.",
    )
    told = intervals([(0, 4), (190, 10)], [1.0, 1.0])
    (note,) = placed(told, runs).notes
    assert "ends at 200.00 s of the stimulus, but the runs go on to 400.00 s" in note and "counts as none" in note
    assert not placed(intervals([(0, 4), (390, 10)], [1.0, 1.0]), runs).notes


def test_means_are_weighed_by_how_long_rows_lie_in_a_window():
    stream = intervals([(0, 3), (3, 1)], [1.0, 5.0], run=["1", "1"])
    assert onto(stream, windows([0, 2, 10], 2), rule="mean")[:, 0].tolist() == pytest.approx(
        [1.0, 3.0, np.nan], nan_ok=True
    )


@pytest.mark.parametrize(("overlap", "expected"), [("mean", 3.0), ("max", 5.0), ("sum", 6.0)])
def test_intervals_that_hold_at_once_are_joined_as_asked(overlap, expected):
    stream = intervals([(0, 10), (4, 2)], [1.0, 5.0], run=["1", "1"])
    assert onto(stream, windows([4.5], 1), rule="hold", overlap=overlap)[0, 0] == expected


def test_the_nearest_sample_is_taken_unless_it_is_too_far():
    stream = Stream("s", "sampled", [0, 1, 2, 9], ("x",), [[0.0], [1.0], [2.0], [9.0]], run=["1"] * 4)
    found = onto(stream, windows([0.9, 5.0], 0.5), rule="nearest")[:, 0]
    assert found[0] == 1.0 and np.isnan(found[1])


def test_events_are_counted_where_they_begin():
    stream = Stream("cuts", "events", [0.0, 1.0, 1.5, 4.0], run=["1"] * 4)
    assert onto(stream, windows([0, 1, 2, 3], 1))[:, 0].tolist() == [1, 2, 0, 0]


def test_windows_equal_a_plain_loop_on_random_streams():
    rng = np.random.default_rng(0)
    begin, lasts, values = np.sort(rng.uniform(0, 50, 40)), rng.uniform(0, 6, 40), rng.normal(size=40)
    values[::7] = np.nan
    stream = intervals(list(zip(begin, lasts, strict=True)), values, run=["1"] * 40)
    starts = np.arange(0, 50, 1.7)
    for overlap in ("mean", "max", "sum"):
        found = onto(stream, windows(starts, 1.7), rule="mean", overlap=overlap)[:, 0]
        for start, value in zip(starts, found, strict=True):
            held = np.minimum(begin + lasts, start + 1.7) - np.maximum(begin, start)
            inside = (held > 0) & np.isfinite(values)
            weighed = (held * values)[inside]
            expected = {
                "mean": weighed.sum() / held[inside].sum() if inside.any() else np.nan,
                "max": values[inside].max() if inside.any() else np.nan,
                "sum": weighed.sum() / 1.7 if inside.any() else np.nan,
            }[overlap]
            assert value == pytest.approx(expected, nan_ok=True)


def test_streams_of_viewers_meet_their_own_and_those_of_the_stimulus_meet_everybody():
    own = Stream(
        "brain", "sampled", [0, 0], ("p",), [[1.0], [2.0]], run=["1", "1"], viewer=["a", "b"], duration_s=[2, 2]
    )
    shared = intervals([(0, 2)], [7.0], run=["1"])
    at = Windows.of(own)
    assert onto(own, at)[:, 0].tolist() == [1.0, 2.0] and onto(shared, at)[:, 0].tolist() == [7.0, 7.0]
    assert np.isnan(onto(own, windows([0], 2, viewer="c"))[0, 0])


def test_a_shift_looks_at_what_held_before():
    stream = intervals([(0, 4)], [1.0], run=["1"])
    found = onto(stream, windows([0, 4, 6, 8], 2), rule="mean", lag_s=4)[:, 0]
    assert np.isnan(found[[0, 3]]).all() and found[1:3].tolist() == [1.0, 1.0]


def test_shares_of_time_count_what_overlaps_once():
    stream = intervals([(0, 2), (1, 2), (7, 1)], run=["1"] * 3)
    assert share_of_time(stream, np.ones((3, 1), bool), windows([0, 2, 6], 2))[:, 0].tolist() == [1.0, 0.5, 0.5]


def test_the_word_that_holds_longest_is_taken():
    stream = intervals([(0, 3), (3, 5)], run=["1", "1"], texts={"who": ["ann", "ben"]})
    assert words_onto(stream, "who", windows([2.5, 20], 2)).tolist() == ["ben", ""]


def test_the_response_is_that_of_spm():
    kernel = response(0.1)
    assert kernel.sum() == pytest.approx(1)
    # Peak at 5 s, undershoot at about 16 s, a sixth of the area.
    assert np.argmax(kernel) * 0.1 == pytest.approx(5.0, abs=0.1)
    assert 14 < np.argmin(kernel) * 0.1 < 17


def test_a_short_event_becomes_the_response_and_runs_are_apart():
    stream = intervals([(10, 0.5)], [1.0], run=["1"])
    found = convolved(stream, windows(np.arange(0, 40, 0.5), 0.5))[:, 0]
    assert np.argmax(found) * 0.5 == pytest.approx(15.0, abs=0.6) and found[:20].max() == 0
    assert np.nanmax(np.abs(convolved(stream, windows([0, 5], 1, run="2")))) == 0


def test_samples_whose_past_is_missing_stay_missing():
    values = np.ones(60)
    values[20] = np.nan
    stream = Stream("s", "sampled", np.arange(60.0), ("x",), values[:, None], run=["1"] * 60)
    found = convolved(stream, windows(np.arange(60.0), 1))[:, 0]
    assert np.isnan(found[23:30]).all() and np.isfinite(found[15]) and np.isfinite(found[59])


def test_a_clock_that_drifts_is_measured_and_corrected():
    own = np.array([0.0, 100, 200, 400])
    offset, rate, rest = drift(own, 1.5 + own * 1.001)
    assert (offset, rate, rest) == pytest.approx((1.5, 1.001, 0.0), abs=1e-9)
    moved = with_clock(Stream("s", "events", own), offset, rate)
    assert moved.time_s[-1] == pytest.approx(401.9) and "+1000 millionths" in moved.notes[0]
    with pytest.raises(InputError, match="three or more"):
        drift(own[:2], own[:2])


def test_streams_are_the_same_after_writing_and_reading(tmp_path):
    stream = Stream(
        "brain", "sampled", [0.0, 2.0], ("p1", "p2"), [[1.0, np.nan], [2.0, 3.0]], {"note": ["a", "é"]}, [2.0, 2.0],
        run=["1", "1"], viewer=["v", "v"], units=("z", ""), settings={"offset_s": 1}, licence="CC0", notes=("n",),
    )  # fmt: skip
    read = read_stream(write_stream(stream, tmp_path))
    for name in ("time_s", "values", "duration_s"):
        np.testing.assert_array_equal(getattr(read, name), getattr(stream, name))
    for name in ("columns", "units", "rule", "settings", "licence", "notes", "kind", "name"):
        assert getattr(read, name) == getattr(stream, name)
    assert read.texts["note"].tolist() == ["a", "é"] and read.viewer.tolist() == ["v", "v"]
    write_runs(RUNS, tmp_path)
    assert read_runs(tmp_path / "streams" / "runs.csv").stop_s.tolist() == [100.0, 150.0]
    assert list(read_time_line(tmp_path).streams) == ["brain"]


@pytest.mark.parametrize("content", [b"", b"PAR1 no", None])
def test_damaged_streams_are_a_sentence(tmp_path, content):
    (tmp_path / "streams").mkdir()
    path = tmp_path / "streams" / "x.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.parquet|no stream 'x'"):
        read_stream(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "column onset"),
        ("onset,duration\n1,2\nx,2\n", "row 3: 'onset' holds 'x'"),
        ("onset,end\n5,2\n", "ends before it begins"),
        ("onset\n\n", None),
    ],
)
def test_tables_without_times_are_a_sentence(tmp_path, text, said):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read_annotations(tmp_path / "t.csv")


def test_bids_events_keep_what_is_not_known_missing(tmp_path):
    (tmp_path / "e.tsv").write_text("onset\tduration\ttrial_type\trt\n1.5\tn/a\tface\tn/a\n0\t2\tn/a\t0.4\n")
    found = read_annotations(tmp_path / "e.tsv", run="1")
    assert found.time_s.tolist() == [0.0, 1.5] and found.duration_s.tolist() == [2.0, 0.0]
    assert found.texts["trial_type"].tolist() == ["", "face"] and np.isnan(found.column("rt")[1])


@pytest.mark.data("studyforrest")
def test_shares_of_emotions_are_those_of_a_plain_loop_over_the_raw_table(shared_data):
    import csv

    folder = shared_data("studyforrest")
    runs = read_runs(folder / "fmri_segments.csv")
    told = placed(read_annotations(folder / "emotions_av_1s_events.tsv"), runs)
    rows = list(csv.DictReader((folder / "emotions_av_1s_events.tsv").open(), delimiter="\t"))
    for run, start, stop in zip(runs.name[:2], runs.start_s, runs.stop_s, strict=False):
        many = int((stop - start) // 2)
        shares = share_of_time(told, (told.column("e_fear") >= 0.5)[:, None], windows(np.arange(many) * 2.0, 2, run))
        seconds = set()
        for row in rows:
            if float(row["e_fear"]) >= 0.5:
                first = float(row["onset"])
                seconds |= set(np.arange(first, first + float(row["duration"]), 1.0))
        by_hand = sum(any(start + 2 * i + half in seconds for half in (0.0, 1.0)) for i in range(many))
        assert int((shares[:, 0] >= 0.5 - 1e-9).sum()) == by_hand
