"""``mien methods``: the methods of explanation, what they need and what they give."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mien.cli.console import page, print_json


def methods(
    name: Annotated[str | None, typer.Argument(help="One method: its settings with their defaults.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Methods of explanation: what each needs of a model, what it can explain and what it gives."""
    from mien.explain.listing import methods as run

    rows = run(name)
    if json:
        print_json(rows if name is None else rows[0])
    elif name is None:
        _show(rows)
    else:
        _show_one(rows[0])


def _show_one(facts: dict[str, Any]) -> None:
    page().print(f"{facts['name']}: {facts['meaning']} ({facts['source']})", markup=False, soft_wrap=True)
    for key, value in facts.items():
        if key not in ("name", "meaning", "source", "settings"):
            page().print(f"  {key}: {_written(value)}", markup=False)
    settings = ", ".join(f"{k}={v}" for k, v in facts["settings"].items())
    page().print(f"  settings: {settings or 'none'}", markup=False)


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from mien.core.features import SPACES

    table = Table(box=None, pad_edge=False)
    for head in ("method", "what it is", "needs", "explains", "gives", "sign"):
        table.add_column(head, no_wrap=head == "method")  # names are there to be copied
    for facts in rows:
        explains = "everything" if len(facts["explains"]) == len(SPACES) else ", ".join(facts["explains"])
        table.add_row(
            facts["name"], facts["meaning"], ", ".join(facts["needs"]), explains, facts["gives"], facts["sign"]
        )
    page().print(table)


def _written(value: Any) -> str:
    """A fact as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ", ".join(value)
