"""The fast attention networks ``efdnn`` and ``efdnn-lite``: accuracy, speed, and whether attention is evidence.

``python -m benchmarks.efdnn``               all three, into ``benchmarks/results/efdnn_*.json``
``python -m benchmarks.efdnn accuracy``      10 folds of people or faces: London neutral against smiling, trained from
                                       scratch, taught by the model 'picture', and started from a network that learnt
                                       all ratings of OMI; OMI happy above 65 against below 30; both by efdnn-lite
``python -m benchmarks.efdnn speed``         ms per picture, 1 and 2 threads, batches of 1 and 32, beside VGG16,
                                       ResNet18, MobileNetV3-Large and EfficientNet-Lite0, in turns in one process
``python -m benchmarks.efdnn faithfulness``  its attention beside Grad-CAM, RISE, integrated gradients, the prior of the
                                       face's centre and random numbers, on people of London left out of training

Needs ``london/`` and ``noncommercial/omi/`` of the shared data and, for the teacher, ``mien models pull
efficientnet-lite0``. Faces are extracted first, unless ``--london`` and ``--omi`` name extractions. Pictures only: no
landmarks reach the network, they only place the crop. Settings were chosen on inner folds of the training people of
one London fold. The accuracy of ``efdnn`` is of the mean over crop and mirror image, two passes; all else is of one.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, processes, write, write_table
from benchmarks.efdnn_bodies import BODIES, SIZE
from benchmarks.faithfulness import AT_ONCE, SCORES, _score, _split, _told, markdown
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.data.shards import read_faces
from mien.faces.extract import extract
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.learn.train import train
from mien.models.attention.lite import EfdnnLiteClassifier
from mien.models.catalogue import spec
from mien.nets.attention import (
    BODY,
    STAGE,
    AttentionHead,
    Efdnn,
    EfdnnLite,
    cells_of,
    fold_norms,
    folded,
    parameters_of,
)
from mien.nets.bodies import Body

HAPPY, UNHAPPY = 65.0, 30.0
FEW, FOLDS = ({"epochs": 1, "steps": 2}, 2) if is_quick() else ({}, 10)
OURS = ("efdnn", "efdnn-lite")
METHODS = ("attention", *(() if is_quick() else ("grad-cam", "rise")), "integrated-gradients")
STEPS, SUBSETS = (4, 10) if is_quick() else (16, 50)
PASSES = {"rise": {"n_samples": 500}, "integrated-gradients": {"n_steps": STEPS},
          "infidelity": {"n_subsets": SUBSETS}, "sensitivity-n": {"n_subsets": SUBSETS}}  # fmt: skip


def london() -> Samples:
    """Neutral and smiling pictures."""
    return read_samples(f"london:{data_root() / 'london'}")


def omi() -> Samples:
    """Faces that raters agree about: 'happy' above 65 or below 30 of 100."""
    samples = read_samples(f"omi:{data_root() / 'noncommercial' / 'omi'}")
    happy = samples.ratings["happy"]
    samples = samples[(happy > HAPPY) | (happy < UNHAPPY)]
    said = np.where(samples.ratings["happy"] > HAPPY, "happy", "not happy")
    return replace(samples, labels={**samples.labels, "apparent": said})


# Instead of a folder: the network is trained on OMI first.
OMI_BODY = "OMI"
OF_START: dict[str, Any] = {"teacher": "picture"}
FIGURES: dict[str, tuple[Callable[[], Samples], str, dict[str, Any]]] = {
    "OMI, from scratch": (omi, "apparent", {}),
    "London, from scratch": (london, "expression", {}),
    "London, taught": (london, "expression", {"teacher": "picture"}),
    "London, started from OMI": (
        london,
        "expression",
        {"start": OMI_BODY, "epochs": 1, "steps": 300, "learning_rate": 0.004},
    ),
    "London, efdnn-lite": (london, "expression", {}),
    "OMI, efdnn-lite": (omi, "apparent", {}),
}


def model_of(figure: str) -> str:
    """The model that a figure is about."""
    return "efdnn-lite" if figure.endswith("efdnn-lite") else "efdnn"


def omi_body(faces: str | Path, folder: Path) -> dict[str, Any]:
    """A network that learnt all mean ratings of OMI's synthetic faces, written to a folder."""
    start = time.perf_counter()
    every = read_samples(f"omi:{data_root() / 'noncommercial' / 'omi'}")
    trained = train(every, target="all", model="efdnn", faces=faces, output=folder, evaluate=False, settings=OF_START)
    facts = {"ratings": list(trained.model.classes), "n_samples": trained.model.info["n_samples"]}
    return {**facts, "settings": trained.model.settings, "seconds": round(time.perf_counter() - start, 1)}


def accuracy(name: str, faces: str, omi_faces: str) -> dict[str, Any]:
    """Scores of one figure over 10 folds that share nobody."""
    torch.set_num_threads(1)
    samples, target, settings = FIGURES[name]
    facts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        if settings.get("start") == OMI_BODY:
            folder = Path(scratch) / "omi-efdnn"
            facts["start"] = omi_body(omi_faces, folder)
            settings = {**settings, "start": str(folder)}
        start = time.perf_counter()
        asked = {"target": target, "model": model_of(name), "n_folds": FOLDS}
        trained = train(samples(), faces=faces, settings={**settings, **FEW}, **asked)
    evaluation = trained.evaluation
    assert evaluation is not None
    facts |= {"seconds": round(time.perf_counter() - start, 1), "settings": trained.model.settings}
    for score, s in evaluation.scores.items():
        print(f"{name}: {score} {s.value:.4f} ({s.low:.3f} to {s.high:.3f})", flush=True)
    return {**evaluation.to_json(), "parameters": parameters_of(trained.model.module()), **facts}


def accuracies(given: argparse.Namespace) -> None:
    """All accuracies, ``--workers`` at a time."""
    with ProcessPoolExecutor(given.workers, mp_context=processes()) as pool:
        asked = {
            name: pool.submit(
                accuracy, name, str(given.omi if FIGURES[name][0] is omi else given.london), str(given.omi)
            )
            for name in given.figures or FIGURES
        }
        write("efdnn_accuracy", {name: found.result() for name, found in asked.items()})


def speed(given: argparse.Namespace) -> None:
    """Fastest of ``--rounds`` passes in turns: others on the machine only slow a pass down."""
    own, lite = (int(spec(name).recipe["size"]) for name in OURS)
    torch.manual_seed(0)
    nets: dict[str, tuple[Any, int]] = {"efdnn": (folded(Efdnn(2)).eval(), own), "efdnn-lite": (_lite(lite), lite)}
    nets |= {
        name: (make().eval(), SIZE) for name, make in BODIES.items() if not is_quick() or name == "EfficientNet-Lite0"
    }
    # The same small crop for the strongest rival: how much of the gain is the network, how much the size.
    nets[f"EfficientNet-Lite0 at {own} px"] = (nets["EfficientNet-Lite0"][0], own)
    result: dict[str, Any] = {
        name: {"parameters": parameters_of(net), "side_px": side, "ms_per_picture": {}}
        for name, (net, side) in nets.items()
    }
    nets = {name: (net.to(memory_format=torch.channels_last), side) for name, (net, side) in nets.items()}
    for threads in (1,) if is_quick() else (1, 2):
        torch.set_num_threads(threads)
        for batch in (1, 2 if is_quick() else 32):
            for name, ms in _in_turns(nets, batch, given.rounds).items():
                result[name]["ms_per_picture"][f"{threads} threads, batch {batch}"] = round(ms, 4)
    torch.set_num_threads(1)
    table = speed_table(result)
    print(table)
    write_table("efdnn_speed.md", table)
    write("efdnn_speed", {"networks": result, "rounds": given.rounds})


def _lite(side: int) -> EfdnnLite:
    """The network of the model 'efdnn-lite' with random weights: it only has to be as slow."""
    body, cells = Body(f"untrained {BODY}", (STAGE,), (cells_of(side),)), cells_of(side)
    head = AttentionHead(body.sizes[0] // cells**2, EfdnnLiteClassifier().hidden, 2, cells)
    return EfdnnLite(fold_norms(body.module(side)), head).eval()


def _in_turns(nets: dict[str, tuple[Any, int]], batch: int, rounds: int) -> dict[str, float]:
    best = dict.fromkeys(nets, float("inf"))
    with torch.inference_mode():
        for turn in range(rounds + 1):
            for name, (net, side) in nets.items():
                x = torch.rand(batch, 3, side, side).contiguous(memory_format=torch.channels_last)
                # Short passes are repeated, so that the clock does not matter.
                passes = 1 if name == "VGG16" or (batch > 1 and side == SIZE) else 5
                start = time.perf_counter()
                for _ in range(passes):
                    net(x)
                spent = (time.perf_counter() - start) / passes / batch * 1e3
                if turn:  # the first warms up
                    best[name] = min(best[name], spent)
    return best


def speed_table(result: dict[str, Any]) -> str:
    """Networks x conditions in Markdown, with how many times slower than each of ours."""
    settings = list(result["efdnn"]["ms_per_picture"])
    lines = ["| network | parameters | side, px | " + " | ".join(f"{s}, ms per picture" for s in settings) + " |"]
    lines.append("| --- |" + " ---: |" * (2 + len(settings)))
    for name, facts in result.items():
        ms = facts["ms_per_picture"]
        ours = [result[own]["ms_per_picture"] for own in OURS]
        cells = [f"{ms[s]:.2f} ({', '.join(f'{ms[s] / own[s]:.1f} x' for own in ours)})" for s in settings]
        lines.append(f"| {name} | {facts['parameters']:,} | {facts['side_px']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def attention_judged(given: argparse.Namespace) -> None:
    """Attention beside other methods on smiling people whom the network has not seen."""
    start = time.perf_counter()
    torch.set_num_threads(1)
    samples, faces = london(), read_faces(given.london)
    held, rest = _split(samples, given.people)
    parts, scores = {}, {}
    for figure in (name for name in given.figures or FIGURES if FIGURES[name][0] is london):
        name, settings = figure.partition(", ")[2], dict(FIGURES[figure][2])
        with tempfile.TemporaryDirectory() as scratch:
            if settings.get("start") == OMI_BODY:
                settings["start"] = str(Path(scratch) / "omi-efdnn")
                omi_body(given.omi, Path(settings["start"]))
            model = train(
                samples[rest],
                target="expression",
                model=model_of(figure),
                faces=faces,
                evaluate=False,
                settings={**settings, **FEW},
            )
        _score(model.model, samples[held], faces)
        smiling = samples[held & (samples.labels["expression"] == "smiling")]
        found = evaluate_evidence(
            model.model, smiling, METHODS, target="smiling", faces=faces, baselines="mean", truth="mouth,cheek",
            metrics=AT_ONCE, n_steps=given.steps, progress=_told,
            settings={name: own for name, own in PASSES.items() if name in (*METHODS, *AT_ONCE)},
        )  # fmt: skip
        kept = {k: v for k, v in found.to_json().items() if k not in ("values", "sample", "curves")}
        parts[name], scores[name] = {**kept, **SCORES}, markdown([found])
        print(f"{name}: accuracy on people left out {SCORES['accuracy']}\n{scores[name]}")
    text = "\n".join(f"Trained {name}:\n\n{table}" for name, table in scores.items())
    write_table("efdnn_faithfulness.md", text)
    write("efdnn_faithfulness", {"parts": parts, "seconds": round(time.perf_counter() - start, 1)})


def main() -> None:
    """Measure, print and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"accuracy": accuracies, "speed": speed, "faithfulness": attention_judged}
    parser.add_argument("part", nargs="?", choices=parts, help="all without it")
    parser.add_argument("--london", type=Path, help="an extraction of London")
    parser.add_argument("--omi", type=Path, help="an extraction of OMI")
    parser.add_argument("--figures", nargs="*", choices=FIGURES, help="of accuracy and faithfulness; all without it")
    parser.add_argument("--workers", type=int, default=2, help="accuracies at a time")
    parser.add_argument("--rounds", type=int, default=5, help="timed passes of each network")
    parser.add_argument("--people", type=int, default=12, help="people left out to judge attention on")
    parser.add_argument("--steps", type=int, default=10, help="of insertion and deletion curves")
    given = arguments(parser, data=("london", "omi"), workers=1, rounds=1, people=2, steps=3)
    if given.quick:
        given.figures = given.figures or ["London, efdnn-lite"]
    asked = [given.part] if given.part else list(parts)
    with tempfile.TemporaryDirectory() as scratch:
        if given.london is None and asked != ["speed"]:
            given.london = Path(scratch) / "london"
            extract([data_root() / "london" / part for part in ("neutral", "smiling")], given.london)
        if given.omi is None and asked != ["speed"]:
            given.omi = Path(scratch) / "omi"
            extract(data_root() / "noncommercial" / "omi" / "images", given.omi)
        for part in asked:
            parts[part](given)


if __name__ == "__main__":
    main()
