"""Integrated Gradients against exact answers, its axioms and a plain Captum loop; what odd models and inputs get."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.target import Target
from mien.explain.explain import explain, explain_all

torch.set_num_threads(1)
RNG = np.random.default_rng(5)
SHAPE = (6, 68, 2)
CLIPS = RNG.normal(size=(7, *SHAPE)).astype(np.float32)
TABLE = RNG.normal(size=(9, 4)).astype(np.float32)


def linear(weights):
    layer = torch.nn.Linear(weights.shape[1], weights.shape[0], bias=True)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
    return layer


def smooth(outputs=3, hidden=16):
    torch.manual_seed(2)
    return torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(int(np.prod(SHAPE)), hidden),
        torch.nn.Tanh(),
        torch.nn.Linear(hidden, outputs),
    )


class Additive(torch.nn.Module):
    """sin(a) + b^2 - exp(c) + 0 d: the evidence of each part is its own change."""

    def forward(self, x):
        return torch.sin(x[:, 0]) + x[:, 1] ** 2 - torch.exp(x[:, 2])


class Recurrent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.net = torch.nn.GRU(136, 8, batch_first=True)
        self.head = torch.nn.Linear(8, 2)

    def forward(self, x):
        return self.head(self.net(x.flatten(2))[0][:, -1])


def test_a_linear_model_gets_exactly_weight_times_change():
    weights = RNG.normal(size=(3, 4)).astype(np.float32)
    base = RNG.normal(size=(2, 4)).astype(np.float32)
    evidence = explain(linear(weights), TABLE, target=1, baselines=base)
    np.testing.assert_allclose(evidence.values, weights[1] * (TABLE - base.mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(evidence.gap, 0, atol=1e-5)
    assert set(evidence.status) == {"ok"}


def test_an_additive_model_gets_the_change_of_each_part():
    base = np.full(4, 0.3, dtype=np.float32)
    evidence = explain(Additive(), TABLE, baselines=base)
    expected = np.stack([np.sin(TABLE[:, 0]), TABLE[:, 1] ** 2, -np.exp(TABLE[:, 2]), 0 * TABLE[:, 3]], axis=1)
    expected -= [np.sin(0.3), 0.09, -np.exp(0.3), 0]
    np.testing.assert_allclose(evidence.values, expected, atol=1e-4)


@pytest.mark.parametrize("baselines", ["medoids", "mean", "zero"])
@pytest.mark.parametrize("network", [smooth(), Recurrent()], ids=["tanh", "gru"])
def test_the_values_of_smooth_networks_sum_to_the_change_of_the_output(network, baselines):
    evidence = explain(network, CLIPS, target=0, baselines=baselines)
    change = evidence.values.sum(axis=(1, 2, 3), dtype=np.float64) - evidence.gap
    assert np.median(np.abs(evidence.gap) / np.abs(change)) < 0.01
    with torch.no_grad():
        output = network(torch.from_numpy(CLIPS))[:, 0].numpy()
    np.testing.assert_allclose(evidence.output, output, atol=1e-5)


def test_the_gap_is_what_too_few_steps_leave_open():
    few = explain(Additive(), TABLE, baselines="zero", n_steps=1)
    many = explain(Additive(), TABLE, baselines="zero", n_steps=64)
    assert np.abs(few.gap).mean() > 0.01 > 1e-4 > np.abs(many.gap).max()
    change = Additive()(torch.from_numpy(TABLE)).numpy() + 1.0
    np.testing.assert_allclose(few.values.sum(axis=1) - change, few.gap, atol=1e-5)


def test_the_same_values_as_a_plain_captum_loop():
    network, base = smooth(), CLIPS[:3]
    evidence = explain(network, CLIPS, target=2, baselines=base, n_steps=20, batch_size=37)
    plain = np.zeros_like(CLIPS)
    method = IntegratedGradients(network)
    for row, clip in enumerate(CLIPS):
        for one in base:
            found = method.attribute(torch.from_numpy(clip[None]), torch.from_numpy(one[None]), target=2, n_steps=20)
            plain[row] += found[0].detach().numpy() / len(base)
    assert np.abs(evidence.values - plain).max() <= 1e-4 * np.abs(plain).max()


@pytest.mark.parametrize("batch_size", [1, 5, 64, 100000])
def test_the_batch_does_not_change_the_result_and_bounds_what_goes_through(batch_size):
    network, largest = smooth(), []
    network.register_forward_pre_hook(lambda module, inputs: largest.append(len(inputs[0])))
    evidence = explain(network, CLIPS, target=0, baselines=CLIPS[:2], n_steps=16, batch_size=batch_size)
    assert max(largest) <= max(batch_size, 1)
    single = explain(network, CLIPS[4:5], target=0, baselines=CLIPS[:2], n_steps=16)
    np.testing.assert_allclose(evidence.values[4], single.values[0], atol=1e-6)


def test_permuting_the_points_permutes_the_evidence():
    order = RNG.permutation(68)

    class Permuted(torch.nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, x):
            return self.network(x[:, :, np.argsort(order)])

    plain = explain(smooth(), CLIPS, target=1)
    permuted = explain(Permuted(smooth()), CLIPS[:, :, order], target=1)
    np.testing.assert_allclose(permuted.values, plain.values[:, :, order], atol=1e-5)


def test_targets_are_classes_their_difference_and_down():
    network, names = smooth(), ("neutral", "smiling", "a>b")
    arguments = {"classes": names, "baselines": "zero"}
    one, other = (explain(network, CLIPS, target=t, **arguments).values for t in ("smiling", "neutral"))
    against = explain(network, CLIPS, target="smiling>neutral", **arguments)
    np.testing.assert_allclose(against.values, one - other, atol=1e-6)
    assert against.target == Target("smiling", "neutral")
    np.testing.assert_allclose(explain(network, CLIPS, target="smiling:down", **arguments).values, -one, atol=1e-7)
    assert explain(network, CLIPS, target="a>b", **arguments).target == Target("a>b")
    every = explain_all(network, CLIPS, **arguments)
    assert list(every) == list(names)
    np.testing.assert_array_equal(every["smiling"].values, one)
    some = explain_all(network, CLIPS, targets=["smiling>neutral", "smiling:down", "smiling>neutral"], **arguments)
    assert list(some) == ["smiling>neutral", "smiling:down"]
    np.testing.assert_array_equal(some["smiling>neutral"].values, against.values)


def test_an_unnamed_target_is_the_only_output_or_the_second_of_two():
    assert explain(Additive(), TABLE).target.name == "output"
    two = linear(np.eye(2, 4, dtype=np.float32))
    assert explain(two, TABLE, classes=["rest", "smile"]).target.name == "smile"
    with pytest.raises(InputError, match=r"3 outputs.*explain_all"):
        explain(smooth(), CLIPS)


@pytest.mark.parametrize("text", ["output:down", "score:down", "0:down", Target("score", direction="down")])
def test_one_output_goes_up_or_down_under_any_of_its_names(text):
    up = explain(Additive(), TABLE, target=np.int64(0), baselines="zero")
    down = explain(Additive(), TABLE, target=text, baselines="zero")
    np.testing.assert_array_equal(down.values, -up.values)
    assert str(down.target) == "output:down" and str(up.target) == "output"
    for other in ("score", "0", "output:up"):
        np.testing.assert_array_equal(explain(Additive(), TABLE, target=other, baselines="zero").values, up.values)


def test_numbers_as_text_count_outputs_unless_one_is_called_so():
    named = {"classes": ["a", "b", "0"], "baselines": "zero"}
    assert str(explain(smooth(), CLIPS, target="1>0", **named).target) == "b>0"
    assert str(explain(smooth(), CLIPS, target="2:down", **named).target) == "0:down"


@pytest.mark.parametrize("target", ["wrong", "wrong:down", "1", 1, "0>1"])
def test_a_wrong_target_of_one_output_is_told_what_is_possible(target):
    with pytest.raises(InputError, match=r"It has one: 'output', 'score', '0'; with ':down'.*'output:down'"):
        explain(Additive(), TABLE, target=target)


@pytest.mark.parametrize("target", ["wrong", "7:down", 7, "a>c"])
def test_a_wrong_target_of_several_outputs_is_told_what_is_possible(target):
    with pytest.raises(InputError, match=r"a, b; also one against another, such as 'b>a', and each with ':down'"):
        explain(linear(np.eye(2, 4, dtype=np.float32)), TABLE, target=target, classes=["a", "b"])


class Odd(torch.nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        if self.kind == "constant":
            return x.sum(dim=1) * 0 + 3
        if self.kind == "saturated":
            return torch.sigmoid(1000 + x.sum(dim=1))
        return x.sum(dim=1) * float("nan") if self.kind == "nan" else torch.log(x[:, 0])


@pytest.mark.parametrize(
    ("kind", "status"), [("constant", "constant"), ("saturated", "constant"), ("nan", "non-finite")]
)
def test_odd_models_give_a_status(kind, status):
    evidence = explain(Odd(kind), TABLE)
    assert set(evidence.status) == {status}
    assert np.isnan(evidence.values).all() if status == "non-finite" else (evidence.values == 0).all()


def test_rows_without_input_keep_their_place_and_touch_no_other():
    values = TABLE.copy()
    values[2], values[5, 1] = np.nan, np.inf
    status = np.array(["ok"] * 9, dtype=object)
    status[2] = "no face"
    features = Features(values, "named features", ("a", "b", "c", "d"), {"name": "x"}, status)
    evidence = explain(Additive(), features, baselines="zero")
    assert list(evidence.status) == ["ok", "ok", "no input", "ok", "ok", "non-finite", "ok", "ok", "ok"]
    assert np.isnan(evidence.values[[2, 5]]).all() and np.isnan(evidence.output[[2, 5]]).all()
    alone = explain(Additive(), TABLE[[0]], baselines="zero")
    np.testing.assert_allclose(evidence.values[0], alone.values[0], atol=1e-6)


def test_nothing_to_explain_is_an_answer_too():
    empty = explain(Additive(), TABLE[:0])
    assert empty.values.shape == (0, 4)
    gone = Features(np.full((2, 4), np.nan), "named features", tuple("abcd"), {}, np.array(["no face"] * 2))
    assert list(explain(Additive(), gone).status) == ["no input"] * 2


def test_the_model_is_left_as_it_was():
    network = torch.nn.Sequential(smooth(), torch.nn.Dropout(0.5)).train()
    network[0][1].eval()
    before = [(m, m.training, len(m._forward_hooks), len(m._backward_hooks)) for m in network.modules()]
    for _ in range(20):
        explain(network, CLIPS[:2], target=0, n_steps=2)
    assert before == [(m, m.training, len(m._forward_hooks), len(m._backward_hooks)) for m in network.modules()]
    assert all(p.grad is None for p in network.parameters())


def test_what_is_needed_to_compute_it_again_is_recorded():
    evidence = explain(smooth(), CLIPS, target=0, n_baselines=2, n_steps=8, seed=3)
    assert evidence.settings["n_steps"] == 8 and evidence.settings["seed"] == 3
    again = CLIPS[[int(i) for i in evidence.settings["baseline_samples"]]]
    np.testing.assert_allclose(explain(smooth(), CLIPS, target=0, n_steps=8, baselines=again).values, evidence.values)
    assert evidence.space == "landmarks x time" and evidence.topology == "ibug-68" and evidence.names == ("x", "y")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "magic"}, "no method 'magic'.*integrated-gradients"),
        ({"target": "smilling", "classes": ["smiling", "b", "c"]}, "Did you mean 'smiling'"),
        ({"target": 3}, "outputs 0 to 2"),
        ({"target": 0, "classes": ["a", "b"]}, "3 outputs, but 2 names"),
        ({"target": 0, "n_step": 3}, "no setting 'n_step'.*n_steps"),
        ({"target": 0, "n_steps": 0}, "n_steps is at least 1"),
        ({"target": 0, "batch_size": 0}, "batch_size is at least 1"),
        ({"target": 0, "baselines": "typical"}, "baselines is 'medoids'"),
        ({"target": 0, "baselines": np.zeros((2, 3))}, "of the samples' shape"),
        ({"target": 0, "baselines": "medoids:sad"}, "labelled 'sad'"),
        ({"target": 0, "subjects": ["a"]}, "7 samples, but 'subjects' has 1"),
        ({"target": 0, "reference": np.zeros((2, 5, 68, 2))}, "another shape"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        explain(smooth(), CLIPS, **arguments)


def test_wrong_models_and_arrays_are_told_in_a_sentence():
    with pytest.raises(InputError, match="does not take inputs"):
        explain(smooth(), CLIPS[:, :3], target=0)
    with pytest.raises(InputError, match=r"axes.*space="):
        explain(smooth(), CLIPS[:, :, 0], target=0)
    with pytest.raises(InputError, match="to scores, but got int"):
        explain(3, TABLE)


def test_nothing_is_called_saturated_by_methods_that_cover_parts():
    """Their zeros were judged against the output at zero and erased, though 0 is the exact Shapley value here."""
    far = (100 + RNG.normal(size=(8, 4))).astype(np.float32)
    evidence = explain(lambda x: (x[:, 0] > 50).astype(float), far, method="kernel-shap")
    assert set(evidence.status) == {"constant"} and not evidence.values.any()


def test_a_sample_alone_is_not_measured_against_itself():
    with pytest.raises(InputError, match="only reference is the sample itself"):
        explain(smooth(), CLIPS[:1], target=0)
    assert explain(smooth(), CLIPS[:1], target=0, baselines="zero").status[0] == "ok"


def test_evidence_without_an_output_to_add_up_to_is_not_finite():
    class Logarithm(torch.nn.Module):
        def forward(self, x):
            return torch.log(x[:, 0])

    rows = np.array([[1.0, 0.0], [2.0, 0.0]], dtype=np.float32)
    evidence = explain(Logarithm(), rows, baselines=np.array([[-1.0, 0.0]], dtype=np.float32))
    assert set(evidence.status) == {"non-finite"}


@pytest.mark.parametrize("target", ["", ":down", "0>", 1.5, [1]])
def test_targets_that_name_nothing_are_told_in_a_sentence(target):
    with pytest.raises(InputError, match="Target"):
        explain(linear(np.eye(4, dtype=np.float32)), TABLE, target=target)


def test_why_a_sample_has_no_input_stands_with_the_evidence():
    status = np.array(["ok"] * 8 + ["no face"], dtype=object)
    features = Features(TABLE, "named features", tuple("abcd"), {"name": "given"}, status)
    evidence = explain(linear(np.eye(4, dtype=np.float32)), features, target=0)
    assert evidence.settings["left_out"] == {"8": "no face"}


def test_subjects_beside_an_array_are_people_however_spelt_and_unknown_ones_stay_unknown():
    rows = np.random.default_rng(0).normal(size=(6, 3))
    names = ["001", "1", "P_2", "p2", "unknown", None]
    found = explain(lambda x: x.sum(1), rows, method="kernel-shap", subjects=names)
    assert list(found.subject) == ["001", "001", "P_2", "P_2", "", ""]
