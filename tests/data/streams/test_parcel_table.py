"""Tables time x parcel: clocks from a column or a step, runs and viewers from columns, cells that are no numbers."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_table_says_its_times_runs_viewers_and_centres(tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "time_s,run,viewer,left,right\n0,1,a,1,\n2,1,a,2,3\n0,2,a,4,5\n")
    centres = write(tmp_path / "c.csv", "name,x,y,z\nleft,-20,1,2\nright,20,1,2\n")
    stream = mien.read_brain(table, labels=centres)
    assert stream.columns == ("left", "right") and stream.run.tolist() == ["1", "1", "2"] and stream.viewer[0] == "a"
    assert np.isnan(stream.values[0, 1]) and stream.space is not None and not stream.space.has_grid
    assert stream.space.centres_mm.tolist() == [[-20, 1, 2], [20, 1, 2]]


def test_without_times_a_step_is_needed(tmp_path: Path) -> None:
    table = write(tmp_path / "run-1.csv", "left,right\n1,2\n3,4\n")
    with pytest.raises(InputError, match="repetition_s"):
        mien.read_brain(table)
    stream = mien.read_brain(table, repetition_s=0.8)
    assert stream.time_s.tolist() == [0, 0.8] and stream.duration_s.tolist() == [0.8, 0.8]


def test_cells_and_columns_that_do_not_fit_are_sentences(tmp_path: Path) -> None:
    one = write(tmp_path / "run-1.csv", "left,right\n1,2\n3,x\n")
    with pytest.raises(InputError, match="row 3: 'right' holds 'x'"):
        mien.read_brain(one, repetition_s=2)
    write(one, "left,right\n1,2\n3,4\n")
    other = write(tmp_path / "run-2.csv", "left,wrong\n1,2\n3,4\n")
    with pytest.raises(InputError, match="other columns"):
        mien.read_brain([one, other], repetition_s=2)
    with pytest.raises(InputError, match="are for volumes"):
        mien.read_brain(one, repetition_s=2, atlas="atlas.nii.gz")
