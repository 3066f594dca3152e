"""Labels of chance keep runs, and viewers of one run, together; their number is known."""

import numpy as np

from mien.decoding.chance import arrangements, null_labels

RUN = np.repeat(["1", "2"], 6).astype(object)
ALONE = np.full(12, "", dtype=object)


def test_blocks_change_places_within_their_run_only():
    observed = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    for labels in null_labels(observed, RUN, ALONE, "block", 20, 0):
        assert sorted(labels[:6]) == [0, 0, 0, 1, 1, 1] and sorted(labels[6:]) == [2, 2, 2, 3, 3, 3]


def test_volumes_are_shifted_around_their_run():
    observed = np.arange(12)
    for labels in null_labels(observed, RUN, ALONE, "volume", 50, 0):
        assert len(set((labels[:6] - observed[:6]) % 6)) == 1 and set(labels[6:]) == set(range(6, 12))


def test_viewers_of_one_run_get_one_draw():
    viewer = np.repeat(["a", "b"], 6).astype(object)
    observed = np.tile(np.arange(6), 2)
    for labels in null_labels(observed, np.full(12, "1", object), viewer, "block", 20, 0):
        assert labels[:6].tolist() == labels[6:].tolist()


def test_number_of_arrangements():
    # 6! / (3! 3!) in each of two runs; six shifts.
    observed = np.tile([0, 0, 0, 1, 1, 1], 2)
    assert arrangements(observed, RUN, ALONE, "block") == 20**2
    assert arrangements(observed, RUN, ALONE, "volume") == 6**2
    # Two viewers of the same run add nothing.
    assert arrangements(observed, np.full(12, "1", object), np.repeat(["a", "b"], 6), "block") == 20
    assert arrangements(np.arange(400), np.full(400, "1"), np.full(400, ""), "block") == np.inf
