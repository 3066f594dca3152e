"""Why a model says what it says: one call for every method, model and kind of input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import NAMED, PICTURE
from mien.core.target import Target
from mien.explain.baselines import Baselines, choose_baselines
from mien.explain.gradients.linear_start import size_of, split_module
from mien.explain.inputs import Inputs, Network, inputs_of, network_of
from mien.explain.methods import BASELINES, GRADIENTS, METHODS, Method, method_of_name
from mien.explain.modules import bytes_of, evaluating, narrowed, output_names, row_bytes
from mien.explain.pixels.shown import Shown, displayed, save_shown, spread_rows
from mien.explain.problem import Attribution, Problem, Progress, silent
from mien.explain.store import evidence_folder, save_evidence
from mien.explain.targets import find_target, read_out

if TYPE_CHECKING:
    from mien.explain.pixels.photos import Photos

# Values that go through a network at once if nothing else is asked for: 8 MiB, which is also about the fastest on
# processors, because layers' results stay in their caches.
VALUES_AT_ONCE = 2**21
MOST_AT_ONCE = 4096


def explain(
    model: Any,
    samples: Any,
    *,
    method: str = "integrated-gradients",
    target: str | int | Target | None = None,
    faces: Any = None,
    baselines: Any = None,
    n_baselines: int = 5,
    reference: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    max_memory: str | int | None = None,
    through: str | None = None,
    output: str | Path | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Evidence:
    """Evidence for one target.

    Parameters
    ----------
    model : Model, str, Path, torch.nn.Module or callable
        A mien model, the folder of a stored one, or any module or function that maps float32 inputs to scores
        (samples,) or (samples, outputs). A function gets and gives arrays and has no gradients. Or what the
        landmarker reads off photos: ``'blendshape:mouthSmileLeft'``, ``'measure:mouth opening'``,
        ``'distance:61-291'`` (points; in inter-ocular distances), several of a kind with commas.
    samples : Samples, Features, array, str or Path
        What is explained; a str or Path is read with ``read_samples``. Arrays: (samples, features), (samples,
        frames, landmarks, coordinates) or (samples, channels, height, width).
    method : str
        One of ``mien.explain.methods.METHODS``; ``mien methods`` lists them with what they need and give.
    target : str, int, Target, optional
        A class, ``'one>other'``, ``'score:down'`` or the number of an output. May be left out where the model has
        one output, or two classes (the second is meant).
    faces : Faces or folder, optional
        Faces of the samples.
    baselines : str or array
        ``'medoids'`` (the ``n_baselines`` most typical reference samples), ``'medoids:LABEL'``, ``'mean'``,
        ``'zero'`` or an array of one or several inputs; through the landmarker also ``'blur'`` (each photo's own
        crop without detail). Evidence is averaged over them. None: the medoids; through the landmarker blur.
    n_baselines : int
        Number of medoids.
    reference : as ``samples``, optional
        Where medoids and mean are taken from, by default the samples themselves. Give the training fold here
        where the evidence is to select anything.
    seed : int
        For methods and baselines that draw numbers.
    batch_size : int, optional
        Most inputs that go through the network at once; bounds the memory, does not change the result.
    max_memory : str or int, optional
        The same as a size, such as ``'500MB'``: about what the layers' results may take beside the model.
    through : str, optional
        ``'landmarker'``: the evidence of a trained model is carried back through the landmarker to the pixels of the
        samples' photos.
    output : str or Path, optional
        Folder that receives ``METHOD/TARGET/evidence.json`` and ``evidence.safetensors``.
    progress : callable (done, total), optional
        Called now and then.
    **settings
        ``classes``: names of a plain module's outputs. ``subjects``, ``labels``: of each row, where ``samples``
        does not say. ``names``, ``space``: what the values of a plain array are, see ``Features``. All others
        are the method's own, such as ``n_steps`` of Integrated Gradients.

    Returns
    -------
    Evidence
        Signed float32 values of the input's shape in the unit of the explained output (for mien's models the
        logit); NaN and a status where there is no evidence. Class activation maps and methods that cover parts of
        a picture give one value per pixel, shape (samples, 1, height, width).

    Raises
    ------
    InputError
        If the target, a setting or an input is not what it has to be.
    """
    inquiry = _asked(
        model,
        samples,
        method=method,
        faces=faces,
        baselines=baselines,
        n_baselines=n_baselines,
        reference=reference,
        seed=seed,
        batch_size=batch_size,
        max_memory=max_memory,
        through=through,
        **settings,
    )
    return _found(inquiry, target, output, progress or silent)


def explain_all(
    model: Any,
    samples: Any,
    *,
    output: str | Path | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> dict[str, Evidence]:
    """Evidence for every output of a model; features and baselines are computed once.

    Parameters
    ----------
    model, samples, output
        As in ``explain``.
    progress : callable (done, total), optional
        Counts over all outputs.
    **settings
        All others of ``explain`` but ``target``.

    Returns
    -------
    dict of str to Evidence
        One per output, in the model's order.
    """
    inquiry = _asked(model, samples, **settings)
    report = progress or silent
    result = {}
    for number, name in enumerate(inquiry.classes):

        def part(done: int, total: int, number: int = number) -> None:
            report(number * total + done, len(inquiry.classes) * total)

        result[name] = _found(inquiry, Target(name), output, part)
    return result


def _asked(
    model: Any, samples: Any, *, through: str | None = None, baselines: Any = None, **settings: Any
) -> Inquiry | Photos:
    """An inquiry, through the landmarker if that is meant."""
    from mien.explain.pixels.through import is_through

    if is_through(model, through):
        from mien.explain.pixels.photos import Photos

        return Photos(model, samples, baselines=baselines, **settings)
    return prepare(model, samples, baselines="medoids" if baselines is None else baselines, **settings)


def _found(
    inquiry: Inquiry | Photos, target: str | int | Target | None, output: str | Path | None, progress: Progress
) -> Evidence:
    """Evidence for one target, stored if there is a folder for it; of pictures a few are kept to be drawn."""
    evidence = inquiry.evidence(target, progress)
    if output is not None:
        folder = evidence_folder(output, evidence)
        save_evidence(evidence, folder)
        if evidence.space == PICTURE and len(evidence.names) in (1, 3):
            save_shown(inquiry.shown(evidence), folder)
    return evidence


@dataclass(frozen=True, eq=False)
class Inquiry:
    """A model, its inputs and baselines, ready to be asked about any target; see ``prepare``."""

    network: Network
    classes: tuple[str, ...]
    inputs: Inputs
    reference: np.ndarray
    baselines: Baselines
    method: Method
    settings: dict[str, Any]
    batch_size: int | None
    max_memory: int | None
    seed: int

    def shown(self, evidence: Evidence) -> Shown:
        """Pictures of a few samples, for drawings of evidence about pictures."""
        rows = spread_rows(evidence)
        return Shown(rows, displayed(self.inputs.features.values[rows]))

    def by(self, method: str, settings: dict[str, Any]) -> Inquiry:
        """The same question to another method; what it needs must be there already (baselines are)."""
        row = method_of_name(method)
        _check_offers(row, self.network)
        _check_space(row, self.inputs.features.space)
        return replace(self, method=row, settings=row.settings(settings))

    def evidence(self, target: str | int | Target | None, progress: Progress) -> Evidence:
        """Evidence for one target."""
        wanted = find_target(target, self.classes)
        usable = self.inputs.usable
        problem = self.problem(wanted, np.ascontiguousarray(self.inputs.features.values[usable]), progress)
        with evaluating(problem.module):
            scores = problem.outputs(problem.values)
            # No slope anywhere is an answer where the output is the usual one, and saturation where it is not.
            # Methods that cover parts measure what they find; zeros are their answer.
            slopes = GRADIENTS in self.method.needs
            usual = problem.outputs(_or_zero(self.baselines.values)).mean() if slopes else np.nan
            found = self.method.run(problem, **self.settings) if usable.any() else Attribution(problem.values)
        return _assemble(self, wanted, found, scores, usual)

    def problem(self, target: Target, values: np.ndarray, progress: Progress = silent) -> Problem:
        """What a method is given to explain these inputs, all finite."""
        features, module, classes = self.inputs.features, self.network.module, self.classes
        shape = features.values.shape[1:]
        parts = None
        if module is not None:
            module, classes = narrowed(module, target, self.classes)
            parts = split_module(module)
        function = self.network.function() if module is None else module
        return Problem(
            values=values,
            baselines=self.baselines.values,
            output=read_out(function, target, classes),
            module=module,
            device=self.network.device,
            batch_size=self._rows(module, parts, shape),
            space=features.space,
            names=features.names,
            topology=features.topology,
            reference=self.reference,
            start=parts[0] if parts else None,
            rest=read_out(parts[1], target, classes) if parts else None,
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
            if self.max_memory and module is not None:
                return min(MOST_AT_ONCE, max(1, self.max_memory // row_bytes(module, shape, self.network.device)))
            size = size_of(parts[0], shape, self.network.device) if parts else int(np.prod(shape))
        room = self.max_memory // 8 if self.max_memory else VALUES_AT_ONCE
        return min(MOST_AT_ONCE, max(1, room // max(1, size)))


def prepare(
    model: Any,
    samples: Any,
    *,
    method: str = "integrated-gradients",
    faces: Any = None,
    baselines: Any = "medoids",
    n_baselines: int = 5,
    reference: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    max_memory: str | int | None = None,
    classes: Sequence[str] | None = None,
    subjects: Any = None,
    labels: Any = None,
    names: Any = None,
    space: str | None = None,
    **settings: Any,
) -> Inquiry:
    """A model and its inputs, checked and computed, with the settings of ``explain``."""
    row = method_of_name(method)
    chosen = row.settings(settings)
    if batch_size is not None and batch_size < 1:
        raise InputError(f"batch_size is at least 1, but got {batch_size}.")
    network = network_of(model, classes)
    _check_offers(row, network)
    inputs = inputs_of(samples, network, faces=faces, subjects=subjects, labels=labels, names=names, space=space)
    _check_space(row, inputs.features.space)
    shape = inputs.features.values.shape[1:]
    others = inputs if reference is None else inputs_of(reference, network, faces=faces, names=names, space=space)
    if others.features.values.shape[1:] != shape:
        raise InputError("The reference has inputs of another shape than the samples.")
    against = Baselines(np.zeros((0, *shape), np.float32))
    if BASELINES in row.needs and inputs.usable.any():
        against = choose_baselines(
            baselines,
            others.features.values,
            count=n_baselines,
            seed=seed,
            scaled=others.features.space == NAMED,
            ids=others.sample,
            labels=others.label,
        )
        named = isinstance(baselines, str) and baselines != "zero"
        if row.complete and named and reference is None and inputs.usable.sum() == 1:
            raise InputError(
                f"The only reference is the sample itself, and '{method}' against itself says nothing: give "
                "reference=... (typical samples), baselines='zero' or baselines as an array."
            )
    return Inquiry(
        network=network,
        classes=output_names(network, shape),
        inputs=inputs,
        reference=others.features.values[others.usable],
        baselines=against,
        method=row,
        settings=chosen,
        batch_size=batch_size,
        max_memory=None if max_memory is None else bytes_of(max_memory),
        seed=seed,
    )


def _check_space(method: Method, space: str) -> None:
    if space not in method.spaces:
        raise InputError(f"'{method.name}' explains {', '.join(method.spaces)}, but the input is {space}.")


def _check_offers(method: Method, network: Network) -> None:
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


def _assemble(inquiry: Inquiry, target: Target, found: Attribution, scores: np.ndarray, usual: float) -> Evidence:
    features, rows = inquiry.inputs.features, np.flatnonzero(inquiry.inputs.usable)
    count = len(features)

    def spread(part: np.ndarray, kind: type) -> np.ndarray:
        whole = np.full((count, *part.shape[1:]), np.nan, dtype=kind)
        whole[rows] = part
        return whole

    values = spread(found.values, np.float32)
    output = spread(scores, np.float64)
    status = _status(features.ok, values, output, usual)
    if found.answered is not None:
        status[(status == "saturated") & (spread(found.answered, np.float32) == 1)] = "constant"
    gap = spread(np.full(len(rows), np.nan) if found.gap is None else found.gap, np.float64)
    if found.gap is not None:
        # Where the baselines have no output, nothing says that the values add up to anything.
        status[((status == "ok") | (status == "constant")) & ~np.isfinite(gap)] = "non-finite"
    values[(status == "non-finite") | (status == "saturated")] = np.nan
    return Evidence(
        values=values,
        space=features.space,
        names=features.names,
        target=target,
        method=inquiry.method.name,
        settings={
            **inquiry.settings,
            **found.facts,
            **inquiry.baselines.record,
            "seed": inquiry.seed,
            "explained": inquiry.network.explained,
            "recipe": features.recipe,
            **_left_out(inquiry),
        },
        sample=inquiry.inputs.sample,
        subject=inquiry.inputs.subject,
        label=inquiry.inputs.label,
        output=output,
        gap=gap,
        status=status,
        standard_error=None if found.standard_error is None else spread(found.standard_error, np.float32),
        topology=features.topology,
        model=inquiry.network.facts,
        columns={name: spread(column, np.float64) for name, column in found.columns.items()},
    )


def _left_out(inquiry: Inquiry) -> dict[str, Any]:
    """Why samples have no input, by their name."""
    features = inquiry.inputs.features
    rows = np.flatnonzero(~features.ok)
    return (
        {"left_out": {str(inquiry.inputs.sample[row]): str(features.status[row]) for row in rows}} if len(rows) else {}
    )


def _or_zero(baselines: np.ndarray) -> np.ndarray:
    return baselines if len(baselines) else np.zeros((1, *baselines.shape[1:]), np.float32)


def _status(has_input: np.ndarray, values: np.ndarray, output: np.ndarray, usual: float) -> np.ndarray:
    status = np.full(len(values), "ok", dtype=object)
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    finite = np.isfinite(flat).all(axis=1) & np.isfinite(output)
    if flat.shape[1]:
        same = finite & (flat == flat[:, :1]).all(axis=1)
        status[same] = "constant"
        differs = np.abs(output - usual) > 1e-6 * np.maximum(1.0, np.abs(output))
        status[same & (flat[:, 0] == 0) & differs] = "saturated"
    status[~finite] = "non-finite"
    status[~has_input] = "no input"
    return status
