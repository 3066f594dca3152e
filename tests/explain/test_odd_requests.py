"""Models and settings that cannot be used as they are: said in a sentence, before anything is computed."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError
from mien.explain.explain import explain, explain_all
from mien.explain.faithfulness.faithfulness import faithfulness
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
    layer = nn.Linear(6, 1)
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


@pytest.mark.parametrize("ask", [explain, explain_all, faithfulness])
def test_an_output_that_cannot_be_written_is_refused_before_the_model_is_asked(ask, tmp_path):
    asked = []

    def model(values):
        asked.append(len(values))
        return values.sum(1)

    (tmp_path / "file").write_text("")
    given = {} if ask is faithfulness else {"method": "occlusion"}
    for output in (tmp_path / "file", tmp_path / "file" / "below", "/proc/x", 3):
        with pytest.raises(InputError, match="output"):
            ask(model, TABLE, **given, output=output)
    assert not asked
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
