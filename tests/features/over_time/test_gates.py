"""Gates: every frame and recording that is left out has a reason, and the counts add up."""

import numpy as np
import pytest

import mien
from mien.core.faces import Faces
from mien.data.shards import write_shard
from mien.features.over_time.blocks import MeasuredRow, MeasuresAsked, row_of
from mien.features.over_time.gates import REASONS, Gates
from mien.features.over_time.series import Rules

ASKED = MeasuresAsked(("*",), ("level",), Gates(), Rules())


def faces(frames: int = 60, **columns: object) -> Faces:
    given = {
        "source": ["a"] * frames, "frame": np.arange(frames), "time_s": np.arange(frames) / 30,
        "track": np.zeros(frames, dtype=int), "presence": np.ones(frames), "sharpness": np.full(frames, 20.0),
        "box_px": np.tile([0, 0, 100, 120], (frames, 1)), "pose_deg": np.zeros((frames, 3)), **columns,
    }  # fmt: skip
    return Faces.build(frames, topology="no-points", **given)


def summed(one: Faces, asked: MeasuresAsked = ASKED) -> MeasuredRow:
    return row_of("a", one, np.arange(len(one)), asked)


def counts(row: MeasuredRow) -> dict[str, float]:
    return {reason: row.quality[f"left out: {reason}"] for reason in REASONS if row.quality[f"left out: {reason}"]}


def test_each_frame_counts_once_for_its_first_reason() -> None:
    pose, box, sharp = np.zeros((60, 3)), np.tile([0.0, 0, 100, 120], (60, 1)), np.full(60, 20.0)
    pose[:5, 1], box[3:8, 3], sharp[20] = 60, 20, 1
    quality = np.full(60, "", dtype=object)
    quality[30], quality[31] = "repeated small", "dark truncated"
    presence = np.ones(60)
    presence[40:42] = 0.2
    status = np.full(60, "ok", dtype=object)
    status[50], status[51] = "no face", "unreadable"
    row = summed(faces(pose_deg=pose, box_px=box, sharpness=sharp, quality=quality, presence=presence, status=status))
    assert counts(row) == {"unreadable": 1, "no face": 1, "repeated": 1, "unsure": 2, "truncated": 1, "small": 5,
                           "blurred": 1, "turned": 3}  # fmt: skip
    assert row.quality["usable frames"] + sum(counts(row).values()) == row.quality["frames"] == 60
    assert row.status == "ok"


def test_what_a_tool_does_not_know_fails_no_gate() -> None:
    nothing = np.full(60, np.nan)
    row = summed(faces(presence=nothing, sharpness=nothing, box_px=np.full((60, 4), np.nan)))
    assert row.status == "ok" and row.quality["usable frames"] == 60


def test_the_person_seen_longest_is_taken_and_the_others_are_counted() -> None:
    two = Faces.concat([faces(60), faces(20, track=np.ones(20, dtype=int), pose_deg=np.full((20, 3), 5.0))])
    row = summed(two)
    values = dict(zip([m.name for m in row.codebook], row.values, strict=True))
    assert row.status == "ok" and row.quality["people"] == 2 and row.quality["frames with others"] == 20
    assert values["yaw mean"] == 0
    crowd = summed(Faces.concat([faces(60), faces(40, track=np.ones(40, dtype=int))]))
    assert crowd.status == "other faces: in 67 % of the frames (at most 50 %)"


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (faces(5), "too few frames: 5 of 5 are usable (at least 10)"),
        (faces(20), "too short: 0.67 s are usable (at least 1 s)"),
        (faces(60, sharpness=np.repeat([20.0, 1.0], [20, 40])), "few usable frames: 33 % of 60 (at least 50 %)"),
        (faces(60, time_s=np.zeros(60)), "no times: all frames have the same time; say how many there are in a second"),
        (faces(4, status=["unreadable"] * 4, reason=["the file ends early"] * 4), "unreadable: the file ends early"),
    ],
)
def test_recordings_are_refused_in_a_sentence(one: Faces, status: str) -> None:
    row = summed(one)
    assert row.status.startswith(status) and not len(row.values)


def test_frames_without_times_are_placed_by_their_number() -> None:
    asked = MeasuresAsked(("*",), ("level",), Gates(), Rules(), fps=25)
    row = summed(faces(60, time_s=np.zeros(60)), asked)
    assert (
        row.status == "ok" and row.quality["usable_s"] == pytest.approx(2.4) and row.quality["fps"] == pytest.approx(25)
    )


def test_windows_by_task_and_by_event(tmp_path) -> None:
    yaw = np.zeros((90, 3))
    yaw[30:60, 1] = 10
    task = np.repeat(np.array(["rest", "reading", ""], dtype=object), 30)
    one = faces(90, pose_deg=yaw)
    write_shard(Faces.build(90, topology="no-points", extra={"task": task}, **{
        name: getattr(one, name) for name in ("source", "frame", "time_s", "track", "pose_deg")
    }), tmp_path / "faces" / "a.parquet")  # fmt: skip
    (tmp_path / "events.csv").write_text("source,start_s,end_s,name\na,2,3,end\nb,0,1,other\n,0,2,both\n")
    found = mien.functionals(tmp_path, task="task", events=tmp_path / "events.csv", channels="yaw")
    values = dict(zip(found.measures.names, found.measures.values[0].tolist(), strict=True))
    assert values["reading: yaw mean"] == pytest.approx(10) and values["rest: yaw mean"] == values["end: yaw mean"] == 0
    assert values["both: yaw mean"] == pytest.approx(5) and values["yaw mean"] == pytest.approx(10 / 3)
    assert not any(name.startswith(("other", ":")) for name in values)
    (tmp_path / "events.csv").write_text("source,start_s,end_s,name\na,2,3,end\na,5,4,late\n")
    with pytest.raises(mien.MienError, match=r"events.csv, row 3: a window has a name and starts before it ends"):
        mien.functionals(tmp_path, events=tmp_path / "events.csv")
