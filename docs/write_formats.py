"""Write columns, fields and settings of mien's files into ``docs/formats.md``: ``python docs/write_formats.py``."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from pathlib import Path
from typing import Any

from mien.core.evidence import EVIDENCE_STATUSES, Evidence
from mien.core.faces import BLENDSHAPES, COLUMNS, STATUSES
from mien.core.streams import Stream
from mien.core.topology import topology
from mien.data.eyes.result import NUMBERS, WORDS, EyeRecording, EyeRecordings
from mien.data.measures import Measure
from mien.data.review import ACTIONS, Decision
from mien.data.review import COLUMNS as REVIEW_COLUMNS
from mien.features.action_result import WHO, ActionUnits
from mien.manifold.attribute_tests import AttributeTest
from mien.manifold.quality import Quality
from mien.report.tables.kinds import KINDS, Kind
from mien.report.tables.meanings import attributes as documented
from mien.report.tables.meanings import meaning, unit
from mien.stats.scores import Score
from mien.studies.registry import STUDIES, module_of
from mien.studies.settings import STUDY_FILE, toml

PAGE = Path(__file__).parent / "formats.md"
START = "<!-- From here on written by docs/write_formats.py. -->"
# What names mean wherever the docstring says no more.
USUAL = {
    "value",
    "low",
    "high",
    "p",
    "p_corrected",
    "q",
    "chance",
    "people",
    "samples",
    "difference_low",
    "difference_high",
}
EXTRA = {"landmarks_px": "x, y and z of every point of the topology; z negative toward the camera"}
SHAPES = {"f4": "float32", "f8": "float64", "i8": "int64", "str": "text"}


def cell(text: object) -> str:
    """Text that a table takes."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(header: tuple[str, ...], rows: list[tuple[object, ...]]) -> list[str]:
    """A table in lines, with an empty one behind it."""
    lines = ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
    return [*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows), ""]


def faces() -> list[str]:
    """Columns of a shard of faces."""
    rows: list[tuple[object, ...]] = []
    for name, column in COLUMNS.items():
        parts = ", ".join(column.parts) if len(column.parts) < 10 else f"{len(column.parts)} names, below"
        many = " x ".join(map(str, column.shape))
        rows.append((f"`{name}`", f"{SHAPES[column.dtype]}{f', {many}' if many else ''}", unit(name), parts,
                     column.meaning))  # fmt: skip
    points = "478, 468 or 68 x 3"
    rows.append(("`landmarks_px`", f"float32, {points}", "px", "x, y, z", EXTRA["landmarks_px"]))
    rows.append(("`extra:NAME`", "number", "", "", "a column of an imported table under its own name"))
    lines = table(("column", "type, shape of a row", "unit", "parts", "meaning"), rows)
    lines += [f"`status` is one of {', '.join(f'`{status}`' for status in STATUSES)}.", ""]
    lines += ["Blendshapes in their order:", "", ", ".join(f"`{name}`" for name in BLENDSHAPES) + ".", ""]
    lines += ["Regions of the points, by number of points:", ""]
    lines += table(
        ("topology", "points", "regions"),
        [
            (f"`{name}`", len(topology(name)),
             ", ".join(f"{region} ({len(points)})" for region, points in topology(name).regions.items()))
            for name in ("mediapipe-478", "ibug-68")
        ],
    )  # fmt: skip
    return lines


def types_of(kind: type) -> dict[str, str]:
    """Type and shape of fields as the docstring says them, else the annotation."""
    hints = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes\n----------\n")[2]
    for line in section.splitlines():
        names, colon, words = line.partition(" : ")
        if colon and not line.startswith(" "):
            hints |= {name: words.replace("``", "`") for name in names.split(", ")}
    return hints


def attributes(kind: type, names: tuple[str, ...] = ()) -> list[str]:
    """Fields of a class as its docstring has them."""
    fields = names or tuple(field.name for field in dataclasses.fields(kind))
    own, types = documented(kind), types_of(kind)
    rows = [
        (f"`{name}`", types.get(name, ""), unit(name), own.get(name) or (meaning(None, name) if name in USUAL else ""))
        for name in fields
        if not name.startswith("_")
    ]
    return table(("name", "type, shape", "unit", "meaning"), list(rows))


def described(kind: type, names: tuple[str, ...]) -> list[str]:
    """Fields by what the section of parameters says of them (``Decision``)."""
    text = inspect.cleandoc(kind.__doc__ or "").partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(" "):
            found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            name = line.partition(" : ")[0]
            found[name] = ""
    renamed = {"frame": "frames"}
    rows = [(f"`{one}`", found.get(renamed.get(one, one), "").replace("``", "`")) for one in names]
    return table(("column", "meaning"), list(rows))


def result_of(kind: Kind) -> type:
    """The class that a part of a study is read as."""
    code: Any = kind.module
    *path, last = kind.home.partition(":")[2].split(".")
    for name in path:
        code = getattr(code, name)
    if inspect.isclass(code):
        return code
    found: type = typing.get_type_hints(getattr(code, last))["return"]
    return found


def rows_of(kind: type) -> list[type]:
    """Classes of rows that a result's fields hold."""
    hints = typing.get_type_hints(kind)
    found: list[type] = []
    for field in dataclasses.fields(kind):
        waiting = [hints[field.name]]
        while waiting:
            one = waiting.pop()
            waiting += typing.get_args(one)
            if inspect.isclass(one) and dataclasses.is_dataclass(one) and one not in (*found, Score, kind):
                found.append(one)
    return found


def results() -> list[str]:
    """Results of a study: where they lie, what their JSON holds, and the rows in it."""
    lines: list[str] = []
    shown: set[type] = set()
    for part in KINDS:
        kind = result_of(part)
        lines += [f"### {part.name}", "", f"`{part.places}/{part.file}`. {part.meaning} "
                  f"In Python: `mien.{part.room.removeprefix('mien.')}{part.home.replace(':', '.')}`.", ""]  # fmt: skip
        lines += attributes(kind)
        for row in rows_of(kind):
            if row not in shown and row.__module__.startswith("mien."):
                shown.add(row)
                lines += [f"Rows of `{row.__name__}`:", "", *attributes(row)]
    return lines


def studies() -> list[str]:
    """Settings of every study's ``study.toml``."""
    lines: list[str] = []
    for name, study in STUDIES.items():
        lines += [f"### {STUDY_FILE} of {name}", "", study.meaning, ""]
        rows: list[tuple[object, ...]] = []
        for section, settings in module_of(name).SETTINGS.items():
            for key, setting in settings.items():
                written = f"{section}.{key}" if section else key
                rows.append((f"`{written}`", f"`{toml(setting.default)}`", setting.meaning))
        lines += table(("setting", "default", "meaning"), rows)
    return lines


def written() -> str:
    """The part of the page that is made of the code."""
    lines = [START, "", "## Faces: `faces/*.parquet`", "", *faces()]
    lines += ["## Streams: `streams/NAME.parquet`", "", *attributes(Stream)]
    lines += ["## Evidence: `evidence.json` and `evidence.safetensors`", "", *attributes(Evidence)]
    lines += [f"`status` is one of {', '.join(f'`{status}`' for status in EVIDENCE_STATUSES)}.", ""]
    lines += ["## A score, wherever one stands", "", *attributes(Score)]
    lines += ["## Measures: `measures/codebook.csv`", "", *attributes(Measure)]
    lines += ["## Action units: `actions.parquet`", "", *attributes(ActionUnits, WHO)]
    lines += ["For every unit `AU12 presence`, `AU12 intensity` and `AU12 error`:", ""]
    lines += attributes(ActionUnits, ("presence", "intensity", "error"))
    lines += ["## Maps: quality and tests in `embedding.json`", "", *attributes(Quality), *attributes(AttributeTest)]
    lines += [
        "## Fixations: `fixations.csv` and the JSON beside it",
        "",
        *attributes(EyeRecordings, (*WORDS, *NUMBERS)),
    ]
    lines += ["Quality of each recording:", "", *attributes(EyeRecording)]
    lines += ["## Review: `review.csv`", "", *described(Decision, REVIEW_COLUMNS)]
    lines += [f"`action` is one of {', '.join(f'`{action}`' for action in ACTIONS)}; see [review](review.md).", ""]
    lines += ["## Results by part of a study", "", *results()]
    lines += ["## Settings of studies", "", *studies()]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    kept = PAGE.read_text(encoding="utf-8").partition(START)[0].rstrip()
    PAGE.write_text(f"{kept}\n\n{written()}", encoding="utf-8")
