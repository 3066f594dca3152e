"""Missing frames are filled within limits, and never beyond."""

import numpy as np
import pytest

from mien.features.timeline import at, regular, resampled

LIMITS = {"max_missing": 0.3, "max_gap": 2}


def motion(frames: np.ndarray) -> np.ndarray:
    """Steady motion of one point."""
    return np.stack([3.0 * frames, 10 - frames], axis=1)[:, None, :].astype(float)


def test_steady_motion_is_restored_exactly() -> None:
    found = np.array([0, 1, 3, 4, 5, 6, 9])
    values = motion(found)
    filled, status = regular(found, values, np.arange(10), **LIMITS)
    assert status == "ok" and np.allclose(filled, motion(np.arange(10)))


def test_nan_frames_count_as_missing() -> None:
    values = motion(np.arange(10))
    values[4, 0, 1] = np.nan
    filled, status = regular(np.arange(10), values, np.arange(10), **LIMITS)
    assert status == "ok" and np.allclose(filled, motion(np.arange(10)))


def test_every_third_frame_is_no_gap() -> None:
    found = np.arange(0, 30, 3)
    filled, status = regular(found, motion(found), found, **LIMITS)
    assert status == "ok" and len(filled) == 10


@pytest.mark.parametrize(
    ("found", "looked_at", "status"),
    [
        ([0], [0], "too short"),
        ([0, 1, 2, 3, 4, 5, 6], range(12), "too few frames with a face"),
        ([0, 1, 2, 3, 7, 8, 9, 10, 11, 12], range(13), "gap too long"),
        ([3, 4, 5, 6, 7, 8, 9, 10, 11, 12], range(13), "gap too long"),
    ],
)
def test_too_little_to_go_by_is_a_status(found: list[int], looked_at: object, status: str) -> None:
    filled, got = regular(np.array(found), motion(np.array(found)), np.array(list(looked_at)), **LIMITS)  # type: ignore[call-overload]
    assert got == status and len(filled) == 0


def test_resampling_keeps_ends_and_lines() -> None:
    values = resampled(motion(np.arange(11)), 6)
    assert np.allclose(values, motion(np.arange(0, 11, 2)))


def test_outside_the_known_times_the_nearest_value_holds() -> None:
    got = at(np.array([-5.0, 0.5, 9.0]), np.array([0.0, 1.0]), np.array([2.0, 4.0]))
    assert got.tolist() == [2.0, 3.0, 4.0]


def test_uneven_times_become_even_ones() -> None:
    """At half the rate in its second half, a steady motion kinks if frames are taken as evenly spaced."""
    times = np.concatenate([np.arange(10) * 0.04, 0.4 + np.arange(10) * 0.08])
    filled, status = regular(np.arange(20), motion(times), np.arange(20), times, **LIMITS)
    assert status == "ok" and np.allclose(filled, motion(np.linspace(0, times[-1], 20)))


def test_times_rounded_to_milliseconds_are_even() -> None:
    times = np.round(np.arange(10) / 30, 3)
    filled, status = regular(np.arange(10), motion(np.arange(10)), np.arange(10), times, **LIMITS)
    assert status == "ok" and np.array_equal(filled, motion(np.arange(10)))


@pytest.mark.parametrize("times", [np.zeros(10), np.full(10, np.nan), np.arange(10)[::-1] / 25])
def test_times_that_say_nothing_are_not_used(times: np.ndarray) -> None:
    filled, status = regular(np.arange(10), motion(np.arange(10)), np.arange(10), times, **LIMITS)
    assert status == "ok" and np.array_equal(filled, motion(np.arange(10)))


def test_frames_sampled_by_time_have_no_gaps() -> None:
    """Every half second at 25 frames a second is frame 0, 12, 25, 37, ...: no even numbers, but even times."""
    looked_at = np.array([0, 12, 25, 37, 50, 62])
    filled, status = regular(looked_at, motion(looked_at), looked_at, looked_at / 25, **LIMITS)
    assert status == "ok" and len(filled) == 6


def test_a_pause_between_two_frames_is_a_gap() -> None:
    times = np.concatenate([np.arange(5), 10 + np.arange(5)]) * 0.04
    filled, status = regular(np.arange(10), motion(times), np.arange(10), times, **LIMITS)
    assert status == "gap too long" and len(filled) == 0
    filled, status = regular(np.arange(10), motion(times), np.arange(10), times, max_missing=0.3, max_gap=5)
    assert status == "ok" and np.allclose(filled, motion(np.linspace(0, times[-1], 10)))


def test_a_missing_face_among_uneven_times_is_filled_where_it_was() -> None:
    times = np.array([0, 1, 2, 4, 6, 7, 9, 10, 11, 12]) * 0.04
    found = np.delete(np.arange(10), 4)
    filled, status = regular(found, motion(times[found]), np.arange(10), times, **LIMITS)
    assert status == "ok" and np.allclose(filled, motion(np.linspace(0, times[-1], 10)))
