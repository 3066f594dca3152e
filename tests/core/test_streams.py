"""Streams and runs check themselves: what does not fit is a sentence that names the row."""

import numpy as np
import pytest

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.streams import Runs, Stream, TimeLine


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "film"}, "sampled, intervals, events"),
        ({"rule": "median"}, "median"),
        ({"time_s": [0, np.nan]}, "row 2 has no time"),
        ({"time_s": [1, 1]}, "row 2 at 1 s does not come after"),
        ({"values": [[1.0]]}, "2 rows and 1 columns"),
        ({"units": ("s", "s")}, "2 units"),
        ({"run": ["1", ""]}, "row 2 has no run"),
        ({"viewer": ["a"]}, "'viewer' has 1 values for 2 rows"),
        ({"texts": {"x": ["a", "b"]}}, "'x' is there twice"),
        ({"duration_s": [1, -1]}, "0 or more"),
        ({"kind": "intervals"}, "interval without a duration_s"),
        ({"space": BrainSpace(["a", "b"])}, "brain space has 2"),
    ],
)
def test_what_is_no_stream_is_refused(changed, said):
    given = {"name": "s", "kind": "sampled", "time_s": [0.0, 1.0], "columns": ("x",), "values": [[1.0], [2.0]]}
    with pytest.raises(InputError, match=said):
        Stream(**{**given, **changed})


def test_samples_of_several_viewers_and_runs_are_in_order_within_each():
    stream = Stream("s", "sampled", [0, 0, 1, 1], run=["1", "2", "1", "2"], viewer=["a", "b", "a", "b"])
    assert {key: rows.tolist() for key, rows in stream.parts().items()} == {("a", "1"): [0, 2], ("b", "2"): [1, 3]}
    assert stream[[1, 3]].viewer.tolist() == ["b", "b"] and stream.on_runs


def test_a_time_line_takes_streams_on_its_runs_only():
    runs = Runs(["1"], [0], [10])
    with pytest.raises(InputError, match="place it on the runs"):
        TimeLine(runs, {"s": Stream("s", "sampled", [0.0])})
    with pytest.raises(InputError, match="run '2', but the runs are 1"):
        TimeLine(runs, {"s": Stream("s", "sampled", [0.0], run=["2"])})
    with pytest.raises(InputError, match="no stream 'x'"):
        TimeLine(runs, {})["x"]


@pytest.mark.parametrize(("stop", "said"), [([5, 0], "not after|not\\s+after|is not"), ([5], "as many finite")])
def test_runs_last(stop, said):
    with pytest.raises(InputError, match=said):
        Runs(["1", "2"], [0, 5], stop)


def test_values_of_columns_lie_at_their_voxels_and_centres_are_in_millimetres():
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = -10
    space = BrainSpace(["l", "r"], "parcel", (3, 1, 1), affine, [[0, 0, 0], [1, 0, 0], [2, 0, 0]], [0, 0, 1])
    assert space.centres_mm.tolist() == [[-9.0, -10.0, -10.0], [-6.0, -10.0, -10.0]]
    volume = space.volume(np.array([1.0, 5.0]))
    assert volume.ravel().tolist() == [1.0, 1.0, 5.0]
    with pytest.raises(InputError, match="outside the volume"):
        BrainSpace(["l"], "voxel", (1, 1, 1), np.eye(4), [[1, 0, 0]], [0])
