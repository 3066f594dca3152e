"""How few landmarks are enough, one command per figure.

``python -m benchmarks.reduction buhmap``        8 classes, leave-one-subject-out, 68 points and fewer, all rivals
``python -m benchmarks.reduction london-pairs``  neutral or smiling from the change against the person's mean of both
                                                 pictures, 478 points and fewer, 10 folds of subjects
``python -m benchmarks.reduction planted``       made-up people: share of the acting points among the first so many

Options: ``--model NAME``, ``--random N`` (sets per count), ``--counts N ...`` (of 'buhmap'), ``--faces FOLDER`` (London
extracted), ``--seeds N`` (of 'planted'), ``--output FOLDER`` (finished folds are kept there, so that an interrupted run
continues).

Each figure states accuracy with intervals over people for every rival, tests with people as unit, and what a reduced
binary network needs per clip against the full one. The ranking's settings are the defaults of ``mien.reduce``. While
it was built, ways to sum up evidence were compared on BUHMAP's folds; the default is the published one (absolute
values), not the one that did best there.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, parts, write
from mien.data.synthetic import make_cohort
from mien.learn.table import usable
from mien.reduce.reduce import reduce
from mien.reduce.result import Reduction
from mien.reduce.sentences import row_of, sentences
from mien.studies.demo import MODEL as PLANTED_MODEL
from mien.studies.demo import NEUTRAL, RECIPE, SETTINGS

MODEL = "landmark-rvfl"
FEW: dict[str, Any] = (
    {"n_folds": 2, "n_baselines": 1, "ranking_settings": {"n_steps": 4}, "settings": {"units": 16}}
    if is_quick()
    else {}
)
FIGURES = ("buhmap", "london-pairs", "planted")


def buhmap(model: str, n_random: int, counts: tuple[int, ...], output: Path) -> Reduction:
    """68 points, one subject left out at a time."""
    samples = f"buhmap:{data_root() / 'buhmap'}"
    return reduce(samples, target="label", model=model, n_random=n_random, counts=counts, output=output, progress=told,
                  **(FEW or {"scheme": "leave-one-subject-out"}))  # fmt: skip


def london_pairs(model: str, n_random: int, output: Path, faces: Path) -> Reduction:
    """Two pictures of each person: each point's place against the mean of both, as a clip of one frame."""
    from mien.data.samples import read_samples
    from mien.data.shards import read_faces
    from mien.features.geometry import by_eyes
    from mien.features.match import choose

    samples, found = read_samples(f"london:{data_root() / 'london'}"), read_faces(faces)
    choices = choose(samples, found)
    seen = np.array([choice.status == "ok" for choice in choices])
    rows = np.array([choice.rows[0] if choice.status == "ok" else 0 for choice in choices])
    places = by_eyes(found.landmarks_px[rows][:, :, :2].astype(np.float64), found.topology)
    subjects, labels = samples.subject.astype(str), samples.target("expression").astype(str)
    both = [p for p in np.unique(subjects) if set(labels[(subjects == p) & seen]) == {"neutral", "smiling"}]
    keep = np.isin(subjects, both) & seen
    values = np.zeros_like(places)
    for person in both:
        own = np.flatnonzero((subjects == person) & keep)
        values[own] = places[own] - places[own].mean(axis=0)
    # A change and its opposite: the same picture twice would be a clip in which nothing moves.
    return reduce(values[keep][:, None].repeat(2, axis=1), labels[keep], subjects[keep], model=model,
                  n_random=n_random, mirror=True, output=output, progress=told,
                  **(FEW and {**FEW, "counts": (60,)}))  # fmt: skip


def planted(seeds: int) -> dict[str, Any]:
    """Each expression against neutral, asked as in ``benchmarks.planted``: what the ladder keeps at the planted count.

    Networks tell all expressions apart, and the evidence for one against neutral ranks. The landmarks are those of all
    clips, so no folds are needed for them; chance is the share of acting points among all.
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(201, 201 + seeds):
        people, clips, frames = (6, 1, 8) if is_quick() else (24, 2, 24)
        cohort = make_cohort(people, n_frames=frames, clips_per_expression=clips, seed=seed)
        table = usable(cohort.samples, cohort.faces, RECIPE, "expression")
        caused = {label: acting for label, acting in cohort.acting.items() if len(acting)}
        for label, acting in list(caused.items())[: 1 if is_quick() else None]:
            kept = reduce(
                table.features.values, table.y, table.subjects, model=PLANTED_MODEL, seed=seed, counts=(len(acting),),
                methods=("one-shot",), scheme="grouped", n_folds=2, contrast=f"{label}>{NEUTRAL}", settings=SETTINGS,
                baselines="zero", amount="signed",
            )  # fmt: skip
            hit = float(np.isin(kept.sets[len(acting)], acting).mean())
            accuracy = row_of(kept.curve, method="one-shot", count=len(acting)) or {}
            found.setdefault(label, []).append((hit, len(acting) / 478, accuracy["accuracy"]))
            print(seed, label, f"{len(acting)} act, {hit:.3f} of them kept", flush=True)
    rows_ = {
        label: dict(zip(("kept", "chance", "accuracy"), np.mean(values, axis=0).round(4).tolist(), strict=True))
        for label, values in found.items()
    }
    kept_ = float(np.mean([r["kept"] for r in rows_.values()]))
    return {"model": PLANTED_MODEL, "settings": SETTINGS, "seeds": seeds, "rows": rows_, "kept": kept_}


def told(done: int, total: int) -> None:
    """Progress in steps of a tenth."""
    if done and done * 10 // total != (done - 1) * 10 // total:
        print(f"{100 * done // total} %", flush=True)


def summary(found: Reduction, seconds: float) -> dict[str, Any]:
    """What the figure states."""
    for sentence in sentences(found):
        print(sentence)
    print(found.curve.drop(columns=["trained", "frozen"]).round(4).to_string())
    print(found.tests.round(4).to_string())
    whole = found.to_json()
    kept = ("protocol", "chosen", "timing", "curve", "tests", "stability")
    return {**{name: whole[name] for name in kept}, "seconds": round(seconds, 1), "words": sentences(found)}


def main() -> None:
    """Measure one figure, print it and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", nargs="?", choices=FIGURES)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument("--counts", type=int, nargs="+", default=(34, 17, 8, 4), help="of 'buhmap'")
    parser.add_argument("--faces", type=Path, help="an extraction of London")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--output", type=Path, help="keep finished folds here")
    given = arguments(parser, data=("buhmap", "london"), random=2, counts=(8,), seeds=1)
    for figure in parts(given.figure, FIGURES):
        measure(figure, given)


def measure(figure: str, given: argparse.Namespace) -> None:
    """One figure."""
    start = time.perf_counter()
    name = f"reduction_{figure.replace('-', '_')}"
    if figure == "planted":
        write(name, {**planted(given.seeds), "seconds": round(time.perf_counter() - start, 1)})
        return
    with tempfile.TemporaryDirectory() as scratch:
        output = given.output or Path(scratch) / "reduction"
        if figure == "buhmap":
            found = buhmap(given.model, given.random, tuple(given.counts), output)
        else:
            faces = given.faces
            if faces is None:
                from mien.faces.extract import extract

                faces = Path(scratch) / "london"
                extract([data_root() / "london" / part for part in ("neutral", "smiling")], faces)
            found = london_pairs(given.model, given.random, output, faces)
        write(name, summary(found, time.perf_counter() - start))


if __name__ == "__main__":
    main()
