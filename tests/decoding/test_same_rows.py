"""Frames beside a brain: the frame that was shown a shift before the volume, the brain's own folds, counted once."""

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.folds import folds_of
from mien.decoding.rows import DecodedRows
from mien.decoding.same_rows import on_same_samples

RUNS, VOLUMES, STEP = 4, 30, 2.0


def film(viewers=3, frames_differ=2.0, seed=0):
    """Frames every half second tell two kinds of shot apart; brains of 2 s answer 5 s later, with noise."""
    rng = np.random.default_rng(seed)
    length = VOLUMES * STEP
    kind = {str(run): rng.integers(0, 2, 20) for run in range(RUNS)}
    runs = [str(run) for run in range(RUNS)]

    def held(run, seconds):
        return kind[run][np.clip((seconds // 4).astype(int), 0, 19)]

    times = np.arange(0.25, length, 0.5)
    frames = Stream(
        "frames", "sampled", np.tile(times, RUNS), ("a", "b"),
        np.concatenate([rng.normal(size=(len(times), 2)) + frames_differ * held(run, times)[:, None] for run in runs]),
        run=np.repeat(runs, len(times)).astype(object),
    )  # fmt: skip
    volume = np.arange(VOLUMES) * STEP
    parts = [(who, run) for who in range(viewers) for run in runs]
    brain = Stream(
        "brain", "sampled", np.tile(volume, len(parts)), ("p", "q"),
        np.concatenate([rng.normal(size=(VOLUMES, 2)) + held(run, volume - 4)[:, None] for _, run in parts]),
        run=np.repeat([run for _, run in parts], VOLUMES).astype(object),
        viewer=np.repeat([f"v{who}" for who, _ in parts], VOLUMES).astype(object),
    )  # fmt: skip
    shots = Stream(
        "shots", "intervals", np.tile(np.arange(20) * 4.0, RUNS), duration_s=np.full(20 * RUNS, 4.0),
        texts={"what": [["face", "place"][one] for run in runs for one in kind[run]]},
        run=np.repeat(runs, 20).astype(object),
    )  # fmt: skip
    start = np.arange(RUNS) * length
    return TimeLine(Runs(runs, start, start + length), {"brain": brain, "frames": frames, "shots": shots})


def asked(line, sources, **more):
    given = {"labels": "shots", "target": "what", "unit": "volume", "shift_s": 4.0, "model": "ridge", "select": False,
             "n_permutations": 99}  # fmt: skip
    return mien.decode(line, sources=sources, **(given | more))


def test_a_volume_is_beside_the_mean_of_the_frames_that_were_shown_before_it():
    line = film()
    (brain, late), (frames, also) = on_same_samples([line["brain"], line["frames"]], 4.0, "volume", notes := [])
    assert late == also == 4.0 and brain is line["brain"] and frames.viewer.tolist() == brain.viewer.tolist()
    row, own = 25, line["frames"]
    inside = (own.run == "0") & (own.time_s >= 46) & (own.time_s + 0.5 <= 48 + 1e-9)
    # At the borders half a frame lies in the volume.
    edge = (own.run == "0") & (np.abs(own.time_s - 45.75) < 1e-9) | (own.run == "0") & (
        np.abs(own.time_s - 47.75) < 1e-9
    )
    want = (own.values[inside & ~edge].sum(0) * 0.5 + own.values[edge].sum(0) * 0.25) / 2
    np.testing.assert_allclose(frames.values[row], want)
    assert "4 s earlier" in notes[0]


def test_folds_and_labels_are_those_of_the_brain_alone():
    line = film()
    alone, both = asked(line, "brain"), asked(line, ["brain", "frames"])
    assert alone.folds == both.folds
    for name in ("run", "viewer", "fold", "time_s", "observed"):
        assert sorted(map(str, getattr(alone, name))) == sorted(map(str, getattr(both, name)))
    assert both.score("brain").value == pytest.approx(alone.score("brain").value)
    assert both.score("frames").value > both.score("brain").value


def test_what_is_the_same_for_all_viewers_counts_once():
    few, many = (asked(film(viewers), ["brain", "frames"]).score("frames") for viewers in (2, 4))
    assert few.over == many.over == "runs" and few.units == RUNS
    assert few.value == pytest.approx(many.value) and few.high - few.low == pytest.approx(many.high - many.low)
    two = film(4)
    two = TimeLine(two.runs, {**two.streams, "again": replace(two["frames"], name="again")})
    contrast = next(one for one in asked(two, ["brain", "frames", "again"]).contrasts if one.other == "again"
                    and one.one == "frames")  # fmt: skip
    assert contrast.difference == 0 and not contrast.p < 1


def rows(late, own_labels=False, seed=0):
    """Three viewers, whose clocks are ``late`` seconds apart, see events of 5 volumes in one run of two."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.integers(0, 2, 16), 5)
    told, time = [], []
    for who in range(3):
        for _ in range(2):
            told.append(np.repeat(rng.integers(0, 2, 16), 5) if own_labels else shared)
            time.append(np.arange(80) * 2.0 + late * who)
    words = np.array(["none", "fear"], object)[np.concatenate(told)]
    return DecodedRows(
        np.zeros((480, 1)), words, np.tile(np.repeat(["1", "2"], 80), 3).astype(object),
        np.repeat(["a", "b", "c"], 160).astype(object), np.concatenate(time), np.full(480, 2.0), ("x",),
    )  # fmt: skip


def test_clocks_that_are_a_little_apart_do_not_hide_that_viewers_saw_the_same():
    for late in (0.0, 0.1, 0.9):
        made = rows(late)
        assert all(fold.name not in made.run[fold.train] for fold in folds_of(made, "viewer", 0.0))
    made = rows(0.0, own_labels=True)
    assert [fold.name for fold in folds_of(made, "viewer", 0.0)] == ["a", "b", "c"]
