"""Wrong settings are refused before anything loads, by name, with what is taken and what came."""

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.core.errors import InputError
from mien.core.settings import check_value, parse_pairs
from mien.explain.explain import explain, explain_all
from mien.explain.methods import BASELINES, METHODS, baselines_for
from mien.faithfulness.faithfulness import evaluate_evidence

RNG = np.random.default_rng(3)
TABLE = RNG.normal(size=(6, 4)).astype(np.float32)


def scores(x):
    return x[:, 0] + x[:, 1]


class Untouched:
    """A model that must not be asked and samples that must not be looked at."""

    def __call__(self, x):
        raise AssertionError("the model was asked")

    def __array__(self, *args, **kwargs):
        raise AssertionError("the samples were looked at")


@pytest.mark.parametrize(
    ("method", "name", "value", "message"),
    [
        ("integrated-gradients", "n_steps", "a", "n_steps is a whole number of at least 1 or None, but got 'a'"),
        ("integrated-gradients", "n_steps", 0, "n_steps is at least 1 or None, but got 0"),
        ("integrated-gradients", "n_steps", True, "n_steps is a whole number of at least 1 or None, but got True"),
        ("gradient-shap", "n_samples", None, "n_samples is a whole number of at least 2, but got None"),
        ("integrated-gradients", "batch_size", "x", "batch_size is a whole number of at least 1 or None, but got 'x'"),
        ("integrated-gradients", "batch_size", 0, "batch_size is at least 1 or None, but got 0"),
        ("integrated-gradients", "seed", "a", "seed is a whole number of 0 or more, but got 'a'"),
        ("integrated-gradients", "seed", -1, "seed is 0 or more, but got -1"),
        ("integrated-gradients", "seed", 1.5, "seed is a whole number"),
        ("integrated-gradients", "n_baselines", [5], r"n_baselines is .* at least 1 or None, but got \[5\]"),
        ("integrated-gradients", "max_memory", "x", "max_memory is a size such as '500MB' or '2GB', but got 'x'"),
        ("integrated-gradients", "space", 3, "space is a word or None, but got 3"),
        ("rise", "tolerance", "x", "tolerance is a number above 0 or None, but got 'x'"),
        ("rise", "tolerance", float("nan"), "tolerance is a number above 0 or None, but got nan"),
        ("gradient-shap", "n_samples", -1, "n_samples is at least 2, but got -1"),
        ("gradient-shap", "n_samples", 2.5, "n_samples is a whole number of at least 2, but got 2.5"),
        ("lime", "n_samples", 9, "n_samples is at least 10, but got 9"),
        ("kernel-shap", "precision", "float8", "precision is 'auto', 'float32', 'bfloat16' or 'float16', but got 'fl"),
        ("smoothed-sign", "gives", 3, "gives is 'levels', 'mean' or 'radius', but got 3"),
        ("grad-cam", "layer", 7, "layer is a word, but got 7"),
        ("occlusion", "window", np.ones(2), "window is a whole number of at least 1 or None, but got ndarray"),
        ("occlusion", "windows", 4, "'occlusion' has no setting 'windows'; it has: window"),
        (7, "seed", 0, "method is a word, but got 7"),
    ],
)
def test_wrong_values_are_told_before_anything_is_looked_at(method, name, value, message):
    with pytest.raises(InputError, match=message):
        explain(Untouched(), Untouched(), method=method, **{name: value})
    with pytest.raises(InputError, match=message):
        explain_all(Untouched(), Untouched(), method=method, **{name: value})


def test_numbers_of_numpy_are_numbers():
    plain = explain(scores, TABLE, method="rise", n_samples=40, tolerance=0.5, seed=2)
    other = explain(scores, TABLE, method="rise", n_samples=np.int64(40), tolerance=np.float32(0.5), seed=np.int32(2))
    np.testing.assert_array_equal(plain.values, other.values)
    assert type(other.settings["n_samples"]) is int and type(other.settings["tolerance"]) is float


@pytest.mark.parametrize("name", [name for name, row in METHODS.items() if BASELINES not in row.needs])
def test_baselines_are_refused_where_a_method_has_none(name):
    instead = "fill=" if "fill" in METHODS[name].defaults() else "no other input"
    with pytest.raises(InputError, match=f"no baselines, so leave baselines out: .*{instead}"):
        explain(Untouched(), Untouched(), method=name, baselines="zero")
    assert baselines_for(name, "zero") is None and baselines_for("deeplift", "zero") == "zero"


def test_methods_without_baselines_work_when_none_are_given():
    found = explain(scores, TABLE, method="occlusion", baselines=None, fill="zero")
    np.testing.assert_allclose(found.values, TABLE * [1, 1, 0, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_steps": "a"}, "n_steps is a whole number from 1 to 1,000,000,000, but got 'a'"),
        ({"block": 1.5}, "block is a whole number"),
        ({"fill": "grey"}, "fill is 'blur', 'mean', 'zero' or None, but got 'grey'"),
        ({"seed": "a"}, "seed is a whole number"),
        ({"batch_size": "x"}, "batch_size is a whole number"),
        ({"settings": {"rise": {"grid": 1}}}, "grid is at least 2, but got 1"),
        ({"settings": {"infidelity": {"n_subsets": "x"}}}, "n_subsets is a whole number of at least 10, but got 'x'"),
        ({"settings": {"infidelity": 3}}, "settings of 'infidelity' is a dict, but got 3"),
        ({"settings": 3}, "settings is a dict, but got 3"),
        ({"metrics": ["truth"]}, "no metric 'truth'"),
        ({"baselines": "zero"}, "'rise' has no baselines"),
        ({"bogus": 1}, "no setting 'bogus'"),
        ({"methods": 3}, "methods are names of methods"),
    ],
)
def test_the_judge_refuses_before_anything_is_looked_at(given, message):
    with pytest.raises(InputError, match=message):
        evaluate_evidence(Untouched(), Untouched(), **{"methods": ["rise", "occlusion"], **given})


def test_baselines_that_one_of_several_methods_uses_are_taken():
    from tests.explain.nets import linear

    found = evaluate_evidence(
        linear(np.ones((1, 4))), TABLE, ["occlusion", "integrated-gradients"], baselines="zero", metrics=["gini"]
    )
    assert found.settings["baselines"]["baselines"] == "zero"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--method", "rise", "--set", "bad=1"), "'rise' has no setting 'bad'"),
        (("--method", "rise", "--set", "tolerance=x"), "tolerance is a number above 0 or None, but got 'x'"),
        (("--method", "rise", "--set", "n_samples=-1"), "n_samples is at least 4, but got -1"),
        (("--method", "rise", "--set", "precision=float8"), "precision is 'auto'"),
        (("--method", "rise", "--baselines", "zero"), "'rise' has no baselines"),
        (("--method", "rise", "--n-steps", "8"), "'rise' has no setting 'n_steps'"),
        (("--method", "rise", "--max-memory", "lots"), "max_memory is a size"),
        (("--method", "rise", "--batch-size", "0"), "--batch-size is a whole number from 1"),
        (("--method", "rise", "--seed", "-1"), "--seed is a whole number from 0"),
        (("--method", "ris"), "no method 'ris'"),
    ],
)
def test_the_command_line_refuses_before_model_and_faces_are_read(tmp_path, words, message):
    from mien.cli.main import app

    # Neither the model nor the samples exist: whoever looked for them would complain about that.
    given = ["explain", str(tmp_path / "model"), str(tmp_path / "samples"), "-o", str(tmp_path / "out"), *words]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 2 and message in " ".join(done.output.split())


def test_one_value_against_one_kind():
    assert check_value("x", 3, float) == 3.0 and type(check_value("x", 3, float)) is float
    assert check_value("x", None, int | None) is None
    with pytest.raises(InputError, match="x is true or false, but got 'yes'"):
        check_value("x", "yes", bool)


def test_texts_become_what_the_defaults_are() -> None:
    defaults = {"n": 3, "share": 0.5, "name": "a", "yes": True, "cells": (1, 2), "by": {}, "any": None}
    texts = ["n=4", "share=1", "name=7", "yes=No", "cells=[4, 5]", 'by={"a": "b"}', "any=0.5", "other=x=y"]
    assert parse_pairs(texts, defaults) == {
        "n": 4, "share": 1, "name": "7", "yes": False, "cells": [4, 5], "by": {"a": "b"}, "any": 0.5, "other": "x=y",
    }  # fmt: skip
    # What cannot be read stays text, for the check to refuse; "none" is None, but a word where words are taken.
    assert parse_pairs(["n=many", "yes=1", "any=none", "name=none"], defaults) == {
        "n": "many", "yes": "1", "any": None, "name": "none",
    }  # fmt: skip
    with pytest.raises(InputError, match="NAME=VALUE, but got 'n 4'"):
        parse_pairs(["n 4"], defaults)
