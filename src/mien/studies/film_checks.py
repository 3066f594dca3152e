"""What of a film's settings can be refused before anything is computed: files, names of streams and of columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mien.core.errors import InputError
from mien.core.streams import Stream
from mien.core.words import did_you_mean, listed
from mien.data.sets.catalogue import set_of
from mien.data.tables.fixations import NAMES
from mien.data.tables.screens import size_of
from mien.studies.film_shared import BRAIN, FACES, GAZE, brain_files, named, words
from mien.studies.stages import Run

# What is read of a table of fixations during a film.
_FILM_NAMES = ("x", "y", "viewer", "onset", "duration")
# So many names are listed where none is close to what was asked for.
_LISTED = 20


def check(run: Run) -> None:
    """Refuse settings that name what is not there, or that together mean nothing.

    A misspelt name would else leave a part out, or a stream where it is, after all other parts have been computed.

    Raises
    ------
    InputError
        Names the setting and the nearest name.
    """
    asked = run.settings["streams"]
    _files(run)
    if not any([asked["annotations"], asked["samples"], asked["brain"], run.settings["gaze"]["fixations"]]):
        raise InputError(
            "study.toml: there is nothing to work on; fill in [streams] (annotations, brain) or [gaze] (fixations)."
        )
    brain_files(run)
    _words(run)
    tables = [*asked["annotations"], *asked["samples"]]
    faces = [FACES] if run.settings["samples"]["faces"] and run.settings["samples"]["source"] else []
    brain = [BRAIN] if asked["brain"] else []
    own = [*faces, *brain, *([GAZE] if run.settings["gaze"]["film"] else [])]
    if taken := [name for name in tables if name in own]:
        raise InputError(
            f"study.toml: [streams] calls a table '{taken[0]}', as a stream of the study's own is called. Call it "
            "otherwise; one would replace the other."
        )
    if twice := [name for name in asked["samples"] if name in asked["annotations"]]:
        raise InputError(f"study.toml: [streams] calls two tables '{twice[0]}'; one would replace the other.")
    placed = [*tables, *faces, *brain]
    for name in asked["offset_s"]:
        _one_of("streams.offset_s", name, placed, "is none of the streams of this study")
    known = [*placed, *_there(run)]
    for name in run.settings["decoding"]["sources"]:
        _one_of("decoding.sources", name, known, "is none of the streams of this study")
    _columns(run, known)


def _files(run: Run) -> None:
    asked, gaze, samples = run.settings["streams"], run.settings["gaze"], run.settings["samples"]
    given = [("streams.runs", asked["runs"]), ("samples.source", samples["source"]),
             ("samples.faces", samples["faces"]), ("streams.atlas", asked["atlas"]),
             ("streams.labels", asked["labels"]), ("gaze.pictures", gaze["pictures"])]  # fmt: skip
    for table in ("annotations", "samples"):
        given += [(f"streams.{table}", path) for path in asked[table].values()]
    given += [("streams.mask", asked["mask"])] if asked["mask"] != "brightness" else []
    given += [("gaze.maps", one.rpartition("=")[2]) for one in gaze["maps"]]
    known, place = set_of(gaze["fixations"])
    given.append(("gaze.fixations", place if known else gaze["fixations"]))
    for key, path in given:
        if path:
            _exists(key, run.place(path))
    for key, bodies in (("frames.networks", run.settings["frames"]["networks"]),
                        ("frames.model", [run.settings["frames"]["model"]])):  # fmt: skip
        for one in filter(None, bodies):
            if "/" in one.rpartition("=")[2]:  # Others are names.
                _exists(key, Path(named(run, one)[1]))


def _exists(key: str, path: Path) -> None:
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError(f"study.toml: '{key}' names {path}, but there is nothing.{did_you_mean(path.name, beside)}")


def _words(run: Run) -> None:
    """Words that mean something to what computes with them."""
    gaze, frames = run.settings["gaze"], run.settings["frames"]
    names = _FILM_NAMES if gaze["film"] else tuple(NAMES)
    for name in gaze["columns"]:
        _one_of("gaze.columns", name, names, "is nothing that a table of fixations tells")
    _called(run)
    if gaze["picture_size"]:
        size_of(gaze["picture_size"], "study.toml: 'gaze.picture_size'")
    if frames["model"]:
        from mien.explain.methods import METHODS

        _one_of("frames.method", frames["method"], METHODS, "is none of the methods")
    if frames["networks"]:
        _networks(run)


def _called(run: Run) -> None:
    """What the settings say that columns of the table of fixations are called."""
    gaze = run.settings["gaze"]
    known, _ = set_of(gaze["fixations"])
    path = run.place(gaze["fixations"])
    stored = gaze["film"] and path.suffix == ".parquet"
    if not gaze["columns"] or known is not None or stored or not path.is_file():
        return
    from mien.data.tables.packed import read_packed_table

    have = read_packed_table(path).columns
    for name in gaze["columns"].values():
        _one_of("gaze.columns", name, have, f"is no column of {path.name}")


def _networks(run: Run) -> None:
    """Networks by name; folders are there, or were refused before."""
    from mien.core.errors import MissingExtra
    from mien.nets.bodies import UNTRAINED
    from mien.nets.zoo import resolved

    for given in run.settings["frames"]["networks"]:
        _, body = named(run, given)
        if "/" not in body:
            try:
                resolved(body.removeprefix(UNTRAINED))
            except MissingExtra:
                continue  # The step itself is left out with that sentence; others go on.
            except InputError as error:
                raise InputError(f"study.toml: 'frames.networks': {error}") from error


def _there(run: Run) -> list[str]:
    """Streams that lie in the study already, added by hand or written by an earlier run."""
    from mien.data.streams.store import streams_folder

    return [path.stem for path in sorted(streams_folder(run.folder).glob("*.parquet"))]


def _columns(run: Run, known: list[str]) -> None:
    from mien.data.streams.annotations import read_annotations
    from mien.data.streams.store import read_stream, streams_folder

    annotations = run.settings["streams"]["annotations"]
    tables = {name: read_annotations(run.place(path), name=name) for name, path in annotations.items()}
    target, labels = words(run.settings["samples"]["target"]), run.settings["decoding"]["labels"]
    if labels:
        _one_of("decoding.labels", labels, known, "is none of the streams of this study")
        if labels not in tables and labels in _there(run):
            tables[labels] = read_stream(streams_folder(run.folder) / f"{labels}.parquet")
    labels = labels or next(iter(annotations), "")
    if labels in tables:
        have = tables[labels]
        for column in target:
            _one_of("samples.target", column, [*have.columns, *have.texts], f"is no column of '{labels}'")
    shown = [tables[name] for name in annotations]
    for column in run.settings["link"]["columns"] if shown else ():
        if not any(_fits(one, column) for one in shown):
            word = "=" in column
            names = [name for one in shown for name in (_said(one) if word else (*one.columns, *one.texts))]
            where = listed([f"'{one.name}'" for one in shown])
            otherwise = f"holds nowhere in {where}" if word else f"is no column of {where}"
            _one_of("link.columns", column, names, otherwise)


def _said(stream: Stream) -> list[str]:
    """``COLUMN=WORD`` of all words of an annotation."""
    return [f"{name}={word}" for name, cells in stream.texts.items() for word in dict.fromkeys(cells.tolist()) if word]


def _fits(stream: Stream, column: str) -> bool:
    name, sign, word = column.partition("=")
    return column in stream.columns or (name in stream.texts and (not sign or word in stream.texts[name]))


def _one_of(key: str, name: str, known: Iterable[str], otherwise: str) -> None:
    names = list(dict.fromkeys(known))
    if name not in names:
        hint = did_you_mean(name, names) or f" There is: {', '.join(names[:_LISTED]) or 'none'}."
        raise InputError(f"study.toml: '{key}' names '{name}', which {otherwise}.{hint}")
