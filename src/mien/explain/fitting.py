"""Whether what is asked can be answered: settings before anything is loaded, then the model and its kind of input."""

from __future__ import annotations

from typing import Any

from mien.core.errors import InputError
from mien.explain.inputs import Network
from mien.explain.methods import BASELINES, METHODS, Method, method_of_name
from mien.explain.settings import GENERAL, check_general


def check_request(method: str = "integrated-gradients", *, baselines: Any = None, **settings: Any) -> dict[str, Any]:
    """All settings of an explanation, before models, faces and pictures are loaded.

    Parameters
    ----------
    method : str
    baselines : str or array, optional
    **settings
        Of ``explain`` and of the method.

    Returns
    -------
    dict of str
        The settings; those of the method as plain numbers where they are numbers.

    Raises
    ------
    InputError
        If there is no such method or setting, a value is not what it has to be, or the method has no baselines.
    """
    check_general({"method": method, **settings})
    row = method_of_name(method)
    own = {name: value for name, value in settings.items() if name not in GENERAL}
    if baselines is not None and BASELINES not in row.needs:
        instead = (
            f"what covered places show is set by fill=... (see 'mien methods {row.name}')"
            if "fill" in row.defaults()
            else "it measures against no other input"
        )
        raise InputError(f"'{row.name}' has no baselines, so leave baselines out: {instead}.")
    checked = row.settings(own)
    return {**settings, **{name: checked[name] for name in own}}


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
