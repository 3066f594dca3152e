"""The demo's parts that can be tested quickly: planted truth is scored rightly, and real sets are found or not."""

from pathlib import Path

import numpy as np
import pytest

from mien.studies import demo as d


def test_evidence_on_the_acting_points_scores_1_and_its_inverse_0() -> None:
    acting = np.arange(40, 80)
    importance = np.random.default_rng(0).random(478)
    importance[acting] += 2
    row = d.planted_score("smile", importance, acting, seed=0)
    assert row["evidence"] == 1
    assert row["inverse"] == 0
    assert row["acting"] == 40
    assert row["random_low"] < 0.5 < row["random_high"]


def test_evidence_that_knows_nothing_stays_in_the_random_range() -> None:
    random = np.random.default_rng(1)
    inside = 0
    for seed in range(40):
        row = d.planted_score("smile", random.random(478), np.arange(100), seed)
        inside += row["random_low"] <= row["evidence"] <= row["random_high"]
    assert inside >= 33


@pytest.mark.usefixtures("weights")
def test_the_whole_path_on_a_small_cohort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"SUBJECTS": 5, "CLIPS": 1, "FRAMES": 8, "PICTURE_FOLDS": 2, "SEQUENCE_FOLDS": 2}.items():
        monkeypatch.setattr(d, name, few)
    said: list[str] = []
    result = d.demo(tmp_path, real=False, say=said.append)
    assert len(said) == 3
    assert "mouthSmile" in said[0]
    page = result.report.read_text(encoding="utf-8")
    assert "Known answers" in page
    assert "public domain" in page
    assert "nobody is shown" in page
    assert "unseen" in page or "held out" in page
    assert "chance 0.17" in result.quote
