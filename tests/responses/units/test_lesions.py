"""Lesions: planted units take their task with them and nothing else, chance shows no dissociation."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score
from torch import nn

import mien
from mien.core.errors import InputError
from mien.responses.frozen import frozen_body
from mien.responses.units.lesion_scores import joined, readings
from mien.responses.units.lesions import silenced_sets
from tests.responses.units.test_units import QUICK, answers


def test_auc_and_its_interval_are_those_of_the_references() -> None:
    rng, truth = np.random.default_rng(0), np.repeat([0, 1, 2], 30)
    scores = rng.normal(size=(90, 1, 3)) + np.eye(3)[truth][:, None]
    found = readings(scores, truth)
    expected = [roc_auc_score(truth == kind, scores[:, 0, kind]) for kind in range(3)]
    assert found.auc[0] == pytest.approx(np.mean(expected))
    # Coverage of the true AUC, Phi(1 / sqrt(2)), by intervals over sources.
    inside = 0
    for _ in range(300):
        kind = np.arange(50) % 2
        _value, low, high, _p = readings(
            (rng.normal(size=50) + kind)[:, None, None], kind
        ).contrast(np.ones(1))  # fmt: skip
        inside += low <= 0.7602 <= high
    assert 0.92 <= inside / 300 <= 0.99


def test_halves_are_averaged() -> None:
    rng = np.random.default_rng(1)
    parts = [readings(rng.normal(size=(n, 4, 1)), np.arange(n) % 2) for n in (20, 40)]
    both = joined(parts)
    assert both.auc == pytest.approx((parts[0].auc + parts[1].auc) / 2)
    error = [np.sqrt((p.pull[:, 0] ** 2).sum()) / len(p.pull) for p in (*parts, both)]
    assert error[2] == pytest.approx(np.hypot(*error[:2]) / 2)


def test_random_sets_come_in_pairs_without_a_common_unit_and_dead_units_are_left() -> None:
    living = np.arange(40) < 30
    sets = silenced_sets(np.arange(40.0), living, [0.1, 0.5], 4, 0)
    assert sets.masks.sum(1).tolist() == [0, *[3] * 6, *[15] * 6] and not sets.masks[:, ~living].any()
    assert np.flatnonzero(sets.masks[1]).tolist() == [27, 28, 29] and np.flatnonzero(sets.masks[2]).tolist() == [
        0,
        1,
        2,
    ]
    for dose in (0.1, 0.5):
        random = sets.rows("random", dose)
        assert not any((sets.masks[a] & sets.masks[b]).any() for a, b in zip(random[::2], random[1::2], strict=True))


def test_planted_units_take_their_task_with_them_and_nothing_else() -> None:
    found = mien.units(answers(2.0), faces="face", lesions="conv", doses=(0.2,), **QUICK)
    auc = {(row.task, row.silenced): row.auc for row in found.lesions}
    assert auc["faces", "none"] > 0.98 and auc["faces", "others"] > 0.95 and auc["faces", "random"] > 0.9
    # Not .5: that nothing else responds either still tells a face.
    assert auc["faces", "faces"] < 0.8
    assert auc["objects", "faces"] >= auc["objects", "none"] - 0.01
    # Chosen on half of the sources, not all of those planted are among the silent ones.
    assert auc["objects", "others"] < auc["objects", "none"] - 0.1
    [split] = found.dissociations
    assert split.double and split.faces_low > 0.1 and split.objects_low > 0.05 and split.cost_low > 0.1
    assert abs(split.cost_objects) < 0.08 and split.cost_p < 0.001


def test_without_an_effect_there_is_no_dissociation_more_often_than_chance() -> None:
    """Units whose answers have nothing to do with what a picture shows."""
    double = cost = 0
    for seed in range(40):
        found = mien.units(
            answers(0.0, seed=seed), faces="face", layers="conv", lesions="all", doses=(0.2,), n_permutations=99,
            n_shuffles=0,
        )  # fmt: skip
        double += found.dissociations[0].double
        cost += found.dissociations[0].cost_p <= 0.05
    assert double <= 2 and cost <= 6


class Colours(nn.Module):
    """Four units, one or two for each colour; behind them a mixture, beside which a residual goes on."""

    def __init__(self, residual: bool) -> None:
        super().__init__()
        self.eyes = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
        self.mix = nn.Conv2d(4, 4, 1)
        self.residual = residual
        with torch.no_grad():
            self.eyes[0].weight[:] = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0.5]])[..., None, None]
            self.eyes[0].bias[:] = 0
            self.mix.weight[:] = torch.eye(4)[..., None, None] + 0.1
            self.mix.bias[:] = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        before = self.eyes[0](x)
        after = self.mix(self.eyes[1](before))
        return after + before if self.residual else after


def pictures(folder: Path) -> mien.Samples:
    """Faces are red, things more or less green than these, on noise: green alone cannot tell faces from things."""
    rng, paths, kinds = np.random.default_rng(0), [], []
    for number in range(60):
        kind = ("face", "cup", "car")[number % 3]
        pixels = rng.integers(60, 160, (16, 16, 3))
        pixels[..., min(number % 3, 1)] += rng.integers(10, 60) * (1, 1, -1)[number % 3]
        paths.append(f"{kind}{number}.png")
        kinds.append(kind)
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / paths[-1])
    return mien.Samples(path=paths, subject=paths, labels={"category": kinds}, root=folder, things=True)


@pytest.mark.parametrize("residual", [False, True])
def test_through_the_network_a_lesion_silences_what_reads_the_units(tmp_path: Path, residual: bool) -> None:
    """With a residual that goes round the layer, too, where copies of the pictures cannot be made behind it."""
    samples, net = pictures(tmp_path), Colours(residual)
    body = frozen_body(net, size=16)
    given = mien.activations(body, samples, layers=["eyes.0", "eyes.1", "mix"])
    found = mien.units(
        given, faces="face", lesions="eyes.1", read_at="mix", body=net, doses=(0.25,), n_random=4, **QUICK
    )
    auc = {(row.task, row.silenced): row.auc for row in found.lesions}
    assert auc["faces", "none"] > 0.95 and auc["faces", "faces"] < 0.75
    assert auc["objects", "faces"] > 0.9
    assert {(row.layer, row.read_at) for row in found.lesions} == {("eyes.1", "mix")}
    assert not any(part._forward_hooks for part in net.modules())


def test_copies_behind_the_layer_give_what_one_lesion_at_a_time_gives(tmp_path: Path) -> None:
    from mien.responses.units.lesion_pass import _answers, _one_by_one, listening, named

    body = frozen_body(Colours(False), size=16)
    silent, later = named(body.layers, ["eyes.1", "mix"], "it")
    masks = np.random.default_rng(0).random((7, 4)) < 0.4
    x = torch.rand(3, 3, 16, 16)
    with listening(body.net, [later], body.module) as ask:
        one = _one_by_one(body, silent, later, ask, x, masks)
    assert _answers(body, silent, later, x, masks) == pytest.approx(one, abs=1e-5)


def test_wrong_layers_and_other_networks_are_refused(tmp_path: Path) -> None:
    samples, net = pictures(tmp_path), Colours(False)
    given = mien.activations(frozen_body(net, size=16), samples, layers=["eyes.1", "mix"])
    asked = {"faces": "face", "lesions": "mix", "read_at": "eyes.1", "body": net, **QUICK}
    with pytest.raises(InputError, match=r"'eyes.1' does not come behind 'mix'"):
        mien.units(given, **asked)
    other = Colours(False)
    with torch.no_grad():
        other.mix.bias[:] = 1.0
    with pytest.raises(InputError, match="with other weights"):
        mien.units(given, **{**asked, "lesions": "eyes.1", "read_at": "mix", "body": other})
    for path in tmp_path.glob("*.png"):
        Image.fromarray(np.full((16, 16, 3), 7, np.uint8)).save(path)
    with pytest.raises(InputError, match="does not give the stored answers again"):
        mien.units(given, **{**asked, "lesions": "eyes.1", "read_at": "mix"})
