"""What tables without an end say of time: each row holds until the next one, as shots of a film."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.streams import Runs, Stream
from mien.data.streams.annotations import until_next
from mien.data.streams.haemodynamics import response
from mien.data.streams.placing import placed

RUNS = Runs(["1", "2"], [0.0, 100.0], [100.0, 150.0])


def test_shots_hold_until_the_next_one_and_the_last_to_the_end():
    shots = until_next(Stream("shots", "events", [0.0, 30.0, 120.0]), RUNS)
    assert (shots.kind, shots.rule, shots.duration_s.tolist()) == ("intervals", "hold", [30.0, 90.0, 30.0])
    on_runs = placed(shots, RUNS)
    assert on_runs.run.tolist() == ["1", "1", "2", "2"] and on_runs.duration_s.tolist() == [30.0, 70.0, 20.0, 30.0]
    assert on_runs.settings["until_next"] is True


def test_within_runs_the_last_shot_ends_with_its_run():
    shots = until_next(Stream("shots", "events", [0.0, 5.0, 10.0], run=["1", "2", "2"]), RUNS)
    assert shots.duration_s.tolist() == [100.0, 5.0, 40.0]


def test_without_runs_the_last_one_has_no_end_and_that_is_said():
    shots = until_next(Stream("shots", "events", [0.0, 30.0]))
    assert shots.duration_s.tolist() == [30.0, 0.0] and "no end" in shots.notes[0]


def test_rows_with_ends_of_their_own_keep_them():
    with pytest.raises(InputError, match="says itself"):
        until_next(Stream("told", "intervals", [0.0], duration_s=[1.0]))


def test_the_response_is_that_of_nilearn():
    first_level = pytest.importorskip("nilearn.glm.first_level")
    theirs = first_level.spm_hrf(0.1, oversampling=1)
    ours = response(0.1)[: len(theirs)]
    # Theirs leaves out the last step, which is as good as zero.
    assert np.corrcoef(ours, theirs)[0, 1] > 0.999
    assert np.argmax(ours) == pytest.approx(np.argmax(theirs), abs=1)
