"""Sample tables as the verbs take them, and what a study's provenance says of a step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mien.data.sets.catalogue import SETS

_RATED = ", ".join(f"{row.name}:" for row in SETS.values() if row.ratings)

SampleSource = Annotated[
    str,
    typer.Argument(
        help="Table, folder of class folders, or a data set as NAME: or NAME:PATH ('mien datasets' lists them)."
    ),
]
Device = Annotated[
    str, typer.Option(help="Where networks compute: auto (a GPU where there is one), cpu, cuda or cuda:NUMBER.")
]
Labels = Annotated[str, typer.Option(help="Columns of numbers that are classes, such as 0/1 codes; with commas.")]
Ceiling = Annotated[
    str,
    typer.Option(
        help=f"Ceiling by the raters' agreement: single ratings ({_RATED} a table), table of ceilings, or number."
    ),
]
SubjectPattern = Annotated[
    str,
    typer.Option(help="For folders of class folders: a regular expression that finds the subject in a file's name."),
]

ShowFaces = Annotated[bool, typer.Option("--show-faces", help="Show pictures of people, and means over few of them.")]
ShowNames = Annotated[bool, typer.Option("--show-names", help="Name files and people instead of numbering them.")]


Columns = Annotated[
    str, typer.Option(help="What the table calls path, subject, clip or group: 'path=Bild,subject=Vp'.")
]


Missing = Annotated[
    str, typer.Option(help="Codes that the table writes for 'no answer', with commas: '999,-9'. They count as empty.")
]


Same = Annotated[
    str,
    typer.Option(
        help="Labels in one vocabulary: 'smiling=happiness,bored=' (nothing leaves one out), or a file with the "
        "columns set, label and common."
    ),
]


def pairs_of(text: str, option: str) -> dict[str, str]:
    """``'a=b,c=d'`` as a dict.

    Raises
    ------
    InputError
        If a part has no '=' or one of its sides is empty, or a name comes twice.
    """
    from mien.core.errors import InputError

    pairs: dict[str, str] = {}
    for part in (part for part in text.split(",") if part.strip()):
        ours, sign, theirs = (side.strip() for side in part.partition("="))
        if not (sign and ours and theirs):
            raise InputError(f"{option} is written NAME=COLUMN, with commas between several, but got '{part}'.")
        if ours in pairs:
            raise InputError(
                f"{option} names two columns as '{ours}': '{pairs[ours]}' and '{theirs}'; it can be one of them."
            )
        pairs[ours] = theirs
    return pairs


def reading(
    labels: str = "", subject_pattern: str = "", columns: str = "", missing: str = "", same: str = ""
) -> dict[str, Any]:
    """How samples are read, as every verb takes it in Python; nothing where no option is given."""
    said = {
        "labels": tuple(name.strip() for name in labels.split(",") if name.strip()),
        "subject_pattern": subject_pattern,
        "columns": pairs_of(columns, "--columns"),
        "missing": tuple(code.strip() for code in missing.split(",") if code.strip()),
        "same": same,
    }
    return {name: value for name, value in said.items() if value}


def note_step(output: Path, room: str, step: str, spec: str, **facts: Any) -> None:
    """Write into the study's provenance what a step was asked, if ``output`` is ``STUDY/room/NAME``."""
    from mien.core.files import sha256_of
    from mien.core.provenance import record

    output = Path(output).absolute()
    if output.parent.name != room:
        return
    table = Path(spec)
    if table.is_file():
        facts["samples_sha256"] = sha256_of(table)
    record(output.parent.parent, f"{step} {output.name}", samples=spec, **facts)
