"""Fit the measures of the action units that blendshapes do not see, calibrate them, and say what they reach.

``python -m benchmarks.action_units.fit HEADS.npz``   fit on the train set, calibrate on validation, score on test
``... --both``                                        score on the final and the fresh set, too
``... --keep FOLDER``                                 also write the coefficients, as the package holds them

``... --photos PHOTOS.npz``                           be silent on photos of neutral people (``photos.py``)

Ridge regression of a muscle's strength on standardised inputs; the mean of five fits that each leave out a fifth of the
people, whose spread is part of the stated error. Photos of neutral people count as heads without any strength.
Presence is a logistic function of the score, intensity a linear one.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.stats import rankdata

from benchmarks.action_units.heads import LEARNT, RENDERERS, SETS, UNITS
from benchmarks.common import arguments, data_root, write
from mien.features.action_inputs import sides
from mien.features.learnt_actions import Learnt, keep

PENALTIES = (100.0, 300.0, 1000.0, 3000.0)  # one is chosen by the validation set
FOLDS = 5
PHOTO_SHARE = 0.3  # weight of all photos of neutral people, in that of all heads
# Blendshape of each unit that there is one for; the mean of both sides.
BLENDSHAPE_OF = {
    "AU1": "browInnerUp", "AU2": "browOuterUp", "AU4": "browDown", "AU5": "eyeWide", "AU6": "cheekSquint",
    "AU7": "eyeSquint", "AU9": "noseSneer", "AU10": "mouthUpperUp", "AU12": "mouthSmile", "AU14": "mouthDimple",
    "AU15": "mouthFrown", "AU16": "mouthLowerDown", "AU17": "mouthShrugLower", "AU18": "mouthPucker",
    "AU20": "mouthStretch", "AU23": "mouthPress", "AU26": "jawOpen", "AU34": "cheekPuff", "AU43": "eyeBlink",
}  # fmt: skip


def auc(score: np.ndarray, present: np.ndarray) -> float:
    """Area under the ROC curve; NaN where one side is empty."""
    ranks, n = rankdata(score), int(present.sum())
    m = len(present) - n
    return float((ranks[present].sum() - n * (n + 1) / 2) / (n * m)) if n and m else float("nan")


def ridge(z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each penalty: coefficients, shape (units, inputs), and intercepts."""
    share = weight / weight.sum()
    middle, level = share @ z, share @ y
    weighted = ((z - middle) * weight[:, None]).T
    gram, goal = weighted @ (z - middle), weighted @ (y - level)
    found = []
    for penalty in PENALTIES:
        slope = np.linalg.solve(gram + penalty * np.eye(len(gram)), goal).T
        found.append((slope, level - slope @ middle))
    return found


def logistic(score: np.ndarray, present: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of presence on a score (maximum likelihood)."""
    scale = float(score.std()) or 1.0
    z = score / scale

    def loss(p: np.ndarray) -> float:
        t = p[0] * z + p[1]
        return float(np.mean(np.logaddexp(0, t) - present * t) + 1e-6 * p[0] ** 2)

    found = minimize(loss, np.zeros(2), method="BFGS").x
    return float(found[0] / scale), float(found[1])


def folds_of(person: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A fifth of the people for each row, 0 to 4."""
    people, place = np.unique(person, return_inverse=True)
    return draw.permutation(np.arange(len(people)) % FOLDS)[place]


def fit(
    heads: dict[str, np.ndarray], photos: dict[str, np.ndarray] | None = None, units: tuple[str, ...] = LEARNT,
    seed: int = 0,
) -> Learnt:  # fmt: skip
    """Coefficients from the train set and photos of neutral people, calibration from the validation set."""
    which = heads["facts"][:, 0]
    train, held = which == SETS.index("train"), which == SETS.index("validation")
    columns = [UNITS.index(unit) for unit in units]
    x, y = heads["x"][train].astype(np.float64), heads["strength"][train][:, columns].astype(np.float64)
    person = heads["facts"][train][:, 2].astype(int)
    if photos is not None:
        x = np.concatenate([x, photos["x"].astype(np.float64)])
        y = np.concatenate([y, np.zeros((len(photos["x"]), len(units)))])
    mean, spread = x[: train.sum()].mean(0), x[: train.sum()].std(0) + 1e-4
    z = (x - mean) / spread
    draw = np.random.default_rng(seed)
    fits = []
    fold = folds_of(person, draw)
    fold_of_photos = folds_of(photos["photo"], draw) if photos is not None else np.array([], dtype=int)
    for left_out in range(FOLDS):
        weight = (fold != left_out).astype(float)
        of_photos = (fold_of_photos != left_out).astype(float)
        of_photos *= PHOTO_SHARE * weight.sum() / max(of_photos.sum(), 1.0)
        fits.append(ridge(z, y, np.concatenate([weight, of_photos])))
    seen = (heads["x"][held].astype(np.float64) - mean) / spread
    truth = heads["strength"][held][:, columns].astype(np.float64)
    tried = []
    for place in range(len(PENALTIES)):
        slopes = np.stack([one[place][0] for one in fits])  # bag, unit, input
        levels = np.stack([one[place][1] for one in fits])
        score = (np.einsum("ri,bui->bru", seen, slopes) + levels[:, None]).mean(0)
        tried.append((np.mean([auc(score[:, i], truth[:, i] > 0) for i in range(len(units))]), slopes, levels, score))
    _, slopes, levels, score = max(tried, key=lambda one: one[0])
    presence = np.array([logistic(score[:, i], truth[:, i] > 0) for i in range(len(units))])
    intensity = np.array([np.polyfit(score[:, i], truth[:, i], 1) for i in range(len(units))])
    given = np.clip(score * intensity[:, 0] + intensity[:, 1], 0, 1)
    error = np.sqrt(np.mean((given - truth) ** 2, axis=0))
    shapes = {name: heads["blendshapes"][held][:, list(places)].mean(1).astype(float) for name, places in sides()}
    frozen = {}
    for unit, name in BLENDSHAPE_OF.items():
        if unit not in units:
            strength = heads["strength"][held][:, UNITS.index(unit)].astype(float)
            slope, level = logistic(shapes[name], strength > 0)
            line = np.polyfit(shapes[name], strength, 1)
            off = np.sqrt(np.mean((np.clip(np.polyval(line, shapes[name]), 0, 1) - strength) ** 2))
            frozen[unit] = (name, slope, level, float(line[0]), float(line[1]), float(off))
    return Learnt(
        units=units,
        mean=mean.astype(np.float32),
        spread=spread.astype(np.float32),
        slopes=slopes.astype(np.float16),
        levels=levels.astype(np.float32),
        presence=presence.astype(np.float32),
        intensity=intensity.astype(np.float32),
        error=error.astype(np.float32),
        frozen=frozen,
    )


def scores(learnt: Learnt, heads: dict[str, np.ndarray], set_name: str) -> dict[str, Any]:
    """AUC of presence with the frozen blendshape's beside it, error of intensity, false positives on neutral heads."""
    rows = heads["facts"][:, 0] == SETS.index(set_name)
    renderer, truth = heads["facts"][rows][:, 4].astype(int), heads["strength"][rows]
    found = learnt.measure(heads["x"][rows])
    neutral = ~(truth > 0).any(1)
    shapes = dict(sides())
    result: dict[str, Any] = {"heads": int(rows.sum()), "people": len(set(heads["facts"][rows][:, 2])),
                              "neutral heads": int(neutral.sum()), "units": {}}  # fmt: skip
    for i, unit in enumerate(learnt.units):
        strength = truth[:, UNITS.index(unit)]
        frozen = heads["blendshapes"][rows][:, list(shapes[BLENDSHAPE_OF[unit]])].mean(1)
        p = found.presence[:, i]
        one: dict[str, Any] = {"auc": auc(p, strength > 0), "auc of the blendshape": auc(frozen, strength > 0)}
        for place, name in enumerate(RENDERERS):
            here = renderer == place
            one[f"auc, {name}"] = auc(p[here], strength[here] > 0)
        one["false positives on neutral heads"] = float((p[neutral] > 0.5).mean())
        one["sensitivity"] = float((p[strength > 0] > 0.5).mean())
        one["specificity"] = float((p[strength == 0] <= 0.5).mean())
        one["brier"] = float(np.mean((p - (strength > 0)) ** 2))
        one["rmse of intensity"] = float(np.sqrt(np.mean((found.intensity[:, i] - strength) ** 2)))
        away = np.abs(found.intensity[:, i] - strength) / found.error[:, i]
        one["within two errors"] = float((away < 2).mean())
        result["units"][unit] = one
    return result


def others(heads: dict[str, np.ndarray], set_name: str) -> dict[str, float]:
    """AUC of the blendshapes for the units that are left to them."""
    rows = heads["facts"][:, 0] == SETS.index(set_name)
    shapes, truth = dict(sides()), heads["strength"][rows]
    return {
        unit: auc(heads["blendshapes"][rows][:, list(shapes[name])].mean(1), truth[:, UNITS.index(unit)] > 0)
        for unit, name in BLENDSHAPE_OF.items() if unit not in LEARNT
    }  # fmt: skip


def null(heads: dict[str, np.ndarray], set_name: str, repeats: int = 1) -> list[float]:
    """AUCs of measures that were fitted on strengths shuffled over the heads of the train set."""
    found = []
    for seed in range(repeats):
        rows = np.flatnonzero(heads["facts"][:, 0] == SETS.index("train"))
        strength = heads["strength"].copy()
        strength[rows] = strength[np.random.default_rng(seed).permutation(rows)]
        one = fit({**heads, "strength": strength}, seed=seed)
        # Scored by the raw score: the calibration would follow the labels of the validation set.
        here = heads["facts"][:, 0] == SETS.index(set_name)
        raw = one.raw(heads["x"][here]).mean(0)
        found += [auc(raw[:, i], heads["strength"][here][:, UNITS.index(u)] > 0) for i, u in enumerate(one.units)]
    return found


def on_photos(learnt: Learnt) -> dict[str, Any]:
    """Share of London's neutral and smiling photos in which each unit is said to show, and both apart by AUC."""
    from benchmarks.action_units.photos import inputs_of_photos

    kinds = ("neutral", "smiling")
    paths = [path for kind in kinds for path in sorted((data_root() / "london" / kind).glob("*.jpg"))]
    x, shapes, photo = inputs_of_photos(paths, copies=False)
    smiling = np.array([paths[number].parent.name == "smiling" for number in photo])
    by_name = {name: shapes[:, list(places)].mean(1).astype(float) for name, places in sides()}
    result = {}
    for units, found in ((learnt.units, learnt.measure(x)), (tuple(learnt.frozen), learnt.measure_frozen(by_name))):
        for i, unit in enumerate(units):
            p = found.presence[:, i]
            result[unit] = {
                "shown, neutral": float((p[~smiling] > 0.5).mean()), "shown, smiling": float((p[smiling] > 0.5).mean()),
                "auc, smiling against neutral": auc(p, smiling),
            }  # fmt: skip
    return result


def made_up_heads(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Inputs in which strengths show, of people in every set."""
    count, rows = 80 * len(SETS), np.arange(80 * len(SETS))
    shown = rng.random((count, len(UNITS))) < 0.3
    strength = rng.uniform(0.4, 1, (count, len(UNITS))) * shown * (rows % 10 > 0)[:, None]
    x = rng.normal(size=(count, 100))
    x[:, : len(UNITS)] += 3 * strength
    facts = np.zeros((count, 8))
    facts[:, 0], facts[:, 1], facts[:, 2], facts[:, 4] = rows % len(SETS), rows, rows // 8, rows // 8 % len(RENDERERS)
    return {"x": x.astype(np.float32), "blendshapes": rng.random((count, 52)).astype(np.float32),
            "strength": strength.astype(np.float32), "facts": facts}  # fmt: skip


def main() -> None:
    """Fit, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heads", type=Path, nargs="?")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--both", action="store_true")
    parser.add_argument("--null", action="store_true")
    parser.add_argument("--keep", type=Path)
    given = arguments(parser, null=True, both=True)
    photos = None
    if given.quick:
        heads = made_up_heads(np.random.default_rng(0))
    elif given.heads is None:
        parser.error("HEADS.npz is missing: what benchmarks.action_units.measure wrote.")
    else:
        with np.load(given.heads, allow_pickle=False) as file:
            heads = {name: file[name] for name in file.files}
    if given.photos:
        with np.load(given.photos, allow_pickle=False) as file:
            photos = {name: file[name] for name in file.files}
    learnt = fit(heads, photos)
    trained = {name: int((heads["facts"][:, 0] == place).sum()) for place, name in enumerate(SETS[:2])}
    found = {}
    for set_name in ("fresh", "final", "test") if given.both else ("test",):
        found[set_name] = {
            "set": set_name, "fitted on": trained, **scores(learnt, heads, set_name),
            "blendshapes": others(heads, set_name),
        }  # fmt: skip
        if given.null and set_name == "test":
            found[set_name]["null"] = null(heads, set_name)
        write(f"action_units_{set_name}", found[set_name])
    photos_of_london = on_photos(learnt) if given.photos else {}
    write("action_units_photos", photos_of_london)
    if given.keep:
        facts = {
            "licence": "coefficients: Apache-2.0, as mien; heads: ICT FaceKit, MIT, (c) 2020 USC Institute for "
            "Creative Technologies; neutral photos: WebMorph, CC BY 4.0 and CC0",
            "learnt on": {**trained, "photos of neutral people": 0 if photos is None else len(set(photos["photo"]))},
            "right on": found, "on photos of London": photos_of_london,
            "not tried": "photos coded by people for action units; children; old skin; beards and glasses; faces "
            "turned by more than 30 degrees or smaller than 30 pixels between the eyes",
        }  # fmt: skip
        keep(learnt, given.keep, facts)


if __name__ == "__main__":
    main()
