"""The whole reduction on made-up clips: known answers, honesty, resuming, bad input."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.topology import topology
from mien.features.geometry import mirrored
from mien.reduce.reduce import reduce
from mien.reduce.result import read_reduction
from mien.reduce.sentences import answer, beaten_words, enough, reservation, sentences
from mien.reduce.ways import ALL, RANDOM
from tests.handed_over import hand_over

QUICK = ("recursive", "one-shot", "random", "variance")


@pytest.fixture(scope="module")
def planted(made, small):  # type: ignore[no-untyped-def]
    """Two of twelve landmarks carry the class."""
    values, y, people = made(planted=(2, 5))
    return reduce(values, y, people, counts=(6, 2), n_random=8, methods=QUICK, **small)


def test_the_planted_landmarks_are_found_kept_and_enough(planted) -> None:  # type: ignore[no-untyped-def]
    assert set(planted.ranking[:2]) == {2, 5}
    assert planted.chosen.points.tolist() == [2, 5]
    assert planted.chosen.accuracy > 0.9
    table = planted.curve.set_index(["method", "count"])
    assert table.loc[("recursive", 2), "accuracy"] > table.loc[(RANDOM, 2), "accuracy"] + 0.15
    row = planted.tests.set_index(["method", "against", "count"]).loc[("recursive", RANDOM, 2)]
    assert row["p_corrected"] < 0.05
    assert planted.stability.set_index(["method", "count"]).loc[("recursive", 2), "jaccard"] == 1


def test_the_model_answers_with_the_chosen_landmarks_alone(planted, made) -> None:  # type: ignore[no-untyped-def]
    values, y, _ = made(planted=(2, 5), seed=9)
    assert planted.model.input_shape[1] == 2
    assert (planted.model.predict_classes(values[:, :, planted.chosen.points]) == y).mean() > 0.9
    assert planted.timing["parameters"]["chosen"] < planted.timing["parameters"]["all"]


def test_the_words_hold_the_numbers(planted) -> None:  # type: ignore[no-untyped-def]
    text = " ".join(sentences(planted))
    assert "2 of 12 landmarks are enough" in text
    assert f"{planted.chosen.accuracy:.3f}" in text
    assert "better than random sets of 2" in text
    assert "chosen on the same folds" in text


def test_the_package_is_the_verb(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=6)
    found = mien.reduce(values, y, people, counts=(2,), methods=("variance",), **small)
    assert sorted(found.ranking.tolist()) == list(range(12))


def test_labels_that_mean_nothing_give_chance_and_a_flat_ladder(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(planted=(), subjects=16)
    found = reduce(values, y, people, counts=(6, 3), n_random=5, methods=QUICK, **small)
    for row in found.curve.to_dict("records"):
        assert row["low"] - 0.06 <= 0.5 <= row["high"] + 0.06, row
    # Two rankings against two opponents: four families of corrected tests.
    assert found.tests["p_corrected"].min() > 0.05 / 4
    spread = found.curve.groupby("method")["accuracy"].agg(np.ptp)
    assert spread.max() < 0.2


def test_a_landmark_that_speaks_only_in_the_test_fold_is_not_ranked_by_it(made, small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made()
    given = {**small, "counts": (4, 2), "methods": ("recursive", "one-shot", "group lasso"), "n_random": 3}
    clean = reduce(values, y, people, output=tmp_path / "clean", **given)
    leaky = values.copy()
    from mien.core.files import read_json

    first = read_json(tmp_path / "clean" / "folds" / "fold-000.json")
    test = np.array(first["test"])
    leaky[test[y[test] == "moves"], :, 9] += 3
    reduce(leaky, y, people, output=tmp_path / "leaky", **given)
    again = read_json(tmp_path / "leaky" / "folds" / "fold-000.json")
    assert again["rankings"] == first["rankings"]
    assert again["fingerprint"] != first["fingerprint"]
    assert clean.chosen.accuracy > 0.9


def test_ranking_on_all_data_would_profit_and_ours_does_not(small) -> None:  # type: ignore[no-untyped-def]
    # Selection outside the folds: 200 of pure noise, the six that differ most by accident.
    rng = np.random.default_rng(0)
    values = rng.normal(size=(32, 1, 200, 2)).astype(np.float32).repeat(4, axis=1)
    y, people = np.array(["a", "b"] * 16), np.repeat([f"s{i}" for i in range(8)], 4)
    apart = np.abs(values[y == "a"].mean((0, 1)) - values[y == "b"].mean((0, 1))).max(1)
    best = np.argsort(-apart)[:6]
    kept = reduce(values[:, :, best], y, people, counts=(3,), methods=("mutual information",), **small)
    ours = reduce(values, y, people, counts=(6,), methods=("mutual information",), **small)
    leaked = kept.curve.set_index("method").loc[ALL, "accuracy"]
    honest = ours.curve.set_index("method").loc["mutual information", "accuracy"]
    assert leaked > 0.7
    # Below one half is what few balanced clips give: what is left for the test leans the other way.
    assert honest < 0.6


def test_permuting_the_landmarks_permutes_the_ranking(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(planted=(2, 5, 7))
    order = np.random.default_rng(1).permutation(12)
    given = {**small, "counts": (3,), "methods": ("one-shot",), "topology": ""}
    plain = reduce(values, y, people, **given)
    turned = reduce(values[:, :, order], y, people, **given)
    assert set(order[turned.ranking[:3]]) == set(plain.ranking[:3]) == {2, 5, 7}
    rank = np.argsort(plain.ranking)[order]
    assert np.corrcoef(rank, np.argsort(turned.ranking))[0, 1] > 0.95


def test_mirrored_faces_mirror_the_ranking(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(planted=(48, 17), points=68, subjects=6)
    partner = topology("ibug-68").mirror
    given = {**small, "counts": (2,), "methods": ("recursive", "variance")}
    plain = reduce(values, y, people, **given)
    turned = reduce(mirrored(values, "ibug-68"), y, people, **given)
    assert set(plain.ranking[:2]) == {48, 17}
    assert set(turned.ranking[:2]) == {int(partner[48]), int(partner[17])}
    assert plain.chosen.topology == "ibug-68[17,48]"


def test_mirror_pairs_are_taken_together_and_mirrored_copies_find_both(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(planted=(48,), points=68, subjects=6)
    given = {**small, "counts": (4,), "methods": ("recursive", "random"), "n_random": 3}
    found = reduce(values, y, people, symmetric=True, mirror=True, **given)
    kept = set(found.sets[4].tolist())
    assert {48, 54} <= kept
    assert {int(topology("ibug-68").mirror[p]) for p in kept} == kept


def test_finished_folds_are_read_and_not_computed_again(made, small, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from mien.reduce import resume

    values, y, people = made(subjects=6)
    given = {**small, "counts": (2,), "methods": ("variance", "random"), "n_random": 2, "output": tmp_path}
    first = reduce(values, y, people, **given)
    (tmp_path / "folds" / "fold-001.json").unlink()
    calls = []
    monkeypatch.setattr(resume, "run_fold", lambda *a, run=resume.run_fold: calls.append(1) or run(*a))
    again = reduce(values, y, people, **given)
    assert len(calls) == 1
    assert again.curve["accuracy"].tolist() == first.curve["accuracy"].tolist()
    reduce(values, y, people, **{**given, "counts": (3,)})
    assert len(calls) == 4


def test_an_interrupted_run_keeps_what_is_finished(made, small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=6)

    def stop(done: int, total: int) -> None:
        if done > 0.4 * total:
            raise KeyboardInterrupt

    given = {**small, "counts": (2,), "methods": ("variance",), "output": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        reduce(values, y, people, progress=stop, **given)
    assert (tmp_path / "folds" / "fold-000.json").exists()
    assert not (tmp_path / "reduction.json").exists()
    ticks: list[tuple[int, int]] = []
    reduce(values, y, people, progress=lambda *at: ticks.append(at), **given)
    assert (tmp_path / "reduction.json").exists()
    assert ticks[-1][0] == ticks[-1][1]
    assert [a for a, _ in ticks] == sorted(a for a, _ in ticks)


def test_what_is_written_is_read_back(made, small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(points=68, planted=(48, 54), subjects=6)
    found = reduce(values, y, people, counts=(2,), methods=("one-shot", "random"), n_random=2, output=tmp_path, **small)
    again = read_reduction(tmp_path)
    assert sentences(again) == sentences(found)
    assert again.curve.columns.tolist() == found.curve.columns.tolist()
    assert np.array_equal(again.ranking, found.ranking)
    from mien.core.files import read_json
    from mien.models.store import load_model

    landmarks = read_json(tmp_path / "landmarks.json")
    assert landmarks["points"] == found.chosen.topology
    assert landmarks["regions"] == {"mouth": [48, 54]}
    assert load_model(tmp_path / "model").topology == found.chosen.topology


@pytest.fixture(scope="module")
def three(made):  # type: ignore[no-untyped-def]
    """Three classes: 'nods' moves landmarks 2 and 5, 'turns' moves 7 and 9, 'rests' none."""
    values, y, people = made(planted=(2, 5), subjects=12)
    turning, moved, _ = made(planted=(7, 9), subjects=12, seed=1)
    turning, moved = turning[moved == "moves"], people[moved == "moves"]
    y = np.where(y == "moves", "nods", y).astype(object)
    return np.concatenate([values, turning]), [*y, *["turns"] * len(turning)], np.concatenate([people, moved])


@pytest.mark.parametrize(
    ("contrast", "points"), [("nods", {2, 5}), ("nods>rests", {2, 5}), ("turns>rests", {7, 9}), ("turns", {7, 9})]
)
def test_one_class_chooses_the_landmarks_that_tell_it(three, small, contrast, points) -> None:  # type: ignore[no-untyped-def]
    values, y, people = three
    methods = ("one-shot", "mutual information")
    found = reduce(values, y, people, counts=(2,), methods=methods, contrast=contrast, **small)
    assert set(found.sets[2].tolist()) == points
    rungs = found.curve.set_index(["method", "count"])
    # Two landmarks cannot tell all three classes, but whether it is this one.
    assert rungs.loc[("one-shot", 2), "accuracy"] > 0.95
    everything = reduce(values, y, people, counts=(2,), methods=methods, **small)
    assert everything.curve.set_index(["method", "count"]).loc[("one-shot", 2), "accuracy"] < 0.9
    assert found.protocol["chance"] == pytest.approx(2 / 3)
    name, _, against = contrast.partition(">")
    assert found.protocol["contrast"] == {"name": name, "against": against}
    assert f"accuracy ('{contrast.split('>')[0]}' or not)" in enough(found)


@pytest.mark.parametrize(
    ("names", "contrast", "told"),
    [
        (("emo:happy", "emo:none", "emo:sad"), "emo:happy>emo:none", "emo:happy"),
        (("smile:down", "b", "c"), "smile:down", "smile:down"),
        (("a>b", "b", "a"), "a>b", "a>b"),
        (("a>b", "b", "a"), "a>b>b", "a>b"),
        ((" smile", "b", "c"), " smile", "smile"),  # spaces around a class say nothing
        (("smile", "b", "c"), " smile > b ", "smile"),
    ],
)
def test_classes_of_any_name_can_be_asked_about(three, small, tmp_path, names, contrast, told) -> None:  # type: ignore[no-untyped-def]
    values, y, people = three
    named = np.array([dict(zip(("nods", "rests", "turns"), names, strict=True))[label] for label in y], dtype=object)
    output = tmp_path / "reduction" / "one"
    given = {"counts": (2,), "methods": ("one-shot",), "contrast": contrast, "output": output, **small}
    found = reduce(values, named, people, **given)
    assert set(found.sets[2].tolist()) == {2, 5}
    assert f"accuracy ('{told}' or not)" in enough(read_reduction(output))
    assert "could not" not in mien.report(tmp_path).read_text()


@pytest.mark.parametrize("ranking", ["occlusion", "lime", "kernel-shap"])
@pytest.mark.parametrize("contrast", [None, "nods>rests"])
def test_what_is_covered_shows_all_classes_not_the_one_that_is_explained(made, small, ranking, contrast) -> None:  # type: ignore[no-untyped-def]
    # Covered with their own class's mean, landmarks that all clips of the class move alike would seem to do nothing.
    values, y, people = made(planted=(2, 5), size=1.0)
    y = np.where(y == "moves", "nods", y)
    given = {"counts": (2,), "methods": ("one-shot",), "contrast": contrast, "ranking": ranking, **small}
    given["ranking_settings"] = {} if ranking == "occlusion" else {"n_samples": 64}
    found = reduce(values, y, people, **given)
    assert set(found.sets[2].tolist()) == {2, 5}
    assert found.protocol["baselines"] == ""


def test_a_filter_asked_against_one_class_does_not_look_at_the_others(three, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = three
    given = {**small, "counts": (2,), "methods": "mutual information", "contrast": "nods>rests"}
    first = reduce(values, y, people, **given)
    other = values.copy()
    other[np.array(y) == "turns"] *= -3
    assert reduce(other, y, people, **given).ranking.tolist() == first.ranking.tolist()


def test_finished_folds_of_another_question_are_not_taken(three, small, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    values, y, people = three
    given = {**small, "counts": (2,), "methods": ("one-shot",), "output": tmp_path}
    reduce(values, y, people, contrast="nods", **given)
    again = reduce(values, y, people, contrast="turns", **given)
    assert set(again.sets[2].tolist()) == {7, 9}


def test_the_same_seed_gives_the_same_result(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=6)
    given = {**small, "counts": (4, 2), "methods": ("recursive", "random"), "n_random": 3}
    first, second = (reduce(values, y, people, seed=4, **given) for _ in range(2))
    assert first.ranking.tolist() == second.ranking.tolist()
    columns = ["method", "count", "accuracy", "low", "high"]
    assert first.curve[columns].equals(second.curve[columns])


def bad(made, **changed):  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=4)
    given = {"X": values, "y": y, "subjects": people, **changed}
    return reduce(
        given.pop("X"), given.pop("y"), given.pop("subjects"), **{"n_folds": 2, "model": "landmark-rvfl", **given}
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"y": ["a"] * 24}, "two classes at least"),
        ({"subjects": ["one"] * 24}, "one subject"),
        ({"subjects": None}, "'subjects' is needed"),
        ({"y": ["a", "b"]}, "24 clips, but 'y' has 2"),
        ({"y": ["", *["a", "b"] * 11, "a"]}, "clip 0 has no value in 'y'"),
        ({"X": np.zeros((24, 12, 2))}, "four axes"),
        ({"X": np.zeros((24, 0, 12, 2))}, "four axes"),
        ({"X": "buhmap", "y": None, "subjects": None}, "target='COLUMN'"),
        ({"counts": (13,)}, "from 1 to 12"),
        ({"methods": ("random",)}, "at least one that ranks"),
        ({"methods": ("relief",)}, "there is no 'relief'"),
        ({"model": "landmark-rfvl"}, "no model 'landmark-rfvl'"),
        ({"settings": {"unit": 3}}, "no setting 'unit'"),
        ({"ranking": "tea-leaves"}, "tea-leaves"),
        ({"ranking_settings": {"steps": 3}}, "steps"),
        ({"baselines": "medoids:angry"}, "LABEL one of"),
        ({"baselines": "mean:moves"}, "'class-medoids', 'mean' or 'zero'"),
        ({"baselines": "class-medoids:moves"}, "'class-medoids', 'mean' or 'zero'"),
        ({"topology": "ibug-68"}, "has 68 points, but X has 12"),
        ({"symmetric": True}, "mirror partners are known"),
        ({"mirror": True}, "mirror=True needs"),
        ({"rule": "elbow"}, "rule is one of"),
        ({"amount": "gross"}, "amount is one of"),
        ({"contrast": "smiles"}, "no class 'smiles'; classes are 'moves', 'rests'"),
        ({"contrast": "moves>sleeps"}, "no class 'sleeps'"),
        ({"contrast": "moves>"}, "no class ''"),
        ({"methods": ("one-shot", "anatomical")}, "'anatomical' needs landmarks whose brows, eyes and mouth are known"),
        ({"ranking": "occlusion", "baselines": "zero"}, "'occlusion' measures against no other clips"),
        ({"contrast": "moves>moves"}, "cannot be compared with itself"),
        ({"contrast": 3}, "contrast is a word or None, but got 3"),
        ({"n_random": 0}, "n_random is at least 1"),
        ({"counts": 8}, r"counts is a list of whole numbers of landmarks, such as \[17, 8\], but got 8"),
        ({"counts": ["x"]}, "counts is a list of whole numbers.* but got 'x'"),
        ({"counts": [2.7]}, "counts is a list of whole numbers.* but got 2.7"),
        ({"counts": "8"}, "counts is a list of whole numbers.* but got '8'"),
        ({"n_folds": "3"}, "n_folds is a whole number from 2, but got '3'"),
        ({"n_random": 2.5}, "n_random is a whole number from 0, but got 2.5"),
        ({"n_random": -1}, "n_random is a whole number from 0, but got -1"),
        ({"n_random": "x"}, "n_random is a whole number from 0, but got 'x'"),
        ({"n_baselines": 1.5}, "n_baselines is a whole number from 1"),
        ({"seed": -1}, "seed is a whole number from 0 to 4,294,967,295, but got -1"),
        ({"seed": "x"}, "seed is a whole number"),
        ({"seed": None}, "seed is a whole number.* but got None"),
        ({"tolerance": "a"}, "tolerance is a number, but got 'a'"),
        ({"model": 3}, "model is the name of a landmark network.* but got 3, which has no fit"),
        ({"settings": [1]}, r"settings is a dict or None, but got \[1\]"),
        ({"settings": {"mirror": "no"}}, "settings: 'mirror' is true or false, but got 'no'"),
        ({"mirror": "no"}, "mirror is true or false or None, but got 'no'"),
        ({"symmetric": "no"}, "symmetric is true or false"),
        ({"recipe": "displacement"}, "recipe is a dict"),
        ({"topology": 68}, "topology is a word or None, but got 68"),
        ({"baselines": np.zeros((2, 3))}, r"baselines is a name: .* but got an array of shape \(2, 3\)"),
        ({"methods": "one shot"}, "there is no 'one shot'"),
        ({"methods": [3]}, "there is no 3"),
        ({"methods": 3}, "methods is a list of names"),
        ({"output": 3}, "output is a folder, given as text or Path, but got 3"),
        ({"target": "kind"}, "target belongs to samples, but X is a plain array; leave it out: give the classes as y"),
        ({"faces": "study"}, "faces belongs to samples"),
        ({"recipe": {"name": "displacement"}}, "recipe belongs to samples"),
        ({"group_by": "family"}, "group_by belongs to samples, .* give the groups as subjects"),
        ({"X": "buhmap", "target": "label"}, "y belongs to a plain array, but X is samples"),
    ],
)
def test_wrong_input_gets_a_sentence(made, changed: dict, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=words):
        bad(made, **changed)


def test_an_estimator_is_given_and_not_its_class(made) -> None:  # type: ignore[no-untyped-def]
    from mien.models.landmark_nets.trained import LandmarkNetClassifier

    with pytest.raises(InputError, match=r"give LandmarkNetClassifier\(\) instead"):
        bad(made, model=LandmarkNetClassifier)


def test_a_folder_that_cannot_be_is_refused_before_any_fold(made, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("mine")
    ticks: list[tuple[int, int]] = []
    for output, words in ((tmp_path / "file", "there is a file of that name"), (tmp_path / "file" / "in", "cannot be")):
        with pytest.raises(InputError, match=words):
            bad(made, output=output, progress=lambda *at: ticks.append(at))
    assert ticks == []
    assert (tmp_path / "file").read_text() == "mine"


def test_one_method_may_be_named_without_a_list(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=6)
    found = reduce(values, y, people, counts=np.array([2]), methods="variance", **small)
    assert found.protocol["methods"] == ["variance"]
    assert found.protocol["counts"] == [2]


def test_values_that_are_not_finite_get_a_sentence(made) -> None:  # type: ignore[no-untyped-def]
    values, _, _ = made(subjects=4)
    values = values.copy()
    values[3, 0, 0, 0] = np.nan
    with pytest.raises(InputError, match="clip 3 holds values that are not finite"):
        bad(made, X=values)


def test_a_set_that_passed_both_checks_needs_no_reservation(planted) -> None:  # type: ignore[no-untyped-def]
    assert reservation(planted) == ""
    assert "do not read anatomy" not in enough(planted)
    assert "random sets of 2 did worse (p = " in answer(planted)
    assert "all 12 reach" in answer(planted)
    assert f"one clip alone in {100 * planted.timing['binary_one_clip']['ratio']:.0f} %" in answer(planted)


def test_what_random_sets_and_folds_say_stands_in_the_same_sentence(planted) -> None:  # type: ignore[no-untyped-def]
    tests, alike = planted.tests.copy(), planted.stability.copy()
    tests.loc[tests["against"] == RANDOM, "p_corrected"] = 0.16
    alike["jaccard"] = alike["chance"] + 0.01
    doubtful = replace(planted, tests=tests, stability=alike)
    for text in (enough(doubtful), answer(doubtful)):
        assert (
            "but random sets of 2 did not do reliably worse (p = 0.16), and folds did not agree on them more than "
            "chance: do not read anatomy into these points."
        ) in text
    untested = replace(planted, tests=tests[tests["against"] != RANDOM])
    assert "random sets of that size were not tried" in enough(untested)


def test_draws_are_counted(planted) -> None:  # type: ignore[no-untyped-def]
    row = {"beaten": 0.75, "count": planted.chosen.count}
    assert beaten_words(planted, row) == "6 of 8 draws"
    assert "of 8 draws)" in " ".join(sentences(planted))


def test_typical_samples_of_every_class_are_baselines(made, small) -> None:  # type: ignore[no-untyped-def]
    values, y, people = made(subjects=6)
    found = reduce(values, y, people, counts=(2,), methods=("one-shot",), baselines="class-medoids", **small)
    assert found.protocol["baselines"] == "class-medoids"
    assert set(found.ranking[:2]) == {2, 5}


def test_tables_of_named_features_are_refused_with_what_is_taken(tmp_path):
    rows = [f"n{i}.png,N{i},{'ab'[i % 2]},{i},{i * i % 7}" for i in range(12)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["path,subject,label,AU01,AU02", *rows]))
    for X, more in (
        (str(path), {"target": "label"}),
        (np.zeros((12, 2)), {"y": list("ab" * 6), "subjects": range(12)}),
    ):
        with pytest.raises(InputError, match="Only landmarks can be reduced") as refused:
            reduce(X, **more)
        assert "not extracted yet" not in str(refused.value)


def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = hand_over(monkeypatch)
    rng = np.random.default_rng(0)
    clips = rng.normal(size=(24, 8, 12, 2))
    label = np.tile(["neutral", "smile"], 12)
    clips[label == "smile", :, 4] += 5
    who = np.repeat([f"s{number}" for number in range(6)], 4)
    asked = {"counts": [4, 1], "n_folds": 3, "n_random": 2, "methods": ["recursive", "random"]}
    told: list[tuple[int, int]] = []
    one = reduce(clips, label, who, **asked)
    two = reduce(clips, label, who, workers=2, progress=lambda *what: told.append(what), **asked)
    costs = ["fit_seconds", "inference_seconds"]
    assert one.curve.drop(columns=costs, errors="ignore").equals(two.curve.drop(columns=costs, errors="ignore"))
    assert {n: s.tolist() for n, s in one.sets.items()} == {n: s.tolist() for n, s in two.sets.items()}
    assert told[0][0] == 0 and told[-1][0] == told[-1][1] and told == sorted(told) and handed.done


def test_parts_come_together_as_one_run(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    clips = rng.normal(size=(24, 8, 12, 2))
    label = np.tile(["neutral", "smile"], 12)
    clips[label == "smile", :, 4] += 5
    who = np.repeat([f"s{number}" for number in range(6)], 4)
    asked = {"counts": [1], "n_folds": 3, "methods": ["one-shot"]}
    first, second = (reduce(clips, label, who, part=f"{i}/2", output=tmp_path, **asked) for i in (1, 2))
    # Three folds and the ranking on all clips; the second finds what the first has kept.
    assert (first.total, second.here) == (4, 4) and 0 < first.here < 4
    assert not (tmp_path / "reduction.json").exists()
    whole, merged = reduce(clips, label, who, **asked), reduce(clips, label, who, output=tmp_path, **asked)
    costs = ["fit_seconds", "inference_seconds"]
    assert whole.curve.drop(columns=costs, errors="ignore").equals(merged.curve.drop(columns=costs, errors="ignore"))
    assert (tmp_path / "reduction.json").exists()
    with pytest.raises(InputError, match="give a folder"):
        reduce(clips, label, who, part="1/2", **asked)
