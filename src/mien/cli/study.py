"""``mien study``: ready studies over your own data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from mien.cli.console import console, guarded, page, print_json, progress_bar
from mien.cli.examples import epilog_of
from mien.cli.groups import Command, Guessing

app = typer.Typer(
    cls=Guessing, help="Ready studies over your own data.", no_args_is_help=True, add_completion=False,
    rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


@app.command("list", cls=Command, epilog=epilog_of("study list"))
@guarded
def list_(json: Json = False) -> None:
    """The studies there are."""
    from mien.studies.study import studies

    if json:
        print_json(studies())
        return
    for row in studies():
        page().print(f"[bold]{row['name']}[/]  {row['meaning']}")


@app.command("new", cls=Command, epilog=epilog_of("study new"))
@guarded
def new(
    name: Annotated[str, typer.Argument(help="Name of a study, see 'mien study list'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the study.")] = Path("study"),
    samples: Annotated[str, typer.Option(help="Fill in what is studied: a data set, or a path from here.")] = "",
    target: Annotated[
        str, typer.Option(help="Fill in the column with the classes; for impressions the ratings, with commas.")
    ] = "",
    json: Json = False,
) -> None:
    """Write a commented study.toml into a folder."""
    from mien.studies.study import new as write

    path = write(name, output, samples=samples, target=target)
    if json:
        print_json({"study": str(path)})
    else:
        console().print(f"Fill in {path}, then run: mien study run {quote(str(output))}", markup=False, soft_wrap=True)


@app.command("run", cls=Command, epilog=epilog_of("study run"))
@guarded
def run(
    folder: Annotated[Path, typer.Argument(help="Folder with study.toml.")] = Path(),
    json: Json = False,
) -> None:
    """Run a study up to its report; what is finished is not computed again."""
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from mien.studies.study import run as work

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    screen = console()
    with progress_bar(*columns, screen=screen) as bar:

        def progress(step: str) -> Callable[[int, int], None]:
            task: Any = bar.add_task(step, total=None)
            return lambda done, total: bar.update(task, completed=done, total=total)

        report = work(folder, say=lambda line: screen.print(line, markup=False, soft_wrap=True), progress=progress)
    if json:
        print_json({"report": str(report)})
    else:
        console().print(f"Report: {report}", markup=False, soft_wrap=True)
