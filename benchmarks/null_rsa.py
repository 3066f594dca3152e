"""Similarity structures that have nothing in common: how often a layer is found all the same, and how often intervals
hold the truth of few stimuli.

    python -m benchmarks.null_rsa [--repetitions 1000]    (half an hour on one core)
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.common import arguments, is_quick
from mien.compare import matrix_intervals
from mien.compare.matrix_correlation import correlations, standardised
from mien.compare.matrix_tests import layer_tests
from mien.compare.pair_orders import compared_pairs, pair_orders

LAYERS = 6
# Largest number of pictures of a source, sources of each size.
SIZES = {
    "7 categories, all 5,040 orders": ([1] * 7, 5040),
    "16 pictures": ([1] * 16, 199),
    "20 pictures": ([1] * 20, 199),
    "40 pictures": ([1] * 40, 199),
    "12 people, 2 pictures each": ([2] * 12, 199),
    "10 people with 2 pictures, 10 objects": ([2] * 10 + [1] * 10, 199),
}


def distances(x: np.ndarray) -> np.ndarray:
    """Euclidean distances of all rows; further axes in front."""
    found: np.ndarray = np.linalg.norm(x[..., :, None, :] - x[..., None, :, :], axis=-1)
    return found


def alone(count: int) -> np.ndarray:
    """Every row a source of its own."""
    return np.array([f"s{i}" for i in range(count)], dtype=object)


def false_positives(name: str, repetitions: int, *, given: bool = False) -> tuple[float, float]:
    """Share of repetitions with p <= .05: of one layer alone, and of any layer, corrected.

    Pictures of a source look alike to layers and judges, layers share half of what they see; the judges see something
    else. With ``given`` both see the same low-level property, which is held constant.
    """
    sizes, n_permutations = SIZES[name]
    person = np.repeat(np.arange(len(sizes)), sizes)
    sources = np.array([f"s{i}" for i in person], dtype=object)
    rng = np.random.default_rng(len(name))
    pairs = compared_pairs(sources)
    alone_hits = corrected = 0
    for repetition in range(repetitions):
        orders, _ = pair_orders(sources, n_permutations, repetition)

        def seen(features: int) -> np.ndarray:
            return rng.normal(size=(len(sizes), features))[person] + 0.5 * rng.normal(size=(len(person), features))

        low = seen(3)
        shared = np.hstack([seen(5), 1.5 * low]) if given else seen(5)
        layers = np.stack([distances(np.hstack([shared, seen(4)])) for _ in range(LAYERS)])
        judged = distances(np.hstack([seen(3), 1.5 * low]) if given else seen(3))
        x = np.stack([standardised(one, pairs) for one in layers])
        z = standardised(distances(low), pairs) if given else None
        found = layer_tests(correlations(x, standardised(judged, pairs)[None], orders, z))
        alone_hits += bool(found.p[0] <= 0.05)
        corrected += bool(found.p_corrected.min() <= 0.05)
    return alone_hits / repetitions, corrected / repetitions


def held_constant(count: int, repetitions: int, *, by_the_matrix: bool) -> tuple[float, float]:
    """The same for the partial test, in a world that it was not made in.

    ``by_the_matrix``: layers and judges have nothing in common but functions (root, exponential) of the matrix that is
    held constant. Otherwise both see the same low-level properties, but by rectified and by squashed combinations of
    them, which no matrix of plain differences says: then something that they share is left.
    """
    rng, sources = np.random.default_rng(count), alone(count)
    pairs = compared_pairs(sources)
    alone_hits = corrected = 0

    def own(features: int) -> np.ndarray:
        found = distances(rng.normal(size=(count, features)))
        return found / found.mean()

    for repetition in range(repetitions):
        orders, _ = pair_orders(sources, 199, repetition)
        if by_the_matrix:
            low, shared = own(3), own(5)
            layers = np.stack([np.sqrt(low) + 0.5 * shared + 0.5 * own(4) for _ in range(LAYERS)])
            judged = 1 - np.exp(-1.5 * low) + 0.6 * own(2)
        else:
            seen, mixed, squashed = (rng.normal(size=shape) for shape in ((count, 3), (3, 12), (3, 4)))
            low = distances(seen)
            common = np.hstack([rng.normal(size=(count, 6)), np.maximum(seen @ mixed, 0)])
            layers = np.stack(
                [1 - np.corrcoef(np.hstack([common, rng.normal(size=(count, 6))])) for _ in range(LAYERS)]
            )
            judged = distances(np.hstack([rng.normal(size=(count, 2)), np.tanh(seen @ squashed)]))
        x = np.stack([standardised(one, pairs) for one in layers])
        found = layer_tests(correlations(x, standardised(judged, pairs)[None], orders, standardised(low, pairs)))
        alone_hits += bool(found.p[0] <= 0.05)
        corrected += bool(found.p_corrected.min() <= 0.05)
    return alone_hits / repetitions, corrected / repetitions


def world(rng: np.random.Generator, kind: str, count: int, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A layer's matrix and those of people, who see noisy pictures, or give noisy answers, or know categories."""
    x = rng.normal(size=(count, 5))
    layer = distances(x)
    if kind == "categories":
        group = rng.integers(0, 3, count)
        layer = distances(x + 1.2 * np.eye(5)[group])
        return layer, np.repeat((group[:, None] != group)[None].astype(float), len(people), axis=0)
    weight = 1 + 0.4 * people[:, None]
    if kind == "noisy pictures":
        return layer, distances((x + 0.8 * rng.normal(size=x.shape)) * weight)
    noise = 1.5 * rng.normal(size=(len(people), count, count))
    return layer, distances(x * weight) + (noise + noise.swapaxes(1, 2)) / 2


def coverage(kind: str, count: int, n_people: int, repetitions: int) -> tuple[float, float]:
    """Share of intervals that hold the correlation of very many stimuli and people, and their mean width."""
    rng = np.random.default_rng(count)

    def drawn(stimuli: int, people: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pairs = compared_pairs(alone(stimuli))
        layer, judged = world(rng, kind, stimuli, rng.normal(size=(people, 5)) * (people > 1))
        x, y = standardised(layer, pairs)[None], np.stack([standardised(one, pairs) for one in judged])
        return x, y, correlations(x, y, np.arange(stimuli)[None])[0]

    many = 30 if is_quick() else 150
    truth = np.mean([drawn(many, 40 if n_people > 1 else 1)[2][0] for _ in range(8)])
    held, width = 0, 0.0
    for _ in range(repetitions):
        x, y, value = drawn(count, n_people)
        if not np.isfinite(y).any(axis=(1, 2)).all():
            continue
        error, freedom = matrix_intervals.matrix_intervals(x, y, alone(count), n_boot=300, seed=int(rng.integers(1e9)))
        low, high = matrix_intervals.bounds(value, error, freedom)
        held += bool(low[0] <= truth <= high[0])
        width += float(high[0] - low[0]) / repetitions
    return held / repetitions, width


def main(repetitions: int) -> None:
    """Print both tables."""
    print("| what | p <= .05, one layer | some layer of six, corrected |\n| --- | --- | --- |")
    for name in SIZES:
        print(f"| {name} | {' | '.join(f'{100 * share:.1f} %' for share in false_positives(name, repetitions))} |")
    for name in ("7 categories, all 5,040 orders", "20 pictures", "40 pictures"):
        shares = false_positives(name, repetitions, given=True)
        print(f"| {name}, low level held constant | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |")
    for by_the_matrix in (True, False):
        for count in (20,) if is_quick() else (20, 40, 80):
            shares = held_constant(count, min(repetitions, 400), by_the_matrix=by_the_matrix)
            what = "functions of it" if by_the_matrix else "other combinations of it"
            print(f"| {count} pictures, {what} | {' | '.join(f'{100 * share:.1f} %' for share in shares)} |")
    # Withheld in the product; here it is what has to be known.
    matrix_intervals.LEAST_STIMULI = 2
    print(
        "\n| stimuli | people | noise | 95 % interval holds the truth | mean width |\n| --- | --- | --- | --- | --- |"
    )
    for kind in ("noisy pictures", "noisy answers", "categories"):
        for people in (1, 10) if kind != "categories" else (1,):
            for count in (8,) if is_quick() else (8, 12, 20, 40):
                held, width = coverage(kind, count, people, repetitions // 4)
                print(f"| {count} | {people} | {kind} | {100 * held:.0f} % | {width:.2f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=1000)
    main(arguments(parser, repetitions=4).repetitions)
