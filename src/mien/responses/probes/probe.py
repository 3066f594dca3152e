"""``mien.probe``: can faces be told from everything else by what each layer of a frozen network answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.words import did_you_mean
from mien.responses.activations import Activations
from mien.responses.probes.beside import beside_body, given_activations, missing_beside
from mien.responses.probes.curve import learning_curve
from mien.responses.probes.design import asked, design_of, names_of
from mien.responses.probes.linear import Design
from mien.responses.probes.pairs import paired_effects
from mien.responses.probes.result import Probe
from mien.responses.probes.rows import ProbeAnswers
from mien.responses.probes.scores import score_layers
from mien.responses.probes.sets import AnsweredSet, applied, called_face, check_same_body, training_set


@checked_numbers
def probe(
    activations: Activations | str | Path,
    *,
    faces: str | Sequence[str],
    target: str = "category",
    against: str | Sequence[str] = (),
    within: str = "",
    layers: str | Sequence[str] = (),
    apply: Sequence[Activations | str | Path] = (),
    beside: Sequence[Activations | str | Path] = (),
    curve: bool = True,
    n_folds: int = 5,
    n_permutations: int = 999,
    seed: int = 0,
    output: str | Path | None = None,
) -> Probe:
    """Train a linear probe on each layer of a network, faces against everything else, and score it on unseen sources.

    Parameters
    ----------
    activations : Activations or path
        What the network answered, or the folder that ``mien.activations`` wrote; ``subject`` of the samples is the
        source of a picture, which no fold splits.
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
    apply : sequence of Activations or paths
        Answers of the same body to other pictures, to which the probe is applied unchanged: shares called face, and
        paired effects where the columns ``made_from`` and ``alteration``, or ``pair``, say which pictures
        belong together. Pictures of a source of the training are answered by the fold that did not see it.
    beside : sequence of Activations or paths
        Other bodies' answers to the same pictures; ``'low-level'`` for statistics of the pictures themselves.
    curve : bool
        Whether to train on fewer sources, too, with the layer that does best.
    n_folds : int
        Fewer where faces, or the rest, come from fewer sources.
    n_permutations, seed : int
        Of the tests: against chance labels change hands between sources, of paired effects signs are flipped.
    output : str or Path, optional
        Folder for ``probe.json``, ``weights.safetensors`` and ``predictions.parquet``, as ``STUDY/probes/NAME``.

    Returns
    -------
    Probe

    Raises
    ------
    InputError
        If a column, category or layer is not there, faces (or the rest) come from fewer than two sources, a set to
        which the probe is applied has other layers or another body, or a body beside has not seen the same pictures.

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
    found = given_activations(activations)
    ask = asked(found, target, faces, against, within)
    names = _layers(found, names_of(layers))
    others = _named(apply, found.samples.name)
    for name, other in others.items():
        check_same_body(found, other, names, name)
    design, notes = design_of(found, ask, n_folds, seed)
    fits, scores, more = score_layers(found, design.rows, names, design, n_permutations=n_permutations, seed=seed)
    if not fits:
        raise InputError(
            f"No layer can be probed: {more[0] if more else 'no layer gives answers that vary over the pictures'}. Run "
            "'mien activations' again with other layers, or in float32."
        )
    kept = tuple(fits)
    best = min(fits, key=lambda name: fits[name].whole.error)
    taken: set[str] = set()
    compared = [
        beside_body(other, found, design, fits, taken=taken, n_permutations=n_permutations, seed=seed)
        for other in beside
    ]
    sets = [training_set(found, design, fits)]
    sets += [applied(other, name, found, design, fits) for name, other in others.items()]
    result = Probe(
        body=found.body, target=ask.target, faces=ask.faces, against=ask.against, within=ask.within,
        directions={name: fit.whole.direction for name, fit in fits.items()},
        scores=(*scores, *(row for part in compared for row in part.scores)), best=best,
        answers=_answers(sets, ask.target, design, kept),
        beside=tuple(part.card for part in compared),
        differences=tuple(row for part in compared for row in part.differences),
        called=tuple(row for part in sets for row in called_face(part, ask.target, kept)),
        effects=tuple(
            row
            for part in sets
            for row in paired_effects(part, sets, ask.target, kept, n_permutations=n_permutations, seed=seed)
        ),
        curve=tuple(learning_curve(found.layer(best)[design.rows], design, best, seed)) if curve else (),
        settings={
            "n_folds": len(design.folds), "n_permutations": n_permutations, "seed": seed,
            "penalty": {name: float(fit.whole.penalty) for name, fit in fits.items()},
            "chosen": [min(fits, key=lambda name: fits[name].folds[k].error) for k in range(len(design.folds))],
            "pictures": {"faces": int(design.face.sum()), "rest": int((~design.face).sum())},
            "sources": {"faces": _count(design.source[design.face]), "rest": _count(design.source[~design.face])},
        },
        notes=tuple(dict.fromkeys([
            *found.samples.notes_on(ask.target), *found.notes, *notes, *more,
            *(note for part in compared for note in part.notes),
            *missing_beside(found.body, [part.card for part in compared]),
        ])),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    return result


def _count(sources: np.ndarray) -> int:
    return len(set(sources.tolist()))


def _named(given: Sequence[Activations | str | Path], own: str) -> dict[str, Activations]:
    """Sets by their names: those of the folders, or of the samples."""
    result: dict[str, Activations] = {}
    for number, part in enumerate(given, 1):
        found = given_activations(part)
        name = (found.samples.name or f"set {number}") if isinstance(part, Activations) else Path(part).name
        while name in result or name == own:
            name += "*"
        result[name] = found
    return result


def _layers(activations: Activations, wanted: tuple[str, ...]) -> tuple[str, ...]:
    for name in wanted:
        if name not in activations.layers:
            raise InputError(
                f"There is no layer '{name}' in the activations of {activations.body.name}."
                f"{did_you_mean(name, activations.layers)} There are: {', '.join(activations.layers)}."
            )
    return tuple(name for name in activations.layers if not wanted or name in wanted)


def _answers(sets: Sequence[AnsweredSet], target: str, design: Design, layers: tuple[str, ...]) -> ProbeAnswers:
    """The answers to all sets, one after the other."""
    face = [np.full(len(part.samples), "", dtype=object) for part in sets]
    face[0][design.rows] = np.where(design.face, "face", "other")
    columns = {
        "set": [np.full(len(part.samples), part.name, dtype=object) for part in sets],
        "path": [part.samples.path for part in sets],
        "source": [part.source for part in sets],
        "category": [part.column(target) for part in sets],
        "face": face,
        "fold": [part.fold for part in sets],
    }
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return ProbeAnswers(**joined, values=np.concatenate([part.values for part in sets]), layers=layers)
