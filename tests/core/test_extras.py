"""A missing extra is one sentence with the command that installs it."""

from importlib.machinery import ModuleSpec

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


@pytest.mark.parametrize(
    ("notes", "sentence"),
    [
        (
            "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n",
            "2.13.0+cpu, for the pr",
        ),
        # macOS and Windows: no suffix, no CUDA.
        ("__version__ = '2.13.0'\ncuda: Optional[str] = None\n", "2.13.0, for the processor"),
        (
            "__version__ = '2.14.1+cu130'\ncuda: Optional[str] = '13.0'\n",
            "2.14.1+cu130, built for CUDA 13.0 (several gig",
        ),
        # What the ordinary index gives on Linux has no suffix in some releases.
        ("__version__ = '2.6.0'\ncuda = '12.4'\nhip = None\n", "2.6.0, built for CUDA 12.4 (several gigabytes); in"),
        ("__version__ = '2.9.0'\ncuda = None\nhip = '6.4.1'\n", "2.9.0, built for ROCm 6.4.1"),
    ],
)
def test_the_build_of_torch_is_named_without_loading_it(monkeypatch, tmp_path, notes, sentence):
    (tmp_path / "version.py").write_text(notes)
    spec = ModuleSpec("torch", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(extras, "find_spec", lambda name: spec)
    found = extras.torch_build()
    assert found.startswith(sentence)
    assert (extras.CPU_TORCH in found) == ("built for" in found)
