"""Damaged files of a study: a sentence that names the file, or computed again; never another number without a word."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults.contents import MOMENT, contents
from benchmarks.faults.mutate import mutated
from benchmarks.faults.outcomes import AGAIN, AS_IT_STANDS, FINE, SENTENCE, Lost, Outcome, stream
from benchmarks.faults.readers import cohort, embedding, evidence, model, reduction
from benchmarks.faults.study import SmallStudy, quick_study
from benchmarks.faults.workers import Worker
from mien.core.errors import MienError

# What people write and change themselves carries no checksum: it is read as it stands, or refused.
BY_PEOPLE = ("samples.csv", "pictures.csv", "study.toml", "curve.csv")


def kinds(here: Path) -> dict[str, list[Path]]:
    """Files of a study by what they are, relative to it."""
    found: dict[str, list[Path]] = {}
    for path in sorted(here.rglob("*")):
        name = path.relative_to(here)
        if path.suffix not in (".json", ".parquet", ".safetensors", ".csv", ".toml") or "truth" in name.parts:
            continue
        what = path.name
        if name.parent.name == "faces":
            what = "shard of faces"
        elif name.parent.name == "folds":
            what = "fold of a reduction"
        if name.parent == Path() or what == "truth.json":
            continue
        found.setdefault(what, []).append(name)
    return found


def cases_of(cases: list[int], seed: int, place: Path, *, quick: bool = False) -> Iterator[Outcome]:
    """Cases of ``'files'``, the kinds of files in turn."""
    study = quick_study() if quick else SmallStudy(place / "study")
    study.restore()
    known, worker = kinds(study.here), Worker(read_study)
    for case in cases:
        rng = stream(seed, "files", case)
        what = list(known)[case % len(known)]
        file = known[what][int(rng.integers(len(known[what])))]
        study.restore()
        data = (study.whole / file).read_bytes()
        mutation, changed = mutated(rng, data, text=file.suffix in (".json", ".csv", ".toml"))
        (study.here / file).write_bytes(changed)
        if changed == data:
            mutation = "nothing"
        outcome, said = worker.do((str(study.whole), str(study.here), file.as_posix()))
        yield Outcome("files", case, what, mutation, outcome, said, seed, worker.peak_mb)
    worker.close()


def read_study(task: tuple[str, str, str]) -> str:
    """Read everything that rests on a damaged file, and compare with what the undamaged one says."""
    whole, here, file = Path(task[0]), Path(task[1]), Path(task[2])
    known, now = _known(whole, here, file), _values(here, file)
    said = [value for value in now.values() if value.startswith(SAID)]
    for name, value in now.items():
        if value != known[name] and value not in said and file.name not in BY_PEOPLE:
            raise Lost(f"{file}: {name} reads otherwise without a word")
    for sentence in said:
        if file.name not in sentence and file.parent.as_posix() not in sentence:
            raise Lost(f"the sentence does not name {file}: {sentence}")
    if _done_again(whole, here, file):
        return AGAIN
    return SENTENCE if said else FINE if now == known else AS_IT_STANDS


_KNOWN: dict[Path, dict[str, str]] = {}


def _known(whole: Path, here: Path, file: Path) -> dict[str, str]:
    """What the undamaged file says, in the same place: paths are among what is shown."""
    if file not in _KNOWN:
        damaged = (here / file).read_bytes()
        shutil.copy(whole / file, here / file)
        _KNOWN[file] = _values(here, file)
        (here / file).write_bytes(damaged)
    return _KNOWN[file]


# What a reader refused stands behind this.
SAID = "! "


def _values(here: Path, file: Path) -> dict[str, str]:
    """What each reader of a file says: a hash of it, or a sentence."""
    found = {}
    for name, read in _readers(here, file).items():
        try:
            found[name] = _mark(read())
        except MienError as error:
            found[name] = f"{SAID}{error}"
    return found


def _readers(here: Path, file: Path) -> dict[str, Callable[[], Any]]:
    """Readers of a file, by name; the report reads everything."""
    from mien.compare.comparison import Comparison
    from mien.core.files import read_json
    from mien.data.samples import read_samples
    from mien.data.shards import read_shard
    from mien.faithfulness.result import Faithfulness
    from mien.learn.predictions import read_predictions

    path, place = here / file, here / file.parent
    readers: dict[str, Callable[[], Any]] = {"report": lambda: _page(here, file)}
    if file.parent.name == "faces":
        readers["shard"] = lambda: _faces(read_shard(path))
    if file.name in ("model.json", "weights.safetensors", "evaluation.json", "predictions.parquet"):
        readers["model"] = lambda: model(place)
    if file.name == "predictions.parquet" and place.name in ("r", "s"):
        readers["predictions"] = lambda: _predictions(read_predictions(place))
    if file.name.startswith("evidence."):
        readers["evidence"] = lambda: evidence(place)
    if file.name.startswith("embedding."):
        readers["embedding"] = lambda: embedding(place)
    if file.name == "reduction.json":
        readers["reduction"] = lambda: reduction(place)
    if file.name == "comparison.json":
        readers["comparison"] = lambda: Comparison.read(path).to_json()
    if file.name == "faithfulness.json":
        readers["faithfulness"] = lambda: Faithfulness.read(path).to_json()
    if file.name == "samples.csv":
        readers["cohort"] = lambda: cohort(place)
    if file.name == "pictures.csv":
        readers["samples"] = lambda: list(read_samples(path).path)
    if file.name == "study.toml":
        readers["settings"] = lambda: _settings(path)
    if file.suffix == ".json" and len(readers) == 1:
        readers["JSON"] = lambda: read_json(path)
    return readers


def _settings(path: Path) -> Any:
    from mien.studies.study import read_study

    return read_study(path)[1]


def _faces(found: Any) -> Any:
    return [found.source, found.frame, found.status, found.landmarks_px, found.blendshapes, found.extra]


def _predictions(found: Any) -> Any:
    return [found.path, found.subject, found.truth, found.predicted]


def _page(here: Path, file: Path) -> str:
    """The report's text without moments; a sentence if it names the file among what cannot be read."""
    import mien

    page = mien.report(here / file.parts[0]).read_text("utf-8")
    problems = page.partition('<section class="problems"')[2].partition("</section>")[0]
    if file.name in problems or file.parent.as_posix() in problems:
        raise MienError(f"report: {problems}")
    return MOMENT.sub(b"", page.encode()).decode()


def _done_again(whole: Path, here: Path, file: Path) -> bool:
    """Whether the verb that wrote a file, run again, notices the damage and gives what the undamaged file held."""
    before = contents(here)
    words = {"photos": ["extract", str(here / "people" / "pictures"), "-o", str(here / "photos"), "--draw"],
             "film": ["extract", str(here / "film.mp4"), "-o", str(here / "film"), "--draw"]}  # fmt: skip
    if file.parent.name == "faces" and file.parts[0] in words:
        run = words[file.parts[0]]
    elif file.name == "steps.json" or ("folds" in file.parts and file.parts[0] == "ready"):
        run = ["study", "run", str(here / "ready")]
    else:
        return False
    if "folds" in file.parts:
        # Else the step would count as done.
        (here / "ready" / "steps.json").unlink()
    code = _verb(run)
    name = file.as_posix()
    if code or contents(here).get(name) != contents(whole).get(name):
        raise Lost(f"{' '.join(run)} ended with {code} and did not give {file} again")
    return contents(here)[name] != before[name]


def _verb(words: list[str]) -> int:
    import contextlib
    import io

    from mien.cli.main import app

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            app(words)
        except SystemExit as error:
            return int(error.code or 0)
    return 0


def _mark(value: Any) -> str:
    """A hash of arrays, tables and plain values, however they are nested."""
    digest = hashlib.sha256()

    def add(part: Any) -> None:
        if isinstance(part, np.ndarray) and part.dtype != object:
            digest.update(str(part.dtype).encode() + str(part.shape).encode() + np.ascontiguousarray(part).tobytes())
        elif isinstance(part, dict):
            for name in sorted(part, key=str):
                digest.update(str(name).encode("utf-8", "surrogatepass"))
                add(part[name])
        elif isinstance(part, (list, tuple, np.ndarray)):
            digest.update(f"[{len(part)}".encode())
            for one in part:
                add(one)
        elif is_dataclass(part):
            add({field.name: getattr(part, field.name) for field in fields(part)})
        else:
            digest.update(repr(part).encode("utf-8", "surrogatepass"))

    add(value)
    return digest.hexdigest()
