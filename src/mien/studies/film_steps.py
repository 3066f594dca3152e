"""Steps of the study 'film': streams, decoding, gaze beside maps, streams beside each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.files import sha256_of
from mien.core.provenance import record
from mien.data.sets.catalogue import set_of
from mien.decoding.result import DECODING_FILE
from mien.studies.stages import Run

BRAIN, FACES = "brain", "faces"


def check(run: Run) -> None:
    """Refuse settings that name files which are not there, or that together mean nothing.

    Raises
    ------
    InputError
    """
    asked = run.settings["streams"]
    named = {"streams.runs": asked["runs"], "samples.source": run.settings["samples"]["source"],
             "samples.faces": run.settings["samples"]["faces"], "streams.atlas": asked["atlas"],
             "streams.labels": asked["labels"]}  # fmt: skip
    for table in ("annotations", "samples"):
        named |= {f"streams.{table}": path for path in asked[table].values()}
    for key, path in named.items():
        if path and not run.place(path).exists():
            raise InputError(f"study.toml: '{key}' names {run.place(path)}, but there is nothing.")
    if not any([asked["annotations"], asked["samples"], asked["brain"], run.settings["gaze"]["fixations"]]):
        raise InputError(
            "study.toml: there is nothing to work on; fill in [streams] (annotations, brain) or [gaze] (fixations)."
        )


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
        _left_out(run, BRAIN, "[streams] names no brain.")
        return
    files = brain_files(run)
    more: dict[str, Any] = {key: run.place(asked[key]) for key in ("atlas", "labels") if asked[key]}
    if asked["mask"]:
        more["mask"] = "brightness" if asked["mask"] == "brightness" else run.place(asked["mask"])
    if asked["repetition_s"]:
        more["repetition_s"] = asked["repetition_s"]
    _added(run, files, BRAIN, folder / f"{BRAIN}.parquet", {"name": BRAIN, **more})


def brain_files(run: Run) -> list[Path]:
    """Files of the brain that the settings name, patterns resolved.

    Raises
    ------
    InputError
        If a name or a pattern fits nothing.
    """
    files: list[Path] = []
    for given in run.settings["streams"]["brain"]:
        whole = run.place(given)
        fits = sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor)))) if "*" in given else [whole]
        if not fits or not fits[0].exists():
            raise InputError(f"study.toml: 'streams.brain' names {given}, but from {run.folder} there is no such file.")
        files += fits
    return files


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """Paths as text, as provenance and marks of steps keep them."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}


def _added(run: Run, files: list[Path], kind: str, made: Path, more: dict[str, Any]) -> None:
    from mien.features.streams.add import add

    offset = run.settings["streams"]["offset_s"].get(more.get("name", ""), 0.0)
    asked = {**more, "kind": kind, "offset_s": offset}
    said = _plain(asked)
    read = [*files, *(value for value in more.values() if isinstance(value, Path))]
    marks = [_mark(path) for path in read]
    runs = run.settings["streams"]["runs"]
    marks += [sha256_of(run.place(runs))] if runs else []

    def work() -> None:
        found = add(files, run.folder, **asked)
        for note in getattr(found, "notes", ()):
            run.say(f"  {note}")
        record(run.folder, f"streams {made.stem}", files=[str(path) for path in files], **said)

    run.once(f"streams {made.stem}", [marks, said], [made], work)


def _mark(path: Path) -> Any:
    """Fingerprint of a file, or of the files of a folder of faces."""
    if path.is_file():
        return sha256_of(path)
    return [[file.name, file.stat().st_size] for file in sorted((path / FACES).glob("*.parquet"))]


def decode_step(run: Run) -> list[str]:
    """What of the target is decodable from each source, on the same rows and folds."""
    asked, target = run.settings["decoding"], _words(run.settings["samples"]["target"])
    sources = asked["sources"] or ([BRAIN] if run.settings["streams"]["brain"] else [])
    if not target or not sources:
        return _left_out(run, "decoding", "It needs a brain or other [decoding] sources, and [samples] target.")
    labels = asked["labels"] or next(iter(run.settings["streams"]["annotations"]), "")
    if not labels:
        return _left_out(run, "decoding", "There is no annotation with the target.")
    from mien.decoding.decode import decode

    numbers = _numbers_of(run, labels)
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

    return _unless(run, "decoding", place, [given, _streams_mark(run, [*sources, labels])], work)


def brain_step(run: Run) -> list[str]:
    """On which parcels or voxels the decoders of the brain rest."""
    decoded = run.folder / "decoding" / "portrayed"
    sources = run.settings["decoding"]["sources"] or [BRAIN]
    if not (decoded / DECODING_FILE).is_file() or BRAIN not in sources or not run.settings["streams"]["brain"]:
        return _left_out(run, "brain evidence", "It needs what was decoded from the brain.")
    from mien.decoding.evidence.brain_evidence import brain_evidence
    from mien.report.draw.brain import draw_brain

    place = run.folder / "brain" / "portrayed"
    given: dict[str, Any] = {"source": BRAIN, "seed": run.settings["comparison"]["seed"]}

    def work() -> None:
        found = brain_evidence(decoded, place, progress=run.bar("brain evidence"), **given)
        if found.space.has_grid:
            draw_brain(found, place)
        record(run.folder, "brain-evidence", **given)

    return _unless(run, "brain evidence", place, [given, sha256_of(decoded / DECODING_FILE)], work)


def gaze_step(run: Run) -> list[str]:
    """Fixations of viewers beside maps, baselines and other viewers."""
    asked = run.settings["gaze"]
    if not asked["fixations"]:
        return _left_out(run, "gaze", "[gaze] names no fixations.")
    from mien.compare.gaze.gaze import gaze

    known, place_of = set_of(asked["fixations"])
    fixations = run.spec(asked["fixations"])
    faces = run.settings["samples"]["faces"]
    given: dict[str, Any] = {
        "columns": asked["columns"] or None, "picture_size": asked["picture_size"] or None,
        "maps": [_map(run, one) for one in asked["maps"]], "seed": run.settings["comparison"]["seed"],
        "pictures": str(run.place(asked["pictures"])) if asked["pictures"] else "",
        "faces": run.place(faces) if faces else None,
    }  # fmt: skip
    mark = fixations if known and not place_of else sha256_of(Path(fixations))
    maps = [
        [[file.name, file.stat().st_size] for file in sorted(folder.glob("*")) if file.is_file()]
        for folder in (Path(one.partition("=")[2] or one) for one in given["maps"])
    ]
    place = run.folder / "gaze" / "viewers"

    def work() -> None:
        gaze(fixations, output=place, progress=run.bar("gaze"), **given)
        record(run.folder, "gaze", fixations=str(fixations), **_plain(given))

    return _unless(run, "gaze", place, [mark, maps, given], work)


def link_step(run: Run) -> list[str]:
    """Columns of every annotation against the brain over time."""
    annotations = run.settings["streams"]["annotations"]
    if not run.settings["streams"]["brain"] or not annotations:
        return _left_out(run, "link", "It needs a brain and annotations.")
    from mien.compare.timelines.link import link

    asked = run.settings["link"]
    delay = {"haemodynamic": True} if asked["haemodynamic"] else {"lag_s": run.settings["decoding"]["shift_s"]}
    parts: list[str] = []
    for name in annotations:
        columns = _fitting(run, name, asked["columns"] or _words(run.settings["samples"]["target"]))
        if not columns:
            continue
        given: dict[str, Any] = {"first": name, "second": BRAIN, "columns": columns, "overlap": "max", **delay,
                                 **_draws(run)}  # fmt: skip
        parts += _linked(run, f"{name}-{BRAIN}", given, [name, BRAIN], link)
    return parts or _left_out(run, "link", "[link] names no column of an annotation, nor does [samples] target.")


def viewers_step(run: Run) -> list[str]:
    """What viewers' brains have in common over time."""
    if not run.settings["streams"]["brain"] or not run.settings["link"]["viewers"]:
        return []
    from mien.compare.timelines.link import link

    return _linked(run, "viewers", {"first": BRAIN, **_draws(run)}, [BRAIN], link)


def _linked(run: Run, name: str, given: dict[str, Any], streams: list[str], link: Callable[..., Any]) -> list[str]:
    place = run.folder / "link" / name

    def work() -> None:
        link(run.folder, output=place, **given)
        record(run.folder, f"link {name}", **given)

    return _unless(run, f"link {name}", place, [given, _streams_mark(run, streams)], work)


def _draws(run: Run) -> dict[str, int]:
    asked = run.settings["comparison"]
    return {"n_permutations": asked["permutations"], "seed": asked["seed"]}


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


def _numbers_of(run: Run, name: str) -> set[str]:
    from mien.data.streams.store import read_stream, streams_folder

    return set(read_stream(streams_folder(run.folder) / f"{name}.parquet").columns)


def _streams_mark(run: Run, names: list[str]) -> list[str]:
    from mien.data.streams.store import streams_folder

    paths = [streams_folder(run.folder) / f"{name}.parquet" for name in names]
    return [sha256_of(path) if path.is_file() else name for path, name in zip(paths, names, strict=True)]


def _map(run: Run, given: str) -> str:
    name, sign, path = given.rpartition("=")
    return f"{name}{sign}{run.place(path)}"


def _unless(run: Run, step: str, place: Path, facts: Any, work: Callable[[], Any]) -> list[str]:
    """A step that the data may not allow; then the reason is said and kept, and the study goes on."""
    try:
        run.once(step, facts, [place], work)
    except InputError as error:
        return _left_out(run, step, str(error))
    return [place.relative_to(run.folder).as_posix()]


def _left_out(run: Run, step: str, reason: str) -> list[str]:
    run.say(f"{step}: left out. {reason}")
    record(run.folder, f"{step} left out", reason=reason)
    return []


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
