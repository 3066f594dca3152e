"""How many passes LIME and RISE need for the same order of places: ``python -m benchmarks.same_ranking [--quick]``.

Three tables. ``network``: a network of VGG16's shape (batch normalisation, 112 px) learns neutral against smiling on
London's first 47 people; smiling faces of others are explained (logit of "smiling"). The truth is the method's own long
run; beside it plain sampling, as published, with ``--passes`` passes, and mien's with a half and a quarter of them:
Spearman's correlation of segments (LIME) or cells of 7 x 7 (RISE) with the truth, share of the five highest that are
among the truth's, and squared error over the truth's variance, with 95 % intervals over faces. ``stops``: where
``stability=.9`` ends a run, and how two such runs correlate, on games with interactions of two and three units, and on
answers that are noise, where no run should claim to be stable.

At full width the network wants a GPU; ``--side 64 --narrower 4`` is for a processor.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr, t

import mien
from benchmarks.common import arguments, data_root, write
from benchmarks.stopping import game

STABLE = 0.9
TOP = 5
CELLS = 7


def london(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut faces from -1 to 1, 1 for smiling, number of the person."""
    import cv2

    found, smiling, person = [], [], []
    for label, part in enumerate(("neutral", "smiling")):
        for number, file in enumerate(sorted((data_root() / "london" / part).glob("*.jpg"))):
            picture = cv2.imread(str(file))
            found.append(cv2.resize(picture[96:480, 64:448, ::-1], (side, side), interpolation=cv2.INTER_AREA))
            smiling.append(label)
            person.append(number)
    pictures = np.stack(found).transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    return pictures, np.array(smiling), np.array(person)


def vgg(widths: tuple[int | str, ...], side: int, top: int) -> torch.nn.Module:
    """VGG's shape: convolutions of 3 x 3 with batch normalisation, maxima of 2 x 2, and dense layers."""
    layers: list[torch.nn.Module] = []
    channels = 3
    for width in widths:
        if isinstance(width, str):
            layers.append(torch.nn.MaxPool2d(2))
            side //= 2
        else:
            layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.BatchNorm2d(width), torch.nn.ReLU()]
            channels = width
    dense = [torch.nn.Linear(channels * side * side, top), torch.nn.ReLU(), torch.nn.Dropout(0.5)]
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), *dense, torch.nn.Linear(top, 2))


VGG16: tuple[int | str, ...] = (
    64, 64, "m", 128, 128, "m", 256, 256, 256, "m", 512, 512, 512, "m", 512, 512, 512, "m",
)  # fmt: skip


def trained(net: torch.nn.Module, x: np.ndarray, y: np.ndarray, passes: int, device: str) -> torch.nn.Module:
    """The network after so many passes over the pictures, mirrored and shifted at random."""
    net = net.to(device)
    values, labels = torch.from_numpy(x).to(device), torch.from_numpy(y).to(device)
    optimiser = torch.optim.AdamW(net.parameters(), 2e-4, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-4, epochs=passes, steps_per_epoch=-(-len(x) // 16))
    for _ in range(passes):
        for rows in torch.randperm(len(values)).split(16):
            batch = values[rows.to(device)]
            batch = batch.flip(3) if torch.rand(1) < 0.5 else batch
            batch = torch.roll(batch, tuple(torch.randint(-6, 7, (2,)).tolist()), (2, 3))
            loss = torch.nn.functional.cross_entropy(net(batch), labels[rows.to(device)])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def places(evidence: Any, method: str, segments: np.ndarray | None) -> np.ndarray:
    """One value per segment, or per cell; (faces, places)."""
    values = evidence.values[:, 0].astype(np.float64)
    if method == "lime" and segments is not None:
        inside = np.eye(segments.max() + 1)[segments.ravel()]
        return np.asarray(values.reshape(len(values), -1) @ inside / inside.sum(0))
    index = np.arange(values.shape[1]) * CELLS // values.shape[1]
    cells = np.eye(CELLS)[index] / np.bincount(index)
    return np.einsum("nhw,hi,wj->nij", values, cells, cells).reshape(len(values), -1)


def grid(side: int) -> np.ndarray:
    """Segments of the same size, as many as cells: the same for every face."""
    index = np.arange(side) * CELLS // side
    return index[:, None] * CELLS + index[None]


def network(given: argparse.Namespace) -> dict[str, Any]:
    """The first table."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    side = given.side
    x, y, person = london(side)
    learnt = person < given.learnt
    widths = tuple(w if isinstance(w, str) else w // given.narrower for w in VGG16)
    net = trained(vgg(widths, side, 4096 // given.narrower), x[learnt], y[learnt], given.epochs, device)
    with torch.no_grad():
        said = np.concatenate([net(part.to(device)).argmax(1).cpu() for part in torch.from_numpy(x).split(64)])
    print("accuracy on others", (said == y)[~learnt].mean().round(3), flush=True)
    faces = x[np.flatnonzero(~learnt & (y == 1))[: given.faces]]
    scores: dict[str, list[np.ndarray]] = defaultdict(list)
    half = given.passes // 2
    begin = time.perf_counter()
    for method, ours in (("lime", "balanced"), ("rise", "controlled")):
        segments = grid(side) if method == "lime" else None
        more = {"segments": segments} if method == "lime" else {}

        def values(
            pictures: np.ndarray, method: str = method, segments: Any = segments, more: Any = more, **how: Any
        ) -> tuple[np.ndarray, Any]:
            found = mien.explain(net, pictures, target=1, method=method, fill="mean", device=device, **more, **how)
            return places(found, method, segments), found

        for number, face in enumerate(faces):
            if time.perf_counter() - begin > given.seconds * (1 if method == "lime" else 2):
                break
            truth = values(face[None], n_samples=given.reference, sampling=ours, seed=1000 + number)[0][0]
            runs = {
                f"plain {given.passes}": {"sampling": "plain", "n_samples": given.passes},
                f"plain {half}": {"sampling": "plain", "n_samples": half},
                f"{ours} {half}": {"sampling": ours, "n_samples": half},
                f"{ours} {half // 2}": {"sampling": ours, "n_samples": half // 2},
                f"{ours} stability {STABLE}": {"sampling": ours, "stability": STABLE},
            }
            for name, how in runs.items():
                found = [values(face[None], seed=seed, **how) for seed in range(given.seeds)]
                rows = [
                    (*_near(v[0], truth), float(e.columns["passes"][0]) if "passes" in e.columns else np.nan)
                    for v, e in found
                ]
                scores[f"{method} {name}"].append(np.mean(rows, axis=0))
    columns = ("spearman", f"top {TOP}", "squared error", "passes")
    return {
        name: {column: _interval([float(row[k]) for row in rows]) for k, column in enumerate(columns)}
        for name, rows in scores.items()
    }


def _near(values: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    top = len(set(np.argsort(-values)[:TOP]) & set(np.argsort(-truth)[:TOP])) / TOP
    error = float(((values - truth) ** 2).mean() / truth.var())
    return float(spearmanr(values, truth)[0]), top, error


def _interval(values: list[float]) -> list[float]:
    """Mean, and its 95 % interval over faces."""
    mean, few = float(np.mean(values)), len(values) < 2
    reach = 0.0 if few else float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return [round(mean, 4), round(mean - reach, 4), round(mean + reach, 4)]


def stops(runs: int, unit_counts: tuple[int, ...]) -> list[dict[str, Any]]:
    """The second and third table."""

    def noise(units: int) -> Callable[[np.ndarray], np.ndarray]:
        keys = np.random.default_rng(units).integers(2**63, size=units, dtype=np.uint64)

        def answer(values: np.ndarray) -> np.ndarray:
            # The same subset has the same answer; subsets that differ in one unit have nothing in common.
            mixed = (values > 0.5).astype(np.uint64) @ keys
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
            return np.asarray(mixed >> np.uint64(11)) / 2.0**53

        return answer

    found = []
    for method in ("lime", "rise"):
        for units in unit_counts:
            # Of few units all subsets are asked about, and their answers are no noise but the truth.
            for name, function in [("game", game(units, units)[0]), ("noise", noise(units))][: 1 + (units >= 25)]:
                rows = np.ones((2 * runs, units), dtype=np.float32)
                evidence = mien.explain(
                    function, rows, method=method, fill="zero", stability=STABLE, n_samples=4000, batch_size=4000
                )
                values, claimed = evidence.values.reshape(2 * runs, units), evidence.columns["stability"] >= STABLE
                both = [i for i in range(0, 2 * runs, 2) if claimed[i] and claimed[i + 1]]
                alike = [np.corrcoef(values[i], values[i + 1])[0, 1] for i in both]
                ranks = [spearmanr(values[i], values[i + 1])[0] for i in both]
                found.append(
                    {
                        "method": method,
                        "units": units,
                        "function": name,
                        "claim to be stable": round(float(claimed.mean()), 3),
                        "median passes": float(np.median(evidence.columns["passes"])),
                        "correlation of two runs": round(float(np.mean(alike)), 3) if both else None,
                        "Spearman": round(float(np.mean(ranks)), 3) if both else None,
                    }
                )
                print(found[-1], flush=True)
    return found


def main() -> None:
    """Print the tables and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("network", "stops"), help="one part")
    parser.add_argument("--faces", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--passes", type=int, default=1000)
    parser.add_argument("--reference", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--side", type=int, default=112, help="of the pictures, in pixels")
    parser.add_argument("--narrower", type=int, default=1, help="divides VGG16's numbers of channels")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=600.0, help="no new face after so many for a method")
    parser.add_argument("--learnt", type=int, default=47, help="people that the network learns from")
    parser.add_argument("--units", type=int, nargs="+", default=[5, 12, 25, 50])
    given = arguments(
        parser, data=("london",), faces=2, seeds=1, passes=200, reference=400, runs=4, epochs=1, side=32, narrower=16,
        learnt=6, units=[5, 25],
    )  # fmt: skip
    result: dict[str, Any] = {}
    if given.only != "stops":
        result["network"] = network(given)
        for name, row in result["network"].items():
            print(name, row, flush=True)
    if given.only != "network":
        result["stops"] = stops(given.runs, tuple(given.units))
    write("same_ranking", result)


if __name__ == "__main__":
    main()
