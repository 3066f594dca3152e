"""What numba compiles of UMAP is kept for the next process, and changes no map."""

import sys

import numpy as np
import pytest

pytest.importorskip("umap")

from mien.manifold.compiled import is_compiled, keep_compiled


def test_every_compiled_function_of_umap_is_kept():
    keep_compiled()
    layouts = sys.modules["umap.layouts"]
    slowest = [value for name, value in vars(layouts).items() if "optimize_layout_euclidean_single_epoch" in name]
    places = [value.stats.cache_path for value in slowest if hasattr(value, "stats")]
    # Of another version of the library the names may be others: then is_compiled would always say no.
    assert places and all(places)
    assert is_compiled() in (True, False)


def test_a_map_is_the_same_from_kept_code():
    import umap

    keep_compiled()
    x = np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)
    once, again = (umap.UMAP(random_state=0, n_jobs=1, n_epochs=20).fit_transform(x) for _ in range(2))
    np.testing.assert_array_equal(once, again)
