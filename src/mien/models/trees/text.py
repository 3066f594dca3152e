"""LightGBM's text format, checked before LightGBM reads it: its reader trusts every number and may end the process.

What comes out holds the numbers that went in, letter by letter, and nothing else of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError

# LightGBM's own limits of leaves, and what its Shapley values can follow without running out of stack.
_MOST_LEAVES, _MOST_DEEP, _MOST_TREES = 131_072, 2_000, 1_000_000
_NUMBERS = re.compile(r"[-+0-9.einfa ]*")
_OBJECTIVE = re.compile(r"[a-z_0-9]+( [a-z_]+:[-+.e0-9a-z]+)*")
_WORDS = re.compile(r"[^\x00-\x20]+( [^\x00-\x20]+)*")
# Lines per split and per leaf, and those that hold one number or, of categories, as many as they say.
_PER_SPLIT = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child",
              "internal_value", "internal_weight", "internal_count")  # fmt: skip
_PER_LEAF = ("leaf_value", "leaf_weight", "leaf_count")
_OTHER = ("num_leaves", "num_cat", "cat_boundaries", "cat_threshold", "is_linear", "shrinkage")
_WHOLE = frozenset(
    "split_feature decision_type left_child right_child leaf_count internal_count num_leaves num_cat cat_boundaries "
    "cat_threshold is_linear".split()
)
_HEAD = ("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective",
         "feature_names", "feature_infos")  # fmt: skip
# Of a decision: by category, default to the left, what counts as missing.
_BY_CATEGORY, _MISSING_KINDS = 1, (0, 1, 2)


@dataclass(frozen=True)
class _Line:
    """One ``key=value`` of the file: its text and its numbers."""

    text: str
    numbers: np.ndarray


def checked_trees(text: str) -> str:
    """The same trees in LightGBM's text format, every number of it checked.

    Raises
    ------
    InputError
        If it is no model of LightGBM, is cut off or damaged, or has linear models in its leaves.
    """
    head, _, rest = text.partition("\nTree=")
    parts, end, _ = rest.partition("\nend of trees")
    blocks = parts.split("\nTree=") if parts else []
    if not head.startswith("tree\n") or (rest and not end):
        raise InputError("it is no complete model in LightGBM's text format")
    header = _header(head)
    features = len(header["feature_names"].split())
    trees = [_tree(block, number, features) for number, block in enumerate(blocks)]
    if len(trees) % int(header["num_tree_per_iteration"]) or len(trees) > _MOST_TREES:
        raise InputError(f"{len(trees)} trees are no whole number of rounds")
    lines = ["tree", *(f"{key}={value}" for key, value in header.items())]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    return "\n".join([*lines, f"tree_sizes={sizes}", "", ""]) + "".join(trees) + "end of trees\n\n"


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.split("\n"):
        key, equals, value = line.strip("\r").partition("=")
        if equals and found.setdefault(key, value) != value:
            raise InputError(f"'{key}' stands twice in a part of it")
        if not equals and key:
            found[key] = ""
    return found


def _header(text: str) -> dict[str, str]:
    given = _pairs(text)
    lacking = [key for key in _HEAD if key not in given and key != "objective"]
    if lacking:
        raise InputError(f"'{lacking[0]}' is missing in its head")
    numbers = {key: _line(key, given[key]).numbers for key in _HEAD[1:5]}
    if any(len(number) != 1 for number in numbers.values()):
        raise InputError("a line of its head holds more or less than one number")
    classes, per_round, label, last = (int(number[0]) for number in numbers.values())
    if not (1 <= per_round <= classes <= 100_000 and classes <= max(1, per_round) * 100_000) or label < 0:
        raise InputError(f"{classes} classes and {per_round} trees per round do not fit together")
    names, infos = given["feature_names"].split(), given["feature_infos"].split()
    if not _WORDS.fullmatch(given["feature_names"]) or not _WORDS.fullmatch(given["feature_infos"]):
        raise InputError("the names of its features are damaged")
    if not len(names) == len(infos) == last + 1:
        raise InputError(f"it names {len(names)} features, describes {len(infos)} and uses {last + 1}")
    if given["version"] not in ("v2", "v3", "v4"):
        raise InputError("its version is unknown")
    found = {key: given[key] for key in _HEAD if key in given}
    if "objective" in found and not _OBJECTIVE.fullmatch(found["objective"]):
        raise InputError("its objective is damaged")
    return found | ({"average_output": ""} if "average_output" in given else {})


def _line(key: str, text: str) -> _Line:
    if not _NUMBERS.fullmatch(text):
        raise InputError(f"'{key}' holds something else than numbers")
    try:
        numbers = np.array(text.split(), dtype=np.float64)
    except ValueError as error:
        raise InputError(f"'{key}' holds something else than numbers") from error
    whole = key in _WHOLE or key in _HEAD
    if whole and not bool((np.isfinite(numbers) & (numbers == np.round(numbers)) & (abs(numbers) < 2**32)).all()):
        raise InputError(f"'{key}' holds something else than whole numbers")
    if np.isnan(numbers).any():
        raise InputError(f"'{key}' holds what is no number")
    return _Line(text, numbers)


def _tree(block: str, number: int, features: int) -> str:
    try:
        return _checked_tree(block, number, features)
    except InputError as error:
        raise InputError(f"tree {number}: {error}") from error


def _checked_tree(block: str, number: int, features: int) -> str:
    first, _, rest = block.partition("\n")
    if first.strip() != str(number):
        raise InputError("the trees are not in order")
    given = {key: _line(key, value) for key, value in _pairs(rest).items() if key in (*_PER_SPLIT, *_PER_LEAF, *_OTHER)}
    leaves, categories, linear = (_one(given, key) for key in ("num_leaves", "num_cat", "is_linear"))
    if linear:
        raise InputError("it has linear models in its leaves, which mien does not read")
    if not 1 <= leaves <= _MOST_LEAVES or categories < 0:
        raise InputError(f"it says that it has {leaves} leaves")
    for names, count in ((_PER_SPLIT, leaves - 1), (_PER_LEAF, leaves)):
        for key in names:
            # Of a tree that is one leaf LightGBM leaves most of them out or empty.
            length = len(given[key].numbers) if key in given else 0
            if length != count and not (leaves == 1 and length <= 1 and key != "leaf_value"):
                raise InputError(f"'{key}' holds {length} numbers instead of {count}")
    if leaves > 1:
        _check_splits({key: line.numbers for key, line in given.items()}, leaves, categories, features)
    order = ("num_leaves", "num_cat", *_PER_SPLIT[:6], *_PER_LEAF, *_PER_SPLIT[6:], *_OTHER[2:])
    lines = [f"{key}={given[key].text}" for key in order if key in given]
    return "\n".join([f"Tree={number}", *lines, "", "", ""])


def _one(given: dict[str, _Line], key: str) -> int:
    line = given.get(key)
    if line is None and key == "is_linear":
        return 0
    if line is None or len(line.numbers) != 1:
        raise InputError(f"'{key}' has to hold one number")
    return int(line.numbers[0])


def _check_splits(numbers: dict[str, np.ndarray], leaves: int, categories: int, features: int) -> None:
    feature = numbers["split_feature"]
    if not ((feature >= 0) & (feature < features)).all():
        raise InputError(f"it splits on a feature that is none of the {features}")
    decision = numbers["decision_type"].astype(np.int64)
    if not (((decision >= 0) & (decision < 16)).all() and np.isin(decision >> 2, _MISSING_KINDS).all()):
        raise InputError("it holds an unknown kind of split")
    by_category = (decision & _BY_CATEGORY) == 1
    if by_category.any() or categories:
        _check_categories(numbers, numbers["threshold"][by_category], categories)
    _check_ways(numbers["left_child"].astype(np.int64), numbers["right_child"].astype(np.int64), leaves)


def _check_categories(numbers: dict[str, Any], chosen: np.ndarray, categories: int) -> None:
    bounds, sets = numbers.get("cat_boundaries", np.zeros(0)), numbers.get("cat_threshold", np.zeros(0))
    fits = len(bounds) == categories + 1 and bounds[0] == 0 and (np.diff(bounds) > 0).all() and bounds[-1] == len(sets)
    if not fits or (sets < 0).any() or not ((chosen >= 0) & (chosen < categories) & (chosen == np.round(chosen))).all():
        raise InputError("its categories do not fit together")


def _check_ways(left: np.ndarray, right: np.ndarray, leaves: int) -> None:
    """From the first split every split and every leaf is reached on one way, and none is too long."""
    depth = np.zeros(leaves - 1, dtype=np.int64)
    seen_splits, seen_leaves = np.zeros(leaves - 1, dtype=bool), np.zeros(leaves, dtype=bool)
    seen_splits[0] = True
    for node in range(leaves - 1):
        # LightGBM numbers splits in the order in which they were made, so a parent comes before its children.
        if not seen_splits[node]:
            raise InputError("a split is not reached")
        for child in (int(left[node]), int(right[node])):
            seen, place = (seen_splits, child) if child >= 0 else (seen_leaves, ~child)
            if not place < len(seen) or seen[place] or (child >= 0 and child <= node):
                raise InputError("its splits do not form a tree")
            seen[place] = True
            if child >= 0:
                depth[child] = depth[node] + 1
    if not seen_leaves.all():
        raise InputError("a leaf is not reached")
    if depth.max(initial=0) > _MOST_DEEP:
        raise InputError(f"it is more than {_MOST_DEEP} splits deep")
