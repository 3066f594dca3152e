"""What the transparent rules reach without any training, one command per figure.

``python -m benchmarks.rules london``      neutral against smiling from a single picture of 102 people
``python -m benchmarks.rules buhmap``      happiness, sadness and neutral of BUHMAP, by the action units of OpenFace
``python -m benchmarks.rules synthetic``   pictures of made-up people, through detector, landmarker and blendshapes

Nothing is fitted, so there are no folds: every sample is a test. Thresholds and weights were written down from
publications before any of these were scored. Needs ``london/`` or ``buhmap/`` of the shared data.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, parts, write
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.data.samples import read_ready_faces, read_samples
from mien.explain.explain import explain
from mien.features import compute
from mien.learn.evaluate import evaluate
from mien.models.rules import ALSO_CALLED, NEUTRAL, TABLE, rules

KNOWN = {*TABLE, *ALSO_CALLED, NEUTRAL}


def london(scratch: Path, faces: Path | None) -> tuple[Samples, Faces | Path, str]:
    """Neutral or smiling."""
    samples = read_samples(f"london:{data_root() / 'london'}")
    if faces is None:
        from mien.faces.extract import extract

        faces = scratch
        extract([data_root() / "london" / part for part in ("neutral", "smiling")], faces)
    return samples, faces, "expression"


def buhmap(scratch: Path, faces: Path | None) -> tuple[Samples, Faces | Path, str]:
    """The classes that the rules know; head gestures are left out."""
    spec = f"buhmap:{data_root() / 'buhmap'}"
    samples, ready = read_samples(spec), read_ready_faces(spec)
    assert ready is not None
    return samples[np.isin(samples.labels["label"].astype(str), sorted(KNOWN))], ready, "label"


def synthetic(scratch: Path, faces: Path | None, people: int = 24, seed: int = 0) -> tuple[Samples, Faces | Path, str]:
    """Made-up people; half of them show some expressions with muscles that no publication names."""
    from mien.data.synthetic import synthesize
    from mien.faces.extract import extract

    shown = ("neutral", "smile", "surprise", "anger", "disgust", "sadness", "fear")
    synthesize(scratch / "data", subjects=people, frames=8, expressions=shown, pictures=True, seed=seed)
    extract(scratch / "data" / "pictures", scratch / "study")
    return read_samples(scratch / "data" / "pictures.csv"), scratch / "study", "expression"


FIGURES = {"london": london, "buhmap": buhmap, "synthetic": synthetic}


def scored(samples: Samples, faces: Faces | Path, target: str) -> dict[str, Any]:
    """Scores, confusion and notes; and how well the reasons sum to the scores."""
    found = evaluate("rules", samples, target=target, faces=faces).to_json()
    every = [
        explain("rules", samples, method="rule-reasons", target=name, faces=faces)
        for name in rules().classes[: 2 if is_quick() else None]
    ]
    gaps = [float(np.nanmax(np.abs(evidence.gap[evidence.ok]))) for evidence in every if evidence.ok.any()]
    keys = ("classes", "scores", "per_class", "confusion", "left_out", "notes")
    return {**{key: found[key] for key in keys}, "largest_gap": max(gaps)}


def main() -> None:
    """Measure one figure, print it and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", nargs="?", choices=FIGURES)
    parser.add_argument("--faces", type=Path, help="an extraction of London")
    parser.add_argument("--people", type=int, default=24, help="of 'synthetic'")
    parser.add_argument("--seed", type=int, default=0, help="of 'synthetic'")
    given = arguments(parser, data=("london", "buhmap"), people=2)
    for figure in parts(given.figure, FIGURES):
        measure(figure, given)


def measure(figure: str, given: argparse.Namespace) -> None:
    """One figure."""
    with tempfile.TemporaryDirectory() as folder:
        make = FIGURES[figure]
        asked = {"people": given.people, "seed": given.seed} if figure == "synthetic" else {}
        samples, faces, target = make(Path(folder), given.faces, **asked)  # type: ignore[operator]
        result: dict[str, Any] = {"what": (make.__doc__ or "").strip(), **scored(samples, faces, target)}
        if samples.group is not None:
            result["groups"] = {
                str(group): scored(samples[samples.group == group], faces, target)["scores"]
                for group in sorted(set(samples.group))
            }
        from mien.data.shards import read_faces

        measured = compute({"name": "actions"}, samples, faces if isinstance(faces, Faces) else read_faces(faces))
        write(f"rules_{figure}", {**result, "measured_by": measured.recipe["measured_by"]})


if __name__ == "__main__":
    main()
