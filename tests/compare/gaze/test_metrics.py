"""Metrics of maps against fixations: exact on closed forms, invariant where they have to be, equal to plain code."""

from itertools import pairwise

import numpy as np
import pytest

from mien.compare.gaze import metrics
from mien.compare.gaze.metrics import METRICS

CELLS = 40


def made(seed: int = 0, maps: int = 3, viewers: int = 4, most: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Maps with ties, fixations of viewers (the last has none) that share cells, and their densities."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 12, (maps, CELLS)).astype(float)
    at = rng.integers(0, CELLS, (viewers, most))
    at[np.arange(most) >= rng.integers(1, most + 1, viewers)[:, None]] = -1
    at[0, :2] = 7
    at[-1] = -1
    density = metrics.distribution(rng.random((viewers, CELLS)))
    return values, at, density


# Written from the published definitions, one map and one viewer at a time.


def plain_nss(values: np.ndarray, at: list[int]) -> float:
    return float(np.mean([(values[cell] - values.mean()) / values.std() for cell in at]))


def plain_area(positives: list[float], negatives: list[float], weights: list[float] | None = None) -> float:
    """Area under the curve of all thresholds, by the trapezoids between them."""
    weights = [1.0] * len(negatives) if weights is None else weights
    corners = [(0.0, 0.0)]
    for threshold in sorted({*positives, *negatives}, reverse=True):
        hits = sum(value >= threshold for value in positives) / len(positives)
        false = sum(w for value, w in zip(negatives, weights, strict=True) if value >= threshold) / sum(weights)
        corners.append((false, hits))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(corners))


def published_judd(values: np.ndarray, at: list[int]) -> float:
    """Trapezoids over the thresholds of fixated cells alone, as the MIT benchmark computes it."""
    cells = sorted(set(at))
    tops = sorted((values[cell] for cell in cells), reverse=True)
    corners = [(0.0, 0.0)]
    for i, top in enumerate(tops, 1):
        corners.append(((int((values >= top).sum()) - i) / (len(values) - len(tops)), i / len(tops)))
    corners.append((1.0, 1.0))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(corners))


@pytest.mark.parametrize("seed", range(5))
def test_every_metric_equals_plain_code_written_from_its_definition(seed: int) -> None:
    values, at, density = made(seed)
    rng = np.random.default_rng(seed + 100)
    other, baseline = rng.integers(0, 4, CELLS).astype(float), rng.random(CELLS)
    found = metrics.scores(values, at, density, other, baseline)
    assert found.shape == (8, 3, 4) and np.isnan(found[:, :, -1]).all()
    for m, one in enumerate(values):
        p = one / one.sum()
        for v in range(3):
            own = [int(cell) for cell in at[v] if cell >= 0]
            q, b = density[v], baseline / baseline.sum()
            expected = {
                "NSS": plain_nss(one, own),
                "AUC-Judd": plain_area([one[c] for c in own], [one[c] for c in range(CELLS) if c not in own]),
                "AUC-Borji": plain_area([one[c] for c in own], list(one)),
                "shuffled AUC": plain_area([one[c] for c in own], list(one), list(other)),
                "CC": np.corrcoef(p, q)[0, 1],
                "KL": sum(q[c] * np.log(2.0**-52 + q[c] / (p[c] + 2.0**-52)) for c in range(CELLS)),
                "SIM": sum(min(p[c], q[c]) for c in range(CELLS)),
                "information gain": np.mean(
                    [np.log2(2.0**-52 + p[c]) - np.log2(2.0**-52 + b[c]) for c in own]
                ),
            }  # fmt: skip
            for number, name in enumerate(METRICS):
                assert found[number, m, v] == pytest.approx(expected[name], abs=1e-10), name


def test_single_metrics_are_those_of_the_table() -> None:
    values, at, density = made()
    other, baseline = np.arange(CELLS, dtype=float), np.ones(CELLS)
    alone = [
        metrics.nss(values, at), metrics.auc_judd(values, at), metrics.auc_borji(values, at),
        metrics.auc_shuffled(values, at, other), metrics.cc(values, density), metrics.kl(values, density),
        metrics.sim(values, density), metrics.information_gain(values, at, baseline),
    ]  # fmt: skip
    table = metrics.scores(values, at, density, other, baseline)
    for one, row in zip(alone, table, strict=True):
        np.testing.assert_allclose(one[:, :-1], row[:, :-1], atol=1e-12)


def test_areas_equal_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    values, at, _ = made(3)
    own = at[1][at[1] >= 0]
    seen = np.isin(np.arange(CELLS), own)
    counts = np.where(seen, np.bincount(own, minlength=CELLS), 1)
    assert metrics.auc_judd(values, at)[0, 1] == pytest.approx(
        sklearn.roc_auc_score(seen, values[0], sample_weight=counts)
    )


def test_the_published_trapezoid_of_few_thresholds_is_larger_by_no_more_than_half_a_fixation() -> None:
    rng = np.random.default_rng(1)
    for n in (1, 3, 10):
        values = rng.permutation(CELLS).astype(float)
        own = rng.choice(CELLS, n, replace=False)
        exact = metrics.auc_judd(values[None], own[None])[0, 0]
        assert exact <= published_judd(values, list(own)) <= exact + 1 / (2 * n) + 1e-12


def test_expectations_stand_for_random_draws_of_negatives() -> None:
    values, at, _ = made(2)
    other = np.random.default_rng(0).integers(0, 5, CELLS).astype(float)
    rng, own = np.random.default_rng(4), at[1][at[1] >= 0]
    one = values[0]

    def drawn(weights: np.ndarray) -> float:
        negatives = one[rng.choice(CELLS, (20_000, len(own)), p=weights / weights.sum())]
        above = one[own][None, :, None] - negatives[:, None, :]
        return float(((above > 0) + 0.5 * (above == 0)).mean())

    assert metrics.auc_borji(values, at)[0, 1] == pytest.approx(drawn(np.ones(CELLS)), abs=0.005)
    assert metrics.auc_shuffled(values, at, other)[0, 1] == pytest.approx(drawn(other), abs=0.005)


def test_even_maps_score_exactly_what_chance_does() -> None:
    _, at, density = made()
    even = np.full((1, CELLS), 0.1)
    found = metrics.scores(even, at, density, np.ones(CELLS), np.ones(CELLS))[:, 0, :-1]
    for name, expected in {"NSS": 0, "AUC-Judd": 0.5, "AUC-Borji": 0.5, "shuffled AUC": 0.5, "CC": 0}.items():
        assert (found[list(METRICS).index(name)] == expected).all(), name
    assert found[list(METRICS).index("information gain")] == pytest.approx(0)


def test_a_point_mass_on_the_only_fixated_cell() -> None:
    point, at = np.zeros((1, CELLS)), np.array([[9]])
    point[0, 9] = 1
    found = metrics.scores(point, at, point, np.ones(CELLS), np.ones(CELLS))[:, 0, 0]
    expected = [np.sqrt(CELLS - 1), 1, 1 - 0.5 / CELLS, 1 - 0.5 / CELLS, 1, 0, 1, np.log2(CELLS)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_gaussians_have_their_closed_forms() -> None:
    x = np.linspace(-12, 12, 4001)
    p, q = (np.exp(-((x - m) ** 2) / 2)[None] for m in (0.0, 1.0))
    assert metrics.kl(p, q)[0, 0] == pytest.approx(0.5, abs=1e-6)
    # Overlap of two normal curves that are one standard deviation apart.
    assert metrics.sim(p, q)[0, 0] == pytest.approx(2 * 0.3085375387, abs=1e-4)


@pytest.mark.parametrize("change", [lambda m: np.exp(m / 3), lambda m: m**3 + 5, lambda m: np.argsort(np.argsort(m))])
def test_areas_know_only_the_order_of_values(change) -> None:
    values = np.random.default_rng(0).permuted(np.arange(2.0 * CELLS).reshape(2, CELLS), axis=1)
    _, at, _ = made()
    other = np.arange(CELLS, dtype=float)
    changed = np.stack([change(one) for one in values])
    for metric in (metrics.auc_judd, metrics.auc_borji):
        np.testing.assert_array_equal(metric(changed, at), metric(values, at))
    np.testing.assert_array_equal(metrics.auc_shuffled(changed, at, other), metrics.auc_shuffled(values, at, other))


def test_nss_and_cc_do_not_depend_on_scale_and_offset_and_distributions_not_on_scale() -> None:
    values, at, density = made()
    np.testing.assert_allclose(metrics.nss(7 * values - 3, at), metrics.nss(values, at), atol=1e-12)
    np.testing.assert_allclose(metrics.cc(7 * values - 3, density), metrics.cc(values, density), atol=1e-12)
    for metric in (metrics.kl, metrics.sim):
        np.testing.assert_allclose(metric(7 * values, density), metric(values, density), atol=1e-12)
    np.testing.assert_allclose(metrics.nss(-values, at), -metrics.nss(values, at), atol=1e-12)


def test_maps_of_viewers_are_scored_each_for_its_own() -> None:
    values, at, density = made(1, maps=4)
    own = np.broadcast_to(values[:, None], (4, 4, CELLS))
    shifted = np.stack([np.roll(own[0, v], v) for v in range(4)])[None]
    other, baseline = np.ones(CELLS), np.ones(CELLS)
    together = metrics.scores(shifted, at, density, other, baseline)
    for v in range(3):
        alone = metrics.scores(shifted[:, v], at[v : v + 1], density[v : v + 1], other, baseline)
        np.testing.assert_allclose(together[:, 0, v], alone[:, 0, 0], atol=1e-12)
