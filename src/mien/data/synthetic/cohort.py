"""A made-up cohort with planted muscles: who moves what is known, so evidence can be scored against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.in_notebooks import InNotebooks
from mien.core.samples import Samples
from mien.data.synthetic import expressions as ex
from mien.data.synthetic import geometry as g
from mien.data.synthetic import motion as mo
from mien.data.synthetic.actions import ACTIONS, fields_of
from mien.data.synthetic.shapes import subject_shapes

SIZE_PX = (640, 480)
FRAMES_PER_S = 12.0


@dataclass(frozen=True, eq=False)
class Performance:
    """What every made-up person did, exactly: the truth behind the measured landmarks.

    Attributes
    ----------
    shapes_cm : ndarray, shape (subjects, 478, 3)
        Resting face of each subject.
    subject : ndarray of int, shape (clips,)
        Row of ``shapes_cm`` for each clip.
    strength : ndarray, shape (clips, frames, actions)
        Strength of every action of ``ACTIONS``; blinks are part of 'lids close'.
    asymmetry : ndarray, shape (subjects, actions)
        How much stronger each action is on the person's left, -1 to 1.
    gaze_deg : ndarray, shape (clips, frames, 2)
    head : HeadMotion
    points_px : ndarray of float32, shape (clips, frames, 478, 3)
        Where the points are, before sensor noise.
    """

    __repr__ = brief

    shapes_cm: np.ndarray
    subject: np.ndarray
    strength: np.ndarray
    asymmetry: np.ndarray
    gaze_deg: np.ndarray
    head: mo.HeadMotion
    points_px: np.ndarray

    def points_cm(self, clips: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Points in the frame of the head, shape (clips, frames, 478, 3)."""
        return moved_points(
            self.shapes_cm, self.subject[clips], self.strength[clips], self.asymmetry, self.gaze_deg[clips]
        )


@dataclass(frozen=True, eq=False)
class Cohort(InNotebooks):
    """Samples, their landmarks and the planted truth.

    Attributes
    ----------
    samples : Samples
        One row per clip: clip id, subject, label ``expression``, group.
    faces : Faces
        One row per clip and frame, in the order of ``samples``.
    acting : dict of str to ndarray of int
        Points that the muscles of each expression move, in either group.
    acting_by_group : dict of str to dict of str to ndarray of int
        The same for each expression and group.
    movement : dict of str to dict of str to ndarray, each of shape (478,)
        How far each point of the average face goes at the apex, in cm, by expression and group.
    performance : Performance
    """

    __repr__ = brief

    samples: Samples
    faces: Faces
    acting: dict[str, np.ndarray]
    acting_by_group: dict[str, dict[str, np.ndarray]]
    movement: dict[str, dict[str, np.ndarray]]
    performance: Performance


def make_cohort(
    n_subjects: int = 24,
    expressions: Sequence[str] = ex.EXPRESSIONS,
    *,
    n_frames: int = 24,
    clips_per_expression: int = 1,
    noise_px: float = 0.6,
    head_strength: float = 1.0,
    shape_spread: float = 1.0,
    blink_chance: float = 0.3,
    gaze_strength: float = 1.0,
    seed: int = 0,
) -> Cohort:
    """Make a cohort in which every subject shows every expression equally often.

    Shape, head motion, gaze, blinks, time course and noise are drawn without regard to the expression; groups
    alternate over subjects. Only the acting points can tell expressions apart.

    Parameters
    ----------
    n_subjects, n_frames, clips_per_expression : int
    expressions : sequence of str
        Keys of ``mien.data.synthetic.expressions.RECIPES``.
    noise_px : float
        Standard deviation of the sensor noise of every coordinate in a 640 x 480 picture; double in depth.
    head_strength, shape_spread, gaze_strength : float
        Multiples of the usual head motion, difference of shape and gaze; 0 turns them off.
    blink_chance : float
        Probability that a clip holds a blink.
    seed : int

    Raises
    ------
    InputError
        If an expression is unknown or a number is negative, or zero where that means nothing.
    """
    expressions = list(expressions)
    strengths = {"noise_px": noise_px, "head_strength": head_strength, "shape_spread": shape_spread}
    for name, value in {**strengths, "gaze_strength": gaze_strength, "blink_chance": blink_chance}.items():
        if not value >= 0 or (name == "blink_chance" and value > 1):
            limit = "between 0 and 1" if name == "blink_chance" else "0 or more"
            raise InputError(f"Synthetic cohort: {name} must be {limit}, but is {value:g}.")
    _check(expressions, n_subjects=n_subjects, n_frames=n_frames, clips_per_expression=clips_per_expression)
    order = np.repeat(np.arange(len(expressions)), clips_per_expression)
    subject, label = np.repeat(np.arange(n_subjects), len(order)), np.tile(order, n_subjects)
    generator = np.random.default_rng(seed)
    shapes = subject_shapes(n_subjects, generator, spread=shape_spread)
    recipes = np.array([[ex.recipe(name, group) for group in ex.GROUPS] for name in expressions])
    asymmetry = np.clip(generator.normal(size=(n_subjects, len(ACTIONS))) * 0.1, -0.3, 0.3)
    asymmetry[:, ACTIONS.index("jaw drop")] = 0  # one bone
    strength = _strengths(recipes[label, subject % len(ex.GROUPS)], subject, n_frames, generator, blink_chance)
    gaze = mo.gaze(len(subject), n_frames, generator, strength=gaze_strength)
    head = mo.head_motion(len(subject), n_frames, generator, size_px=SIZE_PX, strength=head_strength)
    points = head.project(moved_points(shapes, subject, strength, asymmetry, gaze)).astype(np.float32)
    performance = Performance(shapes, subject, strength, asymmetry, gaze, head, points)
    noise = noise_px * generator.standard_normal(points.shape, dtype=np.float32)
    noise[..., 2] *= 2
    samples = _samples(subject, np.array(expressions, dtype=object)[label], clips_per_expression)
    return Cohort(
        samples=samples,
        faces=_faces(samples, points + noise, performance),
        acting={name: ex.acting(name) for name in expressions},
        acting_by_group={name: {q: ex.acting(name, (q,)) for q in ex.GROUPS} for name in expressions},
        movement={name: {q: ex.movement(name, q) for q in ex.GROUPS} for name in expressions},
        performance=performance,
    )


def _check(expressions: list[str], **counts: int) -> None:
    for name, value in counts.items():
        if value < 1:
            raise InputError(f"make_cohort: {name} must be at least 1, but is {value}.")
    if not expressions or len(set(expressions)) < len(expressions):
        got = ", ".join(expressions) or "none"
        raise InputError(f"make_cohort: name at least one expression, and each only once, but got: {got}.")


def _strengths(
    wanted: np.ndarray, subject: np.ndarray, n_frames: int, generator: np.random.Generator, blink_chance: float
) -> np.ndarray:
    """Strength of every action over time, from the wanted one of each clip, shape (clips, frames, actions)."""
    clips = len(wanted)
    habit = np.exp(generator.normal(size=(subject.max() + 1, len(ACTIONS))) * 0.15)
    apex = generator.uniform(0.75, 1.1, size=(clips, 1)) * habit[subject] * wanted
    strength = mo.time_course(clips, n_frames, generator)[..., None] * apex[:, None]
    shut = mo.blinks(clips, n_frames, generator, chance=blink_chance)
    lids = ACTIONS.index("lids close")
    strength[..., lids] = np.maximum(strength[..., lids], shut)
    opposed = [ACTIONS.index("upper lid raise"), ACTIONS.index("lid tighten")]
    strength[..., opposed] *= 1 - shut[..., None]  # lids that are shut cannot also be raised
    return strength


def moved_points(
    shapes_cm: np.ndarray, subject: np.ndarray, strength: np.ndarray, asymmetry: np.ndarray, gaze_deg: np.ndarray
) -> np.ndarray:
    """Points of performing faces in the frame of the head, shape (clips, frames, 478, 3)."""
    clips, frames = strength.shape[:2]
    side = np.tanh(g.rest_points()[:, :1] / 1.5)
    # An action that is stronger on one side is the even field plus a share of the odd one.
    weights = np.concatenate([strength, strength * asymmetry[subject][:, None]], -1).astype(np.float32)
    points = np.empty((clips, frames, 478, 3), dtype=np.float32)
    for person in np.unique(subject):
        rows, even = subject == person, fields_of(shapes_cm[person])
        both = np.concatenate([even, even * side]).reshape(2 * len(even), -1).astype(np.float32)
        points[rows] = (weights[rows].reshape(-1, len(both)) @ both).reshape(-1, frames, 478, 3) + shapes_cm[
            person
        ].astype(np.float32)
        points[rows, :, 468:] = g.iris_points(g.eyes_of(shapes_cm[person]), gaze_deg[rows])
    return points


def acting_auc(importance: np.ndarray, acting: np.ndarray) -> float:
    """How well importance ranks the acting points above the others: area under the ROC curve.

    1 when every acting point ranks first, 0.5 for a random order; ties count half (Mann-Whitney). NaN when
    no point acts or all do.

    Parameters
    ----------
    importance : ndarray, shape (points,)
        Unsigned importance, such as the mean absolute evidence of each point.
    acting : ndarray of int
        Indices of the acting points.
    """
    importance = np.asarray(importance, dtype=float)
    if importance.ndim != 1 or not np.isfinite(importance).all():
        raise InputError("acting_auc needs one finite importance per point, an array with one axis.")
    positive = np.zeros(len(importance), dtype=bool)
    positive[np.asarray(acting, dtype=int)] = True
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(importance)[positive].sum() - n * (n + 1) / 2) / (n * m))


def _samples(subject: np.ndarray, label: np.ndarray, repeats: int) -> Samples:
    person = np.array([f"s{number + 1:03d}" for number in subject], dtype=object)
    take = np.arange(len(subject)) % repeats + 1
    clip = [f"{who}-{what}-{number}" for who, what, number in zip(person, label, take, strict=True)]
    return Samples(
        path=np.array(clip, dtype=object),
        subject=person,
        labels={"expression": label},
        group=np.array([ex.GROUPS[number % 2] for number in subject], dtype=object),
        name="synthetic cohort",
        licence="made up by mien; nobody is shown",
        credit="Shapes vary the canonical face of the MediaPipe face landmarker (Apache-2.0).",
        synthetic=True,
    )


def _faces(samples: Samples, points: np.ndarray, performance: Performance) -> Faces:
    clips, frames = points.shape[:2]
    flat = points.reshape(clips * frames, 478, 3)
    low, high = flat[:, :, :2].min(1), flat[:, :, :2].max(1)
    iris = flat[:, [[468, 469, 471], [473, 474, 476]]]  # side, (centre, two rim points), axis
    corners = flat[:, g.both_sides(g.EYE_CORNERS).reshape(2, 2)]
    lids = flat[:, [[159, 145], [386, 374]]]
    line = flat[:, [263, 362], :2].mean(1) - flat[:, [33, 133], :2].mean(1)
    span = np.linalg.norm(corners[:, :, 0] - corners[:, :, 1], axis=-1)
    return Faces.build(
        clips * frames,
        source=np.repeat(samples.path, frames),
        frame=np.tile(np.arange(frames), clips),
        time_s=np.tile(np.arange(frames) / FRAMES_PER_S, clips),
        track=np.zeros(clips * frames, dtype=int),
        width_px=np.full(clips * frames, SIZE_PX[0]),
        height_px=np.full(clips * frames, SIZE_PX[1]),
        box_px=np.concatenate([low, high - low], -1),
        landmarks_px=flat,
        pose_deg=performance.head.pose_deg.reshape(-1, 3),
        roll_deg=np.rad2deg(np.arctan2(line[:, 1], line[:, 0])),
        iris_px=iris[:, :, 0, :2],
        iris_diameter_px=np.linalg.norm(iris[:, :, 1] - iris[:, :, 2], axis=-1),
        eye_opening=np.linalg.norm(lids[:, :, 0] - lids[:, :, 1], axis=-1) / span,
        gaze_deg=performance.gaze_deg.reshape(-1, 2),
    )
