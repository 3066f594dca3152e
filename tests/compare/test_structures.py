"""How attributes hang together: planted blocks are found, agreement of two sources is tested."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from mien.compare.structure_store import load_structures, save_structures
from mien.compare.structures import compare_structures, structure
from mien.core.errors import InputError

RNG = np.random.default_rng(8)
NAMES = ["warm", "hard", "kind", "cold", "young", "old"]


def table(seed, noise=0.5):
    rng = np.random.default_rng(seed)
    warmth, age = rng.normal(size=(2, 300))
    columns = np.column_stack([warmth, -warmth, warmth, -warmth, -age, age])
    return pd.DataFrame(columns + noise * rng.normal(size=columns.shape), columns=NAMES)


def test_planted_blocks_and_axes_are_found():
    found = structure(table(0))
    assert found.variance_explained[:2].sum() > 0.75
    np.testing.assert_allclose(found.variance_explained.sum(), 1)
    np.testing.assert_allclose(found.loadings.T @ found.loadings, found.correlations, atol=1e-10)
    order = [NAMES[i] for i in found.order]
    assert {order[order.index("warm") + d] for d in (-1, 1) if 0 <= order.index("warm") + d < 6} & {"kind"}
    assert abs(order.index("hard") - order.index("cold")) == 1


def test_structures_are_read_back_as_they_were_written(tmp_path):
    one, other = structure(table(0)), structure(table(1))
    test = compare_structures(one, other, n_permutations=19)
    save_structures({"people": one, "model": other}, {("people", "model"): test}, tmp_path)
    sources, tests = load_structures(tmp_path)
    assert list(sources) == ["people", "model"] and tests == {("people", "model"): test}
    for again, first in zip(sources.values(), (one, other), strict=True):
        assert again.names == first.names
        for name in ("correlations", "order", "dendrogram", "variance_explained", "loadings"):
            np.testing.assert_array_equal(getattr(again, name), getattr(first, name))


def test_two_sources_of_the_same_structure_agree_whatever_the_columns_order():
    one, other = structure(table(0)), structure(table(1)[NAMES[::-1]])
    found = compare_structures(one, other, n_permutations=719)
    lower = np.tril_indices(6, -1)
    same_order = structure(table(1))
    np.testing.assert_allclose(
        found.statistic, spearmanr(one.correlations[lower], same_order.correlations[lower]).statistic
    )
    assert found.statistic > 0.8 and found.p < 0.06


def test_unrelated_sources_do_not_agree():
    p = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        mixed = [pd.DataFrame(rng.normal(size=(30, 6)) @ rng.normal(size=(6, 6)), columns=NAMES) for _ in range(2)]
        p.append(compare_structures(*map(structure, mixed), n_permutations=99).p)
    assert 0.2 < np.mean(p) < 0.8


def test_bad_tables_are_told_in_a_sentence():
    with pytest.raises(InputError, match="'kind' has the same value"):
        structure(table(0).assign(kind=1.0))
    with pytest.raises(InputError, match="at least two attributes"):
        structure(table(0)[["warm"]])
    with pytest.raises(InputError, match="'old' is in one only"):
        compare_structures(structure(table(0)), structure(table(1).drop(columns="old")))
    with pytest.raises(InputError, match="at least four"):
        compare_structures(*(structure(table(i)[NAMES[:3]]) for i in range(2)))
