"""What is tested along a map, by name or as numbers, and what is said where it cannot be."""

import numpy as np
import pandas as pd
import pytest

from mien.core.errors import InputError
from mien.manifold.embed import embed

RNG = np.random.default_rng(6)
X = RNG.normal(size=(40, 4))
TABLE = pd.DataFrame(X, columns=["warm", "cold", "a>b", "old"])


def test_columns_may_be_named_in_a_dict_and_stand_beside_numbers():
    number = RNG.normal(size=40)
    given = {"warmth": ("warm", "cold"), "age": "old", "number": number}
    mixed = embed(TABLE, method="pca", attributes=given).attribute_tests
    assert list(mixed.attribute) == ["warmth", "age", "number"]
    assert list(mixed.left_out) == [("warm", "cold"), ("old",), ()]
    alone = embed(TABLE, method="pca", attributes=[("warm", "cold"), "old"]).attribute_tests
    np.testing.assert_array_equal(mixed.explained[:2], alone.explained)


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"sex": ["x", "y"] * 20}, r"'sex' has to be numbers, but holds the texts 'x' and 'y'; code .* 0 and 1"),
        ({"kind": ["x", "y", "z", "x"] * 10}, "'kind' has to be numbers.*'x'; give one attribute of 0 and 1 for each"),
        ({"kind": [*["x"] * 39, 4]}, "'kind' has to be numbers, one per row, but holds the text 'x'"),
        ({"kind": X}, r"'kind' has one number per row, but got an array of shape \(40, 4\)"),
        ({"kind": [1.0]}, "'kind' has 1 value for 40 rows"),
        ({"kind": None}, "'kind'"),
        (X[:, 0], r"numbers with their names, such as \{'age': ages\}, but got ndarray with"),
        (TABLE["warm"], r"numbers with their names, such as \{'age': ages\}, but got Series with"),
        (3.0, "attributes are names of columns"),
        (["cool"], "no column 'cool' to test. Did you mean 'cold'. The columns are: warm, cold, a>b, old"),
        (pd.DataFrame({"sex": ["x", "y"] * 20}), "code two classes as 0 and 1"),
    ],
)
def test_what_cannot_be_tested_is_told_in_a_sentence(attributes, sentence):
    with pytest.raises(InputError, match=sentence):
        embed(TABLE, method="pca", attributes=attributes)
