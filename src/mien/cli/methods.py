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
    from mien.core.features import SPACES
    from mien.explain.methods import METHODS, method_of_name

    if name is not None:
        row = method_of_name(name)
        settings = row.defaults()
        if json:
            return print_json({**_facts(row), "settings": settings})
        page().print(f"{row.name}: {row.meaning} ({row.source})", markup=False, soft_wrap=True)
        for key, value in _facts(row).items():
            if key not in ("name", "meaning", "source"):
                page().print(f"  {key}: {_written(value)}", markup=False)
        page().print("  settings: " + (", ".join(f"{k}={v}" for k, v in settings.items()) or "none"), markup=False)
        return None
    rows = [_facts(row) for row in METHODS.values()]
    if json:
        return print_json(rows)
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("method", "what it is", "needs", "explains", "gives", "sign"):
        table.add_column(head, no_wrap=head == "method")  # names are there to be copied
    for row, facts in zip(METHODS.values(), rows, strict=True):
        explains = "everything" if len(facts["explains"]) == len(SPACES) else ", ".join(facts["explains"])
        table.add_row(facts["name"], facts["meaning"], ", ".join(facts["needs"]), explains, facts["gives"], _sign(row))
    page().print(table)
    return None


def _values(row: Any) -> str:
    """What a value belongs to, in each kind of input that the method explains."""
    from mien.core.features import NAMED, PICTURE, SEQUENCE

    # Methods that cover parts cover whole points, for all frames and coordinates.
    kinds = {
        PICTURE: "pixel" if row.per_pixel else "pixel and channel",
        SEQUENCE: "point" if row.per_pixel else "frame, point and coordinate",
        NAMED: "feature",
    }
    return "one value per " + " / ".join(kinds[space] for space in (PICTURE, SEQUENCE, NAMED) if space in row.spaces)


def _facts(row: Any) -> dict[str, Any]:
    gives = [_values(row)]
    gives += ["standard error"] if row.sampled else []
    gives += ["completeness gap"] if row.complete else []
    return {
        "name": row.name,
        "meaning": row.meaning,
        "source": row.source,
        "needs": list(row.needs) or ["only scores"],
        "explains": list(row.spaces),
        "gives": ", ".join(gives),
        "sign": _sign(row),
        "signed_attribution": row.signed_attribution,
    }


def _sign(row: Any) -> str:
    """What the sign of a value says."""
    return "for and against" if row.signed_attribution else "none: an amount"


def _written(value: Any) -> str:
    """A fact as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ", ".join(value)
