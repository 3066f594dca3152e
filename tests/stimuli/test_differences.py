"""In what categories differ: planted differences are found, the unit is the source, chance is told as chance."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stimuli.differences import REST, contrasts_of, differences

NAMES = ("luminance", "contrast", "edges")


def pictures(rng: np.random.Generator, sources: int = 12, each: int = 3, shift: float = 0.0) -> tuple[np.ndarray, ...]:
    """Two categories; pictures of one source are alike."""
    category = np.repeat(["cup", "face"], sources * each).astype(object)
    source = np.array([f"{c} {k // each % sources}" for k, c in enumerate(category)], dtype=object)
    own = np.repeat(rng.normal(size=(2 * sources, len(NAMES))), each, axis=0)
    values = own + 0.1 * rng.normal(size=own.shape)
    values[category == "face", 1] += shift
    return values, category, source


def test_a_planted_difference_is_found_with_its_sign_and_size() -> None:
    rows = differences(*_with_names(pictures(np.random.default_rng(0), shift=3.0)))
    found = {row.statistic: row for row in rows}
    assert found["contrast"].p_corrected < 0.01 and found["contrast"].low < -3 < found["contrast"].high
    assert found["contrast"].one == "cup" and found["contrast"].sources_one == 12 and not found["contrast"].paired


def _with_names(given: tuple[np.ndarray, ...]) -> tuple:
    return given[0], NAMES, given[1], given[2]


def test_many_pictures_of_one_source_do_not_count_as_many() -> None:
    """At no difference 5 % of the sets show one: with pictures as the unit most would."""
    rng = np.random.default_rng(1)
    hits = sum(
        min(row.p_corrected for row in differences(*_with_names(pictures(rng, each=8)), n_permutations=199)) < 0.05
        for _ in range(200)
    )
    assert 2 <= hits <= 20


def test_sources_in_both_categories_are_compared_with_themselves() -> None:
    values, category, source = pictures(np.random.default_rng(2), shift=0.3)
    source = np.array([name.split()[1] for name in source], dtype=object)
    values[category == "face", :2] = values[category == "cup", :2] + (0.0, 0.3)
    rows = {row.statistic: row for row in differences(values, NAMES, category, source)}
    assert rows["contrast"].paired and rows["contrast"].p_corrected < 0.01 and rows["luminance"].p == 1


def test_each_of_several_categories_is_compared_with_all_others_or_two_as_asked() -> None:
    names = np.array(["a", "b", "c", "a"], dtype=object)
    assert contrasts_of(names) == [("a", REST), ("b", REST), ("c", REST)]
    assert contrasts_of(names, "c, a") == [("c", "a")]
    assert contrasts_of(names[:1]) == []
    assert contrasts_of(names, "a") == [("a", REST)]
    with pytest.raises(InputError, match=r"two of the categories, with a comma: a, b, c; but got 'a,x'"):
        contrasts_of(names, "a,x")


def test_few_sources_have_means_and_no_test_and_missing_values_are_left_out() -> None:
    values, category, source = pictures(np.random.default_rng(3), sources=3)
    assert all(np.isnan(row.p) and np.isfinite(row.mean_one) for row in differences(values, NAMES, category, source))
    values, category, source = pictures(np.random.default_rng(3))
    values[source == "cup 0", 0] = np.nan
    rows = differences(values, NAMES, category, source)
    assert (rows[0].sources_one, rows[1].sources_one) == (11, 12) and np.isfinite(rows[0].p)


def test_several_categories_count_as_one() -> None:
    kinds = np.array(["a", "b", "c", "d"])
    assert contrasts_of(kinds, "a+b") == [("a+b", "all others")] and contrasts_of(kinds, "a + b, c") == [("a+b", "c")]
    for wrong in ("a+a", "a+e", "a,b,c", "a+b+c+d", "a+b,b"):
        with pytest.raises(InputError, match="Several count as one"):
            contrasts_of(kinds, wrong)
    values = np.repeat(np.arange(4.0), 8)[:, None] + np.random.default_rng(0).normal(size=(32, 1))
    (row,) = differences(values, ("light",), np.repeat(kinds, 8), np.arange(32).astype(str), between="a+b,c+d")
    assert (row.mean_one, row.mean_other) == pytest.approx((values[:16].mean(), values[16:].mean()))
