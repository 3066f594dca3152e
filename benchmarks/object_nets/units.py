"""Units that respond more to faces: false discoveries, coverage, planted units and lesions; then a real network.

``python -m benchmarks.object_nets.units known`` needs no data; ``python -m benchmarks.object_nets.units FOLDER`` makes
activations of 'objects' (MIEN_DATA) by EfficientNet-Lite0, with ImageNet and with random weights, if FOLDER lacks them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from benchmarks.object_nets.probes import SMALL
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard
from mien.responses.units.design import UnitDesign
from mien.responses.units.selectivity import adjusted, layer_test
from mien.responses.units.shares import share_of
from mien.responses.units.words import interval_of_shares, words_of

NETWORK, FACES = "efficientnet-lite0", "drawn face,animal face"
REPETITIONS, UNITS, PERMUTATIONS = (1, 50, 400) if is_quick() else (1000, 200, 4000)
COVERAGE, DISSOCIATIONS = (2, (1, 1)) if is_quick() else (150, (200, 50))
KINDS = ("normal", "heavy tails", "mostly zero", "several pictures")


def known() -> None:
    """What is known beforehand, printed as tables in Markdown."""
    print("| answers | sources of faces / others | null repetitions with a discovery |\n|---|---|---|")
    for kind in KINDS:
        for faces, others in ((20, 60), (8, 24)):
            rng, hits = np.random.default_rng(1), 0
            for number in range(REPETITIONS):
                means = made_up(rng, kind, faces + others)
                test = layer_test(means, design(faces, others), n_permutations=PERMUTATIONS, seed=number, strict=False)
                hits += bool((adjusted(test.p) <= 0.05).any())
            print(f"| {kind} | {faces} / {others} | {100 * hits / REPETITIONS:.1f} % |", flush=True)
    coverage()
    dissociations()


def made_up(rng: np.random.Generator, kind: str, sources: int) -> np.ndarray:
    """Mean answers of sources that have nothing to do with what they show."""
    if kind == "heavy tails":
        return rng.standard_t(2, (sources, UNITS)).astype(np.float32)
    own = rng.normal(size=(sources, UNITS))
    if kind == "mostly zero":
        own = np.maximum(own - 1, 0)
    if kind == "several pictures":  # one to four, each with noise of its own
        own = own + rng.normal(size=own.shape) / np.sqrt(rng.integers(1, 5, (sources, 1)))
    return own.astype(np.float32)


def design(faces: int, others: int) -> UnitDesign:
    """Sources of faces first."""
    rows = np.arange(faces + others)
    face = rows < faces
    return UnitDesign(rows, rows, np.where(face, "face", "thing"), face, rows % 2, ())


def coverage() -> None:
    """How often the interval holds the mean share, of correlated units of which three in ten respond more to faces."""
    print("\n| sources of faces / others | share | SD of it | coverage of the 95 % interval | false discoveries |")
    print("|---|---|---|---|---|")
    for faces, others in ((12, 60), (30, 100), (100, 400)):
        rng = np.random.default_rng(0)
        effect = np.where(rng.random(UNITS) < 0.3, rng.gamma(2, 0.5, UNITS), 0)
        loads = rng.normal(size=(5, UNITS)) * np.sqrt(0.3 / 5)
        found, wrong = [], []
        for number in range(COVERAGE):
            sources = faces + others
            means = rng.normal(size=(sources, 5)) @ loads + np.sqrt(0.7) * rng.normal(size=(sources, UNITS))
            means[:faces] += effect * np.exp(0.3 * rng.normal(size=(faces, 1)))
            means = means.astype(np.float32)
            test = layer_test(means, design(faces, others), n_permutations=PERMUTATIONS // 2, seed=number, strict=False)
            one = share_of(test, means, design(faces, others), 0.05, 0)
            found.append((one.value, one.low, one.high))
            selective = adjusted(test.p) <= 0.05
            wrong.append((selective & (effect == 0)).sum() / max(1, selective.sum()))
        value, low, high = np.array(found).T
        holds = ((low <= value.mean()) & (value.mean() <= high)).mean()
        print(
            f"| {faces} / {others} | {100 * value.mean():.1f} % | {100 * value.std():.1f} % | {100 * holds:.0f} % | "
            f"{100 * np.mean(wrong):.1f} % |",
            flush=True,
        )


def toy(planted: float, seed: int) -> Activations:
    """Ten of fifty units respond more to faces, ten more to one of four kinds of thing each."""
    rng = np.random.default_rng(seed)
    kind = np.array(["face"] * 40 + [f"thing {i % 4}" for i in range(80)])
    values = rng.normal(size=(120, 50))
    values[:40, :10] += planted
    for place in range(4):
        values[np.ix_(kind == f"thing {place}", 10 + np.arange(place, 10, 4))] += planted
    names = [f"{name} {number}" for number, name in enumerate(kind)]
    samples = mien.Samples(path=names, subject=names, labels={"category": kind}, things=True)
    body = BodyCard("toy", "made up", "", "none", 32)
    return Activations(samples, body, {"layer": values.astype(np.float32)}, np.repeat("ok", 120))


def dissociations() -> None:
    """Lesions of a fifth of the units, planted or not."""
    print("\n| planted d' | repetitions | double dissociation | faces cost more than random units (p <= .05) |")
    print("|---|---|---|---|")
    for planted, repetitions in zip((0.0, 2.0), DISSOCIATIONS, strict=True):
        double = cost = 0
        for seed in range(repetitions):
            found = mien.units(
                toy(planted, seed), faces="face", lesions="all", doses=(0.2,), n_permutations=999, n_shuffles=0
            )
            double += found.dissociations[0].double
            cost += found.dissociations[0].cost_p <= 0.05
        print(
            f"| {planted:g} | {repetitions} | {100 * double / repetitions:.1f} % | {100 * cost / repetitions:.1f} % |",
            flush=True,
        )


def real(folder: Path) -> None:
    """Shares and lesions in a network that learnt objects, beside random weights."""
    places = {}
    for name, weights in (("imagenet", "pretrained"), ("random", "random")):
        places[name] = folder / "activations" / name
        if not (places[name] / "activations.json").is_file():
            mien.activations(NETWORK, "objects:", places[name], weights=weights, **SMALL)
    began = time.process_time()
    found = mien.units(
        places["imagenet"], folder / "units/imagenet", faces=FACES, beside=places["random"], lesions="all"
    )
    print(f"{time.process_time() - began:.0f} s of CPU time\n")
    print("\n\n".join(words_of(found)))
    print("\n| layer | units | respond more (95 %) | than each | shuffled | random weights (95 %) | difference | d' |")
    print("|---|---|---|---|---|---|---|---|")
    for row in found.layers:
        print(
            f"| {row.layer} | {row.units} | {100 * row.share:.0f} % ({interval_of_shares(row.low, row.high)}) | "
            f"{100 * row.selective_each / row.units:.0f} % | {100 * row.shuffled:.1f} % | {100 * row.beside:.0f} % "
            f"({interval_of_shares(row.beside_low, row.beside_high)}) | "
            f"{interval_of_shares(row.gap_low, row.gap_high)} | {row.d_held_out:.2f} |"
        )
    print("\n| layer | silent | faces: cost beyond random (95 %) | p | objects: cost (95 %) | double dissociation, p |")
    print("|---|---|---|---|---|---|")
    for one in found.dissociations:
        print(
            f"| {one.layer} | {100 * one.dose:.0f} % | {one.cost:.3f} ({one.cost_low:.3f} to {one.cost_high:.3f}) | "
            f"{one.cost_p:.3f} | {one.cost_objects:.3f} ({one.cost_objects_low:.3f} to {one.cost_objects_high:.3f}) | "
            f"{one.p_corrected:.3f} |"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", help="known, or a folder")
    what = arguments(parser, data=("objects",)).what
    if what == "known" or is_quick():
        known()
    if what != "known":
        with tempfile.TemporaryDirectory() as scratch:
            real(Path(what or scratch))
