"""What became of each case, how it is drawn and how it is counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

LIMIT_S, LIMIT_MB = 60.0, 3000
FINE, ROW, SENTENCE, AGAIN, AS_IT_STANDS = "fine", "a row", "a sentence", "computed again", "read as it stands"
TRACEBACK, HANG, CRASH, MEMORY, LOST = "TRACEBACK", "HANG", "CRASH", "MEMORY", "LOST"
FAULTS = (TRACEBACK, HANG, CRASH, MEMORY, LOST)
PARTS = ("pictures", "videos", "tables", "files", "kills", "disk")


@dataclass(frozen=True)
class Outcome:
    """What became of one case; ``python -m benchmarks.faults PART --case CASE --seed SEED`` repeats it alone.

    Attributes
    ----------
    part : str
    case : int
        Number within the part: with the seed, it gives the damage.
    what : str
        What was damaged or disturbed: a format, a file, a verb.
    mutation : str
        How.
    outcome : str
    said : str
    seed : int
    peak_mb : float
        0 where it was not measured.
    """

    part: str
    case: int
    what: str
    mutation: str
    outcome: str
    said: str
    seed: int
    peak_mb: float = 0.0

    @property
    def again(self) -> str:
        """The command that repeats this case."""
        return f"python -m benchmarks.faults {self.part} --case {self.case} --seed {self.seed}"


class Lost(Exception):
    """What was there before, or an undamaged neighbour, is not there any more, or a number is silently wrong."""


def stream(seed: int, part: str, case: int) -> np.random.Generator:
    """Random numbers of one case; those of another case, part or seed are independent."""
    return np.random.default_rng([seed, PARTS.index(part), case])


def counted(found: Iterable[Outcome]) -> dict[str, Any]:
    """Counts by part, thing and mutation, and every fault with the command that repeats it."""
    found = list(found)
    rows: dict[tuple[str, str, str], Counter[str]] = {}
    for one in found:
        rows.setdefault((one.part, one.what, one.mutation), Counter())[one.outcome] += 1
    parts: dict[str, Counter[str]] = {}
    for one in found:
        parts.setdefault(one.part, Counter())[one.outcome] += 1
    return {
        "counts": {part: dict(count) for part, count in parts.items()},
        "peak_mb": {part: round(max(one.peak_mb for one in found if one.part == part)) for part in parts},
        "table": [
            {"part": part, "what": what, "mutation": mutation, **count}
            for (part, what, mutation), count in sorted(rows.items())
        ],
        "faults": [{**asdict(one), "again": one.again} for one in found if one.outcome in FAULTS],
    }
