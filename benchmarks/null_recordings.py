"""Frames of one recording are not observations of their own: how often is noise taken for skill?

``python -m benchmarks.null_recordings [--studies 400]``

Everybody shows both classes (or ratings) in some recordings of some frames; all frames of a recording get the same
answer, which is noise or right in 75 % of the recordings. Shares of studies with p <= .05, by the scores of mien and by
exchanging samples alone, as they were before. Simulated; no data are needed.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, write
from mien.stats.chance import chance_p, permuted_codes
from mien.stats.people_p import may_be_recordings, people_p
from mien.stats.regression_scores import regression_scores

# Recordings of each class and person, frames of each.
DESIGNS = {"1 recording, 1 frame": (1, 1), "1 recording, 5 frames": (1, 5), "3 recordings, 5 frames": (3, 5),
           "5 recordings, 1 frame": (5, 1)}  # fmt: skip


def classes(people: int, design: str, right: float, rng: np.random.Generator) -> dict[str, float]:
    """p of the accuracy of one study: as it is, and by exchanging samples alone."""
    recordings, frames = DESIGNS[design]
    truth = np.tile(np.repeat([0, 1], recordings), people)
    who = np.repeat(np.arange(people), 2 * recordings)
    answer = np.where(rng.random(len(truth)) < right, truth, 1 - truth)
    truth, who, answer = (np.repeat(values, frames) for values in (truth, who, answer))
    hit = (truth == answer).astype(float)
    null = np.concatenate(
        [(drawn == answer).mean(1) for drawn in permuted_codes(truth, who, 199, int(rng.integers(1e9)))]
    )
    before = p = chance_p(float(hit.mean()), null, cross_validated=False)
    if may_be_recordings(truth, who):
        p = max(p, people_p(lambda weights: weights @ hit / weights.sum(1), who, float(null.mean())))
    return {"accuracy": p, "accuracy, samples exchanged alone": before}


def ratings(people: int, design: str, right: float, rng: np.random.Generator) -> dict[str, float]:
    """p of the correlation of one study; recordings have a rating each."""
    recordings, frames = DESIGNS[design]
    truth = rng.normal(size=people * 2 * recordings)
    skill = 2 * right - 1
    answer = skill * truth + np.sqrt(1 - skill**2) * rng.normal(size=len(truth))
    who = np.repeat(np.arange(people), 2 * recordings)
    truth, who, answer = (np.repeat(values, frames) for values in (truth, who, answer))
    return {name: s.p for name, s in regression_scores(truth, answer, who, n_permutations=199).items()}


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--people", type=int, nargs="+", default=[5, 10, 20, 50])
    given = arguments(parser, studies=1, people=[5, 10])
    rows: list[dict[str, Any]] = []
    for kind in (classes, ratings):
        for design in DESIGNS:
            for people in given.people:
                for right in (0.5, 0.75):
                    rng = np.random.default_rng(1)
                    p = [kind(people, design, right, rng) for _ in range(given.studies)]
                    share = {name: round(float(np.mean([q[name] <= 0.05 for q in p])), 3) for name in p[0]}
                    rows.append({"kind": kind.__name__, "design": design, "people": people, "right": right, **share})
                    print(rows[-1], flush=True)
    write("null_recordings", {"rows": rows, "studies": given.studies})


if __name__ == "__main__":
    main()
