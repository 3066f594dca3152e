"""Whether a method can explain a model and its kind of input."""

from __future__ import annotations

from mien.core.errors import InputError
from mien.explain.inputs import Network
from mien.explain.methods import METHODS, Method


def check_space(method: Method, space: str) -> None:
    if space not in method.spaces:
        raise InputError(f"'{method.name}' explains {', '.join(method.spaces)}, but the input is {space}.")


def check_offers(method: Method, network: Network) -> None:
    missing = sorted(set(method.needs) - network.offers())
    if not missing:
        return
    ready = [row.name for row in METHODS.values() if set(row.needs) <= network.offers()]
    what = {
        "gradients": "a torch module", "layers": "a torch module", "trees": "a LightGBM model", "rules": "rules",
        "attention": "a network with attention maps of its own, such as the model 'efdnn'",
    }  # fmt: skip
    raise InputError(
        f"'{method.name}' needs {what.get(missing[0], missing[0])}, but the model is a "
        f"{network.facts.get('kind', 'function')}. For it mien has: {', '.join(ready)}."
    )
