"""Decoding: planted signals are found, nothing is found where nothing is, leaks are refused, chance keeps its level."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

import mien
from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.chance import null_labels
from mien.decoding.decode import decode
from mien.decoding.decoders import DECODERS, fit, strongest
from mien.decoding.folds import folds_of
from mien.decoding.result import Decoding
from mien.decoding.rows import blocks, prepared, volumes
from mien.decoding.score import area, balanced_accuracy
from tests.handed_over import hand_over

STEP = 2.0


def line_of(runs=4, viewers=1, volumes=60, columns=12, effect=1.0, seed=0, drift=3.0, carry=0.6):
    """Autocorrelated noise with drifts; blocks of 10 volumes of two pictures in random order, some columns differ."""
    rng = np.random.default_rng(seed)
    names = [f"run-{i}" for i in range(runs)]
    parts, words = [], {}
    for run in names:
        order = rng.permutation(np.repeat([0, 1], volumes // 20))
        words[run] = np.repeat(order, 10)
    for viewer in range(viewers):
        for run in names:
            noise = rng.normal(size=(volumes, columns))
            for row in range(1, volumes):
                noise[row] += carry * noise[row - 1]
            noise += drift * np.outer(np.linspace(-1, 1, volumes), rng.normal(size=columns))
            noise[:, : columns // 4] += effect * words[run][:, None]
            who = f"v{viewer}" if viewers > 1 else ""
            parts.append((np.arange(volumes) * STEP, noise, [run] * volumes, [who] * volumes))
    time, values, run, who = (np.concatenate([part[i] for part in parts]) for i in range(4))
    brain = Stream("brain", "sampled", time, tuple(f"p{i}" for i in range(columns)), values, run=run, viewer=who)
    shown = [(run, 20.0 * i, "face" if words[run][10 * i] else "house") for run in names for i in range(volumes // 10)]
    told = Stream(
        "shown", "intervals", [start for _, start, _ in shown], texts={"what": [word for *_, word in shown]},
        duration_s=[20.0] * len(shown), run=[run for run, *_ in shown],
    )  # fmt: skip
    start = np.arange(runs) * volumes * STEP
    return TimeLine(Runs(names, start, start + volumes * STEP), {"brain": brain, "shown": told})


def asked(line, **more):
    return decode(line, **{"sources": "brain", "labels": "shown", "target": "what", "shift_s": 0.0, **more})


@pytest.mark.parametrize("model", sorted(set(DECODERS)))
def test_every_decoder_reads_a_planted_signal_out_of_runs_that_it_did_not_see(model):
    # Networks take long, and what they reach by chance needs every permutation.
    runs, columns = (3, 4) if model == "mlp" else (4, 8)
    line = line_of(runs=runs, volumes=40, columns=columns, effect=4.0 if model == "mlp" else 3.0)
    found = asked(line, model=model, select=False, n_permutations=99)
    score = found.score("brain")
    # A network has eight rows to learn from here.
    assert (
        score.value > (0.75 if model == "mlp" else 0.85)
        and score.p <= 0.05
        and score.over == "runs"
        and score.units == runs
    )
    assert found.confusion["brain"].sum() == 4 * runs


@pytest.mark.parametrize("unit", ["block", "volume"])
def test_nothing_is_decodable_from_noise(unit):
    values = [
        asked(line_of(effect=0.0, seed=seed), unit=unit, model="ridge", select=False, n_permutations=99).score("brain")
        for seed in range(8)
    ]
    assert np.mean([row.value for row in values]) == pytest.approx(0.5, abs=0.06)
    assert np.mean([row.chance for row in values]) == pytest.approx(0.5, abs=0.02)
    # The level is simulated in benchmarks/film/decoding.py; of 12 studies three would be a fault (p = .02).
    assert sum(row.p <= 0.05 for row in values) <= 2


def test_labels_without_effect_keep_their_runs_and_what_follows_what():
    labels = np.repeat([0, 1, 0, 1], 5)
    run, viewer = np.repeat(["a", "b"], 10).astype(object), np.full(20, "", object)
    for drawn in null_labels(labels, run, viewer, np.tile(np.arange(10.0), 2), "volume", 20, 0):
        for part in (slice(0, 10), slice(10, 20)):
            assert drawn[part].sum() == 5 and (np.diff(np.append(drawn[part], drawn[part][0])) != 0).sum() == 2
    two = np.repeat(["v", "w"], 10).astype(object)
    for drawn in null_labels(labels, np.full(20, "a", object), two, np.tile(np.arange(10.0), 2), "volume", 20, 0):
        assert (drawn[:10] == drawn[10:]).all()


def test_shuffled_volumes_are_refused_with_the_reason():
    with pytest.raises(InputError, match="Neighbouring volumes resemble each other"):
        asked(line_of(), leave_out="shuffled", unit="volume")


def test_what_is_refused_would_have_leaked():
    line = line_of(effect=0.0, carry=0.95)
    rows = mien.streams.join(line, streams=["brain", "shown"], at="brain")
    x = np.column_stack([rows[f"brain: p{i}"] for i in range(12)])
    y = np.array(rows["shown: what"].to_pylist()) == "face"
    order = np.random.default_rng(0).permutation(len(y))
    right = np.zeros(len(y))
    from sklearn.neighbors import KNeighborsClassifier

    for fold in np.array_split(order, 5):
        train = np.setdiff1d(order, fold)
        right[fold] = KNeighborsClassifier(3).fit(x[train], y[train]).predict(x[fold]) == y[fold]
    assert right.mean() > 0.65
    assert asked(line, unit="volume", model="ridge", select=False, n_permutations=99).score("brain").value < 0.65


@pytest.mark.parametrize("leave_out", ["run", "viewer", "stretch"])
def test_no_fold_trains_on_what_it_tests_or_on_its_neighbours(leave_out):
    rows = blocks(prepared(line_of(viewers=3)["brain"])[0], line_of()["shown"], "what", shift_s=0)
    folds = folds_of(rows, leave_out, 15.0)
    for fold in folds:
        assert not set(fold.train) & set(fold.test)
        if leave_out == "viewer":
            assert fold.viewer not in set(rows.viewer[fold.train])
            continue
        assert set(rows.viewer[fold.train]) == {fold.viewer}
        for test in fold.test:
            same = fold.train[rows.run[fold.train] == rows.run[test]]
            assert leave_out != "run" or not len(same)
            apart = np.maximum(rows.time_s[same] - rows.time_s[test] - 20, rows.time_s[test] - rows.time_s[same] - 20)
            assert (apart >= 15 - 1e-9).all()


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    observed, scores = rng.integers(0, 3, 90), rng.normal(size=(90, 3))
    said = scores.argmax(1)
    assert balanced_accuracy(observed, said) == pytest.approx(balanced_accuracy_score(observed, said))
    expected = np.mean([roc_auc_score(observed == k, scores[:, k]) for k in range(3)])
    assert area(observed, scores) == pytest.approx(expected)


@pytest.mark.parametrize("columns", [5, 59, 61, 150])
def test_discriminants_are_those_of_scikit_learn(columns):
    """Of fewer columns than rows and of more, whose covariance is never made."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, columns)), np.tile([0, 1, 2], 20)
    x[:, 0] += y
    own = fit("lda", x, y, 3)
    noise = x - np.stack([x[y == one].mean(0) for one in range(3)])[y]
    seen = (x - x.mean(0)) / noise.std(0)
    pooled = LedoitWolf(assume_centered=True).fit(noise / noise.std(0))
    theirs = LinearDiscriminantAnalysis(solver="lsqr", covariance_estimator=_Fixed(pooled.covariance_)).fit(seen, y)
    np.testing.assert_allclose(own.scores(x), theirs.decision_function(seen) + np.log(3), atol=1e-6)


class _Fixed(LedoitWolf):
    """The pooled covariance for each class, as scikit-learn shrinks each class on its own."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def fit(self, x, y=None):
        self.covariance_ = self.known
        return self


def test_differences_of_classes_do_not_make_a_column_of_discriminants_weigh_less():
    rng = np.random.default_rng(0)
    y = np.tile([0, 1], 20)
    noise = rng.normal(size=(40, 30))
    noise -= np.stack([noise[y == one].mean(0) for one in (0, 1)])[y]
    apart = np.zeros(30)
    apart[:2] = 1.0, 100.0
    weight = fit("lda", noise + y[:, None] * apart, y, 2).arrays["weight"][0]
    # What is apart enters by means alone: the same covariance, so the weight is linear in the distances.
    one, other = (fit("lda", noise + y[:, None] * part, y, 2).arrays["weight"][0] for part in
                  (np.where(np.arange(30) == 0, 1.0, 0.0), np.where(np.arange(30) == 1, 100.0, 0.0)))  # fmt: skip
    np.testing.assert_allclose(weight, one + other, rtol=1e-6, atol=1e-8)
    # Noise-free columns are scaled by what there is.
    flat = noise.copy()
    flat[:, 3] = y * 5.0
    assert np.isfinite(fit("lda", flat, y, 2).scores(flat)).all()


@pytest.mark.parametrize("model", ["logistic", "ridge", "lda"])
@pytest.mark.parametrize("classes", [2, 3])
def test_weights_of_linear_decoders_give_their_scores(model, classes):
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, size=(60, 8)), np.arange(60) % classes
    found = fit(model, x, y, classes, value=1.0, columns=5)
    weight, bias = found.linear
    assert weight.shape == (1 if classes == 2 else 3, 8)
    np.testing.assert_allclose(x @ weight.T + bias, found.scores(x), atol=1e-8)


def test_columns_are_chosen_by_the_training_rows_alone():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 30)), np.arange(40) % 2
    x[:, 7] += 3 * y
    assert 7 in strongest(x, y, 2, 1) and len(strongest(x, y.astype(float), 0, 4)) == 4


def test_several_sources_are_compared_on_the_same_rows_and_folds():
    line = line_of(runs=8, effect=3.0)
    brain = line["brain"]
    noise = replace(brain, name="noise", values=np.random.default_rng(5).normal(size=brain.values.shape))
    line = TimeLine(line.runs, {**line.streams, "noise": noise})
    found = asked(line, sources=["brain", "noise"], model="lda", n_permutations=99)
    (contrast,) = found.contrasts
    assert (contrast.one, contrast.other) == ("brain", "noise")
    assert contrast.low > 0 and contrast.p < 0.05


def test_intervals_are_over_viewers_where_there_are_several():
    found = asked(line_of(viewers=5, effect=1.5), model="lda", n_permutations=99)
    score = found.score("brain")
    assert score.over == "viewers" and score.units == 5 and score.low < score.value < score.high
    assert len(found.folds) == 20


def test_a_haemodynamic_shift_looks_later():
    line = line_of(effect=2.5)
    brain = line["brain"]
    late = np.concatenate([np.roll(brain.values[rows], 3, axis=0) for rows in brain.parts().values()])
    line = TimeLine(line.runs, {**line.streams, "brain": replace(brain, values=late, viewer=["v"] * len(brain))})
    with_shift, without = (
        asked(line, shift_s=s, model="lda", n_permutations=99).score("brain", "auc") for s in (6.0, 0.0)
    )
    assert with_shift.value > without.value


def test_labels_by_agreement_and_numbers():
    line = line_of(effect=3.0)
    told = line["shown"]
    share = np.where(told.texts["what"] == "face", 0.8, 0.2)
    told = replace(told, columns=("e_fear",), values=share[:, None], units=("",))
    line = TimeLine(line.runs, {**line.streams, "shown": told})
    by_class = asked(line, target="e_fear", at_least=0.5, unit="volume", model="ridge", select=False, n_permutations=99)
    assert by_class.classes == ("fear", "none") and by_class.score("brain").value > 0.8
    by_number = asked(line, target="e_fear", unit="volume", model="ridge", select=False, n_permutations=99)
    assert by_number.classes == () and by_number.score("brain", "pearson").value > 0.6


def test_the_result_is_the_same_after_writing_and_reading(tmp_path):
    found = asked(line_of(runs=3, volumes=40, columns=8), model="trees", n_permutations=99, output=tmp_path / "d")
    read = Decoding.read(tmp_path / "d")
    # NaN of tests that there are not equals itself in words only.
    assert repr(read.scores) == repr(found.scores) and read.classes == found.classes and read.folds == found.folds
    np.testing.assert_array_equal(read.observed, found.observed)
    for fold in range(len(found.folds)):
        rows = found.rows_of(fold)
        scores = read.source().folds[fold].scores(read.source().values[rows])
        np.testing.assert_allclose(scores, found.source().scores[rows], atol=1e-4)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model": "svm"}, "lda"),
        ({"unit": "voxel"}, "block"),
        ({"labels": "x"}, "no stream 'x'"),
        ({"target": "x"}, "no column 'x'"),
        ({"against": "cat"}, "none of the classes"),
        ({"leave_out": "viewer"}, "three or more"),
    ],
)
def test_what_cannot_be_decoded_is_a_sentence(changed, said):
    with pytest.raises(InputError, match=said):
        asked(line_of(), **changed)


def test_labels_that_end_before_the_signal_begins_are_a_sentence():
    line = line_of(volumes=20)
    late = replace(line["brain"], viewer=["v"] * len(line["brain"]))
    with pytest.raises(InputError, match="do their runs fit"):
        asked(TimeLine(line.runs, {**line.streams, "brain": late}), shift_s=50.0)


def test_one_run_one_class_and_nothing_at_all_are_sentences():
    line = line_of(runs=1)
    with pytest.raises(InputError, match="one run only"):
        asked(line)
    told = line["shown"]
    one = replace(told, texts={"what": np.full(len(told), "face", object)})
    with pytest.raises(InputError, match="one class only"):
        asked(TimeLine(line.runs, {**line.streams, "shown": one}))
    empty = replace(line["brain"], values=np.full(line["brain"].values.shape, np.nan))
    with pytest.raises(InputError, match="holds no number"):
        asked(TimeLine(line.runs, {**line.streams, "brain": empty}))


def test_missing_volumes_are_left_out_and_counted():
    line = line_of(effect=2.5)
    values = line["brain"].values.copy()
    values[3:6] = np.nan
    values[:, 11] = np.where(np.arange(len(values)) == 100, np.nan, values[:, 11])
    space = BrainSpace(np.array(line["brain"].columns, object))
    line = TimeLine(line.runs, {**line.streams, "brain": replace(line["brain"], values=values, space=space)})
    found = asked(line, model="lda", n_permutations=99)
    assert len(found.source().columns) == 11
    assert any("3 rows" in note for note in found.notes) and any("1 columns" in note for note in found.notes)


def test_columns_that_are_missing_throughout_are_named_as_such():
    brain = line_of()["brain"]
    values = brain.values.copy()
    values[:, 11], values[5, 10] = np.nan, np.nan
    space = BrainSpace(np.array(brain.columns, object))
    assert prepared(replace(brain, values=values, space=space))[1] == (
        "Columns of 'brain' without any number, left out: p11.",
        "1 columns of 'brain' are missing in some rows and left out.",
    )


def test_agreement_in_per_cent_beside_a_threshold_of_shares_is_said():
    brain = line_of(runs=1, volumes=40, columns=2)["brain"]
    share = np.array([[0.1, 0.0], [0.8, 0.3], [0.0, 0.9], [0.2, 1.0]])

    def said(values, at_least):
        told = Stream("told", "intervals", np.arange(4) * 20.0, ("fear", "joy"), values,
                      duration_s=np.full(4, 20.0), run=["run-0"] * 4)  # fmt: skip
        return [
            note
            for note in volumes(brain, told, ["fear", "joy"], shift_s=0.0, at_least=at_least).notes
            if "reach up to" in note
        ]

    (note,) = said(100 * share, 0.5)
    assert note.startswith("'fear' and 'joy' of 'told' reach up to 100, but hold from 0.5 on, which 100 % of their")
    assert note.endswith("take 50 (at_least).")
    for values, at_least in ((share, 0.5), (100 * share, 50.0), (np.sign(share), 0.5)):
        assert not said(values, at_least)


@pytest.mark.data("haxby")
def test_eight_categories_are_decodable_from_a_slice(shared_data, tmp_path):
    folder = shared_data("haxby")
    mien.streams.add(sorted(folder.glob("run-*.nii.gz")), tmp_path, kind="brain", mask="brightness")
    mien.streams.add(sorted(folder.glob("run-*.tsv")), tmp_path, kind="annotation", name="shown")
    found = mien.decode(tmp_path, sources="brain", labels="shown", target="trial_type", model="lda", n_permutations=99)
    assert found.score("brain").value >= 0.75 and found.score("brain").p == 0.01
    face = mien.decode(
        tmp_path, sources="brain", labels="shown", target="trial_type", against="face", model="lda", n_permutations=99
    )
    assert face.score("brain").value >= 0.85


def test_workers_change_no_score(monkeypatch):
    handed = hand_over(monkeypatch)
    line = line_of(runs=3)
    one, two = (asked(line, model="ridge", select=False, n_permutations=99, workers=workers) for workers in (1, 2))
    assert one.scores == two.scores and handed.done == 99


def test_columns_of_faces_that_are_missing_in_some_frames_count_as_the_mean_of_their_run():
    rng = np.random.default_rng(3)
    time, run = np.tile(np.arange(30.0), 2), np.repeat(["1", "2"], 30)
    values = np.column_stack([rng.random(60) < 0.7, rng.normal(5, 2, 60), np.full(60, np.nan)])
    values[:, 0], values[values[:, 0] == 0, 1] = values[:, 0], np.nan
    clean, notes = prepared(Stream("faces", "sampled", time, ("face present", "smile", "none"), values, run=run))
    assert clean.columns == ("face present", "smile")
    assert "1 columns of 'faces' are missing in some rows, where they count as the mean of their run." in notes
    for rows in (slice(0, 30), slice(30, 60)):
        seen = np.isfinite(values[rows, 1])
        line = np.polynomial.Polynomial.fit(time[rows][seen], values[rows, 1][seen], 1)
        left = values[rows, 1][seen] - line(time[rows][seen])
        np.testing.assert_allclose(clean.values[rows, 1][seen], left / left.std(), atol=1e-9)
        assert not clean.values[rows, 1][~seen].any()
    # Means of their own are known of no run that has no value.
    values[30:, 1] = np.nan
    raw = Stream("faces", "sampled", time, ("face present", "smile", "none"), values, run=run)
    assert prepared(raw, detrend=False, standardise=False)[0].columns == ("face present",)


def test_columns_of_a_brain_that_are_missing_in_some_rows_are_left_out():
    values = np.random.default_rng(4).normal(size=(20, 2))
    values[3, 0] = np.nan
    space = BrainSpace(np.array(["a", "b"], object))
    clean, notes = prepared(Stream("brain", "sampled", np.arange(20.0), ("a", "b"), values, space=space))
    assert clean.columns == ("b",) and "left out" in notes[0]
