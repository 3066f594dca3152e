"""Samples, Features, Target and Evidence validate what they hold."""

from pathlib import Path

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import Features
from mien.core.samples import Samples
from mien.core.target import Target


def study(**changes):
    columns = {
        "path": ["a.jpg", "b.jpg", "c.jpg"],
        "subject": ["P", "P", "Q"],
        "labels": {"expression": ["happy", "sad", ""]},
        "ratings": {"warm": [1, 2.5, np.nan]},
        "group": ["x", "x", "y"],
        "root": Path("/data"),
    }
    return Samples(**(columns | changes))


def test_rows_keep_all_columns_together():
    last = study()[[2, 0]]
    assert list(last.path) == ["c.jpg", "a.jpg"] and list(last.subject) == ["Q", "P"]
    assert list(last.labels["expression"]) == ["", "happy"] and list(last.group) == ["y", "x"]
    assert last.ratings["warm"] == pytest.approx([np.nan, 1], nan_ok=True)
    assert last.files() == [Path("/data/c.jpg"), Path("/data/a.jpg")]
    assert len(study()[:0]) == 0


def test_targets_are_labels_or_ratings():
    assert study().target("expression")[0] == "happy"
    assert study().target("warm")[1] == 2.5
    with pytest.raises(InputError, match=r"no column 'expresion'\. Did you mean 'expression'.*: expression, warm"):
        study().target("expresion")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": ["P"]}, "'subject' must have 3 values, one per row, but has 1"),
        ({"labels": {"x": ["a"]}}, "'x' must have 3 values"),
        ({"ratings": {"r": [1.0]}}, "rating 'r' must have 3 values"),
        ({"group": ["a"]}, "'group' must have 3 values"),
    ],
)
def test_samples_that_do_not_fit_are_refused(changes, words):
    with pytest.raises(InputError) as refusal:
        study(**changes)
    assert words in str(refusal.value)


def test_features_fit_their_space():
    named = Features(np.ones((2, 3)), "named features", ("a", "b", "c"), {}, ["ok", "no face"])
    assert list(named.ok) == [True, False] and len(named[[1]]) == 1 and named[[1]].status[0] == "no face"
    sequence = Features(np.ones((1, 4, 68, 2)), "landmarks x time", ("x", "y"), {}, ["ok"], "ibug-68")
    assert sequence.values.dtype == np.float32
    for values, space, names, words in [
        (np.ones(3), "named features", ("a",), "needs an array with 2 axes, but it has 1"),
        (np.ones((1, 3)), "named features", ("a",), "3 values on axis 1, but 1 names"),
        (np.ones((1, 3)), "latent", ("a",), "space is one of"),
    ]:
        with pytest.raises(InputError) as refusal:
            Features(values, space, names, {}, ["ok"])
        assert words in str(refusal.value)


@pytest.mark.parametrize("text", ["happy", "happy>sad", "happy:down", "happy>sad:down"])
def test_targets_are_written_as_they_are_read(text):
    assert str(Target.parse(text)) == text
    assert Target(**Target.parse(text).to_json()) == Target.parse(text)


def test_impossible_targets_are_refused():
    with pytest.raises(InputError, match="cannot be compared with itself"):
        Target.parse("happy>happy")
    with pytest.raises(InputError, match="'up' or 'down', but got 'left'"):
        Target.parse("happy:left")


def evidence(**changes):
    columns = {
        "values": [[1.0, -2.0], [0.0, 0.0]],
        "space": "named features",
        "names": ("a", "b"),
        "target": Target("happy"),
        "method": "integrated-gradients",
        "settings": {},
        "sample": ["s1", "s2"],
        "subject": ["P", "Q"],
        "label": ["happy", ""],
        "output": [0.3, 0.1],
        "gap": [0.0, np.nan],
        "status": ["ok", "constant"],
    }
    return Evidence(**(columns | changes))


def test_evidence_is_kept_as_it_came():
    both = evidence()
    assert both.values.tolist() == [[1, -2], [0, 0]] and list(both.ok) == [True, True]
    assert both[[1]].sample[0] == "s2" and both[[1]].standard_error is None
    with_error = evidence(standard_error=np.ones((2, 2)))
    assert with_error[[0]].standard_error.shape == (1, 2)
    assert list(evidence(status=["non-finite", "no input"]).ok) == [False, False]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"space": "latent"}, "space is one of"),
        ({"values": [1.0, 2.0]}, "needs an array with 2 axes"),
        ({"subject": ["P"]}, "2 samples, but 'subject' has 1"),
        ({"gap": [0.0]}, "2 samples, but 'gap' has 1"),
        ({"status": ["ok", "fine"]}, "but got 'fine'"),
        ({"standard_error": np.ones(2)}, "standard_error must have shape (2, 2)"),
    ],
)
def test_evidence_that_does_not_fit_is_refused(changes, words):
    with pytest.raises(InputError) as refusal:
        evidence(**changes)
    assert words in str(refusal.value)


def test_a_file_is_met_in_either_unicode_form(tmp_path):
    one, other = "fr\u00f6hlich.jpg", "fro\u0308hlich.jpg"
    (tmp_path / other).touch()
    assert study(path=[one, other, "b.jpg"], root=tmp_path).files() == [
        tmp_path / other, tmp_path / other, tmp_path / "b.jpg"
    ]  # fmt: skip
