"""Frames of a video as a stream: when each is shown; pictures are not kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import NEAREST, SAMPLED, Stream
from mien.data.media.video import DamagedVideoError, TruncatedVideoError, read_frames


def frames_stream(path: Path, *, name: str, run: str = "") -> Stream:
    """Number and true time of each frame, from the first one on.

    Parameters
    ----------
    path : Path
        A video.
    name : str
        Of the stream.
    run : str
        Which run it is; without one its times are on the clock of the stimulus.

    Returns
    -------
    Stream
        Column ``frame`` (from 0) and words ``flags``, as ``VideoFrame.flags``. What is damaged or missing at the end
        stands in ``notes``.

    Raises
    ------
    InputError
        If the file is no readable video or has no frame.
    """
    number, time_s, flags, notes = [], [], [], []
    try:
        for frame in read_frames(path):
            number.append(float(frame.number))
            time_s.append(frame.time_s)
            flags.append(frame.flags)
    except (DamagedVideoError, TruncatedVideoError) as error:
        notes.append(str(error))
    if not number:
        raise InputError(f"{path} has no frame that can be read; export or copy the video again.")
    return Stream(
        name, SAMPLED, np.array(time_s), ("frame",), np.array(number)[:, None], {"flags": np.array(flags, object)},
        run=np.full(len(number), run, object), rule=NEAREST, source=path.name, settings={"file": path.name},
        notes=tuple(notes),
    )  # fmt: skip
