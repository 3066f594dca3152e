"""Offsets of runs and viewers are added as the table says, and said; tables name their columns as they like."""

import pytest

import mien
from mien.core.errors import InputError
from mien.core.streams import Stream
from mien.features.streams.offsets import with_offsets


def gaze(**more):
    return Stream("gaze", "events", [1.0, 2.0, 1.0], **{"run": ["1", "1", "2"], "viewer": ["a", "b", "a"], **more})


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("run,offset_s\n1,0.5\n", [1.5, 2.5, 1.0]),
        ("viewer,offset_s\na,-0.5\n", [0.5, 2.0, 0.5]),
        ("run,viewer,offset_s\n1,a,1\n2,a,3\n", [2.0, 2.0, 4.0]),
    ],
)
def test_times_of_those_that_the_table_names_are_moved(tmp_path, text, times):
    (tmp_path / "o.csv").write_text(text)
    found = with_offsets(gaze(), tmp_path / "o.csv")
    assert found.time_s.tolist() == times and len(found.settings["offsets_s"]) == text.count("\n") - 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("offset_s\n1\n", "'run', 'viewer' or both"),
        ("run,offset_s\n3,1\n", "no rows of run 3"),
        ("run,offset_s\n1,x\n", r"row 2 \(run 1\): 'offset_s' is no number"),
        ("run,offset_s\n1,1\n1,2\n", "row 3: run 1 is there twice"),
    ],
)
def test_a_table_that_does_not_fit_is_a_sentence(tmp_path, text, said):
    (tmp_path / "o.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        with_offsets(gaze(), tmp_path / "o.csv")


def test_what_is_on_the_clock_of_the_stimulus_has_no_runs_to_be_moved_apart(tmp_path):
    (tmp_path / "o.csv").write_text("run,offset_s\n1,1\n")
    with pytest.raises(InputError, match="clock of the stimulus"):
        with_offsets(gaze(run=()), tmp_path / "o.csv")


def test_columns_of_seconds_are_named_as_the_table_has_them(tmp_path):
    (tmp_path / "t.csv").write_text("from,to,emotion\n1,3,fear\n5,6,joy\n")
    (tmp_path / "o.csv").write_text("run,offset_s\n1,10\n")
    found = mien.streams.add(
        tmp_path / "t.csv", tmp_path / "s", kind="annotation", run="1", start_column="from", end_column="to",
        offsets=tmp_path / "o.csv",
    )  # fmt: skip
    assert found.time_s.tolist() == [11.0, 15.0] and found.duration_s.tolist() == [2.0, 1.0]
    with pytest.raises(InputError, match="began"):
        mien.streams.add(tmp_path / "t.csv", tmp_path / "s", kind="annotation", start_column="began")
