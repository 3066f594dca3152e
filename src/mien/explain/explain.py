"""Why a model says what it says: one call for every method, model and kind of input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.core.devices import AUTO
from mien.core.errors import InputError
from mien.core.evidence import NOT_PREDICTED, Evidence
from mien.core.features import PICTURE
from mien.core.memory import kept_memory
from mien.core.output import check_folder
from mien.core.progress import progress_of
from mien.core.target import Target
from mien.engine.work import Spread
from mien.explain.estimators import estimator_behind
from mien.explain.inputs import read_as_asked
from mien.explain.landmarker.asked import is_through
from mien.explain.notes import noted
from mien.explain.problem import Progress, silent
from mien.explain.question import Inquiry, prepare
from mien.explain.request import check_request, usual_method
from mien.explain.shuffled import Shares, beside_shuffled, check_shuffles, shuffled_shares
from mien.explain.store import evidence_folder, save_evidence
from mien.explain.workers import Workers
from mien.learn.predicted import evaluation_beside, not_predicted

if TYPE_CHECKING:
    from mien.explain.landmarker.photos import Photos
    from mien.learn.evaluation import Evaluation

_RAW = (
    "What is explained is the trees' raw score (of two classes the log-odds), exactly, not what {name} makes of it; "
    "method='kernel-shap' explains that."
)


@kept_memory()
def explain(
    model: Any,
    samples: Any,
    *,
    method: str | None = None,
    target: str | int | Target | None = None,
    faces: Any = None,
    baselines: Any = None,
    n_baselines: int | None = None,
    reference: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    max_memory: str | int | None = None,
    device: str = AUTO,
    through: str | None = None,
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    output: str | Path | None = None,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    part: str = "",
    progress: Progress | bool | None = None,
    **settings: Any,
) -> Evidence:
    """Evidence for one target.

    Parameters
    ----------
    model : Model, str, Path, torch.nn.Module, estimator or callable
        A mien model, the folder of a stored one, a LightGBM model, a fitted estimator of scikit-learn's kind, or any
        module or function that maps float32 inputs to scores (samples,) or (samples, outputs), for each sample by
        itself. A function has no gradients; it gets arrays, or a DataFrame where the samples are one and it goes by the
        names of columns. Compiled, exported and parallel modules are
        opened. Or what the landmarker reads off photos: ``'blendshape:mouthSmileLeft'``, ``'measure:mouth opening'``,
        ``'distance:61-291'`` (points; in inter-ocular distances), several of a kind with commas.
    samples : Samples, Features, array, DataFrame, str or Path
        What is explained; a str or Path is read with ``read_samples``. Arrays: (samples, features), (samples,
        frames, landmarks, coordinates) or (samples, channels, height, width). The columns of a pandas DataFrame name
        the features, and are matched by name where the model, or what a function stands for, knows its columns. A note
        says where they could only be taken in their order.
    method : str, optional
        One of ``mien.explain.methods.METHODS``; ``mien methods`` lists them with what they need and give. None: what
        explains the kind of model exactly (trees, also given as their ``predict_proba``: ``'tree-shap'``, rules:
        ``'rule-reasons'``), without gradients ``'kernel-shap'`` (scikit-learn's estimators, functions), else
        ``'integrated-gradients'``.
    target : str, int, Target, optional
        A class, ``'one>other'``, ``'score:down'`` or the number of an output. May be left out where the model has
        one output, or two classes (the second is meant).
    faces : Faces or folder, optional
        Faces of the samples.
    baselines : str or array
        ``'medoids'`` (the ``n_baselines`` most typical reference samples), ``'medoids:LABEL'``, ``'mean'``,
        ``'zero'`` or an array of one or several inputs; through the landmarker also ``'blur'`` (each photo's own
        crop without detail). Evidence is averaged over them. None: the medoids; through the landmarker blur.
    n_baselines : int, optional
        Number of medoids, 5 by default.
    reference : as ``samples``, optional
        Where medoids and mean are taken from, by default the samples themselves. Give the training fold here
        where the evidence is to select anything.
    seed : int
        For methods and baselines that draw numbers.
    batch_size : int, optional
        Maximum batch size; bounds the memory, does not change the result.
    max_memory : str or int, optional
        The same as a size, such as ``'500MB'``: about what the layers' results may take beside the model.
    device : str
        Where a network computes: ``'auto'`` (a GPU where torch can use one, else the processor; a torch module of your
        own stays where it is), ``'cpu'``, ``'cuda'`` or ``'cuda:NUMBER'``. Results agree to within rounding, and say
        which it was (``settings['device']``).
    through : str, optional
        ``'landmarker'``: the evidence of a trained model is carried back through the landmarker to the pixels of the
        samples' photos.
    subject_pattern, columns, missing, same : optional
        Of samples that are named (and ``labels``, the columns that are classes): how their table or folder is read, see
        ``mien.data.samples.read_samples``.
    output : str or Path, optional
        Folder that receives ``METHOD/TARGET/evidence.json`` and ``evidence.safetensors``; METHOD is
        ``METHOD-through-landmarker`` for a model's evidence that is carried back to photos. Blocks of samples that are
        finished are kept in it until the evidence is stored, so that an interrupted call goes on where it stopped.
    workers, engine, address : optional
        Over which workers blocks of samples are spread, as in ``mien.train``; the evidence is the same.
    part : str
        ``'3/40'``: only the third of forty parts of the samples' blocks, for job arrays of a batch system. They are
        kept in ``output``, where a last call without ``part`` computes what is missing and puts them together; what is
        returned has the status ``'other part'`` for all others.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
    **settings
        ``classes``: names of a plain module's outputs. ``subjects``, ``ids``, ``labels``: who each row shows, what
        it is called and its label, where ``samples`` is an array; without ``subjects`` people are unknown and are not
        counted. ``names``, ``space``: what the values of a plain array are, see ``Features``. All others
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

    Examples
    --------
    Any function from an array to scores; evidence in the unit of the score:

    >>> import mien, numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(12, 2))
    >>> score = lambda x: x @ np.float32([2, -1])
    >>> evidence = mien.explain(score, rows, names=("smile", "frown"))
    >>> bool(np.allclose(evidence.values, (rows - rows.mean(axis=0)) * [2, -1], atol=1e-4))
    True

    A model of mien's, against another class:

    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> model = mien.train("people", target="expression", evaluate=False).model
    >>> evidence = mien.explain(model, "people", target="smile>neutral", output="study/evidence/mine")
    >>> evidence.values.shape, evidence.method, set(evidence.status)
    ((12, 155), 'integrated-gradients', {'ok'})
    """
    progress, how = progress_of(progress, "samples"), _spread(engine, workers, address, part, output)
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
        device=device,
        through=through,
        subject_pattern=subject_pattern,
        columns=columns,
        missing=missing,
        same=same or None,
        **settings,
    )
    with Workers(model, how, output) as run:
        return _found(inquiry, target, output, progress or silent, run, evaluation_beside(model))


@kept_memory()
def explain_all(
    model: Any,
    samples: Any,
    *,
    targets: Sequence[str | int | Target] = (),
    output: str | Path | None = None,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    part: str = "",
    n_shuffles: int = 0,
    progress: Progress | bool | None = None,
    **settings: Any,
) -> dict[str, Evidence]:
    """Evidence for several outputs of a model; features and baselines are computed once.

    Parameters
    ----------
    model, samples, output, workers, engine, address, part
        As in ``explain``.
    targets : sequence
        Each as in ``explain``; by default every output of the model.
    n_shuffles : int
        So many times the model is also trained and explained after labels (ratings) changed hands between people, 99
        for a paper; the samples are then those of the training. Evidence is said to come from a place only where its
        share is larger than such models have, corrected over places. An even spread alone is no test of that: evidence
        lies where inputs vary, whatever was learnt. 0: not at all. Takes as long as so many trainings.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
        Counts over all outputs.
    **settings
        All others of ``explain`` but ``target``.

    Returns
    -------
    dict of str to Evidence
        One per target; without targets by the outputs' names, in the model's order.

    Raises
    ------
    InputError
        As ``explain``.

    Examples
    --------
    >>> import mien, numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(12, 2))
    >>> scores = lambda x: np.stack([x @ np.float32([2, -1]), x @ np.float32([0, 1])], axis=1)
    >>> evidence = mien.explain_all(scores, rows, classes=("happy", "sad"), names=("smile", "frown"))
    >>> {target: found.values.shape for target, found in evidence.items()}
    {'happy': (12, 2), 'sad': (12, 2)}
    """
    progress, how = progress_of(progress, "samples"), _spread(engine, workers, address, part, output)
    check_shuffles(n_shuffles, settings.get("through"), part)
    inquiry = _asked(model, samples, **settings)
    wanted = list(dict.fromkeys(targets)) or [Target(name) for name in inquiry.classes]
    report = progress or silent
    result, scored = {}, evaluation_beside(model)
    null = {} if not n_shuffles else _shuffled(model, samples, wanted, settings, n_shuffles, report)
    with Workers(model, how, output) as run:
        for number, target in enumerate(wanted):

            def within(done: int, total: int, number: int = number) -> None:
                report(number * total + done, len(wanted) * total)

            result[str(target)] = _found(
                inquiry, target, output, within, run, scored, null.get(str(target), []), settings.get("seed", 0)
            )
    return result


def _shuffled(
    model: Any, samples: Any, targets: Sequence[str | int | Target], settings: dict[str, Any], n_shuffles: int,
    report: Progress,
) -> dict[str, list[Shares]]:  # fmt: skip
    """Shares of the evidence of models of shuffled labels, each explained as the model is, by target."""
    samples, rest = read_as_asked(samples, dict(settings))
    faces = rest.pop("faces", None)

    def ask(trained: Any, drawn: Any, seen: Any) -> dict[str, Evidence]:
        return explain_all(trained, drawn, targets=targets, faces=seen, **rest)

    seed = int(settings.get("seed", 0))
    return shuffled_shares(model, samples, faces, ask, n_shuffles=n_shuffles, seed=seed, progress=report)


def _spread(engine: str, workers: int, address: str, part: str, output: str | Path | None) -> Spread:
    """How the work is spread; the folder is looked at before anything is computed."""
    how = Spread(engine, workers, part=part, address=address)
    if part and output is None:
        raise InputError("part computes some of the blocks and keeps them in output=..., so give a folder.")
    if output is not None:
        check_folder(output)
    return how


def _asked(
    model: Any,
    samples: Any,
    *,
    method: str | None = None,
    through: str | None = None,
    baselines: Any = None,
    **settings: Any,
) -> Inquiry | Photos:
    """An inquiry, through the landmarker if that is meant."""
    samples, settings = read_as_asked(samples, settings)
    notes: tuple[str, ...] = ()
    if method is None:
        given, model = model, estimator_behind(model)
        method = usual_method(model, through)
        if model is not given and method == "tree-shap":
            notes = (_RAW.format(name=given.__name__),)
    settings["method"] = method
    settings |= check_request(baselines=baselines, **settings)
    if is_through(model, through):
        from mien.explain.landmarker.photos import Photos

        return Photos(model, samples, baselines=baselines, **settings)
    inquiry = prepare(model, samples, baselines=baselines, **settings)
    return replace(inquiry, notes=(*notes, *inquiry.notes))


def _found(
    inquiry: Inquiry | Photos,
    target: str | int | Target | None,
    output: str | Path | None,
    progress: Progress,
    run: Workers,
    scored: Evaluation | None,
    null: Sequence[Shares] = (),
    seed: int = 0,
) -> Evidence:
    """Evidence for one target, stored if there is a folder for it; of pictures a few are kept to be drawn."""
    # From here on the time is the method's.
    progress(0, 1)
    evidence = noted(inquiry.evidence(target, progress, run))
    if caution := not_predicted(scored, evidence.target.name):
        evidence = replace(evidence, settings={**evidence.settings, NOT_PREDICTED: caution})
    if inquiry.places:
        evidence = replace(evidence, columns={**evidence.columns, **inquiry.places})
    evidence = beside_shuffled(evidence, list(null), seed) if null else evidence
    if output is not None and not run.how.part:
        folder = evidence_folder(output, evidence)
        drawn = evidence.space == PICTURE and len(evidence.names) in (1, 3)
        save_evidence(evidence, folder, inquiry.shown(evidence) if drawn else None)
        run.stored(evidence)
    return evidence
