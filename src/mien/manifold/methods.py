"""The methods of ``mien embed`` by name: what they need, and which settings they take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from mien.core.checks import shown, whole_number
from mien.core.errors import InputError, MissingExtra
from mien.manifold import maps


@dataclass(frozen=True)
class Method:
    """One way to draw a map.

    Attributes
    ----------
    fit : callable
    package : str
        What has to be installed.
    extra : str
        Extra of mien that brings it.
    seeded : bool
        Whether the seed changes the map.
    """

    fit: Callable[..., maps.Fitted]
    package: str = "sklearn"
    extra: str = "learn"
    seeded: bool = False


METHODS: dict[str, Method] = {
    "pca": Method(maps.pca),
    "tsne": Method(maps.tsne, "openTSNE", "manifold", seeded=True),
    "umap": Method(maps.umap, "umap", "manifold", seeded=True),
    "isomap": Method(maps.isomap),
    "spectral": Method(maps.spectral),
    "diffusion-map": Method(maps.diffusion_map),
    "mds": Method(maps.mds),
    "lle": Method(maps.lle),
    "pacmap": Method(maps.pacmap, "pacmap", "pacmap", seeded=True),
}
_ALIASES = {"t-sne": "tsne", "diffusion": "diffusion-map"}
_LEAST_WHOLE = {"n_neighbors": 2, "n_iterations": 1, "steps": 0}
# (least, most) of settings that need not be whole; UMAP's distance is in units of its own spread, 1.
_RANGES = {"perplexity": (1.0, np.inf), "min_dist": (0.0, 1.0), "alpha": (0.0, np.inf)}


def check_methods(names: Iterable[str]) -> list[str]:
    """Refuse methods that are unknown or whose packages are not installed, before anything is computed.

    Nothing heavy is imported, so a package that is there but does not load is noticed only later.

    Parameters
    ----------
    names : iterable of str
        As ``embed`` takes them.

    Returns
    -------
    list of str
        Their full names, each once.

    Raises
    ------
    InputError
        For an unknown method.
    MissingExtra
        With the command that installs what is missing.
    """
    full = list(dict.fromkeys(method_name(name) for name in names))
    for name in full:
        method = METHODS[name]
        if find_spec(method.package) is None:
            raise MissingExtra(
                f"The map '{name}' needs the package '{method.package}', which is not installed. Install it with: "
                f"pip install 'mien[{method.extra}]'"
            )
    return full


def method_name(given: str) -> str:
    """Full name of a method, such as ``'tsne'`` of ``'t-sne'``."""
    name = _ALIASES.get(given, given) if isinstance(given, str) else ""
    if name not in METHODS:
        raise InputError(f"There is no map {shown(given)}; mien has: {', '.join(METHODS)}.")
    return name


def settings_of(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """All settings of a method: those that were given, checked, and its own for the others."""
    known = {
        key: parameter.default
        for key, parameter in inspect.signature(METHODS[name].fit).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(f"The map '{name}' has no setting '{unknown[0]}'; it has: {', '.join(known) or 'none'}.")
    for key, value in given.items():
        if key in _LEAST_WHOLE:
            whole_number(key, value, _LEAST_WHOLE[key])
        else:
            _number(key, value, *_RANGES[key])
    return {**known, **given}


def _number(name: str, value: Any, least: float, most: float) -> None:
    kind = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not kind or not least <= value <= most or not np.isfinite(value):
        until = f" to {most:g}" if np.isfinite(most) else ""
        raise InputError(f"{name} is a number from {least:g}{until}, but got {shown(value)}.")
