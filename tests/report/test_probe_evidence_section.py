"""The report says what a probe's answer rests on, with the area and what faces the network has seen beside it."""

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import mien
from mien.core.provenance import record
from mien.responses.body_card import BodyCard
from mien.responses.evidence.part_shares import part_shares
from mien.responses.evidence.picture_parts import PARTS
from mien.responses.evidence.result import FACTS, ProbeEvidence, save_probe_evidence


def saved(folder: Path) -> ProbeEvidence:
    rng = np.random.default_rng(0)
    shares = {name: rng.dirichlet([6, 2, 2, 4, 4], 20) for name in ("for", "against", "both", "net")}
    shares["area"] = np.tile([0.05, 0.05, 0.05, 0.25, 0.6], (20, 1))
    sources = np.array([f"s{i}" for i in range(20)], dtype=object)
    group = np.repeat(["arranged", "not arranged"], 10).astype(object)
    rows = part_shares(shares, sources, group)
    rows += part_shares(shares, sources, group, body="toy (random, seed 1)", of_probe=shares)
    found = ProbeEvidence(
        BodyCard("toy", "random, seed 0", "", "none", 32), (BodyCard("toy", "random, seed 1", "", "none", 32),), "conv",
        "occlusion", ("face",), tuple(rows), sources, sources, group, np.ones(20, np.float32), shares, "arrangement",
        ("2 of 22 pictures were left out: no face.",),
    )  # fmt: skip
    save_probe_evidence(found, folder)
    record(folder.parents[1], f"probe-evidence {folder.name}", exposure="none")
    return found


def test_shares_areas_and_exposure_stand_in_the_page(tmp_path: Path) -> None:
    saved(tmp_path / "study" / "evidence" / "toy")
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "What on the picture a probe’s answer rests on" in page and "it has never seen a face" in page
    assert all(part in page for part in PARTS) and "arrangement not arranged" in page
    assert re.search(r"5\.0\s%", page) and "2 of 22 pictures were left out" in page and "toy (random, seed 1)" in page


def test_a_damaged_file_is_a_sentence_and_the_rest_of_the_page_stands(tmp_path: Path) -> None:
    found = saved(tmp_path / "study" / "evidence" / "toy")
    again = mien.load_probe_evidence(tmp_path / "study" / "evidence" / "toy")
    assert str(again.rows) == str(found.rows) and len(again) == 20
    saved(tmp_path / "study" / "evidence" / "good")
    (tmp_path / "study" / "evidence" / "toy" / FACTS).write_text("{}")
    page = mien.report(tmp_path / "study").read_text(encoding="utf-8")
    assert "parts.json was not written by" in page and "good" in page
