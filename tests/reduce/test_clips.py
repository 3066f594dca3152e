"""What a plain array has to be."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.reduce.clips import from_array


def test_places_instead_of_displacements_are_refused_and_displacements_of_them_are_not() -> None:
    """Networks see movement: on places a planted movement was lost and others were chosen."""
    rng = np.random.default_rng(0)
    y, people = ["a", "b"] * 10, [f"s{i // 4}" for i in range(20)]
    face = rng.normal(size=(68, 2)) * 3
    places = face + rng.normal(0, 0.05, (20, 10, 68, 2))
    places[1::2, :, 17, 1] += np.linspace(0, 1, 10)
    with pytest.raises(InputError, match=r"looks like places of landmarks.*X - X\[:, :1\]"):
        from_array(places, y, people)
    moved = places - places[:, :1]
    np.testing.assert_allclose(from_array(moved, y, people).values, moved.astype(np.float32))


def test_a_clip_without_a_class_is_told_also_if_it_is_none() -> None:
    values = np.random.default_rng(0).normal(size=(4, 3, 5, 2))
    with pytest.raises(InputError, match="clip 2 has no value in 'y'"):
        from_array(values, ["a", "b", None, "b"], list("stuv"))
