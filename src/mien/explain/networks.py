"""Models as explanation methods see them, whatever they are: mien's, torch modules, trees, estimators, functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from mien.core.devices import AUTO, CPU
from mien.core.errors import InputError
from mien.core.settings import class_names
from mien.core.target import Target
from mien.explain.estimators import check_says_more_than_a_class, estimator_scores, fed, is_estimator
from mien.explain.wrappers import check_weights, is_own, is_scripted, opened
from mien.nets.device import copied_to, device_of, place_of


@dataclass(frozen=True, eq=False)
class ExplainedModel:
    """A model as explanation methods see it.

    Attributes
    ----------
    module : torch.nn.Module or None
        Values to scores (samples, outputs); None for models that only give scores.
    scores : callable, ndarray (samples, ...) -> ndarray (samples, outputs), or None
        For models without a module.
    classes : tuple of str, or None
        Names of the outputs; None where they are not known.
    label : str
        The samples' column that the model was trained on; ``''`` if unknown.
    recipe : dict
        How its inputs are computed from faces; empty for plain modules.
    model : object
        What the user gave.
    explained : str
        What the outputs are: ``'logit'`` for mien's models, ``'output'`` for plain modules.
    facts : dict
        For ``Evidence.model``.
    opposed : bool
        Whether the two scores are halves of one log-odds with either sign. What is explained of a class is then the
        whole of it, score minus other score: the raw score that the model itself gives, with the class's sign.
    columns : tuple
        Of the table that a function goes by the names of; none where it takes arrays.
    """

    module: torch.nn.Module | None
    classes: tuple[str, ...] | None
    scores: Callable[[Any], Any] | None = None
    model: Any = None
    label: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    explained: str = "output"
    facts: dict[str, Any] = field(default_factory=dict)
    opposed: bool = False
    columns: tuple[Any, ...] = ()

    def asked(self, target: Target) -> Target:
        """The target in terms of the scores; Evidence keeps the words in which it was asked for."""
        if not self.opposed or target.against or self.classes is None:
            return target
        other = next(name for name in self.classes if name != target.name)
        return Target(target.name, other, target.direction)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return place_of(self.module)

    def on(self, device: str) -> ExplainedModel:
        """The model on a device by name; with ``'auto'`` a torch module of the user's own stays where it is.

        Raises
        ------
        InputError
            If there is no such device, or the model has no torch module that could compute there.
        """
        wanted = device_of(device)
        own = self.facts.get("kind") != "torch module"
        if self.module is None:
            if device != AUTO and wanted.type != CPU:
                raise InputError(
                    f"device='{device}' is for networks; '{self.name}' only gives scores, which are computed where it "
                    "computes them. Leave device out."
                )
            return self
        return replace(self, module=copied_to(self.module, wanted)) if own or device != AUTO else self

    def offers(self) -> set[str]:
        """What methods can use of it; see ``Method.needs``."""
        inside = () if self.module is None else ("gradients",) if is_scripted(self.module) else ("gradients", "layers")
        looks = ("attention",) if hasattr(self.module, "maps") else ()
        return {"baselines", *inside, *looks, str(self.facts.get("kind", "")).removesuffix("-score")}

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return str(self.facts.get("name", "model"))

    @property
    def known(self) -> bool:
        """Whether it treats every row by itself and gives one row of scores for it, as mien's models and trees do."""
        return is_own(self.module) or self.facts.get("kind") not in ("torch module", "callable", "estimator")

    def function(self) -> Callable[[torch.Tensor], Any]:
        """Inputs to scores as the model gives them, whatever it is; see ``answers.scores_of``."""
        if self.module is not None:
            return self.module
        call = self.scores
        assert call is not None
        return lambda values: call(values.detach().cpu().numpy())


def network_of(model: Any, classes: Any = None) -> ExplainedModel:
    """The network of a mien model, a stored model's folder, a torch module, a LightGBM model or any callable.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if isinstance(model, (str, Path)):
        from mien.models.store import load_model

        model = load_model(Path(model))
    given = class_names(classes)
    model = opened(model)
    if isinstance(model, torch.nn.Module):
        check_weights(model)
        return ExplainedModel(model, given, model=model, facts={"name": _name(model), "kind": "torch module"})
    from mien.models.base import Model

    if isinstance(model, Model):
        if model.parts:
            listed = ", ".join(f"parts/{part.name}" for part in model.parts)
            raise InputError(
                f"The model '{model.name}' stacks models of different inputs; explain them one by one: "
                f"{listed} in its folder."
            )
        facts = {"name": model.name, "kind": model.kind, "target": model.target, "classes": list(model.classes)}
        if model.weights_sha256:
            facts["weights_sha256"] = model.weights_sha256
        return ExplainedModel(
            module=model.module() if model.differentiable else None,
            classes=tuple(model.classes),
            scores=model.scores,
            model=model,
            label=model.target,
            recipe=model.recipe,
            explained=model.explained,
            facts=facts,
        )
    from mien.models.trees.model import is_lightgbm, trees_of

    if is_lightgbm(model):
        trees = trees_of(model)
        facts = {"name": type(model).__name__, "kind": "trees"}
        known = given or trees.classes
        if trees.paired:
            return ExplainedModel(None, known, trees.scores, model, explained="log-odds", facts=facts, opposed=True)
        return ExplainedModel(None, known, trees.scores, model, explained="raw score", facts=facts)
    if is_estimator(model):
        scores, known, explained = estimator_scores(model)
        facts = {"name": type(model).__name__, "kind": "estimator"}
        return ExplainedModel(None, given or known, fed(scores), model, explained=explained, facts=facts)
    if callable(model):
        check_says_more_than_a_class(model)
        return ExplainedModel(None, given, fed(model), model, facts={"name": _name(model), "kind": "callable"})
    raise InputError(
        "A model is a mien model, the folder of a stored one, a torch module, a LightGBM model, a fitted estimator of "
        f"scikit-learn's kind or a function from an array to scores, but got {type(model).__name__}."
    )


def _name(model: Any) -> str:
    """What a module or function is called; of a method also whose it is."""
    if isinstance(model, partial):
        return _name(model.func)
    if isinstance(model, torch.jit.ScriptModule):
        return str(model.original_name)
    name = getattr(model, "__name__", type(model).__name__)
    owner = getattr(model, "__self__", None)
    return name if owner is None or isinstance(owner, type) else f"{type(owner).__name__}.{name}"
