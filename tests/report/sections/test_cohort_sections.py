"""Questionnaires, profiles and heterogeneity on the page: the caution beside bands, and no names."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import mien
from mien.report.draw.lines import Line, line_plot, score_histogram
from mien.report.models_folder import ModelPart

pytest.importorskip("torch")


def test_the_page_shows_all_three_without_names(tmp_path: Path) -> None:
    rng, study = np.random.default_rng(0), tmp_path / "study"
    answers = rng.integers(0, 4, (80, 7))
    lines = [",".join(["path", "subject", *(f"gad_{i}" for i in range(1, 8))])]
    lines += [",".join([f"clip{i:03d}", f"Secret{i:03d}", *map(str, row)]) for i, row in enumerate(answers)]
    table = tmp_path / "people.csv"
    table.write_text("\n".join(lines))
    mien.questionnaire(table, scale="gad-7", output=study / "questionnaires/gad")
    mien.profiles(table, scale="gad-7", most=2, n_null=19, n_boot=5, output=study / "profiles/gad")
    mien.discrepancy(table, scale="gad-7", n_null=19, output=study / "discrepancy/gad")
    page = mien.report(study).read_text()
    assert page.count("not a diagnosis") >= 3 and "One cloud, no profiles" in page
    assert "Symptom Discrepancy Index" in page and "Secret" not in page and "clip0" not in page


def test_drawings_of_few_and_missing_numbers_are_drawings() -> None:
    nothing = [float("nan")]
    assert "<svg" in line_plot([Line("a", [0.0], nothing, nothing, nothing)], across="x", up="y", level=0.0)
    assert "nan" not in line_plot(
        [Line("a", [0.0, 1.0], [1.0, float("nan")], [0.5, 0.5], [1.5, 1.5])], across="x", up="y"
    )
    assert "<svg" in score_histogram(np.array([np.nan]), (), (), name="a")
    drawn = score_histogram(np.arange(10.0), (4.0, 8.0), ("low", "middle", "high"), name="a")
    assert drawn.count("<rect") >= 10 and "middle" in drawn


def test_the_headline_pairs_a_model_with_the_effects_of_its_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mien.report.sections import cohort_headline as at

    effects = {
        name: SimpleNamespace(outcome=name, words=lambda name=name: f"{name}: nothing.") for name in ("gad", "phq")
    }
    for name in effects:
        (tmp_path / name).mkdir()
    study = SimpleNamespace(places=lambda kind, file: [tmp_path / name for name in effects], models=[])
    monkeypatch.setattr(at, "load_effects", lambda place: effects[place.name])
    monkeypatch.setattr(at, "beyond_covariates", lambda models: {"m": "it adds nothing."})
    for target, words in {
        "gad": "gad: nothing. The model 'm': it adds nothing.",
        "phq": "phq: nothing. The model 'm': it adds nothing.",
        "age": "gad: nothing. The model 'm', of age: it adds nothing.",
    }.items():
        assert at.cohort_headline(study, ModelPart("m", target=target)) == words
    assert at.cohort_headline(study, None) == "gad: nothing."
