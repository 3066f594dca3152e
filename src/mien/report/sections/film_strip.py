"""Frames of the film strip: from the user's own files, at even moments of every run."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import SAMPLED, Runs, Stream
from mien.data.media.pictures import read_picture
from mien.data.streams.placing import placed, step_of
from mien.features.streams.frame_times import frame_times
from mien.report.draw.film_strip import StripFrame, strip_frame
from mien.report.study_folder import StudyFolder
from mien.responses.time_line import frames_as_samples

_NEEDS = (
    "The film strip needs the table of the film's own frames (path, time_s and, where there are runs, run): name it in "
    "study.toml as 'source' of [samples]."
)


def frames_of_strip(study: StudyFolder, runs: Runs, cell_s: float, problems: list[str]) -> list[StripFrame]:
    """The frame that is shown in the middle of each stretch of every run.

    Parameters
    ----------
    study : StudyFolder
        Its settings name the table of frames.
    runs : Runs
    cell_s : float
        How long a stretch is about; each run is divided evenly.
    problems : list of str
        Takes sentences about what cannot be read; they name no file.
    """
    samples = study.asked.get("samples")
    source: Any = samples.get("source") if isinstance(samples, dict) else None
    table = study.path / source if isinstance(source, str) and source else None
    if table is None or not table.is_file():
        problems.append(_NEEDS)
        return []
    try:
        own = frames_as_samples(table)
        time_s, run = frame_times(table, own.path.tolist())
        order = np.lexsort((time_s, run.astype(str)))
        rows = np.arange(len(own), dtype=np.float64)[order, None]
        shown = placed(Stream("frames", SAMPLED, time_s[order], ("row",), rows, run=run[order]), runs)
    except InputError as error:
        problems.append(f"There is no film strip. {error}")
        return []
    step, files = step_of(shown), own.files()
    found: list[StripFrame] = []
    lost = 0
    for name, length in zip(runs.name.tolist(), runs.length_s.tolist(), strict=True):
        inside = np.flatnonzero(shown.run == name)
        count = max(int(length / cell_s), 1)
        for start in np.arange(count) * length / count:
            middle = start + length / count / 2
            before = inside[shown.time_s[inside] <= middle]
            # A frame is shown until the next one; in a gap of the film there is none.
            if not len(before) or middle - shown.time_s[before[-1]] > max(2 * step, length / count):
                continue
            try:
                pixels = read_picture(files[int(shown.values[before[-1], 0])])
            except (InputError, OSError):
                lost += 1
                continue
            found.append(strip_frame(name, float(start), length / count, pixels))
    if lost:
        problems.append(
            f"{lost} of {lost + len(found)} frames of the film strip cannot be read; their places are empty."
        )
    return found
