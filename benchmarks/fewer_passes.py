"""How many passes RISE needs: ``python -m benchmarks.fewer_passes [--faces 50] [--reference 40000] [--threads 2]``.

Protocol. A small convolutional network (64 px, four strided layers, 0.03 s per hundred faces) learns neutral against
smiling on London's first 47 people; the smiling pictures of the others are explained, once as probability (as
published) and once as logit difference. Per face: a reference of 40,000 plain passes, then every estimator on masks of
its own. An estimator's squared error is its mean squared distance from the reference minus the reference's own squared
standard error, over all pixels and faces. Ratios are relative to plain RISE with 4,000 passes; at most 1 is its
precision or better. ``shape`` is the same after each map's own mean is taken away: the map without its level.

With ``--network efficientnet-lite0`` (ImageNet weights, 224 px, float16) the predicted class of a few faces is
explained; 40,000 passes take ten minutes per face there, so the estimators' reported standard errors are compared.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.stats import qmc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, is_quick, write
from mien.explain.perturb.controlled import controlled_estimate, plain_estimate
from mien.explain.perturb.masks import GridMasks
from mien.explain.perturb.sampling import Estimate

SIDE, CELLS, P = 64, 7, 0.5
BATCH = 100
SOBOL = 64 if is_quick() else 1024
PLAIN = 160 if is_quick() else 4000
# The rest of the people are explained.
LEARN_FROM = 8 if is_quick() else 47
Answer = Callable[[torch.Tensor], torch.Tensor]


def pictures(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """London's faces, cut and scaled to -1..1; expression (1 smiling); number of the person."""
    found, smiling, person = [], [], []
    for label, part in enumerate(("neutral", "smiling")):
        for number, file in enumerate(sorted((data_root() / "london" / part).glob("*.jpg"))):
            cut = cv2.imread(str(file))[96:480, 64:448, ::-1]
            found.append(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA))
            smiling.append(label)
            person.append(number)
    stacked = np.stack(found).transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    return stacked, np.array(smiling), np.array(person)


def trained(x: np.ndarray, y: np.ndarray) -> torch.nn.Module:
    """The small network."""
    torch.manual_seed(0)
    sizes, layers = (3, 16, 32, 48, 64), []
    for inputs, outputs in pairwise(sizes):
        layers += [torch.nn.Conv2d(inputs, outputs, 3, 2, 1), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Dropout(0.3), torch.nn.Linear(64 * 16, 2))
    optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
    values, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(3 if is_quick() else 60):
        for rows in torch.randperm(len(values)).split(16):
            batch = values[rows]
            batch = batch.flip(3) if torch.rand(1) < 0.5 else batch
            batch = torch.roll(batch, tuple(torch.randint(-3, 4, (2,)).tolist()), (2, 3))
            loss = torch.nn.functional.cross_entropy(net(batch), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return net.eval()


def drawn(side: int, count: int, seed: list[int], sobol: bool = False) -> GridMasks:
    masks = GridMasks(side, side, CELLS, P, torch.device("cpu"))
    if not sobol:
        masks.draw(np.random.default_rng(seed), count)
        return masks
    points = qmc.Sobol(CELLS**2 + 2, rng=np.random.default_rng(seed)).random(count)
    masks.grids = (points[:, 2:] < P).reshape(count, CELLS, CELLS)
    masks.shifts = (points[:, :2] * masks.cell).astype(np.int32)
    return masks


def outputs(net: Answer, picture: np.ndarray, masks: GridMasks, complement: bool = False) -> np.ndarray:
    """Probability and logit difference for each mask, (masks, 2)."""
    shown, side, found = torch.from_numpy(picture), picture.shape[-1], []
    with torch.inference_mode():
        for start in range(0, len(masks.grids), BATCH):
            mask = masks.at(start, min(start + BATCH, len(masks.grids))).reshape(-1, 1, side, side)
            found.append(net(shown * (1 - mask if complement else mask)).double().numpy())
    return np.concatenate(found)


def centred(masks: GridMasks, f: np.ndarray) -> np.ndarray:
    """Plain, with the mean output taken away before and put back after."""
    return plain_estimate(masks, f - f.mean(), P).values + f.mean()


def complements_only(masks: GridMasks, f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Masks and complements without the regression."""
    return plain_estimate(masks, (f - g) / 2, P).values + g.mean()


def estimators(net: Answer, picture: np.ndarray, seed: int, budgets: tuple[int, ...]) -> dict[str, list[Estimate]]:
    """All estimators' maps of one face, for both outputs."""
    side, result = picture.shape[-1], {}

    def plain_like(name: str, masks: GridMasks, f: np.ndarray) -> None:
        result[name] = [plain_estimate(masks, f[:, k], P) for k in (0, 1)]

    def maps(name: str, values: list[np.ndarray]) -> None:
        result[name] = [Estimate(v, np.full_like(v, np.nan), {}) for v in values]

    masks = drawn(side, PLAIN, [seed, 1])
    plain_like(f"plain {PLAIN}", masks, outputs(net, picture, masks))
    few = max(budgets)
    masks = drawn(side, few, [seed, 2])
    f = outputs(net, picture, masks)
    plain_like(f"plain {few}", masks, f)
    maps(f"mean taken away {few}", [centred(masks, f[:, k]) for k in (0, 1)])
    result[f"regression {few}"] = [controlled_estimate(masks, f[:, k], None, P) for k in (0, 1)]
    masks = drawn(side, SOBOL, [seed, 3], sobol=True)
    f = outputs(net, picture, masks)
    maps(f"Sobol masks {SOBOL}", [plain_estimate(masks, f[:, k], P).values for k in (0, 1)])
    maps(f"Sobol masks, mean taken away {SOBOL}", [centred(masks, f[:, k]) for k in (0, 1)])
    for budget in budgets:
        masks = drawn(side, budget // 2, [seed, 4, budget])
        f, g = outputs(net, picture, masks), outputs(net, picture, masks, complement=True)
        maps(f"complements {budget}", [complements_only(masks, f[:, k], g[:, k]) for k in (0, 1)])
        result[f"controlled {budget}"] = [controlled_estimate(masks, f[:, k], g[:, k], P) for k in (0, 1)]
    return result


def london(faces: int, reference: int, budgets: tuple[int, ...]) -> dict:
    """The main figure."""
    x, smiling, person = pictures(SIDE)
    held_out = person >= LEARN_FROM
    net = trained(x[~held_out], smiling[~held_out])
    with torch.inference_mode():
        right = (net(torch.from_numpy(x[held_out])).argmax(1).numpy() == smiling[held_out]).mean()

    def both(values: torch.Tensor) -> torch.Tensor:
        scores = net(values)
        difference = scores[:, 1] - scores[:, 0]
        return torch.stack([torch.sigmoid(difference), difference], dim=1)

    rows = np.flatnonzero(held_out & (smiling == 1))[:faces]
    error: dict[tuple[str, int], list[float]] = defaultdict(list)
    shape: dict[tuple[str, int], list[float]] = defaultdict(list)
    said: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number, row in enumerate(rows):
        masks = drawn(SIDE, reference, [int(row), 0])
        f = outputs(both, x[row], masks)
        truth = [plain_estimate(masks, f[:, k], P) for k in (0, 1)]
        # The noise of the reference without its level: from differences, as an average over halves.
        halves = [_halves(masks, f[:, k]) for k in (0, 1)]
        for name, found in estimators(both, x[row], int(row), budgets).items():
            for k in (0, 1):
                away = found[k].values - truth[k].values
                error[name, k].append(float((away**2).mean() - (truth[k].error ** 2).mean()))
                shape[name, k].append(float(away.var() - halves[k]))
                said[name, k].append(float((found[k].error ** 2).mean()))
        print(f"{number + 1} of {len(rows)} faces", file=sys.stderr)
    result: dict = {"faces": len(rows), "accuracy_on_others": round(float(right), 3), "reference_passes": reference}
    for k, output in enumerate(("probability", "logit")):
        base, base_shape = np.mean(error[f"plain {PLAIN}", k]), np.mean(shape[f"plain {PLAIN}", k])
        result[output] = {
            name: {
                "error_ratio": round(float(np.sqrt(max(np.mean(error[name, k]), 0) / base)), 3),
                "shape_ratio": round(float(np.sqrt(max(np.mean(shape[name, k]), 0) / base_shape)), 3),
                "reported_ratio": round(float(np.sqrt(np.mean(said[name, k]) / base)), 3),
            }
            for name, output_number in error
            if output_number == k
        }
    return result


def _halves(masks: GridMasks, f: np.ndarray) -> float:
    """Variance of the reference's noise over pixels, level aside, from the difference between its two halves."""
    first, second = GridMasks(SIDE, SIDE, CELLS, P, masks.device), GridMasks(SIDE, SIDE, CELLS, P, masks.device)
    half = len(f) // 2
    first.grids, first.shifts = masks.grids[:half], masks.shifts[:half]
    second.grids, second.shifts = masks.grids[half:], masks.shifts[half:]
    difference = plain_estimate(first, f[:half], P).values - plain_estimate(second, f[half:], P).values
    return float(difference.var() / 4)


def efficientnet(faces: int, budgets: tuple[int, ...]) -> dict:
    """A deep network: ratios of the reported standard errors."""
    from mien.nets.efficientnet import pretrained

    net = pretrained("efficientnet-lite0").eval().to(memory_format=torch.channels_last)
    x, _, person = pictures(224)
    rows = np.flatnonzero(person >= LEARN_FROM)[-faces:]
    ratios: dict[str, dict[str, list[float]]] = {"probability": defaultdict(list), "logit": defaultdict(list)}
    global BATCH
    BATCH = 25
    for number, row in enumerate(rows):
        with torch.inference_mode():
            chosen = int(net(torch.from_numpy(x[row : row + 1])).argmax())

        def both(values: torch.Tensor, chosen: int = chosen) -> torch.Tensor:
            with torch.autocast("cpu", torch.float16):
                scores = net(values.contiguous(memory_format=torch.channels_last)).float()
            return torch.stack([scores.softmax(1)[:, chosen], scores[:, chosen]], dim=1)

        found = estimators(both, x[row], int(row), budgets)
        for k, output in enumerate(ratios):
            size = {name: float(np.sqrt((both_[k].error ** 2).mean())) for name, both_ in found.items()}
            for name in size:
                if np.isfinite(size[name]):
                    ratios[output][name].append(size[name] / size[f"plain {PLAIN}"])
        print(f"{number + 1} of {len(rows)} faces", file=sys.stderr)
    return {
        "faces": len(rows),
        **{o: {n: [round(v, 3) for v in values] for n, values in found.items()} for o, found in ratios.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=("small", "efficientnet-lite0"), default="small")
    parser.add_argument("--faces", type=int, help="50, or 3 with EfficientNet-Lite0")
    parser.add_argument("--reference", type=int, default=40_000)
    parser.add_argument("--budgets", type=int, nargs="+", default=[400, 666, 1000, 1332])
    parser.add_argument("--threads", type=int, default=2)
    given = arguments(parser, data=("london",), faces=1, reference=200, budgets=[40, 80], threads=1)
    torch.set_num_threads(given.threads)
    start, budgets = time.perf_counter(), tuple(given.budgets)
    if given.network == "small":
        result = london(given.faces or 50, given.reference, budgets)
    else:
        result = efficientnet(given.faces or 3, budgets)
    result["seconds"] = round(time.perf_counter() - start)
    write("fewer_passes" + ("" if given.network == "small" else "_efficientnet_lite0"), result)


if __name__ == "__main__":
    main()
