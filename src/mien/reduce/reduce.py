"""``reduce``: rank landmarks, remove them, retrain, compare with chance, and say how few are enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.memory import kept_memory
from mien.core.people.words import SUBJECT, people_facts
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.core.topology import topology as find_topology
from mien.data.samples import given_samples
from mien.engine.work import PartDone, Spread
from mien.explain.methods import method_of_name
from mien.reduce.arguments import (
    check_baselines,
    check_kinds,
    check_source,
    checked_contrast,
    checked_methods,
    checked_output,
)
from mien.reduce.assemble import assemble
from mien.reduce.choice import check_rule
from mien.reduce.clips import Clips, from_array, from_samples
from mien.reduce.fold import FoldPlan
from mien.reduce.importance import AMOUNTS, Asking
from mien.reduce.learner import Learner
from mien.reduce.result import Reduction
from mien.reduce.resume import all_folds
from mien.reduce.sets import LandmarkUnits, anatomical_sets, counts_of, random_sets
from mien.reduce.ways import ANATOMY, METHODS, RANDOM
from mien.stats.folds import Fold, Scheme, subject_folds

MODEL = "landmark-rvfl"
STEPS = 8  # enough for smooth networks: the completeness gap stays well under one per cent


@kept_memory()
def reduce(
    X: Any,
    y: Any = None,
    subjects: Any = None,
    *,
    model: Any = MODEL,
    counts: Sequence[int] | None = None,
    seed: int = 0,
    ranking: str = "integrated-gradients",
    methods: str | Sequence[str] = METHODS,
    n_random: int = 20,
    symmetric: bool = False,
    rule: str = "one-se",
    tolerance: float = 0.01,
    scheme: Scheme = "stratified",
    n_folds: int = 10,
    topology: str | None = None,
    mirror: bool | None = None,
    target: str | None = None,
    faces: Any = None,
    recipe: dict[str, Any] | None = None,
    group_by: str = "subject",
    baselines: str = "medoids",
    n_baselines: int = 5,
    amount: str = "absolute",
    contrast: str | None = None,
    settings: dict[str, Any] | None = None,
    ranking_settings: dict[str, Any] | None = None,
    labels: Sequence[str] = (),
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
) -> Reduction | PartDone:
    """Find out which landmarks are enough.

    In every fold of subjects a network is fitted on the training clips, its evidence over these clips ranks the
    landmarks, the best are kept, the network is fitted anew on them and asked about the test clips. Random sets,
    filters and anatomical sets go the same way in the same folds.

    Parameters
    ----------
    X : array, Samples, str or Path
        Landmark sequences (clips, frames, landmarks, coordinates), or samples (then ``target`` is needed).
    y, subjects : sequence of str, shape (clips,)
        Class of each clip, and who is shown; not given for samples.
    model : str or estimator
        A landmark network's name, or a scikit-learn style estimator that also has ``model()``.
    counts : sequence of int, optional
        Numbers of landmarks to try; by default shares of all, see ``mien.reduce.sets.RUNGS``.
    seed : int
        Of folds, networks, random sets and intervals.
    ranking : str
        Method of explanation that gives the evidence; see ``mien methods``.
    methods : sequence of str, or str
        Of ``'one-shot'`` (one ranking for all counts), ``'recursive'`` (evidence anew at each count), ``'random'``,
        ``'variance'``, ``'mutual information'``, ``'group lasso'``, ``'anatomical'``. Result and choice rest on
        ``'recursive'`` if it is among them, else on the first that ranks.
    n_random : int
        Random sets per count.
    symmetric : bool
        Keep or remove mirror pairs as a whole, in all methods but ``'anatomical'``.
    rule, tolerance
        How few are enough, see ``mien.reduce.choice.choose_count``.
    scheme, n_folds
        See ``mien.stats.folds.subject_folds``.
    topology : str, optional
        Points of an array; by default known where there are 68, 468 or 478, ``''`` for none.
    mirror : bool, optional
        Train on mirrored copies, too. By default for samples whose landmarks come in mirror pairs, and not for plain
        arrays, whose first coordinate mien does not know to be sideways.
    target, faces, recipe, group_by
        For samples, as in ``mien.train``; the recipe is the model's own unless given.
    baselines, n_baselines
        Typical training clips that evidence is measured against, as in ``mien.explain``.
    amount : str
        ``'net'``, ``'absolute'`` or ``'signed'``: how a landmark's evidence is summed up, see
        ``mien.reduce.importance.Asking``.
    contrast : str, optional
        One class, such as ``'smile'``, or one against another, such as ``'smile>neutral'``: landmarks are ranked by the
        evidence for it over that class's clips, and accuracy counts whether a clip is classified as that class or not.
        The networks still learn all classes, which keeps them from leaning on a few landmarks where two are
        easily discriminated. By default all classes count alike and choose landmarks in turns.
    settings, ranking_settings : dict, optional
        Of the network; of the method of explanation.
    labels, subject_pattern, columns, missing, same : optional
        Of samples that are named: how their table or folder is read, see ``mien.data.samples.read_samples``.
    output : str or Path, optional
        Folder for ``reduction.json``, ``curve.csv``, ``landmarks.json``, ``model/`` and the folds' results. Folds that
        are there from an earlier run with the same data and settings are not computed again.
    workers, engine, address
        Over which workers folds are spread, as in ``mien.train``; the result is the same.
    part : str
        ``'3/40'``: only the third of forty parts of the folds, for job arrays of a batch system. They are kept in
        ``output``, where a last call without ``part`` computes what is missing and puts them together.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.

    Returns
    -------
    Reduction or PartDone
        With ``part`` only how many folds are there.

    Raises
    ------
    InputError
        For one class, one subject, values that are not finite, wrong shapes, unknown names, arguments of another kind,
        and arguments of samples beside a plain array or the other way round.

    Examples
    --------
    >>> import mien, numpy as np
    >>> rng = np.random.default_rng(0)
    >>> clips = rng.normal(size=(24, 8, 68, 2))  # clips, frames, landmarks, x y
    >>> label = np.tile(["neutral", "smile"], 12)
    >>> clips[label == "smile", :, 48] += 5  # one mouth corner moves
    >>> who = np.repeat([f"s{number}" for number in range(6)], 4)
    >>> found = mien.reduce(clips, label, who, counts=[8, 1], n_folds=3, n_random=2, methods=["one-shot", "random"])
    >>> found.sets[1].tolist()
    [48]
    """
    progress, how = progress_of(progress, "networks"), Spread(engine, workers, part=part, address=address)
    if part and output is None:
        raise InputError("part computes some of the folds and keeps them in output=..., so give a folder.")
    check_kinds(locals())
    check_source(locals())
    X = given_samples(X, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing, same=same)
    check_rule(rule, tolerance)
    methods = checked_methods(methods, n_random)
    clips = _clips(X, y, subjects, model, topology, target, faces, recipe, group_by)
    clips = replace(clips, contrast=checked_contrast(contrast, clips.classes))
    if mirror and not (clips.topology and find_topology(clips.topology).symmetric):
        raise InputError("mirror=True needs landmarks that come in known mirror pairs; name them with topology=...")
    given = dict(settings or {})
    wanted = clips.recipe["name"] != "given" if mirror is None else mirror
    known = bool(clips.topology) and find_topology(clips.topology).symmetric
    learner = Learner(model, {k: v for k, v in given.items() if k != "mirror"}, seed,
                      bool(given.get("mirror", wanted)) and known)  # fmt: skip
    units = LandmarkUnits.of(clips.n_points, clips.topology, symmetric)
    ladder = counts_of(counts, clips.n_points)
    plan = FoldPlan(
        counts=ladder,
        methods=methods,
        units=units,
        random=random_sets(units, ladder, n_random, seed) if RANDOM in methods else {},
        anatomical=_anatomical(clips, methods),
        asking=_asking(ranking, baselines, n_baselines, amount, ranking_settings, seed, clips),
        learner=learner,
    )
    learner.maker(clips, np.arange(clips.n_points))()  # refuses unknown models and settings before any work
    folds = subject_folds(clips.subjects, clips.y, scheme=scheme, n_folds=n_folds, seed=seed)
    folder = checked_output(output)
    computed = all_folds(clips, plan, folds, folder, progress, how)
    if isinstance(computed, PartDone):
        return computed
    results, order = computed
    protocol = _protocol(clips, plan, folds, scheme, rule, tolerance, n_random, symmetric, ranking)
    found = assemble(clips, plan, results, order, protocol, folder)
    if folder is not None:
        found.write(folder)
    return found


def _clips(
    X: Any, y: Any, subjects: Any, model: Any, points: str | None, target: str | None, faces: Any,
    recipe: dict[str, Any] | None, group_by: str,
) -> Clips:  # fmt: skip
    if not isinstance(X, (Samples, str, Path)):
        return from_array(X, y, subjects, points=points)
    if target is None:
        raise InputError("reduce: samples were given, so target='COLUMN' is needed: the label to be predicted.")
    if recipe is None:
        from mien.models.catalogue import spec

        recipe = spec(model).recipe if isinstance(model, str) else {"name": "displacement", "align": "clip"}
    return from_samples(X, faces, target, recipe, group_by)


def _anatomical(clips: Clips, methods: tuple[str, ...]) -> dict[str, np.ndarray]:
    found = anatomical_sets(clips.topology) if ANATOMY in methods else {}
    # Among all methods it may be missing; who asks for it by name is told.
    if ANATOMY in methods and not found and set(methods) != set(METHODS):
        raise InputError(
            f"methods: '{ANATOMY}' needs landmarks whose brows, eyes and mouth are known; name them with topology=..., "
            f"or leave '{ANATOMY}' out."
        )
    return found


def _asking(
    ranking: str,
    baselines: str,
    n_baselines: int,
    amount: str,
    settings: dict[str, Any] | None,
    seed: int,
    clips: Clips,
) -> Asking:
    method = method_of_name(ranking)
    given = dict(settings or {})
    if ranking == "integrated-gradients":
        given.setdefault("n_steps", STEPS)
    method.settings(given)  # refuses unknown ones
    if baselines != "medoids" and not method.needs_baselines(given):
        raise InputError(f"baselines: '{ranking}' measures against no other clips, so leave baselines out.")
    check_baselines(baselines, clips.classes)
    if amount not in AMOUNTS:
        raise InputError(f"amount is one of {', '.join(AMOUNTS)}, but got '{amount}'.")
    return Asking(ranking, baselines, n_baselines, amount, given, seed)


def _protocol(
    clips: Clips, plan: FoldPlan, folds: list[Fold], scheme: str, rule: str, tolerance: float, n_random: int,
    symmetric: bool, ranking: str,
) -> dict[str, Any]:  # fmt: skip
    measured = method_of_name(ranking).needs_baselines(plan.asking.settings)
    return {
        "target": clips.target,
        "classes": list(clips.classes),
        "chance": clips.chance,
        "contrast": {"name": clips.contrast.name, "against": clips.contrast.against} if clips.contrast else None,
        "model": plan.learner.name,
        "settings": plan.learner.settings,
        "mirror": plan.learner.mirror,
        "recipe": clips.recipe,
        "samples": clips.facts,
        "notes": list(clips.notes),
        "scheme": scheme,
        "n_folds": len(folds),
        **people_facts(clips.subjects, len(clips.y)),
        **({"group_by": clips.unit} if clips.unit != SUBJECT else {}),
        "ranking": ranking,
        "baselines": plan.asking.baselines if measured else "",
        "n_baselines": plan.asking.n_baselines if measured else 0,
        "amount": plan.asking.amount,
        "ranking_settings": plan.asking.settings,
        "methods": list(plan.methods),
        "counts": list(plan.counts),
        "n_random": n_random,
        "symmetric": symmetric,
        "rule": rule,
        "tolerance": tolerance,
        "seed": plan.learner.seed,
    }
