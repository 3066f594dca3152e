"""Damaged tables of samples, ratings and other tools: a sentence, or all lines that were not hit read as before."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults import bombs, made
from benchmarks.faults.mutate import CELLS, mutated
from benchmarks.faults.outcomes import FAULTS, FINE, Lost, Outcome, stream
from benchmarks.faults.workers import Worker

# One case in so many is a file that asks for a lot.
BOMBS = 8


def cases_of(cases: list[int], seed: int, place: Path) -> Iterator[Outcome]:
    """Cases of ``'tables'``."""
    plain, worker = made.tables(), Worker(read)
    folder = place / "plain"
    folder.mkdir()
    for name, data in plain.items():
        (folder / name).write_bytes(data)
    for case in cases:
        rng = stream(seed, "tables", case)
        if rng.integers(BOMBS) == 0:
            mutation = str(rng.choice(list(bombs.TABLES)))
            name, data = bombs.TABLES[mutation](rng, plain)
        else:
            name = str(rng.choice(list(plain)))
            mutation, data = mutated(rng, plain[name], text=name.endswith(("csv", "tsv")))
        path = place / name
        path.write_bytes(data)
        one_line = mutation in CELLS and data.split(b"\n")[0] == plain[name].split(b"\n")[0]
        outcome, said = worker.do((str(path), str(folder / name), one_line))
        if outcome not in FAULTS and outcome != FINE and name not in said:
            outcome, said = "LOST", f"the sentence does not name the file: {said}"
        yield Outcome("tables", case, name, mutation, outcome, said, seed, worker.peak_mb)
        path.unlink()
    worker.close()


def read(task: tuple[str, str, bool]) -> str:
    """Read a table; where one line was hit, all others are as in the undamaged one."""
    path, plain, one_line = Path(task[0]), Path(task[1]), task[2]
    reader = made.TABLE_READERS[path.name.split(".")[0]]
    found = reader(path)
    if one_line:
        missing = Counter(_lines(reader(plain))) - Counter(_lines(found))
        if sum(missing.values()) > 1:
            raise Lost(
                f"one line was hit, but {sum(missing.values())} are read otherwise, such as {next(iter(missing))}"
            )
    return FINE


def _lines(found: Any) -> list[tuple[Any, ...]]:
    """What was read, a line each."""
    from mien.core.faces import Faces
    from mien.core.samples import Samples
    from mien.data.tables.ratings import SingleRatings

    if isinstance(found, Samples):
        # A column of numbers in which there is a word is a label, so of the columns only these can be compared.
        return list(zip(found.path.astype(str), found.subject.astype(str), strict=True))
    if isinstance(found, SingleRatings):
        return [(str(a), str(b), float(v)) for a, b, v in zip(found.item, found.attribute, found.value, strict=True)]
    if isinstance(found, Faces):
        extra = np.stack([np.asarray(column, float) for column in found.extra.values()], axis=1)
        return [(int(f), str(s), found.landmarks_px[i].tobytes(), extra[i].tobytes())
                for i, (f, s) in enumerate(zip(found.frame, found.status, strict=True))]  # fmt: skip
    return [(row.tobytes(),) for row in found.points]
