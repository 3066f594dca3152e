"""A synthetic cohort on disk: tables, landmark shards, the planted truth and, if wanted, pictures."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.core.faces import Faces
from mien.core.files import atomic_path, remove_halves, write_json, write_text
from mien.core.numbers import checked_numbers
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.core.switch import settle, switched_together
from mien.data.shards import write_shard
from mien.data.synthetic.actions import ACTIONS, MUSCLES
from mien.data.synthetic.cohort import Cohort, make_cohort
from mien.data.synthetic.expressions import EXPRESSIONS, GROUPS, RECIPES


def write_cohort(cohort: Cohort, folder: Path) -> Path:
    """Write the landmark sequences of a cohort and the truth about them.

    ``samples.csv`` has the columns clip, subject, expression and group; ``faces/`` one Parquet shard per subject,
    whose sources are the clips; ``truth.json`` the acting points, movements and muscles of every expression.

    Returns
    -------
    Path
        The folder, which the sample reader takes as ``synthetic:FOLDER``.
    """
    folder = Path(folder)
    samples = cohort.samples
    for subject in dict.fromkeys(samples.subject):
        clips = samples.path[samples.subject == subject]
        write_shard(cohort.faces[np.isin(cohort.faces.source, clips)], folder / "faces" / f"{subject}.parquet")
    # What a run that was killed left half written.
    remove_halves(folder / "faces")
    write_table(samples, folder / "samples.csv", "clip")
    write_json(folder / "truth.json", truth(cohort))
    return folder


@checked_numbers
def synthesize(
    output: str | Path,
    *,
    subjects: int = 24,
    expressions: Sequence[str] = EXPRESSIONS,
    frames: int = 24,
    clips: int = 1,
    noise_px: float = 0.6,
    pictures: bool = False,
    size_px: int = 384,
    seed: int = 0,
    progress: Progress | bool | None = None,
) -> Cohort:
    """Make a synthetic cohort and write it to a folder; ``mien synthesize`` does the same.

    All files take their places together, those of an earlier cohort go.

    Parameters
    ----------
    output : path
        Folder to write.
    subjects, frames, clips : int
        People, frames per clip, and clips of each person showing each expression.
    expressions : sequence of str
        Of ``'neutral'``, ``'smile'``, ``'surprise'``, ``'anger'``, ``'disgust'``, ``'sadness'``, ``'fear'``.
    noise_px : float
        Standard deviation of the landmarks' sensor noise in pixels of a 640 x 480 picture; double in depth.
    pictures : bool
        Also render each clip's last frame.
    size_px : int
        Width and height of these pictures.
    seed : int
        Of everything that is drawn: faces, movements, noise and scenes.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines to standard error.
        Called with the number of pictures done and of all pictures.

    Returns
    -------
    Cohort
        Samples, faces and the truth: the points that the muscles of each expression move.

    Raises
    ------
    InputError
        For an unknown expression, a number out of its range or a folder that cannot be written to.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=2, expressions=("neutral", "smile"), frames=8)
    >>> people.samples.labels["expression"].tolist()
    ['neutral', 'smile', 'neutral', 'smile']
    >>> mien.read_faces("people").landmarks_px.shape  # clips x frames, points, x y z
    (32, 478, 3)
    """
    cohort = make_cohort(
        subjects, expressions, n_frames=frames, clips_per_expression=clips, noise_px=noise_px, seed=seed
    )
    folder = Path(output)
    with switched_together(folder, _of_an_earlier_cohort(folder)) as new:
        write_cohort(cohort, new)
        if pictures:
            write_pictures(cohort, new, size_px=size_px, seed=seed, progress=progress_of(progress, "pictures"))
    return cohort


def _of_an_earlier_cohort(folder: Path) -> list[str]:
    """Files of a cohort that lies in a folder already, by its own tables; what else lies there is not ours."""
    settle(folder)
    names = ["samples.csv", "truth.json", "pictures.csv", "truth/pictures.parquet"]
    names += [f"faces/{subject}.parquet" for subject in _column(folder / "samples.csv", "subject")]
    return names + [path for path in _column(folder / "pictures.csv", "path") if path.startswith("pictures/")]


def _column(path: Path, name: str) -> list[str]:
    """Different values of a column of a table that ``write_table`` wrote; none where it cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return sorted({row[name] for row in csv.DictReader(file) if row.get(name)})
    except (OSError, UnicodeDecodeError, csv.Error):
        return []


def write_pictures(
    cohort: Cohort,
    folder: Path,
    *,
    size_px: int = 384,
    frame: int = -1,
    seed: int = 0,
    progress: Progress | None = None,
) -> Samples:
    """Render one frame of every clip.

    Writes ``pictures/CLIP.png``, the table ``pictures.csv`` (path, subject, expression, group) and
    ``truth/pictures.parquet``: where the 478 points, the head and the irises truly are in every picture.

    Returns
    -------
    Samples
        The pictures, relative to ``folder``.
    """
    from PIL import Image

    from mien.data.synthetic.render import render
    from mien.data.synthetic.scene import scene

    folder = Path(folder)
    performance, count = cohort.performance, len(cohort.samples)
    paths = np.array([f"pictures/{clip}.png" for clip in cohort.samples.path], dtype=object)
    moment = frame % performance.strength.shape[1]
    points = np.empty((count, 478, 3), dtype=np.float32)
    for clip, path in enumerate(paths):
        shown = scene(performance, clip, moment, seed=seed)
        points[clip] = shown.points_px(size_px)
        with atomic_path(folder / path) as temporary:
            Image.fromarray(render(shown, size_px)).save(temporary, compress_level=1)
        if progress is not None:
            progress(clip + 1, count)
    known = _known(paths, points, size_px, performance.head.pose_deg[:, moment], performance.gaze_deg[:, moment])
    write_shard(known, folder / "truth" / "pictures.parquet")
    # What a run that was killed left half written.
    for place in ("pictures", "truth"):
        remove_halves(folder / place)
    samples = replace(cohort.samples, path=paths, root=folder, name="synthetic pictures")
    write_table(samples, folder / "pictures.csv", "path")
    return samples


def _known(paths: np.ndarray, points: np.ndarray, size_px: int, pose: np.ndarray, gaze: np.ndarray) -> Faces:
    low, high = points[:, :, :2].min(1), points[:, :, :2].max(1)
    return Faces.build(
        len(paths),
        source=paths,
        track=np.zeros(len(paths), dtype=int),
        width_px=np.full(len(paths), size_px),
        height_px=np.full(len(paths), size_px),
        box_px=np.concatenate([low, high - low], -1),
        landmarks_px=points,
        pose_deg=pose,
        iris_px=points[:, [468, 473], :2],
        gaze_deg=gaze,
    )


def truth(cohort: Cohort) -> dict:
    """The planted truth as plain values."""
    expressions = {
        label: {
            "acting": points.tolist(),
            "groups": {
                group: {
                    "muscles": RECIPES[label][group],
                    "acting": cohort.acting_by_group[label][group].tolist(),
                    "movement_cm": np.round(cohort.movement[label][group], 4).tolist(),
                }
                for group in GROUPS
            },
        }
        for label, points in cohort.acting.items()
    }
    muscles = {name: {"action_unit": MUSCLES[name].unit, "words": MUSCLES[name].words} for name in ACTIONS}
    return {"topology": cohort.faces.topology, "expressions": expressions, "muscles": muscles}


def write_table(samples: Samples, path: Path, first: str) -> None:
    """Write samples as CSV; ``first`` names the column of the paths or clip ids."""
    groups = samples.group if samples.group is not None else [""] * len(samples)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([first, "subject", *samples.labels, "group"])
    table.writerows(zip(samples.path, samples.subject, *samples.labels.values(), groups, strict=True))
    write_text(path, text.getvalue())
