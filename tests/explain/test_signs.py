"""Every method says truly whether the sign of its values means for and against: planted causes of known shares."""

import json

import lightgbm
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from benchmarks.signs import evidence_of, is_direction, methods, pictures, shares, told
from mien.explain.explain import explain
from mien.explain.methods import METHODS, sign_is_direction
from mien.explain.store import load_evidence, save_evidence
from tests.explain.nets import linear

torch.set_num_threads(1)
RNG = np.random.default_rng(0)


def test_the_planted_shares_are_those_of_the_output():
    output = evidence_of("occlusion").output
    np.testing.assert_allclose(shares(pictures()).sum(1), output, atol=1e-3)


@pytest.mark.parametrize("method", methods())
def test_the_declared_sign_is_that_of_the_planted_causes(method):
    assert is_direction(*told(method)) == METHODS[method].signed_attribution


def test_trees_and_rules_have_a_direction():
    """Of trees along planted slopes; the terms of a sum are what they add."""
    values = RNG.normal(size=(300, 3)).astype(np.float32)
    slopes = np.array([2.0, -1, 0])
    model = lightgbm.LGBMRegressor(n_estimators=40, n_jobs=1, verbosity=-1).fit(values, values @ slopes)
    found = explain(model, values, method="tree-shap").values
    for feature in (0, 1):
        share = slopes[feature] * values[:, feature]
        large = np.abs(share) > 0.2
        agreement = (np.sign(found[:, feature]) == np.sign(share))[large].mean()
        assert is_direction(np.corrcoef(found[:, feature], share)[0, 1], agreement)
    assert METHODS["tree-shap"].signed_attribution and METHODS["rule-reasons"].signed_attribution
    assert set(METHODS) == {*methods(), "tree-shap", "rule-reasons"}


@pytest.mark.parametrize(
    ("method", "settings", "signed"),
    [
        ("guided-grad-cam", {}, False), ("integrated-gradients", {}, True), ("something new", {}, True),
        ("ig", {}, True), ("smoothgrad", {"of": "integrated-gradients"}, True),
        ("smoothgrad", {"of": "saliency"}, False),
        ("smoothed-sign", {"of": "guided-backprop"}, False), ("vargrad", {"of": "integrated-gradients"}, False),
        ("attention", {"gives": "attention"}, False), ("attention", {"gives": "contribution"}, True),
        ("something new", {"signed_attribution": False}, False),
    ],
)  # fmt: skip
def test_settings_that_turn_a_sign_are_looked_at(method, settings, signed):
    assert sign_is_direction(method, settings) == signed


def test_evidence_carries_it_and_old_evidence_is_looked_up(tmp_path):
    values = RNG.normal(size=(4, 3)).astype(np.float32)
    for method, signed in (("saliency", False), ("integrated-gradients", True)):
        found = explain(linear(np.ones((1, 3))), values, method=method)
        assert found.settings["signed_attribution"] is signed
        kept = load_evidence(save_evidence(found, tmp_path / method))
        assert sign_is_direction(kept.method, kept.settings) is signed
        old = {name: value for name, value in kept.settings.items() if name != "signed_attribution"}
        assert sign_is_direction(kept.method, old) is signed


def test_the_command_line_tells_it():
    import typer

    from mien.cli.methods import methods as verb

    app = typer.Typer()
    app.command("methods")(verb)
    listed = json.loads(CliRunner().invoke(app, ["--json"]).stdout)
    assert {row["name"]: row["signed_attribution"] for row in listed} == {
        name: row.signed_attribution for name, row in METHODS.items()
    }
    one = CliRunner().invoke(app, ["guided-grad-cam"], env={"COLUMNS": "200"}).stdout
    assert "sign: none: an amount" in one and "signed_attribution: no" in one
