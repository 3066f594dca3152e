"""How often streams without relation go along, and viewers without anything in common have something in common.

``python -m benchmarks.film.link [--quick]``. Noise that is correlated from sample to sample (AR .5, .9), in 2, 4 and 8
runs of 60 samples, of 1, 3 and 8 viewers who share half of their variance (of another course than the first stream's).
``p`` and ``p, five columns`` (the smallest corrected one): share of studies at .05, by ``mien.link``; ``holds 0``:
whose 95 % interval over runs holds 0, of one viewer (over viewers it holds for others of the same film, whose mean is
not 0). ``independent``: where samples are taken for independent, of one viewer. ``viewers``: the same among viewers who
share nothing.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from scipy.signal import lfilter
from scipy.stats import pearsonr

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, write
from mien.core.streams import Runs, Stream, TimeLine

SAMPLES, COLUMNS, STEP_S = 60, 5, 2.0


def noise(rng: np.random.Generator, columns: int, before: float) -> np.ndarray:
    """Of variance 1, shape (samples, columns)."""
    white = rng.normal(size=(SAMPLES + 80, columns)) * np.sqrt(1 - before**2)
    return np.asarray(lfilter([1], [1, -before], white, axis=0)[80:])


def stream(name: str, by_viewer: list[list[np.ndarray]], viewers: list[str]) -> Stream:
    """A row for each sample of each run of each viewer."""
    runs, many = len(by_viewer[0]), len(by_viewer)
    rows = SAMPLES * runs
    return Stream(
        name, "sampled", np.tile(np.arange(SAMPLES) * STEP_S, runs * many),
        tuple(f"c{column}" for column in range(by_viewer[0][0].shape[1])),
        np.concatenate([part for own in by_viewer for part in own]),
        run=np.tile(np.repeat([str(run) for run in range(runs)], SAMPLES), many), viewer=np.repeat(viewers, rows),
        duration_s=np.full(rows * many, STEP_S),
    )  # fmt: skip


def study(before: float, runs: int, viewers: int, permutations: int, seed: int) -> dict[str, bool]:
    """One study without any relation."""
    rng, names = np.random.default_rng(seed), [f"v{viewer}" for viewer in range(viewers)]
    cause = [noise(rng, 1, before) for _ in range(runs)]
    common = [noise(rng, COLUMNS, before) for _ in range(runs)]
    brains = [[np.sqrt(0.5) * (part + noise(rng, COLUMNS, before)) for part in common] for _ in names]
    apart = [[noise(rng, COLUMNS, before) for _ in range(runs)] for _ in names]
    ends = np.arange(runs + 1) * SAMPLES * STEP_S
    line = TimeLine(
        Runs([str(run) for run in range(runs)], ends[:-1], ends[1:]),
        {"cause": stream("cause", [cause], [""]), "brain": stream("brain", brains, names),
         "apart": stream("apart", apart, names)},
    )  # fmt: skip
    rows = mien.link(line, "cause", "brain", n_permutations=permutations, seed=seed).rows
    plain = pearsonr(np.concatenate(cause)[:, 0], np.concatenate(brains[0])[:, 0])[1]
    found = {
        "p": rows[0].p <= 0.05, "p, five columns": min(row.p_corrected for row in rows) <= 0.05,
        "independent": plain <= 0.05,
    }  # fmt: skip
    if viewers == 1:
        found["holds 0"] = rows[0].low <= 0 <= rows[0].high
    else:
        among = mien.link(line, "apart", n_permutations=permutations, seed=seed).rows
        found["viewers"] = among[0].p <= 0.05
        found["viewers, five columns"] = min(row.p_corrected for row in among) <= 0.05
        if viewers > 2:
            found["viewers, holds 0"] = among[0].low <= 0 <= among[0].high
    return found


def main() -> None:
    """Simulate and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    asked = arguments(parser)
    studies, permutations = (2, 99) if asked.quick else (asked.studies, 199)
    start, result = time.process_time(), {}
    for before in (0.5, 0.9):
        for runs in (2, 4, 8):
            for viewers in (1, 3, 8):
                drawn = [study(before, runs, viewers, permutations, seed) for seed in range(studies)]
                shares = {name: round(float(np.mean([one[name] for one in drawn])), 3) for name in drawn[0]}
                result[f"AR {before:g}, {runs} runs, {viewers} viewers"] = shares
                print(before, runs, viewers, shares, f"{time.process_time() - start:.0f} s", flush=True)
    write("film_link", {"studies": studies, **result})


if __name__ == "__main__":
    main()
