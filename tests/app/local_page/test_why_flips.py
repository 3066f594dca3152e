"""The nearest change that flips an answer: known for linear models, verified, never beyond what was seen."""

import numpy as np

from mien.app.local_page.why.flips import nearest_flip, way_of_slope, ways_of_features, ways_of_points

WEIGHTS = np.array([2.0, -1.0, 0.1], dtype=np.float32)


def decide(inputs: np.ndarray) -> np.ndarray:
    return np.where(inputs @ WEIGHTS > 1, "smile", "neutral").astype(object)


def seen() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, size=(400, 3)).astype(np.float32)


def test_one_feature_flips_a_linear_model_where_algebra_says() -> None:
    usual, values = seen(), np.float32([0.1, 0.2, 0])
    within = usual.min(axis=0), usual.max(axis=0)
    found = nearest_flip(values, ways_of_features(values, usual, ("a", "b", "c")), decide, within)
    assert found is not None and found.way.name == "a" and found.decision == "smile"
    # 2 a - 0.2 = 1
    assert np.isclose(found.values[0], 0.6, atol=1e-4) and decide(found.values[None])[0] == "smile"
    assert np.isclose(found.size, 0.5 / usual[:, 0].std(), rtol=1e-3)


def test_along_the_slope_it_is_nearest_of_all() -> None:
    usual, values = seen(), np.float32([0.1, 0.2, 0])
    way = way_of_slope(values, usual, WEIGHTS.astype(float), "all")
    assert way is not None
    found = nearest_flip(values, [way], decide, (usual.min(axis=0), usual.max(axis=0)))
    distance = (1 - values @ WEIGHTS) / np.linalg.norm(WEIGHTS * usual.std(axis=0))
    assert found is not None and np.isclose(found.size, distance, rtol=1e-3)


def test_none_within_what_was_seen_is_an_answer() -> None:
    usual, values = seen() * np.float32(0.1), np.float32([0, 0, 0])
    within = usual.min(axis=0), usual.max(axis=0)
    assert nearest_flip(values, ways_of_features(values, usual, ("a", "b", "c")), decide, within) is None


def test_no_answer_is_no_other_answer() -> None:
    usual, values = seen(), np.float32([0, 0, 0])

    def silent(inputs: np.ndarray) -> np.ndarray:
        return np.where(inputs[:, 0] > 0.5, "", "neutral").astype(object)

    within = usual.min(axis=0), usual.max(axis=0)
    assert nearest_flip(values, ways_of_features(values, usual, ("a", "b", "c")), silent, within) is None


def test_a_point_is_shifted_in_all_frames_by_the_same() -> None:
    usual = np.random.default_rng(1).normal(size=(50, 4, 5, 2)).astype(np.float32)
    ways = ways_of_points(usual[0], usual, ("x", "y"), None, most=3)
    assert len(ways) == 3
    point, axis = int(ways[0].name.split()[1]), "xy".index(ways[0].name[-1])
    assert (ways[0].direction[:, point, axis] == 1).all() and ways[0].direction.sum() == 4
