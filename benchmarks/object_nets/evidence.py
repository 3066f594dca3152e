"""What a probe of a frozen object network looks at: evidence by parts of the face, on photos and made-up pareidolia.

``python -m benchmarks.object_nets.evidence FOLDER LONDON [FACE_BODY] [--people 102] [--pairs 60]``: MIEN_DATA holds
'objects' and 'london'; LONDON is what ``mien extract`` wrote of the photos, FACE_BODY the folder that ``face_body.py``
trained.
Probes learn drawn and animal faces against everything else in 'objects'; explained are photos of people, whose
landmarks say where the parts are, and made-up pareidolia, whose parts are known, arranged as a face or scrambled. What
is in FOLDER is not computed again.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from benchmarks.object_nets.probes import FACES, NETWORK, answered
from mien.core.words import number, p_value
from mien.responses.evidence.result import ProbeEvidence

METHODS = ("deeplift",) if is_quick() else ("deeplift", "occlusion")


def main(folder: Path, london: Path, face_body: Path | None, people: int, pairs: int) -> None:
    """Every set by every method, as a table in Markdown."""
    bodies: dict[str, tuple[str | Path, str]] = {
        "imagenet": (NETWORK, "pretrained"), "random": (NETWORK, "random"),
    }  # fmt: skip
    if face_body is not None:
        bodies["faces"] = (face_body, "pretrained")
    for name, (body, weights) in bodies.items():
        if not (folder / "probes" / name / "probe.json").is_file():
            own = answered(folder, "objects", "objects:", name, body, weights)
            mien.probe(own, faces=FACES, curve=False, n_permutations=199, output=folder / "probes" / name)
    photos = mien.read_stimuli("london")
    photos = photos[np.flatnonzero(photos.labels["expression"] == "neutral")[:people]]
    made = folder / "stimuli" / f"pareidolia-{pairs}"
    if not (made / "samples.csv").is_file():
        mien.pareidolia("objects:", made, pairs=pairs)
    things = mien.read_stimuli(made)
    upright = things[things.labels["orientation"] == "upright"]
    for method in METHODS:
        for name, samples, more in (
            ("photos", photos, {"faces": london}), ("pareidolia", upright, {"by": "category"}),
        ):  # fmt: skip
            found = mien.probe_evidence(
                folder / "probes" / "imagenet", samples, folder / "evidence" / f"{name}-{method}", method=method,
                beside=[folder / "probes" / name for name in bodies if name != "imagenet"], **more,
            )  # fmt: skip
            show(f"{name}, {method}, layer {found.layer}, {len(found)} pictures", found)


def show(title: str, found: ProbeEvidence) -> None:
    """Shares of the evidence for "face" in each part."""
    print(f"\n**{title}**\n\n| group | network | part | share | area | p | ImageNet less this |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for row in found.rows:
        if row.sign == "for":
            share, area = row.in_words
            less = row.less_body
            beside = f"{number(less.value)} ({less.between}), p {p_value(less.p)}" if less.value == less.value else ""
            who = row.body or f"{found.body.name} ({found.body.weights})"
            print(f"| {row.group} | {who} | {row.part} | {share} | {area} | {p_value(row.share.p)} | {beside} |")
    print(flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="for what is computed; without it thrown away")
    parser.add_argument("london", type=Path, nargs="?", help="an extraction of London; made without it")
    parser.add_argument("face_body", type=Path, nargs="?")
    parser.add_argument("--people", type=int, default=102)
    parser.add_argument("--pairs", type=int, default=60)
    given = arguments(parser, data=("objects", "london"), people=2, pairs=2)
    with tempfile.TemporaryDirectory() as scratch:
        if given.london is None:
            mien.extract(mien.read_samples("london").files(), Path(scratch) / "london")
        main(
            given.folder or Path(scratch),
            given.london or Path(scratch) / "london",
            given.face_body,
            given.people,
            given.pairs,
        )
