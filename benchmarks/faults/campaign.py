"""Damaged pictures, videos, tables, models and other stored files, one part at a time."""

import io
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults.mutate import mutated
from benchmarks.faults.workers import FAULTS, FINE, SENTENCE, Lost, Worker

# Damaged files that are extracted at once, beside one that is not damaged.
BATCH = 20


@dataclass(frozen=True)
class Outcome:
    """What became of one damaged file (of a batch, where files are read together)."""

    part: str
    mutation: str
    outcome: str
    said: str
    seed: int


def pictures(rng: np.random.Generator) -> dict[str, bytes]:
    """The same made-up picture in every format."""
    from PIL import Image

    picture = Image.fromarray(rng.integers(0, 255, (90, 120, 3)).astype(np.uint8))
    found = {}
    formats = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "bmp": "BMP", "tif": "TIFF", "ppm": "PPM",
               "jp2": "JPEG2000", "avif": "AVIF"}  # fmt: skip
    for ending, name in formats.items():
        buffer = io.BytesIO()
        picture.save(buffer, name)
        found[ending] = buffer.getvalue()
    return found


def videos(rng: np.random.Generator) -> dict[str, bytes]:
    """Twelve made-up frames in several containers."""
    import av

    found = {}
    for ending, codec in (("mp4", "libx264"), ("mkv", "libx264"), ("avi", "mpeg4"), ("webm", "libvpx")):
        buffer = io.BytesIO()
        with av.open(buffer, "w", format={"mkv": "matroska"}.get(ending, ending)) as container:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for _ in range(12):
                frame = av.VideoFrame.from_ndarray(rng.integers(0, 255, (64, 96, 3)).astype(np.uint8), format="rgb24")
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        found[ending] = buffer.getvalue()
    return found


def tables(rng: np.random.Generator) -> dict[str, bytes]:
    """A table of samples in every format that is read."""
    import pandas as pd

    rows = 24
    table = pd.DataFrame(
        {"path": [f"{i}.png" for i in range(rows)], "subject": [f"P{i // 2:02d}" for i in range(rows)],
         "mood": np.where(np.arange(rows) % 2, "happy", "sad"), "age": rng.integers(18, 80, rows),
         "warm": rng.normal(size=rows)}
    )  # fmt: skip
    buffers = {"xlsx": io.BytesIO(), "parquet": io.BytesIO()}
    table.to_excel(buffers["xlsx"], index=False)
    table.to_parquet(buffers["parquet"], index=False)
    texts = {"csv": table.to_csv(index=False), "tsv": table.to_csv(index=False, sep="\t")}
    return {**{k: b.getvalue() for k, b in buffers.items()}, **{k: t.encode() for k, t in texts.items()}}


def extract_folder(task: tuple[str, int]) -> str:
    """Extract damaged files beside a good one; the good one has to come out, and each damaged one has its row."""
    import mien

    folder, count = Path(task[0]), task[1]
    try:
        result = mien.extract(folder, folder.parent / "out", threads=1)
    except mien.MienError as error:
        raise Lost(f"one damaged file ended the run: {error}") from error
    faces = result.faces()
    known = set(faces.source.astype(str))
    good = faces.source == next(name for name in known if "good" in name)
    if set(faces.status[good]) - {"ok", "no face"}:
        raise Lost(f"the good file has the status {set(faces.status[good])}")
    if len(known) != count + 1 or result.sources != count + 1:
        raise Lost(f"{count + 1} files, but rows of {len(known)}")
    return FINE


def read_table(path: str) -> str:
    """Read a table of samples."""
    import mien

    mien.read_samples(path)
    return FINE


def read_study(task: tuple[str, str]) -> str:
    """Everything that reads a study of which one file is damaged."""
    import mien
    from mien.core.errors import MienError
    from mien.models.store import stored_evaluation

    folder = Path(task[0])
    said = FINE
    values = np.load(folder / "values.npy")
    for model in sorted((folder / "models").iterdir()):
        try:
            loaded = mien.load_model(model)
            stored_evaluation(model)
            if not np.array_equal(loaded.predict(values), np.load(folder / f"expected_{model.name}.npy")):
                raise Lost(f"{model.name} predicts something else without a word")
        except MienError:
            said = SENTENCE
    for evidence in sorted((folder / "evidence").rglob("evidence.json")):
        try:
            mien.load_evidence(evidence.parent)
        except MienError:
            said = SENTENCE
    page = mien.report(folder)
    if not page.is_file() or len(page.read_bytes()) < 5000:
        raise Lost("no report")
    return said


def study(folder: Path) -> Path:
    """A small study: a cohort, a tabular model, trees, their evidence."""
    import mien

    people = folder / "people"
    cohort = mien.synthesize(people, subjects=10, frames=6, expressions=("neutral", "smile"))
    for name in ("expression", "trees"):
        trained = mien.train(people, target="expression", model=name, output=folder / "models" / name, n_folds=5)
        mien.explain(trained.model, people, output=folder / "evidence" / name, target="smile")
    from mien.features import compute

    values = compute(trained.model.recipe, cohort.samples, cohort.faces).values
    np.save(folder / "values.npy", values)
    for name in ("expression", "trees"):
        np.save(folder / f"expected_{name}.npy", mien.load_model(folder / "models" / name).predict(values))
    return folder


def run(part: str, count: int, seed: int, place: Path) -> list[Outcome]:
    """One part of the campaign; ``count`` damaged files."""
    rng = np.random.default_rng([seed, len(part)])
    if part in ("pictures", "videos"):
        return _extracted(part, count, seed, rng, place)
    if part == "tables":
        return _tables(count, seed, rng, place)
    return _studies(count, seed, rng, place)


def _extracted(part: str, count: int, seed: int, rng: np.random.Generator, place: Path) -> list[Outcome]:
    kinds = pictures(rng) if part == "pictures" else videos(rng)
    endings, worker, found = list(kinds), Worker(extract_folder), []
    for start in range(0, count, BATCH):
        folder = place / f"batch{start}" / "set"
        folder.mkdir(parents=True)
        (folder / f"good.{endings[0]}").write_bytes(kinds[endings[0]])
        names = []
        for number in range(start, min(start + BATCH, count)):
            ending = str(rng.choice(endings))
            mutation, data = mutated(rng, kinds[ending])
            written = str(rng.choice(endings)) if rng.random() < 0.1 else ending
            (folder / f"{number:04d}.{written}").write_bytes(data)
            names.append(f"{ending}: {mutation}")
        outcome, said = worker.do((str(folder), len(names)))
        found += [Outcome(part, name, outcome, said, seed) for name in names]
        shutil.rmtree(folder.parent)
    worker.close()
    return found


def _tables(count: int, seed: int, rng: np.random.Generator, place: Path) -> list[Outcome]:
    kinds, worker, found = tables(rng), Worker(read_table), []
    for number in range(count):
        ending = str(rng.choice(list(kinds)))
        mutation, data = mutated(rng, kinds[ending], text=ending in ("csv", "tsv"))
        path = place / f"t{number}.{ending}"
        path.write_bytes(data)
        found.append(Outcome("tables", f"{ending}: {mutation}", *worker.do(str(path)), seed))
        path.unlink()
    worker.close()
    return found


def _studies(count: int, seed: int, rng: np.random.Generator, place: Path) -> list[Outcome]:
    whole, worker, found = study(place / "whole"), Worker(read_study), []
    stored = [*(whole / "models").rglob("*"), *(whole / "evidence").rglob("*")]
    files = [p for p in sorted(stored) if p.suffix in (".json", ".safetensors", ".parquet")]
    for _ in range(count):
        file = files[int(rng.integers(len(files)))].relative_to(whole)
        copy = place / "copy"
        shutil.copytree(whole, copy)
        mutation, data = mutated(rng, (whole / file).read_bytes(), text=file.suffix == ".json")
        (copy / file).write_bytes(data)
        found.append(Outcome("models", f"{file.name}: {mutation}", *worker.do((str(copy), str(file))), seed))
        shutil.rmtree(copy)
    worker.close()
    return found


def table_of(found: list[Outcome]) -> dict[str, Any]:
    """Counts by part and outcome, and every fault with what was said."""
    counts: dict[str, Counter[str]] = {}
    for one in found:
        counts.setdefault(one.part, Counter())[one.outcome] += 1
    faults = [
        {"part": o.part, "mutation": o.mutation, "outcome": o.outcome, "said": o.said, "seed": o.seed}
        for o in found if o.outcome in FAULTS
    ]  # fmt: skip
    return {"counts": {part: dict(c) for part, c in counts.items()}, "faults": faults}
