"""Labels of chance keep runs, and viewers of one run, together; their number is known; noise is rarely decodable."""

import numpy as np
import pytest

from mien.decoding.chance import arrangements, null_labels
from mien.decoding.score import scored

RUN = np.repeat(["1", "2"], 6).astype(object)
ALONE = np.full(12, "", dtype=object)


def test_blocks_change_places_within_their_run_only():
    observed = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    for labels in null_labels(observed, RUN, ALONE, "block", 20, 0):
        assert sorted(labels[:6]) == [0, 0, 0, 1, 1, 1] and sorted(labels[6:]) == [2, 2, 2, 3, 3, 3]


def test_volumes_are_shifted_around_their_run_and_by_no_less_than_asked():
    observed = np.arange(12)
    for labels in null_labels(observed, RUN, ALONE, "volume", 50, 0, least_shift=2):
        steps = (labels[:6] - observed[:6]) % 6
        assert len(set(steps)) == 1 and steps[0] in (2, 3, 4) and set(labels[6:]) == set(range(6, 12))


def test_viewers_of_one_run_get_one_draw():
    viewer = np.repeat(["a", "b"], 6).astype(object)
    observed = np.tile(np.arange(6), 2)
    for labels in null_labels(observed, np.full(12, "1", object), viewer, "block", 20, 0):
        assert labels[:6].tolist() == labels[6:].tolist()


def test_number_of_arrangements():
    # 6! / (3! 3!) in each of two runs; shifts by 1 to 5 rows.
    observed = np.tile([0, 0, 0, 1, 1, 1], 2)
    assert arrangements(observed, RUN, ALONE, "block") == 20**2
    assert arrangements(observed, RUN, ALONE, "volume") == 5**2
    # Two viewers of the same run add nothing.
    assert arrangements(observed, np.full(12, "1", object), np.repeat(["a", "b"], 6), "block") == 20
    assert arrangements(np.arange(400), np.full(400, "1"), np.full(400, ""), "block") == np.inf


@pytest.mark.parametrize("runs", [4, 12])
def test_of_noise_about_one_study_in_twenty_looks_decodable(runs):
    """Without the stretch of the null it would be one in eight: two runs that are alike by chance meet twice."""
    rng = np.random.default_rng(1)
    small = 0
    for study in range(120):
        run = np.repeat(np.arange(runs), 8)
        y = np.concatenate([rng.permutation(np.arange(8) % 2) for _ in range(runs)])
        x = rng.normal(size=(len(y), 10))
        kernel = x @ x.T * (run[:, None] != run)
        scores = (kernel @ (2 * y - 1))[:, None]
        found = scored("x", y, scores, run.astype(str).astype(object), np.full(len(y), "", object), classes=2,
                       unit="block", n_permutations=99, seed=study)  # fmt: skip
        small += found[1].p <= 0.05
    # Of 120 at 5 % more than 12 are seen once in a hundred times.
    assert small <= 12
