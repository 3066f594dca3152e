"""Does decoding see what is not there? ``python -m benchmarks.film.decoding_null [--studies 200]``.

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
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import write
from mien.core.streams import Runs, Stream, TimeLine
from mien.decoding.decode import decode
from mien.decoding.decoders import fit
from mien.decoding.rows import prepared, volumes
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
    values = rng.normal(size=(rows, columns))
    for row in range(1, rows):
        values[row] += memory * values[row - 1]
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


def main() -> None:
    """Count and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    studies, start = (3 if given.quick else given.studies), time.process_time()
    found: dict = {}
    for name, design in DESIGNS.items():
        found[name] = null(design, studies, 99 if given.quick else 199)
        print(name, found[name], f"{time.process_time() - start:.0f} s", flush=True)
    for name, design in SHARED.items():
        found[f"brain and frames, {name}"] = shared_null(design, studies, 99 if given.quick else 199)
        print(name, found[f"brain and frames, {name}"], f"{time.process_time() - start:.0f} s", flush=True)
    found["leak"] = leak(3 if given.quick else 30)
    print("leak", found["leak"])
    write("film_decoding_null_quick" if given.quick else "film_decoding_null", found)


if __name__ == "__main__":
    main()
