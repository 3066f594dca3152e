"""Linear probes of a frozen object network: faces within one style, transfer to photos, made-up pareidolia, the null.

``python -m benchmarks.object_nets.probes FOLDER [FACE_BODY]`` (MIEN_DATA holds 'objects', 'london' and 'omi'; FACE_BODY
is the folder of a model that ``face_body.py`` trained). Activations that are in the folder are not computed again.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from mien.core.words import p_value
from mien.responses.activations import Activations
from mien.responses.probes.result import Probe
from mien.responses.probes.scores import CHOSEN
from mien.responses.probes.words import area, difference_words, effect_words, kind_words, with_interval
from mien.stats.scores import classification_scores

NETWORK, FACES = "efficientnet-lite0", "drawn face,animal face"
ALTERED = ("block-scrambled",) if is_quick() else ("inverted", "negated", "phase-scrambled", "block-scrambled")
# Of every picture: pixels on each side and layers.
SMALL = {"size": 64, "depth": 3} if is_quick() else {}
PAIRS, PERMUTATIONS = (2, 99) if is_quick() else (200, 999)


def main(folder: Path, face_body: Path | None) -> None:
    """All parts, printed as tables in Markdown."""
    bodies: dict[str, tuple[str | Path, str]] = {"imagenet": (NETWORK, "pretrained"), "random": (NETWORK, "random")}
    if face_body is not None:
        bodies["faces"] = (face_body, "pretrained")
    london = altered(folder, "london")
    pairs = pareidolia(folder, "pareidolia", PAIRS, null=False)
    nothing = pareidolia(folder, "pareidolia-null", PAIRS // 2, null=True)
    found = {
        name: probed(folder, name, body, weights, {"london": "london:", "omi": "omi:", "london-altered": london,
                                                   "pareidolia": pairs, "pareidolia-null": nothing})
        for name, (body, weights) in bodies.items()
    }  # fmt: skip
    within(found["imagenet"])
    transfer(found["imagenet"])
    for name, probe in found.items():
        effects(name, probe)
    null(mien.load_activations(folder / "activations/objects-imagenet"))


def altered(folder: Path, samples: str) -> Path:
    """Altered versions of every picture of a set."""
    place = folder / "stimuli" / f"{samples}-altered"
    if not (place / "samples.csv").is_file():
        mien.stimuli(f"{samples}:", place, make=ALTERED)
    return place


def pareidolia(folder: Path, name: str, pairs: int, *, null: bool) -> Path:
    """The same parts on the same object, arranged as a face or not (null: neither), upright and inverted."""
    place = folder / "stimuli" / name
    if not (place / "samples.csv").is_file():
        mien.pareidolia("objects:", place, pairs=pairs, null=null, seed=int(null))
    return place


def probed(folder: Path, name: str, body: str | Path, weights: str, sets: dict[str, str | Path]) -> Probe:
    """A probe on the objects, applied to other sets, random weights and low-level statistics beside it."""
    own = answered(folder, "objects", "objects:", name, body, weights)
    others = [answered(folder, called, spec, name, body, weights) for called, spec in sets.items()]
    beside = ["low-level", folder / "activations/objects-random"] if name == "imagenet" else []
    if beside:
        answered(folder, "objects", "objects:", "random", NETWORK, "random")
    return mien.probe(
        own, faces=FACES, apply=others, beside=beside, curve=not is_quick(), n_permutations=PERMUTATIONS,
        output=folder / "probes" / name,
    )  # fmt: skip


def answered(folder: Path, called: str, samples: str | Path, name: str, body: str | Path, weights: str) -> Path:
    """Activations of one body to one set, computed where they are not there."""
    place = folder / "activations" / f"{called}-{name}"
    if not (place / "activations.json").is_file():
        mien.activations(str(body), str(samples), place, weights=weights, **SMALL)
    return place


def within(probe: Probe) -> None:
    """Drawn and animal faces against everything else: all are drawings of one hand."""
    print("\n| layer | AUC | d' | random weights, AUC | difference | p |\n| --- | --- | --- | --- | --- | --- |")
    random = next(row.body for row in probe.differences if "random" in row.body)
    apart = {row.layer: row for row in probe.differences if row.body == random}
    for row in [*probe.own, probe.score(CHOSEN)]:
        other, difference = probe.score(row.layer, random), apart[row.layer]
        print(
            f"| {row.layer} | {area(row.auc)} | {with_interval(row.d_prime)} | {area(other.auc)} | "
            f"{area(difference.auc)} | {p_value(difference.auc.p)} |"
        )
    for difference in probe.differences:
        if "low-level" in difference.body and difference.layer in (probe.best, CHOSEN):
            print(difference_words(probe, difference))
    print("Learning curve:", "; ".join(f"{row.faces} sources: {area(row.auc)}" for row in probe.curve))


def transfer(probe: Probe) -> None:
    """Photos of faces against drawn objects, and what of that photos without a face explain.

    Scrambled photos have the style (all but the arrangement) and no face; drawn objects have neither.
    """
    answers = probe.answers
    print("\nAUC of one set against another, answers of the probe of drawings:\n")
    print("| layer | photos of faces, drawn objects | scrambled photos, drawn objects | photos, the same scrambled |")
    print("| --- | --- | --- | --- |")
    rest = (answers.set == "") & (answers.face == "other")
    photos = np.isin(answers.set, ("london-imagenet", "omi-imagenet"))
    london = answers.set == "london-imagenet"
    scrambled = np.array(["block-scrambled" in str(path) for path in answers.path])
    for column, layer in enumerate(answers.layers):
        cells = [
            _area(answers.values[:, column], answers.source, one, other)
            for one, other in ((photos, rest), (scrambled, rest), (london, scrambled))
        ]
        print(f"| {layer} | {' | '.join(cells)} |")


def _area(values: np.ndarray, source: np.ndarray, one: np.ndarray, other: np.ndarray) -> str:
    """AUC of one set against another, with its interval over sources."""
    rows = np.flatnonzero(one | other)
    face = 0.5 + 0.5 * values[rows] / (1 + np.abs(values[rows]))
    found = classification_scores(
        np.where(one[rows], "one", "other"), np.stack([1 - face, face], axis=1), ("other", "one"), source[rows],
        n_permutations=0,
    )["auc"]  # fmt: skip
    return f"{found.value:.3f} ({found.between})"


def effects(name: str, probe: Probe) -> None:
    """Shares called face of every set, and paired effects, at the probe's best layer."""
    print(f"\n{name}: {probe.body.sentence()} Layer {probe.best}, AUC {area(probe.score(probe.best).auc)}.\n")
    print("| set | pictures | called face | mean answer (SD) | n | sources |\n| --- | --- | --- | --- | --- | --- |")
    for row in probe.called:
        if row.layer == probe.best:
            print(
                f"| {row.set or 'objects'} | {kind_words(row.kind)} | {with_interval(row.share)} | "
                f"{with_interval(row.answer)} | {row.pictures} | {row.sources} |"
            )
    for effect in probe.effects:
        if effect.layer == probe.best:
            print(f"- {effect.set}: {effect_words(effect)}")


def null(activations: Activations, runs: int = 1 if is_quick() else 20) -> None:
    """The same pictures under labels that changed hands between sources: AUC at chance, p uniform."""
    areas, p = [], []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        sources, which = np.unique(activations.samples.subject.astype(str), return_inverse=True)
        labels = np.where(rng.permutation(len(sources)) < 0.15 * len(sources), "face", "other")[which]
        samples = replace(activations.samples, labels={"category": labels})
        last = activations.layers[-2]
        found = mien.probe(
            replace(activations, samples=samples),
            faces="face",
            layers=last,
            curve=False,
            n_permutations=PERMUTATIONS,
            seed=seed,
        )
        areas.append(found.score(last).auc.value)
        p.append(found.score(last).auc.p)
    small = np.mean(np.array(p) <= 0.05)
    print(f"\nRandom labels, {runs} times: AUC {np.mean(areas):.3f} (SD {np.std(areas):.3f}); p <= .05: {small:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="for what is computed; without it thrown away")
    parser.add_argument("face_body", type=Path, nargs="?")
    given = arguments(parser, data=("objects", "london", "omi"))
    with tempfile.TemporaryDirectory() as scratch:
        main(given.folder or Path(scratch), given.face_body)
