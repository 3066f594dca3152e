"""Options of every verb whose work can be spread over processes, machines and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import console, page, print_json

if TYPE_CHECKING:
    from mien.engine.work import PartDone

Workers = Annotated[int, typer.Option(help="Processes (or actors of a cluster) that work at the same time.")]
Engine = Annotated[
    str, typer.Option(help="Where workers are: local (processes of this machine) or ray (a cluster; extra [ray]).")
]
Address = Annotated[
    str, typer.Option(help="Ray cluster as HOST:PORT. [default: one of this machine alone, for the time of the work]")
]
Part = Annotated[
    str, typer.Option(help="One of several parts, such as 3/40, for job arrays of a batch system. [default: all]")
]

# Verbs that a job array can share, and why others cannot.
TAKE_PARTS = ("extract", "functionals", "train", "explain", "reduce", "synthesize")
_NO_PARTS = {"study": "its steps rest on each other"}
_INSTEAD = {
    "study": "share 'mien extract VIDEOS -o STUDY' and 'mien functionals STUDY' among jobs, then "
    "'mien study run STUDY' goes on from what they wrote, with as many processes as engine.workers in a cohort's "
    "study.toml says"
}


def no_parts(verb: str) -> str:
    """Why a verb has no parts, and which verbs have."""
    why = f": {_NO_PARTS[verb]}" if verb in _NO_PARTS else ""
    listed = ", ".join(f"'mien {name}'" for name in TAKE_PARTS)
    instead = _INSTEAD.get(verb, "elsewhere give --workers")
    return f"'mien {verb}' takes no --part{why}. Parts for job arrays are for {listed}; {instead}."


def show_part(done: Sequence[tuple[str, PartDone]], things: str, output: Path, json: bool) -> None:
    """What a job of an array computed, by what it is about, and how its part comes to the others."""
    if json:
        print_json([{**({"target": name} if name else {}), **part.to_json()} for name, part in done])
        return
    for name, part in done:
        about = f"{name}: " if name else ""
        page().print(f"{about}{part.here} of {part.total} {things} are there (part {part.part}).", markup=False,
                     soft_wrap=True)  # fmt: skip
    console().print(
        f"They are kept in {output}; the same command without --part puts all parts together.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
