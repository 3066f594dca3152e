"""Codes for "no answer" are not averaged into ratings, slips are reported, and honest columns raise no alarm."""

import numpy as np
import pytest

from mien.data.ratings import read_single_ratings
from mien.data.samples import read_samples
from mien.data.tables.missing_codes import without_codes

RNG = np.random.default_rng(0)


def scale(odd=(), share=0.03, n=300, low=1, high=7) -> np.ndarray:
    values = RNG.integers(low, high + 1, n).astype(float)
    if len(odd):
        at = RNG.permutation(n)[: max(1, int(share * n))]
        values[at] = np.resize(np.array(odd, dtype=float), len(at))
    return values


@pytest.mark.parametrize("odd", [(999,), (99,), (-9,), (-99,), (88,), (98, 99), (-8, -9), (9999,), (77, 999)])
def test_codes_far_outside_the_scale_are_left_out_and_named(odd):
    values = scale(odd)
    kept, notes = without_codes("happy", values, np.arange(len(values)) + 2)
    np.testing.assert_array_equal(np.isnan(kept), ~np.isin(values, range(1, 8)))
    text = " ".join(notes)
    assert "'happy' reaches from" in text and "97 % lie in 1 to 7" in text and "left out" in text
    assert all(str(code) in text for code in odd) and f"row {np.flatnonzero(np.isnan(kept))[0] + 2}" in text


@pytest.mark.parametrize("odd", [9, -1])
def test_what_may_be_a_rating_is_counted_with_a_remark(odd):
    values = scale((odd,))
    kept, (note,) = without_codes("happy", values)
    np.testing.assert_array_equal(kept, values)
    assert f"{odd} (9 times) may mean 'no answer'" in note and "counted" in note


@pytest.mark.parametrize("slip", [57, 44, 22, 11])
def test_a_wild_value_is_a_slip_that_is_counted_and_reported(slip):
    values = scale()
    values[5] = slip
    kept, (note,) = without_codes("happy", values, np.arange(len(values)) + 2)
    assert kept[5] == slip and f"{slip} (1 time, row 7) looks like a slip" in note


def test_means_and_few_values_have_codes_too():
    means = np.round(RNG.normal(4, 0.8, 60), 2)
    means[[3, 7]] = -9
    assert np.isnan(without_codes("happy", means)[0]).sum() == 2
    assert np.isnan(without_codes("happy", np.array([3.0, 4, 999, 5, 2]))[0]).sum() == 1
    assert np.isnan(without_codes("yes", np.array([0.0, 1, 0, 1, 99]))[0]).sum() == 1


HONEST = {
    "1 to 9": lambda n: RNG.integers(1, 10, n),
    "0 to 100": lambda n: RNG.integers(0, 101, n),
    "-3 to 3": lambda n: RNG.integers(-3, 4, n),
    "no or yes": lambda n: RNG.integers(0, 2, n),
    "ages": lambda n: np.clip(np.round(RNG.normal(35, 15, n)), 18, 99),
    "reaction times": lambda n: np.round(np.exp(RNG.normal(6.5, 0.5, n))),
    "z": lambda n: RNG.normal(size=n),
    "log-normal": lambda n: np.exp(RNG.normal(0, 2, n)),
    "shares": lambda n: RNG.beta(2, 2, n),
    "counts": lambda n: RNG.poisson(2, n),
}


@pytest.mark.parametrize("kind", HONEST)
def test_honest_columns_lose_nothing_and_are_rarely_remarked_on(kind):
    remarked = 0
    for n in (10, 40, 200) * 50:
        values = HONEST[kind](n).astype(float)
        kept, notes = without_codes(kind, values)
        np.testing.assert_array_equal(kept, values)
        remarked += bool(notes)
    assert remarked <= 0.05 * 150


def test_gaps_and_constant_or_empty_columns_are_left_alone():
    for values in ([], [np.nan], [5.0, 5.0], [999.0] * 30, [1.0, 999.0]):
        kept, notes = without_codes("x", np.array(values))
        np.testing.assert_array_equal(kept, values)
        assert notes == ()


@pytest.mark.parametrize("layout", ["long", "wide"])
def test_single_ratings_are_averaged_without_codes(tmp_path, layout):
    path, rows, truth = tmp_path / "r.csv", [], {}
    for i in range(40):
        for k in range(8):
            value = RNG.integers(1, 8) if (i + k) % 20 else 999
            if value != 999:
                truth.setdefault(f"{i}.jpg", []).append(value)
            rows.append(f"{i}.jpg,p{i},r{k},{f'happy,{value}' if layout == 'long' else value}")
    head = "path,subject,rater,attribute,rating" if layout == "long" else "path,subject,rater,happy"
    path.write_text("\n".join([head, *rows]))
    samples = read_samples(path)
    np.testing.assert_allclose(samples.ratings["happy"], [np.mean(truth[p]) for p in samples.path])
    assert any("999 (" in note and "left out" in note for note in samples.notes)
    single = read_single_ratings(str(path))
    assert single.value.max() == 7 and any("999" in note for note in single.of("happy").notes)


def test_columns_of_mean_ratings_too(tmp_path):
    path = tmp_path / "s.csv"
    values = [f"{v:.2f}" for v in RNG.uniform(1, 7, 30)]
    values[4] = "-99"
    path.write_text("path,subject,happy\n" + "\n".join(f"{i}.jpg,p{i},{v}" for i, v in enumerate(values)))
    samples = read_samples(path)
    assert np.isnan(samples.ratings["happy"][4]) and "-99 (1 time, row 6)" in samples.notes[0]


def test_two_codes_of_one_column_are_one_sentence():
    values = np.array([1, 2, 3, 4, 5, 6, 7] * 5 + [999, 999, -9, -9], dtype=float)
    found, notes = without_codes("warm", values)
    assert np.isnan(found[-4:]).all() and len(notes) == 1
    assert "999 and -9 (4 times) look like codes" in notes[0]
