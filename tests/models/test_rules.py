"""The rules: every score is the sum of its reasons, and what cannot be measured is not guessed."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES, Faces
from mien.core.samples import Samples
from mien.explain.explain import explain
from mien.features import compute
from mien.features.actions import ACTIONS, UNMEASURED
from mien.learn.evaluate import evaluate
from mien.models.rules import ALSO_CALLED, NEEDED, TABLE, THRESHOLD, rules
from mien.models.store import load_model, save_model


def strengths(**given: float) -> np.ndarray:
    """One face whose actions are all measured and at rest, but for those given."""
    values = np.zeros((1, len(ACTIONS)), np.float32)
    for name, value in given.items():
        values[0, ACTIONS.index(name)] = value
    return values


def score_of(values: np.ndarray) -> dict[str, float]:
    model = rules()
    return dict(zip(model.classes, model.scores(values)[0], strict=True))


@pytest.mark.parametrize("expression", TABLE)
def test_a_face_that_does_all_that_the_books_say_is_recognised(expression: str) -> None:
    values = strengths(**dict.fromkeys(TABLE[expression], 1.0))
    scores = score_of(values)
    assert scores[expression] == pytest.approx(1 - THRESHOLD)
    assert max(scores, key=lambda name: scores[name]) == expression
    assert list(rules().predict_classes(values)) == [expression]


def test_scores_by_hand() -> None:
    scores = score_of(strengths(AU6=0.6, AU12=0.9))
    assert scores["neutral"] == 0
    assert scores["happiness"] == pytest.approx((5 * 0.4 + 5 * 0.7) / 10)
    assert scores["sadness"] == pytest.approx(-THRESHOLD)
    assert list(rules().predict_classes(strengths())) == ["neutral"]
    blind = strengths(AU12=0.9)
    blind[0, ACTIONS.index("AU6")] = UNMEASURED
    assert score_of(blind)["happiness"] == pytest.approx(0.7), "the mean is over what was measured"


def test_the_rules_abstain_where_a_needed_action_cannot_be_measured() -> None:
    values = strengths(AU10=1.0, AU16=1.0, AU25=1.0, AU26=1.0)
    values[0, ACTIONS.index("AU9")] = UNMEASURED
    model = rules()
    disgust = model.classes.index("disgust")
    assert np.isnan(model.scores(values)[0, disgust])
    assert np.isfinite(np.delete(model.scores(values)[0], disgust)).all()
    probabilities = model.predict(values)
    assert probabilities[0, disgust] == 0 and probabilities.sum() == pytest.approx(1)
    (told,) = model.blind_spots(values)
    assert "abstain from 'disgust' in 1 of 1 samples: AU9 cannot be measured" in told
    with pytest.raises(InputError, match="abstain from all of disgust"):
        rules(("disgust",)).predict(values)


def test_reasons_sum_to_the_score_whatever_the_target() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, (30, len(ACTIONS))).astype(np.float32)
    values[:10, ACTIONS.index("AU9")] = UNMEASURED
    for target in ("happiness", "fear>surprise", "anger:down", "neutral", "disgust"):
        found = explain("rules", values, target=target, method="rule-reasons", names=ACTIONS)
        kept = found.ok
        assert kept.sum() == (20 if target == "disgust" else 30)
        np.testing.assert_allclose(found.gap[kept], 0, atol=1e-6)
        np.testing.assert_allclose(found.values[kept].sum(1), found.output[kept], atol=1e-6)
    assert (
        "abstain from 'disgust' in 10 of 30"
        in explain("rules", values, target="disgust", method="rule-reasons", names=ACTIONS).settings["abstained"][0]
    )
    happy = explain("rules", values, target="happiness", method="rule-reasons", names=ACTIONS).values
    assert set(np.flatnonzero(happy.any(0))) == {ACTIONS.index("AU6"), ACTIONS.index("AU12")}
    with pytest.raises(InputError, match="needs rules, but the model's kind is 'callable'"):
        explain(lambda x: x[:, 0], values, method="rule-reasons")


def test_rules_agree_with_the_weights_they_claim() -> None:
    """Evidence by perturbation finds the same, since the rules are a weighted sum."""
    values = np.random.default_rng(1).uniform(0, 1, (8, len(ACTIONS))).astype(np.float32)
    scores = rules().scores(values)[:, 1 + list(TABLE).index("anger")]
    raised = values.copy()
    raised[:, ACTIONS.index("AU4")] += 0.1
    gain = rules().scores(raised)[:, 1 + list(TABLE).index("anger")] - scores
    np.testing.assert_allclose(gain, 0.1 * 5 / sum(TABLE["anger"].values()), atol=1e-6)


def test_tables_name_known_actions_and_known_expressions() -> None:
    assert set(NEEDED) == set(TABLE) and all(set(needed) <= set(TABLE[name]) for name, needed in NEEDED.items())
    assert {action for row in TABLE.values() for action in row} <= set(ACTIONS)
    assert set(ALSO_CALLED.values()) <= {*TABLE, "neutral"}
    with pytest.raises(InputError, match="no rule for 'boredom'; the rules know neutral, anger"):
        rules(("boredom", "happy"))


@pytest.fixture
def cohort() -> tuple[Samples, Faces]:
    """Pictures with blendshapes and 68 points: people at rest, smiling, and wrinkling a nose that nothing measures."""
    rng = np.random.default_rng(0)
    labels = np.tile(["neutral", "smiling", "disgust"], 8)
    shapes = rng.uniform(0, 0.1, (24, 52))
    for side in ("Left", "Right"):
        shapes[labels == "smiling", BLENDSHAPES.index(f"mouthSmile{side}")] = 0.8
    points = rng.normal(0, 2, (24, 68, 3)) + np.random.default_rng(1).uniform(-60, 60, (1, 68, 3))
    points[:, [36, 39, 42, 45], :2] = [(-40, 0), (-20, 0), (20, 0), (40, 0)]
    points[:, [61, 62, 63]] = points[:, [65, 66, 67]]
    path = np.array([f"p{i}.png" for i in range(24)], dtype=object)
    faces = Faces.build(
        24, topology="ibug-68", source=path, blendshapes=shapes, landmarks_px=points + 300, track=np.zeros(24)
    )
    return Samples(path=path, subject=np.repeat([f"s{i}" for i in range(8)], 3), labels={"face": labels}), faces


def test_the_word_rules_is_a_model_for_evaluation_and_evidence(cohort, tmp_path) -> None:
    samples, faces = cohort
    found = evaluate("rules", samples, target="face", faces=faces)
    assert found.classes == ("disgust", "neutral", "smiling")
    assert found.per_class["smiling"]["recall"].value == found.per_class["neutral"]["recall"].value == 1
    assert found.per_class["disgust"]["recall"].value == 0, "it is not guessed"
    notes = " ".join(found.notes)
    assert "not trained on anything" in notes and "abstain from 'disgust' in 24 of 24" in notes
    evidence = explain("rules", samples, target="happiness", method="rule-reasons", faces=faces)
    assert evidence.ok.all() and set(np.flatnonzero(evidence.values.any(0))) == {ACTIONS.index("AU12")}
    with pytest.raises(InputError, match="not trained on a column of samples: name one"):
        evaluate("rules", samples, faces=faces)
    save_model(rules(), tmp_path / "stored")
    values = compute({"name": "actions"}, samples, faces).values
    np.testing.assert_array_equal(load_model(tmp_path / "stored").scores(values), rules().scores(values))


def test_actions_are_taken_from_the_best_that_there_is(cohort) -> None:
    samples, faces = cohort
    found = compute({"name": "actions"}, samples, faces)
    by = found.recipe["measured_by"]
    assert by["AU12"] == "mouthSmileRight and mouthSmileLeft" and by["AU25"] == "mouth opening"
    assert "AU9" not in by and "AU6" not in by and "AU23" not in by
    smile = [BLENDSHAPES.index(f"mouthSmile{side}") for side in ("Left", "Right")]
    np.testing.assert_allclose(found.values[:, ACTIONS.index("AU12")], faces.blendshapes[:, smile].mean(1), rtol=1e-5)
    assert (found.values[:, ACTIONS.index("AU9")] == UNMEASURED).all()
    units = {"AU09_r": np.linspace(0, 5, 24), "AU12_r": np.full(24, 2.5), "AU12_c": np.ones(24)}
    openface = Faces.build(
        24, topology="ibug-68", source=faces.source, landmarks_px=faces.landmarks_px, track=faces.track, extra=units
    )
    found = compute({"name": "actions"}, samples, openface)
    np.testing.assert_allclose(found.values[:, ACTIONS.index("AU9")], np.linspace(0, 1, 24), atol=1e-6)
    np.testing.assert_allclose(found.values[:, ACTIONS.index("AU12")], 0.5)
    assert found.recipe["measured_by"]["AU15"] == "right mouth corner lift and left mouth corner lift"
    again = compute(found.recipe, samples, openface)
    np.testing.assert_array_equal(again.values, found.values)


def test_abstaining_is_told_and_is_no_failure(tmp_path) -> None:
    from mien.cli.explain import _facts, _wordless
    from mien.report.draw.explained import draw_evidence

    values = strengths(AU10=1.0)
    values[0, ACTIONS.index("AU9")] = UNMEASURED
    evidence = explain("rules", values, target="disgust", method="rule-reasons", names=ACTIONS)
    result = _facts(evidence, draw_evidence(evidence, tmp_path))
    assert result["left_out"] == 0 and "AU9 cannot be measured" in _wordless(result)
