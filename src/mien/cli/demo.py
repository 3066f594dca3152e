"""``mien demo``: all of it, on what every machine has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import console, print_json


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Study folder.")] = Path("demo"),
    real: Annotated[bool, typer.Option(help="Also London and BUHMAP, where MIEN_DATA holds them.")] = True,
    seed: Annotated[int, typer.Option(help="Random seed: the same one gives the same results.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Photo and made-up people to landmarks, models, evidence and report; a few minutes; needs nothing but the weights.

    The made-up people's acting muscles are known, so the evidence can be scored against the truth.
    """
    from mien.studies.demo import demo as run

    screen = console()
    with screen.status("Working..."):
        result = run(output, real=real, seed=seed, say=lambda line: screen.print(line, markup=False, soft_wrap=True))
    if json:
        print_json({"report": str(result.report), "quote": result.quote, "seconds": result.seconds})
        return
    screen.print(result.quote, markup=False, soft_wrap=True, style="bold")
    screen.print(f"Report ({result.seconds:.0f} s): {result.report.resolve()}", markup=False, soft_wrap=True)
