"""Numbers of people survive what happens in real videos: motion, short occlusions, crossings."""

import numpy as np

from mien.core.track import REMEMBER_S, Tracker

FPS = 25


def box(x: float, y: float = 100, size: float = 60) -> list[float]:
    return [x - size / 2, y - size / 2, size, size]


def follow(frames: list[list[list[float]]]) -> list[list[int]]:
    tracker = Tracker()
    return [
        tracker.update(number / FPS, np.array(boxes, dtype=float).reshape(-1, 4)).tolist()
        for number, boxes in enumerate(frames)
    ]


def test_one_face_that_moves_keeps_its_number() -> None:
    assert follow([[box(50 + 5 * t)] for t in range(100)]) == [[0]] * 100


def test_order_of_boxes_does_not_matter() -> None:
    numbers = follow([[box(100), box(300)] if t % 2 else [box(300), box(100)] for t in range(20)])
    assert numbers[0] == [0, 1]
    assert all(n == ([1, 0] if t % 2 else [0, 1]) for t, n in enumerate(numbers))


def test_a_short_occlusion_keeps_the_number_and_a_long_one_does_not() -> None:
    short = [[box(100)]] * 10 + [[]] * 20 + [[box(105)]] * 5
    assert follow(short)[-1] == [0]
    long = [[box(100)]] * 10 + [[]] * int(REMEMBER_S * FPS + 2) + [[box(100)]]
    assert follow(long)[-1] == [1]


def test_people_who_cross_behind_each_other_keep_their_numbers() -> None:
    frames, truth = [], []
    for t in range(101):
        right, left = 100 + 4 * t, 500 - 4 * t
        # While they overlap by more than half a face, only the front one (moving right) is seen.
        hidden = abs(right - left) < 35
        frames.append([box(right)] if hidden else [box(right), box(left, 105)])
        truth.append([0] if hidden else [0, 1])
    assert follow(frames) == truth


def test_people_who_cross_without_hiding_keep_their_numbers_in_spite_of_noise() -> None:
    rng = np.random.default_rng(0)
    frames = []
    for t in range(101):
        jitter = rng.normal(0, 2, 4)
        frames.append(
            [box(100 + 4 * t + jitter[0], 100 + jitter[1], 60), box(500 - 4 * t + jitter[2], 130 + jitter[3], 66)]
        )
    assert follow(frames) == [[0, 1]] * 101


def test_a_newcomer_gets_a_new_number() -> None:
    numbers = follow([[box(100)]] * 5 + [[box(100), box(400)]] * 5)
    assert numbers[-1] == [0, 1]


def test_a_face_of_another_size_is_not_the_same_person() -> None:
    assert follow([[box(100, size=60)]] * 5 + [[box(100, size=200)]])[-1] == [1]


def test_nobody_and_nobody_again() -> None:
    assert follow([[], [], []]) == [[], [], []]
    tracker = Tracker()
    tracker.update(0, np.array([box(10)]))
    assert tracker.waiting(0.5, found=0)
    assert not tracker.waiting(0.5, found=1)
    assert not tracker.waiting(REMEMBER_S + 1, found=0)
