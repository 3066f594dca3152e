"""``mien serve``: a local server that explains posted pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from mien.cli.console import console


def serve(
    model: Annotated[
        str, typer.Option(help="Folder that 'mien train' wrote, of a model of single pictures; or rules.")
    ] = "rules",
    method: Annotated[
        str,
        typer.Option(
            help="Method of explanation without baselines, or none. [default: attention, rule-reasons, tree-shap or "
            "grad-cam, whichever fits first]"
        ),
    ] = "",
    target: Annotated[str, typer.Option(help="What evidence is about. Default: each face's most probable class.")] = "",
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0: any that is free.")] = 8765,
    most_faces: Annotated[
        int, typer.Option("--most-faces", "--faces", help="Of more faces in a picture the largest are read.")
    ] = 10,
    max_mb: Annotated[float, typer.Option(help="Largest body in megabytes; others get 413.")] = 20.0,
    max_megapixels: Annotated[float, typer.Option(help="Largest picture; others get 413.")] = 12.5,
    rate: Annotated[
        float, typer.Option(help="Pictures per second in the long run, twice as many at once; others get 429.")
    ] = 5.0,
    waiting: Annotated[int, typer.Option(help="Pictures that may wait for their turn; others get 503.")] = 4,
    threads: Annotated[int | None, typer.Option(help="Of the landmarker. [default: the cores]")] = None,
) -> None:
    """Answer about pictures on 127.0.0.1: POST /explain gives apparent expression, evidence and regions as JSON."""
    from mien.app.serve import serve as run

    run(
        model, method=method or None, target=target or None, port=port, most_faces=most_faces, max_mb=max_mb,
        max_megapixels=max_megapixels, rate=rate, waiting=waiting, threads=threads, say=_say,
    )  # fmt: skip


def _say(sentence: str) -> None:
    console().print(sentence, markup=False, soft_wrap=True)
