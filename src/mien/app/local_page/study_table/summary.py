"""Counts per label, group and person, and the samples without a face, as parts of the view."""

from __future__ import annotations

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.media import picture_address
from mien.app.local_page.parts import attempted, say_note, say_problem
from mien.app.local_page.study_table.counts import Without, class_rows, people_sentence, rating_row, without_face
from mien.app.local_page.written_table import linked, written_table
from mien.core.errors import MienError
from mien.core.samples import Samples

_MOST_CLASSES, _MOST_LABELS, _MOST_RATINGS, _MOST_FACELESS = 40, 12, 60, 100


def counts(study: OpenStudy, samples: Samples) -> None:
    """How many samples and people of each class; what ratings look like; copies are told of once they were seen."""
    from nicegui import ui

    ui.label(people_sentence(samples)).props('data-testid="people"')
    copies = ui.element("div").props('aria-live="polite" data-testid="copies"')

    async def look() -> None:
        # Reads all faces: after the page is there.
        from mien.app.local_page.population.counted import counted_once

        found = await attempted(lambda: counted_once(study, samples))
        with copies:
            for sentence in found.notes if found is not None else ():
                say_note(sentence)

    ui.timer(0, look, once=True)
    groups = {} if samples.group is None else {"group": samples.group}
    for name, values in [*groups.items(), *list(samples.labels.items())[:_MOST_LABELS]]:
        rows = class_rows(samples, values)
        caption = f"{name}{f' (the first {_MOST_CLASSES} of {len(rows)})' if len(rows) > _MOST_CLASSES else ''}"
        table = written_table([name, "samples", "people"], rows[:_MOST_CLASSES], caption=caption, numbers=(1, 2))
        ui.html(table, sanitize=False)
    if samples.ratings:
        rated = [(name, *rating_row(values)) for name, values in list(samples.ratings.items())[:_MOST_RATINGS]]
        head = ["rating", "known", "mean", "SD", "smallest", "largest"]
        more = f" (the first {_MOST_RATINGS} of {len(samples.ratings)})" if len(samples.ratings) > len(rated) else ""
        table = written_table(head, rated, caption=f"Ratings: impressions of raters{more}", numbers=range(1, 6))
        ui.html(table, sanitize=False)


def faces_missing(study: OpenStudy, samples: Samples) -> None:
    """Read in the background which samples have no face, and list them."""
    from nicegui import run, ui

    box = ui.element("div").props('aria-live="polite"')
    with box:
        say_note("Looking into the faces ...")

    async def fill() -> None:
        found, problems = await run.io_bound(without_face, samples, study.folder / "faces")
        box.clear()
        with box:
            for sentence in problems:
                say_problem(sentence)
            _list(study, found, len(samples))

    ui.timer(0, fill, once=True)


def _list(study: OpenStudy, found: list[Without], total: int) -> None:
    from nicegui import ui

    if not found:
        say_note(f"None: a face was found in each of {total}.")
        return
    if len(found) == total and not (study.folder / "faces").is_dir():
        say_note("Faces were not looked for yet; the view Faces does that.")
        return
    by_status = {status: sum(one.status == status for one in found) for status in sorted({one.status for one in found})}
    counted = ", ".join(f"{count} × {status}" for status, count in by_status.items())
    ui.label(f"{len(found)} of {total}: {counted}.")
    rows = [(_name(study, one), one.status, one.reason) for one in found[:_MOST_FACELESS]]
    more = f" (the first {_MOST_FACELESS})" if len(found) > _MOST_FACELESS else ""
    ui.html(written_table(["sample", "status", "why"], rows, caption=f"Without a face{more}"), sanitize=False)


def _name(study: OpenStudy, one: Without) -> object:
    """The sample's name, linked where its picture may be shown."""
    try:
        place = study.inside(one.file)
    except MienError:
        return one.path
    return linked(one.path, picture_address(study, place), new=True) if place.is_file() else one.path
