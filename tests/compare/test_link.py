"""Streams over time: known correlations are recovered; moments that say the same are no evidence."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import pearsonr

import mien
from mien.compare.timelines.correlate import correlate
from mien.compare.timelines.shared_course import shared_course
from mien.core.errors import InputError
from mien.core.streams import Runs, Stream, TimeLine


def slow(rng, samples, columns, before=0.9):
    """Noise that is correlated from sample to sample."""
    white = rng.normal(size=(samples + 60, columns)) * np.sqrt(1 - before**2)
    return lfilter([1], [1, -before], white, axis=0)[60:]


def sampled(name, runs, columns, viewer="", step=2.0):
    """A stream of samples from one array per run."""
    values = np.concatenate(runs)
    run = np.repeat([str(number + 1) for number in range(len(runs))], [len(part) for part in runs])
    at = np.concatenate([np.arange(len(part)) * step for part in runs])
    return Stream(name, "sampled", at, columns, values, run=run, viewer=np.full(len(at), viewer))


def all_of(streams):
    return Stream(
        streams[0].name, "sampled", np.concatenate([s.time_s for s in streams]), streams[0].columns,
        np.concatenate([s.values for s in streams]), run=np.concatenate([s.run for s in streams]),
        viewer=np.concatenate([s.viewer for s in streams]),
    )  # fmt: skip


def line_of(*streams, length=80.0, runs=4):
    start = np.arange(runs) * length
    return TimeLine(Runs([str(i + 1) for i in range(runs)], start, start + length), {s.name: s for s in streams})


def test_one_run_without_gaps_has_pearsons_correlation():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(50, 1)), rng.normal(size=(50, 2))
    found = correlate([[x]], [[y]], n_permutations=99)
    assert found.each[0, 0] == pytest.approx([pearsonr(x[:, 0], y[:, i])[0] for i in range(2)])


def test_missing_moments_have_no_weight():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(60, 1)), rng.normal(size=(60, 1))
    y[10:20] = np.nan
    known = np.isfinite(y[:, 0])
    found = correlate([[x]], [[y]], n_permutations=99)
    assert found.each[0, 0, 0] == pytest.approx(pearsonr(x[known, 0], y[known, 0])[0])


@pytest.mark.parametrize("null", ["shift", "phase"])
def test_slow_noise_is_not_taken_for_an_answer(null):
    rng, wrong, naive = np.random.default_rng(3), 0, 0
    for number in range(100):
        x = [[slow(rng, 60, 1) for _ in range(3)]]
        common = [slow(rng, 60, 4) for _ in range(3)]
        y = [[part + slow(rng, 60, 4) for part in common] for _ in range(3)]
        wrong += correlate(x, y, null=null, n_permutations=99, seed=number).p[0, 0] <= 0.05
        naive += pearsonr(np.concatenate(x[0])[:, 0], np.concatenate(y[0])[:, 0])[1] <= 0.05
    # Volumes taken for independent would be an answer in about half of all studies.
    assert wrong <= 12 and naive > 33


def test_viewers_without_anything_in_common_have_nothing_in_common():
    rng, wrong = np.random.default_rng(4), 0
    for number in range(60):
        found = shared_course(
            [[slow(rng, 40, 3, 0.6) for _ in range(2)] for _ in range(4)], n_permutations=59, seed=number
        )
        wrong += found.p_corrected.min() <= 0.05
    assert wrong <= 8


def test_planted_columns_are_beyond_chance_and_others_are_not():
    rng = np.random.default_rng(5)
    cause = [slow(rng, 40, 1, 0.5) for _ in range(4)]
    brains = [
        sampled(
            "brain", [np.column_stack([part[:, 0] + rng.normal(size=40), rng.normal(size=(40, 5))]) for part in cause],
            ("planted", "a", "b", "c", "d", "e"), f"v{viewer}",
        )
        for viewer in range(4)
    ]  # fmt: skip
    line = line_of(sampled("cause", cause, ("x",)), all_of(brains))
    found = mien.link(line, "cause", "brain")
    assert [row.second for row in found.sure()] == ["planted"]
    row = found.rows[0]
    assert row.low < np.sqrt(0.5) < row.high and row.units == 4
    among = mien.link(line, "brain")
    assert [row.second for row in among.sure()] == ["planted"] and among.rows[0].low > 0


def test_a_delay_is_taken_back():
    rng = np.random.default_rng(6)
    cause = [slow(rng, 40, 1, 0.3) for _ in range(4)]
    late = [np.concatenate([rng.normal(size=(2, 1)), part[:-2]]) for part in cause]
    line = line_of(sampled("cause", cause, ("x",)), sampled("late", late, ("y",)))
    assert mien.link(line, "cause", "late", lag_s=4).rows[0].r > 0.98
    assert abs(mien.link(line, "cause", "late").rows[0].r) < 0.5


def test_faces_against_no_faces_by_a_column_of_words():
    rng = np.random.default_rng(7)
    shown = Stream("shots", "intervals", np.tile(np.arange(0, 80.0, 10), 4), texts={"what": ["face", "no face"] * 16},
                   duration_s=np.full(32, 10.0), run=np.repeat(["1", "2", "3", "4"], 8))  # fmt: skip
    on = np.tile(np.repeat([1.0, 0.0], 5), 4)[:, None]
    y = [on + 0.5 * rng.normal(size=(40, 1)) for _ in range(4)]
    found = mien.link(line_of(shown, sampled("y", y, ("y",))), "shots", "y", columns=["what=face"])
    spread = np.mean([part.std() for part in y])
    assert found.rows[0].difference == pytest.approx(1 / spread, abs=0.15) and found.rows[0].p <= 0.01


def test_other_viewers_are_averaged_and_that_is_said():
    rng = np.random.default_rng(8)
    parts = [slow(rng, 40, 1, 0.3) for _ in range(4)]
    gaze = all_of([sampled("gaze", [part + 0.1 * rng.normal(size=part.shape) for part in parts], ("nss",), who)
                   for who in ("eye1", "eye2")])  # fmt: skip
    brain = all_of([sampled("brain", [part + rng.normal(size=part.shape) for part in parts], ("p",), who)
                    for who in ("s1", "s2", "s3")])  # fmt: skip
    found = mien.link(line_of(gaze, brain), "gaze", "brain")
    assert found.rows[0].p <= 0.01 and "other viewers" in found.notes[0]


def test_a_result_reads_as_it_was_written(tmp_path):
    rng = np.random.default_rng(9)
    line = line_of(sampled("a", [rng.normal(size=(40, 1)) for _ in range(4)], ("x",)),
                   sampled("b", [rng.normal(size=(40, 2)) for _ in range(4)], ("y", "z")))  # fmt: skip
    found = mien.link(line, "a", "b", n_permutations=99, output=tmp_path / "link")
    again = mien.load_link(tmp_path / "link")
    assert again.rows[0].r == found.rows[0].r and again.words() == found.words() and again.unit == "runs"
    assert np.array_equal(again.each, found.each) and "beyond chance" in found.words()


@pytest.mark.parametrize(("asked", "said"), [
    ({"first": "a", "second": "nothing"}, "no stream 'nothing'"),
    ({"first": "a", "second": "a", "columns": ["q"]}, "no column 'q'"),
    ({"first": "a", "second": "shots", "to": ["what=face"]}, "the other way round"),
    ({"first": "shots", "second": "a", "columns": ["what=dog"]}, "never says 'dog'"),
    ({"first": "a"}, "two or more"),
    ({"first": "a", "second": "a", "lag_s": 4, "haemodynamic": True}, "shift twice"),
])  # fmt: skip
def test_what_cannot_be_compared_is_refused(asked, said):
    rng = np.random.default_rng(10)
    a = sampled("a", [rng.normal(size=(40, 1)) for _ in range(4)], ("x",))
    shots = Stream("shots", "intervals", [0.0], texts={"what": ["face"]}, duration_s=[5.0], run=["1"])
    with pytest.raises(InputError, match=said):
        mien.link(line_of(a, shots), **asked)


def test_what_could_not_be_computed_is_not_said_to_be_chance():
    rng = np.random.default_rng(10)
    line = line_of(sampled("a", [rng.normal(size=(40, 1)) for _ in range(4)], ("x",)),
                   sampled("b", [np.full((40, 1), np.nan) for _ in range(4)], ("y",)))  # fmt: skip
    said = mien.link(line, "a", "b", n_permutations=99).words()
    assert "nothing could be computed" in said and "beyond chance" not in said


def with_gaps(every=4):
    """A stream that is missing at one moment of a few, and another without gaps."""
    rng = np.random.default_rng(11)
    parts = [rng.normal(size=(40, 1)) for _ in range(4)]
    for part in parts:
        part[::every] = np.nan
    return line_of(sampled("a", parts, ("x",)), sampled("b", [rng.normal(size=(40, 2)) for _ in range(4)], ("y", "z")))


def test_gaps_that_leave_nothing_to_be_convolved_are_the_reason_given():
    found = mien.link(with_gaps(), "a", "b", haemodynamic=True, n_permutations=99)
    assert not any(np.isfinite(row.r) for row in found.rows)
    assert "nothing could be computed" in found.words() and "'a', convolved" in found.words()
    assert "x is missing at 25 % of the moments, and at 9" in found.notes[-1] and "never varies" not in found.notes[-1]
    shifted = mien.link(with_gaps(), "a", "b", lag_s=4.0, n_permutations=99)
    assert all(np.isfinite(row.r) for row in shifted.rows) and not shifted.notes


def test_what_could_be_computed_stands_before_what_could_not():
    rng = np.random.default_rng(12)
    second = [np.column_stack([np.full(40, np.nan), rng.normal(size=40)]) for _ in range(4)]
    line = line_of(sampled("a", [rng.normal(size=(40, 1)) for _ in range(4)], ("x",)), sampled("b", second, ("y", "z")))
    found = mien.link(line, "a", "b", n_permutations=99)
    assert [row.second for row in found.ordered()] == ["z", "y"]
    assert "1 further correlations could not be computed" in found.words() and "none of 1 " in found.words()


def test_a_headline_says_nothing_of_chance_where_nothing_could_be_computed(tmp_path):
    pytest.importorskip("jinja2")
    from mien.report.sections.film_headline import film_headline
    from mien.report.study_folder import StudyFolder

    mien.link(with_gaps(), "a", "b", haemodynamic=True, n_permutations=99, output=tmp_path / "link" / "gaps")
    said = film_headline(StudyFolder(path=tmp_path))
    assert "nothing could be computed" in said and "beyond chance" not in said


@pytest.mark.parametrize("gaps", ["of the first", "of both"])
def test_gaps_make_no_answer_of_noise(gaps):
    rng, found = np.random.default_rng(13), []
    for study in range(150):
        lost = [np.repeat(rng.random(12) < 0.5, 5) for _ in range(4)]
        first = [slow(rng, 60, 1, 0.5) for _ in range(4)]
        viewers = [[slow(rng, 60, 1, 0.5) for _ in range(4)] for _ in range(3)]
        for own in [first, *(viewers if gaps == "of both" else [])]:
            for part, away in zip(own, lost, strict=True):
                part[away] = np.nan
        found.append([correlate([first], viewers, n_permutations=99, seed=study).p[0, 0]])
        if gaps == "of both":
            found[-1].append(shared_course(viewers, n_permutations=99, seed=study).p[0])
    assert (np.mean(np.array(found) <= 0.05, axis=0) <= 0.1).all()


def test_a_gap_that_both_have_leaves_a_planted_answer_where_it_is():
    rng = np.random.default_rng(14)
    first = [slow(rng, 60, 1, 0.5) for _ in range(4)]
    second = [part + rng.normal(size=part.shape) for part in first]
    whole = correlate([first], [second], n_permutations=199)
    for part, other in zip(first, second, strict=True):
        part[10:30] = other[10:30] = np.nan
        part[45:50] = np.nan
    held = correlate([first], [second], n_permutations=199)
    assert held.p[0, 0] == 0.005 and abs(held.each - whole.each).max() < 0.15
