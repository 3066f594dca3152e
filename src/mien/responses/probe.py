"""``mien.probe``: can faces be told from everything else by what each layer of a frozen network answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.words import did_you_mean
from mien.responses.activations import Activations
from mien.responses.linear_probe import Design, LayerFits, fit_layer
from mien.responses.probe_design import asked, design_of, names_of
from mien.responses.probe_result import CHOSEN, Probe
from mien.responses.probe_rows import ProbeAnswers, ProbeScore
from mien.responses.probe_scores import corrected, score_answers


@checked_numbers
def probe(
    activations: Activations,
    *,
    faces: str | Sequence[str],
    target: str = "category",
    against: str | Sequence[str] = (),
    within: str = "",
    layers: str | Sequence[str] = (),
    n_folds: int = 5,
    n_permutations: int = 999,
    seed: int = 0,
    output: str | Path | None = None,
) -> Probe:
    """Train a linear probe on each layer of a network, faces against everything else, and score it on unseen sources.

    Parameters
    ----------
    activations : Activations
        What the network answered; ``subject`` of its samples is the source of a picture, which no fold splits.
    faces : str or sequence of str
        Categories that count as faces; a text has commas between them.
    target : str
        Column of categories.
    against : str or sequence of str
        Categories that faces are told from; by default all others.
    within : str
        Column of styles, such as photo and drawing: faces are compared with pictures of the same style only, and weigh
        as much as these in each style.
    layers : str or sequence of str
        By default all.
    n_folds : int
        Fewer where faces, or the rest, come from fewer sources.
    n_permutations, seed : int
        Of the test against chance, which changes labels between sources.
    output : str or Path, optional
        Folder for ``probe.json``, ``weights.safetensors`` and ``predictions.parquet``, as ``STUDY/probes/NAME``.

    Returns
    -------
    Probe

    Raises
    ------
    InputError
        If a column, category or layer is not there, or faces (or the rest) come from fewer than two sources.

    Examples
    --------
    >>> import numpy as np, mien
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> kinds = np.array(["face", "cup"] * 20)
    >>> names = [f"{number}.jpg" for number in range(40)]
    >>> samples = mien.Samples(path=names, subject=names, labels={"category": kinds})
    >>> values = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    >>> values[kinds == "face", 0] += 4
    >>> body = BodyCard("toy", "random, seed 0", "", "none", 32)
    >>> shown = Activations(samples, body, {"conv": values}, np.full(40, "ok"))
    >>> found = mien.probe(shown, faces="face")
    >>> found.best, found.score("conv").auc.value > 0.9
    ('conv', True)
    """
    ask = asked(activations, target, faces, against, within)
    names = _layers(activations, names_of(layers))
    design, notes = design_of(activations, ask, n_folds, seed)
    fits, scores = _own(activations, names, design, n_permutations, seed, notes)
    best = min(fits, key=lambda name: fits[name].whole.error)
    result = Probe(
        body=activations.body, target=ask.target, faces=ask.faces, against=ask.against, within=ask.within,
        directions={name: fit.whole.direction for name, fit in fits.items()}, scores=tuple(scores), best=best,
        answers=_answers(activations, ask.target, design, fits),
        settings={
            "n_folds": len(design.folds), "n_permutations": n_permutations, "seed": seed,
            "penalty": {name: float(fit.whole.penalty) for name, fit in fits.items()},
            "chosen": [min(fits, key=lambda name: fits[name].folds[k].error) for k in range(len(design.folds))],
            "pictures": {"faces": int(design.face.sum()), "rest": int((~design.face).sum())},
            "sources": {"faces": _count(design.source[design.face]), "rest": _count(design.source[~design.face])},
        },
        notes=tuple(dict.fromkeys([*activations.samples.notes_on(ask.target), *notes])),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def _count(sources: np.ndarray) -> int:
    return len(set(sources.tolist()))


def _layers(activations: Activations, wanted: tuple[str, ...]) -> tuple[str, ...]:
    for name in wanted:
        if name not in activations.layers:
            raise InputError(
                f"There is no layer '{name}' in the activations of {activations.body.name}."
                f"{did_you_mean(name, activations.layers)} There are: {', '.join(activations.layers)}."
            )
    return tuple(name for name in activations.layers if not wanted or name in wanted)


def _own(
    activations: Activations, names: Sequence[str], design: Design, n_permutations: int, seed: int, notes: list[str]
) -> tuple[dict[str, LayerFits], list[ProbeScore]]:
    """Fits and scores of every layer, and of the layer that is chosen within each fold."""
    fits: dict[str, LayerFits] = {}
    scores = []
    for name in names:
        values = activations.layer(name)[design.rows]
        if not np.isfinite(values).all():
            why = f"{int((~np.isfinite(values).all(1)).sum())} pictures have answers that are not finite"
            scores.append(ProbeScore("", name, values.shape[1], status=why))
            notes.append(f"Layer {name} has no probe: {why}.")
            continue
        fit = fit_layer(values, design)
        if not fit.whole.direction.weights.any():
            scores.append(ProbeScore("", name, values.shape[1], status="the answers of this layer do not vary"))
            continue
        fits[name] = fit
        scores.append(
            score_answers(
                fits[name].held_out, design, layer=name, features=values.shape[1],
                n_permutations=n_permutations, seed=seed,
            )
        )  # fmt: skip
    if not fits:
        raise InputError(
            "No layer has finite answers that vary over the pictures; run 'mien activations' again, in float32."
        )
    scores = corrected(scores)
    if len(fits) > 1:
        answers = chosen_answers(fits, design)
        scores.append(
            score_answers(answers, design, layer=CHOSEN, features=0, n_permutations=n_permutations, seed=seed)
        )
    return fits, scores


def chosen_answers(fits: dict[str, LayerFits], design: Design) -> np.ndarray:
    """Held-out answers of the layer that did best within the training pictures of each fold, shape (pictures,)."""
    answers = np.full(len(design.rows), np.nan)
    for number, (_, test) in enumerate(design.folds):
        name = min(fits, key=lambda layer: fits[layer].folds[number].error)
        answers[test] = fits[name].held_out[test]
    return answers


def _answers(activations: Activations, target: str, design: Design, fits: dict[str, LayerFits]) -> ProbeAnswers:
    samples = activations.samples[design.rows]
    return ProbeAnswers(
        set=np.full(len(design.rows), "", dtype=object), path=samples.path, source=design.source,
        category=samples.target(target), face=np.where(design.face, "face", "other").astype(object), fold=design.fold,
        values=np.stack([fit.held_out for fit in fits.values()], axis=1), layers=tuple(fits),
    )  # fmt: skip
