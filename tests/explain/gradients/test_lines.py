"""Points on lines: as many as the values need, none lost, and no gap that is small by luck."""

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.gradients.lines import MOST_POINTS, RULES, Enough, fejer
from mien.explain.methods import METHODS

ROWS = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


@pytest.mark.parametrize("points", RULES)
def test_a_rule_is_exact_for_polynomials_and_holds_the_points_of_the_one_before(points):
    places, weights = fejer(points)
    assert (weights > 0).all() and (np.diff(places) > 0).all()
    for power in range(points):
        assert weights @ places**power == pytest.approx(1 / (power + 1), abs=1e-12)
    np.testing.assert_allclose(fejer(2 * points + 1)[0][1::2], places, atol=1e-12)


class Polynomial(torch.nn.Module):
    """Of known integrals: powers of each feature, and a product."""

    def forward(self, x):
        return (x[:, 0] ** 3 + 2 * x[:, 1] ** 2 + x[:, 2] + x[:, 3] * x[:, 4])[:, None]


def test_values_are_the_known_ones_with_few_points():
    found = explain(Polynomial(), ROWS, baselines="zero", target=0)
    truth = np.c_[
        ROWS[:, 0] ** 3, 2 * ROWS[:, 1] ** 2, ROWS[:, 2], ROWS[:, 3] * ROWS[:, 4] / 2, ROWS[:, 3] * ROWS[:, 4] / 2,
        0 * ROWS[:, 5],
    ]  # fmt: skip
    np.testing.assert_allclose(found.values, truth, atol=1e-5)
    assert found.columns["passes"].max() <= RULES[1]


class Late(torch.nn.Module):
    """Two steep steps that cancel: the gap is small wherever the points miss both, and the values are wrong."""

    def __init__(self, steep):
        super().__init__()
        self.steep = steep

    def forward(self, x):
        return (torch.sigmoid(self.steep * (x[:, 0] - 0.6)) - torch.sigmoid(self.steep * (x[:, 1] - 0.4)) + x[:, 2])[
            :, None
        ]


def test_a_gap_that_is_small_by_luck_stops_nothing():
    ones = np.ones((1, 3), np.float32)
    truth = explain(Late(30), ones, baselines="zero", target=0, n_steps=2000).values
    # Steps that mirror each other around the middle cancel in every symmetric rule: the gap is 0 with three points.
    few = explain(Late(30), ones, baselines="zero", target=0, n_steps=3)
    assert abs(few.gap[0]) < 1e-3 and np.abs(few.values - truth).max() > 0.2
    found = explain(Late(30), ones, baselines="zero", target=0)
    assert np.abs(found.values - truth).max() < 0.02 and found.columns["passes"][0] > RULES[1]


def test_every_line_has_its_own_points_however_many_go_together():
    rng = np.random.default_rng(1)
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(6, 20), torch.nn.Tanh(), torch.nn.Linear(20, 2)).eval()
    with torch.no_grad():
        network[0].weight.mul_(4)
    rows = (ROWS * rng.uniform(0.01, 3, size=(5, 1))).astype(np.float32)
    base = rng.normal(size=(3, 6)).astype(np.float32)
    whole = explain(network, rows, baselines=base, target=0)
    assert len(set(whole.columns["passes"])) > 1
    for row in range(5):
        alone = explain(network, rows[row : row + 1], baselines=base, target=0, batch_size=2)
        assert alone.columns["passes"][0] == whole.columns["passes"][row]
        np.testing.assert_allclose(alone.values[0], whole.values[row], atol=1e-5)


def test_a_smaller_tolerance_takes_more_points_and_is_nearer():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(6, 30), torch.nn.Tanh(), torch.nn.Linear(30, 2)).eval()
    with torch.no_grad():
        network[0].weight.mul_(15)
    truth = explain(network, ROWS, baselines="zero", target=0, n_steps=2000).values
    found = [explain(network, ROWS, baselines="zero", target=0, tolerance=share) for share in (0.1, 0.01, 1e-4)]
    passes = [one.columns["passes"].sum() for one in found]
    errors = [np.abs(one.values - truth).max() for one in found]
    assert passes[0] < passes[1] < passes[2] and errors[0] > errors[1] > errors[2]


def test_steps_and_a_tolerance_are_one_too_many():
    with pytest.raises(InputError, match="n_steps or tolerance, not both"):
        METHODS["integrated-gradients"].settings({"n_steps": 8, "tolerance": 1e-4})
    assert METHODS["integrated-gradients"].settings({"n_steps": None, "tolerance": 1e-4})["tolerance"] == 1e-4


def test_a_line_that_never_has_enough_has_the_most_and_its_gap_is_said():
    # Of the row's end alone: no rule sees the step.
    class Edge(torch.nn.Module):
        def forward(self, x):
            return (torch.sigmoid(1e6 * (x[:, 0] - 0.9999)) + 0 * x[:, 1])[:, None]

    found = explain(Edge(), np.ones((1, 2), np.float32), baselines="zero", target=0)
    assert found.columns["passes"][0] == MOST_POINTS and found.status[0] in ("incomplete", "saturated")


def test_lines_of_a_sample_end_together_only_when_none_moves_and_their_mean_misses_little():
    def done(sums, moved, together):
        enough = Enough(np.ones(4), np.ones(4), 0.01, 1.0, together=together)
        return enough.of(slice(0, 4), np.array(sums), np.full(4, 2.0), np.array(moved)).tolist()

    still, far = [0.01] * 4, [0.01, 0.5, 0.01, 0.01]
    # Gaps of the first two cancel, those of the others do not.
    sums = [1.05, 0.95, 1.005, 1.05]
    assert done(sums, still, 1) == [False, False, True, False]
    assert done(sums, still, 2) == [True, True, True, False]
    # One of a pair still moves: neither ends by the mean of both.
    assert done(sums, far, 2) == [False, False, True, False]


class Counted(torch.nn.Module):
    """A network that counts the rows that it is asked about at once."""

    def __init__(self):
        super().__init__()
        self.most = 0

    def forward(self, x):
        self.most = max(self.most, len(x))
        return torch.tanh(3 * x).sum(1, keepdim=True)


@pytest.mark.parametrize("settings", [{}, {"n_steps": 20}])
def test_no_more_rows_go_together_than_allowed_however_many_lines_are_judged_together(settings):
    base = np.random.default_rng(2).normal(size=(7, 6)).astype(np.float32)
    network = Counted()
    few = explain(network, ROWS, baselines=base, target=0, batch_size=3, **settings)
    assert network.most == 3
    many = explain(Counted(), ROWS, baselines=base, target=0, **settings)
    np.testing.assert_allclose(few.values, many.values, atol=1e-5)
    if not settings:
        np.testing.assert_array_equal(few.columns["passes"], many.columns["passes"])


@pytest.mark.parametrize("steep", [0.5, 2.0, 8.0])
def test_gaps_and_errors_stay_within_the_tolerance_for_networks_of_any_steepness(steep):
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(6, 40), torch.nn.Tanh(), torch.nn.Linear(40, 1)).eval()
    with torch.no_grad():
        network[0].weight.mul_(steep)
    base = np.random.default_rng(2).normal(size=(5, 6)).astype(np.float32)
    found = explain(network, ROWS, baselines=base, target=0)
    truth = explain(network, ROWS, baselines=base, target=0, n_steps=512).values
    assert np.linalg.norm(found.values - truth) <= 0.016 * np.linalg.norm(truth)
    # The gap of a sample, which is what is promised, as a share of its difference or of a thousandth of all amounts.
    scale = np.maximum(np.abs(truth.sum(1)), 0.001 * np.abs(truth).sum(1))
    assert (np.abs(found.gap) <= 0.0101 * scale + 1e-5).all()
