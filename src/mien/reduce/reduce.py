"""``reduce``: rank landmarks, remove them, retrain, compare with chance, and say how few are enough."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import mien
from mien.core.errors import InputError
from mien.core.files import read_json, remove_halves, write_json
from mien.core.samples import Samples
from mien.core.topology import topology as find_topology
from mien.explain.methods import method_of_name
from mien.reduce.choice import check_rule, choose_count, held_out_accuracy
from mien.reduce.curve import curve, right_of, stability, tests
from mien.reduce.evidence import Asking
from mien.reduce.fitting import Learner
from mien.reduce.fold import ALL, ANATOMY, EVIDENCE, METHODS, RANDOM, RECURSIVE, FoldResult, Ladder, Plan, run_fold
from mien.reduce.inputs import Clips, from_array, from_samples
from mien.reduce.ladder import Units, anatomical_sets, counts_of, random_sets
from mien.reduce.result import Chosen, Reduction
from mien.reduce.timing import savings
from mien.stats.folds import Fold, Scheme, subject_folds

Progress = Callable[[int, int], None]
MODEL = "landmark-random-tcn"
STEPS = 8  # enough for smooth networks: the completeness gap stays well under one per cent


def reduce(
    X: Any,
    y: Any = None,
    subjects: Any = None,
    *,
    model: Any = MODEL,
    counts: Sequence[int] | None = None,
    seed: int = 0,
    ranking: str = "integrated-gradients",
    methods: Sequence[str] = METHODS,
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
    settings: dict[str, Any] | None = None,
    ranking_settings: dict[str, Any] | None = None,
    n_boot: int = 1000,
    output: str | Path | None = None,
    progress: Progress | None = None,
) -> Reduction:
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
        Numbers of landmarks to try; by default shares of all, see ``mien.reduce.ladder.RUNGS``.
    seed : int
        Of folds, networks, random sets and intervals.
    ranking : str
        Method of explanation that gives the evidence; see ``mien methods``.
    methods : sequence of str
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
    settings, ranking_settings : dict, optional
        Of the network; of the method of explanation.
    n_boot : int
        Draws behind each interval.
    output : str or Path, optional
        Folder for ``reduction.json``, ``curve.csv``, ``landmarks.json``, ``model/`` and the folds' results. Folds that
        are there from an earlier run with the same data and settings are not computed again.
    progress : callable (done, total), optional

    Returns
    -------
    Reduction

    Raises
    ------
    InputError
        For one class, one subject, values that are not finite, wrong shapes, unknown names.
    """
    check_rule(rule, tolerance)
    methods = _checked_methods(methods, n_random)
    clips = _clips(X, y, subjects, model, topology, target, faces, recipe, group_by)
    if mirror and not (clips.topology and find_topology(clips.topology).symmetric):
        raise InputError("mirror=True needs landmarks that come in known mirror pairs; name them with topology=...")
    given = dict(settings or {})
    wanted = clips.recipe["name"] != "given" if mirror is None else mirror
    known = bool(clips.topology) and find_topology(clips.topology).symmetric
    learner = Learner(model, {k: v for k, v in given.items() if k != "mirror"}, seed,
                      bool(given.get("mirror", wanted)) and known)  # fmt: skip
    units = Units.of(clips.n_points, clips.topology, symmetric)
    ladder = counts_of(counts, clips.n_points)
    plan = Plan(
        counts=ladder,
        methods=methods,
        units=units,
        random=random_sets(units, ladder, n_random, seed) if RANDOM in methods else {},
        anatomical=anatomical_sets(clips.topology) if ANATOMY in methods else {},
        asking=_asking(ranking, baselines, n_baselines, ranking_settings, seed, clips),
        learner=learner,
    )
    learner.maker(clips, np.arange(clips.n_points))()  # refuses unknown models and settings before any work
    folds = subject_folds(clips.subjects, clips.y, scheme=scheme, n_folds=n_folds, seed=seed)
    folder = None if output is None else Path(output)
    results, order = _results(clips, plan, folds, folder, progress)
    protocol = _protocol(clips, plan, folds, scheme, rule, tolerance, n_random, symmetric, ranking)
    found = _assemble(clips, plan, results, order, protocol, folder, n_boot)
    if folder is not None:
        found.write(folder)
    return found


def _checked_methods(methods: Sequence[str], n_random: int) -> tuple[str, ...]:
    unknown = sorted(set(methods) - set(METHODS))
    if unknown:
        raise InputError(f"methods: there is no '{unknown[0]}'; mien has {', '.join(METHODS)}.")
    if not set(methods) - {RANDOM, ANATOMY}:
        raise InputError("methods: at least one that ranks landmarks is needed, such as 'recursive'.")
    if RANDOM in methods and n_random < 1:
        raise InputError(f"n_random is at least 1 (20 or more tell something), but got {n_random}.")
    return tuple(dict.fromkeys(methods))


def _clips(
    X: Any, y: Any, subjects: Any, model: Any, points: str | None, target: str | None, faces: Any,
    recipe: dict[str, Any] | None, group_by: str,
) -> Clips:  # fmt: skip
    if not isinstance(X, (Samples, str, Path)):
        return from_array(X, y, subjects, points=points)
    if target is None:
        raise InputError("reduce: samples were given, so target='COLUMN' is needed: the label to be predicted.")
    if recipe is None:
        from mien.models.specs import spec

        recipe = spec(model).recipe if isinstance(model, str) else {"name": "displacement", "align": "clip"}
    return from_samples(X, faces, target, recipe, group_by)


def _asking(
    ranking: str, baselines: str, n_baselines: int, settings: dict[str, Any] | None, seed: int, clips: Clips
) -> Asking:
    method = method_of_name(ranking)
    given = dict(settings or {})
    if ranking == "integrated-gradients":
        given.setdefault("n_steps", STEPS)
    method.settings(given)  # refuses unknown ones
    kind, _, label = baselines.partition(":")
    if kind not in ("medoids", "mean", "zero") or (label and label not in clips.classes):
        raise InputError(
            f"baselines is 'medoids', 'medoids:LABEL', 'mean' or 'zero', with LABEL one of {', '.join(clips.classes)}, "
            f"but got '{baselines}'."
        )
    return Asking(ranking, baselines, n_baselines, given, seed)


def _results(
    clips: Clips, plan: Plan, folds: list[Fold], folder: Path | None, progress: Progress | None
) -> tuple[list[FoldResult], np.ndarray]:
    """Every fold's result and the ranking on all clips; those that lie in the folder already are read."""
    total = plan.n_fits * len(folds) + len(plan.counts) + 1
    done = 0

    def at(number: int) -> None:
        nonlocal done
        done = number
        if progress is not None:
            progress(min(done, total), total)

    mark = _fingerprint(clips, plan)
    if folder is not None:
        remove_halves(folder / "folds")
    results = []
    at(0)
    for number, fold in enumerate(folds):
        path = None if folder is None else folder / "folds" / f"fold-{number:03d}.json"
        print_ = hashlib.sha256(f"{mark} {fold[1].tolist()}".encode()).hexdigest()
        stored = _stored(path, print_)
        found = FoldResult.from_json(stored) if stored else run_fold(clips, plan, fold, lambda: at(done + 1))
        if path is not None and not stored:
            write_json(path, {"fingerprint": print_, **found.to_json()})
        results.append(found)
        at((number + 1) * plan.n_fits)
    path = None if folder is None else folder / "folds" / "everybody.json"
    stored = _stored(path, mark)
    if stored:
        return results, np.array(stored["ranking"], dtype=int)
    everybody = np.arange(len(clips.y))
    order = Ladder(clips, plan, everybody, everybody[:1], lambda: at(done + 1)).ranking(main_method(plan.methods))
    if path is not None:
        write_json(path, {"fingerprint": mark, "ranking": order.tolist()})
    at(total)
    return results, order


def _stored(path: Path | None, mark: str) -> dict[str, Any] | None:
    """A result of an earlier run with the same data and settings."""
    if path is None or not path.exists():
        return None
    try:
        stored = read_json(path)
    except InputError:
        return None
    return stored if isinstance(stored, dict) and stored.get("fingerprint") == mark else None


def _fingerprint(clips: Clips, plan: Plan) -> str:
    learner, asking = plan.learner, plan.asking
    facts = {
        "mien": mien.__version__,
        "clips": clips.fingerprint(),
        "counts": plan.counts,
        "methods": plan.methods,
        "units": [unit.tolist() for unit in plan.units.members],
        "random": {count: [points.tolist() for points in sets] for count, sets in plan.random.items()},
        "asking": [asking.method, asking.baselines, asking.n_baselines, asking.settings, asking.seed],
        "learner": [learner.name, learner.settings, learner.seed, learner.mirror],
        "parameters": {} if isinstance(learner.model, str) else learner.model.get_params(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def main_method(methods: Sequence[str]) -> str:
    """The method that result and choice rest on."""
    if RECURSIVE in methods:
        return RECURSIVE
    return next(name for name in (*EVIDENCE, *methods) if name in methods and name not in (RANDOM, ANATOMY))


def _protocol(
    clips: Clips, plan: Plan, folds: list[Fold], scheme: str, rule: str, tolerance: float, n_random: int,
    symmetric: bool, ranking: str,
) -> dict[str, Any]:  # fmt: skip
    _, per_class = np.unique(clips.y.astype(str), return_counts=True)
    return {
        "target": clips.target,
        "classes": list(clips.classes),
        "chance": float(per_class.max() / per_class.sum()),
        "model": plan.learner.name,
        "settings": plan.learner.settings,
        "mirror": plan.learner.mirror,
        "recipe": clips.recipe,
        "samples": clips.facts,
        "scheme": scheme,
        "n_folds": len(folds),
        "n_subjects": len(set(clips.subjects)),
        "n_samples": len(clips.y),
        "ranking": ranking,
        "baselines": plan.asking.baselines,
        "n_baselines": plan.asking.n_baselines,
        "ranking_settings": plan.asking.settings,
        "methods": list(plan.methods),
        "counts": list(plan.counts),
        "n_random": n_random,
        "symmetric": symmetric,
        "rule": rule,
        "tolerance": tolerance,
        "seed": plan.learner.seed,
    }


def _assemble(
    clips: Clips, plan: Plan, results: list[FoldResult], order: np.ndarray, protocol: dict[str, Any],
    folder: Path | None, n_boot: int,
) -> Reduction:  # fmt: skip
    method, seed = main_method(plan.methods), plan.learner.seed
    table = curve(clips, results, n_boot=n_boot, seed=seed)
    right = right_of(clips, results)
    told = {count: right[(method, count)].mean(axis=0) for count in plan.counts}
    told[clips.n_points] = right[(ALL, clips.n_points)].mean(axis=0)
    rule, tolerance = protocol["rule"], protocol["tolerance"]
    count = choose_count(told, clips.subjects, rule, tolerance)
    points = plan.units.take(order, count)
    name = method if count < clips.n_points else ALL
    row = table[(table["method"] == name) & (table["count"] == count)].iloc[0]
    chosen = Chosen(
        points=points,
        topology=clips.part_name(points),
        rule=rule,
        method=method,
        accuracy=float(row["accuracy"]),
        low=float(row["low"]),
        high=float(row["high"]),
        all_accuracy=float(told[clips.n_points].mean()),
        held_out_accuracy=held_out_accuracy(told, clips.subjects, [r.test for r in results], rule, tolerance),
    )
    model, timing = _final(clips, plan, points, protocol)
    return Reduction(
        ranking=order,
        curve=table,
        chosen=chosen,
        stability=stability(results, plan.counts, plan.units, seed=seed),
        tests=tests(clips, results, seed=seed),
        sets={n: plan.units.take(order, n) for n in plan.counts},
        timing=timing,
        protocol=protocol,
        topology=clips.topology,
        model=model,
        folder=folder,
        left_out=clips.left_out,
    )


def _final(clips: Clips, plan: Plan, points: np.ndarray, protocol: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The network on the chosen landmarks, fitted on all clips, and what it saves against that on all landmarks."""
    everything = np.arange(clips.n_points)
    training = plan.learner.training(clips, np.arange(len(clips.y)))
    values, y, people = training
    nets = [
        plan.learner.maker(clips, part)().fit(np.ascontiguousarray(values[:, :, part]), y.astype(str), groups=people)
        for part in (everything, points)
    ]
    if not hasattr(nets[1], "model"):
        return None, {}
    features = clips.features(points)
    info = {
        "samples": clips.facts,
        "subjects": sorted(set(clips.subjects)),
        "n_samples": len(clips.y),
        "protocol": {key: protocol[key] for key in ("scheme", "n_folds", "n_subjects", "n_samples", "seed")},
    }
    model = nets[1].model(
        name=plan.learner.name, target=clips.target, recipe=features.recipe, feature_names=clips.names, info=info
    )
    return model, savings(nets[0], nets[1], clips.values[:256], points)
