"""Steps of the study 'film': streams, decoding, gaze beside maps, streams beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.files import sha256_of
from mien.core.provenance import record
from mien.data.sets.catalogue import set_of
from mien.decoding.result import DECODING_FILE
from mien.studies.film_shared import (
    BRAIN,
    FACES,
    GAZE,
    brain_files,
    draws,
    files_mark,
    left_out,
    linked,
    map_of,
    mark_of,
    numbers_of,
    plain,
    streams_mark,
    unless,
    words,
)
from mien.studies.stages import Run


def streams_step(run: Run) -> None:
    """Every stream that the settings name, placed on the runs."""
    from mien.data.streams.store import streams_folder

    asked, folder = run.settings["streams"], streams_folder(run.folder)
    if asked["runs"]:
        _added(run, [run.place(asked["runs"])], "runs", folder / "runs.csv", {})
    for kind, table in (("annotation", "annotations"), ("samples", "samples")):
        for name, path in asked[table].items():
            _added(run, [run.place(path)], kind, folder / f"{name}.parquet", {"name": name})
    faces, source = run.settings["samples"]["faces"], run.settings["samples"]["source"]
    if faces and source:
        times = run.place(source)
        _added(run, [run.place(faces)], FACES, folder / f"{FACES}.parquet", {"name": FACES, "times": times})
    if not asked["brain"]:
        left_out(run, BRAIN, "[streams] names no brain.")
        return
    files = brain_files(run)
    more: dict[str, Any] = {key: run.place(asked[key]) for key in ("atlas", "labels") if asked[key]}
    if asked["mask"]:
        more["mask"] = "brightness" if asked["mask"] == "brightness" else run.place(asked["mask"])
    if asked["repetition_s"]:
        more["repetition_s"] = asked["repetition_s"]
    _added(run, files, BRAIN, folder / f"{BRAIN}.parquet", {"name": BRAIN, **more})


def _added(run: Run, files: list[Path], kind: str, made: Path, more: dict[str, Any]) -> None:
    from mien.features.streams.add import add

    offset = run.settings["streams"]["offset_s"].get(more.get("name", ""), 0.0)
    asked = {**more, "kind": kind, "offset_s": offset}
    # Files count by what is in them: the study may be run from another folder, or be moved.
    facts = {key: value for key, value in asked.items() if not isinstance(value, Path)}
    read = [*files, *(value for value in more.values() if isinstance(value, Path))]
    marks = [mark_of(path) for path in read]
    runs = run.settings["streams"]["runs"]
    marks += [sha256_of(run.place(runs))] if runs else []

    def work() -> None:
        found = add(files, run.folder, **asked)
        for note in getattr(found, "notes", ()):
            run.say(f"  {note}")
        record(run.folder, f"streams {made.stem}", files=[str(path) for path in files], **plain(asked))

    run.once(f"streams {made.stem}", [marks, facts], [made], work)


def decode_step(run: Run, networks: Sequence[str] = ()) -> list[str]:
    """What of the target is decodable from each source, and from networks' answers, on the same rows and folds."""
    asked, target = run.settings["decoding"], words(run.settings["samples"]["target"])
    sources = [*(asked["sources"] or ([BRAIN] if run.settings["streams"]["brain"] else [])), *networks]
    if not target or not sources:
        return left_out(run, "decoding", "It needs a brain or other [decoding] sources, and [samples] target.")
    labels = asked["labels"] or next(iter(run.settings["streams"]["annotations"]), "")
    if not labels:
        return left_out(run, "decoding", "There is no annotation with the target.")
    from mien.decoding.decode import decode

    numbers = numbers_of(run, labels)
    given: dict[str, Any] = {
        "sources": sources, "labels": labels, "target": target if len(target) > 1 else target[0],
        "model": asked["model"], "unit": asked["unit"], "leave_out": asked["leave_out"], "shift_s": asked["shift_s"],
        "n_permutations": run.settings["comparison"]["permutations"], "seed": run.settings["comparison"]["seed"],
        **({"at_least": asked["at_least"]} if set(target) <= numbers else {}),
    }  # fmt: skip
    place = run.folder / "decoding" / "portrayed"

    def work() -> None:
        decode(run.folder, output=place, progress=run.bar("decode"), **given)
        record(run.folder, "decode", **given)

    return unless(run, "decoding", place, [given, streams_mark(run, [*sources, labels])], work)


def brain_step(run: Run, was_decoded: bool) -> list[str]:
    """On which parcels or voxels the decoders of the brain rest, where this run of the study has them."""
    decoded = run.folder / "decoding" / "portrayed"
    sources = run.settings["decoding"]["sources"] or [BRAIN]
    if not was_decoded or BRAIN not in sources or not run.settings["streams"]["brain"]:
        return left_out(run, "brain evidence", "It needs what was decoded from the brain.")
    from mien.decoding.evidence.brain_evidence import brain_evidence
    from mien.report.draw.brain import draw_brain

    place = run.folder / "brain" / "portrayed"
    given: dict[str, Any] = {"source": BRAIN, "seed": run.settings["comparison"]["seed"]}

    def work() -> None:
        found = brain_evidence(decoded, place, progress=run.bar("brain evidence"), **given)
        if found.space.has_grid:
            draw_brain(found, place)
        record(run.folder, "brain-evidence", **given)

    return unless(run, "brain evidence", place, [given, sha256_of(decoded / DECODING_FILE)], work)


def gaze_step(run: Run, evidence: Sequence[Path] = ()) -> list[str]:
    """Fixations of viewers beside maps, baselines and other viewers; during a film frame by frame, as a stream, too."""
    asked, frames = run.settings["gaze"], run.settings["samples"]["source"]
    if not asked["fixations"]:
        return left_out(run, GAZE, "[gaze] names no fixations.")
    if asked["film"] and not frames:
        return left_out(run, GAZE, "Fixations during a film need the table of its frames: [samples] source.")
    from mien.compare.gaze.gaze import gaze
    from mien.data.streams.store import streams_folder

    known, place_of = set_of(asked["fixations"])
    fixations = run.spec(asked["fixations"])
    faces = run.settings["samples"]["faces"]
    pictures = asked["pictures"] or (str(Path(frames).parent) if asked["film"] else "")
    given: dict[str, Any] = {
        "columns": asked["columns"] or None, "picture_size": asked["picture_size"] or None,
        "maps": [*(map_of(run, one) for one in asked["maps"]), *map(str, evidence)],
        "seed": run.settings["comparison"]["seed"], "pictures": str(run.place(pictures)) if pictures else "",
        "faces": run.place(faces) if faces else None,
        **({"film": run.place(frames), "time_line": run.folder} if asked["film"] else {}),
    }  # fmt: skip
    looked = run.place(place_of)
    # Of a file what is in it; of a data set's folder its files.
    own = sha256_of(looked) if looked.is_file() else files_mark(looked)
    marks: list[Any] = [fixations if known and not place_of else own]
    marks += [files_mark(one.partition("=")[2] or one) for one in given["maps"]]
    marks += [sha256_of(run.place(frames))] if asked["film"] else []
    marks += [mark_of(run.place(faces))] if faces else []
    # As they are written: the study may be run from another folder, or be moved.
    written = {**asked, "pictures": pictures, "evidence": [one.name for one in evidence], "seed": given["seed"]}
    place = run.folder / GAZE / ("film" if asked["film"] else "viewers")
    stream = [streams_folder(run.folder) / f"{GAZE}.parquet"] if asked["film"] else []

    def work() -> None:
        gaze(fixations, output=place, progress=run.bar(GAZE), **given)
        record(run.folder, GAZE, fixations=str(fixations), **plain(given))

    return unless(run, GAZE, place, [marks, written], work, stream)


def link_step(run: Run, was_looked: bool) -> list[str]:
    """Columns of every annotation, and agreement with fixations where it was computed, against the brain."""
    annotations = run.settings["streams"]["annotations"]
    by_frame = was_looked and run.settings["gaze"]["film"]
    if not run.settings["streams"]["brain"] or not (annotations or by_frame):
        return left_out(run, "link", "It needs a brain, and annotations or fixations during the film.")
    from mien.compare.timelines.link import link

    asked = run.settings["link"]
    delay = {"haemodynamic": True} if asked["haemodynamic"] else {"lag_s": run.settings["decoding"]["shift_s"]}
    parts: list[str] = []
    for name in annotations:
        columns = _fitting(run, name, asked["columns"] or words(run.settings["samples"]["target"]))
        if not columns:
            continue
        given: dict[str, Any] = {"first": name, "second": BRAIN, "columns": columns, "overlap": "max", **delay,
                                 **draws(run)}  # fmt: skip
        parts += linked(run, f"{name}-{BRAIN}", given, [name, BRAIN], link)
    if by_frame:
        columns = _agreement(run)
        if columns:
            # Where a frame has no map agreement is missing, so that nothing can be convolved.
            given = {"first": GAZE, "second": BRAIN, "columns": columns, "lag_s": run.settings["decoding"]["shift_s"],
                     **draws(run)}  # fmt: skip
            parts += linked(run, f"{GAZE}-{BRAIN}", given, [GAZE, BRAIN], link)
    return parts or left_out(run, "link", "[link] names no column of an annotation, nor does [samples] target.")


def _agreement(run: Run) -> list[str]:
    """Columns of agreement frame by frame: of every map by NSS, and the share of time on faces; none without maps."""
    from mien.data.streams.store import read_stream, streams_folder

    path = streams_folder(run.folder) / f"{GAZE}.parquet"
    if not path.is_file():
        return []
    stream = read_stream(path)
    maps = [
        name for name in stream.columns if name.endswith(" NSS") and name.startswith(tuple(stream.settings["maps"]))
    ]
    return [name for name in [*maps, "on faces"] if np.isfinite(stream.column(name)).any()]


def viewers_step(run: Run) -> list[str]:
    """What viewers' brains have in common over time."""
    if not run.settings["streams"]["brain"] or not run.settings["link"]["viewers"]:
        return []
    from mien.compare.timelines.link import link

    return linked(run, "viewers", {"first": BRAIN, **draws(run)}, [BRAIN], link)


def _fitting(run: Run, name: str, columns: list[str]) -> list[str]:
    """Of columns, those that an annotation has; of a column of words, each of its words."""
    from mien.data.streams.store import read_stream, streams_folder

    stream = read_stream(streams_folder(run.folder) / f"{name}.parquet")
    found: list[str] = []
    for column in columns:
        if column in stream.columns or (column.partition("=")[0] in stream.texts and "=" in column):
            found.append(column)
        elif column in stream.texts:
            found += [f"{column}={word}" for word in dict.fromkeys(stream.texts[column].tolist()) if word]
    return found
