"""A model, its inputs and baselines, ready to be asked about any target by any method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.devices import AUTO
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import NAMED, SERIES
from mien.core.settings import bytes_of
from mien.core.target import Target
from mien.explain.assemble import assemble
from mien.explain.baselines import Baselines, choose_baselines
from mien.explain.blocks import Run, in_blocks
from mien.explain.by_name import by_name
from mien.explain.gradients.altered import doubts
from mien.explain.gradients.slope import check_gradients
from mien.explain.inputs import Inputs, inputs_of
from mien.explain.methods import GRADIENTS, TREES, Method, method_of_name
from mien.explain.modules import evaluating, narrowed, row_bytes
from mien.explain.networks import ExplainedModel, network_of
from mien.explain.probing import outputs_of, probes_of
from mien.explain.problem import Attribution, Problem, Progress, silent
from mien.explain.request import check_offers, check_space
from mien.explain.split import known_slopes, size_of, split_module
from mien.explain.tables import is_table
from mien.explain.targets import find_target, read_out, weights_of
from mien.explain.thumbnails import Shown, displayed, spread_rows
from mien.explain.wrappers import undisturbed
from mien.nets.device import room_on

# Values that go through a network at once if nothing else is asked for: 8 MiB, which is also about the fastest on
# processors, because layers' results stay in their caches.
VALUES_AT_ONCE = 2**21
MOST_AT_ONCE = 4096
# Number of medoids by default.
USUAL_BASELINES = 5


@dataclass(frozen=True, eq=False)
class Inquiry:
    """A model, its inputs and baselines, ready to be asked about any target; see ``prepare``."""

    network: ExplainedModel
    classes: tuple[str, ...]
    inputs: Inputs
    reference: np.ndarray
    baselines: Baselines
    method: Method
    settings: dict[str, Any]
    batch_size: int | None
    max_memory: int | None
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def places(self) -> dict[str, np.ndarray]:
        """Where each sample lies in its photo, see ``mien.core.placing``; empty where that is not known."""
        return self.inputs.places

    def shown(self, evidence: Evidence) -> Shown:
        """Pictures of a few samples, for drawings of evidence about pictures."""
        rows = spread_rows(evidence)
        return Shown(rows, displayed(self.inputs.features.values[rows]))

    def by(self, method: str, settings: dict[str, Any]) -> Inquiry:
        """The same question to another method; what it needs must be there already (baselines are)."""
        row = method_of_name(method)
        check_offers(row, self.network, self.inputs.features)
        check_space(row, self.inputs.features.space, self.network)
        return replace(self, method=row, settings=row.settings(settings))

    @undisturbed()
    def evidence(self, target: str | int | Target | None, progress: Progress, run: Run = in_blocks) -> Evidence:
        """Evidence for one target; ``run`` says who computes it."""
        wanted = find_target(target, self.classes)
        usable = self.inputs.usable
        problem = self.problem(wanted, np.ascontiguousarray(self.inputs.features.values[usable]), progress)
        with evaluating(problem.module):
            scores = problem.outputs(problem.values)
            told = self
            if GRADIENTS in self.method.needs:
                check_gradients(problem, scores)
                told = self if self.network.known else replace(self, notes=(*self.notes, *doubts(problem)))
            # No slope anywhere is an answer where the output is the usual one, and saturation where it is not.
            # Methods that cover parts measure what they find; zeros are their answer.
            slopes = GRADIENTS in self.method.needs
            usual = problem.outputs(_or_zero(self.baselines.values)).mean() if slopes else np.nan
            nothing = Attribution(problem.values)
            result = run(self, problem, scores) if usable.any() else nothing
        return assemble(told, wanted, result, scores, usual)

    def problem(self, target: Target, values: np.ndarray, progress: Progress = silent) -> Problem:
        """What a method is given to explain these inputs, all finite."""
        features, module, classes = self.inputs.features, self.network.module, self.classes
        target = self.network.asked(target)
        shape = features.values.shape[1:]
        parts = None
        if module is not None:
            module, classes = narrowed(module, target, self.classes)
            parts = split_module(module)
        function = self.network.function() if module is None else module
        return Problem(
            values=values,
            baselines=self.baselines.values,
            output=read_out(function, target, classes, self.network.name),
            module=module,
            device=self.network.device,
            batch_size=self._rows(module, parts, shape),
            space=features.space,
            names=features.names,
            topology=features.topology,
            reference=self.reference,
            start=parts[0] if parts else None,
            rest=read_out(parts[1], target, classes, self.network.name) if parts else None,
            slopes=known_slopes(parts[1], weights_of(target, classes)) if parts else None,
            target=target,
            classes=self.classes,
            model=self.network.model,
            seed=self.seed,
            progress=progress,
        )

    def _rows(self, module: Any, parts: Any, shape: tuple[int, ...]) -> int:
        """Rows that may go through the network at once."""
        if self.batch_size:
            return self.batch_size
        with evaluating(module):
            most = self.max_memory or room_on(self.network.device)
            if most and module is not None:
                return min(MOST_AT_ONCE, max(1, most // row_bytes(module, shape, self.network.device)))
            size = size_of(parts[0], shape, self.network.device) if parts else int(np.prod(shape))
        room = self.max_memory // 8 if self.max_memory else VALUES_AT_ONCE
        return min(MOST_AT_ONCE, max(1, room // max(1, size)))


@undisturbed()
def prepare(
    model: Any,
    samples: Any,
    *,
    method: str = "integrated-gradients",
    faces: Any = None,
    baselines: Any = None,
    n_baselines: int | None = None,
    reference: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    max_memory: str | int | None = None,
    device: str = AUTO,
    classes: Sequence[str] | None = None,
    subjects: Any = None,
    ids: Any = None,
    labels: Any = None,
    names: Any = None,
    space: str | None = None,
    **settings: Any,
) -> Inquiry:
    """A model and its inputs, checked and computed, with the settings of ``explain``."""
    row = method_of_name(method)
    chosen = row.settings(settings)
    network = network_of(model, classes).on(device)
    check_offers(row, network, samples, space)
    inputs = inputs_of(
        samples, network, faces=faces, subjects=subjects, ids=ids, labels=labels, names=names, space=space
    )
    check_space(row, inputs.features.space, network)
    network, columns = by_name(network, samples)
    if TREES in row.needs and inputs.features.recipe.get("missing") == "keep":
        inputs = replace(inputs, gaps=True)
    shape = inputs.features.values.shape[1:]
    others = inputs if reference is None else inputs_of(reference, network, faces=faces, names=names, space=space)
    if others.features.values.shape[1:] != shape:
        raise InputError("The reference has inputs of another shape than the samples.")
    _check_names(samples, inputs, reference, others, baselines)
    against = Baselines(np.zeros((0, *shape), np.float32))
    wanted = "medoids" if baselines is None else baselines
    if row.needs_baselines(chosen) and inputs.usable.any():
        against = choose_baselines(
            wanted,
            others.features.values,
            count=USUAL_BASELINES if n_baselines is None else n_baselines,
            seed=seed,
            scaled=others.features.space in (NAMED, SERIES),
            ids=others.sample,
            labels=others.label,
        )
        named = isinstance(wanted, str) and wanted != "zero"
        if row.complete and named and reference is None and inputs.usable.sum() == 1:
            raise InputError(
                f"The only reference is the sample itself, and '{method}' against itself says nothing: give "
                "reference=... (typical samples), baselines='zero' or baselines as an array."
            )
    reference_rows = others.features.values[others.usable]
    at_once = 1 if max_memory is not None else batch_size or MOST_AT_ONCE
    probes = probes_of(inputs.features.values[inputs.usable], reference_rows)
    outputs, notes = outputs_of(network, probes, at_once)
    return Inquiry(
        network=network,
        classes=outputs,
        inputs=inputs,
        reference=reference_rows,
        baselines=against,
        method=row,
        settings=chosen,
        batch_size=batch_size,
        max_memory=None if max_memory is None else bytes_of(max_memory),
        seed=seed,
        notes=(*inputs.notes, *columns, *notes),
    )


def _check_names(samples: Any, inputs: Inputs, reference: Any, others: Inputs, baselines: Any) -> None:
    """Refuse a reference or baselines whose columns stand in another order than those of the samples."""
    if not is_table(samples):
        return
    if is_table(reference) and others.features.names != inputs.features.names:
        raise InputError("The reference's columns are not those of the samples, or stand in another order.")
    turned = tuple(str(name) for name in samples.columns) != inputs.features.names
    for what, given in (("reference", reference), ("baselines", baselines)):
        if turned and given is not None and not is_table(given) and np.ndim(given) == 2:
            raise InputError(
                f"The model's columns stand in another order in the table, and {what} is an array without names: give "
                "it as a table with the same columns, or the samples as an array, too."
            )


def _or_zero(baselines: np.ndarray) -> np.ndarray:
    return baselines if len(baselines) else np.zeros((1, *baselines.shape[1:]), np.float32)
