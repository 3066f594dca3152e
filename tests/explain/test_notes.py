"""What has to be told beside values: precision that was not reached, and abstention."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from mien.atlas.summary import summarise
from mien.core.features import NAMED
from mien.explain.explain import explain
from mien.explain.notes import notes_of
from mien.explain.store import load_evidence
from tests.explain.nets import linear, made, mlp

torch.set_num_threads(1)
RNG = np.random.default_rng(4)
TABLE = RNG.normal(size=(5, 14)).astype(np.float32)
NETWORK = made(mlp, inside=14, outputs=2)
SAMPLED = ("gradient-shap", "smoothgrad", "vargrad", "rise", "lime", "kernel-shap", "permutation-shap")


@pytest.mark.parametrize("method", SAMPLED)
def test_a_tolerance_that_was_not_reached_is_told_and_one_that_was_is_not(method):
    few = explain(NETWORK, TABLE, method=method, target=1, n_samples=64, tolerance=1e-5)
    assert (few.columns["tolerance reached"] == 0).all() and few.ok.all() and np.isfinite(few.values).all()
    # Units of named features are the features, so the error that was looked at is that of the values.
    size, error = (np.sqrt((part.astype(float) ** 2).mean(axis=1)) for part in (few.values, few.standard_error))
    np.testing.assert_allclose(few.columns["relative error"], error / size, rtol=1e-4)
    (note,) = few.settings["notes"]
    assert "not reached for 5 of 5 samples" in note and "n_samples" in note and notes_of(few) == [note]
    enough = explain(NETWORK, TABLE, method=method, target=1, n_samples=256, tolerance=5.0)
    assert (enough.columns["tolerance reached"] == 1).all() and "notes" not in enough.settings
    without = explain(NETWORK, TABLE, method=method, target=1, n_samples=64)
    assert "tolerance reached" not in without.columns


def test_exact_values_reach_every_tolerance():
    found = explain(linear(np.ones((1, 4))), TABLE[:, :4], method="kernel-shap", tolerance=1e-9)
    assert (found.columns["tolerance reached"] == 1).all() and not notes_of(found)


class Steep(nn.Module):
    """A step of the first feature at 0.5, which a few points of a line see at a wrong height; the rest is linear."""

    def forward(self, x):
        return torch.sigmoid((x[:, 0] - 0.5) * 200) + x[:, 1]


def test_values_that_do_not_add_up_are_told_with_how_far_and_what_to_do():
    table = np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.001]], np.float32)
    found = explain(Steep(), table, baselines="zero", n_steps=3)
    share = np.abs(found.gap) / np.abs(found.output - 0)
    assert (share > 0.05).tolist() == [True, False, True]
    assert (found.status == np.where(share > 0.5, "incomplete", "ok")).all()
    note = found.settings["notes"][-1]
    assert "2 of 3 samples" in note and f"largest {100 * share.max():.0f} %" in note and "n_steps is 3" in note
    assert "notes" not in explain(Steep(), table, baselines="zero", n_steps=512).settings


class Wobble(nn.Module):
    """The first feature, and waves of the second of hardly any height."""

    def forward(self, x):
        return x[:, 0] + 0.002 * torch.sin(20 * x[:, 1])


def test_a_gap_beside_a_tiny_difference_is_no_alarm():
    # The second sample's difference is a thousandth of what is usual: nobody reads evidence into it.
    table = np.array([[3.0, 0.0], [0.001, 1.0], [2.0, 0.0]], np.float32)
    found = explain(Wobble(), table, baselines="zero", n_steps=3)
    assert abs(found.gap[1]) > 0.2 * abs(found.output[1])
    assert "notes" not in found.settings


class Ripple(nn.Module):
    """Waves much shorter than the noise, and a slope on the last feature."""

    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, x):
        return torch.cos(x * 300).sum(dim=1) / 300 + self.slope * x[:, -1]


def three_level(slope, **settings):
    return explain(Ripple(slope), TABLE, method="smoothed-sign", of="saliency", threshold=0.0, **settings)


def test_a_map_that_certifies_nothing_abstains_as_a_whole():
    found = three_level(0.0, n_samples=20)  # so few copies certify only what nearly all of them say
    whole = found.columns["abstained"] == 1
    assert whole.any() and set(found.status[whole]) == {"abstained"}
    assert np.isnan(found.values[whole]).all() and not found.ok[whole].any()
    assert f"{whole.sum()} of 5 samples abstain as a whole" in found.settings["notes"][0]
    # The trimmed mean is an estimate that nobody certifies; it stays.
    assert three_level(0.0, n_samples=20, gives="mean").ok.all()


def test_a_map_that_abstains_in_part_stays_and_says_its_share():
    found = three_level(5.0)
    assert set(found.status) == {"ok"} and (found.values[:, -1] == 1).all()
    assert (found.columns["abstained"] > 0.5).all() and (found.columns["abstained"] < 1).all()
    assert "abstains at 93 % of the values" in found.settings["notes"][0]
    assert "no sample abstains as a whole" in found.settings["notes"][0]
    assert not notes_of(explain(linear(np.ones((1, 4))), TABLE[:, :4], method="smoothed-sign", of="saliency"))


def test_abstained_samples_are_counted_by_that_name_and_stored(tmp_path):
    labels = ["a"] * 5
    found = three_level(0.0, n_samples=20, subjects=list("vwxyz"), labels=labels, output=tmp_path)
    assert found.space == NAMED and (found.status == "abstained").any()
    kept = load_evidence(tmp_path / "smoothed-sign" / "output")
    assert list(kept.status) == list(found.status) and kept.settings["notes"] == found.settings["notes"]
    assert "notes" in json.loads((tmp_path / "smoothed-sign" / "output" / "evidence.json").read_text())["settings"]
    if found.ok.any():
        assert summarise(found).left_out == {"abstained": int((found.status == "abstained").sum())}
