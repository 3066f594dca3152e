"""``mien streams``: what is added is placed on the runs and said; joined tables hold what held then."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError

RUNS = "name,start_s,stop_s\n1,0,20\n2,20,40\n"


@pytest.fixture
def study(tmp_path):
    (tmp_path / "runs.csv").write_text(RUNS)
    (tmp_path / "told.csv").write_text("onset,duration,fear,who\n0,4,0.5,ann\n18,6,1.0,ben\n")
    (tmp_path / "sub-a_run-1.csv").write_text("time_s,p1\n" + "".join(f"{2 * i},{i}\n" for i in range(10)))
    mien.streams.add(tmp_path / "runs.csv", tmp_path / "s", kind="runs")
    mien.streams.add(tmp_path / "told.csv", tmp_path / "s", kind="annotation")
    mien.streams.add(tmp_path / "sub-a_run-1.csv", tmp_path / "s", kind="brain", run="1", repetition_s=2.0)
    return tmp_path / "s"


def test_the_example_of_the_help_runs(study, tmp_path):
    run = CliRunner().invoke
    done = run(
        app, ["streams", "add", str(tmp_path / "told.csv"), "--as", "annotation", "--name", "again", "-o", str(study)]
    )
    assert done.exit_code == 0, done.output
    shown = run(app, ["streams", "show", str(study)])
    assert shown.exit_code == 0 and "again" in shown.output and "intervals" in shown.output
    joined = run(
        app, ["streams", "join", str(study), "--at", "brain", "--lag-s", "2", "-o", str(tmp_path / "t.parquet")]
    )
    assert joined.exit_code == 0, joined.output
    table = pq.read_table(tmp_path / "t.parquet").to_pydict()
    assert table["told: fear"][:4] == [None, 0.5, 0.5, None] and table["told: who"][1] == "ann"


def test_even_steps_go_through_every_run_and_border_intervals_are_in_both(study):
    table = mien.streams.join(study, streams=["told"], every_s=2).to_pydict()
    assert len(table["run"]) == 20
    held = [(r, t, f) for r, t, f in zip(table["run"], table["time_s"], table["told: fear"], strict=True) if f]
    assert held == [("1", 0, 0.5), ("1", 2, 0.5), ("1", 18, 1.0), ("2", 0, 1.0), ("2", 2, 1.0)]


def test_runs_that_come_later_place_what_is_there(tmp_path):
    (tmp_path / "runs.csv").write_text(RUNS)
    (tmp_path / "told.csv").write_text("onset,duration,x\n18,6,1\n")
    mien.streams.add(tmp_path / "told.csv", tmp_path / "s", kind="annotation")
    mien.streams.add(tmp_path / "runs.csv", tmp_path / "s", kind="runs")
    assert [row.rows for row in mien.streams.show(tmp_path / "s").rows] == [2]


def test_a_drifting_clock_is_refused_until_it_may_be_corrected(study, tmp_path):
    (tmp_path / "sync.csv").write_text("own_s,common_s\n0,1\n10,11.02\n18,19.036\n")
    given = {"kind": "annotation", "sync": tmp_path / "sync.csv", "run": "1"}
    (tmp_path / "eyes.csv").write_text("onset,duration,x\n0,1,1\n15,1,2\n")
    with pytest.raises(InputError, match=r"drifts by 0\.030 s"):
        mien.streams.add(tmp_path / "eyes.csv", study, **given)
    moved = mien.streams.add(tmp_path / "eyes.csv", study, correct_clock=True, **given)
    assert moved.time_s.tolist() == pytest.approx([1.0, 16.03]) and "corrected" in moved.notes[-1]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [("0,10\n100,110\n200,300\n300,310\n", "off a straight line"), ("0,3\n1,2\n2,1\n", "backwards"),
     ("1,1\n1,2\n1,3\n", "at different times"), ("1,1\n", "got 1 and 1 times")],
)  # fmt: skip
def test_events_that_are_no_drift_correct_no_clock(study, tmp_path, pairs, said):
    """One wrong pair of four would move the clock by a minute."""
    (tmp_path / "sync.csv").write_text(f"own_s,common_s\n{pairs}")
    (tmp_path / "eyes.csv").write_text("onset,duration,x\n0,1,1\n15,1,2\n")
    with pytest.raises(InputError, match=said):
        mien.streams.add(
            tmp_path / "eyes.csv", study, kind="annotation", sync=tmp_path / "sync.csv", run="1", correct_clock=True
        )


def test_a_file_with_spaces_gives_a_name_without(study, tmp_path):
    (tmp_path / "my pupil (left).csv").write_text("time_s,mm\n0,3\n1,3\n")
    found = mien.streams.add(tmp_path / "my pupil (left).csv", study, kind="samples", run="1")
    assert found.name == "my-pupil-left" and (study / "streams" / "my-pupil-left.parquet").is_file()
    with pytest.raises(InputError, match=r"but got 'my pupil'\. Give another one"):
        mien.streams.add(tmp_path / "my pupil (left).csv", study, kind="samples", run="1", name="my pupil")


def test_without_a_table_of_runs_an_annotation_longer_than_the_brain_is_said(tmp_path):
    """Nobody gave the length of the run: it must not become that of an annotation on another clock in silence."""
    (tmp_path / "brain.csv").write_text("time_s,p1\n" + "".join(f"{2 * i},{i}\n" for i in range(10)))
    for name, onset in (("shown", 15), ("late", 5000)):
        (tmp_path / f"{name}.csv").write_text(f"onset,duration,what\n{onset},6,a\n")
    first = mien.streams.add(tmp_path / "late.csv", tmp_path / "s", kind="annotation", run="1")
    assert first.notes == ()
    brain = mien.streams.add(tmp_path / "brain.csv", tmp_path / "s", kind="brain", run="1", repetition_s=2.0)
    assert "'late' goes on beyond the end of 'brain' in 1 of 1 runs, such as '1': to 5006.00 s" in brain.notes[-1]
    fits = mien.streams.add(tmp_path / "shown.csv", tmp_path / "s", kind="annotation", run="1")
    assert fits.notes == ()
    other = mien.streams.add(tmp_path / "shown.csv", tmp_path / "s", kind="annotation", run="2", name="other")
    assert "'other' has 1 of 1 runs that 'brain' lacks, such as '2'" in other.notes[-1]
    assert [len(row.notes) for row in mien.streams.show(tmp_path / "s").rows] == [0, 1, 1, 0]
    # A table of runs says how long they are, and refuses what does not fit.
    (tmp_path / "runs.csv").write_text("name,start_s,stop_s\n1,0,20\n2,20,40\n")
    with pytest.raises(InputError, match="goes on to 5000"):
        mien.streams.add(tmp_path / "runs.csv", tmp_path / "s", kind="runs")


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("fixations", "onset,x_px,y_px\n1,2,3\n", "duration_s"),
        ("fixations", "onset,duration,x_px\n1,2,3\n", "y_px"),
        ("fixations", "onset,duration,x_px,y_px\n1,2,3,4\n", "whose"),
        ("runs", "name,begin\n1,0\n", "start_s and stop_s"),
        ("annotation", "onset,duration,run\n1,1,9\n", "run '9'"),
        ("film", "x\n1\n", "one of runs"),
    ],
)
def test_what_does_not_fit_is_a_sentence(study, tmp_path, kind, text, said):
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        mien.streams.add(tmp_path / "bad.csv", study, kind=kind)


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "at which moments"), ({"at": "brain", "every_s": 2}, "at which moments"), ({"at": "x"}, "no stream 'x'"),
     ({"at": "brain", "haemodynamic": True, "lag_s": 5}, "Either a shift")],
)  # fmt: skip
def test_joins_are_asked_for_in_one_way(study, given, said):
    with pytest.raises(InputError, match=said):
        mien.streams.join(study, **given)


def test_faces_of_frames_become_a_stream_with_what_is_missing(tmp_path):
    pytest.importorskip("torch")
    made = mien.synthesize_film(tmp_path / "film", viewers=2, minutes=1, runs=1, seed=1)
    del made
    film = tmp_path / "film"
    found = mien.streams.add(film, tmp_path / "s", kind="faces", times=film / "frames.csv")
    assert len(found) == 60 and found.on_runs
    present = found.column("face present")
    lines = (film / "frames.csv").read_text().splitlines()
    where = lines[0].split(",").index("face")
    assert present.tolist() == [float(line.split(",")[where] == "face") for line in lines[1:]]
    assert np.isnan(found.column("yaw")[present == 0]).all()
