"""Sample tables as the verbs take them, and what a study's provenance says of a step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Labels = Annotated[str, typer.Option(help="Columns with numbers that mean classes, with commas (0/1 codes, say).")]
Ceiling = Annotated[
    str,
    typer.Option(
        help="How far people agree: single ratings (omi:, london: or a table), a table of ceilings, or a number."
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


def pairs_of(text: str, option: str) -> dict[str, str]:
    """``'a=b,c=d'`` as a dict.

    Raises
    ------
    InputError
        If a part has no '=' or one of its sides is empty.
    """
    from mien.core.errors import InputError

    pairs = {}
    for part in (part for part in text.split(",") if part.strip()):
        ours, sign, theirs = (side.strip() for side in part.partition("="))
        if not (sign and ours and theirs):
            raise InputError(f"{option} is written NAME=COLUMN, with commas between several, but got '{part}'.")
        pairs[ours] = theirs
    return pairs


def samples_of(spec: str, labels: str = "", subject_pattern: str = "", columns: str = "") -> Any:
    """The samples that the options describe; the words themselves where no option is given."""
    names = tuple(name.strip() for name in labels.split(",") if name.strip())
    if not names and not subject_pattern and not columns:
        return spec
    from mien.data.samples import read_samples

    return read_samples(
        spec, labels=names, subject_pattern=subject_pattern or None, columns=pairs_of(columns, "--columns")
    )


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
