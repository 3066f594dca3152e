"""What grows how fast: processor time and memory over two orders of magnitude. ``python -m benchmarks.cost_curves``

``[NAME ...] [--most 1.0]``. Made-up input. Every size runs in a process of its own, forked from one that has loaded the
libraries: processor seconds of the work alone, and the peak of its memory above where it began. Slopes are those of the
logarithms over the larger half of the sizes: 1 is linear. About five minutes; ``--most`` cuts the largest sizes.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import mien
from benchmarks.common import arguments, write
from mien.stats.scores import classification_scores

Work = Callable[[], Any]


@dataclass(frozen=True)
class Curve:
    """What is done with so many of something; ``make`` prepares it and gives the work that is measured."""

    what: str
    unit: str
    make: Callable[[int, Path], Work]
    sizes: tuple[int, ...]


def frames(count: int, folder: Path) -> Work:
    """A clip of a moving face of 320 x 320 pixels."""
    from mien.data.media.film import Film
    from mien.data.synthetic import make_cohort, render, scene

    picture = render(scene(make_cohort(1, ("neutral",), n_frames=2, seed=0).performance, 0, 0), 320)
    with Film(folder / "clip.mp4", 25) as film:
        for number in range(count):
            film.add(np.roll(picture, number % 40, axis=1), number / 25)
    return lambda: mien.extract(folder / "clip.mp4", folder / "study", threads=1)


def faces(count: int, folder: Path) -> Work:
    """One picture with so many faces of 160 pixels each."""
    import cv2

    from mien.data.synthetic import make_cohort, render, scene

    cohort = make_cohort(4, ("neutral",), n_frames=2, seed=0)
    heads = [render(scene(cohort.performance, row, 0), 160) for row in range(4)]
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns))
    picture = np.full((rows * 160, columns * 160, 3), 90, np.uint8)
    for number in range(count):
        y, x = divmod(number, columns)
        picture[160 * y : 160 * y + 160, 160 * x : 160 * x + 160] = heads[number % 4]
    cv2.imwrite(str(folder / "group.png"), picture[..., ::-1])
    return lambda: mien.extract(folder / "group.png", folder / "study", threads=1)


def samples(count: int, folder: Path) -> Work:
    """Rows of ten numbers by ten people each, trees in five folds."""
    rng = np.random.default_rng(0)
    who, label = np.arange(count) % max(10, count // 10), rng.integers(0, 2, count)
    names = [f"n{i}" for i in range(10)]
    values = rng.normal(size=(count, 10)) + 0.3 * label[:, None]
    rows = [[f"r{i}", f"p{who[i]}", "ab"[label[i]], *values[i].round(4)] for i in range(count)]
    lines = [",".join(map(str, row)) for row in [["path", "subject", "label", *names], *rows]]
    (folder / "table.csv").write_text("\n".join(lines))
    return lambda: mien.train(
        folder / "table.csv", target="label", model="logistic", features=names, n_folds=5, progress=False
    )  # fmt: skip


def people(count: int, folder: Path) -> Work:
    """Scores of two classes with intervals over people and tests against chance, four samples of each."""
    rng = np.random.default_rng(0)
    truth, who = np.tile([0, 1, 0, 1], count), np.repeat(np.arange(count), 4)
    p = 1 / (1 + np.exp(-rng.normal(size=4 * count) - truth + 0.5))
    return lambda: classification_scores(truth, np.stack([1 - p, p], axis=1), (0, 1), who)


def points(count: int, folder: Path) -> Work:
    """Integrated Gradients of eight clips of twelve frames of so many points by a small network."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(24 * count, 32), torch.nn.Tanh(), torch.nn.Linear(32, 2)
    )
    clips = np.random.default_rng(0).normal(size=(8, 12, count, 2)).astype(np.float32)
    return lambda: mien.explain(net.eval(), clips, target=0, baselines="zero", n_steps=32)


def covered(count: int, folder: Path) -> Work:
    """Kernel SHAP of one row of so many features, at its default number of passes."""
    weights = np.random.default_rng(0).normal(size=count)
    row = np.ones((1, count), np.float32)
    return lambda: mien.explain(lambda x: np.tanh(x @ weights), row, method="kernel-shap", fill="zero")


def masks(count: int, folder: Path) -> Work:
    """RISE of one picture of 64 pixels by a small network."""
    torch.manual_seed(0)
    layers = (torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8 * 32 * 32, 2))
    picture = np.random.default_rng(0).normal(size=(1, 3, 64, 64)).astype(np.float32)
    return lambda: mien.explain(torch.nn.Sequential(*layers).eval(), picture, target=0, method="rise", n_samples=count)


def permutations(count: int, folder: Path) -> Work:
    """Two groups of 20 people compared in six measures."""
    rng = np.random.default_rng(0)
    one, other, who = rng.normal(size=(80, 6)), rng.normal(size=(80, 6)), np.repeat(np.arange(20), 4)
    return lambda: mien.compare(one, other, who, who + 20, n_permutations=count)


def of_map(method: str) -> Callable[[int, Path], Work]:
    """A map of so many rows of 18 numbers, with its quality; no attribute is tested."""

    def made(count: int, folder: Path) -> Work:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(count, 18)) @ rng.normal(size=(18, 18))
        return lambda: mien.embed(x, method=method, n_seeds=1, n_held_out=0)

    return made


CURVES: dict[str, Curve] = {
    "frames": Curve("mien extract, one clip", "frames", frames, (10, 30, 100, 300, 1000)),
    "faces": Curve("mien extract, one picture", "faces in it", faces, (1, 3, 10, 30, 100)),
    "samples": Curve("mien train, logistic on ten columns", "samples", samples, (100, 300, 1000, 3000, 10_000)),
    "people": Curve("scores with intervals and tests", "people", people, (10, 30, 100, 300, 1000)),
    "points": Curve("mien explain, Integrated Gradients", "points", points, (5, 15, 50, 150, 500)),
    "covered": Curve("mien explain, Kernel SHAP", "features", covered, (5, 15, 50, 150, 500)),
    "masks": Curve("mien explain, RISE", "masks", masks, (100, 300, 1000, 3000, 10_000)),
    "permutations": Curve("mien compare", "permutations", permutations, (99, 299, 999, 2999, 9999)),
    "map-pca": Curve("mien embed, PCA", "rows", of_map("pca"), (30, 100, 300, 1000, 3000)),
    "map-isomap": Curve("mien embed, Isomap", "rows", of_map("isomap"), (30, 100, 300, 1000, 3000)),
    "map-mds": Curve("mien embed, MDS", "rows", of_map("mds"), (10, 30, 100, 300, 1000)),
}


def _measured(curve: Curve, size: int, back: Any) -> None:
    """In a process of its own: seconds and MB, sent back."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        work = curve.make(size, Path(place))
        start, used = _resident(), _spent()
        work()
        seconds = _spent() - used
        back.send((seconds, max(0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - start)))
    os._exit(0)


def _resident() -> float:
    """MB that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _spent() -> float:
    """Processor seconds of this process and of those that it waited for."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def slope(sizes: list[int], values: list[float]) -> float | None:
    """Of the logarithms, over the larger half of the sizes; None where nothing is to be seen."""
    half = len(sizes) // 2
    x, y = np.array(sizes[half:], float), np.array(values[half:])
    return round(float(np.polyfit(np.log(x), np.log(y), 1)[0]), 2) if len(x) > 1 and (y > 0).all() else None


def main() -> None:
    """Measure, print a table and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(CURVES))
    parser.add_argument("--most", type=float, default=1.0, help="share of each curve's largest size that is tried")
    given = arguments(parser, most=0.02)
    # Public names load their code on first use: here, so that no size pays for it.
    loaded = [function.__name__ for function in (mien.explain, mien.extract, mien.train, mien.compare, mien.embed)]
    fork, rows = multiprocessing.get_context("fork"), {}
    print("| what | sizes | seconds | MB above the start | slope of time | of memory |")
    print("| --- | --- | --- | --- | ---: | ---: |")
    for name in given.names:
        curve = CURVES[name]
        sizes = [size for size in curve.sizes if size <= max(given.most * curve.sizes[-1], curve.sizes[0])]
        found = []
        for size in sizes:
            mine, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=_measured, args=(curve, size, theirs))
            process.start()
            theirs.close()
            found.append(mine.recv())
            process.join()
        seconds, megabytes = ([round(value, 3) for value in column] for column in zip(*found, strict=True))
        rows[name] = {
            "what": curve.what, "unit": curve.unit, "sizes": sizes, "seconds": seconds, "mb": megabytes,
            "slope of time": slope(sizes, seconds), "slope of memory": slope(sizes, megabytes),
        }  # fmt: skip
        cells = [" ".join(f"{value:,.4g}" for value in column) for column in (sizes, seconds, megabytes)]
        ends = f"{rows[name]['slope of time']} | {rows[name]['slope of memory']}"
        print(f"| {curve.what}: {curve.unit} | {' | '.join(cells)} | {ends} |", flush=True)
    write("cost_curves", {"loaded before": loaded, "curves": rows})


if __name__ == "__main__":
    main()
