"""Methods x metrics: how faithful is evidence about apparent expression? One command per figure.

``python -m benchmarks.faithfulness london-pictures``       photos, frozen EfficientNet-Lite0 with a head, pixels
``python -m benchmarks.faithfulness london-features``       the same people, logistic regression on named features
``python -m benchmarks.faithfulness synthetic-sequences``   made-up clips whose acting points are planted
``python -m benchmarks.faithfulness synthetic-pictures``    rendered made-up people whose acting points are planted

Models are trained on some people; evidence is judged on others. London's true cause is not known: its region metrics
use what the Facial Action Coding System says of a smile (mouth and cheeks). ``--people`` and ``--steps`` set the cost,
``--faces FOLDER`` names an extraction of London. Results go to ``benchmarks/results/faithfulness_NAME.json``, with a
table in Markdown beside it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, parts, write, write_table
from mien.atlas.crop_regions import crop_regions
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.data.synthetic import make_cohort, synthesize
from mien.explain.methods import METHODS
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.faithfulness.metrics import METRICS
from mien.faithfulness.result import CONTROLS, Faithfulness, together
from mien.features import compute
from mien.features.crop import crop_points
from mien.features.match import choose
from mien.learn.train import train

GRADIENT = (
    "saliency", "input-x-gradient", "integrated-gradients", "gradient-shap", "deeplift", "guided-backprop",
    "smoothgrad",
)  # fmt: skip
CAMS = ("grad-cam", "hirescam", "layercam", "eigen-cam")
COVERING = ("occlusion", "rise", "lime", "kernel-shap", "permutation-shap")
FEW = {"epochs": 2} if is_quick() else {}
if is_quick():
    GRADIENT, CAMS, COVERING = ("integrated-gradients",), ("grad-cam",), ("lime",)
SMILE = "mouth,cheek"
AGAIN = ("max-sensitivity", "parameter-randomisation")
AT_ONCE = tuple(name for name in METRICS if name not in AGAIN)
# Pictures: passes through the network are what costs, so all sampled methods get about the same number.
PASSES = 200
PICTURE_SETTINGS: dict[str, dict[str, Any]] = {
    "integrated-gradients": {"n_steps": 16},
    "gradient-shap": {"n_samples": 16},
    "smoothgrad": {"n_samples": 16},
    "rise": {"n_samples": PASSES},
    "lime": {"n_samples": PASSES},
    "kernel-shap": {"n_samples": PASSES},
    "permutation-shap": {"n_samples": PASSES},
    "infidelity": {"n_subsets": 50},
    "sensitivity-n": {"n_subsets": 50},
    "max-sensitivity": {"n_noise": 3},
    "parameter-randomisation": {"n_stages": 3},
}
# Every one of 478 points is a unit, so sampled methods need many passes; these networks are small.
SEQUENCE_SETTINGS: dict[str, dict[str, Any]] = {
    "integrated-gradients": {"n_steps": 16},
    **{name: {"n_samples": 2000} for name in ("rise", "lime", "kernel-shap", "permutation-shap")},
    "max-sensitivity": {"n_noise": 3},
    "parameter-randomisation": {"n_stages": 3},
}


def london_pictures(given: argparse.Namespace, scratch: Path) -> list[Faithfulness]:
    """Smiling photos of people whom the model has not seen."""
    samples, faces = _london(given, scratch)
    held, rest = _split(samples, given.people)
    trained = train(samples[rest], target="expression", model="picture", faces=faces, evaluate=False,
                    recipe={"name": "crop", "size": given.size})  # fmt: skip
    _score(trained.model, samples[held], faces)
    smiling = samples[held & (samples.labels["expression"] == "smiling")]
    return _pictures(trained.model, smiling, faces, "smiling", SMILE, given)


def synthetic_pictures(given: argparse.Namespace, scratch: Path) -> list[Faithfulness]:
    """Rendered smiles of made-up people; the cause is where the acting points are."""
    from mien.faces.extract import extract

    cohort = synthesize(scratch / "made", subjects=3 * given.people, expressions=("neutral", "smile"), frames=8,
                        pictures=True, size_px=320, seed=11)  # fmt: skip
    samples = read_samples(scratch / "made" / "pictures.csv")
    faces = extract(scratch / "made" / "pictures", scratch / "study").faces()
    held, rest = _split(samples, given.people)
    trained = train(samples[rest], target="expression", model="picture", faces=faces, evaluate=False,
                    recipe={"name": "crop", "size": given.size})  # fmt: skip
    _score(trained.model, samples[held], faces)
    smiling = samples[held & (samples.labels["expression"] == "smile")]
    truth = _acting_masks(smiling, faces, trained.model.recipe, cohort.acting["smile"])
    return _pictures(trained.model, smiling, faces, "smile", truth, given)


def _pictures(
    model: Any, samples: Samples, faces: Any, target: str, truth: Any, given: argparse.Namespace
) -> list[Faithfulness]:
    """Everything that is explained once for all people; what explains again for a few and by the quick methods."""
    names = _available((*GRADIENT, *CAMS, *COVERING), model)
    quick = [name for name in names if name in (*GRADIENT, *CAMS)]
    shared = {"target": target, "faces": faces, "baselines": "mean", "progress": _told}
    return [
        evaluate_evidence(
            model,
            samples,
            names,
            truth=truth,
            metrics=AT_ONCE,
            n_steps=given.steps,
            settings=_for(PICTURE_SETTINGS, (*names, *AT_ONCE)),
            **shared,
        ),
        evaluate_evidence(
            model,
            samples[: given.again],
            quick,
            metrics=AGAIN,
            settings=_for(PICTURE_SETTINGS, (*quick, *AGAIN)),
            **shared,
        ),
    ]


def london_features(given: argparse.Namespace, scratch: Path) -> list[Faithfulness]:
    """Neutral and smiling photos of people whom the model has not seen, by named features."""
    samples, faces = _london(given, scratch)
    held, rest = _split(samples, given.people)
    trained = train(samples[rest], target="expression", model="expression", faces=faces, evaluate=False)
    _score(trained.model, samples[held], faces)
    # It has no ReLU to guide through.
    names = [name for name in _available((*GRADIENT, *COVERING, "leave-one-region-out"), trained.model)
             if name != "guided-backprop"]  # fmt: skip
    return [
        evaluate_evidence(
            trained.model,
            samples[held],
            names,
            faces=faces,
            reference=samples[rest],
            target="smiling",
            truth="mouth,cheek",
            baselines="mean",
            n_steps=given.steps,
            progress=_told,
        )
    ]


def synthetic_sequences(given: argparse.Namespace, scratch: Path) -> list[Faithfulness]:
    """Every expression on the clips that show it; the cause is the points whose muscles act."""
    cohort = make_cohort(3 * given.people, n_frames=8 if is_quick() else 16, seed=11)
    held, rest = _split(cohort.samples, given.people)
    trained = train(cohort.samples[rest], target="expression", model="landmark-net", faces=cohort.faces, evaluate=False,
                    settings={"components": 12, **FEW})  # fmt: skip
    _score(trained.model, cohort.samples[held], cohort.faces)
    names = _available((*GRADIENT, *COVERING, "leave-one-region-out"), trained.model)
    # It has no ReLU to guide through.
    names = [name for name in names if name != "guided-backprop"]
    quick = [name for name in names if name in GRADIENT]
    once, again = [], []
    caused = {label: acting for label, acting in cohort.acting.items() if len(acting)}
    for label, acting in list(caused.items())[: 1 if is_quick() else None]:
        shown = cohort.samples[held & (cohort.samples.labels["expression"] == label)]
        shared = {
            "target": label, "faces": cohort.faces, "reference": cohort.samples[rest], "baselines": "medoids:neutral",
            "progress": _told,
        }  # fmt: skip
        once.append(
            evaluate_evidence(
                trained.model,
                shown,
                names,
                truth=acting,
                metrics=AT_ONCE,
                n_steps=given.steps,
                settings=_for(SEQUENCE_SETTINGS, (*names, *AT_ONCE)),
                **shared,
            )
        )
        again.append(
            evaluate_evidence(
                trained.model, shown, quick, metrics=AGAIN, settings=_for(SEQUENCE_SETTINGS, (*quick, *AGAIN)), **shared
            )
        )
    return [together(once), together(again)]


def _london(given: argparse.Namespace, scratch: Path) -> tuple[Samples, Any]:
    from mien.data.shards import read_faces
    from mien.faces.extract import extract

    root = data_root() / "london"
    if given.faces is None:
        extract([root / "neutral", root / "smiling"], scratch)
    return read_samples(f"london:{root}"), read_faces(given.faces or scratch)


def _split(samples: Samples, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Masks of the samples of ``people`` people, evenly spread over the list, and of all others."""
    names = np.unique(samples.subject.astype(str))
    chosen = names[np.linspace(0, len(names) - 1, min(people, len(names) // 2)).round().astype(int)]
    held = np.isin(samples.subject.astype(str), chosen)
    return held, ~held


def _acting_masks(samples: Samples, faces: Any, recipe: dict[str, Any], acting: np.ndarray) -> np.ndarray:
    """Pixels of each crop that lie on the face and whose nearest point is an acting one."""
    size = recipe["size"]
    rows, columns = np.indices((size, size))
    places = np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5
    masks = np.zeros((len(samples), size, size), bool)
    for row, points in enumerate(crop_points(recipe, choose(samples, faces), faces)):
        if np.isfinite(points).all():
            nearest = np.asarray(cKDTree(points).query(places)[1]).reshape(size, size)
            masks[row] = np.isin(nearest, acting) & (crop_regions(points, (size, size)) > 0)
    return masks


SCORES: dict[str, float] = {}


def _score(model: Any, samples: Samples, faces: Any) -> None:
    """Accuracy on the held-out people: evidence about a model that sees nothing is worth nothing."""
    features = compute(model.recipe, samples, faces)
    said = model.predict_classes(features.values[features.ok])
    SCORES["accuracy"] = round(float((said == samples.target(model.target)[features.ok]).mean()), 4)
    SCORES["held_out_samples"] = int(features.ok.sum())


def _available(names: tuple[str, ...], model: Any) -> list[str]:
    """Methods that this model can be asked by."""
    space = "named features" if len(model.input_shape) == 1 else "landmarks x time" if model.topology else "pixels"
    fit = [name for name in names if space in METHODS[name].spaces]
    return fit if model.differentiable else [name for name in fit if "gradients" not in METHODS[name].needs]


def _for(settings: dict[str, dict[str, Any]], names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Settings of these methods and metrics; those of others are refused."""
    return {name: given for name, given in settings.items() if name in names}


def _told(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{100 * done / total:5.1f} %", end="", file=sys.stderr, flush=True)


def markdown(results: list[Faithfulness]) -> str:
    """Methods x metrics; mean, rank and how many others it is reliably better than; controls at the end."""
    values = {metric: result for result in results for metric in result.values}
    names = list(dict.fromkeys(name for result in results for name in result.methods))
    names = [name for name in names if name not in CONTROLS] + [name for name in names if name in CONTROLS]
    heads = [f"{metric} ({'higher' if METRICS[metric].higher_is_better else 'lower'})" for metric in values]
    lines = ["| method | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * len(heads)]
    ranks = {metric: result.rank(metric) for metric, result in values.items()}
    better = {metric: result.better_than(metric) for metric, result in values.items()}
    for name in names:
        cells = [
            f"{result.mean(metric, name):.2f} ({ranks[metric][name]}; {len(better[metric][name])})"
            if name in ranks[metric]
            else "–"
            for metric, result in values.items()
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


FIGURES = {
    "london-pictures": london_pictures,
    "london-features": london_features,
    "synthetic-sequences": synthetic_sequences,
    "synthetic-pictures": synthetic_pictures,
}


def main() -> None:
    """Measure one figure, print it and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figure", nargs="?", choices=FIGURES)
    parser.add_argument("--people", type=int, default=12, help="held-out people")
    parser.add_argument("--steps", type=int, default=10, help="of insertion and deletion curves")
    parser.add_argument("--again", type=int, default=6, help="pictures for the metrics that explain again")
    parser.add_argument("--size", type=int, default=160, help="pixels per side of the crops")
    parser.add_argument("--faces", type=Path, help="an extraction of London")
    given = arguments(parser, data=("london",), people=2, steps=3, again=2, size=48)
    if is_quick():
        for settings in (PICTURE_SETTINGS, SEQUENCE_SETTINGS):
            settings |= {
                name: {key: min(value, {"n_samples": 50, "n_subsets": 10}.get(key, 2)) for key, value in own.items()}
                for name, own in settings.items()
            }
    for figure in parts(given.figure, FIGURES):
        measure(figure, given)


def measure(figure: str, given: argparse.Namespace) -> None:
    """One figure."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        results = FIGURES[figure](given, Path(scratch))
    name, table = f"faithfulness_{figure.replace('-', '_')}", markdown(results)
    parts = [{k: v for k, v in r.to_json().items() if k not in ("values", "sample", "curves")} for r in results]
    write(
        name, {**SCORES, "parts": parts, "seconds": round(time.perf_counter() - start, 1), "asked": _plain(vars(given))}
    )
    write_table(f"{name}.md", table)
    print(table)


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "faces"}


if __name__ == "__main__":
    main()
