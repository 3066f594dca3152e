"""What lies in a folder, without the clocks in it, so that two runs can be compared."""

import contextlib
import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

# Moments, durations and the checksum over them: the only fields that may differ between two runs with the same words.
CLOCKS = frozenset({
    "checksum", "written", "seconds", "fit_seconds", "inference_seconds", "microseconds_per_sample", "all_us",
    "chosen_us",
})  # fmt: skip
# Names that begin so are not results but on their way to become one.
HALVES = (".part-", ".switch")
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\+00:00|Z)?|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: UTC)?")
_NUMBER = re.compile(rb"[\d.,]+")


def contents(place: Path) -> dict[str, str]:
    """Every file below a folder with a hash of what is in it; leftovers, too."""
    return {path.relative_to(place).as_posix(): _mark(path) for path in sorted(place.rglob("*")) if path.is_file()}


def is_half(name: str) -> bool:
    """Whether a file is on its way only."""
    return any(part.startswith(HALVES) for part in Path(name).parts)


def _mark(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".json":
        with contextlib.suppress(ValueError):  # half written
            data = json.dumps(_timeless(json.loads(data)), sort_keys=True).encode()
    elif path.suffix == ".csv":
        with contextlib.suppress(csv.Error):
            data = _without_columns(data)
    elif path.suffix == ".html":
        # The report of a study that was run shows how long that took: its numbers are in the files beside it.
        data = (_NUMBER if (path.parent / "steps.json").exists() else MOMENT).sub(b"", data)
    return hashlib.sha256(data).hexdigest()


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        # The ratio of two durations is one, too.
        clocks = {*CLOCKS, "ratio"} if "all_us" in value else CLOCKS
        return {name: _timeless(part) for name, part in value.items() if name not in clocks}
    return [_timeless(part) for part in value] if isinstance(value, list) else value


def _without_columns(data: bytes) -> bytes:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"))))
    kept = [place for place, name in enumerate(rows[0] if rows else []) if name not in CLOCKS]
    return json.dumps([[row[place] for place in kept if place < len(row)] for row in rows]).encode()
