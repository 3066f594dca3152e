"""The label permutation test and the shuffled labels of the noise check: right where nothing is to be seen?

Run: OMP_NUM_THREADS=1 python -m benchmarks.null_people [--studies 400]
Prints JSON, one row per design: the share of p <= .05 and mean p over studies whose predictions depend on the person
but not on the class, the largest excess of small p over what is due, the share of p <= .05 where predictions are right
in 65 % of the samples, and how often a shuffled label is the true one, beside how often two labels drawn at random
agree. About a minute.
"""

import argparse
import json
from collections.abc import Callable

import numpy as np

from benchmarks.common import arguments
from mien.stats.chance import chance_p
from mien.stats.permutation import exchanged_rows, permute_labels

Design = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
PERMUTATIONS, RIGHT = 99, 0.65


def one_class(people: int, sizes: Callable[[np.random.Generator, int], np.ndarray]) -> Design:
    """Half of the people show one class throughout, half the other."""

    def made(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        size = sizes(rng, people)
        return np.repeat(np.arange(people), size), np.repeat(np.arange(people) % 2, size)

    return made


def all_classes(people: int, sizes: Callable[[np.random.Generator, int], np.ndarray]) -> Design:
    """Everybody shows both classes in turn."""

    def made(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        size = sizes(rng, people)
        return np.repeat(np.arange(people), size), np.concatenate([np.arange(n) % 2 for n in size])

    return made


def stray(design: Design) -> Design:
    """One sample of one person has the other class."""

    def made(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        person, label = design(rng)
        label[0] = 1 - label[0]
        return person, label

    return made


def mostly(people: int, share: float, sizes: Callable[[np.random.Generator, int], np.ndarray]) -> Design:
    """Everybody shows both classes, half of the people one of them in most samples."""

    def made(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        person, label = one_class(people, sizes)(rng)
        return person, np.where(rng.random(len(label)) < share, label, 1 - label)

    return made


def controls_and_patients(people: int, sizes: Callable[[np.random.Generator, int], np.ndarray]) -> Design:
    """Half of the people show one class, half both."""

    def made(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        person, label = one_class(people, sizes)(rng)
        return person, label * (rng.random(len(label)) < 0.5)

    return made


def same(count: int) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Everybody has so many samples."""
    return lambda rng, people: np.full(people, count)


def between(low: int, high: int) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Numbers of samples that differ from person to person."""
    return lambda rng, people: rng.integers(low, high + 1, people)


def by_class(rng: np.random.Generator, people: int) -> np.ndarray:
    """The second class's people have three times as many samples."""
    return np.where(np.arange(people) % 2, 9, 3)


DESIGNS: dict[str, Design] = {
    "20 people, one class each, 4 samples": one_class(20, same(4)),
    "20 people, all classes each, 4 samples": all_classes(20, same(4)),
    "20 people, one class each but one sample": stray(one_class(20, same(4))),
    "20 people, 90 % one class each, 10 samples": mostly(20, 0.9, same(10)),
    "20 people, one class or both, 6 samples": controls_and_patients(20, same(6)),
    "20 people, one class each, 1 to 12 samples": one_class(20, between(1, 12)),
    "20 people, all classes each, 1 to 12 samples": all_classes(20, between(1, 12)),
    "20 people, one class each but one sample, 1 to 12": stray(one_class(20, between(1, 12))),
    "20 people, 90 % one class each, 3 to 12 samples": mostly(20, 0.9, between(3, 12)),
    "20 people, one class or both, 3 to 12 samples": controls_and_patients(20, between(3, 12)),
    "20 people, one class each, 3 or 9 by class": one_class(20, by_class),
    "8 people, one class each, 4 samples": one_class(8, same(4)),
    "8 people, all classes each, 4 samples": all_classes(8, same(4)),
    "8 people, all classes each, 2 to 8 samples": all_classes(8, between(2, 8)),
}


def balanced(predicted: np.ndarray) -> Callable[[np.ndarray], float]:
    """Balanced accuracy of predictions, as a function of the labels."""
    return lambda labels: float(np.mean([(predicted[labels == c] == c).mean() for c in (0, 1) if (labels == c).any()]))


def studied(design: Design, studies: int) -> dict[str, float]:
    """Figures of one design."""
    null, found, agree, chance = [], [], [], []
    for number in range(studies):
        rng = np.random.default_rng([7, number])
        person, label = design(rng)
        # People differ in what is predicted of them, whatever their class.
        own = rng.beta(0.5, 0.5, person.max() + 1)[person]
        predictions = (rng.random(len(person)) < own).astype(int)
        right = np.where(rng.random(len(person)) < RIGHT, label, 1 - label)
        for p, predicted in ((null, predictions), (found, right)):
            score, shuffles = balanced(predicted), np.random.default_rng(number)
            shuffled = [score(permute_labels(label, person, shuffles).astype(int)) for _ in range(PERMUTATIONS)]
            p.append(chance_p(score(label), np.array(shuffled), cross_validated=False))
        agree.append((label[exchanged_rows(person, rng)] == label).mean())
        chance.append((np.bincount(label, minlength=2) / len(label)) @ (np.bincount(label, minlength=2) / len(label)))
    p = np.sort(null)
    excess = float((np.arange(1, len(p) + 1) / len(p) - p).max())
    return {
        "false_positives": float((p <= 0.05).mean()),
        "mean_p": float(p.mean()),
        "excess": excess,
        "power": float((np.array(found) <= 0.05).mean()),
        "shuffled_is_true": float(np.mean(agree)),
        "by_chance": float(np.mean(chance)),
    }


def main() -> None:
    """Print one row per design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=400)
    studies = arguments(parser, studies=2).studies
    rows = [{"design": name, **studied(design, studies)} for name, design in DESIGNS.items()]
    print(json.dumps({"studies": studies, "permutations": PERMUTATIONS, "designs": rows}, indent=1))


if __name__ == "__main__":
    main()
