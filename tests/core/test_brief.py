"""Results show themselves in one line."""

import ast

import numpy as np
import pytest

import mien
from mien.core.evidence import Evidence
from mien.core.features import NAMED, Features
from mien.core.samples import Samples
from mien.core.target import Target


def test_a_result_is_one_short_line_whatever_it_holds():
    n = 500
    names = np.array([f"{i}.jpg" for i in range(n)], dtype=object)
    samples = Samples(names, names, {"mood": names}, {"happy": np.zeros(n)})
    features = Features(np.zeros((n, 3), np.float32), NAMED, ("a", "b", "c"), {"name": "given"}, names)
    for result in (samples, features):
        text = repr(result)
        assert "\n" not in text and len(text) < 700 and "500 rows" in text, text
    assert "happy': <500 float64>" in repr(samples)
    assert "<500x3 float32>" in repr(features)


def test_evidence_names_method_and_target_and_prints_no_numbers():
    n = 60
    texts = np.full(n, "ok", dtype=object)
    evidence = Evidence(
        values=np.zeros((n, 40), np.float32), space=NAMED, names=tuple(f"f{i}" for i in range(40)), method="saliency",
        target=Target("happy"), sample=texts, subject=texts, label=texts, status=texts, settings={}, model={},
        output=np.zeros(n), gap=np.zeros(n),
    )  # fmt: skip
    text = repr(evidence)
    assert len(text) < 900 and "method='saliency'" in text and "happy" in text and "<60x40 float32>" in text


def test_the_stub_for_editors_has_the_public_names():
    from importlib.resources import files

    stub = (files("mien") / "__init__.pyi").read_text(encoding="utf-8")
    tree = ast.parse(stub)
    # Only what is imported as what it is called, or is assigned, is public there.
    listed = {a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names if a.name == a.asname}
    listed |= {n.targets[0].id for n in tree.body if isinstance(n, ast.Assign)}
    assert listed | {"__version__"} == set(mien.__all__)
    pytest.importorskip("torch")
    for name in mien.__all__:
        assert getattr(mien, name) is not None
