"""Does evidence deserve its name? Methods by metrics, each beside random, inverse and face-centre explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.core.memory import kept_memory
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import progress_of
from mien.core.settings import GENERAL, Count, Several, check_value
from mien.core.target import Target
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from mien.explain.inputs import read_as_asked
from mien.explain.methods import ALIASES, METHODS, Method, method_of_name
from mien.explain.problem import Progress, silent
from mien.explain.request import check_request
from mien.explain.targets import find_target
from mien.explain.workers import Workers
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.cases import SampleGroup, ScoredSamples, cases_of, centres_of, samples_to_score
from mien.faithfulness.judging import CandidateExplanation, Judged, JudgingHere, JudgingThere, PreparedSamples
from mien.faithfulness.metrics import METRICS, Metric, metric_of_name
from mien.faithfulness.result import CENTRE, FAITHFULNESS_FILE, RANDOM, Faithfulness
from mien.faithfulness.scoring import MetricValues, beside, chosen_metrics, joined
from mien.faithfulness.summary import result_of

_TAKEN = {
    "fill": Literal["blur", "mean", "zero"] | None,
    "block": Count | None,
    "n_steps": Several,
    "seed": GENERAL["seed"],
}


@kept_memory()
@checked_numbers
def evaluate_evidence(
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
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
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
    workers, engine, address
        Over which workers explanations and their metrics are spread, as in ``mien.explain``; the result is the same.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
    **inputs
        ``through``, ``faces``, ``reference``, ``baselines``, ``n_baselines``, ``batch_size``, ``max_memory``,
        ``subjects``, ``labels``, ``classes``, ``names``, ``space``, ``subject_pattern``, ``columns``, ``missing``,
        ``same``: as in ``explain``.

    Returns
    -------
    Faithfulness

    Raises
    ------
    InputError
        If a method, metric or setting is not what it has to be, or evidence is of other samples.

    Examples
    --------
    >>> import mien, numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(20, 4)).astype("f4")
    >>> score = lambda x: x @ np.float32([2, -1, 0, 0])
    >>> names = ("smile", "frown", "blink", "yawn")
    >>> found = mien.evaluate_evidence(score, rows, ["kernel-shap"], names=names, truth=["smile", "frown"], n_steps=4)
    >>> "kernel-shap" in found.methods
    True
    """
    progress, how = progress_of(progress, "explanations"), Spread(engine, workers, address=address)
    samples, inputs = read_as_asked(samples, inputs)
    wanted, ready = _split(methods)
    own = _known_settings(check_value("settings", settings or {}, dict))
    asked = {"fill": fill, "block": block, "n_steps": n_steps, "seed": seed}
    if output is not None:
        check_folder(output)
    leading = _leading(wanted, own)
    # Methods over noisy copies need baselines if the method that they ask does.
    inputs |= {name: value for name, value in own.get(leading, {}).items() if name == "of"}
    _check_asked(leading, metrics, asked, inputs)
    _check_settings_used(own, wanted, metrics)
    what = samples_to_score(model, samples, leading, seed, progress or silent, inputs)
    chosen = find_target(_target(target, ready), what.whole.classes)
    cases = cases_of(what, chosen, truth, fill, block, n_steps)
    centres = centres_of(what, centre_px)
    listed = [_candidates(what, cases, wanted, ready, number) for number in range(len(cases))]
    # Methods can be asked again, controls too; what that gives is computed where it is judged.
    known = {one.name: Explanation(one.name, _NOTHING, _again if one.evidence is None else None) for one in listed[0]}
    names = [metric.name for metric in chosen_metrics(metrics, cases[0], known)]
    prepared = PreparedSamples(what, cases, chosen, centres, names, own)

    def there() -> JudgingThere:
        travelling = Workers(model, how, None).travelling(what.whole.network.model)
        of_cases = (truth, fill, block, n_steps)
        return JudgingThere(travelling, samples, leading, seed, inputs, chosen, of_cases, centres, names, own)

    items = [one for group in listed for one in group]
    report = _Shares(progress or silent, len(items))
    report.step((0, 0.0))
    numbered = [Item(f"{one.name} {one.group + 1}", replace(one, place=i)) for i, one in enumerate(items)]
    work = JudgingHere(prepared) if how.serial else there()
    seconds = dict.fromkeys(wanted, 0.0)
    explanations: list[dict[str, Explanation]] = [{} for _ in cases]
    measured: list[list[MetricValues]] = [[] for _ in cases]
    for number, (one, done) in enumerate(zip(items, spread(work, numbered, how, step=report.step), strict=True)):
        judged: Judged = done.result()
        explanations[one.group][one.name] = Explanation(one.name, judged.scores, known[one.name].rerun)
        measured[one.group].append(judged.measured)
        if one.method:
            seconds[one.method] += judged.seconds
        report.step((number, 1.0))
    told = {name: round(value, 3) for name, value in seconds.items()}
    numbers = joined([beside(group) for group in measured])
    result = result_of(what, cases[0], explanations, numbers, told, {**own, "n_steps": n_steps})
    if output is not None:
        result.write(Path(output) / FAITHFULNESS_FILE)
    return result


_NOTHING = np.zeros((0, 0))


def _again(values: np.ndarray, number: int) -> np.ndarray:
    """Stands for an explanation that can be asked again where it is judged."""
    raise NotImplementedError


class _Shares:
    """Progress over explanations of equal weight."""

    def __init__(self, report: Progress, parts: int) -> None:
        self._report, self._done = report, [0.0] * parts

    def step(self, told: tuple[int, float]) -> None:
        """How much of one of them is done."""
        self._done[told[0]] = max(self._done[told[0]], told[1])
        self._report(int(1000 * sum(self._done)), 1000 * len(self._done))


def _candidates(
    what: ScoredSamples, cases: list[Case], wanted: list[str], ready: list[Evidence], number: int
) -> list[CandidateExplanation]:
    """All that is judged of a group: controls, methods, ready evidence."""
    picture = cases[number].units.space == PICTURE
    found = {name: CandidateExplanation(0, number, name) for name in (RANDOM, *([CENTRE] if picture else []))}
    found |= {name: CandidateExplanation(0, number, name, name) for name in wanted}
    for evidence in ready:
        name = _free_name(evidence.method, found)
        found[name] = CandidateExplanation(0, number, name, "", _rows_of(evidence, what.groups[number], what))
    return list(found.values())


def _split(methods: Sequence[str | Evidence] | str | Evidence) -> tuple[list[str], list[Evidence]]:
    """Names of methods, each once, and ready evidence."""
    listed = list(methods) if isinstance(methods, Sequence) and not isinstance(methods, str) else [methods]
    odd = [type(item).__name__ for item in listed if not isinstance(item, (str, Evidence))]
    if odd or not listed:
        raise InputError(f"methods are names of methods or Evidence, at least one, but got {[*odd, 'none'][0]}.")
    names = [method_of_name(item).name for item in listed if isinstance(item, str)]
    return list(dict.fromkeys(names)), [item for item in listed if isinstance(item, Evidence)]


def _leading(wanted: list[str], own: dict[str, dict[str, Any]]) -> str:
    """The method that the inputs are prepared for: one that needs baselines, where there is one."""
    needy = [name for name in wanted if METHODS[name].needs_baselines(own.get(name, {}))]
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


def _check_settings_used(own: dict[str, dict[str, Any]], wanted: list[str], metrics: Sequence[str] | None) -> None:
    """Refuse settings of what is not asked."""
    judging = [metrics] if isinstance(metrics, str) else METRICS if metrics is None else metrics
    unused = [name for name in own if name not in wanted and name not in judging]
    if unused:
        kind = "methods" if unused[0] in METHODS else "metrics"
        raise InputError(
            f"settings: '{unused[0]}' is not among the {kind} that are asked; add it to {kind} or leave its settings "
            "out."
        )


def _check_asked(leading: str, metrics: Sequence[str] | None, asked: dict[str, Any], inputs: dict[str, Any]) -> None:
    """Refuse what cannot be asked before models and faces are loaded."""
    for name, value in asked.items():
        check_value(name, value, _TAKEN[name])
    for name in [metrics] if isinstance(metrics, str) else metrics or ():
        metric_of_name(name)
    # What no method of several uses is refused; what only some of them use is not.
    check_request(leading, **{name: value for name, value in inputs.items() if name != "through"})


def _rows_of(evidence: Evidence, group: SampleGroup, what: ScoredSamples) -> Evidence:
    """Ready evidence of the samples of a group."""
    whole = len(what.whole.inputs.usable)
    if len(what.groups) == 1:
        return evidence
    if len(evidence) != whole:
        raise InputError(
            f"The evidence '{evidence.method}' is of {len(evidence)} samples, but {whole} are judged; explain the same "
            "samples."
        )
    return evidence[group.rows]


def _target(target: Any, ready: list[Evidence]) -> Any:
    return ready[0].target if target is None and ready else target


def _free_name(name: str, taken: Mapping[str, Any]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
