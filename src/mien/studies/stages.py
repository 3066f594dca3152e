"""The pipeline as steps of a study: read, extract, train, explain, reduce, report. Finished steps are not repeated."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.files import sha256_of
from mien.core.progress import Progress
from mien.core.provenance import PROVENANCE_FILE, record, timeless
from mien.core.samples import Samples
from mien.core.steps import STEPS_FILE, data_mark, once
from mien.data.samples import faces_of, read_samples
from mien.data.sets.catalogue import set_of
from mien.data.shards import read_faces
from mien.studies.settings import STUDY_FILE, Setting

Say = Callable[[str], None]

SAMPLES: dict[str, Setting] = {
    "source": Setting(
        "",
        "What is studied: a table (samples.csv with the columns path or clip, subject and labels), a folder with one\n"
        "sub-folder of videos or pictures per class, or buhmap, london, synthetic:FOLDER. Paths start at this\n"
        "file's folder.",
        required=True,
    ),
    "target": Setting("label", "Column with the classes that are to be told apart.", required=True),
    "faces": Setting(
        "",
        "Folder with ready landmarks (written by mien extract or mien import). Empty: those that come with the\n"
        "samples, else faces are extracted from the pictures or videos into this study.",
    ),
    "labels": Setting([], "Columns whose numbers mean classes (0 and 1, say)."),
    "columns": Setting({}, 'What a table calls path, subject, clip or group: { path = "Bild", subject = "Vp" }.'),
    "missing": Setting([], 'Codes that the table writes for "no answer", such as "999" and "-9".'),
    "subject_pattern": Setting("", "For folders of class folders: a regular expression that finds the subject."),
    "same": Setting(
        "",
        'Labels in one vocabulary: "smiling=happiness,bored=" (nothing leaves one out), or a file with the columns\n'
        "set, label and common.",
    ),
}
# Files that may be written anew with the same content, and most bytes of one whose content is looked at.
_TABLES, _SMALL = (".json", ".csv", ".parquet"), 2**22
NAMES = Setting(False, "Name files and people in report and maps; without it they have numbers.")
FOLDS: dict[str, Setting] = {
    "scheme": Setting(
        "stratified",
        "How people are dealt to folds; nobody is ever in training and test at once.",
        ("stratified", "grouped", "leave-one-subject-out"),
    ),
    "n_folds": Setting(10, "Number of folds (plays no part in leave-one-subject-out).", least=2),
    "seed": Setting(0, "Random seed: the same one gives the same results.", least=0),
}


@dataclass(frozen=True, eq=False)
class Run:
    """A study that is being run.

    Attributes
    ----------
    folder : Path
    settings : dict of str to dict
        By table and name, checked.
    say : callable
        Gets a sentence for every step.
    progress : callable, optional
        Gets the name of a step and gives its ``(done, total)`` callable.
    """

    folder: Path
    settings: dict[str, dict[str, Any]]
    say: Say = lambda sentence: None
    progress: Callable[[str], Progress] | None = None

    def bar(self, step: str) -> Progress | None:
        """Progress of a step."""
        return None if self.progress is None else self.progress(step)

    def once(self, step: str, facts: Any, made: Iterable[Path], work: Callable[[], Any]) -> bool:
        """Do ``work`` unless it was done with the same facts and what it made is there; whether it was done now."""
        return once(self.folder, step, facts, made, work, self.say)

    def checked(self, check: Callable[[], None]) -> None:
        """Check settings unless they passed before: what checks them loads what computes with them."""
        once(self.folder, "checks", self.settings, (), check, lambda sentence: None)

    @property
    def source(self) -> str:
        """The samples as ``read_samples`` takes them."""
        return self.spec(self.settings["samples"]["source"])

    def spec(self, given: str) -> str:
        """Samples or single ratings as settings name them: a data set, or a path from the study's folder."""
        known, place = set_of(given)
        if known:
            return f"{known.name}:{self.place(place)}" if place else given
        return str(self.place(given))

    def place(self, given: str) -> Path:
        """A path of the settings, from the study's folder.

        Raises
        ------
        InputError
            If it is there from where we are only.
        """
        inside, here = self.folder / Path(given).expanduser(), Path(given).expanduser()
        if here.exists() and not inside.exists():
            seen = path_from(self.folder, here)
            raise InputError(f"{inside} does not exist. Paths in {STUDY_FILE} start at its folder: write '{seen}'.")
        return inside

    @cached_property
    def samples(self) -> Samples:
        """What is studied."""
        asked = self.settings["samples"]
        names = ("labels", "columns", "missing", "subject_pattern")
        return read_samples(self.source, **{name: asked[name] for name in names if asked[name]}, same=self.same)

    @property
    def same(self) -> str:
        """What labels are called, as ``read_samples`` takes it."""
        given: str = self.settings["samples"]["same"]
        return str(self.place(given)) if given and "=" not in given else given

    @cached_property
    def faces(self) -> Faces:
        """The samples' faces: ready ones, or extracted now."""
        given = self.settings["samples"]["faces"]
        known = faces_of(self.samples, self.place(given) if given else None)
        if known is not None:
            return known
        from mien.faces.extract import extract

        self.say("faces ...")
        extract(self.samples.files(), self.folder)
        return read_faces(self.folder)

    @cached_property
    def data_mark(self) -> str:
        """Fingerprint of samples and faces."""
        return data_mark(self.samples, self.faces)


def path_from(folder: Path, place: Path) -> str:
    """A place as seen from a folder, with forward slashes; as it is where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(place.expanduser(), folder)).as_posix()
    except ValueError:
        return place.expanduser().absolute().as_posix()


def train_step(
    run: Run,
    name: str,
    *,
    recipe: dict[str, Any] | None,
    settings: dict[str, Any] | None = None,
    model: str = "",
    samples: Samples | None = None,
    scheme: str = "",
    **asked: Any,
) -> None:
    """Train and evaluate a model into ``models/NAME``; ``asked`` are further arguments of ``train``.

    ``model``: its row, where NAME is another; ``samples``: of all the study's samples, those that it is trained on;
    ``scheme``: of its folds, where that is not the study's.
    """
    folds = run.settings["folds"] | ({"scheme": scheme} if scheme else {})
    target = asked.pop("target", None) or run.settings["samples"]["target"]
    place = run.folder / "models" / name
    facts = {"recipe": recipe, "settings": settings or {}, "target": target, **folds, **asked}
    marks = [run.data_mark] if samples is None else [run.data_mark, model, samples.path.tolist()]

    def work() -> None:
        # What was done before needs nothing that computes.
        from mien.learn.train import train

        train(
            run.samples if samples is None else samples, target=target, model=model or name, faces=run.faces,
            recipe=recipe, settings=settings, output=place, progress=run.bar(f"train {name}"), **folds, **asked,
        )  # fmt: skip
        record(run.folder, f"train {name}", samples=run.source, **facts)

    run.once(f"train {name}", [*marks, facts], [place / "model.json", place / "evaluation.json"], work)


def explain_step(run: Run, name: str, **asked: Any) -> None:
    """Evidence of the stored model ``models/NAME`` for every class into ``evidence/NAME``."""
    model, place = run.folder / "models" / name, run.folder / "evidence" / name
    facts = {"model": sha256_of(model / "model.json"), **asked}

    def work() -> None:
        from mien.explain.explain import explain_all

        explain_all(model, run.samples, faces=run.faces, output=place, progress=run.bar(f"explain {name}"), **asked)
        record(run.folder, f"explain {name}", samples=run.source, **facts)

    run.once(f"explain {name}", [run.data_mark, facts], [place], work)


def reduce_step(run: Run, name: str, **asked: Any) -> None:
    """Fewer landmarks for the network ``name``, into ``reduction/NAME``."""
    from mien.reduce.result import REDUCTION_FILE

    folds, target = run.settings["folds"], run.settings["samples"]["target"]
    place = run.folder / "reduction" / name
    facts = {"target": target, "model": name, **folds, **asked}

    def work() -> None:
        from mien.reduce.reduce import reduce

        reduce(run.samples, target=target, model=name, faces=run.faces, output=place,
               progress=run.bar(f"reduce {name}"), **folds, **asked)  # fmt: skip
        record(run.folder, f"reduce {name}", samples=run.source, **facts)

    run.once(f"reduce {name}", [run.data_mark, facts], [place / REDUCTION_FILE], work)


def report_step(run: Run, parts: Iterable[str], **shown: bool) -> Path:
    """The page of what the settings ask for; ``shown`` are arguments of ``report``.

    It is not written again where nothing in the study's folder has changed since, unless it shows pictures, which lie
    elsewhere.
    """
    from mien.report.asked import PARTS_FILE, REPORT_FILE, write_parts

    write_parts(run.folder, parts)
    page = run.folder / REPORT_FILE

    def work() -> None:
        from mien.report.report import report

        report(run.folder, **shown)

    if shown.get("show_faces") or shown.get("film_strip"):
        run.say("report ...")
        work()
        return page
    passing = {REPORT_FILE, STEPS_FILE, PARTS_FILE, PROVENANCE_FILE}

    def facts() -> list[Any]:
        files = sorted(path for path in run.folder.rglob("*") if path.is_file() and path.name not in passing)
        asked = (run.folder / PARTS_FILE).read_text(encoding="utf-8")
        found = [(path.relative_to(run.folder).as_posix(), _state(path)) for path in files]
        return [shown, asked, timeless(run.folder), found]

    if run.once("report", facts(), [page], work):
        # What is kept for the next page lies in the folder, too.
        once(run.folder, "report", facts(), [page], lambda: None, lambda sentence: None)
    return page


def _state(path: Path) -> str:
    """What tells whether a file is as it was: of small tables the content, as some are written anew in every run."""
    stat = path.stat()
    # Of faces there may be many thousands, and they are not written anew.
    if path.suffix not in _TABLES or stat.st_size > _SMALL or path.parent.name == "faces":
        return f"{stat.st_size} {stat.st_mtime_ns}"
    content = path.read_bytes()
    if path.suffix == ".json":
        with suppress(ValueError):
            found = json.loads(content)
            if isinstance(found, dict):
                content = json.dumps({k: v for k, v in found.items() if k not in ("written", "checksum")}).encode()
    return hashlib.sha256(content).hexdigest()
