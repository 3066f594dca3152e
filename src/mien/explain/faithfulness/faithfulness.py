"""Does evidence deserve its name? Methods by metrics, each beside random, inverse and face-centre explanations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.core.files import write_json
from mien.core.provenance import provenance
from mien.core.target import Target
from mien.explain.faithfulness.curves import cuts
from mien.explain.faithfulness.explanations import by_method, centre_prior, random_numbers, ready_made
from mien.explain.faithfulness.face_points import face_points
from mien.explain.faithfulness.fills import default_fill, fill_of
from mien.explain.faithfulness.judge import Measured, chosen_metrics, measure
from mien.explain.faithfulness.metrics import AGAIN, METRICS, Metric, metric_of_name
from mien.explain.faithfulness.result import CENTRE, RANDOM, Faithfulness
from mien.explain.faithfulness.trial import Explanation, Trial
from mien.explain.faithfulness.truth import truth_of
from mien.explain.faithfulness.units import units_of
from mien.explain.fitting import check_request
from mien.explain.inquiry import Inquiry, prepare
from mien.explain.methods import ALIASES, BASELINES, METHODS, Method, method_of_name
from mien.explain.modules import evaluating
from mien.explain.problem import Progress, silent
from mien.explain.settings import GENERAL, Count, Several, check_value
from mien.explain.targets import find_target

FORMAT = "mien faithfulness 1"
# Percentile intervals over fewer people than this cover too little.
FEW = 8
_TAKEN = {
    "fill": Literal["blur", "mean", "zero"] | None,
    "block": Count | None,
    "n_steps": Several,
    "seed": GENERAL["seed"],
}


def faithfulness(
    model: Any,
    samples: Any,
    methods: Sequence[str | Evidence] | str | Evidence = ("integrated-gradients",),
    *,
    target: str | int | Target | None = None,
    metrics: Sequence[str] | None = None,
    truth: Any = None,
    centre_px: Any = None,
    fill: str | None = None,
    block: int | None = None,
    n_steps: int = 50,
    settings: dict[str, dict[str, Any]] | None = None,
    seed: int = 0,
    output: str | Path | None = None,
    progress: Progress | None = None,
    **inputs: Any,
) -> Faithfulness:
    """How well explanations tell what the model does, method by method and metric by metric.

    Parameters
    ----------
    model, samples
        As in ``explain``. Give people that the model was not trained on.
    methods : sequence of str or Evidence
        Names of methods, evidence that is there already (of the same samples in the same order), or both.
    target : str, int, Target, optional
        As in ``explain``; by default that of ready evidence.
    metrics : sequence of str, optional
        Of ``METRICS``; by default all that model, methods and ``truth`` allow.
    truth : array, str or sequence, optional
        Where the cause lies. Pictures: mask (height, width) or (samples, height, width). Otherwise a mask (units,) or
        (samples, units), numbers of points or features, names of features. Of sequences, features and face crops also
        regions, such as ``'mouth'`` or ``'mouth,cheek'``.
    centre_px : array, shape (samples, 2), optional
        x and y of the face's centre in each picture, for the prior; by default that of the points of face crops, else
        the picture's middle.
    fill : str, optional
        What replaces removed parts: ``'blur'`` (default of pictures), ``'mean'`` of the reference samples (default
        otherwise) or ``'zero'``. ROAD guesses them instead; baselines of methods are set by ``baselines``.
    block : int, optional
        Side in pixels of the blocks that pictures are taken apart by; by default about 56 along the longer side.
    n_steps : int
        Steps of the insertion and deletion curves.
    settings : dict of str to dict, optional
        Settings of a method or metric, by its name: ``{'rise': {'n_samples': 500}, 'infidelity': {'n_subsets': 50}}``.
    seed : int
        Of everything that draws numbers.
    output : str or Path, optional
        Folder that receives ``faithfulness.json``.
    progress : callable (done, total), optional
        Called now and then.
    **inputs
        ``faces``, ``reference``, ``baselines``, ``n_baselines``, ``batch_size``, ``max_memory``, ``subjects``,
        ``labels``, ``classes``, ``names``, ``space``: as in ``explain``.

    Returns
    -------
    Faithfulness

    Raises
    ------
    InputError
        If a method, metric or setting is not what it has to be, or evidence is of other samples.
    """
    wanted, ready = _split(methods)
    own = _known_settings(check_value("settings", settings or {}, dict))
    asked = {"fill": fill, "block": block, "n_steps": n_steps, "seed": seed}
    _check_asked(wanted, metrics, asked, inputs)
    inquiry = prepare(model, samples, method=_leading(wanted), seed=seed, **inputs)
    chosen = find_target(_target(target, ready), inquiry.classes)
    points = face_points(samples, inputs.get("faces"), inquiry.inputs.features)
    trial = _trial(inquiry, chosen, truth, points, fill, block, n_steps)
    report = _Steps(progress or silent, len(wanted) + 1)
    with evaluating(trial.problem.module):
        explanations = _controls(inquiry, trial, _centres(points) if centre_px is None else centre_px)
        seconds = {}
        for name in wanted:
            start = time.perf_counter()
            explanations[name] = by_method(
                inquiry, name, own.get(name, {}), trial.problem.target, trial.units, report.within
            )
            seconds[name] = round(time.perf_counter() - start, 3)
            report.step()
        for evidence in ready:
            name = _free_name(evidence.method, explanations)
            explanations[name] = ready_made(name, evidence, inquiry, trial.problem.target, trial.units)
        measured = measure(trial, explanations, chosen_metrics(metrics, trial, explanations), own, report.within)
    result = _result(inquiry, trial, explanations, measured, seconds, {**own, "n_steps": n_steps})
    if output is not None:
        write_json(Path(output) / "faithfulness.json", provenance(format=FORMAT, **result.to_json()))
    return result


@dataclass
class _Steps:
    """Progress over parts of equal weight."""

    report: Progress
    parts: int
    done: int = 0

    def within(self, done: int, total: int) -> None:
        """Inside the present part."""
        share = min(1.0, done / total) if total else 1.0
        self.report(int(1000 * (self.done + share)), 1000 * self.parts)

    def step(self) -> None:
        """The present part is done."""
        self.done += 1
        self.within(0, 1)


def _split(methods: Sequence[str | Evidence] | str | Evidence) -> tuple[list[str], list[Evidence]]:
    """Names of methods, each once, and ready evidence."""
    listed = list(methods) if isinstance(methods, Sequence) and not isinstance(methods, str) else [methods]
    odd = [type(item).__name__ for item in listed if not isinstance(item, (str, Evidence))]
    if odd or not listed:
        raise InputError(f"methods are names of methods or Evidence, at least one, but got {[*odd, 'none'][0]}.")
    names = [method_of_name(item).name for item in listed if isinstance(item, str)]
    return list(dict.fromkeys(names)), [item for item in listed if isinstance(item, Evidence)]


def _leading(wanted: list[str]) -> str:
    """The method that the inputs are prepared for: one that needs baselines, where there is one."""
    needy = [name for name in wanted if BASELINES in METHODS[name].needs]
    return [*needy, *wanted, "occlusion"][0]


def _known_settings(settings: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    result = {}
    for given_name, given in settings.items():
        name = ALIASES.get(given_name, given_name)
        if name not in METHODS and name not in METRICS:
            raise InputError(f"settings: '{name}' is neither a method nor a metric of mien.")
        row: Method | Metric = METHODS[name] if name in METHODS else METRICS[name]
        checked = row.settings(check_value(f"settings of '{name}'", given, dict))
        result[name] = {setting: checked[setting] for setting in given}
    return result


def _check_asked(
    wanted: list[str], metrics: Sequence[str] | None, asked: dict[str, Any], inputs: dict[str, Any]
) -> None:
    """Refuse what cannot be asked before models and faces are loaded."""
    for name, value in asked.items():
        check_value(name, value, _TAKEN[name])
    for name in [metrics] if isinstance(metrics, str) else metrics or ():
        metric_of_name(name)
    # What no method of several uses is refused; what only some of them use is not.
    leading = _leading(wanted)
    check_request(leading, **inputs)


def _target(target: Any, ready: list[Evidence]) -> Any:
    return ready[0].target if target is None and ready else target


def _trial(
    inquiry: Inquiry,
    target: Target,
    truth: Any,
    points: np.ndarray | None,
    fill: str | None,
    block: int | None,
    n_steps: int,
) -> Trial:
    features, usable = inquiry.inputs.features, inquiry.inputs.usable
    if not usable.any():
        raise InputError("No sample has a usable input, so there is nothing to judge.")
    units = units_of(features.space, features.values.shape[1:], block)
    problem = inquiry.problem(target, np.ascontiguousarray(features.values[usable]))
    kind = fill or default_fill(features.space)
    stand_in = fill_of(problem, units, kind)
    rows = np.arange(len(problem.values))
    with evaluating(problem.module):
        output = problem.outputs(problem.values)
        gone = np.zeros((1, units.count), dtype=bool)
        step = problem.batch_size
        filled = [
            problem.outputs(stand_in(rows[i : i + step], np.repeat(gone, len(rows[i : i + step]), axis=0)))
            for i in range(0, len(rows), step)
        ]
    return Trial(
        network=inquiry.network.module,
        problem=problem,
        units=units,
        fill=stand_in,
        fill_name=kind,
        output=output,
        filled=np.concatenate(filled),
        cuts=cuts(units.count, n_steps),
        truth=None if truth is None else truth_of(truth, units, features, points)[usable],
    )


def _centres(points: np.ndarray | None) -> np.ndarray | None:
    """Middle of each face's extent."""
    return None if points is None else (points.min(axis=1) + points.max(axis=1)) / 2


def _controls(inquiry: Inquiry, trial: Trial, centre_px: Any) -> dict[str, Explanation]:
    controls = {RANDOM: random_numbers(trial)}
    if trial.units.space == PICTURE:
        usable = inquiry.inputs.usable
        if centre_px is not None and np.shape(centre_px) != (len(usable), 2):
            raise InputError(f"centre_px holds x and y of {len(usable)} samples, but has shape {np.shape(centre_px)}.")
        controls[CENTRE] = centre_prior(trial, None if centre_px is None else np.asarray(centre_px, float)[usable])
    return controls


def _free_name(name: str, taken: dict[str, Explanation]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _result(
    inquiry: Inquiry,
    trial: Trial,
    explanations: dict[str, Explanation],
    measured: Measured,
    seconds: dict[str, float],
    settings: dict[str, Any],
) -> Faithfulness:
    usable, inputs, seed = inquiry.inputs.usable, inquiry.inputs, trial.problem.seed

    def spread(column: np.ndarray) -> np.ndarray:
        whole = np.full(len(usable), np.nan)
        whole[usable] = column
        return whole

    # Rows whose subject is unknown count as one subject each.
    subject = np.array([s or f"row {i + 1}" for i, s in enumerate(inputs.subject)], dtype=object)
    return Faithfulness(
        target=trial.problem.target,
        values={metric: {k: spread(v) for k, v in found.items()} for metric, found in measured.values.items()},
        inverse={metric: {k: spread(v) for k, v in found.items()} for metric, found in measured.inverse.items()},
        curves=measured.curves(subject[usable]),
        shares=trial.cuts / trial.units.count,
        sample=inputs.sample,
        subject=subject,
        seconds=seconds,
        settings={
            **settings,
            "fill": trial.fill_name,
            "space": trial.units.space,
            "unit": trial.units.words,
            "units": trial.units.count,
            "seed": seed,
            "explained": inquiry.network.explained,
            "model": inquiry.network.facts,
            "baselines": inquiry.baselines.record,
        },
        notes=_notes(trial, explanations, measured, subject, usable),
    )


def _notes(
    trial: Trial, explanations: dict[str, Explanation], measured: Measured, subject: np.ndarray, usable: np.ndarray
) -> tuple[str, ...]:
    notes = []
    if not usable.all():
        notes.append(f"{int((~usable).sum())} of {len(usable)} samples have no usable input and were left out.")
    people = len(set(subject[usable]))
    if 1 < people < FEW:
        notes.append(f"Only {people} subjects: intervals drawn from so few people are too narrow, and ties too rare.")
    if people < 2:
        notes.append("All samples are of one subject, so there are no intervals: one person says nothing about people.")
    notes += [f"'{name}' has no numbers: it needs {reason}." for name, reason in measured.reasons.items()]
    if trial.scale != trial.scale:
        notes.append("Removing everything changes no output, so there are no normalised curves; try another fill.")
    for name, explanation in explanations.items():
        lost = int((~explanation.ok).sum())
        if lost:
            notes.append(f"'{name}' has no evidence for {lost} samples.")
        if explanation.again is None and any(AGAIN in METRICS[metric].needs for metric in measured.values):
            notes.append(f"'{name}' is ready-made evidence: metrics that explain again leave it out.")
    return tuple(notes)
