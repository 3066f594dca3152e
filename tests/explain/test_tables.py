"""A pandas DataFrame as samples: its columns name the features."""

import lightgbm
import numpy as np
import pandas as pd
import pytest

from mien.core.errors import InputError
from mien.explain.explain import explain, explain_all
from tests.explain.nets import linear

RNG = np.random.default_rng(6)
NAMES = ["mouth width", "brow", "gaze"]
TABLE = pd.DataFrame(RNG.normal(size=(6, 3)), columns=NAMES, index=list("uvwxyz"))
WEIGHTS = np.array([[1.0, -2, 0]])


def test_columns_keep_their_names_and_values():
    found = explain(linear(WEIGHTS), TABLE, baselines="zero")
    assert found.names == tuple(NAMES) and found.space == "named features"
    np.testing.assert_allclose(found.values, TABLE.to_numpy() * WEIGHTS, atol=1e-5)
    assert explain_all(linear(WEIGHTS), TABLE, baselines="zero")["output"].names == tuple(NAMES)
    assert explain(linear(WEIGHTS), TABLE, baselines="zero", names=["a", "b", "c"]).names == ("a", "b", "c")


def test_trees_keep_them_too():
    model = lightgbm.LGBMRegressor(n_estimators=3, min_child_samples=1, verbosity=-1).fit(TABLE, TABLE["brow"])
    assert explain(model, TABLE, method="tree-shap").names == tuple(NAMES)


def test_missing_numbers_are_rows_without_an_answer():
    gaps = TABLE.copy()
    gaps.loc["w", "brow"] = np.nan
    found = explain(linear(WEIGHTS), gaps, baselines="zero")
    assert list(found.status) == ["ok", "ok", "non-finite", "ok", "ok", "ok"]
    nullable = explain(linear(WEIGHTS), gaps.astype("Float64"), baselines="zero")
    assert list(nullable.status) == list(found.status)


def test_what_holds_no_numbers_or_stands_elsewhere_is_told():
    with pytest.raises(InputError, match="column 'who' does not hold numbers"):
        explain(linear(WEIGHTS), TABLE.assign(who="a"), baselines="zero")
    with pytest.raises(InputError, match="stand in another order"):
        explain(linear(WEIGHTS), TABLE, reference=TABLE[NAMES[::-1]])
    assert explain(linear(WEIGHTS), TABLE, reference=TABLE.to_numpy()).ok.all()


def test_a_model_of_mien_gets_its_own_columns_in_its_own_order():
    from mien.models.trees_fit import TreesClassifier

    values = RNG.normal(size=(40, 3)).astype(np.float32)
    fitted = TreesClassifier(feature_names=tuple(NAMES), n_trees=3, mirror=False).fit(
        values, np.where(values[:, 0] > 0, "a", "b")
    )
    model, table = fitted.model(), pd.DataFrame(values, columns=NAMES)
    plain = explain(model, values, target="a", method="tree-shap", names=NAMES)
    turned = explain(model, table[NAMES[::-1]].assign(more=1.0), target="a", method="tree-shap")
    np.testing.assert_array_equal(turned.values, plain.values)
    assert turned.names == tuple(NAMES)
    with pytest.raises(InputError, match="looks at 'gaze', but the table has no such column"):
        explain(model, table[NAMES[:2]], target="a", method="tree-shap")
