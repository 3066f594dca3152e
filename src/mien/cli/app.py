"""``mien app``: the local page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def app(
    study: Annotated[Path | None, typer.Argument(help="Folder of a study to open; none: the start page.")] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option(help="A folder that the page may read and write, beside the study's. [default: this folder]"),
    ] = None,
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0: any that is free.")] = 8766,
    max_mb: Annotated[float, typer.Option(help="Largest upload in megabytes.")] = 1000.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """Look at faces, models and evidence in a browser of this machine; nothing leaves it."""
    from mien.app.local_page.app import app as run

    run(study, folder=folder or (), port=port, max_mb=max_mb, browser=browser, say=_say)


def _say(sentence: str) -> None:
    print(sentence, flush=True)
