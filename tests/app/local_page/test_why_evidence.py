"""Evidence beside a face: that of this model and this target, and of no other."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.app.local_page.why.evidence import OneFace, stored
from mien.app.local_page.why.methods import gap_words
from mien.core.evidence import Evidence
from mien.core.features import NAMED
from mien.core.target import Target
from mien.explain.store import save_evidence

ONE = Evidence(
    values=np.float32([[1, 2], [3, -1]]), space=NAMED, names=("a", "b"), target=Target("smile"),
    method="input-x-gradient", settings={}, sample=np.array(["x.png", "y.png"]), subject=np.array(["p", "q"]),
    label=np.array(["", ""]), output=np.zeros(2), gap=np.array([0.5, np.nan]), status=np.array(["ok", "ok"]),
    model={"name": "mine", "weights_sha256": "1" * 64},
)  # fmt: skip


def asked(folder: Path, sha256: str = "1" * 64, name: str = "mine") -> Any:
    return SimpleNamespace(
        study=SimpleNamespace(folder=folder),
        model=SimpleNamespace(weights_sha256=sha256, name=name),
        samples=SimpleNamespace(path=np.array(["y.png", "z.png"], dtype=object)),
    )


def test_evidence_is_that_of_the_model_and_the_target(tmp_path: Path) -> None:
    save_evidence(ONE, tmp_path / "evidence" / "one")
    save_evidence(replace(ONE, target=Target("anger")), tmp_path / "evidence" / "anger")
    save_evidence(replace(ONE, target=Target("smile", against="anger")), tmp_path / "evidence" / "against")
    save_evidence(replace(ONE, model={"name": "mine", "weights_sha256": "2" * 64}), tmp_path / "evidence" / "other")
    (tmp_path / "evidence" / "broken").mkdir()
    (tmp_path / "evidence" / "broken" / "evidence.json").write_text("[]")
    (found,) = stored(asked(tmp_path), 0, "smile")
    assert found.evidence.sample.tolist() == ["y.png"] and found.evidence.values.tolist() == [[3, -1]]
    assert found.of_all is not None and len(found.of_all) == 2
    assert stored(asked(tmp_path), 1, "smile") == []
    assert stored(asked(tmp_path, sha256="3" * 64), 0, "smile") == []


def test_what_the_evidence_about_all_says_of_a_face_already_is_not_shown_twice() -> None:
    alone, of_all = OneFace(ONE[1:]), OneFace(ONE[1:], ONE)
    assert alone.says_as(of_all)
    assert not alone.says_as(OneFace(replace(ONE[1:], values=np.float32([[3, -1.1]]))))
    assert not alone.says_as(OneFace(replace(ONE[1:], method="occlusion")))


def test_the_gap_stands_beside_what_it_is_a_gap_of() -> None:
    assert gap_words(ONE[:1]) == "+0.5 (20.0% of the difference)"
    assert gap_words(ONE[1:]) == "promises none"
