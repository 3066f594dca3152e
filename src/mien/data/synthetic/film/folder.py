"""A made-up film on disk: frames, annotations, fixations, parcels and the truth."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.faces import NO_FACE, OK, Faces
from mien.core.files import read_json, write_json, write_text
from mien.core.in_notebooks import InNotebooks
from mien.core.numbers import checked_numbers
from mien.core.progress import Progress, progress_of
from mien.core.switch import settle, switched_together
from mien.data.shards import write_shard
from mien.data.synthetic.film import tables
from mien.data.synthetic.film.looks import Looks, looks, on_faces, viewer_name
from mien.data.synthetic.film.parcels import parcel_names, parcels_of, planted, responses
from mien.data.synthetic.film.pictures import SIZE_PX, frames
from mien.data.synthetic.film.plot import FilmPlot, plot

TRUTH = "truth.json"


@dataclass(frozen=True, eq=False)
class MadeUpFilm(InNotebooks):
    """A made-up film with its viewers.

    Attributes
    ----------
    folder : Path
    plot : FilmPlot
        Runs, shots and the agreement of observers.
    looks : Looks
        Fixations of the viewers.
    parcels : dict of str to list of ndarray
        Of each viewer one array per run, shape (volumes, parcels).
    planted : dict of str to list of int
        Which parcels follow what.
    """

    __repr__ = brief

    folder: Path
    plot: FilmPlot
    looks: Looks
    parcels: dict[str, list[np.ndarray]]
    planted: dict[str, list[int]]


@checked_numbers
def synthesize_film(
    output: str | Path,
    *,
    viewers: int = 6,
    minutes: float = 8.0,
    runs: int = 4,
    parcels: int = 40,
    response: float = 0.6,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> MadeUpFilm:
    """Make up a film with viewers whose gaze and brains are recorded; ``mien synthesize film`` does the same.

    Its scenes portray happiness, anger, fear, sadness or nothing, by faces or by what happens; half of the rest of the
    shots show no face. Viewers look at faces more than elsewhere, at some times more than at others. Some parcels
    follow the portrayed emotions, faces, or how much viewers look at faces, delayed by the haemodynamics; the noise is
    correlated over time and between parcels. Nobody is shown.

    Parameters
    ----------
    output : path
        Folder to write: ``frames/`` (one per second) with ``frames.csv`` and ``faces/`` (where faces truly are),
        ``annotations/`` (tables of StudyForrest's layout, BIDS events), ``fixations.csv``, ``parcels/`` (a table per
        viewer), ``truth.json``.
    viewers : int
    minutes : float
        Of all runs together; a run lasts at least half a minute.
    runs, parcels : int
    response : float
        How strongly planted parcels respond, in standard deviations of their noise; 0: not at all.
    seed : int
    progress : callable (done, total) or bool, optional

    Returns
    -------
    MadeUpFilm

    Raises
    ------
    InputError
        For numbers out of their ranges, runs that are too short, too few parcels, or a folder that cannot be written.

    Examples
    --------
    >>> import mien
    >>> film = mien.synthesize_film("film", viewers=2, minutes=1, runs=2, seed=1)
    >>> film.plot.runs.length_s.tolist(), film.parcels["v01"][0].shape
    ([30.0, 30.0], (15, 40))
    """
    folder = Path(output)
    made, where = plot(minutes, runs, seed), planted(parcels, seed)
    tell = progress_of(progress, "frames")
    with switched_together(folder, _of_an_earlier_film(folder)) as new:
        paths, points, things = _write_frames(made, new, seed, tell)
        looked = looks(made, points, things, viewers, seed)
        on, names = on_faces(made, seed), parcel_names(parcels)
        delayed = responses(made, on)
        brains = {
            viewer_name(viewer): parcels_of(viewer, made, delayed, where, parcels, response, seed)
            for viewer in range(viewers)
        }
        texts = {
            "frames.csv": tables.frames_table(made, paths),
            "annotations/emotions_av_1s_events.tsv": tables.emotions_table(made),
            "annotations/faces_events.tsv": tables.faces_table(made),
            "annotations/shots.csv": tables.shots_table(made),
            "annotations/fmri_segments.csv": tables.runs_table(made),
            "fixations.csv": tables.fixations_table(looked, paths),
            **{f"parcels/{name}.csv": tables.parcels_table(made, name, brain, names) for name, brain in brains.items()},
        }
        for name, text in texts.items():
            write_text(new / name, text)
        files = [*paths, "faces/frames.parquet", *texts]
        settings = {"viewers": viewers, "minutes": minutes, "runs": runs, "parcels": parcels, "response": response}
        truth = {
            "made up": True, "settings": {**settings, "seed": seed},
            "planted": {name: [names[place] for place in places] for name, places in where.items()},
            "on faces": np.round(on, 4).tolist(), "shots": [asdict(shot) for shot in made.shots], "files": files,
        }  # fmt: skip
        write_json(new / TRUTH, truth)
    return MadeUpFilm(folder, made, looked, brains, where)


def _write_frames(
    made: FilmPlot, folder: Path, seed: int, tell: Progress | None
) -> tuple[list[str], list[np.ndarray | None], list[np.ndarray]]:
    """Pictures as JPEG, and where faces are in them as a shard that stands for extracted faces."""
    from PIL import Image

    paths: list[str] = []
    points: list[np.ndarray | None] = []
    things: list[np.ndarray] = []
    (folder / "frames").mkdir()
    total = len(made.agreement)
    for second, frame in enumerate(frames(made, seed)):
        paths.append(f"frames/{second:05d}.jpg")
        Image.fromarray(frame.picture).save(folder / paths[-1], quality=92)
        points.append(frame.points_px)
        things.append(frame.objects_px)
        if tell is not None:
            tell(second + 1, total)
    write_shard(_known(paths, points), folder / "faces" / "frames.parquet")
    return paths, points, things


def _known(paths: list[str], points: list[np.ndarray | None]) -> Faces:
    seen = np.array([place is not None for place in points])
    at = np.stack([np.full((478, 3), np.nan) if place is None else place for place in points]).astype(np.float32)
    low, high = at[:, :, :2].min(1), at[:, :, :2].max(1)
    return Faces.build(
        len(paths), source=np.array(paths, dtype=object), track=np.where(seen, 0, -1),
        status=np.where(seen, OK, NO_FACE).astype(object), width_px=np.full(len(paths), SIZE_PX[0]),
        height_px=np.full(len(paths), SIZE_PX[1]), box_px=np.concatenate([low, high - low], -1), landmarks_px=at,
        iris_px=at[:, [468, 473], :2],
    )  # fmt: skip


def _of_an_earlier_film(folder: Path) -> list[str]:
    """Files of a film that lies in a folder already, by its own list; what else lies there is not ours."""
    settle(folder)
    if not (folder / TRUTH).exists():
        return []
    found: Any = read_json(folder / TRUTH)
    files = found.get("files") if isinstance(found, dict) else None
    return [str(name) for name in files] if isinstance(files, list) else []
