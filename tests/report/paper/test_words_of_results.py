"""Words and tables of results: many models are told together, and nothing is claimed that was not shown."""

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.atlas.evidence_words import shares_words
from mien.atlas.regions import Share
from mien.compare.comparison import Comparison, ModelRow, PairRow
from mien.data.measures import Measure, Measures
from mien.learn.beside import BesideCovariates, ScoreDifference
from mien.learn.ceilings import Ceiling
from mien.learn.evaluation import Evaluation
from mien.learn.sites import Site, Sites
from mien.report.models_folder import ModelPart
from mien.report.paper.citations import Citations
from mien.report.paper.cohort_words import (
    effects_methods,
    effects_results,
    questionnaire_methods,
    questionnaire_results,
)
from mien.report.paper.comparison_words import comparison_methods, comparison_results
from mien.report.paper.model_words import learner_words, model_sentences
from mien.report.paper.score_words import ratings_methods, score_paragraphs, score_tables
from mien.report.study_folder import read_folder
from mien.stats.scores import Score

GOOD, POOR = Score(0.5, 0.3, 0.65, 0.0, 0.001, 55), Score(0.14, -0.19, 0.436, 0.0, 0.244, 55)


def part(name: str, target: str, score: Score = POOR, model: str = "logistic", **more: object) -> ModelPart:
    scores = {"pearson": score, "r2": Score(-0.13, -0.29, -0.001, 0.0, 0.8, 55), "rmse": Score(9.76, 7.1, 14.0, 9.9)}
    protocol = {"scheme": "grouped", "n_folds": 5, "n_subjects": 55, "n_samples": 55, "seed": 0}
    found = Evaluation("ratings", target, model, protocol, scores, {target: scores}, {}, **more)  # type: ignore[arg-type]
    recipe = {"name": "columns", "source": "samples"}
    return ModelPart(name, kind="named-score", target=target, classes=[target], recipe=recipe, settings={"seed": 0},
                     feature_names=["a mean", "a sd", "b mean"], evaluation=found)  # fmt: skip


def against(p: float, gain: float) -> BesideCovariates:
    alone, both = {"pearson": Score(0.2, 0.0, 0.4, 0.0)}, {"pearson": Score(0.2 + gain, 0.0, 0.5, 0.0)}
    return BesideCovariates(("age",), alone, both, {"pearson": ScoreDifference(gain, -0.1, 0.3, 55)}, {}, p)


def left_out() -> Sites:
    mean, known = Score(-0.3, -0.6, 0.1, 0.0, 0.9, 55), Score(0.0, -0.2, 0.2, 0.0, 0.5, 55)
    rows = tuple(Site(name, 18, 18, mean, known) for name in "ABC")
    return Sites("site", "pearson", rows, mean, -0.5, 0.0, known, {"pearson": ScoreDifference(0.3, 0.1, 0.5, 55)})


def test_many_models_are_a_paragraph_per_outcome_and_a_table_with_every_score() -> None:
    models = [
        part(f"{target}-{kind}", target, model=kind) for target in ("low", "sad") for kind in ("logistic", "trees")
    ]
    models.append(part("low-logistic-across", "low", sites=left_out()))
    said = dict(score_paragraphs(models))
    assert list(said) == ["Scores of 'low'", "Scores of 'sad'", "Sites"]
    assert "None of these models is shown to do better than chance." in said["Scores of 'low'"]
    assert "'logistic': Pearson correlation 0.14 (95 % interval −0.19 to 0.44, p = 0.244)" in said["Scores of 'sad'"]
    assert "with each site left out: mean correlation within sites −0.30" in said["Scores of 'low'"]
    assert "R²" not in " ".join(said.values()) and "learn" not in said["Sites"]
    first, sites = score_tables(models)
    assert len(first.rows) == 5 and first.columns[-4:] == ("Pearson correlation", "R²", "Root mean squared error", "p")
    assert first.rows[0][-4:] == ("0.14 (−0.19 to 0.44)", "−0.13 (−0.29 to 0.00)", "9.76 (7.10 to 14.00)", "0.244")
    # With sites left out, intervals over people would be too narrow.
    assert first.rows[-1][-4] == "0.14" and sites.rows[0][4] == "−0.30 (−0.60 to 0.10)"


def test_a_folder_that_does_not_name_the_kind_of_its_model_is_called_as_in_figures_and_tables() -> None:
    said = dict(score_paragraphs([part(name, name, GOOD) for name in ("london", "omi", "buhmap", "sad-logistic")]))
    assert said["Scores of 'london'"].startswith("'london': ")
    assert said["Scores of 'sad-logistic'"].startswith("'logistic': ")


def test_more_than_covariates_is_claimed_after_correction_over_models_and_outcomes() -> None:
    names = ("a", "b", "c", "d")
    poor = [part(name, name, POOR, beside=against(0.012, 0.1)) for name in names]
    assert "It is shown of none of 4 models" in dict(score_paragraphs(poor))["Beyond covariates"]
    good = [part(name, name, GOOD, beside=against(0.012 if name == "a" else 0.5, 0.1)) for name in names]
    said = dict(score_paragraphs(good))["Beyond covariates"]
    assert said.startswith("What 'a' says goes with the outcome beyond age") and "of the other 3" in said
    weak = [part(name, name, GOOD, beside=against(0.02 if name == "a" else 0.5, 0.1)) for name in names]
    assert "It is shown of none of 4" in dict(score_paragraphs(weak))["Beyond covariates"]
    assert score_tables(weak)[1].rows[0][-2:] == ("0.020", "0.080")


def test_a_ceiling_says_how_many_ratings_it_rests_on() -> None:
    ceiling = {"warm": Ceiling(0.98, 0.97, 0.99, 0.4, 102, 6120, "single.csv", (), 60, 1.0, 7.0)}
    model = part("mine", "warm", GOOD, ceilings=ceiling)
    ((_, said),) = score_paragraphs([model])
    assert "(6,120 ratings of 102 items by 60 raters, from 1 to 7; reliability of their means 0.96)" in said
    assert ratings_methods([model, model]) == (
        "'warm' was rated by 60 raters (6,120 ratings of 102 items, 60 an item; they used numbers from 1 to 7)."
    )
    # Files of earlier versions do not say who rated.
    old = {"warm": Ceiling(0.98, 0.97, 0.99, 0.4, 102, 6120, "single.csv")}
    assert "raters whose number is not known (6,120" in ratings_methods([part("m", "warm", GOOD, ceilings=old)])
    assert "at most 0.98; the model reached 0.51 (0.31 to 0.66) of it" in said
    assert "root mean squared error 9.76 in units of 'warm'" in said


def test_models_are_described_by_what_they_learnt_from(tmp_path) -> None:
    (tmp_path / "measures").mkdir()
    rows = "name,channel\na mean,a\na sd,a\nb mean,b\n"
    (tmp_path / "measures" / "codebook.csv").write_text(rows)
    models = [part("low-trees", "low", model="trees"), part("sad-trees", "sad", model="trees")]
    (said,) = model_sentences(models, tmp_path, Citations())
    assert "Gradient-boosted trees (LightGBM) on 3 measures of 2 channels of the face over time ('trees')" in said
    assert "predict 'low' and 'sad', each by a model of its own" in said and "blendshapes" not in said
    assert learner_words(models[0]) == "gradient-boosted trees (LightGBM) on 3 columns of the table"
    faces = replace(models[0], kind="tabular-score", recipe={"name": "expression", "blocks": ["measures", "points"]})
    named = replace(faces, evaluation=replace(faces.evaluation, model="expression"))
    assert learner_words(named).startswith("ridge regression on 3 features (distances in the face and positions of")


def test_shares_are_told_apart_from_an_even_spread() -> None:
    rows = [
        Share("1", "nose", 0.36, 0.23, 0),
        Share("2", "lip", 0.0131, 0.001, 0),
        Share("3", "chin", 0.0104, 0.0098, 0),
    ]
    assert shares_words(rows) == (
        "nose (36 %; even spread 23 %), lip (1.3 %; even spread 0.1 %) and chin (1.04 %; even spread 0.98 %)"
    )


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """A questionnaire, and effects of measures on its scores, without any effect."""
    folder, rng = tmp_path_factory.mktemp("words"), np.random.default_rng(3)
    lines = [",".join(["subject", *(f"gad_{i}" for i in range(1, 8))])]
    people = [f"P{i:02d}" for i in range(40)]
    lines += [",".join([name, *map(str, rng.integers(0, 4, 7))]) for name in people]
    (folder / "gad.csv").write_text("\n".join(lines))
    study = folder / "study"
    scored = mien.questionnaire(folder / "gad.csv", scale="gad-7", output=study / "questionnaires" / "gad-7")
    samples = mien.Samples(people, people, {}, {"age": rng.uniform(12, 18, 40), **scored.ratings})
    codebook = tuple(Measure(f"m{i} mean", f"m{i}", "mean", group="other") for i in range(7))
    status = np.full(40, "ok", dtype=object)
    values = np.column_stack([rng.normal(size=(40, 6)), np.ones(40)])
    measures = Measures(samples.path, values, codebook, status, {"usable share": np.ones(40)})
    mien.effects(samples, measures, study, outcome="gad_7_total", covariates=["age"])
    return study


def test_questionnaire_and_adjusted_effects_are_worded(cohort) -> None:
    study = read_folder(cohort)
    methods = " ".join([*questionnaire_methods(study, []), *effects_methods(study, [])])
    for words in ("7 items from 0 to 3", "Spitzer", "alpha", "omega", "missing item", "Benjamini and Hochberg",
                  "with age held constant", "7 measures",
                  "1 of them was not tested"):  # fmt: skip
        assert words in methods, words
    assert "total" in questionnaire_results(study, [])[0]
    (said,), (table,) = effects_results(study, [])
    assert "false-discovery rate" in said and table.rows[0][0] == "gad_7_total" and table.rows[0][2] == "6"
    text = mien.methods_text(cohort)
    assert text.not_worded == () and text.tables == (table,)
    assert "| gad_7_total | 40 | 6 |" in text.markdown()


def test_models_compared_are_worded(tmp_path) -> None:
    pair = PairRow("picture", "expression", 0.149, 0.038, 0.26, 0.009, 0.009, 1)
    rows = [ModelRow("picture", 0.58, 0.41, 0.71), ModelRow("expression", 0.43, 0.24, 0.6)]
    Comparison(("warm",), rows, [pair], [], 102, 102, 0).write(tmp_path / "comparison" / "comparison.json")
    study = read_folder(tmp_path)
    assert "flip the signs" in comparison_methods(study, [])
    (said,), tables = comparison_results(study, [])
    assert said == "'picture' (0.58) did better than 'expression' (0.43): difference 0.15 (0.04 to 0.26), p = 0.009."
    assert tables == []


def test_tables_are_tables_in_a_word_processor(cohort, tmp_path) -> None:
    docx = pytest.importorskip("docx")
    mien.methods_text(cohort, tmp_path)
    (table,) = docx.Document(str(tmp_path / "methods.docx")).tables
    assert [cell.text for cell in table.rows[0].cells][:2] == ["Outcome", "People"]
    assert table.rows[1].cells[0].text == "gad_7_total"


def test_drawings_and_text_withhold_alike_the_interval_over_people_of_sites_left_out() -> None:
    across = part("low-logistic-across", "low", sites=left_out())
    assert across.drawn_score == left_out().mean and across.main_score != left_out().mean
    (paragraph,) = score_paragraphs([across])
    assert "0.14 (interval withheld: sites differ in level" in paragraph[1]
    assert part("low", "low").drawn_score == part("low", "low").main_score
