"""Explanation in blocks of samples: the same by one worker, by several, in parts, and after an interruption."""

from pathlib import Path

import numpy as np
import pytest
import torch

import mien
from mien.core.errors import InputError
from mien.engine.work import Done, Spread
from mien.explain.store import load_evidence
from mien.explain.workers import Workers
from tests.explain.asked import Score, Stopping
from tests.explain.nets import Gap

torch.set_num_threads(1)
ROWS = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
PICTURES = np.random.default_rng(1).random((5, 3, 12, 12)).astype(np.float32)
SHAP = {"method": "kernel-shap", "n_samples": 12}


def stored(folder: Path) -> dict[str, bytes]:
    """The numbers of all evidence, and blocks that were left."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.safetensors")}


def test_workers_give_the_same_bytes_even_if_one_is_killed(tmp_path):
    one = mien.explain(Score(), ROWS, output=tmp_path / "one", **SHAP)
    (tmp_path / "marks").mkdir()
    two = mien.explain(Score(tmp_path / "marks"), ROWS, output=tmp_path / "two", workers=2, **SHAP)
    assert (two.status == "ok").all() and two.settings == one.settings
    assert stored(tmp_path / "one") == stored(tmp_path / "two")
    assert (tmp_path / "marks" / "killed").exists() and len(list((tmp_path / "marks").glob("at-*"))) >= 1


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("saliency", {}),
        ("integrated-gradients", {"n_steps": 5}),
        ("deeplift", {}),
        ("gradient-shap", {"n_samples": 8}),
        ("gradient-shap", {"n_samples": 8, "noise": 0.1}),
        ("smoothgrad", {"of": "gradient-shap", "n_samples": 4}),
        ("smoothed-sign", {"n_samples": 4}),
        ("grad-cam", {}),
        ("score-cam", {}),
        ("occlusion", {}),
        ("leave-one-region-out", {"segments": np.arange(12)[:, None] // 4 + np.zeros(12, int)}),
        ("rise", {"n_samples": 20, "grid": 3}),
        ("lime", {"n_samples": 20, "n_segments": 4}),
        ("permutation-shap", {"n_samples": 30, "n_segments": 4}),
    ],
)
def test_blocks_change_no_number(method, settings, monkeypatch):
    torch.manual_seed(0)
    network = Gap().eval()
    asked = {"method": method, "target": 1, "classes": ("a", "b", "c"), "batch_size": 4, "seed": 3, **settings}
    in_blocks = mien.explain(network, PICTURES, **asked)
    monkeypatch.setattr("mien.explain.blocks.blocks_of", lambda problem, *rest: [slice(0, len(problem.values))])
    at_once = mien.explain(network, PICTURES, **asked)
    np.testing.assert_array_equal(in_blocks.values, at_once.values)
    np.testing.assert_array_equal(in_blocks.gap, at_once.gap)
    assert in_blocks.settings == at_once.settings and in_blocks.columns.keys() == at_once.columns.keys()
    for name, column in at_once.columns.items():
        np.testing.assert_array_equal(in_blocks.columns[name], column)


def test_parts_come_together_as_one_run(tmp_path):
    whole = mien.explain(Score(), ROWS, output=tmp_path / "whole", **SHAP)
    parts = [mien.explain(Score(), ROWS, output=tmp_path / "parts", part=f"{i}/2", **SHAP) for i in (1, 2)]
    here = [int((part.status == "ok").sum()) for part in parts]
    # The second finds what the first has kept.
    assert 0 < here[0] < here[1] == len(ROWS) and "other part" in parts[0].status
    assert not list((tmp_path / "parts").rglob("evidence.json"))
    mien.explain(Score(), ROWS, output=tmp_path / "parts", **SHAP)
    assert stored(tmp_path / "parts") == stored(tmp_path / "whole")
    (folder,) = (tmp_path / "parts" / "kernel-shap").glob("*/evidence.json")
    assert load_evidence(folder.parent).settings == whole.settings


def test_a_part_needs_a_folder():
    with pytest.raises(InputError, match="give a folder"):
        mien.explain(Score(), ROWS, part="1/2", **SHAP)


def test_what_was_interrupted_goes_on(tmp_path):
    counted = Stopping(10_000)
    mien.explain(counted, ROWS, output=tmp_path / "whole", **SHAP)
    enough = 3 * (10_000 - counted.left) // 4
    with pytest.raises(KeyboardInterrupt):
        mien.explain(Stopping(enough), ROWS, output=tmp_path / "again", **SHAP)
    assert len(list((tmp_path / "again").rglob("0*.safetensors"))) == 2
    # Too few calls for all samples, enough for those that are left.
    mien.explain(Stopping(enough), ROWS, output=tmp_path / "again", **SHAP)
    assert stored(tmp_path / "again") == stored(tmp_path / "whole")


def test_other_settings_use_no_kept_blocks(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        mien.explain(Stopping(90), ROWS, output=tmp_path, **SHAP)
    other = mien.explain(Score(), ROWS, output=tmp_path, **SHAP, seed=1)
    np.testing.assert_array_equal(other.values, mien.explain(Score(), ROWS, **SHAP, seed=1).values)


def test_a_block_that_is_given_up_costs_its_samples_alone(tmp_path, monkeypatch):
    def dying(self, here, there, items, step):
        for number, item in enumerate(items):
            if number == 1:
                yield Done(item.key, status="crashed", reason="the process that worked on it ended.")
            else:
                yield Done(item.key, here.do(None, item.value, step))

    whole = mien.explain(Score(), ROWS, **SHAP)
    monkeypatch.setattr(Workers, "_given_out", dying)
    found = mien.explain(Score(), ROWS, output=tmp_path, **SHAP)
    lost = np.arange(len(ROWS)) // 16 == 1
    assert set(found.status[lost]) == {"crashed"} and np.isnan(found.values[lost]).all()
    np.testing.assert_array_equal(found.values[~lost], whole.values[~lost])
    assert found.settings["left_out"]["16"] == "the process that worked on it ended."
    # The next run tries them again, and only them.
    monkeypatch.undo()
    again = mien.explain(Score(), ROWS, output=tmp_path, **SHAP)
    np.testing.assert_array_equal(again.values, whole.values)
    assert not list(tmp_path.rglob("0*.safetensors"))


def test_models_travel_by_their_names_whether_given_as_text_or_as_a_path(tmp_path):
    for given in ("blendshape:mouthSmileLeft", Path("blendshape:mouthSmileLeft")):
        assert Workers(given, Spread(), None).travelling(None) == "blendshape:mouthSmileLeft"
    assert Workers(tmp_path, Spread(), None).travelling(None) == str(tmp_path)
