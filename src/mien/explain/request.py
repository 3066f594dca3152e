"""Whether what is asked can be answered: settings before anything is loaded, then the model and its kind of input."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import Features
from mien.core.settings import GENERAL, check_general
from mien.explain.landmarker.asked import is_through
from mien.explain.methods import BASELINES, METHODS, Method, method_of_name
from mien.explain.networks import ExplainedModel, network_of
from mien.explain.shapes import space_of
from mien.models.base import Model

# What explains models of a kind exactly, or without gradients.
_USUAL = {"trees": "tree-shap", "rules": "rule-reasons", "estimator": "kernel-shap", "callable": "kernel-shap"}


def usual_method(model: Any, through: str | None = None) -> str:
    """The method that is meant where none is named: what explains the kind of model exactly, else Integrated Gradients.

    Parameters
    ----------
    model, through
        As in ``explain``.
    """
    if is_through(model, through):
        return "integrated-gradients"
    kind = str(network_of(model).facts.get("kind")).removesuffix("-score")
    return _USUAL.get(kind, "integrated-gradients")


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
    needed = row.needs_baselines(own)
    if baselines is not None and not needed:
        instead = (
            f"what covered places show is set by fill=... (see 'mien methods {row.name}')"
            if "fill" in row.defaults()
            else "it measures against no other input"
        )
        name = row.name
        if BASELINES in row.needs:
            name = f"{name}' of '{own.get('of', row.defaults()['of'])}"
        raise InputError(f"'{name}' has no baselines, so leave baselines out: {instead}.")
    if settings.get("n_baselines") is not None:
        if not needed:
            raise InputError(f"'{row.name}' has no baselines, so leave n_baselines out.")
        if baselines is not None and not (isinstance(baselines, str) and "medoids" in baselines):
            given = f"'{baselines}'" if isinstance(baselines, str) else "an array"
            raise InputError(f"n_baselines is the number of medoids, but baselines is {given}: leave n_baselines out.")
    checked = row.settings(own)
    return {**settings, **{name: checked[name] for name in own}}


def check_space(method: Method, space: str, network: ExplainedModel) -> None:
    """Refuse a method that is not for this kind of input.

    Raises
    ------
    InputError
        Lists the methods that are.
    """
    if space not in method.spaces:
        raise InputError(
            f"'{method.name}' explains {', '.join(method.spaces)}, but the input is {space}. For it mien has: "
            f"{', '.join(methods_for(network, space))}."
        )


def check_offers(method: Method, network: ExplainedModel, samples: Any = None, space: str | None = None) -> None:
    """Refuse a method that needs something which the model does not have.

    Raises
    ------
    InputError
        Lists the methods that fit the model and, as far as it is known, the kind of the samples.
    """
    missing = sorted(set(method.needs) - network.offers())
    if not missing:
        return
    what = {
        "gradients": "a torch module", "layers": "a torch module", "trees": "a LightGBM model", "rules": "rules",
        "attention": "a network with attention maps of its own, such as the model 'efdnn'",
    }  # fmt: skip
    if missing == ["layers"] and network.module is not None:
        raise InputError(
            f"'{method.name}' looks inside the network, which TorchScript does not allow (scripted or traced): give "
            "the network itself as a plain torch module. As it is, mien has for it: "
            f"{', '.join(methods_for(network, space or _space_of(samples, network)))}."
        )
    raise InputError(
        f"'{method.name}' needs {what.get(missing[0], missing[0])}, but the model's kind is "
        f"'{network.facts.get('kind', 'function')}'. For it mien has: "
        f"{', '.join(methods_for(network, space or _space_of(samples, network)))}."
    )


def methods_for(network: ExplainedModel, space: str) -> list[str]:
    """Names of the methods that can explain this network and this kind of input (``''``: whatever it is)."""
    rows = [row for row in METHODS.values() if set(row.needs) <= network.offers()]
    return [row.name for row in rows if not space or space in row.spaces]


def _space_of(samples: Any, network: ExplainedModel) -> str:
    """The kind of samples whose inputs were not computed yet; ``''`` where it is not known."""
    if isinstance(samples, Features):
        return samples.space
    shape = np.shape(samples) if hasattr(samples, "shape") else ()
    if len(shape) == 0 and isinstance(network.model, Model):
        # Samples: the model says what it is computed for.
        shape = (0, *network.model.input_shape)
    with suppress(InputError):
        return space_of(tuple(shape))
    return ""
