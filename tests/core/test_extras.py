"""A missing extra is one sentence with the command that installs it."""

import pytest

import mien
from mien.core import extras
from mien.core.errors import MissingExtra


@pytest.fixture
def bare(monkeypatch):
    """An installation without torch and scikit-learn."""
    absent = ("torch", "sklearn")
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in absent else object())


@pytest.mark.parametrize("name", [name for name in mien.__all__ if name in mien._LEARN])
def test_every_public_name_that_needs_an_extra_says_so(bare, name):
    with pytest.raises(
        MissingExtra, match=rf"mien.{name} needs the extra \[learn\] .*torch, sklearn are not installed"
    ):
        mien.__getattr__(name)


@pytest.mark.parametrize("name", ["extract", "read_samples", "read_faces", "synthesize", "Samples"])
def test_the_bare_installation_extracts(bare, name):
    assert mien.__getattr__(name) is not None


def test_a_package_of_no_extra_is_no_missing_extra():
    assert extras.missing_extra(ModuleNotFoundError(name="somebody_elses"), "This") is None
    found = extras.missing_extra(ModuleNotFoundError(name="sklearn.linear_model"), "'mien train'")
    assert str(found) == (
        "'mien train' needs the package 'sklearn', which is not installed. Install it with: pip install 'mien[learn]'"
    )
