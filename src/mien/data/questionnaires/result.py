"""Scores of a questionnaire: raw, prorated, bands; and on disk: scores.parquet, questionnaire.json, problems.csv."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import finite
from mien.core.in_notebooks import InNotebooks
from mien.core.names import utf8_name
from mien.core.people.keys import person_key
from mien.core.results import number
from mien.core.samples import Samples
from mien.core.words import listed
from mien.data.questionnaires.answers import (
    ALL_MISSING,
    DECIMAL,
    MISSING,
    OUT_OF_RANGE,
    SAME,
    TEXT,
    AnswerProblem,
    ItemAnswers,
)
from mien.data.questionnaires.scale import NO_DIAGNOSIS, ScoringKey, Subscale
from mien.data.result_files import ResultFiles, columns_as, texts_of
from mien.stats.reliability import Reliability

if TYPE_CHECKING:
    import pandas

_FORMAT = "mien questionnaire 1"
SCORES, FACTS, PROBLEMS = "scores.parquet", "questionnaire.json", "problems.csv"
_FILES = ResultFiles("mien questionnaire", _FORMAT, FACTS, {"scores": SCORES}, (PROBLEMS,))
_WHO = ("path", "subject", "session", "row")
NOTICE = (
    "Severity bands and cut-offs are not a diagnosis: they say how answers compare with published cut-offs, and "
    "nothing else."
)
_KINDS = {
    OUT_OF_RANGE: "out of range (counts as missing)",
    TEXT: "text (counts as missing)",
    DECIMAL: "decimal (counts as missing)",
    MISSING: "missing",
    ALL_MISSING: "rows without any answer",
    SAME: "rows with the same answer throughout (a remark; nothing is left out)",
}


@dataclass(frozen=True, eq=False)
class Questionnaire(InNotebooks):
    """Scores of a questionnaire, one row per row of the table.

    Attributes
    ----------
    scale : ScoringKey
    path, subject, session : ndarray of str, shape (rows,)
    row : ndarray of int, shape (rows,)
        As the table counts.
    answers : ndarray of float64, shape (rows, items)
        As they were given, not turned; NaN where missing or unusable.
    columns : tuple of str
        What the table calls the items.
    problems : tuple of AnswerProblem
    reliability : tuple of Reliability
        Of each subscale.
    settings : dict
    notes : tuple of str
        What has to be known with the scores, in sentences.
    """

    __repr__ = brief

    scale: ScoringKey
    path: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    row: np.ndarray
    answers: np.ndarray
    columns: tuple[str, ...]
    problems: tuple[AnswerProblem, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.subject)

    def scores(self, subscale: Subscale) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Raw and prorated scores, and the number of missing items; see ``Subscale.scores``.

        Parameters
        ----------
        subscale : Subscale

        Returns
        -------
        tuple of ndarray, each of shape (rows,)
        """
        return subscale.scores(self.scale.turned(self.answers))

    @property
    def ratings(self) -> dict[str, np.ndarray]:
        """The prorated scores of each subscale, by the column that they become in ``Samples``."""
        return {self.scale.column(one): self.scores(one)[1] for one in self.scale.subscales}

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """Bands (``..._band``) and cut-offs of screenings (``..._cut``), by column; not a diagnosis."""
        found = {}
        for one in self.scale.subscales:
            scores = self.scores(one)[1]
            if one.bands:
                found[f"{self.scale.column(one)}_band"] = one.band_of(scores)
            if one.screening is not None:
                found[f"{self.scale.column(one)}_cut"] = one.screened(scores)
        return found

    def beside(self, samples: Samples) -> Samples:
        """Samples with the scores among their ratings and the bands among their labels.

        Rows are matched by path where the questionnaire's table has them, else by subject (and session where both say
        it). Whoever did not answer has no score.

        Parameters
        ----------
        samples : Samples

        Returns
        -------
        Samples

        Raises
        ------
        InputError
            If nobody is matched, or somebody answered several times and nothing says which answers belong to which row.
        """
        place, how = self.places(samples)
        known = place >= 0
        if not known.any():
            raise InputError(
                f"{self.scale.title}: none of the {len(samples)} samples is among the {len(self)} rows that were "
                f"answered (matched by {how})."
            )
        ratings, labels = dict(samples.ratings), dict(samples.labels)
        for name, values in self.ratings.items():
            ratings[name] = np.where(known, values[place], np.nan)
        for name, texts in self.labels.items():
            labels[name] = np.where(known, texts[place], "").astype(object)
        notes: tuple[str, ...] = (NOTICE,)
        if not known.all():
            notes += (f"{int((~known).sum())} of {len(samples)} samples have no answers to {self.scale.title}.",)
        return replace(samples, ratings=ratings, labels=labels, notes=(*samples.notes, *notes))

    def places(self, samples: Samples) -> tuple[np.ndarray, str]:
        """Row of the answers for each sample, -1 for none; and by what they were matched.

        Parameters
        ----------
        samples : Samples

        Returns
        -------
        place : ndarray of int, shape (samples,)
        by : str

        Raises
        ------
        InputError
            If somebody answered several times and nothing says which answers belong to which row.
        """
        if (self.path != "").all():
            by_path = {str(path): row for row, path in enumerate(self.path)}
            place = np.array([by_path.get(str(path), -1) for path in samples.path])
            if (place >= 0).any():
                return place, "path"
        sessions = samples.labels.get("session")
        both = sessions is not None and bool((self.session != "").any())
        mine = _keys(self.subject, self.session if both else None)
        repeated = {key for key, count in Counter(mine).items() if count > 1}
        wanted = _keys(samples.subject, sessions if both else None)
        unclear = sorted(repeated & {*wanted})
        if unclear:
            raise InputError(
                f"{self.scale.title}: '{unclear[0][0]}' and {len(unclear) - 1} others answered several times, and "
                "nothing says which answers belong to which recording. Give both tables a column 'session', or 'path'."
            )
        by_key = {key: row for row, key in enumerate(mine)}
        return np.array([by_key.get(key, -1) for key in wanted]), "subject and session" if both else "subject"

    @property
    def table(self) -> pandas.DataFrame:
        """One row per row of the table, as ``scores.parquet`` holds it."""
        return require("pandas", "A table of scores", "learn").DataFrame(self._columns())

    def _columns(self) -> dict[str, np.ndarray]:
        """Who, scores, bands with what they are not, and the answers."""
        columns: dict[str, np.ndarray] = {name: getattr(self, name) for name in _WHO}
        for one in self.scale.subscales:
            name, (raw, prorated, missing) = self.scale.column(one), self.scores(one)
            columns |= {name: prorated, f"{name}_raw": raw, f"{name}_missing": missing}
        labels = self.labels
        columns |= labels
        if labels:
            columns["bands_are"] = np.full(len(self), NO_DIAGNOSIS, dtype=object)
        return columns | {f"item:{name}": self.answers[:, i] for i, name in enumerate(self.columns)}

    def band_counts(self, subscale: Subscale) -> dict[str, int]:
        """How many rows are in each band.

        Parameters
        ----------
        subscale : Subscale

        Returns
        -------
        dict of str to int
        """
        bands = subscale.band_of(self.scores(subscale)[1]) if subscale.bands else np.empty(0, dtype=object)
        return {band: int((bands == band).sum()) for band in subscale.bands}

    def problem_words(self) -> list[str]:
        """How often each kind of problem comes, with the first places, in sentences."""
        said = []
        for kind, words in _KINDS.items():
            own = [one for one in self.problems if one.kind == kind]
            if own:
                where = [
                    f"row {one.row}"
                    + (f" '{one.column}'" if one.column else "")
                    + (f" ({one.cell})" if one.cell else "")
                    for one in own[:3]
                ]
                counted = re.sub(r"^rows", "row", words) if len(own) == 1 else words
                said.append(f"{len(own)} {counted}: {', '.join(where)}{' ...' if len(own) > 3 else ''}.")
        codes = Counter(one.cell for one in self.problems if one.kind == OUT_OF_RANGE)
        often = [cell for cell, count in codes.most_common(2) if count >= 3]
        if often:
            said.append(f"If {listed(often)} means 'no answer', say so: --missing {','.join(often)}.")
        return said

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        bands = {
            self.scale.column(one): {"bands": self.band_counts(one), "bands_are": NO_DIAGNOSIS}
            for one in self.scale.subscales
            if one.bands
        }
        counts = dict(Counter(one.kind for one in self.problems))
        return {
            "format": _FORMAT, "notice": NOTICE, "scale": asdict(self.scale), "rows": len(self),
            "columns": list(self.columns), "bands": bands, "problems": counts,
            "reliability": [finite(asdict(one)) for one in self.reliability], "settings": self.settings,
            "notes": list(self.notes),
        }  # fmt: skip

    def write(self, folder: str | Path) -> None:
        """Write the three files; they change together.

        Parameters
        ----------
        folder : str or Path
            As ``STUDY/questionnaires/NAME``.
        """
        columns = self._columns()
        columns["path"] = np.array([utf8_name(str(path)) for path in self.path], dtype=object)
        text = io.StringIO()
        writer = csv.DictWriter(text, [one.name for one in fields(AnswerProblem)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(one) for one in self.problems)
        _FILES.write(folder, self.to_json(), {"scores": columns}, {PROBLEMS: text.getvalue()})

    @classmethod
    def read(cls, folder: str | Path) -> Questionnaire:
        """What ``write`` wrote.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Questionnaire

        Raises
        ------
        InputError
            If a file is missing or something else.
        """
        return _FILES.read(folder, lambda found, parts: _result(found, parts["scores"], Path(folder)))


def _result(found: dict[str, Any], scores: Any, folder: Path) -> Questionnaire:
    names = tuple(map(str, found["columns"]))
    # A copy to be passed on has neither rows of the original table nor sentences about them.
    there = (folder / PROBLEMS).read_text(encoding="utf-8") if (folder / PROBLEMS).is_file() else ""
    lines = csv.DictReader(io.StringIO(there))
    rows = scores["row"].to_numpy() if "row" in scores.column_names else np.arange(scores.num_rows) + 2
    return Questionnaire(
        _scale(found["scale"]), **{name: texts_of(scores, name) for name in _WHO[:3]}, row=rows,
        answers=columns_as(scores, [f"item:{name}" for name in names]), columns=names,
        problems=tuple(AnswerProblem(int(line.pop("row")), **line) for line in lines),
        reliability=tuple(_reliability(one) for one in found["reliability"]), settings=dict(found["settings"]),
        notes=tuple(map(str, found["notes"])),
    )  # fmt: skip


def of_answers(scale: ScoringKey, answers: ItemAnswers, **more: Any) -> Questionnaire:
    """Scores of answers as they were read."""
    return Questionnaire(
        scale, answers.path, answers.subject, answers.session, answers.row, answers.values, answers.columns,
        answers.problems, **more,
    )  # fmt: skip


def _keys(subjects: np.ndarray, sessions: np.ndarray | None) -> list[tuple[str, str]]:
    """Who and in which session, by what spellings have in common."""
    when = ["" if sessions is None else str(session) for session in (subjects if sessions is None else sessions)]
    return [(person_key(str(subject)), session) for subject, session in zip(subjects, when, strict=True)]


def _scale(found: dict[str, Any]) -> ScoringKey:
    subscales = tuple(Subscale(**{name: _tuple(value) for name, value in one.items()}) for one in found["subscales"])
    return ScoringKey(**{**{name: _tuple(value) for name, value in found.items()}, "subscales": subscales})


def _tuple(value: Any) -> Any:
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


def _reliability(found: dict[str, Any]) -> Reliability:
    kept = {name: _tuple(value) for name, value in found.items()}
    for name in ("alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high"):
        kept[name] = number(found[name])
    kept["rest"] = tuple(number(value) for value in found["rest"])
    return Reliability(**kept)
