"""``mien doctor``: what works on this machine."""

from typing import Annotated, Any

import typer

from mien.cli.console import SOME_FAILED, fail, page, print_json
from mien.data.doctor import PULL
from mien.data.doctor import doctor as run


def doctor(json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False) -> None:
    """Versions, weights, data folder, optional parts, and the network calls that are possible."""
    facts = run()
    if json:
        print_json(facts)
    else:
        _show(facts)
    needed = [entry for entry in facts["weights"] if entry["state"] == "damaged" or entry["pull"] == PULL]
    if not all(entry["present"] for entry in needed):
        fail(SOME_FAILED)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    screen = page()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("[bold]machine[/]", facts["machine"])
    table.add_row("[bold]versions[/]", ", ".join(f"{name} {version}" for name, version in facts["versions"].items()))
    for entry in facts["weights"]:
        optional = entry["pull"] != PULL
        absent = f"{'not here, for some models only' if optional else '[red]absent[/]'} (get it with: {entry['pull']})"
        damaged = f"[red]damaged[/]: the file has another checksum (replace it with: {entry['pull']})"
        here = {"here": "[green]here[/]", "damaged": damaged}.get(entry["state"], absent)
        table.add_row(f"[bold]{entry['file']}[/]", f"{here}; {entry['licence']}; {entry['source']}")
        table.add_row("", f"SHA-256 {entry['sha256']}")
    table.add_row("[bold]cache[/]", facts["cache"])
    found = ", ".join(facts["data"]["present"]) or "no known data set (set MIEN_DATA to their folder)"
    table.add_row("[bold]data[/]", f"{facts['data']['folder']}: {found}")
    for name, extra in facts["extras"].items():
        state = "[green]complete[/]" if not extra["missing"] else (
            f"[yellow]missing {', '.join(extra['missing'])}[/]; {extra['install']}".replace("[" + name, r"\[" + name)
        )  # fmt: skip
        table.add_row(f"[bold]extra {name}[/]", f"{extra['for']}: {state}")
    table.add_row("[bold]torch[/]", facts["torch"])
    table.add_row("[bold]device[/]", escape(facts["device"]))
    table.add_row("[bold]network[/]", facts["network"])
    screen.print(table)
