"""Methods are refused before anything is computed, with the command that brings what is missing."""

import subprocess
import sys
from typing import get_type_hints

import pytest

from mien.core.errors import InputError, MissingExtra
from mien.core.numbers import Range
from mien.manifold import methods
from mien.manifold.embed import embed
from mien.manifold.methods import METHODS, check_methods


def test_names_come_back_in_full_each_once():
    assert check_methods(["pca", "t-sne", "tsne", "diffusion"]) == ["pca", "tsne", "diffusion-map"]


def test_a_missing_package_is_told_with_the_extra_that_brings_it(monkeypatch):
    real = methods.find_spec
    monkeypatch.setattr(methods, "find_spec", lambda name: None if name in ("pacmap", "umap") else real(name))
    with pytest.raises(MissingExtra, match=r"'pacmap' needs the package 'pacmap'.* pip install 'mien\[pacmap\]'"):
        check_methods(["pca", "pacmap"])
    with pytest.raises(MissingExtra, match=r"pip install 'mien\[manifold\]'"):
        embed([[float(i), i % 3] for i in range(9)], method="umap")


def test_checking_loads_nothing_heavy():
    code = (
        "import sys; from mien.manifold.methods import METHODS, check_methods\n"
        "for name in METHODS:\n"
        "    try: check_methods([name])\n"
        "    except ImportError: pass\n"
        "heavy = {'sklearn', 'umap', 'openTSNE', 'pacmap', 'torch', 'numba', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("method", "settings", "sentence"),
    [
        ("umap", {"n_neighbors": 1}, "n_neighbors is a whole number from 2, but got 1"),
        ("umap", {"n_neighbors": 2.5}, "n_neighbors is a whole number from 2"),
        ("umap", {"min_dist": -1}, "min_dist is a number from 0 to 1, but got -1"),
        ("tsne", {"perplexity": "a"}, "perplexity is a number from 1, but got 'a'"),
        ("diffusion-map", {"alpha": float("nan")}, "alpha is a number from 0"),
        ("mds", {"n_iterations": 0}, "n_iterations is a whole number from 1"),
        ("pca", {"n_dims": 2.0}, "n_dims is a whole number from 1"),
        ("pca", {"n_dims": 0}, "n_dims is a whole number from 1"),
        ("pca", {"n_seeds": 0}, "n_seeds is a whole number from 1"),
        ("pca", {"n_held_out": -1}, "n_held_out is a whole number from 0"),
        ("pca", {"n_neighbors_tested": 0}, "n_neighbors_tested is a whole number from 1"),
        (["pca"], {}, r"no map \['pca'\]"),
    ],
)
def test_settings_out_of_range_are_told_in_a_sentence(method, settings, sentence):
    with pytest.raises(InputError, match=sentence):
        embed([[float(i), i % 3] for i in range(9)], method=method, **settings)


def test_every_setting_has_a_range():
    for method in METHODS.values():
        hints = get_type_hints(method.run, include_extras=True)
        for name, default in method.defaults().items():
            (fits,) = hints[name].__metadata__
            assert isinstance(fits, Range) and fits.holds(default)
