"""Labels of chance keep runs, and viewers of one run, together; their number is known."""

import numpy as np

from mien.decoding.chance import arrangements, null_labels

RUN = np.repeat(["1", "2"], 6).astype(object)
ALONE = np.full(12, "", dtype=object)
TIME = np.tile(np.arange(6.0), 2)


def test_blocks_change_places_within_their_run_only():
    observed = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    for labels in null_labels(observed, RUN, ALONE, TIME, "block", 20, 0):
        assert sorted(labels[:6]) == [0, 0, 0, 1, 1, 1] and sorted(labels[6:]) == [2, 2, 2, 3, 3, 3]


def test_volumes_are_shifted_around_their_run():
    observed = np.arange(12)
    for labels in null_labels(observed, RUN, ALONE, TIME, "volume", 50, 0):
        assert len(set((labels[:6] - observed[:6]) % 6)) == 1 and set(labels[6:]) == set(range(6, 12))


def test_viewers_of_one_run_get_one_draw():
    viewer = np.repeat(["a", "b"], 6).astype(object)
    observed = np.tile(np.arange(6), 2)
    for labels in null_labels(observed, np.full(12, "1", object), viewer, TIME, "block", 20, 0):
        assert labels[:6].tolist() == labels[6:].tolist()


def test_a_moment_has_one_label_for_all_viewers_whatever_rows_each_lacks():
    observed, time = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.arange(8.0)
    rows = np.concatenate([[0, 1, 4, 5, 6, 7], [0, 1, 2, 3, 4, 7]])
    viewer = np.repeat(["a", "b"], 6).astype(object)
    for unit in ("volume", "block"):
        drawn = list(null_labels(observed[rows], np.full(12, "1", object), viewer, time[rows], unit, 30, 0))
        for labels in drawn:
            of = [dict(zip(rows[part], labels[part], strict=True)) for part in (slice(0, 6), slice(6, 12))]
            assert all(of[0][moment] == of[1][moment] for moment in of[0].keys() & of[1].keys())
        assert len({tuple(labels) for labels in drawn}) > 5


def test_viewers_who_saw_other_things_keep_their_own_labels():
    viewer = np.repeat(["a", "b"], 6).astype(object)
    observed = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    for labels in null_labels(observed, np.full(12, "1", object), viewer, TIME, "volume", 20, 0):
        assert sorted(labels[:6]) == [0, 0, 0, 1, 1, 1] and sorted(labels[6:]) == [2, 2, 2, 3, 3, 3]


def test_number_of_arrangements():
    # 6! / (3! 3!) in each of two runs; six shifts.
    observed = np.tile([0, 0, 0, 1, 1, 1], 2)
    assert arrangements(observed, RUN, ALONE, TIME, "block") == 20**2
    assert arrangements(observed, RUN, ALONE, TIME, "volume") == 6**2
    # Two viewers of the same run add nothing.
    assert arrangements(observed, np.full(12, "1", object), np.repeat(["a", "b"], 6), TIME, "block") == 20
    assert arrangements(np.arange(400), np.full(400, "1"), np.full(400, ""), np.arange(400.0), "block") == np.inf
