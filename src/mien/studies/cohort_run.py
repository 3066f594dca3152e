"""What the study 'cohort' works on: participants with recordings, measures over time, scores of a questionnaire."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mien.cohort.flow import FLOW_FILE, Flow
from mien.cohort.participants import participants
from mien.cohort.participants_file import Participants
from mien.core.errors import InputError
from mien.core.files import sha256_of
from mien.core.provenance import LEFT_OUT, record
from mien.core.samples import Samples
from mien.core.words import did_you_mean, listed
from mien.data.measures import BLOCKS, FACTS, Measures
from mien.data.questionnaires.answers import NoAnswersError
from mien.data.questionnaires.questionnaire import questionnaire
from mien.data.questionnaires.result import Questionnaire
from mien.data.review import read_review
from mien.data.shards import shard_paths
from mien.features.over_time.table import QUALITY, matched, with_measures, with_quality
from mien.studies.stages import Run


class CohortRun(Run):
    """A study whose samples are sessions of participants, with one recording each."""

    @property
    def seed(self) -> int:
        """Of everything that is drawn."""
        found: int = self.settings["folds"]["seed"]
        return found

    @property
    def spread(self) -> dict[str, Any]:
        """How long work is spread, as verbs take it."""
        asked = self.settings["engine"]
        return {"workers": asked["workers"], "engine": asked["engine"], "address": asked["address"]}

    def leave_out(self, step: str, error: InputError) -> None:
        """Say that a step cannot be done and why, and keep it for the report."""
        self.say(f"{step}: left out. {error}")
        record(self.folder, f"{step}{LEFT_OUT}", reason=str(error))

    @property
    def recordings(self) -> Path:
        """The study that holds the recordings' faces: another one that the settings name, or this one."""
        given = self.settings["samples"]["faces"]
        return self.place(given) if given else self.folder

    @cached_property
    def table_mark(self) -> str:
        """Fingerprint of the table, of which recordings there are, and of their review."""
        digest = hashlib.sha256(sha256_of(Path(self.source)).encode())
        for shard in shard_paths(self.recordings) if (self.recordings / "faces").is_dir() else []:
            digest.update(shard.name.encode("utf-8", "surrogateescape"))
        digest.update(read_review(self.recordings).mark.encode())
        return digest.hexdigest()

    @cached_property
    def participants(self) -> Participants:
        """The checked table, matched to the recordings."""
        asked = self.settings["samples"]
        return participants(
            self.source, self.recordings if (self.recordings / "faces").is_dir() else None,
            columns=asked["columns"] or None, missing=asked["missing"], labels=asked["labels"], output=self.folder,
        )  # fmt: skip

    @cached_property
    def scores(self) -> Questionnaire | None:
        """The questionnaire, scored for all rows of the table; None without one."""
        asked = self.settings["questionnaire"]
        if not asked["scale"]:
            return None
        scale = asked["scale"]
        key = str(self.place(scale)) if scale.endswith(".toml") else scale
        given = self.participants
        try:
            found = questionnaire(given.kept, scale=key, items=asked["items"])
        except NoAnswersError as error:
            self.leave_out("questionnaire", error)
            return None
        # Rows are those of the table, not of what is left of it.
        rows = given.row[given.ok]
        found = replace(
            found, row=rows[found.row - 1],
            problems=tuple(replace(one, row=int(rows[one.row - 1])) for one in found.problems),
        )  # fmt: skip
        found.write(self.folder / "questionnaires" / self.scale_name)
        return found

    @cached_property
    def people(self) -> Samples:
        """Sessions with a usable recording, with scores and bands of the questionnaire."""
        kept = self.participants.kept
        return kept if self.scores is None else self.scores.beside(kept)

    @cached_property
    def measures(self) -> Measures:
        """What faces did over time, one row for each of ``people``."""
        return matched(self.people, Measures.read(self.folder))

    @cached_property
    def analysed(self) -> Samples:
        """The sessions whose recordings passed the gates, with their measures as ratings; the flow is kept."""
        ok = self.measures.ok
        people, measures = self.people[ok], self.measures[ok]
        return with_quality(with_measures(people, measures), measures)

    @cached_property
    def mark(self) -> str:
        """Fingerprint of the table, the questionnaire and the measures."""
        # What is related to what is in each step's own facts: one more outcome leaves the others as they are.
        read = {name: value for name, value in self.settings["samples"].items() if name not in _RELATED}
        asked = {"samples": read, "questionnaire": self.settings["questionnaire"]}
        digest = hashlib.sha256(repr([self.table_mark, asked]).encode())
        place = self.folder / "measures"
        for file in [place / FACTS, *sorted(place.glob(BLOCKS))]:
            digest.update(sha256_of(file).encode())
        return digest.hexdigest()

    def write_flow(self) -> None:
        """From the table through the gates of frames and sessions to those analysed, by people and sessions."""
        flow, measures = self.participants.flow, self.measures
        counts = {name: int(np.nansum(column)) for name, column in measures.quality.items()}
        excluded = {
            name.removeprefix("left out: "): count for name, count in counts.items() if name.startswith("left out: ")
        }
        reasons = np.where(measures.ok, "", measures.why)
        flow, _ = flow.without(
            self.people, reasons, "Frames and recordings checked", frames=counts.get("frames", 0),
            frames_excluded={name: count for name, count in excluded.items() if count},
        )  # fmt: skip
        if not self.outcomes:
            flow.write(self.folder / "participants")
            return
        outcome = {name: self._known(name) for name in self.outcomes}
        lacking = [f"no {listed(list(outcome))}" if not any(row) else "" for row in zip(*outcome.values(), strict=True)]
        flow, _ = flow.without(self.people[measures.ok], lacking, "Outcome known")
        flow.write(self.folder / "participants")

    def _known(self, name: str) -> np.ndarray:
        sessions = self.people[self.measures.ok]
        values = sessions.target(name)
        return np.array(values != "") if values.dtype == object else np.isfinite(values)

    def videos(self) -> list[Path]:
        """Files that the table names and that are there."""
        asked = self.settings["samples"]
        table = participants(self.source, columns=asked["columns"] or None, missing=asked["missing"])
        root = Path(self.source).absolute().parent
        return [file for file in dict.fromkeys(root / str(path) for path in table.samples.path) if file.is_file()]

    @property
    def scale_name(self) -> str:
        """Folder of the questionnaire."""
        return Path(self.settings["questionnaire"]["scale"]).stem

    @property
    def has_quality(self) -> bool:
        """Whether recordings differ in quality."""
        return any(name.startswith(QUALITY) for name in self.analysed.ratings)

    @cached_property
    def flow(self) -> Flow:
        """The flow of participants as it was written."""
        return Flow.read(self.folder / "participants" / FLOW_FILE)

    @cached_property
    def outcomes(self) -> list[str]:
        """Columns that faces are related to: those of the settings, or every score of the questionnaire.

        Without any answer to the questionnaire these are the table's columns alone, or none.

        Raises
        ------
        InputError
            If there is no such column, or none at all.
        """
        grouped = [] if self.people.group is None else ["group"]
        known = [*self.people.ratings, *self.people.labels, *grouped]
        asked = list(dict.fromkeys(self.settings["samples"]["outcomes"]))
        if self.settings["questionnaire"]["scale"] and self.scores is None:
            return [name for name in asked if name in known]
        for name in asked:
            if name not in known:
                raise InputError(
                    f"study.toml: 'samples.outcomes' names '{name}'.{did_you_mean(name, known)} There are: "
                    f"{listed(known[:30])}."
                )
        found = asked or ([] if self.scores is None else list(self.scores.ratings))
        if not found:
            raise InputError(
                "study.toml: there is nothing that faces could be related to; name columns in 'samples.outcomes', or "
                "the questionnaire in 'questionnaire.scale'."
            )
        return found

    @cached_property
    def covariates(self) -> list[str]:
        """Columns of people that are held constant and compared with: those of the settings that there are."""
        known = {**self.people.ratings, **self.people.labels}
        return [name for name in self.settings["samples"]["covariates"] if name in known and self._differs(name)]

    def _differs(self, name: str) -> bool:
        column = self.people.labels.get(name)
        return len(set(column)) > 1 if column is not None else _varies(self.people.ratings[name])

    @property
    def site(self) -> str:
        """Column of sites; ``''`` where there are none, or one."""
        name: str = self.settings["samples"]["site"]
        return name if name in self.people.labels and self._differs(name) else ""


# Settings of samples that say what is related to what.
_RELATED = ("outcomes", "covariates", "site")


def _varies(column: np.ndarray) -> bool:
    known = column[np.isfinite(column)]
    return bool(len(known) and np.ptp(known) > 0)
