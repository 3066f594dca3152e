"""Does ``mien compare`` hold 5 %? ``python -m benchmarks.null_groups [--studies 400] [--first 0]``.

Made-up studies of six measures without a difference between two groups of people; the groups differ in people, in
pictures of each person, or in spread. Stated: the share of measures with p <= .05, the share of studies with any
corrected p <= .05, and the share of intervals without 0.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import mien
from benchmarks.common import arguments, write

MEASURES, PERMUTATIONS = 6, 399
# People of both groups, pictures of each (two numbers: drawn between), share of the variance that is between people,
# spread between people of the first group in that of the second.
CASES = {
    "8 x 4 against 8 x 4": (8, 8, 4, 4, 0.3, 1),
    "8 x 1-9 against 8 x 1-9": (8, 8, (1, 9), (1, 9), 0.3, 1),
    "8 x 1-2 against 8 x 7-9": (8, 8, (1, 2), (7, 9), 0.1, 1),
    "8 x 1 against 8 x 9, nothing between people": (8, 8, 1, 9, 0.0, 1),
    "5 x 1 against 20 x 9": (5, 20, 1, 9, 0.1, 1),
    "5 x 9 against 20 x 1": (5, 20, 9, 1, 0.1, 1),
    "4 x 1 against 12 x 9": (4, 12, 1, 9, 0.1, 1),
    "5 x 1 against 20 x 1, twice the spread": (5, 20, 1, 1, 1.0, 2),
    "12 x 1 against 12 x 1, three times the spread": (12, 12, 1, 1, 1.0, 3),
}
WAYS = [(r, c) for r in ("mean", "mixed") for c in ("benjamini-hochberg", "largest")]


def one_group(draw: np.random.Generator, people: int, pictures: int | tuple[int, int], shared: float, spread: float):
    """Measures of pictures and whose they are, shape (pictures, measures) and (pictures,)."""
    low, high = (pictures, pictures) if isinstance(pictures, int) else pictures
    who = np.repeat(np.arange(people), draw.integers(low, high + 1, people))
    own = draw.normal(size=(people, MEASURES)) * np.sqrt(shared) * spread
    return own[who] + draw.normal(size=(len(who), MEASURES)) * np.sqrt(1 - shared), who


def rates(case: tuple, repeated: str, correction: str, studies: int, first: int) -> dict[str, float]:
    """Shares of what chance makes of studies without a difference."""
    n_a, n_b, of_a, of_b, shared, spread = case
    rows = []
    for seed in range(first, first + studies):
        draw = np.random.default_rng(seed)
        (a, who_a), (b, who_b) = one_group(draw, n_a, of_a, shared, spread), one_group(draw, n_b, of_b, shared, 1)
        found = mien.compare(a, b, who_a, who_b + n_a, repeated=repeated, correction=correction,
                             n_permutations=PERMUTATIONS, seed=seed)  # fmt: skip
        table = found.table
        away = (table.difference_low > 0) | (table.difference_high < 0)
        noted = any("so that p can be too small" in note for note in found.settings["notes"])
        rows.append(((table.p <= 0.05).mean(), (table.p_corrected <= 0.05).any(), away.mean(), noted))
    return dict(zip(("measures", "studies", "intervals", "noted"), np.mean(rows, axis=0).tolist(), strict=True))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--first", type=int, default=0, help="seed of the first study")
    given, start, found = arguments(parser, studies=1), time.process_time(), {}
    for name, case in CASES.items():
        for repeated, correction in WAYS:
            row = rates(case, repeated, correction, given.studies, given.first)
            found[f"{name}; {repeated}, {correction}"] = row
            print(f"{name:46} {repeated:6} {correction:19}", *(f"{key} {value:.3f}" for key, value in row.items()))
    write("null_groups", {"rates": found, "studies": given.studies, "seconds": time.process_time() - start})


if __name__ == "__main__":
    main()
