"""How often are equal explanation methods ranked apart, and real differences missed?

``python -m benchmarks.null_ranks`` (a minute). Made-up numbers of one metric: a person's part that all methods share
(correlation .5 between methods) and each method's own. Null: all methods are equal. Half: the first half is better by
one standard deviation of a method's own part; equal methods inside the halves must not be told apart. One: the first
is better than all others by two such deviations.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.common import arguments
from mien.core.target import Target
from mien.faithfulness.result import Faithfulness

NOISE = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed": lambda rng, shape: rng.standard_gamma(1, shape) - 1,
}


def study(rng: np.random.Generator, people: int, better: np.ndarray, noise: str) -> Faithfulness:
    """One comparison by insertion (higher is better)."""
    values = rng.normal(size=(people, 1)) + NOISE[noise](rng, (people, len(better))) + better
    columns = {f"m{i}": column for i, column in enumerate(values.T)}
    who = np.array([f"p{i}" for i in range(people)], dtype=object)
    return Faithfulness(Target("a"), {"insertion": columns}, {}, {}, np.zeros(0), who, who, settings={"seed": 0})


def told_apart(found: Faithfulness, better: np.ndarray) -> tuple[bool, bool, float, bool]:
    """Equal methods with different ranks; equal ones that differ; share of real differences; first alone on top."""
    rank, names = found.rank("insertion"), list(found.values["insertion"])
    pairs = [(i, j) for i in range(len(better)) for j in range(i)]
    equal = [(names[i], names[j]) for i, j in pairs if better[i] == better[j]]
    real = [found.differs("insertion", names[i], names[j]) for i, j in pairs if better[i] != better[j]]
    return (
        any(rank[a] != rank[b] for a, b in equal),
        any(found.differs("insertion", a, b) for a, b in equal),
        float(np.mean(real)) if real else float("nan"),
        rank["m0"] == 1 and sum(place == 1 for place in rank.values()) == 1,
    )


def main() -> None:
    """Print one row per number of methods and people."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=60)
    parser.add_argument("--noise", choices=NOISE, default="normal")
    given = arguments(parser, studies=1)
    print("| methods | people | null: ranks differ | half: equal ones' ranks differ | half: equal ones differ | "
          "half: pairs told apart | one: alone on top |")  # fmt: skip
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for methods in (6, 12):
        for people in (5, 8, 10, 20, 50):
            rng = np.random.default_rng([methods, people])
            none, half, one = np.zeros(methods), np.repeat([1.0, 0.0], methods // 2), np.eye(methods)[0] * 2
            rows = [
                np.mean([told_apart(study(rng, people, b, given.noise), b) for _ in range(given.studies)], axis=0)
                for b in (none, half, one)
            ]
            print(
                f"| {methods} | {people} | {rows[0][0]:.3f} | {rows[1][0]:.3f} | {rows[1][1]:.3f} | {rows[1][2]:.2f} | "
                f"{rows[2][3]:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
