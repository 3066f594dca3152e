"""Do ceilings' intervals cover the true ceiling? Made-up ratings: complete, sparse, nested and unbalanced designs.

``python -m benchmarks.null_raters`` (a minute); ``--studies 1000`` for the table in the documentation.

The true ceiling of a design is known: the root of var(item) / (var(item) + error variance of the mean ratings), where
habits of raters count as far as items do not share them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from benchmarks.common import arguments
from mien.core.errors import InputError
from mien.stats.raters import rater_agreement

Pairs = tuple[np.ndarray, np.ndarray]


def complete(rng: np.random.Generator, items: int, each: int) -> Pairs:
    """Everybody rates everything."""
    item, rater = np.indices((items, each))
    return item.ravel(), rater.ravel()


def sparse(rng: np.random.Generator, items: int, each: int) -> Pairs:
    """Every item has its own draw from raters who rate about ten items each, as in online panels."""
    people = max(each + 1, items * each // 10)
    rater = np.concatenate([rng.permutation(people)[:each] for _ in range(items)])
    return np.repeat(np.arange(items), each), rater


def few_items_each(rng: np.random.Generator, items: int, each: int) -> Pairs:
    """The same with two items per rater."""
    people = max(each + 1, items * each // 2)
    rater = np.concatenate([rng.permutation(people)[:each] for _ in range(items)])
    return np.repeat(np.arange(items), each), rater


def nested(rng: np.random.Generator, items: int, each: int) -> Pairs:
    """Blocks of ten items, each block with raters of its own."""
    item, place = np.indices((items, each))
    return item.ravel(), (item // 10 * each + place).ravel()


def unbalanced(rng: np.random.Generator, items: int, each: int) -> Pairs:
    """One to twice as many ratings per item, by raters of whom some rate much more than others."""
    people = max(2 * each, items // 2)
    eager = rng.dirichlet(np.full(people, 0.7))
    eager = (eager + 1 / people) / 2
    drawn = [rng.choice(people, size=int(rng.integers(1, 2 * each)), replace=False, p=eager) for _ in range(items)]
    drawn[:3] = [rng.permutation(people)[: max(2, each)] for _ in range(3)]
    return np.repeat(np.arange(items), [len(d) for d in drawn]), np.concatenate(drawn)


DESIGNS: dict[str, Callable[[np.random.Generator, int, int], Pairs]] = {
    "complete": complete, "sparse, 10 items each": sparse, "sparse, 2 items each": few_items_each,
    "nested": nested, "unbalanced": unbalanced,
}  # fmt: skip
ITEMS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n) * 3**0.5,
    "skewed": lambda rng, n: rng.standard_gamma(3, n) / 3**0.5 - 3**0.5,
}


def truth(item: np.ndarray, rater: np.ndarray, habit: float, noise: float) -> float:
    """The ceiling of a design with items of variance 1."""
    count = np.bincount(item)
    shares = np.zeros((len(count), int(rater.max()) + 1))
    np.add.at(shares, (item, rater), 1 / count[item])
    apart = ((shares - shares.mean(axis=0)) ** 2).sum() / (len(count) - 1)
    return float((1 / (1 + habit**2 * apart + noise**2 * (1 / count).mean())) ** 0.5)


def study(
    rng: np.random.Generator, design: str, items: int, each: int, habit: float, noise: float, kind: str, whole: bool
) -> tuple[float, float, float, float] | None:
    """True ceiling, estimate and interval of one made-up study; None where no interval can be had."""
    item, rater = DESIGNS[design](rng, items, each)
    habits = habit * rng.normal(size=int(rater.max()) + 1)
    values = ITEMS[kind](rng, items)[item] + habits[rater] + noise * rng.normal(size=len(item))
    if whole:  # A scale of 1 to 7.
        values = np.clip(np.round(4 + values), 1, 7)
    try:
        found = rater_agreement(item, values, rater)
    except InputError:
        return None
    return truth(item, rater, habit, noise), found.ceiling, found.low, found.high


def main() -> None:
    """Print coverage, bias and mean width by design."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100, help="made-up studies per row")
    parser.add_argument("--seed", type=int, default=0)
    given = arguments(parser, studies=2)
    print("| design | items | ratings each | items are | noise | true | mean estimate | coverage | mean width |")
    print("| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for number, design in enumerate(DESIGNS):
        for items in (30, 60, 200):
            for each, noise, kind in (
                (3, 1.0, "normal"),
                (3, 2.0, "uniform"),
                (10, 2.0, "skewed"),
                (30, 2.0, "normal"),
            ):
                rng = np.random.default_rng([given.seed, number, items, each, int(noise)])
                drawn = (study(rng, design, items, each, 0.7, noise, kind, False) for _ in range(given.studies))
                rows = np.array([row for row in drawn if row])
                true, value, low, high = rows.T
                covered = ((low <= true + 1e-9) & (true <= high + 1e-9)).mean()
                print(
                    f"| {design} | {items} | {each} | {kind} | {noise:g} | {true.mean():.3f} | {value.mean():.3f} | "
                    f"{covered:.3f} | {(high - low).mean():.3f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
