"""Steps of the study 'film' on its frames: networks' answers as streams, and a model's evidence about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.core.files import sha256_of
from mien.core.provenance import record
from mien.core.samples import Samples
from mien.studies.film_shared import files_mark, left_out, mark_of, named, unless
from mien.studies.stages import Run


def _frames(run: Run) -> tuple[Path, Samples]:
    """The table of frames, and the frames as samples."""
    from mien.responses.time_line import frames_as_samples

    table = run.place(run.settings["samples"]["source"])
    return table, frames_as_samples(table)


def networks_step(run: Run) -> tuple[list[str], list[str]]:
    """Answers of networks to the frames as streams: names of the streams, and folders of the answers."""
    asked = run.settings["frames"]
    if not asked["networks"]:
        return [], []
    if not run.settings["samples"]["source"]:
        return [], left_out(
            run, "networks", "They need the table of frames: [samples] source with path, time_s and run."
        )
    from mien.data.streams.store import streams_folder
    from mien.responses.compute import activations
    from mien.responses.store import load_activations
    from mien.responses.time_line import stream_name

    table, frames = _frames(run)
    marks = [sha256_of(table), [[path.name, path.stat().st_size] for path in frames.files() if path.is_file()]]
    found: list[str] = []
    parts: list[str] = []
    for given in asked["networks"]:
        name, body = named(run, given)
        place = run.folder / "activations" / name
        facts = {
            "layers": asked["layers"], "depth": 1, "weights": asked["weights"], "components": asked["components"],
            "name": name, "seed": run.settings["comparison"]["seed"],
        }  # fmt: skip

        def work(body: str = body, place: Path = place, facts: dict[str, Any] = facts, name: str = name) -> None:
            activations(
                body, frames, place, time_line=run.folder, times=table, replace_others=True, progress=run.bar(name),
                **facts,
            )  # fmt: skip
            record(run.folder, f"activations {name}", **{**facts, "body": body})

        runs = files_mark(streams_folder(run.folder) / "runs.csv")
        done = unless(run, f"activations {name}", place, [marks, given, facts, runs], work)
        if done:
            there = load_activations(place)
            found += [stream_name(there, layer) for layer in there.layers]
            parts += done
    return found, parts


def evidence_step(run: Run) -> tuple[list[Path], list[str]]:
    """A model's evidence about the frames: folders of its maps, and the one that holds them."""
    asked, faces = run.settings["frames"], run.settings["samples"]["faces"]
    if not asked["model"]:
        return [], []
    if not (run.settings["samples"]["source"] and faces):
        return [], left_out(run, "evidence", "It needs [samples] source (the table of frames) and faces.")
    from mien.explain.explain import explain, explain_all
    from mien.explain.store import find_evidence

    table, frames = _frames(run)
    name, model = named(run, asked["model"])
    place = run.folder / "evidence" / name
    given: dict[str, Any] = {"method": asked["method"], "seed": run.settings["comparison"]["seed"]}
    facts = [sha256_of(table), asked["model"], asked["target"], given, files_mark(model), mark_of(run.place(faces))]

    def work() -> None:
        settings = {**given, "faces": run.place(faces), "output": place, "progress": run.bar("evidence")}
        if asked["target"]:
            explain(model, frames, target=asked["target"], **settings)
        else:
            explain_all(model, frames, **settings)
        record(run.folder, "explain", model=model, target=asked["target"], **given)

    done = unless(run, f"evidence {name}", place, facts, work)
    return (find_evidence(place), done) if done else ([], [])
