"""Whether a score is better than chance, and what stands beside an interval and a test that disagree."""

import numpy as np
import pytest

import mien
from mien.compare.comparison import Comparison, ModelRow, PairRow
from mien.learn.evaluation import Evaluation
from mien.learn.predicted import disagreement, none_predicted, not_predicted
from mien.report.sections import comparison
from mien.stats.scores import Score, better_than_chance

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "high", "p", "apart", "better"),
    [
        (0.55, 0.7, 0.06, True, False),  # the interval excludes chance, the test does not
        (0.45, 0.7, 0.01, True, True),
        (0.45, 0.7, 0.04, True, False),  # looks small, but p has one side only
        (0.55, 0.7, 0.01, False, True),
        (0.45, 0.7, 0.2, False, False),
        (NAN, NAN, 0.01, False, True),  # withheld: nothing to disagree with
        (0.55, 0.7, NAN, False, True),
    ],
)
def test_where_interval_and_test_disagree_one_sentence_says_why_and_the_test_decides(low, high, p, apart, better):
    score = Score(0.62, low, high, 0.5, p, 8)
    said = disagreement({"Accuracy": score})
    assert bool(said) is apart and better_than_chance(score) is better
    assert not apart or ("Accuracy" in said and "a kind that was not seen" in said and "The test decides" in said)


@pytest.mark.parametrize(("p", "apart"), [(0.2, True), (0.01, False)])
def test_compared_models_say_it_too(tmp_path, p, apart):
    pair = PairRow("a", "b", 0.1, 0.02, 0.18, p, p, 1)
    models = [ModelRow("a", 0.6, 0.5, 0.7), ModelRow("b", 0.5, 0.4, 0.6)]
    Comparison(("kind",), models, [pair], [], 12, 6, 0).write(tmp_path / "comparison.json")
    assert bool(comparison.section(tmp_path / "comparison.json")["apart"]) is apart


def test_evidence_of_what_is_not_predicted_says_so_wherever_it_is_shown_and_in_the_report_s_words(tmp_path):
    from mien.core.evidence import DO_NOT, NOT_PREDICTED

    people = tmp_path / "people"
    mien.synthesize(people, subjects=8, expressions=("neutral", "smile"), frames=4, seed=1)
    table = (tmp_path / "people" / "samples.csv").read_text().splitlines()
    rng = np.random.default_rng(2)
    shuffled = [table[0] + ",coin", *(f"{line},{'heads' if rng.random() < 0.5 else 'tails'}" for line in table[1:])]
    (tmp_path / "people" / "samples.csv").write_text("\n".join(shuffled) + "\n")
    model = tmp_path / "coin"
    trained = mien.train(people, target="coin", model="logistic", n_folds=2, output=model)
    evidence = mien.explain(model, people, target="heads", method="occlusion", output=tmp_path / "evidence")
    said = not_predicted(trained.evaluation, "heads")
    assert said.startswith(DO_NOT) and evidence.caution == said
    assert said in repr(evidence) and DO_NOT in evidence._repr_html_()
    assert DO_NOT in evidence.plot().get_title()
    stored = mien.load_evidence(tmp_path / "evidence" / "occlusion" / "heads")
    assert stored.caution == said and stored.settings[NOT_PREDICTED] == said


def test_evidence_of_what_is_predicted_or_was_not_scored_says_nothing(tmp_path):
    rows = np.random.default_rng(0).normal(size=(12, 2))
    evidence = mien.explain(lambda x: x @ np.float32([2, -1]), rows, names=("smile", "frown"))
    assert evidence.caution == "" and "\n" not in repr(evidence)


def of_ratings(**correlations):
    def stored(value):
        shown = value > 0.4
        return {"value": value, "low": value - 0.2, "high": value + 0.2, "chance": 0.0, "p": 0.01 if shown else 0.3}

    protocol = {"scheme": "grouped", "n_folds": 2, "n_subjects": 12, "n_samples": 12, "seed": 0}
    each = {name: {"pearson": stored(value)} for name, value in correlations.items()}
    said = {"target": "", "predicts": "ratings", "ratings": list(each), "protocol": protocol, "scores": {}}
    return Evaluation.of_json({**said, "classes": None, "per_rating": each})


def test_several_ratings_that_are_not_predicted_are_one_remark():
    found = of_ratings(trust=0.1, warm=0.6, age=-0.2)
    said = none_predicted(found, ["trust", "warm", "age"])
    assert said.startswith("Not predicted: do not interpret. On people that the model had not seen, 'trust' and 'age'")
    assert none_predicted(found, ["trust", "warm"]) == not_predicted(found, "trust") != ""
    assert none_predicted(found, ["warm"]) == none_predicted(None, ["trust"]) == ""
