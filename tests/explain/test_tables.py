"""A pandas DataFrame as samples: its columns name the features."""

import functools

import lightgbm
import numpy as np
import pandas as pd
import pyarrow
import pytest

from mien.core.errors import InputError
from mien.core.features import Features
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
    from mien.models.trees.estimator import TreesClassifier

    values = RNG.normal(size=(40, 3)).astype(np.float32)
    fitted = TreesClassifier(feature_names=tuple(NAMES), n_trees=3, mirror=False).fit(
        values, np.where(values[:, 0] > 0, "a", "b")
    )
    model, table = fitted.model(), pd.DataFrame(values, columns=NAMES)
    plain = explain(model, values, target="a", method="tree-shap", names=NAMES)
    turned = explain(model, table[NAMES[::-1]].assign(more=1.0), target="a", method="tree-shap")
    np.testing.assert_array_equal(turned.values, plain.values)
    assert turned.names == tuple(NAMES)
    with pytest.raises(InputError, match="uses 'gaze', but the table has no such column"):
        explain(model, table[NAMES[:2]], target="a", method="tree-shap")


MORE = ["smile", "brow raised", "frown", "gaze"]
PEOPLE = pd.DataFrame(RNG.normal(size=(120, 4)), columns=MORE)
YES = (PEOPLE["smile"] - PEOPLE["frown"] > 0).astype(int)


class Booster:
    """Knows its columns as XGBoost's boosters do."""

    def __init__(self, attribute, names):
        setattr(self, attribute, names)

    def predict(self, values):
        return np.asarray(values) @ np.array([1, 0, -1, 0.5])


def fitted(kind):
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression, RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    trees = lightgbm.LGBMClassifier(n_estimators=4, verbosity=-1)
    if kind in ("trees", "booster", "method of trees"):
        trees.fit(PEOPLE, YES)
        return {"trees": trees, "booster": trees.booster_, "method of trees": trees.predict_proba}[kind]
    some = make_column_transformer((StandardScaler(), ["smile", "gaze"]), remainder="passthrough")
    if kind == "columns of a pipeline":
        return make_pipeline(some, LogisticRegression()).fit(PEOPLE, YES).predict_proba
    if kind == "ridge":
        return RidgeClassifier().fit(PEOPLE, YES)
    if kind in ("xgboost", "catboost"):
        return Booster({"xgboost": "feature_names", "catboost": "feature_names_"}[kind], list(MORE)).predict
    regression = make_pipeline(StandardScaler(), LogisticRegression()).fit(PEOPLE, YES)
    return {
        "pipeline": regression,
        "method": regression.decision_function,
        "partial": functools.partial(regression.predict_proba),
        "function": lambda values: regression.predict_proba(pd.DataFrame(values, columns=MORE))[:, 1],
    }[kind]


@pytest.mark.filterwarnings("error:X does not have valid feature names")
@pytest.mark.parametrize(
    "kind",
    [
        "trees", "booster", "method of trees", "columns of a pipeline", "ridge", "xgboost", "catboost", "pipeline",
        "method", "partial", "function",
    ],
)  # fmt: skip
def test_the_order_of_columns_does_not_matter_to_models_that_know_their_names(kind):
    model = fitted(kind)
    plain = explain(model, PEOPLE.head(4), method="occlusion")
    turned = explain(model, PEOPLE.head(4)[MORE[::-1]].assign(more=1.0), method="occlusion", reference=PEOPLE.head(4))
    assert plain.names == turned.names == tuple(MORE) and np.abs(plain.values).max() > 0
    np.testing.assert_allclose(turned.values, plain.values, atol=1e-6)
    assert "not fitted on 'more'" in turned.settings["notes"][0] and "notes" not in plain.settings


def test_columns_that_are_missing_double_or_strange_are_refused():
    model = fitted("pipeline")
    for table, words in (
        (PEOPLE.head(4)[MORE[:3]], "uses 'gaze'"),
        (PEOPLE.head(4).set_axis(["smile", "smile", "frown", "gaze"], axis=1), "several columns called 'smile'"),
        (PEOPLE.head(4).set_axis(list("abcd"), axis=1), "none of them is there"),
    ):
        with pytest.raises(InputError, match=words):
            explain(model, table, method="occlusion")
    with pytest.raises(InputError, match="reference is an array without names"):
        explain(model, PEOPLE.head(4)[MORE[::-1]], reference=PEOPLE.to_numpy(), method="occlusion")
    with pytest.raises(InputError, match=r"table.to_pandas"):
        explain(model, pyarrow.Table.from_pandas(PEOPLE.head(4)), method="occlusion")


def test_names_that_only_count_and_columns_without_names_go_by_their_place():
    counted = lightgbm.LGBMClassifier(n_estimators=4, verbosity=-1).fit(PEOPLE.to_numpy(), YES)
    by_place = explain(counted, PEOPLE.head(4), method="tree-shap")
    assert by_place.names == tuple(MORE) and by_place.ok.all()
    unnamed = explain(fitted("pipeline"), PEOPLE.head(4).to_numpy(), method="occlusion")
    np.testing.assert_allclose(
        unnamed.values, explain(fitted("pipeline"), PEOPLE.head(4), method="occlusion").values, atol=1e-6
    )


def test_named_features_are_matched_like_columns():
    def features(names):
        values = PEOPLE.head(4)[names].to_numpy(np.float32)
        return Features(values, "named features", tuple(names), {}, np.full(4, "ok", dtype=object))

    one, other = (explain(fitted("trees"), features(n), method="tree-shap") for n in (MORE, MORE[::-1]))
    np.testing.assert_array_equal(one.values, other.values)


def test_a_class_is_no_score():
    with pytest.raises(InputError, match="give its predict_proba"):
        explain(fitted("pipeline").predict, PEOPLE.head(4), method="occlusion")


@pytest.mark.parametrize("kind", ["estimator", "pipeline", "booster", "trees", "method", "function"])
def test_models_fitted_without_names_take_columns_in_their_order_and_say_so(kind):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values, yes = PEOPLE.to_numpy(), YES.to_numpy()
    plain = LogisticRegression().fit(values, yes)
    trees = lightgbm.LGBMClassifier(n_estimators=4, verbosity=-1).fit(values, yes)
    model = {
        "estimator": plain, "pipeline": make_pipeline(StandardScaler(), LogisticRegression()).fit(values, yes),
        "booster": trees.booster_, "trees": trees, "method": plain.decision_function,
        "function": lambda x: plain.predict_proba(x)[:, 1],
    }[kind]  # fmt: skip
    found = explain(model, PEOPLE.head(4), method="occlusion")
    assert "columns were taken in their order" in " ".join(found.settings["notes"])
    assert not any("order" in note for note in explain(model, values[:4], method="occlusion").settings.get("notes", []))


def test_models_that_know_their_names_or_no_columns_say_nothing():
    assert "notes" not in explain(fitted("pipeline"), PEOPLE.head(4), method="occlusion").settings
    assert "notes" not in explain(linear(WEIGHTS), TABLE, baselines="zero").settings


class Holder:
    """Scores by what it holds; called or by its method."""

    def __init__(self, held):
        self.held = held

    def __call__(self, values):
        return self.scores(values)

    def scores(self, values):
        return np.mean([one.predict_proba(values) for one in self.held.values()], axis=0)


class Ensemble:
    """An estimator of somebody's own, without names of columns."""

    def __init__(self, held):
        self.held = held

    def predict_proba(self, values):
        return self.held[0].predict_proba(values)


class Hidden:
    """Holds its model where nobody looks."""

    __slots__ = ("held",)

    def __init__(self, held):
        self.held = held

    def __call__(self, values):
        return self.held.predict_proba(values)


def hiding(kind, one, other):
    held = {"one": one, "other": other}
    return {
        "object": Holder(held), "method": Holder(held).scores, "ensemble": Ensemble([one]),
        "dict": lambda values: held["one"].predict_proba(values),
        "mean": lambda values: np.mean([m.predict_proba(values) for m in (held["one"], held["other"])], axis=0),
        "default": lambda values, held=held: held["one"].predict_proba(values),
        "partial": functools.partial(lambda held, values: held["one"].predict_proba(values), held),
        "cached": lambda values, load=functools.lru_cache(lambda: one): load().predict_proba(values),
    }[kind]  # fmt: skip


@pytest.mark.filterwarnings("error:X does not have valid feature names")
@pytest.mark.parametrize("kind", ["object", "method", "ensemble", "dict", "mean", "default", "partial", "cached"])
def test_models_are_met_wherever_a_function_keeps_them(kind):
    model = hiding(kind, fitted("pipeline"), fitted("trees"))
    plain = explain(model, PEOPLE.head(4)[MORE], method="occlusion", target=1)
    turned = explain(model, PEOPLE.head(4)[MORE[::-1]], method="occlusion", target=1)
    assert plain.names == turned.names == tuple(MORE) and "notes" not in turned.settings
    np.testing.assert_allclose(turned.values, plain.values, atol=1e-6)
    assert np.abs(plain.values)[:, 0].mean() > 3 * np.abs(plain.values)[:, 1].mean()


def test_a_function_that_goes_by_names_is_given_the_table():
    def by_name(table):
        return table["smile"] - 2 * table["gaze"]

    def either(values):
        weight = {"smile": 1.0, "gaze": -2.0}
        names = getattr(values, "columns", MORE)
        return np.asarray(values) @ np.array([weight.get(name, 0.0) for name in names])

    from sklearn.linear_model import LogisticRegression

    two = Holder({"one": fitted("pipeline"), "other": LogisticRegression().fit(PEOPLE.drop(columns="gaze"), YES)})

    def of_two(table):
        return sum(m.predict_proba(table[list(m.feature_names_in_)])[:, 1] for m in two.held.values())

    order = ["gaze", "frown", "smile", "brow raised"]
    for function in (by_name, either):
        found = explain(function, PEOPLE.head(4)[order], method="occlusion", fill="zero")
        wanted = PEOPLE.head(4)[order].to_numpy() * [-2, 0, 1, 0]
        np.testing.assert_allclose(found.values, wanted, atol=1e-5)
        assert "notes" not in found.settings
    plain, turned = (explain(of_two, PEOPLE.head(4)[names], method="occlusion") for names in (MORE, order))
    np.testing.assert_allclose(turned.values, plain.values[:, [MORE.index(name) for name in order]], atol=1e-6)
    with pytest.raises(InputError, match="fitted on different columns"):
        explain(lambda values: two.held["one"].predict_proba(np.asarray(values)), PEOPLE.head(4), method="occlusion")


def test_a_function_that_goes_by_places_says_so():
    formula = WEIGHTS[0]
    for function in (lambda values: np.asarray(values) @ formula, lambda values: values[:, 0] - 2 * values[:, 1]):
        told = " ".join(explain(function, TABLE, method="occlusion").settings["notes"])
        assert "taken in their order" in told and "picks its columns by name" in told
        assert "notes" not in explain(function, TABLE.to_numpy(), method="occlusion").settings
    hidden = Hidden(fitted("pipeline"))
    assert "notes" not in explain(hidden, PEOPLE.head(4), method="occlusion").settings
    with pytest.raises(
        InputError, match=r"does not take the table with these columns in this order .*table\[COLUMNS\]"
    ):
        explain(hidden, PEOPLE.head(4)[MORE[::-1]], method="occlusion")
