"""Do maps of pictures, such as a model's evidence, and fixations of viewers fall on the same places?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mien.compare.gaze.baselines import low_level_map
from mien.compare.gaze.dwell import dwell_rows
from mien.compare.gaze.faces import faces_of_pictures
from mien.compare.gaze.film import frames_of, on_faces, on_frames, stream_of
from mien.compare.gaze.looked import OK as LOOKED
from mien.compare.gaze.looked import Looked, looked_at
from mien.compare.gaze.maps import NO_MAP, OK, GridMaps, given_maps, grid_maps
from mien.compare.gaze.result import GazeAgreement, GazePicture
from mien.compare.gaze.rows import contrasts_of, rows_of
from mien.compare.gaze.shown import LONGEST_PX, MOST_SHOWN, ShownPicture
from mien.compare.gaze.stretches import film_words, stretches_of
from mien.compare.gaze.table import FLOOR, scored
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.fixations import Fixations
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.same_viewers import fixations_once, without_copies
from mien.core.progress import Progress, progress_of
from mien.core.streams import Stream
from mien.data.fixations import files_of_pictures, read_fixations
from mien.data.media.pictures import read_picture
from mien.data.streams.store import write_stream

# Where nothing says how large a degree is, a picture's longer side is taken for so many.
ASSUMED_DEGREES = 30.0


@checked_numbers
def gaze(
    fixations: Fixations | Stream | str | Path,
    *,
    maps: Any = (),
    faces: Faces | str | Path | None = None,
    pictures: str | Path = "",
    columns: Mapping[str, str] | None = None,
    picture_size: Any = None,
    screen: Any = None,
    shown: str = "",
    pixels_per_degree: float | None = None,
    blur_deg: float = 1.0,
    smooth_deg: float = 0.0,
    cells: int = 128,
    with_first: bool = False,
    film: str | Path | None = None,
    window_s: float | None = None,
    shots: str | Path | None = None,
    far_s: float = 10.0,
    block_s: float = 30.0,
    time_line: str | Path | None = None,
    seed: int = 0,
    output: str | Path | None = None,
    progress: Progress | bool | None = None,
) -> GazeAgreement:
    """Compare maps of pictures with where viewers look on them, beside baselines and what other viewers reach.

    Parameters
    ----------
    fixations : Fixations, path or text
        A table with one row per fixation, or a data set that has fixations, such as ``'osie'``; see
        ``mien.read_fixations``.
    maps : Evidence, path, mapping, or several of them, optional
        Evidence about pictures or its folder (it is carried from the crop back to the photo); a folder with one PNG or
        NPY file for each picture, or a ``.safetensors`` file; a mapping of pictures to arrays. ``'NAME=PATH'`` gives a
        name. Without maps the ceiling and the baselines of the fixations alone.
    faces : Faces or folder, optional
        Faces in the pictures, as ``mien.extract`` found them: for the baselines that know faces, and dwell times on
        eyes, nose and mouth.
    pictures : str or Path, optional
        Folder of the pictures: for their sizes, a baseline of contrast and edges, and drawings.
    columns, picture_size, screen, shown, pixels_per_degree
        See ``mien.read_fixations``; of a film ``columns`` names x, y, viewer, onset and duration (in seconds). Where
        nothing says how large a degree is, the longer side of a picture counts as
        30 degrees.
    blur_deg : float
        Standard deviation of the Gaussian that makes a density of fixations, in degrees.
    smooth_deg : float
        The same of a Gaussian that smooths the maps; 0 for none.
    cells : int
        Cells along the longer side of a picture, over which maps and densities are averaged.
    with_first : bool
        Whether a viewer's first fixation on a picture counts, which began before he or she saw it.
    film : path, optional
        For a film: table of its frames with ``path``, ``time_s`` since the start of the run, and ``run``. Fixations
        are then a stream, its file, a study with a stream ``fixations``, or a table with ``onset_s``, ``duration_s``,
        ``x_px``, ``y_px``, ``viewer`` and ``run``; they count on each frame by how long they lie in its window.
    window_s : float, optional
        Of each frame, from its time on. By default as long as the usual step from frame to frame.
    shots : path, optional
        Table of cuts with ``time_s`` and ``run``: windows end there.
    far_s : float
        Frames of a run so near in time are not among the other frames whose fixations are a baseline.
    block_s : float
        Frames that near are not independent: intervals and tests rest on how scores vary over at least five blocks. It
        has to be longer than what is shown stays the same.
    time_line : path, optional
        Study whose time line receives the scores by frame, as the stream ``gaze`` (see ``GazeAgreement.per_frame``).
    seed : int
    output : str or Path, optional
        Folder that receives ``gaze.json`` and ``cells.safetensors``.
    progress : callable (done, total) or bool, optional

    Returns
    -------
    GazeAgreement
        ``.table`` has a row for each map, part (absolute, positive, negative evidence), baseline and metric.

    Raises
    ------
    InputError
        If the fixations or maps cannot be read, no picture has fixations of two viewers, or no map belongs to one.

    Notes
    -----
    NSS, AUC-Judd, AUC-Borji, shuffled AUC, CC, KL, SIM and information gain as Bylinskii et al. 2019 define them (see
    ``mien.compare.gaze.metrics``). Each viewer is scored alone; intervals and tests hold for other viewers and other
    pictures (``mien.stats.crossed``), of a film for other viewers and other times (``mien.stats.slow_waves``). The
    ceiling is the density of all other viewers' fixations on the same picture, and grows with their number.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.core.fixations import Fixations
    >>> rng = np.random.default_rng(0)
    >>> names = [f"{i}.png" for i in range(8)]
    >>> picture, viewer = (part.ravel() for part in np.meshgrid(names, ["v1", "v2", "v3", "v4"], indexing="ij"))
    >>> picture, viewer = np.repeat(picture, 6), np.repeat(viewer, 6)
    >>> x = {name: 10 + 8 * i for i, name in enumerate(names)}
    >>> looked = Fixations(
    ...     picture, viewer, np.array([x[p] for p in picture]) + rng.normal(0, 3, len(picture)),
    ...     30 + rng.normal(0, 3, len(picture)), sizes={name: (80, 60) for name in names},
    ... )
    >>> column = np.arange(80) + 0.5
    >>> there = {p: np.tile(np.exp(-((column - x[p]) ** 2) / 50), (60, 1)) for p in names}
    >>> result = mien.gaze(looked, maps={"a model": there, "its mirror": {p: m[:, ::-1] for p, m in there.items()}})
    >>> best = next(c for c in result.contrasts if c.metric == "NSS" and c.other == "its mirror")
    >>> best.map, bool(best.low > 0), best.p_corrected < 0.05
    ('a model', True, True)
    """
    if output is not None:
        check_folder(output)
    if time_line is not None and film is None:
        raise InputError("Scores by frame are those of a film; name the table of its frames, too (film).")
    reel = None if film is None else frames_of(film, window_s, shots)
    how = {"pictures": pictures, "picture_size": picture_size, "screen": screen, "shown": shown}
    notes: list[str] = []
    if reel is None:
        if not isinstance(fixations, Fixations | str | Path):
            raise InputError("A stream of fixations is one during a film; name the table of its frames, too (film).")
        read = read_fixations(fixations, columns=columns, pixels_per_degree=pixels_per_degree, **how)
        read = fixations_once(read, notes)
    else:
        stream = without_copies([stream_of(fixations, columns)], notes)[0]
        read = on_frames(stream, reel, pixels_per_degree=pixels_per_degree or float("nan"), **how)
        with_first = True
    given = given_maps(maps)
    # Frames stay in order of time.
    names = sorted(read.sizes) if reel is None else reel.path.tolist()
    copies = " ".join(["", *notes])
    notes += read.notes
    degree = _degree(read, names, notes)
    sigma = [blur_deg * one for one in degree]
    looked, viewers = looked_at(
        read, names, cells=cells, sigma_px=sigma, with_first=with_first, by_time=reel is not None
    )
    on_grids = [grid_maps(g, names, [one.grid for one in looked], [smooth_deg * d for d in degree]) for g in given]
    known, points = ({}, {}) if faces is None else faces_of_pictures(faces, names, read.sizes, notes)
    found = tuple(_picture(i, one, on_grids, len(known.get(i, ()))) for i, one in enumerate(looked))
    used = [i for i, one in enumerate(found) if one.status == OK]
    _check(read, found, on_grids, used, copies)
    notes += _notes(found, on_grids, known, used, faces is not None)
    if none := len(viewers) - len({int(viewer) for i in used for viewer in looked[i].viewers}):
        notes.append(f"Of {len(viewers)} viewers {none} have no fixation that counts; they are left out.")
    files = files_of_pictures([names[i] for i in used], Path(pictures)) if str(pictures) else {}
    low_level = _low_level(files, looked, used, degree, notes)
    each = progress_of(progress, "pictures")
    table = scored(
        looked, used, len(viewers), on_grids, boxes=known, low_level=low_level, seed=seed, progress=each,
        near=None if reel is None else reel.near(far_s),
    )  # fmt: skip
    counted = read[read.inside & (with_first | (read.order > 0))]
    in_time = None if reel is None else partial(stretches_of, reel, block_s=block_s)
    dwell, timed = dwell_rows(counted, looked, used, viewers, points, given, in_time)
    drawn, facts, stretches = table, {}, None
    if reel is not None:
        stretches = stretches_of(reel, used, block_s)
        drawn = replace(table, cells={key: stretches.means(values) for key, values in table.cells.items()})
        facts["film"] = {
            "run": [str(reel.run[i]) for i in used], "time_s": reel.time_s[used].tolist(),
            "window_s": (reel.stop_s - reel.time_s)[used].tolist(), "far_s": far_s, "block_s": block_s,
            "blocks": stretches.blocks, "waves": stretches.waves.shape[1],
            "shots": "" if shots is None else Path(shots).name,
            "on_faces": [on_faces(read, names, known)[i] for i in used],
        }  # fmt: skip
        notes += film_words(stretches, len(used), len(viewers), block_s, far_s)
    result = GazeAgreement(
        tuple(rows_of(drawn, stretches)), tuple(contrasts_of(drawn, stretches)), tuple(dwell), found, table.curve,
        {key: values.astype(np.float32) for key, values in table.cells.items()}, viewers,
        _shown(files, looked, used, on_grids),
        {
            "fixations": read.name, "licence": read.licence, "credit": read.credit, "blur_deg": blur_deg,
            "smooth_deg": smooth_deg, "cells": cells, "with_first": with_first, "floor": FLOOR, "seed": seed,
            "pixels_per_degree": [min(degree), max(degree)], "dwell_of": "time" if timed else "fixations",
            "maps": {one.name: one.about for one in on_grids}, **facts,
        },
        tuple(dict.fromkeys(notes)),
    )  # fmt: skip
    if output is not None:
        result.write(output)
    if time_line is not None:
        write_stream(result.per_frame(), time_line)
    return result


def _degree(read: Fixations, names: Sequence[str], notes: list[str]) -> list[float]:
    """Pixels per degree on each picture."""
    if read.pixels_per_degree == read.pixels_per_degree:
        return [read.pixels_per_degree] * len(names)
    notes.append(
        f"Nothing says how large a degree of visual angle is: the longer side of a picture counts as "
        f"{ASSUMED_DEGREES:g} degrees. Give pixels_per_degree where it is known."
    )
    return [max(read.sizes[name]) / ASSUMED_DEGREES for name in names]


def _picture(number: int, one: Looked, maps: Sequence[GridMaps], faces: int) -> GazePicture:
    status = one.status
    of_maps = {given.name: given.status[number] for given in maps}
    if status == LOOKED and maps and OK not in of_maps.values():
        status = NO_MAP
    return GazePicture(
        one.name, status, len(one.viewers), int(one.counted.sum()), one.outside, one.first, faces, of_maps
    )  # fmt: skip


def _check(
    read: Fixations, found: Sequence[GazePicture], maps: Sequence[GridMaps], used: Sequence[int], copies: str
) -> None:  # fmt: skip
    if used:
        return
    if any(one.status == NO_MAP for one in found):
        why = {name: sorted({one.maps[name] for one in found}) for name in (given.name for given in maps)}
        said = "; ".join(f"{name}: {', '.join(states)}" for name, states in why.items())
        raise InputError(
            f"No map belongs to a picture that viewers looked at ({said}). Maps are called like the pictures of the "
            f"fixations, such as '{found[0].name}', and lie over the whole picture."
        )
    raise InputError(
        f"No picture has fixations of two viewers ({len(set(read.viewer))} viewers, {len(found)} pictures, "
        f"{len(read)} fixations; outside the pictures: {sum(one.outside for one in found)}; viewers' first ones, which "
        f"do not count by themselves: {sum(one.first for one in found)}). Fixations of viewers are compared with those "
        f"of others on the same pictures.{copies}"
    )


def _notes(
    found: Sequence[GazePicture], maps: Sequence[GridMaps], faces: Mapping[int, Any], used: Sequence[int], asked: bool
) -> list[str]:  # fmt: skip
    notes = []
    outside, first = sum(one.outside for one in found), sum(one.first for one in found)
    if outside:
        notes.append(f"{outside} fixations lie outside their pictures; they were counted and left out, none was moved.")
    if first:
        notes.append(f"The first fixation of each viewer on each picture was left out ({first}): it began before.")
    for status in dict.fromkeys(one.status for one in found if one.status not in (OK, NO_MAP)):
        those = [one.name for one in found if one.status == status]
        notes.append(f"{len(those)} pictures were left out ({status}), such as '{those[0]}'.")
    for given in maps:
        for status in dict.fromkeys(given.status):
            if status != OK:
                count = given.status.count(status)
                name = found[given.status.index(status)].name
                notes.append(f"{given.name}: {count} of {len(found)} pictures have none ({status}), such as '{name}'.")
    if asked:
        with_faces = sum(i in faces for i in used)
        notes.append(f"Faces are known in {with_faces} of {len(used)} pictures; rows about faces are of these alone.")
    if len(used) == 1:
        notes.append("One picture: intervals hold for other viewers of this picture alone.")
    return notes


def _low_level(
    files: Mapping[str, Path], looked: Sequence[Looked], used: Sequence[int], degree: Sequence[float], notes: list[str]
) -> dict[int, np.ndarray]:  # fmt: skip
    """Contrast and edges of every picture whose file is there and has the size of the fixations."""
    result = {}
    for number in used:
        one = looked[number]
        if one.name not in files:
            continue
        picture = read_picture(files[one.name])
        if picture.shape[:2] != (one.grid.height, one.grid.width):
            notes.append(
                f"'{one.name}' has {picture.shape[1]} x {picture.shape[0]} pixels, but its fixations are those of a "
                f"picture of {one.grid.width} x {one.grid.height}: it has no baseline of contrast and edges."
            )
            continue
        result[number] = low_level_map(picture, one.grid, degree[number])
    return result


def _shown(
    files: Mapping[str, Path], looked: Sequence[Looked], used: Sequence[int], maps: Sequence[GridMaps]
) -> tuple[ShownPicture, ...]:
    """Pictures over the whole list, with the fixations on them and their maps."""
    able = [i for i in used if looked[i].name in files and all(i in given.positive for given in maps)]
    picked = [able[i] for i in np.unique(np.linspace(0, len(able) - 1, MOST_SHOWN).round().astype(int))] if able else []
    result = []
    for number in picked:
        one, grid = looked[number], looked[number].grid
        picture = read_picture(files[one.name])
        share = min(1.0, LONGEST_PX / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        row = np.nonzero(one.counted)[0]
        drawn = {
            given.name: (given.positive[number] - given.negative[number]).reshape(grid.rows, grid.columns)
            for given in maps
        }
        x, y = one.x_px[one.counted] / grid.width, one.y_px[one.counted] / grid.height
        result.append(ShownPicture(one.name, small, x, y, one.viewers[row], drawn))
    return tuple(result)
