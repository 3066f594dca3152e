"""Every metric on a case whose answer is known: curves by hand, linear and additive models, planted regions."""

from itertools import permutations

import numpy as np
import pytest
import torch

from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.faithfulness.curves import cuts
from mien.faithfulness.faithfulness import evaluate_evidence

torch.set_num_threads(1)
RNG = np.random.default_rng(3)
ONES = np.ones((1, 4), np.float32)


def linear(weights):
    layer = torch.nn.Linear(len(weights), 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(np.array([weights]), dtype=torch.float32))
        layer.bias.zero_()
    return layer


def evidence(values, space="named features", method="given", **changed):
    values = np.asarray(values, np.float32)
    rows = len(values)
    names = {"named features": values.shape[-1], "landmarks x time": values.shape[-1], "pixels": values.shape[1]}[space]
    given = {
        "values": values,
        "space": space,
        "names": tuple(map(str, range(names))),
        "target": Target("output"),
        "method": method,
        "settings": {},
        "sample": np.arange(rows),
        "subject": [""] * rows,
        "label": [""] * rows,
        "output": np.zeros(rows),
        "gap": np.zeros(rows),
        "status": ["ok"] * rows,
    }
    return Evidence(**{**given, **changed})


class Additive(torch.nn.Module):
    """sin(a) + b^2 - exp(c) + d/2 + 0 e."""

    def forward(self, x):
        return torch.sin(x[:, 0]) + x[:, 1] ** 2 - torch.exp(x[:, 2]) + x[:, 3] / 2


def additive_parts(x):
    return np.stack([np.sin(x[:, 0]), x[:, 1] ** 2, 1 - np.exp(x[:, 2]), x[:, 3] / 2, 0 * x[:, 0]], axis=1)


def test_insertion_and_deletion_of_a_linear_model_by_hand():
    found = evaluate_evidence(
        linear([4, 2, 1, -1]),
        ONES,
        evidence([[4, 2, 1, -1]]),
        metrics=["insertion", "deletion"],
        fill="zero",
        n_steps=4,
    )
    # Outputs 0 4 6 7 6 while units come in and 6 2 0 -1 0 while they go, over the whole change of 6.
    np.testing.assert_allclose(found.curves["insertion"]["given"], np.array([0, 4, 6, 7, 6]) / 6, atol=1e-6)
    np.testing.assert_allclose(found.curves["deletion"]["given"], np.array([6, 2, 0, -1, 0]) / 6, atol=1e-6)
    insertion, deletion = found.rows
    assert insertion.value == pytest.approx(20 / 24) and insertion.direction == "higher is better"
    assert deletion.value == pytest.approx(4 / 24) and deletion.direction == "lower is better"
    # Turned around, units come in as -1 1 2 4: the same inputs in the reverse order.
    assert insertion.inverse == pytest.approx(deletion.value) and deletion.inverse == pytest.approx(insertion.value)


def test_the_inverse_of_a_curve_is_what_the_turned_evidence_gives():
    x = RNG.normal(size=(6, 5)).astype(np.float32)
    values = RNG.normal(size=(6, 5))
    names = ["insertion", "deletion", "road", "infidelity", "sensitivity-n"]
    found = evaluate_evidence(
        Additive(), x, [evidence(values), evidence(-values, method="turned")], metrics=names, n_steps=3
    )
    for metric in names:
        rows = {row.method: row for row in found.rows if row.metric == metric}
        assert rows["given"].inverse == pytest.approx(rows["turned"].value, abs=1e-9), metric


def test_no_order_is_better_than_the_true_one_of_an_additive_model():
    x = RNG.normal(size=(1, 5)).astype(np.float32)
    true = additive_parts(x)
    orders = [evidence(np.argsort(order)[None], method=f"order {i}") for i, order in enumerate(permutations(range(5)))]
    found = evaluate_evidence(
        Additive(), x, [evidence(true), *orders], metrics=["insertion", "deletion"], fill="zero", n_steps=5
    )
    insertion = {row.method: row.value for row in found.rows if row.metric == "insertion"}
    deletion = {row.method: row.value for row in found.rows if row.metric == "deletion"}
    sign = np.sign(Additive()(torch.from_numpy(x))[0].item() - Additive()(torch.zeros(1, 5))[0].item())
    assert insertion["given"] == pytest.approx(max(insertion.values())) and sign != 0
    assert deletion["given"] == pytest.approx(min(deletion.values()))
    assert len(insertion) == 121


def test_exact_evidence_of_a_linear_model_explains_everything_and_its_inverse_nothing():
    x = RNG.normal(size=(12, 7)).astype(np.float32)
    weights = RNG.normal(size=7)
    found = evaluate_evidence(
        linear(weights), x, [evidence(x * weights), evidence(5 * x * weights, method="scaled")],
        metrics=["infidelity", "sensitivity-n"], fill="zero",
    )  # fmt: skip
    rows = {(row.metric, row.method): row for row in found.rows}
    for name in ("given", "scaled"):
        assert rows["infidelity", name].value == pytest.approx(0, abs=1e-6)
        assert rows["infidelity", name].inverse == pytest.approx(1, abs=1e-9)
        assert rows["sensitivity-n", name].value == pytest.approx(1, abs=1e-6)
        assert rows["sensitivity-n", name].inverse == pytest.approx(-1, abs=1e-6)
    assert rows["infidelity", "given"].random > 0.5 and abs(rows["sensitivity-n", "given"].random) < 0.3


def test_integrated_gradients_are_faithful_to_an_additive_model_and_random_numbers_are_not():
    x = RNG.normal(size=(20, 5)).astype(np.float32)
    found = evaluate_evidence(
        Additive(), x, "integrated-gradients", baselines="zero", fill="zero", n_steps=5,
        subjects=list("abcdefghijklmnopqrst"),
        metrics=["insertion", "deletion", "road", "infidelity", "sensitivity-n"],
    )  # fmt: skip
    for row in found.rows:
        better = 1 if row.direction == "higher is better" else -1
        assert better * (row.value - row.random) > 0 and better * (row.value - row.inverse) > 0, row
        assert (row.difference_low > 0) if better > 0 else (row.difference_high < 0), row
        assert found.rank(row.metric) == {"integrated-gradients": 1, "random": 2}
    infidelity = next(row for row in found.rows if row.metric == "infidelity")
    assert infidelity.value == pytest.approx(0, abs=1e-4)


def test_the_gradient_of_a_linear_model_does_not_move_and_times_input_it_moves_with_the_radius():
    x = RNG.normal(size=(8, 6)).astype(np.float32)
    model, methods = linear(RNG.normal(size=6)), ["saliency", "input-x-gradient"]
    one, two = (
        evaluate_evidence(
            model, x, methods, metrics=["max-sensitivity"], settings={"max-sensitivity": {"radius": radius}}
        )
        for radius in (0.02, 0.04)
    )
    np.testing.assert_allclose(one.values["max-sensitivity"]["saliency"], 0, atol=1e-6)
    moved = one.values["max-sensitivity"]["input-x-gradient"]
    assert (moved > 0).all()
    np.testing.assert_allclose(two.values["max-sensitivity"]["input-x-gradient"], 2 * moved, rtol=1e-3)


def test_gini_is_zero_for_an_even_spread_and_largest_for_one_unit():
    x = np.ones((3, 4), np.float32)
    values = [[0, 0, -3, 0], [2, -2, 2, 2], [0, 0, 0, 0]]
    found = evaluate_evidence(linear([1, 1, 1, 1]), x, evidence(values), metrics=["gini"], fill="zero")
    np.testing.assert_allclose(found.values["gini"]["given"], [3 / 4, 0, 0], atol=1e-12)
    x = np.ones((1, 5), np.float32)
    # Mean absolute difference of 1..5 over twice the mean: 1.6 / 6.
    found = evaluate_evidence(linear([1] * 5), x, evidence([[1, -2, 3, 4, -5]]), metrics=["gini"], fill="zero")
    assert found.rows[0].value == pytest.approx(1.6 / 6) and found.rows[0].inverse == found.rows[0].value


def test_a_planted_mask_holds_everything_and_its_inverse_nothing():
    truth = np.array([True, False, True, False])
    found = evaluate_evidence(
        linear([1, 1, 1, 1]), ONES, evidence([[2, 0, -1, 0]]), truth=truth, fill="zero",
        metrics=["region-mass", "pointing", "region-auc"],
    )  # fmt: skip
    assert [row.value for row in found.rows] == [1, 1, 1]
    assert [row.inverse for row in found.rows] == [0, 0, 0]
    half = evaluate_evidence(linear([1] * 4), ONES, evidence([[1, 1, 1, 1]]), truth=[0, 2], fill="zero",
                        metrics=["region-mass", "pointing", "region-auc"])  # fmt: skip
    assert [row.value for row in half.rows] == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(("units", "steps"), [(10, 4), (7, 7), (5, 50), (3136, 50), (9, 2)])
def test_cuts_are_the_same_counted_from_either_end(units, steps):
    at = cuts(units, steps)
    assert at[0] == 0 and at[-1] == units and (np.diff(at) >= 0).all()
    np.testing.assert_array_equal(at, units - at[::-1])
