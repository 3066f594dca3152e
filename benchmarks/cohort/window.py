"""Evidence over time of networks on series: does it lie where the effect was planted?

``python -m benchmarks.cohort.window [--quick] [--drawn FOLDER]``. Made-up cohorts in which the level of one muscle goes
with the trait for six seconds of each recording only (``'mouthFrown: level: depression=.9: 8-14'``), and, for
comparison, in all of it. Each network is trained, scored on people left out, and explained; told are the planted
channels' share of the evidence and how much more of it a step within the six seconds holds than one outside.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import mien
from benchmarks.common import arguments, write
from mien.atlas.summary import summarise
from mien.report.draw.evidence import save_plots

START_S, END_S, PER_SECOND = 8, 14, 2
EFFECT = "mouthFrown: level: depression=.9"
CHANNELS = ["mouthFrown*", "mouthSmile*", "browDown*", "jawOpen"]


def cohort(folder: Path, people: int, planted: str, seed: int) -> mien.Samples:
    """A made-up cohort of 20 seconds each; the trait is a rating."""
    made = mien.synthesize_cohort(
        folder, people=people, frames=300, planted=[planted], site_shift=0.0, missing_share=0.0, seed=seed
    )
    truth = json.loads((folder / "truth.json").read_text())
    place = {subject: i for i, subject in enumerate(truth["subject"])}
    person = [place[subject] for subject in made.samples.subject]
    return replace(made.samples, ratings={"depression": np.array(truth["traits"]["depression"])[person]})


def found_by(network: str, samples: mien.Samples, folder: Path, drawn: Path | None) -> dict[str, float]:
    """Score on people left out, and where the evidence of the network lies."""
    recipe = {"name": "series", "channels": CHANNELS, "per_second": PER_SECOND}
    asked: dict[str, Any] = {"target": "depression", "model": f"series-{network}", "faces": folder, "recipe": recipe}
    trained = mien.train(samples, **asked, n_folds=3, output=folder / network)
    evidence = mien.explain(folder / network, samples, faces=folder, method="integrated-gradients")
    amount = np.abs(evidence.values[evidence.ok])
    over_time, channels = amount.sum(2).mean(0)[: 20 * PER_SECOND], amount.sum(1).mean(0)
    inside = np.zeros(len(over_time), dtype=bool)
    inside[START_S * PER_SECOND : END_S * PER_SECOND] = True
    own = [name.startswith("mouthFrown") for name in evidence.names]
    if drawn is not None:
        save_plots(summarise(evidence), drawn / network)
    assert trained.evaluation is not None
    score = trained.evaluation.scores["pearson"]
    return {
        "correlation": score.value, "from": score.low, "to": score.high,
        "share of the planted channels": float(channels[own].sum() / channels.sum()),
        "a step inside / outside": float(over_time[inside].mean() / over_time[~inside].mean()),
        "share of evidence inside": float(over_time[inside].sum() / over_time.sum()),
    }  # fmt: skip


def main() -> None:
    """Simulate, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=Path, help="Folder for amount.svg and time.svg of each network.")
    given = arguments(parser)
    result: dict[str, Any] = {}
    kinds = (("8 to 14 s", f"{EFFECT}: {START_S}-{END_S}"), ("all of it", EFFECT))
    for name, planted in kinds[: 1 if given.quick else None]:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            samples = cohort(folder, 24 if given.quick else 600, planted, 0)
            for network in ("cnn",) if given.quick else ("transformer", "gru", "cnn"):
                drawn = given.drawn if name != "all of it" else None
                result[f"{name}, {network}"] = found_by(network, samples, folder, drawn)
                print(name, network, json.dumps(result[f"{name}, {network}"]), flush=True)
    write("cohort_window", result)


if __name__ == "__main__":
    main()
