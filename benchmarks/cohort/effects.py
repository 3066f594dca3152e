"""Effects over people on made-up cohorts: planted channels, no effects at all, and sites that shift levels.

``python -m benchmarks.cohort.effects [--quick] [--part planted|sites|nothing|cautions]``

1. Planted: how well ``mien effects`` and ``mien channels`` rank the channels that show what was planted (area under the
   ROC curve over all channels).
2. Nothing planted: share of measures with p < .05, and of studies in which any measure survives the correction, for
   outcomes that have nothing to do with real-looking measures; with few people and with many.
3. Sites that shift levels, with more of the trait at some sites, nothing planted: what survives with the site held
   constant and without.
4. Cautions: how often age or site is said to go with an outcome that has nothing to do with either.

Made up; no data are needed.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, is_quick, write
from mien.cohort.not_held import caution
from mien.cohort.people_rows import People
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.synthetic import acting_auc
from mien.stats.correction import benjamini_hochberg
from mien.stats.partial import CORRELATION, DIFFERENCE, partial

# What the truth calls a channel of several columns, and the columns' names among measures.
COLUMNS = {"eye_opening": ("eyelids left", "eyelids right"), "gaze_deg": ("gaze pitch", "gaze yaw")}
# Channels that are made of planted ones: both sides together (blinks), gaze with the head.
MADE_OF = {"eyelids": "eyeBlink", "AU45": "eyeBlink", "gaze with head": "head"}


def cohort(folder: Path, **settings: Any) -> tuple[Samples, Measures]:
    """A made-up cohort with its measures; every trait is among the ratings."""
    made = mien.synthesize_cohort(folder, **settings, **({"frames": 30} if is_quick() else {}))
    mien.functionals(folder, **({"statistics": "level"} if is_quick() else {}))
    truth = json.loads((folder / "truth.json").read_text())
    place = {subject: i for i, subject in enumerate(truth["subject"])}
    person = np.array([place[subject] for subject in made.samples.subject])
    traits = {name: np.array(values)[person] for name, values in truth["traits"].items()}
    return replace(made.samples, ratings={"age": made.samples.ratings["age"], **score(made.samples), **traits}), (
        Measures.read(folder)
    )


def score(samples: Samples) -> dict[str, np.ndarray]:
    """Sum of all items, NaN where one is missing."""
    items = [values for name, values in samples.ratings.items() if name.startswith("dass21_")]
    return {"total": np.sum(items, axis=0)}


def planted_channels(folder: Path) -> set[str]:
    """Channels that the truth names, with those that are made of them."""
    truth = json.loads((folder / "truth.json").read_text())
    named = {channel for one in truth["planted"] for channel in one["channels"]}
    both = {one["what"] for one in truth["planted"]}
    both |= {channel for channel, of in MADE_OF.items() if of in both}
    return {column for channel in named for column in COLUMNS.get(channel, (channel,))} | both


def planted(people: int, effect: float, seed: int) -> dict[str, float]:
    """Areas under the ROC curve of one cohort with the usual effects."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        samples, measures = cohort(folder, people=people, effect=effect, seed=seed)
        seen = mien.effects(samples, measures, outcome="total")
        model = mien.channels(samples, measures, outcome="total", repeats=3, n_shuffles=0)
        truth = planted_channels(folder)
    names = [row.channel for row in seen.channels]
    acting = np.array([i for i, name in enumerate(names) if name in truth])
    order = -np.arange(len(names), dtype=float)
    rows = {row.name: row for row in model.channels}
    survivors = [row.channel for row in seen.channels if row.q <= 0.05]
    return {
        "effects": acting_auc(order, acting),
        "SHAP share": acting_auc(np.array([rows[name].shap for name in names]), acting),
        "importance": acting_auc(np.array([rows[name].importance for name in names]), acting),
        "channels that survive": len(survivors),
        "of these not planted": sum(name not in truth for name in survivors),
    }


def nothing(measures: Measures, samples: Samples, people: int, kind: str, rng: np.random.Generator) -> dict[str, float]:
    """One study without effects: an outcome of its own, age, sex and site held constant."""
    rows = rng.choice(np.flatnonzero(measures.ok), people, replace=people > measures.ok.sum())
    x = measures.values[rows].astype(float)
    if people > measures.ok.sum():
        x = x + 0.1 * np.nanstd(x, axis=0) * rng.normal(size=x.shape)
    sex, site = (samples.labels[name][rows] for name in ("sex", "site"))
    held = [samples.ratings["age"][rows], sex == "f", *(site == name for name in sorted(set(site))[1:])]
    y = np.exp(rng.normal(size=people))
    if kind == DIFFERENCE:
        y = (y > np.quantile(y, 0.75)).astype(float)
    found = partial(x, y, np.stack(held, 1).astype(float), kind=kind, seed=int(rng.integers(1e9)))
    known = np.isfinite(found.p)
    return {
        "p < .05": float((found.p[known] < 0.05).mean()), "one measure": float(found.p[known][0] < 0.05),
        "any survives": float((benjamini_hochberg(found.p) <= 0.05).any()),
        "interval holds 0": float(((found.low <= 0) & (found.high >= 0))[known].mean()),
    }  # fmt: skip


def shifted(people: int, seed: int) -> dict[str, float]:
    """Share of measures that survive where only sites differ, in levels and in the trait."""
    with tempfile.TemporaryDirectory() as place:
        samples, measures = cohort(
            Path(place), people=people, effect=0.0, site_shift=1.0, confounding=1.0, seed=seed
        )  # fmt: skip
    found = mien.effects(samples, measures, outcome="total")
    return {
        "site held constant": float((found.q <= 0.05).mean()),
        "nothing held constant": float((found.unadjusted_q <= 0.05).mean()),
    }


def cautions(people: int, studies: int) -> dict[str, float]:
    """Share of studies with a caution for each column, where a skewed outcome has nothing to do with any."""
    ids = np.array([f"p{i}" for i in range(people)], dtype=object)
    everybody = People.of_recordings(ids, np.ones(people, dtype=bool))
    said = []
    for seed in range(studies):
        rng = np.random.default_rng(seed)
        site = np.array(["abc"[place] for place in rng.integers(0, 3, people)], dtype=object)
        y = np.exp(rng.normal(size=people))
        samples = Samples(ids, ids, {"site": site}, {"age": rng.uniform(18, 60, people), "score": y})
        said.append(caution(samples, everybody, y, "score", seed=seed))
    return {name: float(np.mean([f"{name} (" in text for text in said])) for name in ("age", "site")}


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("planted", "sites", "nothing", "cautions"), help="By default all.")
    given = arguments(parser)
    result: dict[str, Any] = {}
    if given.part in (None, "planted"):
        result["planted"] = all_planted(given.quick)
    if given.part in (None, "sites"):
        people, repeats = (24, 1) if given.quick else (1000, 3)
        result["sites"] = {f"{people} people": means([shifted(people, seed) for seed in range(repeats)])}
        print(json.dumps(result["sites"], indent=1), flush=True)
    if given.part in (None, "nothing"):
        result["nothing"] = all_nothing(given.quick)
    if given.part in (None, "cautions"):
        result["cautions"] = {f"{n} people": cautions(n, 5 if given.quick else 1000) for n in (12, 40, 200)}
        print(json.dumps(result["cautions"], indent=1), flush=True)
    write("cohort_effects" + (f"_{given.part}" if given.part else ""), result)


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """Mean of each figure over cohorts or studies."""
    return {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}


def all_planted(quick: bool) -> dict[str, dict[str, float]]:
    """Rankings of planted channels by the number of people and the planted correlation."""
    found = {}
    for people, effect, repeats in ((24, 0.4, 1),) if quick else ((1000, 0.3, 3), (1000, 0.4, 3), (4000, 0.4, 1)):
        name = f"{people} people, effect {effect}, {repeats} cohorts"
        found[name] = means([planted(people, effect, seed) for seed in range(repeats)])
        print(name, json.dumps(found[name]), flush=True)
    return found


def all_nothing(quick: bool) -> dict[str, dict[str, float]]:
    """Studies without effects by the number of people and the kind of outcome."""
    with tempfile.TemporaryDirectory() as place:
        samples, measures = cohort(Path(place), people=24 if quick else 400, effect=0.0, missing_share=0.0)
    measures = measures.beside(list(samples.path))
    few = measures.select([name for name in measures.names if name.split(" ", 1)[0] in _SOME])
    rng, found = np.random.default_rng(0), {}
    for size in (12,) if quick else (12, 40, 1200):
        for kind in (CORRELATION, DIFFERENCE):
            drawn, refused = [], 0
            for _ in range(1 if quick else 1000):
                try:
                    drawn.append(nothing(few, samples, size, kind, rng))
                except InputError:
                    # Few people of one group: site, sex and age can leave nothing of the outcome.
                    refused += 1
            name = f"{size} people, {len(few.names)} measures, {kind}, {len(drawn)} studies, {refused} refused"
            found[name] = means(drawn)
            print(name, json.dumps(found[name]), flush=True)
    return found


_SOME = ("mouthSmileLeft", "jawOpen", "AU12_r", "pitch", "eyeBlinkLeft", "cheekPuff", "gaze")

if __name__ == "__main__":
    main()
