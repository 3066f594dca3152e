"""What was planted is decoded, noise is not, and input that cannot be decoded is a sentence."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

import mien
from mien.core.errors import InputError
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.decoders import answers, fit, grid_of
from mien.decoding.result import Decoding


def film(effect=1.5, runs=4, viewers=("a",), seed=0, length=64):
    """Blocks of two or four classes in random order; two of six columns answer to 'c1', 4 s late."""
    rng = np.random.default_rng(seed)
    told, parts = [], []
    for run in range(runs):
        code = rng.permutation(np.arange(length // 8) % 2)
        told += [(str(run), place * 16.0, f"c{c}", float(c)) for place, c in enumerate(code)]
        answer = np.repeat(np.roll(np.repeat(code, 8), 2)[:, None], 2, axis=1)
        for viewer in viewers:
            noise = rng.normal(size=(length, 6)) + np.linspace(0, 3, length)[:, None]
            noise[:, :2] += effect * answer
            parts.append((str(run), viewer, noise))
    brain = Stream(
        "brain", "sampled", np.tile(np.arange(length) * 2.0, len(parts)), tuple("abcdef"),
        np.concatenate([part for *_, part in parts]), run=np.repeat([run for run, *_ in parts], length),
        viewer=np.repeat([viewer for _, viewer, _ in parts], length), duration_s=np.full(length * len(parts), 2.0),
    )  # fmt: skip
    shown = Stream(
        "shown", "intervals", [row[1] for row in told], ("strength",), np.array([[row[3]] for row in told]),
        duration_s=np.full(len(told), 16.0), run=[row[0] for row in told], texts={"what": [row[2] for row in told]},
    )  # fmt: skip
    names = [str(run) for run in range(runs)]
    return TimeLine(Runs(names, [0.0] * runs, [length * 2.0] * runs), {"brain": brain, "shown": shown})


def decoded(line, **settings):
    given = {"sources": "brain", "labels": "shown", "target": "what", "shift_s": 4.0, "n_permutations": 99}
    return mien.decode(line, **(given | {"model": "ridge", "select": False} | settings))


@pytest.mark.parametrize("model", ["logistic", "ridge", "lda", "trees", "mlp"])
@pytest.mark.parametrize("classes", [2, 3])
def test_every_decoder_sees_what_was_planted(model, classes):
    rng = np.random.default_rng(0)
    y = np.arange(240) % classes
    x = rng.normal(size=(240, 6))
    x[:, :classes] += 2.5 * np.eye(classes)[y]
    fitted = fit(model, x[:120], y[:120], classes, value=grid_of(model)[-1])
    assert (answers(fitted.scores(x[120:]), classes) == y[120:]).mean() > 0.85


def test_planted_blocks_are_decoded():
    score = decoded(film()).score("brain")
    assert score.value > 0.85 and score.p <= 0.05 and score.low > 0.5 and abs(score.chance - 0.5) < 0.1


def test_planted_numbers_are_decoded_also_with_two_runs_and_selection():
    found = decoded(film(runs=2), target="strength", model="ridge", unit="volume", select=True)
    assert not found.classes and found.score("brain").value > 0.5
    assert np.isnan(found.score("brain").low)


def test_weights_are_in_units_of_the_columns_and_lie_on_those_that_were_planted():
    found = decoded(film(effect=3.0))
    fitted = found.source("brain").folds[0]
    weight, bias = fitted.linear
    rows = found.source("brain").values[found.rows_of(0)].astype(float)
    assert rows @ weight.T + bias == pytest.approx(fitted.scores(rows))
    assert np.abs(weight[0, :2]).min() > np.abs(weight[0, 2:]).max()


def test_noise_has_chance_and_its_interval_holds_it():
    found = decoded(film(effect=0.0, seed=3)).score("brain")
    assert found.p > 0.05 and found.low < 0.5 < found.high


def test_viewers_carry_intervals_and_a_p_of_their_own():
    line = film(viewers=tuple("abcdef"), effect=0.7)
    alone = decoded(line).score("brain")
    assert (alone.over, alone.units) == ("viewers", 6) and alone.low > 0.5
    # All six lie above chance: two of 64 patterns of signs.
    assert alone.p_viewers == pytest.approx(2 / 64)
    left_out = decoded(line, leave_out="viewer")
    assert left_out.score("brain").value > 0.8
    first = left_out.rows_of(0, training=True)
    assert "a" not in left_out.viewer[first] and "0" not in left_out.run[first]


def test_streams_are_compared_on_the_same_rows():
    line = film()
    rng = np.random.default_rng(1)
    faces = replace(line["brain"], name="faces", values=rng.normal(size=line["brain"].values.shape))
    found = decoded(TimeLine(line.runs, {**line.streams, "faces": faces}), sources=["brain", "faces"])
    (pair,) = found.contrasts
    assert (pair.one, pair.other) == ("brain", "faces") and pair.low > 0 and pair.p_corrected < 0.05


def test_the_result_reads_as_it_was_written(tmp_path):
    found = decoded(film())
    source = found.source("brain")
    trees = fit("trees", source.values, found.observed, 2)
    found = replace(found, sources=(replace(source, folds=(trees, *source.folds[1:])),))
    found.write(tmp_path / "one")
    again = Decoding.read(tmp_path / "one")
    rows = found.source("brain").values
    assert [row.value for row in again.scores] == [row.value for row in found.scores]
    assert again.observed.tolist() == found.observed.tolist() and again.notes == found.notes
    for one, other in zip(again.source("brain").folds, found.source("brain").folds, strict=True):
        assert one.scores(rows).tolist() == other.scores(rows).tolist()


def test_lost_volumes_are_left_out_and_counted():
    line = film()
    values = line["brain"].values.copy()
    values[:5] = np.nan
    found = decoded(TimeLine(line.runs, {**line.streams, "brain": replace(line["brain"], values=values)}))
    assert any("5 rows of 'brain' hold no number" in note for note in found.notes)


def test_few_orders_of_labels_are_said():
    found = decoded(film(runs=2, length=16))
    assert any("4 different orders" in note and "0.25" in note for note in found.notes)


def words(line, change):
    shown = line["shown"]
    return TimeLine(line.runs, {**line.streams, "shown": replace(shown, texts={"what": change(shown.texts["what"])})})


@pytest.mark.parametrize(
    ("line", "settings", "message"),
    [
        (words(film(), lambda w: np.full(len(w), "c1", object)), {}, "one class only"),
        (words(film(), lambda w: np.full(len(w), "", object)), {}, "No interval"),
        (film(runs=1), {}, "one run only"),
        (film(length=16), {"shift_s": 50.0}, "do their runs fit"),
        (film(), {"leave_out": "shuffled"}, "Neighbouring volumes"),
        (film(), {"leave_out": "viewer"}, "three or more"),
        (film(), {"against": "house"}, "none of the classes"),
        (film(), {"target": "house"}, "no column 'house'"),
        (film(), {"sources": "eyes"}, "no stream 'eyes'"),
        (film(), {"labels": "brain", "target": "a", "model": "ridge"}, "'a', which would be decoded from itself"),
        (film(), {"model": "svm"}, "one of logistic"),
        (film(), {"model": "lda", "target": "strength", "unit": "volume"}, "is a number, which 'lda' cannot decode"),
    ],
)
def test_what_cannot_be_decoded_is_a_sentence(line, settings, message):
    with pytest.raises(InputError, match=message):
        decoded(line, **settings)
