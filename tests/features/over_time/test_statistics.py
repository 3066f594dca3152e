"""Statistics over time have known answers, whatever the frame rate, gaps and constant channels."""

import warnings

import numpy as np
import pytest

from mien.features.over_time.channels import Channel
from mien.features.over_time.codebook import MEANINGS
from mien.features.over_time.series import Rules, Series
from mien.features.over_time.statistics import GROUPS, check_groups, statistics

BLEND = ("eyeBlinkLeft", "eyeBlinkRight", "smileLeft", "smileRight")
PLAIN = ("pitch", "yaw", "roll", "gaze pitch", "gaze yaw", "eyelids right", "eyelids left")
OWN = check_groups([name for name in GROUPS if name not in ("coupling", "catch22")])


def channel(name: str) -> Channel:
    return Channel(name, "1", "blendshapes", 1.0) if name in BLEND else Channel(name)


def summed(
    time_s: np.ndarray, columns: dict[str, np.ndarray], groups: object = OWN, **rules: object
) -> dict[str, float]:
    """Every statistic by its name; a warning is an error."""
    values = np.stack([np.broadcast_to(column, len(time_s)) for column in columns.values()]).astype(np.float32)
    series = Series(tuple(channel(name) for name in columns), time_s, values, Rules(**rules))  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codebook, found = statistics(series, groups)  # type: ignore[arg-type]
    return dict(zip([measure.name for measure in codebook], found.tolist(), strict=True))


def times(seconds: float = 30.0, fps: float = 30.0, jitter: float = 0.0, seed: int = 0) -> np.ndarray:
    t = np.arange(round(seconds * fps)) / fps
    return t + np.random.default_rng(seed).uniform(-jitter, jitter, len(t)) / fps


def ramp(t: np.ndarray, start: float, rise: float, fall: float) -> np.ndarray:
    """0, up to 1 at ``start + rise``, down to 0 again."""
    return np.interp(t, [start, start + rise, start + rise + fall], [0.0, 1.0, 0.0], left=0.0, right=0.0)


def test_level_and_trend_are_those_of_numpy() -> None:
    t = times()
    x = np.random.default_rng(1).normal(size=len(t)).astype(np.float32) + 3 + t / 10
    found = summed(t, {"yaw": x})
    for name, value in {
        "mean": x.mean(), "sd": x.std(), "median": np.median(x), "p10": np.quantile(x, 0.1), "p90": np.quantile(x, 0.9),
        "iqr": np.subtract(*np.quantile(x, (0.75, 0.25))), "trend": np.polyfit(t, x, 1)[0] * 60,
    }.items():  # fmt: skip
        assert found[f"yaw {name}"] == pytest.approx(value, rel=1e-4), name


def test_slow_frames_have_a_rhythm_up_to_half_their_rate() -> None:
    t = times(120, 2)
    found = summed(t, {"yaw": np.sin(2 * np.pi * 0.4 * t)})
    assert found["yaw frequency"] == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("hz", [0.5, 1.0, 2.3])
def test_a_sine_wave_has_its_frequency_and_speed(hz: float) -> None:
    t = times()
    found = summed(t, {"yaw": 10 * np.sin(2 * np.pi * hz * t), "pitch": t * 0.1})
    assert found["yaw frequency"] == pytest.approx(hz, abs=0.02) and found["yaw frequency share"] > 0.9
    # Changes over a tenth of a second are a little smaller than the slope.
    assert found["yaw speed"] == pytest.approx(4 * 10 * hz * np.sinc(hz * 0.1), rel=0.02)
    assert found["pitch speed"] == pytest.approx(0.1, rel=1e-3)


def test_planted_bouts_have_their_onset_apex_and_offset() -> None:
    t = times(60)
    x = sum(ramp(t, start, 1.0, 2.0) for start in (5, 20, 40))
    found = summed(t, {"smileLeft": 0.05 + 0.8 * x})
    # Between the crossings of .1 above rest, of ramps to .8: 1/8 of rise and of fall lie outside.
    assert found["smileLeft bouts per minute"] == pytest.approx(3)
    assert found["smileLeft bout duration"] == pytest.approx(3 * 7 / 8, abs=0.01)
    assert found["smileLeft rise time"] == pytest.approx(7 / 8, abs=0.02)
    assert found["smileLeft fall time"] == pytest.approx(2 * 7 / 8, abs=0.02)
    assert found["smileLeft bout amplitude"] == pytest.approx(0.8, abs=0.01)
    assert found["smileLeft share active"] == pytest.approx(3 * 3 * 7 / 8 / 60, abs=1e-3)


def test_noise_at_one_threshold_ends_no_bout_and_makes_none() -> None:
    t = times(60)
    rng = np.random.default_rng(0)
    x = 0.8 * ramp(t, 10, 5, 5) + rng.normal(0, 0.02, len(t))
    found = summed(t, {"smileLeft": x})
    assert found["smileLeft bouts per minute"] == pytest.approx(1)


@pytest.mark.parametrize("jitter", [0.0, 0.4])
@pytest.mark.parametrize("fps", [15.0, 30.0])
def test_planted_blinks_are_counted_at_uneven_frame_times(jitter: float, fps: float) -> None:
    t = times(60, fps, jitter)
    rng = np.random.default_rng(2)
    starts = np.arange(2, 58, 4) + rng.uniform(0, 1, 14)
    closed = sum(np.interp(t, [s, s + 0.1, s + 0.15, s + 0.3], [0, 1, 1, 0], left=0, right=0) for s in starts)
    closed = closed + np.interp(t, [59.0, 59.05], [0, 0])
    lids = 0.3 - 0.22 * closed + rng.normal(0, 0.004, len(t))
    found = summed(t, {"eyelids right": lids, "eyelids left": lids, "eyeBlinkLeft": 0.6 * closed,
                       "eyeBlinkRight": 0.6 * closed})  # fmt: skip
    for name in ("eyelids", "eyeBlink"):
        assert found[f"{name} blinks per minute"] == pytest.approx(14, abs=0.5), name
        assert found[f"{name} blink duration"] == pytest.approx(0.3 - 0.3 * 0.25, abs=0.05)
        assert found[f"{name} closed share"] == 0


def test_lids_that_only_tremble_do_not_blink() -> None:
    t = times(60)
    lids = 0.3 + np.random.default_rng(0).normal(0, 0.01, (2, len(t)))
    found = summed(t, {"eyelids right": lids[0], "eyelids left": lids[1]})
    assert found["eyelids blinks per minute"] == 0 and np.isnan(found["eyelids blink duration"])


def test_gaze_shifts_and_aversion() -> None:
    t = times(60)
    yaw = np.where((t % 10) < 2, 20.0, 0.0)
    found = summed(t, {"pitch": 0 * t, "yaw": 0 * t, "roll": 0 * t, "gaze pitch": 0 * t, "gaze yaw": yaw})
    # Six times there, six times back, but for the beginning.
    assert found["gaze shifts per minute"] == pytest.approx(11) and found["gaze shift amplitude"] == pytest.approx(20)
    assert found["gaze with head aversion share"] == pytest.approx(0.2, abs=0.01)
    # The eyes stay on the spot while the head turns: no aversion.
    turned = summed(t, {"pitch": 0 * t, "yaw": -yaw, "roll": 0 * t, "gaze pitch": 0 * t, "gaze yaw": yaw})
    assert turned["gaze with head aversion share"] == 0


def test_the_energy_of_a_head_that_turns_evenly_is_its_speed_squared() -> None:
    t = times(20)
    found = summed(t, {"pitch": 0 * t, "yaw": 12 * t, "roll": 0 * t})
    assert found["head movement energy"] == pytest.approx(144, rel=1e-3)
    assert found["head turning speed"] == pytest.approx(12, rel=1e-3) and found["head share moving"] == 1


def test_a_mirror_image_turns_the_sign_of_asymmetry_and_nothing_else() -> None:
    t, rng = times(), np.random.default_rng(3)
    left, right = rng.uniform(0, 1, (2, len(t)))
    one = summed(t, {"smileLeft": left, "smileRight": right})
    other = summed(t, {"smileLeft": right, "smileRight": left})
    assert one["smile left minus right"] == pytest.approx(left.mean() - right.mean(), abs=1e-5)
    assert other["smile left minus right"] == pytest.approx(-one["smile left minus right"])
    assert one["smile asymmetry"] == other["smile asymmetry"] == pytest.approx(np.abs(left - right).mean(), abs=1e-5)
    for name, value in one.items():
        if "minus" not in name:
            swapped = name.replace("Left", "?").replace("Right", "Left").replace("?", "Right")
            assert other[swapped] == pytest.approx(value, nan_ok=True)


def face(t: np.ndarray) -> dict[str, np.ndarray]:
    """Movements slower than a few per second, as functions of time."""
    smile = 0.05 + 0.7 * sum(ramp(t, start, 0.8, 1.5) for start in range(3, 55, 7))
    return {
        "smileLeft": smile, "smileRight": 0.8 * smile, "yaw": 8 * np.sin(2 * np.pi * 0.47 * t),
        "pitch": 3 * np.sin(2 * np.pi * 0.31 * t + 1), "roll": np.sin(t),
        "gaze pitch": 2 * np.sin(2 * np.pi * 0.37 * t), "gaze yaw": 10 * np.sign(np.sin(2 * np.pi * 0.11 * t + 0.1)),
    }  # fmt: skip


@pytest.mark.parametrize(
    "other", [times(60, 15), times(60, 30, 0.45), times(60, 60), np.delete(times(60), [100, 300, 301])]
)
def test_the_frame_rate_hardly_matters(other: np.ndarray) -> None:
    one, two = summed(times(60), face(times(60))), summed(other, face(other))
    for name, value in one.items():
        if "trend" not in name:
            assert two[name] == pytest.approx(value, rel=0.08, abs=0.12, nan_ok=True), name


def test_nothing_is_interpolated_across_a_gap() -> None:
    t = times(30)
    kept = t[(t < 10) | (t >= 20)]
    x = np.where(kept < 15, 0.0, 50.0)
    found = summed(kept, {"yaw": x, "pitch": 0 * x, "roll": 0 * x})
    assert found["yaw speed"] == 0 and found["head movement energy"] == 0
    # A bout that the gap cuts off has neither a duration nor an offset.
    smile = np.where((kept > 9) & (kept < 15), 0.8, 0.0)
    cut = summed(kept, {"smileLeft": smile})
    assert cut["smileLeft bouts per minute"] == pytest.approx(3) and np.isnan(cut["smileLeft bout duration"])
    assert cut["smileLeft share active"] == pytest.approx(1 / 20, abs=3e-3)


def test_a_channel_that_lacks_frames_takes_nothing_from_the_others() -> None:
    t = times()
    full = face(t)
    holes = {**full, "gaze yaw": np.where(np.arange(len(t)) % 50 < 5, np.nan, full["gaze yaw"]), "roll": t * np.nan}
    one, two = summed(t, full), summed(t, holes)
    for name, value in one.items():
        if name.startswith(("smile", "yaw", "pitch")):
            assert two[name] == pytest.approx(value, nan_ok=True), name
    assert two["gaze yaw mean"] == pytest.approx(one["gaze yaw mean"], abs=0.5)


@pytest.mark.parametrize("frames", [1, 2, 3, 12])
def test_few_frames_and_constant_channels_give_numbers_or_nothing_but_no_warning(frames: int) -> None:
    t = np.arange(frames) / 30
    found = summed(t, dict.fromkeys((*BLEND, *PLAIN), np.full(frames, 0.1)))
    assert found["yaw mean"] == pytest.approx(0.1) and found["yaw sd"] == 0
    still = summed(times(), dict.fromkeys((*BLEND, *PLAIN), np.full(900, 0.1)))
    assert still["yaw speed"] == still["yaw trend"] == still["smileLeft bouts per minute"] == 0
    assert np.isnan(still["yaw frequency"]) and np.isnan(still["smileLeft bout duration"])


def test_every_statistic_has_a_sentence_and_none_is_without_use() -> None:
    t = times()
    columns = {**face(t), **dict.fromkeys((*BLEND, *PLAIN), np.sin(t))}
    used = {name.removeprefix(f"{one} ") for name in summed(t, columns) for one in [name] for one in _channels(name)}
    assert used <= set(MEANINGS)
    assert all(text.endswith(".") and "{channel}" in text for _, text in MEANINGS.values())


def _channels(name: str) -> list[str]:
    return sorted((name[: -len(one) - 1] for one in MEANINGS if name.endswith(f" {one}")), key=len)[:1]


def test_what_only_drifts_has_no_rhythm() -> None:
    t = times(60)
    found = summed(t, {"yaw": np.sin(2 * np.pi * 0.05 * t), "pitch": t})
    assert np.isnan(found["yaw frequency"]) and np.isnan(found["pitch frequency"])
