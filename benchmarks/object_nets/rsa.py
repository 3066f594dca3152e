"""A slice of one viewer's brain beside layers of networks, on pictures of seven categories.

    python -m benchmarks.object_nets.rsa FOLDER [BODY]

FOLDER receives tables, activations and results; BODY is the folder of a model that mien trained on faces. Needs the
data sets objects, london and haxby, and the weights of EfficientNet-Lite0 (``mien models pull``).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from benchmarks.object_nets.probes import SMALL
from benchmarks.object_nets.seven_categories import write
from mien.compare.rsa_result import SimilarityAnalysis
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard


def without_network(samples: mien.Samples) -> Activations:
    """Colour, spectrum and oriented gradients as if they were layers."""
    layers = {}
    for part in ("colour", "spectrum", "hog"):
        values = mien.low_level(samples, parts=[part]).values
        spread = values.std(axis=0)
        layers[part] = ((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)).astype(np.float32)
    card = BodyCard("low-level", "colour, spectrum, oriented gradients", "", "none", 128)
    return Activations(samples, card, layers, np.array(["ok"] * len(samples), dtype=object))


def table(found: SimilarityAnalysis, reference: str) -> list[str]:
    """A row for each network: first, most alike and last layer."""
    lines = []
    for network in found.networks:
        rows = found.of(reference, network.name)
        best = max(rows, key=lambda row: row.score)
        lines.append(
            f"| {network.name} | {rows[0].score:.2f} | {best.layer} {best.score:.2f} | {best.p:.3f} | "
            f"{best.p_corrected:.3f} | {rows[-1].score:.2f} | {best.partial:.2f} ({best.partial_p_corrected:.3f}) |"
        )
    return lines


HEAD = [
    "| network | first layer | most alike layer | p | p corrected | last layer | partial (p corrected) |",
    "| --- | --- | --- | --- | --- | --- | --- |",
]


def main(folder: Path, face_body: str) -> None:
    """Print a table for each set of pictures and coefficient."""
    bodies = {"ImageNet": ("efficientnet-lite0", "pretrained"), "random": ("efficientnet-lite0", "random")}
    if face_body:
        bodies["faces"] = (face_body, "pretrained")
    for path in write(folder):
        samples = mien.read_stimuli(path)
        networks: list[Path | Activations] = []
        for name, (body, weights) in bodies.items():
            place = folder / "activations" / f"{path.stem}-{name}"
            mien.activations(body, samples, place, weights=weights, **SMALL)
            networks.append(place)
        networks.append(without_network(samples))
        for coefficient in ("spearman", "tau-a")[: 1 if is_quick() else 2]:
            found = mien.rsa(
                networks, matrix="haxby", by="category", given="low-level", coefficient=coefficient,
                output=folder / "rsa" / f"{path.stem}-{coefficient}",
            )  # fmt: skip
            print(f"\n{path.stem}, {coefficient}: {found.words(found.references[0])}\n")
            print("\n".join([*HEAD, *table(found, "haxby")]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="for what is computed; without it thrown away")
    parser.add_argument("body", nargs="?", default="")
    given = arguments(parser, data=("objects", "london", "haxby"))
    with tempfile.TemporaryDirectory() as scratch:
        main(given.folder or Path(scratch), given.body)
