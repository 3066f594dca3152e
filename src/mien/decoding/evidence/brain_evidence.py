"""What decoders of a brain rest on, over rows that each has not seen; maps over viewers, overlap between targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.decoding.evidence.attribution import strongest_correlation
from mien.decoding.evidence.cells import LIME, METHODS, PERMUTATION, SHAP, cell_maps, over_units
from mien.decoding.evidence.decoded import DecodedBrain, decoded_of
from mien.decoding.evidence.maps import AMOUNT, LOSS, PATTERN, RUNS, VIEWERS, WEIGHTS, BrainMap
from mien.decoding.evidence.overlap import Overlap, first_columns, overlap
from mien.decoding.evidence.result import BrainEvidence
from mien.decoding.evidence.spin import LEAST

# What a method's maps are ranked by.
_MAIN = {SHAP: AMOUNT, LIME: AMOUNT, PERMUTATION: LOSS, WEIGHTS: WEIGHTS, PATTERN: PATTERN}
# Columns that correlate more than this share what a method gives them.
_ALIKE = 0.7


@checked_numbers
def brain_evidence(
    decodings: Any,
    output: str | Path | None = None,
    *,
    method: str | Sequence[str] = (),
    source: str = "",
    largest: int = 20,
    n_shuffles: int = 3,
    n_spins: int = 1000,
    most_rows: int = 20,
    repeats: int = 5,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> BrainEvidence:
    """What decoders of a brain rest on.

    Parameters
    ----------
    decodings : Decoding, folder, or several of them
        Of ``mien.decode``; of the same columns. The same target in several (of other viewers) is one map over all
        viewers.
    output : path, optional
        Folder for ``brain.json``, ``brain.safetensors`` and a volume (NIfTI) of each map.
    method : str or sequence of str
        ``'shap'`` (exact for linear decoders and trees, else by sampled coalitions), ``'lime'``, ``'permutation'``;
        of linear decoders ``'weights'`` and ``'pattern'`` (Haufe et al. 2014). By default ``'shap'`` and, of linear
        decoders, weights and pattern.
    source : str
        Which of the streams that were decoded from; by default the first.
    largest : int
        How many of the largest columns are compared between targets.
    n_shuffles : int
        Decoders of labels that are shifted (or permuted) within their runs, each fitted as the decoder was; 0 for none.
    n_spins : int
        Turns of the spin test, where all columns have centres on both sides of the midline.
    most_rows : int
        Rows of every run, evenly spread, that methods which sample are asked about.
    repeats : int
        Permutations of each column.
    seed : int
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.

    Returns
    -------
    BrainEvidence
        Intervals over viewers or, of one viewer, runs.

    Raises
    ------
    InputError
        If columns differ, a method does not fit the decoder, or there is no such method.

    Examples
    --------
    >>> import numpy as np
    >>> import mien
    >>> from mien.core.brain_space import BrainSpace
    >>> from mien.core.streams import Runs, Stream, TimeLine
    >>> rng, time = np.random.default_rng(0), np.tile(np.arange(60) * 2.0, 4)
    >>> names = ["1", "2", "3", "4"]
    >>> run = np.repeat(names, 60).astype(object)
    >>> shown = (time // 20 % 2).astype(int)
    >>> values = rng.normal(size=(240, 3)) + 2 * shown[:, None] * [1, 0, 0]
    >>> parcels = ("acts", "still", "quiet")
    >>> brain = Stream("brain", "sampled", time, parcels, values, run=run, space=BrainSpace(parcels))
    >>> told = Stream("told", "sampled", time, texts={"what": np.array(["house", "face"], object)[shown]}, run=run)
    >>> start = np.arange(4) * 120.0
    >>> line = TimeLine(Runs(names, start, start + 120), {"brain": brain, "told": told})
    >>> asked = {"sources": "brain", "labels": "told", "target": "what", "unit": "volume", "n_permutations": 99}
    >>> found = mien.brain_evidence(mien.decode(line, model="ridge", shift_s=0, **asked), method="shap", n_spins=99)
    >>> parcels[int(np.argmax(np.abs(found.maps[0].mean)))]
    'acts'
    """
    asked = (method,) if isinstance(method, str) else tuple(method)
    if unknown := [name for name in asked if name not in METHODS]:
        raise InputError(f"method: '{unknown[0]}' is none of {', '.join(METHODS)}.")
    if output is not None:
        check_folder(output)
    given = [decoded_of(one, source) for one in _listed(decodings)]
    space = _one_space(given)
    linear = all(fold.coef is not None for one in given for fold in one.folds)
    methods = asked or ((SHAP, WEIGHTS, PATTERN) if linear else (SHAP,))
    say = progress_of(progress, "maps")
    total, done = len(given) * len(methods), 0
    parts: list[_Part] = []
    shuffles: list[list[_Part]] = [[] for _ in range(n_shuffles)]
    for one in given:
        shifted = [one.shifted(seed + number) for number in range(n_shuffles)]
        for name in methods:
            settings: dict[str, Any] = {"most_rows": most_rows, "repeats": repeats, "seed": seed}
            # What a decoder weighs is tested against 0, and needs none of shifted labels but to compare targets.
            beside = shifted if name not in (WEIGHTS, PATTERN) or name == methods[0] else []
            for number, here in enumerate([one, *beside]):
                found = cell_maps(here.rows, here.folds, name, **settings)
                (parts if not number else shuffles[number - 1]).extend(_parts(here, name, found))
            done += 1
            if say:
                say(done, total)
    viewers = list(dict.fromkeys(cell[0] for one in given for cell in one.cells))
    unit = VIEWERS if len(viewers) > 1 else RUNS
    units = viewers if unit == VIEWERS else list(dict.fromkeys(cell[1] for one in given for cell in one.cells))
    maps = _maps(parts, shuffles[0] if n_shuffles else [], units, unit)
    shifted_maps = [_maps(one, [], units, unit) for one in shuffles]
    main = methods[0]
    result = BrainEvidence(
        space, maps, _overlaps(maps, shifted_maps, main, space, largest, n_spins, seed), unit, tuple(units),
        np.max([strongest_correlation(one.rows.x) for one in given], axis=0),
        {"method": list(methods), "largest": largest, "n_shuffles": n_shuffles, "n_spins": n_spins,
         "most_rows": most_rows,
         "repeats": repeats, "seed": seed, "decodings": [one.name for one in given]},
    )  # fmt: skip
    result = _noted(result, given, methods)
    if output is not None:
        result.write(output)
    return result


@dataclass(frozen=True, eq=False)
class _Part:
    """What one method says of one target over the cells of one decoding: values, shape (cells, columns)."""

    key: tuple[str, str, str]
    cells: Sequence[tuple[str, str]]
    values: np.ndarray


def _parts(one: DecodedBrain, method: str, found: dict[str, np.ndarray]) -> list[_Part]:
    return [
        _Part((target, method, measure), one.cells, values[:, number])
        for number, target in enumerate(one.targets)
        for measure, values in found.items()
    ]


def _maps(parts: Sequence[_Part], shuffled: Sequence[_Part], units: list[str], unit: str) -> tuple[BrainMap, ...]:
    """Maps of each target, method and measure over units."""
    keys = dict.fromkeys(part.key for part in parts)
    none = np.zeros((0, 0))
    return tuple(
        BrainMap(
            *key,
            _over(parts, key, units, unit),
            _over(shuffled, key, units, unit) if shuffled and key[2] not in (WEIGHTS, PATTERN) else none,
            unit,
        )
        for key in keys
    )


def _over(parts: Sequence[_Part], key: tuple[str, str, str], units: list[str], unit: str) -> np.ndarray:
    own = [part for part in parts if part.key == key]
    names = [cell[0] if unit == VIEWERS else cell[1] for part in own for cell in part.cells]
    values = np.concatenate([part.values for part in own])
    return over_units(values[:, None], np.array([units.index(name) for name in names]), len(units))[:, 0]


def _overlaps(
    maps: tuple[BrainMap, ...], shifted: list[tuple[BrainMap, ...]], method: str, space: BrainSpace, first: int,
    n_spins: int, seed: int,
) -> tuple[Overlap, ...]:  # fmt: skip
    """Overlap of the first columns of each pair of targets, by the first method."""
    places = [i for i, one in enumerate(maps) if one.method == method and one.measure == _MAIN[method]]
    centres = space.centres_mm if _spins(space) else None
    result = []
    for i, j in combinations(places, 2):
        names = (maps[i].target, maps[j].target)
        found = overlap(
            np.abs(maps[i].mean), np.abs(maps[j].mean), k=first, centres_mm=centres, n_spins=n_spins, seed=seed,
            names=names,
        )  # fmt: skip
        noise = []
        for one in shifted:
            own = {
                each.target: np.abs(each.mean)
                for each in one
                if (each.method, each.measure) == (method, maps[i].measure)
            }
            a, b = (first_columns(own[target], found.k) for target in names)
            noise.append((a & b).sum() / found.k)
        result.append(replace(found, dice_shuffled=float(np.mean(noise)) if noise else float("nan")))
    return tuple(result)


def _spins(space: BrainSpace) -> bool:
    """Whether columns are parcels that can be turned."""
    centres = space.centres_mm
    if space.unit != "parcel" or not np.isfinite(centres).all():
        return False
    return min((centres[:, 0] < 0).sum(), (centres[:, 0] >= 0).sum()) >= LEAST


def _listed(decodings: Any) -> list[Any]:
    several = isinstance(decodings, Sequence) and not isinstance(decodings, str | Path)
    found = list(decodings) if several else [decodings]
    if not found:
        raise InputError("No decoding was given: name a folder that 'mien decode' wrote.")
    return found


def _one_space(given: Sequence[DecodedBrain]) -> BrainSpace:
    """The columns that all decodings share."""
    first = given[0]
    for one in given[1:]:
        if one.space.names.tolist() != first.space.names.tolist():
            odd = sorted(set(one.space.names) ^ set(first.space.names))
            raise InputError(
                f"'{one.name}' was decoded from other columns than '{first.name}'"
                f"{f', such as {odd[0]}' if odd else ''}: their evidence cannot stand on one map."
            )
    seen: set[tuple[str, tuple[str, str]]] = set()
    for one in given:
        for key in ((target, cell) for target in one.targets for cell in one.cells):
            if key in seen:
                raise InputError(
                    f"'{one.name}' decodes '{key[0]}' of {' '.join(filter(None, key[1]))} once more; give "
                    "each decoding once."
                )
            seen.add(key)
    return first.space


def _noted(result: BrainEvidence, given: Sequence[DecodedBrain], methods: Sequence[str]) -> BrainEvidence:
    notes = [note for one in given for note in one.notes]
    for one in given:
        score = one.decoding.score(one.source.name)
        if not score.p <= 0.05:
            notes.append(
                f"'{one.name}' is not shown to be decodable ({score.value:.2f}, chance {score.chance:.2f}, p = "
                f"{score.p:.3f}): what its decoders rest on is not to be interpreted."
            )
    if result.unit == RUNS:
        notes.append(
            f"One viewer: nothing follows for people. Rows of maps are {len(result.units)} runs; decoders that leave "
            "one out each share the others, so weights and patterns have the jackknife's interval, and amounts none."
        )
    alike = int((result.correlated > _ALIKE).sum())
    if alike:
        notes.append(
            f"{alike} of {len(result.space)} columns correlate above {_ALIKE:g} with another one: a decoder may use "
            "either, so evidence is shared between them by its weights, and none of them is the place by itself."
        )
    if {WEIGHTS, PATTERN} & set(methods):
        notes.append(
            "Weights say how a linear decoder combines columns, also to take noise out of others; where what is "
            "decoded shows is the pattern (Haufe et al. 2014)."
        )
    if result.overlaps and np.isnan(result.overlaps[0].p_spin):
        notes.append(
            "No spin test: columns are voxels, or their centres are not known on both sides of the midline. p_columns "
            "takes columns for independent, and is too small where neighbours are alike."
        )
    return replace(result, notes=tuple(dict.fromkeys(notes)))
