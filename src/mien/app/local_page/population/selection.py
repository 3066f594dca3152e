"""What a selection of faces has in common, beside everybody: ratings, classes, evidence, the average face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.population.counted import changed_of, faces_of_study
from mien.atlas.summary import topology_of
from mien.atlas.tables import FEATURES, evidence_table, vocabularies
from mien.atlas.words import feature_words
from mien.core.errors import InputError, MienError
from mien.core.evidence import Evidence
from mien.core.people.unknown import is_own
from mien.core.samples import Samples
from mien.explain.store import find_evidence, load_evidence
from mien.features import compute
from mien.learn.predicted import evaluation_beside, not_predicted
from mien.report.privacy import FEWEST_IN_A_MEAN
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.paired import SubjectMean, subject_mean

# Cut out for the average face; of more, every so many-th.
MOST_AVERAGED = 150
_CROP = {"name": "crop", "size": 192, "side": 2.8}
_MOST_EVIDENCE, _MOST_PLACES = 8, 6
_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class SelectionMean:
    """A mean over people in the selection, and over everybody.

    Attributes
    ----------
    name : str
        What of.
    here, everybody : SubjectMean
        Without an interval of fewer than ten people, and where people do not differ at all, which a few can do by
        chance; intervals of shares end at 0 and 1.
    """

    name: str
    here: SubjectMean
    everybody: SubjectMean


@dataclass(frozen=True, eq=False)
class AverageFace:
    """The mean of aligned pictures.

    Attributes
    ----------
    png : bytes
        ``b''`` where there is no picture of a face.
    faces, people : int
        That it is the mean of; each person weighs the same.
    caution : str
        Of a mean over few people; ``''`` if there are enough.
    """

    png: bytes
    faces: int
    people: int
    caution: str


def checked_rows(given: Any, ids: np.ndarray) -> list[int]:
    """Rows of a map that a page asked for, each once.

    Raises
    ------
    InputError
        If this is no list of rows of the map.
    """
    if not isinstance(given, list) or not all(type(row) is int and 0 <= row < len(ids) for row in given):
        raise InputError("A selection is a list of rows of the map.")
    return sorted(set(given))


def rows_of_samples(ids: Iterable[Any], samples: Samples) -> np.ndarray:
    """Places among the samples of the ids that are known there."""
    row_of = {str(path): row for row, path in enumerate(samples.path)}
    return np.array([row_of[str(name)] for name in ids if str(name) in row_of], dtype=np.intp)


def samples_beside(samples: Samples, rows: np.ndarray) -> list[SelectionMean]:
    """Means of ratings and shares of classes in a selection, beside everybody.

    Parameters
    ----------
    samples : Samples
        Those of the map, which are everybody.
    rows : ndarray of int
        The selected ones.
    """
    columns = dict(samples.ratings)
    for name, values in samples.labels.items():
        classes = sorted({str(v) for v in values} - {""})
        if 1 < len(classes) <= len(values) / 2:
            columns |= {f"{name}: {one} (share)": np.where(values == "", np.nan, values == one) for one in classes}
    return [
        _beside(name, np.asarray(values, dtype=np.float64), samples.subject, rows, share=name not in samples.ratings)
        for name, values in columns.items()
    ]


def evidence_beside(study: OpenStudy, samples: Samples, rows: np.ndarray) -> list[tuple[str, list[SelectionMean], str]]:
    """Shares of the evidence by place on the face, the largest in the selection first; a block per stored evidence.

    Each with a title, and with why it must not be interpreted, where its model is not shown to predict.
    """
    chosen = {str(path) for path in samples.path[rows]}
    found = []
    for folder in find_evidence(study.folder / "evidence")[:_MOST_EVIDENCE]:
        try:
            evidence = load_evidence(folder)
            places = _places_beside(evidence, chosen)
        except (MienError, ValueError):
            continue  # the report says what is wrong with it
        if places:
            about = folder.relative_to(study.folder / "evidence").parts[0]
            scored = evaluation_beside(study.folder / "models" / about)
            caution = not_predicted(scored, evidence.target.name)
            found.append((f"{about}, {evidence.method}, {evidence.target}", places, caution))
    return found


def _places_beside(evidence: Evidence, chosen: set[str]) -> list[SelectionMean]:
    here = np.flatnonzero([str(name) in chosen for name in evidence.sample])
    if not len(here):
        return []
    words = vocabularies(evidence)[0]
    table, names = evidence_table(evidence, "share", words)
    points = topology_of(evidence)
    found = [
        _beside(
            feature_words(name, points) if words == FEATURES else name,
            table[:, place],
            evidence.subject,
            here,
            share=True,
        )
        for place, name in enumerate(names)
    ]
    return sorted(found, key=lambda one: -np.nan_to_num(one.here.value))[:_MOST_PLACES]


def _beside(name: str, values: np.ndarray, subjects: np.ndarray, rows: np.ndarray, *, share: bool) -> SelectionMean:
    """Each person weighs the same; people who are not known count as one each."""
    who = np.array([str(one) or f"row {row}" for row, one in enumerate(subjects)], dtype=object)
    here, everybody = subject_mean(values[rows], who[rows]), subject_mean(values, who)
    return SelectionMean(name, _bounded(here, share), _bounded(everybody, share))


def _bounded(mean: SubjectMean, share: bool) -> SubjectMean:
    if mean.subjects < FEW_PEOPLE or not mean.high - mean.low > _NO_SPREAD:
        return replace(mean, low=float("nan"), high=float("nan"))
    return replace(mean, low=max(mean.low, 0.0), high=min(mean.high, 1.0)) if share else mean


def average_face(study: OpenStudy, samples: Samples, rows: np.ndarray) -> AverageFace:
    """The mean over people of the faces of a selection, cut out upright with the eyes in one place.

    Raises
    ------
    InputError
        If the study has no faces.
    """
    folder = study.folder / "faces"
    if not folder.is_dir():
        raise InputError("There are no faces yet: the view Faces finds them.")
    step = -(-len(rows) // MOST_AVERAGED) or 1
    some = samples[rows[::step]]
    crops = compute(dict(_CROP), some, faces_of_study(folder, changed_of(folder)))
    usable = np.flatnonzero(crops.status == "ok")
    if not len(usable):
        return AverageFace(b"", 0, 0, "")
    people = some.subject[usable]
    names = sorted({str(name) for name in people})
    means = [crops.values[usable[people == name]].mean(axis=0) for name in names]
    mean = np.clip(np.mean(means, axis=0).transpose(1, 2, 0) * 255, 0, 255).astype(np.uint8)
    _, code = cv2.imencode(".png", np.ascontiguousarray(mean[..., ::-1]))
    few = len(names) < FEWEST_IN_A_MEAN
    caution = f"A mean over fewer than {FEWEST_IN_A_MEAN} people can look like one of them." if few else ""
    unknown = any(is_own(name) for name in names)
    return AverageFace(
        code.tobytes(), len(usable), len(names), caution or ("Not all people are known." if unknown else "")
    )
