"""Noisy copies of a sample, and another method's values for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.explain.gradients.sampling import noise_scale
from mien.explain.methods import ALIASES, GRADIENTS, METHODS, Method
from mien.explain.problem import Problem

# Values of copies that are in memory at once. How many copies go together depends on the input's size and not on the
# batch size, so that results do not either.
VALUES_AT_ONCE = 2**22
# With a tolerance the precision is looked at after so many more copies.
COPIES_AT_ONCE = 16
# Inside the loop over copies few passes do: what they leave open, the copies average out.
FEW: dict[str, dict[str, Any]] = {
    "gradient-shap": {"n_samples": 4},
    "integrated-gradients": {"n_steps": 8},
}


@dataclass(frozen=True)
class Inner:
    """The method that is asked about every noisy copy, with its settings, and what it had to say about the network."""

    method: Method
    settings: dict[str, Any]
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """For ``Evidence.settings``, when all copies were asked about."""
        return {"of": self.method.name, "of_settings": self.settings, **self.notes}


def inner_method(of: str, of_settings: Any) -> Inner:
    """The method of that name with settings such as ``'n_steps=16'`` (several: with commas) or a dict.

    Raises
    ------
    InputError
        If there is no such method of one value per input value that follows gradients, or a setting is unknown.
    """
    usable = [name for name, row in METHODS.items() if _usable(row)]
    row = METHODS.get(ALIASES.get(of, of))
    if row is None or row.name not in usable:
        raise InputError(f"of is a method that follows gradients ({', '.join(usable)}), but got '{of}'.")
    if isinstance(of_settings, str):
        of_settings = row.parsed([pair for pair in of_settings.split(",") if pair.strip()])
    if of_settings is not None and not isinstance(of_settings, dict):
        raise InputError(
            f"of_settings is a dict of settings of '{row.name}', or words such as 'n_steps=9', not {of_settings!r}."
        )
    return Inner(row, row.settings({**FEW.get(row.name, {}), **(of_settings or {})}))


def _usable(row: Method) -> bool:
    return GRADIENTS in row.needs and not row.per_pixel and row.home.partition(":")[0] not in _OVER_COPIES


_OVER_COPIES = ("gradients.smoothgrad", "gradients.smoothed_sign")


def copies(
    problem: Problem, row: int, inner: Inner, noise: float, count: int, *, few: bool = False
) -> Iterator[np.ndarray]:
    """The inner method's values for ``count`` noisy copies of one sample, a block at a time (with ``few``: small ones).

    Yields
    ------
    ndarray of float32, shape (copies, ...)
        Drawn from the problem's seed and the sample's place alone.
    """
    place = problem.first + row
    sequence = np.random.SeedSequence([problem.seed, place])
    rng = np.random.default_rng(sequence)
    x, spread = problem.values[row], noise * noise_scale(problem, row)
    at_once = COPIES_AT_ONCE if few else max(COPIES_AT_ONCE, VALUES_AT_ONCE // x.size)
    for block, start in enumerate(range(0, count, at_once)):
        size = min(at_once, count - start)
        noisy = (x + spread * rng.standard_normal((size, *x.shape))).astype(np.float32)
        seed = int(np.random.SeedSequence([problem.seed, place, block]).generate_state(1)[0])
        yield values_of(problem, inner, noisy, seed)


def values_of(problem: Problem, inner: Inner, rows: np.ndarray, seed: int) -> np.ndarray:
    """The inner method's values for other inputs of the same problem."""
    result = inner.method.run(problem.of_other_inputs(rows, seed), **inner.settings)
    inner.notes.update({name: text for name, text in result.facts.items() if name == "note"})
    return result.values
