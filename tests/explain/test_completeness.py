"""Evidence that leaves more of the output open than it explains is called so, and is in no average."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.atlas.summary import summarise
from mien.core.evidence import INCOMPLETE
from mien.explain.completeness import gap_shares
from mien.explain.explain import explain
from mien.explain.methods import METHODS
from mien.explain.store import load_evidence, save_evidence
from tests.explain.nets import made, mlp

torch.set_num_threads(1)
RNG = np.random.default_rng(4)
TABLE = RNG.normal(size=(12, 6)).astype(np.float32)


class Largest(nn.Module):
    """A ReLU that does little and a large product of two branches, for which DeepLIFT has no rule."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Linear(6, 8)

    def forward(self, x):
        h = self.first(x)
        return 0.1 * torch.relu(h).sum(dim=1) + (h[:, :4] * h[:, 4:] * h[:, ::2]).sum(dim=1)


def test_values_that_explain_less_than_they_leave_open_are_incomplete():
    found = explain(Largest(), TABLE, method="deeplift", baselines="zero")
    difference = found.output - Largest()(torch.zeros(1, 6)).item()
    share = np.abs(found.gap) / np.maximum(np.abs(difference), np.median(np.abs(difference)))
    np.testing.assert_allclose(gap_shares(found), share, rtol=1e-3)
    assert ((found.status == INCOMPLETE) == (share > 0.5)).all() and 1 < (share > 0.5).sum() < 12
    assert np.isfinite(found.values).all() and (found.ok == (share <= 0.5)).all()
    notes = " ".join(found.settings["notes"])
    assert f"INCOMPLETE: the values of {(share > 0.5).sum()} of 12 samples" in notes and "Do not interpret" in notes
    summary = summarise(found, label="")
    assert summary.samples == (share <= 0.5).sum() and summary.left_out == {INCOMPLETE: int((share > 0.5).sum())}
    kept = found[found.ok]
    np.testing.assert_allclose(summary.signed_mean, kept.values.mean(axis=0), rtol=1e-5)


def test_incomplete_evidence_alone_is_not_summed_up_and_survives_storing(tmp_path):
    found = explain(Largest(), TABLE, method="deeplift", baselines="zero")
    missed = found[found.status == INCOMPLETE]
    with pytest.raises(ValueError, match="are incomplete: do not interpret them"):
        summarise(missed, label="")
    back = load_evidence(save_evidence(missed, tmp_path))
    assert (back.status == INCOMPLETE).all()
    np.testing.assert_array_equal(back.values, missed.values)


@pytest.mark.parametrize("method", [name for name, row in METHODS.items() if row.complete and "trees" not in row.needs
                                    and "rules" not in row.needs])  # fmt: skip
@pytest.mark.parametrize("network", [made(mlp, inside=6, outputs=1), nn.Sequential(nn.Linear(6, 1))])
def test_methods_that_keep_their_promise_are_never_refused(method, network):
    needs = {"baselines": "zero"} if "baselines" in METHODS[method].needs else {"fill": "zero"}
    for rows in (TABLE, TABLE[:1], 1e-4 * TABLE, np.zeros((2, 6), np.float32)):
        assert INCOMPLETE not in explain(network, rows, method=method, **needs).status


def test_a_sampled_sum_is_judged_beside_its_own_error():
    """Few draws leave gaps that are chance: only what is beyond 1.96 standard errors counts."""
    network = made(mlp, inside=6, outputs=1)
    rows = np.repeat(TABLE[:1], 400, axis=0)
    found = explain(network, rows, method="gradient-shap", baselines="zero", n_samples=4)
    exact = explain(network, TABLE[:1], baselines="zero", n_steps=2000)
    error = found.columns["gap error"]
    assert np.abs(found.gap).max() > 0.05 * np.abs(exact.values.sum()) and INCOMPLETE not in found.status
    large = explain(network, rows, method="gradient-shap", baselines="zero", n_samples=100)
    # The error of the gap covers the gap, whose true value is 0.
    assert (np.abs(large.gap) <= 1.96 * large.columns["gap error"]).mean() >= 0.94
    assert large.columns["gap error"].mean() < error.mean()


class Switching(nn.Module):
    """Few ReLUs, so that nearly all of the error comes from one place of the way."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.layers = nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 1))

    def forward(self, x):
        return self.layers(x)


@pytest.mark.parametrize(("n_samples", "least"), [(50, 0.86), (100, 0.925)])
def test_standard_errors_of_expected_gradients_cover_also_where_a_gradient_jumps(n_samples, least):
    """Draws that fell on one side of a jump said that there was no error: 95 % were .78 then."""
    network, baselines, covered = Switching(), RNG.normal(size=(5, 6)).astype(np.float32), []
    for row in range(5):
        truth = explain(network, TABLE[[row]], baselines=baselines, n_steps=1000).values
        rows = np.repeat(TABLE[[row]], 60, axis=0)
        found = explain(network, rows, method="gradient-shap", baselines=baselines, n_samples=n_samples)
        covered.append((np.abs(found.values - truth) <= 1.96 * found.standard_error + 1e-6).mean())
    assert least <= np.mean(covered) <= 0.99
