"""What is decodable from a slice of one brain. ``python -m benchmarks.film.haxby [--permutations 199]``.

Haxby et al. (2001): twelve runs of one viewer, each with a block of eight categories. Every run is left out once; the
decoder's strength and the number of voxels are chosen by the other runs alone. Chance: decoders fitted anew to labels
whose blocks changed places within their run. Nothing follows for other people. ``--quick`` plants the same in noise.
``--permuted 25``: the whole with labels that changed places before, without any shift; lda. ``--models lda`` alone.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, data_root, write
from benchmarks.film.decoding_null import film
from mien.core.streams import Runs, TimeLine
from mien.data.streams.annotations import read_annotations
from mien.data.streams.brain import read_brain
from mien.data.streams.placing import joined
from mien.decoding.decode import decode

REPETITION_S = 2.5


def haxby(folder: Path) -> TimeLine:
    """The runs with their blocks."""
    brain = read_brain(sorted(folder.glob("run-*.nii.gz")), mask="brightness", name="brain")
    blocks = [read_annotations(path, run=path.stem) for path in sorted(folder.glob("run-*.tsv"))]
    shown = joined([replace(stream, name="shown") for stream in blocks])
    names = list(dict.fromkeys(brain.run.tolist()))
    ends = [float(brain.time_s[brain.run == name].max()) + REPETITION_S for name in names]
    return TimeLine(Runs(names, np.zeros(len(names)), ends), {"brain": brain, "shown": shown})


def measure(
    line: TimeLine, target: str, questions: list[str], models: list[str], permutations: int, *, select: bool = True,
    shift_s: float = 5.0,
) -> dict:  # fmt: skip
    """Every decoder, all categories and one against the rest."""
    found = {}
    for against in questions:
        for model in models:
            start = time.process_time()
            result = decode(
                line, sources="brain", labels="shown", target=target, model=model, against=against, select=select,
                shift_s=shift_s, n_permutations=permutations,
            )  # fmt: skip
            scores = {
                row.score: {"value": round(row.value, 3), "interval": [round(row.low, 3), round(row.high, 3)],
                            "chance": round(row.chance, 3), "p": row.p}
                for row in result.scores
            }  # fmt: skip
            found[f"{against or 'all categories'}, {model}"] = scores | {"cpu_s": round(time.process_time() - start, 1)}
            print(against or "all categories", model, scores, flush=True)
    return found


def permuted(line: TimeLine, target: str, studies: int, permutations: int) -> dict:
    """Studies whose blocks changed places within their runs: everything, with selection, fitted to them."""
    reached, p = [], []
    shown = line["shown"]
    for study in range(studies):
        rng, words = np.random.default_rng(study), shown.column(target).copy()
        for rows in shown.parts().values():
            words[rows] = words[rng.permutation(rows)]
        other = TimeLine(line.runs, {**line.streams, "shown": replace(shown, texts={**shown.texts, target: words})})
        score = decode(
            other, sources="brain", labels="shown", target=target, model="lda", shift_s=0.0,
            n_permutations=permutations,
        ).scores[0]  # fmt: skip
        reached.append(score.value)
        p.append(score.p)
    found = {"mean": float(np.mean(reached)), "sd": float(np.std(reached)), "p_05": float(np.mean(np.array(p) <= 0.05))}
    print("permuted", studies, found, flush=True)
    return found


def main() -> None:
    """Measure and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--permuted", type=int, default=0, help="studies with permuted labels; nothing else")
    parser.add_argument("--models", nargs="+", default=["lda", "ridge", "logistic"])
    parser.add_argument("--no-select", action="store_true")
    parser.add_argument("--shift-s", type=float, default=5.0)
    given = arguments(parser)
    if given.quick:
        made = film(np.random.default_rng(0), runs=4, classes=4)
        write("film_haxby_quick", measure(made, "what", [""], ["ridge", "lda"], 99))
        return
    line = haxby(data_root() / "haxby")
    if given.permuted:
        write("film_haxby_permuted", permuted(line, "trial_type", given.permuted, given.permutations))
        return
    found = measure(
        line, "trial_type", ["", "face"], given.models, given.permutations, select=not given.no_select,
        shift_s=given.shift_s,
    )  # fmt: skip
    write("film_haxby", found)


if __name__ == "__main__":
    main()
