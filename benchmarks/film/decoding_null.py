"""Does decoding see what is not there? ``python -m benchmarks.film.decoding_null [--studies 200] [--part contrasts]``.

Signals that have nothing to do with the labels: noise in which each sample resembles the one before (AR 0.7), with
drifts, in few runs, of one viewer or several who see the same labels. Share of studies with p <= .05 (should be 5 %)
and whose 95 % interval holds chance. Beside it the leak: the same noise, in folds of shuffled volumes.
Then the same for several sources on the same rows: brains of viewers who each lack volumes, and frames' features that
are the same for all viewers, come at steps of their own and are missing in places.
``--quick`` makes a few studies.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, write
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.contrasts import contrasts_of
from mien.decoding.decode import decode
from mien.decoding.decoders import fit
from mien.decoding.folds import folds_of
from mien.decoding.rows import DecodedRows, prepared, volumes
from mien.decoding.same_rows import folds_once
from mien.decoding.score import balanced_accuracy

STEP_S, BLOCK_S = 2.0, 16.0
# Runs, volumes in the first run (later ones are shorter where unequal), viewers, classes, unit, leave_out, model.
DESIGNS = {
    "one viewer, 4 runs, blocks": {"runs": 4, "unit": "block"},
    "one viewer, 12 runs, blocks, 4 classes": {"runs": 12, "unit": "block", "classes": 4},
    "one viewer, 4 runs, volumes": {"runs": 4, "unit": "volume"},
    "one viewer, 8 runs of unequal length, rare class, volumes": {"runs": 8, "unit": "volume", "rare": True,
                                                                 "unequal": True},
    "6 viewers, 4 runs, volumes": {"runs": 4, "unit": "volume", "viewers": 6},
    "15 viewers, 2 runs, blocks": {"runs": 2, "unit": "block", "viewers": 15},
    "8 viewers left out in turn, volumes": {"runs": 2, "unit": "volume", "viewers": 8, "leave_out": "viewer"},
    "a number, one viewer, 6 runs, volumes": {"runs": 6, "unit": "volume", "classes": 0},
}  # fmt: skip


def noise(rng: np.random.Generator, rows: int, columns: int, memory: float = 0.7) -> np.ndarray:
    """Autocorrelated noise with slow drifts, shape (rows, columns)."""
    values = lfilter([1], [1, -memory], rng.normal(size=(rows, columns)), axis=0)
    time = np.linspace(-1, 1, rows)[:, None]
    return values + 2 * rng.normal(size=columns) * time + 2 * rng.normal(size=columns) * time**2


def film(
    rng: np.random.Generator, runs: int, viewers: int = 1, classes: int = 2, blocks: int = 8, columns: int = 12,
    rare: bool = False, unequal: bool = False,
) -> TimeLine:  # fmt: skip
    """Runs of blocks in random order, and noise of viewers who saw them."""
    lines, told = [], []
    lengths = [(blocks - (number % 3 if unequal else 0)) * 8 for number in range(runs)]
    for number, length in enumerate(lengths):
        many = length // 8
        share = [0.75, 0.25] if rare else None
        code = rng.choice(2, many, p=share) if rare else rng.permutation(np.arange(many) % max(classes, 2))
        told += [(f"{number}", place * BLOCK_S, f"c{c}", float(c) + rng.normal()) for place, c in enumerate(code)]
        for viewer in range(viewers):
            lines.append((f"{number}", f"v{viewer}", noise(rng, length, columns)))
    brain = Stream(
        "brain", "sampled", np.concatenate([np.arange(len(part)) * STEP_S for _, _, part in lines]),
        tuple(f"p{column}" for column in range(columns)), np.concatenate([part for *_, part in lines]),
        run=np.concatenate([np.full(len(part), run, object) for run, _, part in lines]),
        viewer=np.concatenate([np.full(len(part), viewer, object) for _, viewer, part in lines]),
        duration_s=np.full(sum(len(part) for *_, part in lines), STEP_S),
    )  # fmt: skip
    shown = Stream(
        "shown", "intervals", np.array([row[1] for row in told]), ("strength",), np.array([[row[3]] for row in told]),
        duration_s=np.full(len(told), BLOCK_S), run=np.array([row[0] for row in told], object),
        texts={"what": np.array([row[2] for row in told], object)},
    )  # fmt: skip
    ends = np.array(lengths) * STEP_S
    return TimeLine(
        Runs([str(number) for number in range(runs)], np.zeros(runs), ends), {"brain": brain, "shown": shown}
    )


def null(design: dict, studies: int, permutations: int, seed: int = 0) -> dict[str, float]:
    """Share of studies in which noise looks decodable, and whose interval holds chance."""
    rng = np.random.default_rng(seed)
    made = {name: design[name] for name in ("runs", "viewers", "classes", "rare", "unequal") if name in design}
    number = design.get("classes") == 0
    chance = 0.0 if number else 1 / design.get("classes", 2)
    p, held, value = [], [], []
    for study in range(studies):
        found = decode(
            film(rng, **made), sources="brain", labels="shown", target="strength" if number else "what", model="ridge",
            unit=design["unit"], leave_out=design.get("leave_out", "run"), shift_s=4.0, select=False,
            n_permutations=permutations, seed=study,
        ).score("brain")  # fmt: skip
        p.append(found.p)
        value.append(found.value)
        held.append(np.nan if np.isnan(found.low) else float(found.low <= chance <= found.high))
    return {
        "score": round(float(np.mean(value)), 3), "p <= .05": round(float((np.array(p) <= 0.05).mean()), 3),
        "interval holds chance": round(float(np.mean(held)), 3), "studies": studies,
    }  # fmt: skip


def with_frames(rng: np.random.Generator, runs: int, viewers: int, lost: float, columns: int = 6) -> TimeLine:
    """The same film; viewers lack volumes of their own, and frames every second, with gaps, are noise for all."""
    line = film(rng, runs=runs, viewers=viewers, blocks=6, columns=columns)
    brain = line["brain"]
    kept = np.ones(len(brain), dtype=bool)
    for rows in brain.parts().values():
        # Stretches, as where a head moved.
        start = int(rng.integers(len(rows)))
        kept[rows[start : start + int(rng.integers(1, max(int(2 * lost * len(rows)), 2) + 1))]] = False
    seconds = [int(length) for length in line.runs.length_s]
    values = np.concatenate([noise(rng, second, columns, memory=0.85) for second in seconds])
    values[np.repeat(rng.random(len(values) // 4 + 1) < 0.3, 4)[: len(values)], columns // 2 :] = np.nan
    frames = Stream(
        "frames", "sampled", np.concatenate([np.arange(float(second)) for second in seconds]),
        tuple(f"f{column}" for column in range(columns)), values,
        run=np.repeat(line.runs.name, seconds), duration_s=np.ones(len(values)),
    )  # fmt: skip
    return TimeLine(line.runs, {"brain": brain[kept], "frames": frames, "shown": line["shown"]})


# Runs and viewers, share of volumes that each lacks in a run (up to twice that), and what is left out.
SHARED = {
    "3 viewers, 4 runs": {"runs": 4, "viewers": 3, "lost": 0.1},
    "4 viewers, 4 runs, much is lacking": {"runs": 4, "viewers": 4, "lost": 0.3},
    "6 viewers, 5 runs": {"runs": 5, "viewers": 6, "lost": 0.1},
    "4 viewers left out in turn, 3 runs": {"runs": 3, "viewers": 4, "lost": 0.1, "leave_out": "viewer"},
}


def shared_null(design: dict, studies: int, permutations: int, seed: int = 0) -> dict[str, float]:
    """Share of studies in which noise of brains, or of frames, looks decodable, or one better than the other."""
    rng = np.random.default_rng(seed)
    made = {name: design[name] for name in ("runs", "viewers", "lost")}
    p: dict[str, list[float]] = {"brain": [], "frames": []}
    held: dict[str, list[float]] = {"brain": [], "frames": []}
    contrast = []
    for study in range(studies):
        found = decode(
            with_frames(rng, **made), sources=["brain", "frames"], labels="shown", target="what", model="ridge",
            unit="volume", leave_out=design.get("leave_out", "run"), shift_s=4.0, select=False,
            n_permutations=permutations, seed=study,
        )  # fmt: skip
        for source in p:
            row = found.score(source)
            p[source].append(row.p)
            held[source].append(np.nan if np.isnan(row.low) else float(row.low <= 0.5 <= row.high))
        contrast.append(found.contrasts[0].p_corrected if found.contrasts else np.nan)
    known = np.array(contrast)[np.isfinite(contrast)]
    return {
        **{f"{source}: p <= .05": round(float((np.array(values) <= 0.05).mean()), 3) for source, values in p.items()},
        **{f"{source}: interval holds chance": round(float(np.mean(np.array(values)[np.isfinite(values)])), 3)
           for source, values in held.items() if np.isfinite(values).any()},
        **({"difference: p <= .05": round(float((known <= 0.05).mean()), 3)} if len(known) else {}),
        "studies": studies,
    }  # fmt: skip


# Runs and viewers, whether the second source is the same for all viewers, and what is left out.
PAIRS = {
    "frames, 3 viewers, 4 runs": (4, 3, True, "run"),
    "frames, 5 viewers, 6 runs": (6, 5, True, "run"),
    "frames, 3 viewers, 8 runs": (8, 3, True, "run"),
    "frames, 4 viewers left out in turn, 6 runs": (6, 4, True, "viewer"),
    "two brains, 1 viewer, 4 runs": (4, 1, False, "run"),
    "two brains, 8 viewers, 3 runs": (3, 8, False, "run"),
    "two brains, 6 viewers left out in turn, 3 runs": (3, 6, False, "viewer"),
}
# How far the labels move two of six columns of each source, in standard deviations of what comes new at each volume.
EFFECTS = {"neither": (0.0, 0.0), "both alike": (1.5, 1.5), "brain alone": (2.0, 0.0)}


def steady(values: np.ndarray) -> np.ndarray:
    """As ``prepared``: without a line, in units of its standard deviation."""
    time = np.linspace(-1, 1, len(values))
    values = values - values.mean(axis=0)
    values = values - np.outer(time, time @ values) / (time @ time)
    return np.asarray(values / values.std(axis=0))


def difference(
    rng: np.random.Generator, runs: int, viewers: int, shared: bool, leave_out: str, effects: tuple[float, float],
) -> tuple[float, float, float, float]:  # fmt: skip
    """Difference of two sources' scores, its interval and p; volumes, a tenth of which each viewer lacks."""
    codes = [np.repeat(rng.permutation(np.arange(6) % 2), 8) for _ in range(runs)]

    def signal(effect: float) -> list[np.ndarray]:
        return [noise(rng, len(code), 6) + effect * np.outer(code, np.arange(6) < 2) for code in codes]

    shown = signal(effects[1])
    parts: list[tuple[np.ndarray, ...]] = []
    for who in range(viewers):
        own, other = signal(effects[0]), shown if shared else signal(effects[1])
        for run, code in enumerate(codes):
            start, most = int(rng.integers(len(code))), max(len(code) // 5, 2)
            kept = np.delete(np.arange(len(code)), slice(start, start + int(rng.integers(1, most))))
            name, person = np.full(len(kept), f"{run}", object), np.full(len(kept), f"v{who}", object)
            parts.append((steady(own[run][kept]), steady(other[run])[kept], code[kept], name, person, kept * STEP_S))
    one, two, observed, run, viewer, time_s = (np.concatenate(part) for part in zip(*parts, strict=True))
    words = np.array(["c0", "c1"], object)[observed]
    rows = DecodedRows(one, words, run, viewer, time_s, np.full(len(one), STEP_S), tuple("abcdef"))
    folds = folds_of(rows, leave_out, 0.0)
    scores = {"brain": np.full((len(one), 1), np.nan), "other": np.full((len(one), 1), np.nan)}
    for source, values in (("brain", one), ("other", two)):
        for fold in folds:
            fitted = fit("ridge", values[fold.train], observed[fold.train], 2, value=10.0)
            scores[source][fold.test] = fitted.scores(values[fold.test])
    every = np.arange(len(one))
    once = np.sort(np.concatenate([folds[i].test for i in folds_once(folds, rows)])) if shared else every
    [row] = contrasts_of(
        scores, observed, run, viewer, {"brain": every, "other": once}, classes=2, overlapping=leave_out == "viewer",
        shared=["other"] if shared else [],
    )  # fmt: skip
    return row.difference, row.low, row.high, row.p


def contrasts(studies: int) -> dict[str, dict[str, float]]:
    """By design and effect: share of p <= .05, mean difference, and how often its interval holds that mean."""
    result = {}
    for name, design in PAIRS.items():
        for effect, effects in EFFECTS.items():
            rng = np.random.default_rng(5)
            found = np.array([difference(rng, *design, effects) for _ in range(studies)])
            mean = 0.0 if effects[0] == effects[1] else found[:, 0].mean()
            result[f"{name}, {effect}"] = {
                "p <= .05": round(float((found[:, 3] <= 0.05).mean()), 3),
                "mean difference": round(float(found[:, 0].mean()), 3),
                "interval holds it": round(float(((found[:, 1] <= mean) & (mean <= found[:, 2])).mean()), 3),
                "studies": studies,
            }  # fmt: skip
            print(f"{name}, {effect}", result[f"{name}, {effect}"], flush=True)
    return result


def leak(studies: int, seed: int = 0) -> dict[str, float]:
    """Balanced accuracy on noise: one run left out, and ten folds of shuffled volumes."""
    rng = np.random.default_rng(seed)
    by_run, shuffled = [], []
    for _ in range(studies):
        line = film(rng, runs=4, columns=40)
        rows = volumes(prepared(line["brain"])[0], line["shown"], "what", shift_s=4.0)
        y = (rows.observed == "c1").astype(int)
        for folds, to in (
            (np.unique(rows.run.astype(str), return_inverse=True)[1], by_run),
            (rng.permutation(len(y)) % 10, shuffled),
        ):
            said = np.zeros(len(y), dtype=int)
            for fold in range(folds.max() + 1):
                inside = folds == fold
                fitted = fit("ridge", rows.values[~inside], y[~inside], 2, value=10.0)
                said[inside] = fitted.scores(rows.values[inside])[:, 0] > 0
            to.append(balanced_accuracy(y, said))
    return {"runs left out": round(float(np.mean(by_run)), 3), "shuffled volumes": round(float(np.mean(shuffled)), 3)}


def each(designs: dict, count: Callable[..., dict], studies: int, permutations: int) -> dict[str, dict]:
    """Every design, said as soon as it is counted."""
    result = {}
    for name, design in designs.items():
        result[name] = count(design, studies, permutations)
        print(name, result[name], flush=True)
    return result


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--part", choices=("alone", "brain and frames", "contrasts", "leak"), action="append")
    given = arguments(parser)
    studies, permutations = (1, 99) if given.quick else (given.studies, 199)
    parts = {
        "alone": lambda: each(DESIGNS, null, studies, permutations),
        "brain and frames": lambda: each(SHARED, shared_null, studies, permutations),
        "contrasts": lambda: contrasts(studies if given.quick else 5 * studies),
        "leak": lambda: leak(1 if given.quick else 30),
    }  # fmt: skip
    asked = given.part or list(parts)
    found: dict = {}
    for name in asked:
        start = time.process_time()
        found[name] = parts[name]()
        print(name, f"{time.process_time() - start:.0f} s", flush=True)
    some = f"_{'_'.join(asked).replace(' ', '_')}" if given.part else ""
    write(f"film_decoding_null{some}", found)


if __name__ == "__main__":
    main()
