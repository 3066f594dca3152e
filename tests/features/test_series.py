"""Channels of long recordings at even steps: averages of what counts, and what is missing says so."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.core.topology import NO_POINTS
from mien.data.shards import write_shard
from mien.data.study_faces import StudyFaces
from mien.features import compute

RECIPE = {"name": "series", "channels": ["smile", "yaw"]}


def recording(source: str, seconds: float = 10.0, smile: float = 0.0, without: slice = slice(0), **columns) -> Faces:
    """Ten frames a second; the smile grows by 0.1 each second, the head turns from side to side."""
    count = round(seconds * 10)
    time_s = np.arange(count) / 10
    pose = np.stack([np.zeros(count), np.where(np.arange(count) % 2, 5.0, -5.0), np.zeros(count)], 1).astype("f4")
    given = {"pose_deg": pose, "time_s": time_s, "frame": np.arange(count), "track": np.zeros(count, int), **columns}
    grows = smile + time_s / 10
    grows[without] = np.nan
    return Faces.build(
        count, topology=NO_POINTS, source=np.full(count, source, object), extra={"smile": grows}, **given
    )


def samples(*names: str) -> Samples:
    return Samples(path=np.array(names, object), subject=np.array(names, object))


def test_a_step_is_the_mean_of_its_frames() -> None:
    found = compute(RECIPE, samples("a"), recording("a"))
    assert found.space == "channels x time" and found.names == ("smile", "yaw", "present")
    assert found.values.shape == (1, 20, 3) and found.recipe["steps"] == 20
    assert np.allclose(found.values[0, :3, 0], [0.02, 0.07, 0.12], atol=1e-6)
    assert np.allclose(found.values[0, ::2, 1], -1.0) and np.allclose(found.values[0, 1::2, 1], 1.0)
    assert (found.values[..., -1] == 1).all()


def test_a_step_without_usable_frames_is_missing_and_a_shorter_recording_ends() -> None:
    turned = recording("a").pose_deg.copy()
    turned[20:35, 1] = 60.0
    both = Faces.concat([recording("a", pose_deg=turned), recording("b", seconds=4)])
    found = compute(RECIPE, samples("a", "b"), both)
    assert found.values[0, :, -1].tolist() == [1] * 4 + [0] * 3 + [1] * 13
    assert found.values[1, :, -1].tolist() == [1] * 8 + [0] * 12
    assert (found.values[found.values[..., -1] == 0] == 0).all()
    assert np.isfinite(found.values).all()


def test_single_numbers_that_lack_are_interpolated_and_a_channel_that_lacks_leaves_the_recording_out() -> None:
    faces = [recording("a", without=slice(5, 10)), recording("b", without=slice(None))]
    found = compute(RECIPE, samples("a", "b"), Faces.concat(faces))
    assert found.values[0, 1, 0] == pytest.approx((0.02 + 0.12) / 2)
    assert found.status.tolist() == ["ok", "a channel is missing"] and np.isnan(found.values[1]).all()


def test_recordings_that_do_not_pass_the_gates_say_why_without_numbers() -> None:
    faces = Faces.concat([recording("a"), recording("b", seconds=0.5)])
    found = compute(RECIPE, samples("a", "b", "c"), faces)
    assert found.status.tolist() == ["ok", "too few frames", "not extracted"]


def test_a_study_gives_what_memory_gives_without_its_points(tmp_path, monkeypatch) -> None:
    parts = [recording("a"), recording("b", seconds=4, smile=0.3), recording("other")]
    for part in parts:
        write_shard(part, tmp_path / "faces" / f"{part.source[0]}.parquet")
    monkeypatch.setattr("mien.data.shards.read_shard", lambda path: pytest.fail("a whole shard was read"))
    wanted = samples("b", "a")
    stored = compute(RECIPE, wanted, StudyFaces.of(tmp_path))
    memory = compute(RECIPE, wanted, Faces.concat(parts))
    assert np.array_equal(stored.values, memory.values) and stored.recipe == memory.recipe
    assert str(tmp_path) not in str(stored.recipe), "a model does not say where its study lay"


def test_a_damaged_shard_costs_its_recording_alone(tmp_path) -> None:
    for part in (recording("a"), recording("b")):
        write_shard(part, tmp_path / "faces" / f"{part.source[0]}.parquet", {"source": str(part.source[0])})
    whole = Path(tmp_path / "faces" / "b.parquet")
    whole.write_bytes(whole.read_bytes()[:-40])
    found = compute(RECIPE, samples("a", "b"), StudyFaces.of(tmp_path))
    assert found.status[0] == "ok" and found.status[1] != "ok"


def test_a_finished_recipe_gives_other_recordings_the_same_shape() -> None:
    first = compute({"name": "series", "per_second": 1.0}, samples("a"), recording("a"))
    assert first.names == ("pitch", "yaw", "roll", "present"), "what no recording has is no channel"
    longer = compute(first.recipe, samples("b"), recording("b", seconds=30))
    assert longer.values.shape == first.values.shape == (1, 10, 4) and longer.recipe == first.recipe
    with pytest.raises(InputError, match="is called 'smle'"):
        compute({"name": "series", "channels": ["smle"]}, samples("a"), recording("a"))
