"""Models and settings that cannot be used as they are: said in a sentence, before anything is computed."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError
from mien.explain.explain import explain, explain_all
from mien.faithfulness.faithfulness import evaluate_evidence
from tests.explain.nets import made, mlp

torch.set_num_threads(1)
TABLE = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


class Gives(nn.Module):
    """A network whose scores come in a parcel."""

    def __init__(self, parcel):
        super().__init__()
        self.layer, self.parcel = nn.Linear(6, 2), parcel

    def forward(self, x):
        return self.parcel(self.layer(x))


@pytest.mark.parametrize("parcel", [lambda y: (y, y), lambda y: {"logits": y}])
def test_scores_in_a_tuple_or_dict_are_refused_with_the_way_out(parcel):
    with pytest.raises(InputError, match="wrap it in a module"):
        explain(Gives(parcel), TABLE)


@pytest.mark.parametrize(
    "method", ["saliency", "integrated-gradients", "gradient-shap", "deeplift", "guided-backprop", "kernel-shap"]
)
@pytest.mark.parametrize("before", [(), (nn.Flatten(),)])
def test_a_network_that_begins_in_place_is_explained_like_one_that_does_not(method, before):
    torch.manual_seed(0)
    layer = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 1))
    given = TABLE.copy()
    found = [
        explain(nn.Sequential(*before, nn.LeakyReLU(0.5, inplace=inplace), layer), given, method=method).values
        for inplace in (False, True)
    ]
    np.testing.assert_array_equal(*found)
    assert np.abs(found[0]).max() > 0
    np.testing.assert_array_equal(given, TABLE)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"baselines": ["a", "b"]}, "an array of numbers"),
        ({"method": "smoothgrad", "of_settings": [3]}, r"of_settings is a dict .* not \[3\]"),
        ({"classes": ["a", "a", "b"]}, "'a' stands there 2 times"),
        ({"target": True}, "name or number of an output, but got True"),
        ({"faces": "somewhere"}, "Leave faces out"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        explain(made(mlp), TABLE, **{"target": 0, **settings})


def test_weights_of_another_precision_are_named():
    with pytest.raises(InputError, match=r"torch.float64, .* give model.float\(\)"):
        explain(nn.Linear(6, 1).double(), TABLE)


@pytest.mark.parametrize("ask", [explain, explain_all, evaluate_evidence])
def test_an_output_that_cannot_be_written_is_refused_before_the_model_is_asked(ask, tmp_path):
    asked = []

    def model(values):
        asked.append(len(values))
        return values.sum(1)

    (tmp_path / "file").write_text("")
    given = {} if ask is evaluate_evidence else {"method": "occlusion"}
    for output in (tmp_path / "file", tmp_path / "file" / "below", "/proc/x", 3):
        with pytest.raises(InputError, match="output"):
            ask(model, TABLE, **given, output=output)
    assert not asked
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "smoothgrad", "baselines": "zero"}, "'smoothgrad' of 'saliency' has no baselines"),
        ({"method": "vargrad", "of": "saliency", "baselines": "zero"}, "'vargrad' of 'saliency' has no baselines"),
        ({"method": "smoothed-sign", "of": "input-x-gradient", "baselines": "mean"}, "has no baselines"),
        ({"method": "saliency", "n_baselines": 3}, "leave n_baselines out"),
        ({"baselines": "zero", "n_baselines": 3}, "baselines is 'zero': leave n_baselines out"),
        ({"baselines": TABLE[:2], "n_baselines": 3}, "baselines is an array: leave n_baselines out"),
        ({"method": "RISE"}, "Did you mean 'rise'"),
        ({"method": "integrated_gradients"}, "Did you mean 'integrated-gradients'"),
    ],
)
def test_what_would_be_ignored_is_refused(settings, words):
    with pytest.raises(InputError, match=words):
        explain(made(mlp), TABLE, target=0, **settings)


def test_baselines_stand_in_the_record_only_where_they_were_used():
    model = made(mlp)
    assert "baselines" not in explain(model, TABLE, target=0, method="smoothgrad", n_samples=4).settings
    inner = explain(model, TABLE, target=0, method="smoothgrad", of="integrated-gradients", n_samples=4, n_baselines=2)
    assert inner.settings["baselines"] == "medoids" and inner.settings["n_baselines"] == 2
    assert explain(model, TABLE, target=0).settings["n_baselines"] == 5


def test_faithfulness_refuses_settings_of_what_is_not_asked_and_gives_inner_methods_their_baselines():
    model = made(mlp)
    with pytest.raises(InputError, match="'rise' is not among the methods"):
        evaluate_evidence(model, TABLE, ["saliency"], target=0, settings={"rise": {"n_samples": 50}})
    with pytest.raises(InputError, match="'infidelity' is not among the metrics"):
        evaluate_evidence(
            model, TABLE, ["saliency"], target=0, metrics=["insertion"], settings={"infidelity": {"n_subsets": 50}}
        )
    given = {"smoothgrad": {"of": "integrated-gradients", "n_samples": 4}}
    found = evaluate_evidence(model, TABLE, ["smoothgrad"], target=0, metrics=["insertion"], settings=given)
    assert found.settings["baselines"]["baselines"] == "medoids"


class Clipped(nn.Module):
    """Flat for all inputs above 1."""

    def forward(self, x):
        return x.sum(1, keepdim=True).clamp(0, 1)


@pytest.mark.parametrize("method", ["saliency", "smoothgrad", "vargrad"])
def test_methods_over_copies_call_a_saturated_network_saturated(method):
    settings = {} if method == "saliency" else {"noise": 0.01, "n_samples": 4}
    assert set(explain(Clipped(), np.abs(TABLE) + 3, method=method, **settings).status) == {"saturated"}


def test_a_tolerance_without_a_number_goes_on_until_it_is_reached():
    generator = np.random.default_rng(1)
    weights = generator.normal(size=(30, 30)).astype(np.float32)
    rows = generator.normal(size=(2, 30)).astype(np.float32)

    def model(values):
        return np.maximum(values @ weights, 0).sum(1)

    for method in ("lime", "kernel-shap"):
        found = explain(model, rows, method=method, fill="zero", tolerance=0.02)
        usual = explain(model, rows, method=method, fill="zero", tolerance=0.02, n_samples=300)
        assert (usual.columns["tolerance reached"] == 0).all() and "is up to" in usual.settings["notes"][0]
        assert (found.columns["tolerance reached"] == 1).all() and "notes" not in found.settings
        assert (found.columns["passes"] > 300).all()


def test_the_note_on_tolerance_tells_two_small_shares_apart():
    found = explain(lambda v: v[:, 0] * v[:, 1] + v.sum(1), np.abs(TABLE), method="lime", fill="zero", tolerance=1e-6)
    assert "but 0.0001 % was asked" in found.settings["notes"][0]
    assert "under 1 %" not in found.settings["notes"][0]
