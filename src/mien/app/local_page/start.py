"""The start page: open a study, make one of a folder or a table, what works here, weights."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from mien.app.local_page.choose import choose
from mien.app.local_page.folders import Folders, OpenStudies, OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, part, say_note, say_refused, warn
from mien.core.errors import InputError
from mien.core.output import check_folder
from mien.core.words import listed
from mien.data.doctor import doctor
from mien.data.media import pictures, video
from mien.data.review import REVIEW
from mien.data.weight_facts import weights

TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
DROPPED = "media"
# Of files that were refused.
MOST_NAMED = 5
TAKEN = (*sorted(pictures.SUFFIXES | video.SUFFIXES), *TABLES)


def start(studies: OpenStudies, most_upload: int) -> None:
    """Fill the start page."""
    with part("Open a study", "open"):
        _open(studies)
    with part("New study", "new"):
        _new(studies, most_upload)
    with part("This machine", "machine"):
        _machine()


def _open(studies: OpenStudies) -> None:
    from nicegui import ui

    opened = list(studies)
    if opened:
        with ui.element("ul"):
            for study in opened:
                with ui.element("li"):
                    ui.link(str(study.folder), study.path("faces"))
    path = _path_field(studies.folders, "Folder of a study", ())

    async def open_it() -> None:
        study = await attempted(lambda: studies.open(_given(path.value, "a folder")))
        if study is not None:
            ui.navigate.to(study.path("faces"))

    ui.button("Open", on_click=open_it).props('no-caps data-testid="open-study"')


def _new(studies: OpenStudies, most_upload: int) -> None:
    from nicegui import ui

    say_note(
        "Choose a folder of pictures and videos, or a table with their paths, people and ratings; or leave it empty "
        "and drop files below. Everything that mien computes is written into the study's own folder; your files stay "
        "as they are."
    )
    folder = _path_field(studies.folders, "Folder of the new study", ())
    given = _path_field(studies.folders, "Pictures, videos, or a table", TABLES)

    def made() -> OpenStudy:
        return make_study(studies, _given(folder.value, "a folder for the study"), given.value.strip())

    async def make() -> None:
        study = await attempted(made)
        if study is not None:
            ui.navigate.to(study.path("faces"))

    async def take(upload: Any) -> None:
        name = await _kept(studies, folder.value, upload.file)
        if name:
            dropped.set_text(f"{dropped.text} {name}".strip())

    drop = ui.upload(
        on_upload=take, multiple=True, auto_upload=True, max_file_size=most_upload,
        label="Drop pictures, videos or a table",
    ).props(f'accept="{",".join(TAKEN)}" data-testid="drop"')  # fmt: skip
    drop.on(
        "rejected",
        lambda event: warn(rejected_sentence(event.args, most_upload)),
        js_handler="(files) => emit(files.map((one) => [one.failedPropValidation, one.file.name]))",
    )
    # Quasar's own button has no name that is read aloud; the style hides it.
    pick = f"() => getElement({drop.id}).pickFiles()"
    ui.button("Choose files").props("outline no-caps").on("click", js_handler=pick)
    dropped = ui.label().classes("note").props('data-testid="dropped" role="status"')
    ui.button("Make the study", on_click=make).props('no-caps data-testid="make-study"')


def rejected_sentence(given: Any, most_upload: int) -> str:
    """Which files the browser did not send, and why.

    Parameters
    ----------
    given : Any
        What the browser says: pairs of the rule that was broken and the file's name.
    most_upload : int
        Bytes.
    """
    named = [(str(rule), str(name)) for rule, name in given]
    large = [name for rule, name in named if rule.startswith("max-")]
    other = [name for rule, name in named if rule == "accept"]
    said = []
    if large:
        said.append(
            f"Larger than the {most_upload / 1e6:g} MB that this page takes: {_first(large)}. Choose the folder that "
            "holds them instead, or start the page with a larger --max-mb."
        )
    if other:
        said.append(f"Of a kind that mien does not read: {_first(other)}. It reads {', '.join(TAKEN)}.")
    return " ".join(said) or f"Chosen twice: {_first([name for _, name in named])}."


def _first(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    return listed([*shown, f"{len(names) - len(shown)} more"] if len(names) > len(shown) else shown)


async def _kept(studies: OpenStudies, folder: str, file: Any) -> str:
    """Write an uploaded file into the study's folder; its name there, empty if it was refused."""

    def place() -> Path:
        return dropped_path(studies.folders.inside(_given(folder, "a folder for the study")), file.name)

    target: Path | None = await attempted(place)
    if target is None:
        return ""
    try:
        await file.save(target)
    except OSError as error:
        with suppress(OSError):
            target.unlink(missing_ok=True)
        say_refused(error)
        return ""
    return target.name


def dropped_path(folder: Path, name: str) -> Path:
    """Where an uploaded file goes: by its bare name, and never over another one.

    Raises
    ------
    InputError
        If its kind is not read, or there is one of this name.
    """
    bare = Path(name.replace("\\", "/")).name
    if bare.startswith("."):
        raise InputError(f"{bare} begins with a dot: mien does not read hidden files. Rename it.")
    if not bare or Path(bare).suffix.lower() not in TAKEN:
        raise InputError(f"{name} is of a kind that mien does not read; it reads {', '.join(TAKEN)}.")
    place = folder / (DROPPED if Path(bare).suffix.lower() not in TABLES else "") / bare
    if place.exists():
        raise InputError(f"There is a file {bare} in {place.parent} already; rename the new one.")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def make_study(studies: OpenStudies, folder: str, given: str) -> OpenStudy:
    """Make a study's folder over pictures, videos or a table, and open it.

    Raises
    ------
    InputError
        If there is nothing to look at, or the folder cannot be written.
    """
    place = studies.folders.inside(folder)
    source = studies.folders.inside(given) if given else place / DROPPED
    beside = place.glob("*") if not given and place.is_dir() else ()
    tables = [file for file in beside if file.suffix.lower() in TABLES and file.name != REVIEW]
    if not source.exists() and not tables:
        raise InputError(f"{source} does not exist; choose pictures, videos or a table, or drop some.")
    check_folder(place)
    place.mkdir(parents=True, exist_ok=True)
    study = studies.open(place)
    is_table = source.is_file() and source.suffix.lower() in TABLES
    table = source if is_table else (tables[0] if tables else None)
    looked_at = "" if is_table or not source.exists() else str(source)
    study.keep(input=looked_at, samples=str(table) if table else looked_at)
    return study


def _path_field(folders: Folders, label: str, files: tuple[str, ...]) -> Any:
    from nicegui import ui

    with ui.row().classes("path-row"):
        field = ui.input(label).classes("path").props("outlined dense")

        async def browse() -> None:
            chosen = await choose(folders, label, files=files)
            if chosen is not None:
                field.set_value(str(chosen))

        ui.button("Choose", on_click=browse).props("outline no-caps")
    return field


def _given(text: str | None, what: str) -> str:
    if not (text or "").strip():
        raise InputError(f"Name {what} first.")
    return str(text).strip()


@cache
def _weights_folder() -> Path:
    """Where the jobs that belong to no study are kept: for as long as this server lives."""
    return Path(tempfile.mkdtemp(prefix="mien-page-"))


def _machine() -> None:
    from nicegui import run, ui

    known = ui.element("dl").classes("facts")
    listed = ui.element("div")

    async def show_facts() -> None:
        facts = await run.io_bound(doctor)
        with known:
            for name, value in {
                "Machine": facts["machine"],
                "Versions": ", ".join(f"{name} {number}" for name, number in facts["versions"].items() if number),
                "Network": "none, except for what the button below pulls",
                "Not installed": ", ".join(name for name, row in facts["extras"].items() if row["missing"])
                or "nothing",
            }.items():
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(str(value))
        await show_weights()

    async def show_weights() -> None:
        found = await run.io_bound(weights)
        listed.clear()
        with listed:
            rows = [
                {
                    "name": row["name"],
                    "here": "yes" if row["present"] else "no",
                    "licence": row["licence"],
                    "for": row["purpose"],
                }
                for row in found
            ]
            columns = [
                {"name": key, "label": key, "field": key, "align": "left"} for key in ("name", "here", "licence", "for")
            ]
            ui.table(rows=rows, columns=columns, row_key="name", title="Weights").props("dense flat wrap-cells")

    # The page is there before this machine was looked at.
    ui.timer(0, show_facts, once=True)
    panel = JobPanel(_weights_folder(), ("pull",), lambda status: ui.timer(0, show_weights, once=True))
    ui.button("Pull the weights that faces need", on_click=lambda: panel.start("pull", {})).props("outline no-caps")
    say_note(
        "This is the only thing on this page that asks the network: the addresses that 'mien doctor' names, then pip."
    )
