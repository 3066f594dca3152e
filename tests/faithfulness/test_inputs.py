"""Pictures, sequences and features alike; batches; controls; what is left out; what is refused."""

import json

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.topology import topology
from mien.explain.explain import explain
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.faithfulness.imputation import filled_picture, gaussian_imputer
from mien.faithfulness.result import together
from mien.faithfulness.units import face_centre_prior, units_of
from tests.faithfulness.test_known_answers import Additive, evidence, linear

torch.set_num_threads(1)
RNG = np.random.default_rng(8)
TABLE = RNG.normal(size=(10, 5)).astype(np.float32)
SHORT = ["insertion", "deletion", "road", "infidelity", "sensitivity-n", "gini"]


class Patch(torch.nn.Module):
    """Mean of a corner of the picture, seen through a convolution with weights."""

    def __init__(self):
        super().__init__()
        self.look = torch.nn.Conv2d(3, 1, 1, bias=False)
        torch.nn.init.constant_(self.look.weight, 1.0)

    def forward(self, x):
        return self.look(x)[:, 0, :8, 16:].mean(dim=(1, 2))


class Points(torch.nn.Module):
    """Mean height of points 3 and 7 over time."""

    def forward(self, x):
        return x[:, :, [3, 7], 1].mean(dim=(1, 2))


def pictures(count=6):
    return RNG.normal(size=(count, 3, 24, 24)).astype(np.float32) + np.linspace(0, 2, 24, dtype=np.float32)


def test_pictures_have_a_planted_corner_a_centre_prior_and_blocks():
    values, truth = pictures(), np.zeros((24, 24), bool)
    truth[:8, 16:] = True
    found = evaluate_evidence(
        Patch(), values, ["integrated-gradients"], baselines="zero", fill="zero", truth=truth, block=4, n_steps=9
    )
    assert found.settings["units"] == 36 and found.settings["unit"] == "block of 4 x 4 pixels"
    rows = {row.metric: row for row in found.rows}
    assert rows["region-mass"].value == pytest.approx(1) and rows["region-auc"].value == pytest.approx(1)
    assert rows["infidelity"].value == pytest.approx(0, abs=1e-5)
    assert rows["sensitivity-n"].value == pytest.approx(1, abs=1e-4)
    # The prior knows neither picture nor network: it never moves, and misses the corner.
    assert rows["max-sensitivity"].centre == 0 and rows["parameter-randomisation"].centre == pytest.approx(1)
    assert abs(rows["parameter-randomisation"].random) < 0.2
    assert rows["region-mass"].centre < 0.1 and rows["insertion"].value > rows["insertion"].centre
    assert set(found.rank("region-mass")) == {"integrated-gradients", "random", "face-centre prior"}


def test_one_value_per_pixel_serves_as_well_as_one_per_channel():
    values = pictures(3)
    whole = evidence(RNG.normal(size=values.shape), space="pixels")
    summed = evidence(whole.values.sum(axis=1, keepdims=True), space="pixels", names=whole.names, method="summed")
    found = evaluate_evidence(Patch(), values, [whole, summed], metrics=SHORT, n_steps=4, block=3)
    for metric in SHORT:
        columns = found.values[metric]
        np.testing.assert_allclose(columns["given"], columns["summed"], atol=1e-5, err_msg=metric)


def test_sequences_are_judged_by_points():
    values = RNG.normal(size=(8, 5, 68, 2)).astype(np.float32)
    found = evaluate_evidence(
        Points(), values, "integrated-gradients", baselines="zero", fill="zero", truth=[3, 7], n_steps=68
    )
    rows = {row.metric: row for row in found.rows}
    assert rows["region-mass"].value == pytest.approx(1) and rows["pointing"].value == 1
    assert rows["infidelity"].value == pytest.approx(0, abs=1e-6) and "parameter-randomisation" not in rows
    assert found.settings["units"] == 68
    mouth = evaluate_evidence(Points(), values, "saliency", truth="mouth", metrics=["region-mass"])
    inside = topology("ibug-68").regions["mouth"]
    assert mouth.rows[0].value == np.isin([3, 7], inside).mean()


def test_batches_change_nothing_and_bound_what_goes_through():
    network, largest = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(5, 3), torch.nn.Tanh()), []
    network.register_forward_pre_hook(lambda module, inputs: largest.append(len(inputs[0])))
    runs = [
        evaluate_evidence(network, TABLE, "saliency", target=1, n_steps=4, batch_size=size, metrics=None)
        for size in (1, 3, 1000)
    ]
    small = max(largest[: len(largest) // 3])
    assert small == 1
    for metric, columns in runs[0].values.items():
        for name, column in columns.items():
            for other in runs[1:]:
                np.testing.assert_allclose(column, other.values[metric][name], atol=1e-6, err_msg=metric)


def test_the_network_is_left_as_it_was():
    network = torch.nn.Sequential(
        torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 2)
    )
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    evaluate_evidence(network, TABLE, ["saliency", "integrated-gradients"], target=1, n_steps=3)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert network.training and all(p.grad is None and p.requires_grad for p in network.parameters())
    assert not any(part._forward_hooks or part._backward_hooks for part in network.modules())


def test_functions_without_gradients_take_ready_evidence():
    def score(values):
        return values @ np.array([1, -2, 3, 0, 1])

    found = evaluate_evidence(score, TABLE, evidence(TABLE * [1, -2, 3, 0, 1]), fill="zero", n_steps=5)
    assert [row.metric for row in found.rows] == SHORT
    assert {row.metric: row.value for row in found.rows}["infidelity"] == pytest.approx(0, abs=1e-6)


def test_evidence_of_explain_is_the_method_itself():
    made = explain(Additive(), TABLE, baselines="zero")
    found = evaluate_evidence(Additive(), TABLE, ["integrated-gradients", made], baselines="zero", n_steps=5)
    both = {row.metric for row in found.rows if row.method == "integrated-gradients 2"}
    assert both == set(SHORT) and any("ready-made" in note for note in found.notes)
    for metric in SHORT:
        columns = found.values[metric]
        np.testing.assert_allclose(columns["integrated-gradients"], columns["integrated-gradients 2"], atol=1e-9)
        assert len({found.rank(metric)[name] for name in columns if name != "random"}) == 1


def test_rows_without_input_or_evidence_are_left_out_and_counted():
    values = TABLE.copy()
    values[2] = np.nan
    status = np.array(["ok"] * 10, dtype=object)
    status[2] = "no face"
    features = Features(values, "named features", tuple("abcde"), {"name": "x"}, status)
    lame = evidence(TABLE, status=["ok"] * 4 + ["non-finite"] + ["ok"] * 5)
    asked = {"metrics": ["deletion", "gini"], "n_steps": 5, "fill": "zero", "subjects": list("abcdefghij")}
    found = evaluate_evidence(Additive(), features, [lame, "saliency"], **asked)
    rows = {(row.method, row.metric): row for row in found.rows}
    assert rows["saliency", "gini"].left_out == 1 and rows["given", "deletion"].left_out == 2
    assert rows["given", "deletion"].samples == 8 and np.isnan(found.values["deletion"]["given"][[2, 4]]).all()
    assert (
        "1 of 10 samples have no usable input" in found.notes[0] and "'given' has no evidence for 1" in found.notes[2]
    )
    assert found.notes[1].startswith("Only 9 subjects")
    alone = evaluate_evidence(
        Additive(), np.delete(TABLE, 2, axis=0), "saliency", metrics=["gini"], fill="zero", subjects=list("abdefghij")
    )
    assert alone.rows[0].value == pytest.approx(rows["saliency", "gini"].value)


def test_one_subject_has_no_interval_and_a_note():
    found = evaluate_evidence(Additive(), TABLE, "saliency", metrics=["gini"], subjects=["anna"] * 10)
    row = found.rows[0]
    assert np.isnan([row.low, row.high, row.difference_low]).all() and row.subjects == 1 and row.samples == 10
    assert "one person says nothing about people" in found.notes[0]
    assert set(found.rank("gini").values()) == {1}


def test_one_sample_alone_has_no_road_and_all_else_goes_on():
    """ROAD has nothing to guess from; it stopped all the others."""
    one = evaluate_evidence(Additive(), TABLE[:1], ["integrated-gradients", "occlusion"], baselines="zero", fill="zero",
                       metrics=SHORT, settings={"occlusion": {"fill": "zero"}})  # fmt: skip
    for name in ("integrated-gradients", "occlusion"):
        assert np.isnan(one.values["road"][name]).all() and np.isnan(one.mean("road", name))
        assert all(np.isfinite(one.mean(metric, name)) for metric in SHORT if metric != "road")
    assert any("'road' has no numbers: it needs at least two reference samples" in note for note in one.notes)
    assert one.rank("road") == {} and json.dumps(one.to_json(), allow_nan=False)
    assert "road" not in " ".join(evaluate_evidence(Additive(), TABLE[:1], "integrated-gradients", baselines="zero",
                                               reference=TABLE, metrics=SHORT).notes)  # fmt: skip


def test_the_result_is_plain_json_and_two_tables():
    found = evaluate_evidence(Additive(), TABLE, "saliency", n_steps=3, truth=["feature 0"])
    again = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert again["ranks"]["gini"] == found.rank("gini") and len(again["values"]["gini"]["saliency"]) == 10
    assert list(found.table.columns[:4]) == ["method", "metric", "direction", "value"] and len(found.table) == 10
    assert list(found.ranks.index) == ["saliency", "random"] and list(found.ranks.columns) == list(found.values)


def test_the_same_seed_gives_the_same_numbers_and_another_one_others():
    one, same, other = (
        evaluate_evidence(Additive(), TABLE, "saliency", metrics=["sensitivity-n"], seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.values["sensitivity-n"]["saliency"], same.values["sensitivity-n"]["saliency"])
    assert (one.values["sensitivity-n"]["random"] != other.values["sensitivity-n"]["random"]).any()


def test_progress_goes_up_to_the_end():
    seen = []
    evaluate_evidence(
        Additive(), TABLE, ["saliency"], n_steps=3, progress=lambda done, total: seen.append(done / total)
    )
    assert seen == sorted(seen) and seen[-1] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"methods": []}, "at least one"),
        ({"methods": [3]}, "names of methods or Evidence.*int"),
        ({"methods": "magic"}, "no method 'magic'"),
        ({"metrics": ["truthiness"]}, "no metric 'truthiness'.*insertion"),
        ({"metrics": ["region-mass"]}, "needs truth"),
        ({"metrics": ["parameter-randomisation"]}, "needs a torch module with weights"),
        ({"fill": "blur"}, "for pictures"),
        ({"fill": "black"}, "fill is 'blur', 'mean'"),
        ({"block": 4}, "block is for pictures"),
        ({"n_steps": 1}, "n_steps is at least 2"),
        ({"settings": {"rice": {}}}, "neither a method nor a metric"),
        ({"settings": {"infidelity": {"n": 3}}}, "no setting 'n'.*n_subsets"),
        ({"settings": {"infidelity": {"n_subsets": 3}}}, "n_subsets is at least 10"),
        ({"truth": [0, 5]}, "numbers from 0 to 4"),
        ({"truth": np.zeros(4, bool)}, "mask of shape"),
        ({"truth": "moth"}, "neither a feature nor a facial region"),
        ({"methods": evidence(TABLE[:, :4])}, "shape.*explain the same samples"),
        ({"methods": evidence(TABLE[:3])}, "shape.*explain the same samples"),
        ({"methods": evidence(TABLE, sample=list("abcdefghij"))}, "of other samples: row 1 is 'a'"),
        ({"methods": evidence(TABLE), "target": 0, "classes": ["up"]}, "for 'output', but the target here is 'up'"),
        ({"no_such": 3}, "no setting 'no_such'"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        evaluate_evidence(Additive(), TABLE, **{"methods": "saliency", **arguments})


def test_nothing_usable_is_told():
    with pytest.raises(InputError, match="No sample has a usable input"):
        evaluate_evidence(linear([1] * 5), TABLE * np.nan, "saliency")


def test_missing_pixels_are_the_weighted_mean_of_their_neighbours():
    picture = RNG.normal(size=(2, 12, 15)).astype(np.float32)
    kept = RNG.random((12, 15)) > 0.4
    found = filled_picture(picture, kept)
    np.testing.assert_array_equal(found[:, kept], picture[:, kept])
    weights = {(i, j): (2 if 0 in (i, j) else 1) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)}
    for row, column in zip(*np.nonzero(~kept), strict=True):
        inside = {
            (row + i, column + j): w for (i, j), w in weights.items() if 0 <= row + i < 12 and 0 <= column + j < 15
        }
        mean = sum(w * found[:, y, x] for (y, x), w in inside.items()) / sum(inside.values())
        np.testing.assert_allclose(found[:, row, column], mean, atol=2e-2)


def test_a_hole_in_a_ramp_is_filled_with_the_ramp():
    ramp = np.tile(np.linspace(0, 1, 20, dtype=np.float32), (1, 20, 1))
    kept = np.ones((20, 20), bool)
    kept[6:14, 5:15] = False
    np.testing.assert_allclose(filled_picture(ramp, kept), ramp, atol=5e-3)
    np.testing.assert_allclose(filled_picture(ramp, np.zeros((20, 20), bool)), 0.5, atol=1e-6)


def test_missing_features_are_guessed_from_the_others():
    base = RNG.normal(size=(4000, 2))
    reference = np.column_stack([base[:, 0], 2 * base[:, 0] + 0.1 * RNG.normal(size=4000), base[:, 1]])
    reference = (reference + np.array([1, 2, 3])).astype(np.float32)
    units = units_of("named features", (3,))
    impute = gaussian_imputer(reference, reference, units, 0)
    rows = np.arange(200)
    found = impute(rows, np.tile([False, True, True], (200, 1)))
    np.testing.assert_array_equal(found[:, 1:], reference[:200, 1:])
    # The least-squares guess, but for the noise of 0.01 standard deviations.
    slope = np.polyfit(reference[:, 1], reference[:, 0], 1)
    np.testing.assert_allclose(found[:, 0], np.polyval(slope, reference[:200, 1]), atol=0.06)
    alone = impute(rows, np.tile([True, True, False], (200, 1)))[:, 2]
    np.testing.assert_allclose(alone, reference[:, 2].mean(), atol=0.2)


def test_missing_points_are_guessed_from_the_others():
    moved = RNG.normal(size=(300, 6, 1, 2))
    clips = np.concatenate([moved, moved, RNG.normal(size=(300, 6, 1, 2))], axis=2).astype(np.float32)
    units = units_of("landmarks x time", (6, 3, 2))
    found = gaussian_imputer(clips, clips, units, 0)(np.array([4]), np.array([[False, True, True]]))
    np.testing.assert_allclose(found[0, :, 0], clips[4, :, 1], atol=0.1)
    np.testing.assert_array_equal(found[0, :, 1:], clips[4, :, 1:])


def test_the_centre_prior_is_largest_where_the_face_is():
    units = units_of("pixels", (3, 32, 48), block=1)
    middle = face_centre_prior(units, None, 2)[0].reshape(32, 48)
    np.testing.assert_allclose(middle, middle[::-1, ::-1])
    assert middle.max() == middle[15:17, 23:25].max()
    moved = face_centre_prior(units, np.array([[10.5, 4.5], [3, 3]]), 2)[0].reshape(32, 48)
    assert np.unravel_index(moved.argmax(), moved.shape) == (4, 10)


def test_comparisons_of_several_targets_are_one_with_the_subject_as_unit():
    network = torch.nn.Linear(5, 2)
    people = list("aabbccddee")
    one, other = (
        evaluate_evidence(network, TABLE, ["saliency"], target=t, metrics=["deletion", "gini"], subjects=people)
        for t in (0, 1)
    )
    both = together([one, other])
    assert len(both.sample) == 20 and both.settings["targets"] == ["0", "1"]
    assert any("Only 5 subjects" in note for note in both.notes)
    for metric in ("deletion", "gini"):
        rows = [next(row for row in found.rows if row.metric == metric) for found in (one, other, both)]
        assert rows[2].value == pytest.approx((rows[0].value + rows[1].value) / 2)
        assert rows[2].subjects == 5 and rows[2].samples == 20
    with pytest.raises(InputError, match="no comparison to put together"):
        together([])
