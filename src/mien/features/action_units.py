"""``actions``: apparent action units of the faces in pictures and videos, with presence, intensity and error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import UNREADABLE, Faces
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.core.topology import MEDIAPIPE_478
from mien.data.media.pictures import read_picture
from mien.data.media.video import Sampling, read_frames
from mien.data.shards import read_faces, shard_paths
from mien.features.action_inputs import inputs_of, sides
from mien.features.action_result import FACTS, ActionUnits
from mien.features.learnt_actions import MeasuredActions, facts_of_learnt, learnt

# What each unit is, after the Facial Action Coding System (Ekman, Friesen & Hager 2002).
WORDS: dict[str, str] = {
    "AU1": "inner brow raised", "AU2": "outer brow raised", "AU4": "brow lowered", "AU5": "upper lid raised",
    "AU6": "cheek raised", "AU7": "lids tightened", "AU9": "nose wrinkled", "AU10": "upper lip raised",
    "AU12": "lip corner pulled", "AU14": "dimpled", "AU15": "lip corner depressed", "AU16": "lower lip depressed",
    "AU17": "chin raised", "AU18": "lips puckered", "AU20": "lips stretched", "AU23": "lips tightened or pressed",
    "AU26": "jaw dropped", "AU34": "cheeks puffed", "AU43": "eyes closed",
}  # fmt: skip
PICTURE_MISSING, CHANGED = "picture not found", "changed since extraction"
# Poses and sizes beyond those of the rendered heads.
MOST_TURNED_DEG, LEAST_EYES_PX = (20.0, 30.0, 30.0), 30.0
# Times that the error of half of the units exceeds that on unseen heads: 1.39 in one of a thousand of these.
MOST_UNLIKE = 1.5
# Frames whose pixels are in memory at once.
BATCH = 64


def actions(
    inputs: str | Path | Faces | Sequence[str | Path],
    output: str | Path | None = None,
    *,
    every: str | int = 1,
    progress: Progress | bool | None = None,
) -> ActionUnits:
    """Apparent action units of every face: presence, intensity, and the standard error of that.

    Ten units, among them six that the landmarker's blendshapes do not see (AU5, 6, 9, 14, 23, 34), are measured from
    its points and the texture of the flattened face, learnt on rendered heads whose muscles are known; the others from
    one blendshape each, calibrated on the same heads. Pictures in which no face is certain, or faces lie on their side,
    are looked at turned upright, too, and such faces are marked as turned. What shows in a face says nothing about what
    somebody feels.

    Parameters
    ----------
    inputs : path, Faces or sequence of paths
        Pictures, videos, folders and patterns; or the folder of an extraction, or its faces, whose pictures lie where
        they did (else the ten units stay unknown).
    output : path, optional
        Folder for ``actions.parquet`` and ``actions.json``.
    every : int or str
        Every so many frames of a video (``5``), or one frame in so many seconds (``'0.5s'``).
    progress : callable (done, total) or bool, optional
        ``True`` writes lines to standard error. Called with the number of sources done and of all sources.

    Returns
    -------
    ActionUnits

    Raises
    ------
    InputError
        If there is nothing to look at, the faces have no points of the landmarker, or the output cannot be written, or
        holds an earlier result and nothing could be read this time: that one stays.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=1, expressions=["smile"], frames=8, pictures=True)
    >>> found = mien.actions("people/pictures", "people/actions")
    >>> found.units[:4], found.status.tolist()
    (('AU1', 'AU2', 'AU4', 'AU5'), ['ok'])
    >>> bool(found.presence[0, found.units.index("AU12")] > 0.5)
    True
    """
    if output is not None:
        check_folder(output)
    said = progress_of(progress, "files")
    parts = []
    for done, total, faces, path in _looked_at(inputs, every):
        parts.append(_measured(faces, path))
        if said is not None:
            said(done, total)
    if not parts:
        raise InputError("There is no picture and no video to look at.")
    found = _joined(parts)
    if output is not None:
        _keep_earlier(found, Path(output))
        found.save(output)
    return found


def _keep_earlier(found: ActionUnits, folder: Path) -> None:
    """Refuse to put nothing in the place of an earlier result."""
    if (found.status == UNREADABLE).all() and (folder / FACTS).is_file():
        why = next((str(reason) for reason in found.reason if reason), "")
        raise InputError(
            f"Nothing could be read of {len(set(found.source))} files, so the earlier result in {folder} stays "
            f"as it is. {why}".strip()
        )


def _looked_at(
    inputs: str | Path | Faces | Sequence[str | Path], every: str | int
) -> Iterator[tuple[int, int, Faces, Path | None]]:
    """Number, count, faces and file of each source."""
    near = [Path()]
    if isinstance(inputs, (str, Path)) and Path(inputs).is_dir() and shard_paths(Path(inputs)):
        near = [Path(inputs), *Path(inputs).absolute().parents[:2], Path()]
        inputs = read_faces(inputs)
    if isinstance(inputs, Faces):
        if inputs.topology != MEDIAPIPE_478:
            raise InputError(
                f"Action units are measured from the landmarker's 478 points, but these faces have "
                f"'{inputs.topology}'. Give the pictures themselves: mien actions PICTURES."
            )
        sources = list(inputs.by_source())
        for done, (name, rows) in enumerate(sources, 1):
            path = next((folder / name for folder in near if (folder / name).is_file()), None)
            yield done, len(sources), inputs[rows], path
        return
    from mien.faces.reader import Looker, LookSettings, unreadable
    from mien.faces.sources import VIDEO, find_sources
    from mien.faces.upright import upright

    given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    listed = find_sources(given).sources
    looker = Looker(LookSettings(Sampling.parse(every)), 1)
    for done, source in enumerate(listed, 1):
        if source.problem:
            faces = unreadable(source.name, f"{source.name} {source.problem}.")
        elif source.kind == VIDEO:
            faces = Faces.concat(list(looker.video(source)))
        else:
            faces = upright(looker, source, looker.picture(source))
        yield done, len(listed), faces, source.path


def _measured(faces: Faces, path: Path | None) -> ActionUnits:
    """Units of all rows of one source."""
    facts = facts_of_learnt()
    units = sorted((*facts["units"], *facts["frozen"]), key=lambda unit: int(unit.removeprefix("AU")))
    values = {name: np.full((len(faces), len(units)), np.nan) for name in ("presence", "intensity", "error")}
    status = faces.status.astype(object).copy()
    unlike = np.zeros(len(faces), dtype=bool)
    with_face = np.flatnonzero(faces.ok)
    if len(with_face):
        shapes = faces.blendshapes[with_face].astype(np.float64)
        by_name = {name: shapes[:, list(places)].mean(1) for name, places in sides()}
        _fill(values, with_face, units, tuple(facts["frozen"]), learnt().measure_frozen(by_name))
        for rows, found, why in _with_pixels(faces, with_face, path):
            if why:
                status[rows] = why
                continue
            inputs = inputs_of(faces.landmarks_px[rows], faces.blendshapes[rows], found)
            measured = learnt().measure(inputs)
            _fill(values, rows, units, learnt().units, measured)
            unlike[rows] = np.median(measured.error / learnt().error, axis=1) > MOST_UNLIKE
    return ActionUnits(
        source=faces.source, frame=faces.frame, time_s=faces.time_s, track=faces.track, status=status,
        reason=faces.reason, doubt=_doubts(faces, unlike), **values, units=tuple(units),
        facts={"units": {unit: card_of(unit) for unit in units}},
    )  # fmt: skip


def card_of(unit: str) -> dict[str, Any]:
    """What a unit is, from what it is measured, on what that was learnt, where it was right and where not tried."""
    facts = facts_of_learnt()
    card: dict[str, Any] = {"meaning": WORDS[unit]}
    scored = facts["right on"]
    if unit in facts["frozen"]:
        card["measured by"] = f"blendshape {facts['frozen'][unit][0]}, calibrated on rendered heads"
        card["auc on rendered heads"] = {name: found["blendshapes"][unit] for name, found in scored.items()}
    else:
        card["measured by"] = "points and texture, learnt on rendered heads"
        card["on rendered heads"] = {name: found["units"][unit] for name, found in scored.items()}
    card["on photos of London"] = facts["on photos of London"][unit]
    return {**card, "learnt on": facts["learnt on"], "not tried": facts["not tried"]}


def _fill(
    values: dict[str, np.ndarray], rows: np.ndarray, units: Sequence[str], own: tuple[str, ...], found: MeasuredActions
) -> None:
    for name, into in values.items():
        into[np.ix_(rows, np.array([units.index(unit) for unit in own], dtype=np.intp))] = getattr(found, name)


def _with_pixels(
    faces: Faces, rows: np.ndarray, path: Path | None
) -> Iterator[tuple[np.ndarray, list[np.ndarray], str]]:
    """Rows of faces with the picture of each, in batches; or why there is none."""
    if path is None or not path.is_file():
        yield rows, [], PICTURE_MISSING
        return
    from mien.data.media.kinds import is_video

    if not is_video(path):
        try:
            picture = read_picture(path)
        except InputError:
            yield rows, [], PICTURE_MISSING
            return
        size = (int(faces.height_px[rows[0]]), int(faces.width_px[rows[0]]))
        if picture.shape[:2] != size:
            yield rows, [], CHANGED
        else:
            yield rows, [picture] * len(rows), ""
        return
    waiting: list[tuple[np.ndarray, np.ndarray]] = []
    left = set(faces.frame[rows].tolist())
    try:
        for frame in read_frames(path):
            here = rows[faces.frame[rows] == frame.number]
            if len(here):
                left.discard(frame.number)
                waiting.append((here, frame.picture))
            if len(waiting) >= BATCH:
                yield _batch(waiting)
                waiting = []
    except InputError:
        # What is damaged is known from looking for faces already.
        pass
    if waiting:
        yield _batch(waiting)
    if left:
        yield rows[np.isin(faces.frame[rows], list(left))], [], PICTURE_MISSING


def _batch(waiting: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, list[np.ndarray], str]:
    rows = np.concatenate([here for here, _ in waiting])
    return rows, [pixels for here, pixels in waiting for _ in here], ""


def _doubts(faces: Faces, unlike: np.ndarray) -> np.ndarray:
    """Which faces lie beyond the poses and sizes of the rendered heads, or look so different that the fits disagree."""
    eyes = np.linalg.norm(
        faces.landmarks_px[:, [33, 133], :2].mean(1) - faces.landmarks_px[:, [263, 362], :2].mean(1), axis=1
    )
    turned = (np.abs(faces.pose_deg) > MOST_TURNED_DEG).any(1)
    found = [
        " ".join(word for word, so in (("turned", one), ("small", other < LEAST_EYES_PX), ("unlike", third)) if so)
        for one, other, third in zip(turned, eyes, unlike, strict=True)
    ]
    return np.array(found, dtype=object)


def _joined(parts: list[ActionUnits]) -> ActionUnits:
    names = ("source", "frame", "time_s", "track", "status", "reason", "doubt", "presence", "intensity", "error")
    together: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return ActionUnits(**together, units=parts[0].units, facts=parts[0].facts)
