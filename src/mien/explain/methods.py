"""The registry of explanation methods: one row per method."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mien.core.errors import InputError
from mien.core.features import SPACES
from mien.explain.integrated_gradients import integrated_gradients
from mien.explain.problem import Attribution


@dataclass(frozen=True)
class Method:
    """One method.

    Attributes
    ----------
    name : str
        Published name in lower case with hyphens.
    run : callable (Problem, **settings) -> Attribution
        Its keyword arguments are the method's settings; their defaults are the defaults.
    needs : tuple of str
        Of ``'gradients'`` and ``'baselines'``.
    spaces : tuple of str
        Inputs it can explain; see ``Features.space``.
    complete : bool
        Whether the values promise to sum to the output's difference from the baselines.
    source : str
        Where it was published.
    """

    name: str
    run: Callable[..., Attribution]
    needs: tuple[str, ...]
    spaces: tuple[str, ...]
    complete: bool
    source: str

    def settings(self, given: dict[str, Any]) -> dict[str, Any]:
        """Defaults of the method with what was given.

        Raises
        ------
        InputError
            If a setting is none of the method's.
        """
        parameters = list(inspect.signature(self.run).parameters.values())[1:]
        known = {parameter.name: parameter.default for parameter in parameters}
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise InputError(
                f"The method '{self.name}' has no setting '{unknown[0]}'; it has: {', '.join(known) or 'none'}."
            )
        return {**known, **given}


_ROWS = (
    Method(
        name="integrated-gradients",
        run=integrated_gradients,
        needs=("gradients", "baselines"),
        spaces=tuple(SPACES),
        complete=True,
        source="Sundararajan, Taly & Yan 2017, ICML",
    ),
)
METHODS: dict[str, Method] = {row.name: row for row in _ROWS}


def method_of_name(name: str) -> Method:
    """The method of that name.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    if name not in METHODS:
        raise InputError(f"There is no method '{name}'; mien has: {', '.join(METHODS)}.")
    return METHODS[name]
