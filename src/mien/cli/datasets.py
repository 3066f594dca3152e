"""``mien datasets``: the data sets that are read by name, and the card of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mien.cli.console import page, print_json


def datasets(
    name: Annotated[str | None, typer.Argument(help="One data set: its files, terms, people and whom to cite.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Data sets that are read by name ('ck+:PATH'): what they are, whether people are known, terms of use."""
    from mien.data.sets.listing import datasets as run

    rows = run(name)
    if json:
        print_json(rows if name is None else rows[0])
    elif name is None:
        _show(rows)
    else:
        _show_card(rows[0])


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("data set", "what it is", "people", "licence"):
        table.add_column(head, no_wrap=head == "data set")  # names are there to be copied
    for facts in rows:
        table.add_row(facts["name"], facts["meaning"], facts["people"], facts["licence"])
    page().print(table)
    page().print("Read one as 'NAME:PATH'; its files, terms and people: mien datasets NAME", markup=False)


def _show_card(facts: dict[str, Any]) -> None:
    out = page()
    out.print(f"{facts['title']}: {facts['meaning']}", markup=False, soft_wrap=True)
    for head, key in (
        ("people", "subjects"), ("licence", "licence"), ("who may use it", "access"), ("cite", "citation"),
        ("the layout is from", "layout"),
    ):  # fmt: skip
        if facts[key]:
            out.print(f"  {head}: {facts[key]}", markup=False, soft_wrap=True)
    out.print(f"Read it as '{facts['name']}:PATH', with in it:", markup=False)
    for line in facts["tree"].splitlines():
        out.print(f"  {line}", markup=False, soft_wrap=True)
