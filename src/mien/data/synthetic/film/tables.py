"""Tables of a made-up film as text: annotations in the layout of StudyForrest, BIDS events, fixations, parcels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mien.data.synthetic.film.looks import Looks
from mien.data.synthetic.film.parcels import REPETITION_S
from mien.data.synthetic.film.plot import CHARACTERS, COLUMNS, EMOTIONS, FilmPlot

# The columns of the annotation of StudyForrest (Labs et al. 2015, doi 10.12688/f1000research.6230.1).
_ALL = (
    "arousal valence_positive valence_negative c_audio c_context c_face c_gesture c_narrator c_verbal d_other d_self "
    "e_admiration e_anger/rage e_contempt e_disappointment e_fear e_fears_confirmed e_gloating e_gratification "
    "e_gratitude e_happiness e_happy-for e_hate e_hope e_love e_pity/compassion e_pride e_relief e_remorse e_resent "
    "e_sadness e_satisfaction e_shame"
).split()
AT_LEAST = 0.5


def frames_table(plot: FilmPlot, paths: Sequence[str]) -> str:
    """One row per frame; ``subject`` is the run, so that frames of a run are never in training and test at once."""
    rows = []
    for second, (path, number) in enumerate(zip(paths, plot.shot_at, strict=True)):
        shot = plot.shots[number]
        name = plot.runs.name[shot.run]
        character = CHARACTERS[shot.character] if shot.face else ""
        rows.append([path, f"run-{name}", name, second - plot.runs.start_s[shot.run], character,
                     "face" if shot.face else "no face", emotion_at(plot, second)])  # fmt: skip
    return _text(["path", "subject", "run", "time_s", "character", "face", "emotion"], rows)


def emotion_at(plot: FilmPlot, second: int) -> str:
    """The emotion that at least half of the observers saw in that second; ``'none'`` where there is none."""
    shares = plot.agreement[second]
    return EMOTIONS[int(shares.argmax())] if shares.max() >= AT_LEAST else "none"


def emotions_table(plot: FilmPlot) -> str:
    """Agreement of observers: a row for every stretch of a shot in which it stays the same."""
    rows = []
    for shot in plot.shots:
        first = int(shot.start_s)
        part = plot.agreement[first : int(shot.stop_s)]
        borders = np.flatnonzero(np.r_[True, (np.diff(part, axis=0) != 0).any(1), True])
        for start, stop in pairwise(borders):
            if part[start].any():
                shares = dict(zip(EMOTIONS, part[start], strict=True))
                values = {**dict.fromkeys(_ALL, 0.0), **{COLUMNS[name]: share for name, share in shares.items()}}
                values["valence_positive"] = shares["happiness"]
                values["valence_negative"] = max(shares[name] for name in EMOTIONS[1:])
                values["arousal"] = max(shares[name] for name in EMOTIONS[:3]) - shares["sadness"]
                if shot.cue:
                    values[f"c_{shot.cue}"] = float(max(part[start]))
                rows.append([float(first + start), float(stop - start), CHARACTERS[shot.character],
                             *(round(value, 6) for value in values.values())])  # fmt: skip
    return _text(["onset", "duration", "character", *_ALL], rows, "\t")


def faces_table(plot: FilmPlot) -> str:
    """Shots with and without a face as events of BIDS."""
    rows = [[shot.start_s, shot.stop_s - shot.start_s, "face" if shot.face else "no face"] for shot in plot.shots]
    return _text(["onset", "duration", "trial_type"], rows, "\t")


def shots_table(plot: FilmPlot) -> str:
    """Where shots begin."""
    return _text(["start"], [[shot.start_s] for shot in plot.shots])


def runs_table(plot: FilmPlot) -> str:
    """Runs as StudyForrest lists them."""
    return _text(["start", "end", "id"], zip(plot.runs.start_s, plot.runs.stop_s, plot.runs.name, strict=True))


def fixations_table(looks: Looks, paths: Sequence[str]) -> str:
    """One row per fixation, beside the frame that was there in its middle."""
    rows = (
        [paths[frame], viewer, run, round(onset, 3), round(lasts, 3), round(x, 1), round(y, 1)]
        for frame, viewer, run, onset, lasts, x, y in zip(
            looks.frame, looks.viewer, looks.run, looks.onset_s.tolist(), looks.duration_s.tolist(),
            looks.x_px.tolist(), looks.y_px.tolist(), strict=True,
        )
    )  # fmt: skip
    return _text(["picture", "viewer", "run", "onset_s", "duration_s", "x_px", "y_px"], rows)


def parcels_table(plot: FilmPlot, viewer: str, found: Sequence[np.ndarray], names: Sequence[str]) -> str:
    """One row per volume of one viewer, with the viewer, the run and the time since its start."""
    rows = (
        [viewer, run, volume * REPETITION_S, *(round(value, 4) for value in line)]
        for run, values in zip(plot.runs.name, found, strict=True)
        for volume, line in enumerate(values.tolist())
    )
    return _text(["viewer", "run", "time_s", *names], rows)


def _text(header: Sequence[str], rows: Iterable[Iterable[Any]], delimiter: str = ",") -> str:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue()
