"""``units``: which units of a network respond more to faces, how many there are per layer, and are they needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import Range, check_number, checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.responses.activations import Activations
from mien.responses.probes.design import names_of
from mien.responses.store import load_activations
from mien.responses.units.design import UnitDesign, design_of
from mien.responses.units.lesion_rows import lesions_of
from mien.responses.units.result import FaceUnits, LayerUnits, TopUnit
from mien.responses.units.selectivity import LayerTest, adjusted, layer_test
from mien.responses.units.shares import UnitShare, difference_of, share_of, shuffled_shares

# Units per layer whose pictures are listed, and pictures of each.
_TOPS, _PICTURES = 3, 8
_NAN = float("nan")
ALL = "all"
_SHARE = Range(0, 0.5, above=True)


@checked_numbers
def units(
    activations: Activations | str | Path,
    output: str | Path | None = None,
    *,
    faces: str | Sequence[str],
    against: str | Sequence[str] = (),
    target: str = "category",
    layers: str | Sequence[str] = (),
    beside: Activations | str | Path | None = None,
    lesions: str | Sequence[str] = (),
    doses: Sequence[float] = (0.05, 0.1, 0.2, 0.4),
    read_at: str = "",
    body: Any = None,
    weights: str = "",
    n_random: int = 20,
    fdr: float = 0.05,
    n_shuffles: int = 10,
    n_permutations: int = 10_000,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> FaceUnits:
    """Units that respond more to faces than to something else, how many there are, and what is lost without them.

    Parameters
    ----------
    activations : Activations, str or Path
        What layers of a network answer to pictures, or the folder that ``mien activations`` wrote.
    output : str or Path, optional
        Folder for ``units.json`` and ``units.parquet``, such as ``STUDY/units/NAME``.
    faces : str or sequence of str
        Categories that show faces; a text names several with commas, here and below.
    against : str or sequence of str
        Categories that they are compared with; all others by default.
    target : str
        Column of labels that holds the categories.
    layers : str or sequence of str
        All by default.
    beside : Activations, str or Path, optional
        Another network's answers to the same pictures, such as one with random weights.
    lesions : str or sequence of str
        Layers in which units are silenced: ``'all'`` for all of ``layers``.
    doses : sequence of float
        Shares of a layer's units that are silenced, up to one half.
    read_at : str
        A layer behind the silenced ones that probes read, for which the pictures go through the network again; ``''``:
        probes read the silenced layer itself.
    body : optional
        With ``read_at`` the network, as for ``mien.activations``; by default what the activations say.
    weights : str
        With ``read_at`` the file of its weights, where they came from one.
    n_random : int
        Random sets of as many units.
    fdr : float
        False-discovery rate.
    n_shuffles : int
        How often the sources' categories are shuffled.
    n_permutations : int
        Of each unit's test.
    seed : int
        Of halves, shuffles, tests and random sets.
    progress : callable (done, total) or bool, optional
        In hundredths of a layer. ``True`` writes lines with the time left to standard error.

    Returns
    -------
    FaceUnits

    Raises
    ------
    InputError
        If a category, column or layer is not there, or there are too few sources of faces or of others.

    Notes
    -----
    The unit of analysis is the source: pictures of one person or object are averaged first. A unit is chosen on one
    half of the sources (one-sided p below .05) and tested on the other by shuffling whole sources, corrected over all
    chosen units; the halves change places (``selectivity.py`` here). Shares: ``shares.py``. Lesions: ``lesions.py``.
    Rates of false discoveries, coverage and planted units are simulated in ``benchmarks/object_nets/units.py``.

    Examples
    --------
    >>> import numpy as np, mien
    >>> from mien.responses.activations import Activations
    >>> from mien.responses.body_card import BodyCard
    >>> kind = np.repeat(["face", "cup"], 20)
    >>> names = [f"{k} {i}" for i, k in enumerate(kind)]
    >>> samples = mien.Samples(path=names, subject=names, labels={"category": kind})
    >>> answers = np.random.default_rng(0).normal(size=(40, 6)) + 3 * np.outer(kind == "face", [1, 1, 0, 0, 0, 0])
    >>> body = BodyCard("toy", "made up", "", "none", 32)
    >>> given = Activations(samples, body, {"conv": answers.astype("f4")}, np.repeat("ok", 40))
    >>> found = mien.units(given, faces="face")
    >>> found.layers[0].selective, found.columns["q"][:2].round(2).tolist()
    (2, [0.0, 0.0])
    """
    for dose in doses:
        check_number("a dose", dose, _SHARE)
    if output is not None:
        check_folder(output)
    found, other = _opened(activations), None if beside is None else _opened(beside)
    names = _names(found, layers)
    design = design_of(found, target, faces, against, seed=seed)
    other, notes = _fitting(other, found, names)
    silent = _silent(found, names, names_of(lesions), read_at)
    net = None
    if silent and read_at:
        from mien.responses.units.lesion_pass import network_of

        net = network_of(found, body, weights)
    step = progress_of(progress, "layers")
    asked = _Asked(design, fdr, n_shuffles, n_permutations, seed)
    parts: list[_Layer] = []

    def further(layers: float) -> None:
        if step is not None:
            step(round(100 * layers), 100 * (len(names) + len(silent)))

    for number, name in enumerate(names):
        parts.append(_layer(found, other, name, asked))
        further(number + 1)
    everywhere = adjusted(np.concatenate([part.test.p for part in parts], axis=1))
    bounds = np.cumsum([0, *(len(part.test.constant) for part in parts)])
    rows = [
        part.row(int((everywhere[a:b] <= fdr).sum())) for part, a, b in zip(parts, bounds, bounds[1:], strict=False)
    ]
    lost, split = lesions_of(
        found, {part.name: part.test for part in parts if part.name in silent}, design, doses=doses, n_random=n_random,
        seed=seed, read_at=read_at, net=net,
        done=lambda layers: further(len(names) + layers),
    )  # fmt: skip
    shown = [str(name) for name in np.unique(design.category[~design.face])]
    result = FaceUnits(
        body=found.body,
        beside=None if other is None else other.body,
        target=target,
        faces=names_of(faces),
        against=tuple(shown),
        layers=tuple(rows),
        tops=tuple(top for part in parts for top in _tops(part, found, design, fdr)),
        lesions=lost,
        dissociations=split,
        columns=_columns(parts, everywhere, design),
        settings={
            "sources": len(design), "sources_of_faces": int(design.face.sum()), "pictures": len(design.picture),
            "compared_alone": list(design.others), "fdr": fdr, "n_shuffles": n_shuffles,
            "n_permutations": n_permutations, "doses": list(doses) if silent else [],
            "n_random": n_random if silent else 0, "read_at": read_at, "seed": seed, "pictures_of": _source_of(found),
        },
        notes=(*design.notes, *notes),
    )  # fmt: skip
    if output is not None:
        result.save(output)
    return result


def _source_of(found: Activations) -> dict[str, Any]:
    """Where the pictures are and whether they may be shown."""
    samples = found.samples
    return {"name": samples.name, "licence": samples.licence, "credit": samples.credit,
            "synthetic": samples.synthetic, "root": None if samples.root is None else str(samples.root)}  # fmt: skip


def _opened(given: Activations | str | Path) -> Activations:
    return given if isinstance(given, Activations) else load_activations(given)


def _silent(found: Activations, names: tuple[str, ...], asked: tuple[str, ...], read_at: str) -> tuple[str, ...]:
    """The layers in which units are silenced; of all only those before the one that is read."""
    if read_at and read_at not in found.layers:
        found.layer(read_at)
    if asked == (ALL,):
        before = found.layers[: found.layers.index(read_at)] if read_at else found.layers
        return tuple(name for name in names if name in before)
    if lost := [name for name in _names(found, asked) if name not in names] if asked else []:
        raise InputError(f"Units of '{lost[0]}' are silenced by their selectivity; name it among the layers, too.")
    return _names(found, asked) if asked else ()


def _names(found: Activations, layers: str | Sequence[str]) -> tuple[str, ...]:
    asked = names_of(layers)
    for name in asked:
        if name not in found.layers:
            found.layer(name)  # says which there are
    return tuple(name for name in found.layers if name in asked) if asked else found.layers


def _fitting(
    other: Activations | None, found: Activations, names: Sequence[str]
) -> tuple[Activations | None, list[str]]:
    """The network beside, if it answered the same pictures; a sentence on layers that it lacks."""
    if other is None:
        return None, []
    if list(other.samples.path) != list(found.samples.path):
        raise InputError(
            f"The activations of {other.body.name} ({other.body.weights}) are of other pictures than those of "
            f"{found.body.name}, or in another order; compute both from the same table."
        )
    lost = [name for name in names if name not in other.layers]
    if len(lost) == len(names):
        raise InputError(
            f"The activations beside have none of the layers {', '.join(names)}; they have: {', '.join(other.layers)}."
        )
    return other, [f"The network beside has no layer {', '.join(lost)}."] if lost else []


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is the same for every layer."""

    design: UnitDesign
    fdr: float
    n_shuffles: int
    n_permutations: int
    seed: int


@dataclass(frozen=True, eq=False)
class _Layer:
    """What was found in one layer."""

    name: str
    test: LayerTest
    fdr: float
    share: UnitShare
    shuffled: np.ndarray
    beside: UnitShare | None

    def row(self, everywhere: int) -> LayerUnits:
        test, beside = self.test, self.beside
        gap = (_NAN,) * 3 if beside is None else difference_of(self.share, beside)
        chosen = np.isfinite(test.p)
        # p is of the half that tested; d' of the same unit on the other half is the one that it was chosen by.
        on, held = test.d[::-1][chosen], test.d[chosen]
        return LayerUnits(
            layer=self.name,
            units=len(test.constant),
            constant=int(test.constant.sum()),
            selective=int((adjusted(test.p) <= self.fdr).sum()),
            selective_everywhere=everywhere,
            selective_each=int((adjusted(test.p_each) <= self.fdr).sum()),
            share=self.share.value,
            low=self.share.low,
            high=self.share.high,
            shuffled=float(self.shuffled.mean()) if len(self.shuffled) else _NAN,
            shuffled_most=float(self.shuffled.max()) if len(self.shuffled) else _NAN,
            beside=_NAN if beside is None else beside.value,
            beside_low=_NAN if beside is None else beside.low,
            beside_high=_NAN if beside is None else beside.high,
            gap=gap[0],
            gap_low=gap[1],
            gap_high=gap[2],
            d_chosen=float(on.mean()) if len(on) else _NAN,
            d_held_out=float(held.mean()) if len(held) else _NAN,
        )


def _layer(found: Activations, other: Activations | None, name: str, asked: _Asked) -> _Layer:
    design = asked.design
    seeds: dict[str, Any] = {"n_permutations": asked.n_permutations, "seed": asked.seed}
    means = design.means(found.layer(name))
    test = layer_test(means, design, **seeds)
    share = share_of(test, means, design, asked.fdr, asked.seed)
    shuffled = shuffled_shares(means, design, asked.fdr, n_shuffles=asked.n_shuffles, **seeds)
    beside = None
    if other is not None and name in other.layers:
        theirs = design.means(other.layer(name))
        beside = share_of(layer_test(theirs, design, strict=False, **seeds), theirs, design, asked.fdr, asked.seed)
    return _Layer(name, test, asked.fdr, share, shuffled, beside)


def _tops(part: _Layer, found: Activations, design: UnitDesign, fdr: float) -> list[TopUnit]:
    """The selective units of a layer with the largest d', and the pictures that each responds to most."""
    selective = np.flatnonzero(adjusted(part.test.p) <= fdr)
    best = selective[np.argsort(-part.test.d_all[selective], kind="stable")][:_TOPS]
    values = found.layer(part.name)
    tops = []
    for unit in best:
        answers = values[design.picture, unit]
        order = np.argsort(-answers, kind="stable")
        # One picture of each source.
        first = order[np.sort(np.unique(design.row[order], return_index=True)[1])][:_PICTURES]
        rows = design.picture[first]
        tops.append(
            TopUnit(
                part.name, int(unit), float(part.test.d_all[unit]), tuple(map(str, found.samples.path[rows])),
                tuple(map(str, design.category[design.row[first]])), tuple(map(float, answers[first])),
            )
        )  # fmt: skip
    return tops


def _columns(parts: Sequence[_Layer], everywhere: np.ndarray, design: UnitDesign) -> dict[str, np.ndarray]:
    def joined(of: Any) -> np.ndarray:
        return np.concatenate([of(part) for part in parts])

    hardest = np.array([*design.others, ""], dtype=object)
    columns = {
        "layer": joined(lambda part: np.repeat(np.array([part.name], dtype=object), len(part.test.constant))),
        "unit": joined(lambda part: np.arange(len(part.test.constant))),
        "status": joined(lambda part: np.where(part.test.constant, "constant", "ok").astype(object)),
        "d_prime": joined(lambda part: part.test.d_all),
    }
    for half, word in enumerate(("first", "second")):
        columns[f"d_{word}"] = joined(lambda part, half=half: part.test.d[half])
        columns[f"t_{word}"] = joined(lambda part, half=half: part.test.t[half])
        columns[f"p_{word}"] = joined(lambda part, half=half: part.test.p[half])
    columns["q"] = joined(lambda part: adjusted(part.test.p))
    columns["q_everywhere"] = everywhere
    columns["d_least"] = joined(lambda part: part.test.d_least)
    columns["hardest"] = joined(lambda part: hardest[part.test.hardest])
    columns["q_each"] = joined(lambda part: adjusted(part.test.p_each))
    return columns
