"""Evidence survives the way to disk and back, and damage is told."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.files import write_json
from mien.explain.explain import explain, explain_all
from mien.explain.store import evidence_folder, find_evidence, load_evidence, save_evidence, slug


def evidence():
    torch.manual_seed(0)
    values = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    values[1, 1] = np.nan
    return explain(torch.nn.Linear(3, 2), values, target="b:down", classes=["a", "b"], subjects=list("uuvvw"))


def test_what_is_saved_comes_back(tmp_path):
    one = evidence()
    again = load_evidence(save_evidence(one, tmp_path))
    for name in ("values", "output", "gap"):
        np.testing.assert_array_equal(getattr(again, name), getattr(one, name))
    for name in ("sample", "subject", "label", "status"):
        assert list(getattr(again, name)) == list(getattr(one, name))
    for name in ("space", "names", "target", "method", "settings", "topology", "model", "standard_error"):
        assert getattr(again, name) == getattr(one, name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence.json", "evidence.safetensors"]


def test_the_output_folder_has_one_folder_per_method_and_target(tmp_path):
    values = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    found = explain_all(torch.nn.Linear(3, 2), values, classes=["../../up", "x"], output=tmp_path / "e")
    folders = find_evidence(tmp_path)
    assert {f.parent for f in folders} == {tmp_path / "e" / "integrated-gradients"}
    assert {load_evidence(f).target.name for f in folders} == {"../../up", "x"}
    assert evidence_folder(tmp_path / "e", found["x"]) in folders


def test_folder_names_are_safe_and_tell_different_targets_apart():
    names = ["smiling", "a>b", "a b", "..", "<script>", "", "é", "e" * 300, "CON"]
    slugs = [slug(name) for name in names]
    assert len(set(slugs)) == len(names) and slugs[0] == "smiling"
    assert all(set(s) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") for s in slugs)


def test_damage_is_told(tmp_path):
    folder = save_evidence(evidence(), tmp_path / "e")
    with pytest.raises(InputError, match="name one of them: e"):
        load_evidence(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        load_evidence(tmp_path / "other")
    numbers = folder / "evidence.safetensors"
    whole = numbers.read_bytes()
    numbers.write_bytes(whole[:-4])
    with pytest.raises(InputError, match="run 'mien explain' again"):
        load_evidence(folder)
    numbers.write_bytes(whole)
    facts = json.loads((folder / "evidence.json").read_text())
    del facts["label"]
    write_json(folder / "evidence.json", facts)
    with pytest.raises(InputError, match="incomplete"):
        load_evidence(folder)
    (folder / "evidence.json").write_text("[1]")
    with pytest.raises(InputError, match="not written by 'mien explain'"):
        load_evidence(folder)


@pytest.mark.parametrize(
    "first", ["import mien.explain.store, mien.report.draw.svg", "import mien; mien.explain; mien.report"]
)
def test_the_verbs_can_be_called_whatever_was_imported_first(first):
    code = f"""{first}
import mien
for verb in (mien.explain, mien.report):
    try:
        verb("/nowhere", "/nowhere") if verb is mien.explain else verb("/nowhere")
    except mien.MienError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.count("/nowhere") >= 2 and not done.stderr, done


def test_a_folder_of_several_names_them_and_what_goes_through_the_landmarker_has_its_own(tmp_path):
    from dataclasses import replace

    from tests.explain.nets import linear

    found = explain(linear(np.ones((1, 3))), np.eye(3), baselines="zero", output=tmp_path)
    carried = replace(found, model={**found.model, "through": "landmarker"})
    assert evidence_folder(tmp_path, carried) != evidence_folder(tmp_path, found)
    save_evidence(carried, evidence_folder(tmp_path, carried))
    with pytest.raises(
        InputError,
        match="name one of them: integrated-gradients/output, integrated-gradients-through-landmarker/output",
    ):
        load_evidence(tmp_path)
    assert len(find_evidence(tmp_path)) == 2
    with pytest.raises(InputError, match="name one of them: output"):
        load_evidence(tmp_path / "integrated-gradients")


def test_pictures_and_drawings_of_earlier_evidence_do_not_stay_beside_new_numbers(tmp_path: Path) -> None:
    for name in ("shown.safetensors", "features.svg"):
        (tmp_path / name).write_bytes(b"of the earlier evidence")
    save_evidence(evidence(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence.json", "evidence.safetensors"]
