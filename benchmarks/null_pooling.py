"""Pooled correlation of cross-validated noise, precisely: ``python -m benchmarks.null_pooling [--studies 6000]``

Least squares and ridge regression (penalty 10) on eight features without any link, one sample per person, worked off
for all folds at once, so thousands of studies take seconds (``null_scores bias`` goes through mien's own training).
Mean Pearson and Spearman correlation (0 is right) of predictions as they are, of those in units of the training spread
alone, and of those that mien pools (``mien.stats.pooling``), with the standard error of the mean. ``--link .35``: the
share of one feature in the ratings; "new people" is then what models really reach.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, write
from mien.stats.pooling import Frame, units

FEATURES = 8
DESIGNS = ((20, 20), (20, 10), (40, 40), (40, 10), (60, 10), (100, 10), (200, 10))


def study(rng: np.random.Generator, people: int, folds: int, penalty: float, link: float) -> dict[str, float]:
    """Correlations of one made-up study."""
    x, noise = rng.normal(size=(people, FEATURES)), rng.normal(size=people)
    y = link * x[:, 0] + np.sqrt(1 - link**2) * noise
    fold = np.arange(people) % folds
    seen = (fold[None] != np.arange(folds)[:, None]).astype(float)
    count = seen.sum(1)
    middle, mean = seen @ x / count[:, None], seen @ y / count
    square = np.einsum("ki,ia,ib->kab", seen, x, x) - count[:, None, None] * middle[:, :, None] * middle[:, None]
    product = seen @ (x * y[:, None]) - (count * mean)[:, None] * middle
    slope = np.linalg.solve(square + penalty * np.eye(FEATURES), product[..., None])[..., 0]
    said = slope @ x.T + (mean - (slope * middle).sum(1))[:, None]
    level = (seen * said).sum(1) / count
    spread = np.sqrt((seen * (said - level[:, None]) ** 2).sum(1) / count)
    plain, level, spread = said[fold, np.arange(people)], level[fold], spread[fold]
    unit = units(plain[:, None], level[:, None], spread[:, None], fold)[:, 0]
    ways = {
        "as they are": plain,
        "training spread": Frame(y, level, spread).pooled(plain),
        "mien": Frame(y, level, unit).pooled(plain),
    }
    found = {way: float(np.corrcoef(values, y)[0, 1]) for way, values in ways.items()}
    found["mien, ranks"] = float(np.corrcoef(rankdata(ways["mien"]), rankdata(y))[0, 1])
    # On new people with independent features the correlation follows from the slopes.
    found["new people"] = float((link * slope[:, 0] / np.linalg.norm(slope, axis=1)).mean())
    return found


def main() -> None:
    """Print a table and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=6000, help="of 20 people; fewer of more people")
    parser.add_argument("--link", type=float, default=0.0)
    given = arguments(parser, studies=20)
    rows = []
    print("| people | folds | model | as they are | training spread | mien | mien, ranks | new people |")
    print("| ---: | ---: | --- |" + " ---: |" * 5)
    for people, folds in DESIGNS:
        for name, penalty in (("least squares", 1e-9), ("ridge, penalty 10", 10.0)):
            rng = np.random.default_rng(11)
            studies = max(2, given.studies * 20 // people)
            found = [study(rng, people, folds, penalty, given.link) for _ in range(studies)]
            mean = {way: float(np.mean([f[way] for f in found])) for way in found[0]}
            error = float(np.std([f["mien"] for f in found]) / np.sqrt(studies))
            rows.append({"people": people, "folds": folds, "model": name, "studies": studies, **mean, "error": error})
            print(
                f"| {people} | {folds} | {name} | {mean['as they are']:+.3f} | {mean['training spread']:+.3f} | "
                f"{mean['mien']:+.3f} ({error:.3f}) | {mean['mien, ranks']:+.3f} | {mean['new people']:+.3f} |",
                flush=True,
            )
    write("null_pooling", {"link": given.link, "rows": rows})


if __name__ == "__main__":
    main()
