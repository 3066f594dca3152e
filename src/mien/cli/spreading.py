"""Options of every verb whose work can be spread over processes, machines and jobs."""

from __future__ import annotations

from typing import Annotated

import typer

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
