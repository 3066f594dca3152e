"""Every landmark network on BUHMAP: ``python -m benchmarks.landmark_networks [NAME ...] [--scheme SCHEME]``.

8 classes, one subject left out at a time: accuracy with its interval over people, parameters trained and frozen,
processor seconds to fit all clips and microseconds per answer (medians of interleaved rounds, one thread).
Sizes of the randomised networks were chosen among subjects S01 to S05 only.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, write
from mien.learn.cost import inference_us
from mien.learn.evaluation import Evaluation
from mien.learn.table import load, usable
from mien.learn.train import train
from mien.models.catalogue import MODELS
from mien.models.maker import maker

NAMES = [name for name in MODELS if name.startswith("landmark-")]


def timings(names: list[str], rounds: int) -> dict[str, dict[str, float]]:
    """Processor seconds to fit and microseconds per answer, medians of rounds in which every network has its turn."""
    samples, faces = load(f"buhmap:{data_root() / 'buhmap'}", None)
    table = usable(samples, faces, MODELS[names[0]].recipe, "label")
    values = table.features.values
    seconds: dict[str, list[float]] = {name: [] for name in names}
    answers: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            make = maker(name, table.features, seed=0, settings={})
            start = time.process_time()  # one thread: others on the machine do not count
            fitted = make().fit(values, table.y, groups=table.subjects)
            seconds[name].append(time.process_time() - start)
            module = fitted.model().module()

            def answer(clips: np.ndarray, module: torch.nn.Module = module) -> torch.Tensor:
                with torch.no_grad():
                    found: torch.Tensor = module(torch.from_numpy(clips))
                return found

            answers[name].append(inference_us(answer, values))
    return {
        n: {"fit_seconds": float(np.median(seconds[n])), "microseconds_per_clip": float(np.median(answers[n]))}
        for n in names
    }


def main() -> None:
    """Measure, print and keep."""
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--scheme", default="leave-one-subject-out")
    parser.add_argument("--no-timings", dest="timed", action="store_false")
    parser.add_argument("--no-accuracy", dest="scored", action="store_false")
    parser.add_argument("--rounds", type=int, default=3, help="of timing")
    given = arguments(parser, data=("buhmap",), names=["landmark-rvfl", "landmark-net"], scheme="stratified", rounds=1)
    rows: dict[str, dict[str, float]] = {name: {} for name in given.names}
    for name in given.names if given.scored else ():
        folds = {"scheme": given.scheme, "n_folds": 2} if given.quick else {"scheme": given.scheme}
        trained = train(f"buhmap:{data_root() / 'buhmap'}", target="label", model=name, **folds)
        assert isinstance(trained.evaluation, Evaluation)
        score = trained.evaluation.scores["accuracy"]
        sizes = {key: trained.evaluation.cost[key] for key in ("trained", "frozen", "projection")}
        rows[name] = {"accuracy": score.value, "low": score.low, "high": score.high, **sizes}
        print(name, rows[name], flush=True)
    for name, row in (timings(given.names, given.rounds) if given.timed else {}).items():
        rows[name] |= row
    if "landmark-lstm" in rows and given.timed:
        for row in rows.values():
            row["faster_to_fit_than_lstm"] = rows["landmark-lstm"]["fit_seconds"] / row["fit_seconds"]
    write(
        "landmark_networks" if given.scored else "landmark_networks_timings",
        {"scheme": given.scheme, "chance": 0.125, "networks": rows},
    )


if __name__ == "__main__":
    main()
