"""What the models of every population look at: maps, differences by region and on the map, experts' places, trees."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from mien.atlas.canonical_map import canonical_face
from mien.atlas.maps import AtlasMaps, mean_map
from mien.compare.groups import compare
from mien.compare.map_contrast import blocks, contrast_maps
from mien.compare.map_distances import map_distances
from mien.compare.masks import expert_mask, mask_agreement
from mien.compare.population_result import (
    MODELS,
    OWN,
    PEOPLE,
    LookContrast,
    LookMap,
    LookTree,
    MaskRow,
    PopulationLooks,
)
from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.studies.population_evidence import evidence_folder, maps_of
from mien.studies.population_sources import PopulationsRun

# Pixels of the canonical face that are one of a stored map.
_STEP = 2
# Standard deviation, in pixels of the canonical face, of what evidence about pictures is smoothed by to be drawn and
# held against experts' places.
_SMOOTH = 3.5
# Beside tests over people of models that are trained on different ones.
ONE_TRAINING = (
    "p over people are about these models as they are trained: two trainings on the same people differ, too, so they "
    "do not say that the populations are the cause."
)
# Model, class, population that it is trained on, population that is shown.
Key = tuple[str, str, str, str]


def population_looks(run: PopulationsRun, names: list[str], labels: list[str]) -> PopulationLooks:
    """Compare what is stored as evidence."""
    looks, contrasts, masks, trees, notes = [], [], [], [], []
    for label in labels:
        maps: dict[Key, AtlasMaps] = {}
        whole: dict[Key, AtlasMaps] = {}  # as they are drawn
        for model in names:
            for trained in run.populations:
                for shown in run.populations:
                    key = model, label, trained, shown
                    try:
                        maps[key], evidence = maps_of(run, evidence_folder(run, model, trained, shown, label))
                    except InputError as error:
                        notes.append(f"{model}, '{label}', trained on {trained}, shown {shown}: {error}")
                        continue
                    whole[key] = _smoothed(maps[key]) if evidence.space == PICTURE else maps[key]
                    looks.append(_look(key, whole[key], evidence.method))
            contrasts += _contrasts(run, model, label, maps, notes)
        masks += _masks(run, label, whole, notes)
        trees += _tree(run, label, maps, notes)
    return PopulationLooks(tuple(looks), tuple(contrasts), tuple(masks), tuple(trees), tuple(dict.fromkeys(notes)))


def _smoothed(maps: AtlasMaps) -> AtlasMaps:
    """Without the grain of single pixels, whose signs change from one to the next."""
    known = np.isfinite(maps.values)
    total, weight = (gaussian_filter(part, (0, _SMOOTH, _SMOOTH))
                     for part in (np.where(known, maps.values, 0.0), known.astype(np.float32)))  # fmt: skip
    return replace(maps, values=np.where(known, total / np.maximum(weight, 1e-6), np.nan).astype(np.float32))


def _look(key: Key, maps: AtlasMaps, method: str) -> LookMap:
    known = np.isfinite(maps.values).any((1, 2))
    shown = maps if maps.directed else amounts(maps)
    mean = mean_map(shown).mean * canonical_face(468, maps.values.shape[1]).inside.sum()
    drawn = blocks(mean[None], _STEP)[0].astype(np.float32)
    return LookMap(*key, method, maps.directed, int(known.sum()), len(set(maps.subject[known])), drawn)


def amounts(maps: AtlasMaps) -> AtlasMaps:
    """Density of the amount of evidence, whatever its sign: 1 is all of it spread evenly."""
    area = canonical_face(468, maps.values.shape[1]).inside.sum()
    return replace(maps, values=np.abs(maps.values) * np.float32(area))


def _coarse(maps: AtlasMaps) -> AtlasMaps:
    """In places of the test, which is all that distances need."""
    return replace(maps, values=blocks(maps.values).astype(np.float32))


def _contrasts(
    run: PopulationsRun, model: str, label: str, maps: dict[Key, AtlasMaps], notes: list[str]
) -> list[LookContrast]:
    found = []
    for one, other in combinations(run.populations, 2):
        for kind, a, b in (
            (OWN, (one, one), (other, other)),
            (PEOPLE, (one, one), (one, other)), (PEOPLE, (other, one), (other, other)),
            (MODELS, (one, one), (other, one)), (MODELS, (one, other), (other, other)),
        ):  # fmt: skip
            keys = (model, label, *a), (model, label, *b)
            if not all(key in maps for key in keys):
                continue
            try:
                found.append(_contrast(run, model, label, kind, (a, b), maps[keys[0]], maps[keys[1]]))
            except InputError as error:
                notes.append(f"{model}, '{label}', {_words(a)} against {_words(b)}: {error}")
    return found


def _words(side: tuple[str, str]) -> str:
    return f"model of {side[0]} on {side[1]}"


def _contrast(
    run: PopulationsRun, model: str, label: str, kind: str, sides: tuple[tuple[str, str], tuple[str, str]],
    one: AtlasMaps, other: AtlasMaps,
) -> LookContrast:  # fmt: skip
    asked, seed = run.settings["comparison"], run.settings["folds"]["seed"]
    tables = [maps.by_region() for maps in (one, other)]
    groups = compare(
        tables[0].share(), tables[1].share(), one.subject, other.subject, names=tables[0].names,
        labels=(_words(sides[0]), _words(sides[1])), paired=kind == MODELS, margin=asked["margin"],
        n_permutations=asked["permutations"], seed=seed,
    )  # fmt: skip
    if kind != PEOPLE:
        notes = [*groups.settings["notes"], ONE_TRAINING]
        groups = replace(groups, settings={**groups.settings, "notes": notes})
    tested = contrast_maps(
        amounts(one), amounts(other), paired=kind == MODELS, seed=seed,
        n_permutations=min(asked["permutations"], 1000),
    )  # fmt: skip
    return LookContrast(model, label, kind, *sides, groups, tested)


def _masks(run: PopulationsRun, label: str, maps: dict[Key, AtlasMaps], notes: list[str]) -> list[MaskRow]:
    name = run.settings["evidence"]["masks"].get(label, label)
    rows = []
    for key, one in maps.items():
        try:
            found = mask_agreement(
                one, expert_mask(name, one.values.shape[1]), name=name, seed=run.settings["folds"]["seed"]
            )
        except InputError as error:
            notes.append(f"'{label}': {error}")
            continue
        auc, better = found.people["rank auc"], found.better_than_centre["rank auc"]
        means: dict[str, Any] = {metric: found.people[metric].value for metric in ("iou", "precision", "recall", "f1")}
        rows.append(
            MaskRow(
                *key, mask=name, auc=auc.value, low=auc.low, high=auc.high, centre=found.centre["rank auc"],
                better=better.value, better_low=better.low, better_high=better.high,
                p_random=found.p_random["rank auc"], area=found.area, people=auc.subjects, **means,
            )
        )  # fmt: skip
    return rows


def _tree(run: PopulationsRun, label: str, maps: dict[Key, AtlasMaps], notes: list[str]) -> list[LookTree]:
    """How alike all looks of a class are; of three or more."""
    several = len({key[0] for key in maps}) > 1
    named = {
        f"{f'{key[0]}, ' if several else ''}trained on {key[2]}, shown {key[3]}": _coarse(amounts(one))
        for key, one in maps.items()
    }
    if len(named) < 3:
        return []
    try:
        found = map_distances(named, seed=run.settings["folds"]["seed"])
    except InputError as error:
        notes.append(f"'{label}', distances: {error}")
        return []
    return [LookTree(label, found.names, found.correlation, found.ceiling, found.dendrogram, found.support)]
