"""Rows of a table that are the same under two names are copies where chance does not make them so."""

import numpy as np
import pytest

from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.learn.copies import marks_of
from mien.learn.same_rows import rarity_of, rounded_rows
from mien.learn.table import usable


def joined(values):
    """Whether any two rows are taken for copies, to the last bit or rounded."""
    marks = marks_of(values)
    again = len(set().union(*marks)) < sum(map(len, marks))
    return again or bool(rounded_rows(values, np.arange(len(values)).astype(str)))


def questionnaire(rng, people, items, levels, loading, straight):
    """Answers that share a factor; some people tick one level throughout."""
    shared = loading * rng.normal(size=(people, 1)) + np.sqrt(1 - loading**2) * rng.normal(size=(people, items))
    answers = np.clip(np.round((shared + 2) / 4 * (levels - 1)), 0, levels - 1)
    one = rng.random(people) < straight
    answers[one] = answers[one, :1]
    return answers


@pytest.mark.parametrize("levels", [2, 5, 7])
@pytest.mark.parametrize("items", [6, 20, 60])
def test_people_who_answer_alike_are_not_joined(levels, items):
    rng = np.random.default_rng(items + levels)
    assert not any(joined(questionnaire(rng, 200, items, levels, load, 0.2)) for load in (0.3, 0.9))


def test_what_one_column_fixes_does_not_count_twice():
    rng = np.random.default_rng(0)
    age = rng.integers(18, 70, 200).astype(float)
    height = np.round(rng.normal(170, 9, 200))
    assert not joined(np.stack([age, age**2, np.log(age), age // 10, height, height / 100, rng.integers(0, 2, 200)], 1))
    time = np.round(rng.normal(600, 120, 60))
    assert not joined(np.stack([time, np.log(time), 1 / time, (time - 600) / 120], 1))


@pytest.mark.parametrize(("columns", "decimals", "least"), [(3, 4, 1.0), (4, 2, 0.6), (6, 1, 0.8), (7, 4, 1.0)])
def test_equal_rows_of_few_columns_are_copies_if_their_numbers_are_rare(columns, decimals, least):
    rows = np.random.default_rng(1).normal(size=(30, columns)).round(decimals)
    marks = marks_of(np.concatenate([rows, rows]))
    assert np.mean([bool(a & b) for a, b in zip(marks[:30], marks[30:], strict=True)]) >= least


def test_rows_that_were_rounded_are_copies_from_eight_columns_on():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(30, 12)).round(4)
    names = np.array([f"P{k}" for k in range(60)], dtype=object)
    expected = [(k, 30 + k) for k in range(30)]
    assert rounded_rows(np.concatenate([rows, rows + 1e-4]), names) == expected
    assert rounded_rows(np.concatenate([rows, rows.round(3)]), names) == expected
    assert rounded_rows(np.concatenate([rows, rows + 0.05]), names) == []
    assert rounded_rows(np.concatenate([rows, rows + 1e-4])[:, :7], names) == []
    assert rounded_rows(np.concatenate([rows, rows + 1e-4]), np.array(["P"] * 60, dtype=object)) == []
    gaps = np.concatenate([rows, rows + 1e-4])
    gaps[:, 3] = np.nan
    assert rounded_rows(gaps, names) == expected


def test_bits_are_those_of_the_frequencies():
    found = rarity_of(np.array([[1.0, 5.0], [1.0, 6.0], [2.0, 5.0], [2.0, 6.0]]))
    assert found.bits == pytest.approx([2.0] * 4) and not found.telling.any()
    assert rarity_of(np.zeros((0, 3))).bits.shape == (0,) and not rarity_of(np.full((5, 4), 3.0)).telling.any()


def test_people_of_a_table_with_six_columns_are_one_unit_where_their_rows_are_one():
    rows = np.random.default_rng(3).normal(size=(20, 6)).round(4)
    both = np.concatenate([rows, rows])
    samples = Samples(
        path=[f"{k}.png" for k in range(40)],
        subject=[f"P{100 + k}" for k in range(20)] + [f"Q{300 + k}" for k in range(20)],
        labels={"face": ["a", "b"] * 20},
        ratings={f"AU{k}": column for k, column in enumerate(both.T)},
    )
    table = usable(samples, Faces.empty(), {"name": "columns", "columns": ["AU*"]}, "face")
    assert len(set(table.subjects)) == 20
    assert any("20 samples are copies of another one" in note and "20 instead of 40" in note for note in table.notes)
