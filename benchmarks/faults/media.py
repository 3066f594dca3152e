"""Damaged pictures and videos, a few at a time beside one that is whole, whose rows have to stay the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults import bombs, made
from benchmarks.faults.mutate import mutated
from benchmarks.faults.outcomes import FAULTS, FINE, ROW, Lost, Outcome, stream
from benchmarks.faults.workers import Worker

# Damaged files that are extracted at once, beside one that is not damaged.
BATCH = 10
# One case in so many is a file that asks for a lot; one in so many stands under another format's ending.
BOMBS, RENAMED = 5, 10


def cases_of(part: str, cases: list[int], seed: int, place: Path) -> Iterator[Outcome]:
    """Cases of ``'pictures'`` or ``'videos'``; a batch with a fault is repeated file by file."""
    plain = made.pictures() if part == "pictures" else made.videos()
    kinds = bombs.PICTURES if part == "pictures" else bombs.VIDEOS
    worker = Worker(extract_folder)
    good = place / f"good.{next(iter(plain))}"
    good.write_bytes(plain[next(iter(plain))])
    for start in range(0, len(cases), BATCH):
        batch = [(case, *damaged(plain, kinds, stream(seed, part, case))) for case in cases[start : start + BATCH]]
        answers, said = _together(worker, good, batch, place)
        if not isinstance(answers, dict):
            alone = [_together(worker, good, [one], place) for one in batch]
            if not any(one[0] in FAULTS for one in alone if isinstance(one[0], str)):
                # It shows only where they are read together.
                alone = [(answers, said)] * len(batch)
        else:
            alone = [({one[0]: answers[one[0]]}, "") for one in batch]
        for (case, what, mutation, _), (answer, words) in zip(batch, alone, strict=True):
            outcome = answer[case] if isinstance(answer, dict) else answer
            yield Outcome(part, case, what, mutation, outcome, words, seed, worker.peak_mb)
    worker.close()


def damaged(
    plain: dict[str, bytes], kinds: dict[str, bombs.Bomb], rng: np.random.Generator
) -> tuple[str, str, tuple[str, bytes]]:
    """Format, what was done to it, and the file as ending and bytes."""
    if rng.integers(BOMBS) == 0:
        name = str(rng.choice(list(kinds)))
        ending, data = kinds[name](rng, plain)
        return ending, name, (ending, data)
    ending = str(rng.choice(list(plain)))
    mutation, data = mutated(rng, plain[ending])
    written = str(rng.choice(list(plain))) if rng.integers(RENAMED) == 0 else ending
    return ending, mutation, (written, data)


def _together(worker: Worker, good: Path, batch: list[Any], place: Path) -> tuple[Any, str]:
    folder = place / "batch" / "set"
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(good, folder / good.name)
    for case, _, _, (ending, data) in batch:
        (folder / f"{case:05d}.{ending}").write_bytes(data)
    return worker.do((str(folder), [case for case, *_ in batch]))


_ALONE: dict[str, Any] = {}


def extract_folder(task: tuple[str, list[int]]) -> dict[int, str]:
    """Extract damaged files beside a good one; what became of each damaged one."""
    import mien

    folder, cases = Path(task[0]), task[1]
    good = next(folder.glob("good.*"))
    if good.name not in _ALONE:
        _ALONE[good.name] = mien.extract(good, folder.parent / "alone", threads=1).faces()
        if not (_ALONE[good.name].status == "ok").all():
            raise Lost(f"{good.name} alone has the status {set(_ALONE[good.name].status)}")
    try:
        result = mien.extract(folder, folder.parent / "out", threads=1)
    except mien.MienError as error:
        raise Lost(f"one damaged file ended the run: {error}") from error
    faces = result.faces()
    name = faces.source.astype(str)
    _same(faces[np.array([source.endswith(good.name) for source in name])], _ALONE[good.name], good.name)
    if result.sources != len(cases) + 1 or len(set(name)) != len(cases) + 1:
        raise Lost(f"{len(cases) + 1} files, but rows of {len(set(name))}")
    found = {}
    for case in cases:
        mine = faces[np.array([f"/{case:05d}." in f"/{source}" for source in name])]
        found[case] = _rows(mine, case)
    return found


def _same(found: Any, alone: Any, name: str) -> None:
    """The rows of the good file are those that it has without damaged ones beside it."""
    if len(found) != len(alone):
        raise Lost(f"{name} has {len(found)} rows, alone {len(alone)}")
    for column in ("status", "frame", "track"):
        if not np.array_equal(getattr(found, column), getattr(alone, column)):
            raise Lost(f"{name}: the column {column} is another than alone")
    for column in ("landmarks_px", "blendshapes", "box_px", "pose_deg"):
        if not np.array_equal(getattr(found, column), getattr(alone, column), equal_nan=True):
            raise Lost(f"{name}: the column {column} is another than alone")


def _rows(mine: Any, case: int) -> str:
    """One row that says why, or rows of frames without gaps or repeats, and one more that counts damaged frames."""
    unread = mine.status.astype(str) == "unreadable"
    if unread.sum() > 1 or not all(str(reason).strip() for reason in mine.reason[unread]):
        raise Lost(f"case {case}: {unread.sum()} rows that cannot be read, or one that does not say why")
    if unread.all():
        return ROW
    mine = mine[~unread]
    frames = np.unique(mine.frame)
    if not np.array_equal(frames, np.arange(len(frames))):
        raise Lost(f"case {case}: rows of the frames {frames.tolist()}")
    if len(set(zip(mine.frame.tolist(), mine.track.tolist(), strict=True))) != len(mine):
        raise Lost(f"case {case}: a frame and face has two rows")
    if not np.isfinite(mine.landmarks_px[mine.status == "ok"][..., :2]).all():
        raise Lost(f"case {case}: a face with points that are no numbers")
    return FINE
