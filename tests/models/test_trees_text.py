"""Strangers' trees are read as LightGBM reads them, or refused in a sentence; they never end the process."""

import subprocess
import sys

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.models.trees.text import checked_trees

lightgbm = pytest.importorskip("lightgbm")

VALUES = np.random.default_rng(0).random((200, 6))
VALUES[:, 3] = np.random.default_rng(1).integers(0, 9, 200)
KINDS = {
    "binary": ((VALUES[:, 0] > 0.5).astype(int), {"objective": "binary"}, "auto"),
    "classes": (VALUES[:, 3].astype(int) % 3, {"objective": "multiclass", "num_class": 3}, "auto"),
    "categories": (VALUES[:, 3].astype(int) % 3, {"objective": "multiclass", "num_class": 3}, [3]),
    "numbers": (VALUES[:, 0], {"objective": "regression"}, "auto"),
    "no split": (np.arange(200) % 2, {"objective": "binary", "min_data_in_leaf": 150}, "auto"),
}


def trained(kind: str, **more: object) -> str:
    y, settings, categories = KINDS[kind]
    fixed = {"num_leaves": 5, "verbosity": -1, "num_threads": 1, "seed": 0}
    table = lightgbm.Dataset(VALUES, y, categorical_feature=categories)
    return str(lightgbm.train({**fixed, **settings, **more}, table, 6).model_to_string())


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_checked_predicts_the_same_to_the_last_bit(kind: str) -> None:
    text = trained(kind)
    one, other = lightgbm.Booster(model_str=text), lightgbm.Booster(model_str=checked_trees(text))
    for wanted in ({}, {"raw_score": True}, {"pred_contrib": True}):
        np.testing.assert_array_equal(
            one.predict(VALUES, num_threads=1, **wanted), other.predict(VALUES, num_threads=1, **wanted)
        )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("split_feature=", "split_feature=99 ", "holds 5 numbers instead of 4"),
        ("\nnum_leaves=5", "\nnum_leaves=500", "numbers instead of 499"),
        ("\nleaf_value=", "\nleaf_value=nan ", "what is no number"),
        ("\nend of trees", "", "no complete model"),
        ("max_feature_idx=5", "max_feature_idx=70", "names 6 features"),
        ("num_class=1", "num_class=-1", "classes"),
        ("num_cat=0", "num_cat=3", "categories"),
        ("is_linear=0", "is_linear=1", "linear models"),
        ("Tree=1", "Tree=7", "not in order"),
    ],
)
def test_damage_is_told(old: str, new: str, reason: str) -> None:
    text = trained("numbers")
    assert old in text
    with pytest.raises(InputError, match=reason):
        checked_trees(text.replace(old, new, 1))


@pytest.mark.parametrize("ways", ["0 0 0 0", "-1 -1 -1 -1", "1 2 3 1", "9 -2 -3 -4", "-9 1 2 3"])
def test_ways_that_form_no_tree_are_refused(ways: str) -> None:
    text = trained("numbers")
    start = text.index("left_child=")
    damaged = text[:start] + f"left_child={ways}" + text[text.index("\n", start) :]
    with pytest.raises(InputError, match=r"form a tree|not reached"):
        checked_trees(damaged)


def test_mutated_trees_do_not_end_the_process() -> None:
    """Of files mutated like these, LightGBM's own reader ends the process with three out of four."""
    code = """
import sys
import numpy as np, lightgbm
from mien.core.errors import InputError
from mien.models.trees.text import checked_trees
text = sys.stdin.read()
rng = np.random.default_rng(0)
values = rng.random((5, 6))
words = ["-1", "999999", "2147483647", "nan", "1e308", "", "0", "7"]
read = 0
for _ in range(200):
    lines = text.split("\\n")
    for _ in range(rng.integers(1, 3)):
        where = int(rng.choice([i for i, line in enumerate(lines) if "=" in line]))
        key, _, rest = lines[where].partition("=")
        parts = rest.split(" ")
        parts[int(rng.integers(len(parts)))] = words[int(rng.integers(len(words)))]
        lines[where] = key + "=" + " ".join(parts)
    mutated = "\\n".join(lines)
    if rng.random() < 0.3:
        mutated = mutated[: int(rng.integers(len(mutated)))]
    try:
        booster = lightgbm.Booster(model_str=checked_trees(mutated))
        booster.predict(values, pred_contrib=True, num_threads=1)
        read += 1
    except (InputError, lightgbm.basic.LightGBMError):
        continue
print(read)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=trained("categories"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < 200
