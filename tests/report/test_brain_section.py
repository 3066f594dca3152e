"""The report shows slices of a brain's maps, the largest columns and overlaps, and says what weights are not."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import mien
from mien.core.brain_space import BrainSpace
from mien.core.provenance import record
from mien.decoding.evidence.maps import BrainMap
from mien.decoding.evidence.overlap import overlap
from mien.decoding.evidence.result import FACTS, BrainEvidence


def saved(folder: Path) -> None:
    pytest.importorskip("nibabel")
    rng = np.random.default_rng(0)
    voxels = np.argwhere(np.ones((4, 4, 2)))
    names = [f"parcel {i}" for i in range(32)]
    space = BrainSpace(names, "parcel", (4, 4, 2), np.eye(4), voxels, np.arange(32))
    maps = tuple(
        BrainMap(target, "weights", "weights", rng.normal(size=(5, 32)), np.zeros((0, 0))) for target in ("fear", "joy")
    )
    pair = (overlap(maps[0].mean, maps[1].mean, k=5, names=("fear", "joy")),)
    note = ("One note.",)
    BrainEvidence(space, maps, pair, "viewers", tuple("abcde"), np.full(32, 0.4), {}, note).write(folder)
    record(folder.parents[1], f"brain-evidence {folder.name}")


def test_maps_columns_and_overlap_stand_in_the_page(tmp_path: Path) -> None:
    saved(tmp_path / "study" / "brain" / "two")
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "What decoders of a brain rest on" in page and "fear: weights" in page and "<image" in page
    assert "not where the target shows" in page and "fear, joy" in page and "One note." in page
    assert "what somebody feels" in page


def test_a_damaged_result_is_a_sentence(tmp_path: Path) -> None:
    saved(tmp_path / "study" / "brain" / "two")
    (tmp_path / "study" / "brain" / "two" / FACTS).write_text("{}")
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "was not written by" in page and "brain-evidence" in page
