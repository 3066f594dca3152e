"""What a model gives has to be one row of scores for each sample, which no other sample changes."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError, MienError
from mien.explain.explain import explain

torch.set_num_threads(1)
RNG = np.random.default_rng(1)
TABLE = RNG.normal(size=(5, 6)).astype(np.float32)


class Gives(nn.Module):
    """Three scores, in whatever form."""

    def __init__(self, form):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.norm, self.form = nn.Linear(6, 3), nn.BatchNorm1d(3), form

    def forward(self, x):
        return self.form(self.norm(self.layer(x)))


class Parcel:
    def __init__(self, logits):
        self.logits = logits


FORMS = [
    (lambda y: y[:, None].repeat_interleave(4, 1), "more than one row of outputs"),
    (lambda y: y.T, r"outputs first: give model\(x\).T"),
    (lambda y: y[:, :2].T, "outputs first"),
    (lambda y: y.sum(), "one number for the whole batch.*batch_size=1"),
    (lambda y: y.sum()[None], "one number for the whole batch"),
    (lambda y: [y, y], r"model\(x\)\[0\]"),
    (lambda y: (y, y), r"model\(x\)\[0\]"),
    (lambda y: {"scores": y}, r"model\(x\)\['scores'\]"),
    (Parcel, r"model\(x\).logits"),
    (lambda y: y.softmax(0), "another answer beside other samples.*batch_size=1"),
    (lambda y: y - y.mean(0), "another answer beside other samples"),
    (lambda y: None, "gives nothing"),
]


@pytest.mark.parametrize(("form", "words"), FORMS)
@pytest.mark.parametrize("rows", [5, 1])
def test_other_forms_are_refused_with_the_way_out(form, words, rows):
    """Of modules and functions alike, also for one sample."""
    model = Gives(form)
    model.eval()

    def function(values):
        return form(model.norm(model.layer(torch.from_numpy(values))).detach())

    for given, method in ((model, "saliency"), (function, "occlusion")):
        with pytest.raises(InputError, match=words):
            explain(given, TABLE[:rows], method=method, target=0, **({"fill": "zero"} if method == "occlusion" else {}))


@pytest.mark.parametrize(
    "form",
    [lambda y: y, lambda y: y[:, :, None, None], lambda y: y.squeeze(), lambda y: y.double(), lambda y: y.half()],
)
def test_forms_that_mean_the_same_give_the_same(form):
    expected = explain(Gives(lambda y: y), TABLE, method="saliency", target=1).values
    np.testing.assert_allclose(explain(Gives(form), TABLE, method="saliency", target=1).values, expected, atol=1e-3)


def test_a_number_for_the_batch_is_right_for_one_row_at_a_time():
    weights = np.arange(6)
    found = explain(lambda v: float((v @ weights).sum()), TABLE, method="occlusion", fill="zero", batch_size=1)
    np.testing.assert_allclose(found.values, TABLE * weights, atol=1e-5)


def test_a_network_in_training_mode_is_asked_in_evaluation_mode_and_left_as_it_was():
    model = Gives(lambda y: functional.dropout(y, 0.5, False)).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first, second = (explain(model, TABLE, method="saliency", target=1).values for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert all(part.training for part in model.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_model_that_draws_is_noted():
    found = explain(Gives(lambda y: functional.dropout(y, 0.5, True)), TABLE, method="saliency", target=0)
    assert "other answers to the same input" in found.settings["notes"][0]


@pytest.mark.parametrize("kind", ["function", "module"])
def test_an_error_of_the_model_is_a_sentence_that_names_it(kind):
    def reader(values):
        if len(values) > 3:
            raise KeyError("lost")
        return values.sum(1)

    class Reader(nn.Module):
        def forward(self, x):
            return reader(x)

    given, name = {"function": (reader, "reader"), "module": (Reader(), "Reader")}[kind]
    with pytest.raises(MienError, match=f"'{name}' broke off.*KeyError: 'lost'") as told:
        explain(given, TABLE, method="occlusion")
    assert isinstance(told.value.__cause__, KeyError)


@pytest.mark.parametrize("answer", [["yes"] * 5, np.array(["1", "0"]), np.array(["a", None], dtype=object)])
def test_text_is_no_score(answer):
    with pytest.raises(InputError, match="has to give numbers"):
        explain(lambda v: np.resize(answer, len(v)), TABLE, method="occlusion")


def test_values_that_are_not_finite_are_a_status():
    assert set(explain(lambda v: v.sum(1) * np.nan, TABLE, method="occlusion").status) == {"non-finite"}
