"""Scores on the terminal: tables fit 80 columns, and what was checked of several models is printed."""

import pytest

from mien.cli.ratings import show_ratings
from mien.cli.several_models import show_all
from mien.learn.ceilings import Ceiling
from mien.learn.evaluation import Evaluation
from mien.stats.scores import Score

NAMES = ("pearson", "spearman", "concordance", "r2", "rmse")


def evaluation(*ratings: str) -> Evaluation:
    scores = {name: Score(-0.0804, -0.2713, -0.0002, 0.0, 0.771, 102) for name in NAMES}
    protocol = {"scheme": "grouped", "n_folds": 10, "n_subjects": 102, "n_samples": 102}
    ceilings = {name: Ceiling(0.984) for name in ratings}
    return Evaluation("ratings", "x", "m", protocol, scores, dict.fromkeys(ratings, scores), {}, dict(scores),
                      ceilings=ceilings)  # fmt: skip


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_ceiling_and_noise_check_of_several_models_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    show_all({"expression": evaluation("warm"), "picture-wide": evaluation("warm")}, "study/models")
    said = capsys.readouterr().out
    assert "…" not in said and max(map(len, said.splitlines())) <= 80
    assert "of ceiling" in said and "−0.082" in said
    assert " ".join(said.split()).count("Shuffled ratings: below chance") == 2
    for head in ("Spearman", "concordance", "R2", "RMSE"):
        assert head in said


@pytest.mark.parametrize("ratings", [("warm",), ("warm", "calm")])
def test_numbers_of_ratings_are_not_cut_off(capsys: pytest.CaptureFixture[str], ratings: tuple[str, ...]) -> None:
    show_ratings(evaluation(*ratings), "expression in study/models/expression")
    said = capsys.readouterr().out
    assert "…" not in said and "−0.271 to 0.000" in said and "-" not in said
