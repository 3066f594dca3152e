"""Heads of the ICT FaceKit in the skin of mien's made-up people.

The kit: MIT, (c) 2020 USC Institute for Creative Technologies.

The mesh moves as its expression shapes say; skin, lips, brows, lashes and the folds of moving skin are those that
``mien.data.synthetic.paint`` paints, carried over by the 68 landmarks that both faces have.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from benchmarks.common import data_root
from mien.core.topology import ibug_68_in_478
from mien.data.synthetic import head as h
from mien.data.synthetic.mesh import normals
from mien.data.synthetic.paint import Appearance

# Vertices of the pieces, as in the kit's own table.
FACE, HEAD, SOCKET, GUMS, TEETH = (0, 9409), (9409, 11248), (11248, 13294), (14062, 17039), (17039, 21451)
EYES = ((21451, 23021), (23021, 24591))
SPREAD = 0.85  # of the kit's identity coefficients, in their standard deviations


@dataclass(frozen=True, eq=False)
class Kit:
    """The morphable head, placed on the canonical face of the landmarker (cm, frame of the head)."""

    neutral: np.ndarray
    identity: np.ndarray
    shapes: dict[str, np.ndarray]
    pieces: dict[str, np.ndarray]
    uv: np.ndarray


@cache
def kit() -> Kit:
    """Read the head, turn quads to triangles and find the place of each vertex of the face in the painted skin."""
    with np.load(data_root() / "ict_facekit" / "ict_facekit_light.npz", allow_pickle=False) as file:
        neutral, quads = file["neutral"].astype(float), file["quads"]
        names, shapes, identity = file["expr_names"], file["expr"].astype(np.float32), file["identity"]
        marks = file["landmarks68"]
    from mien.data.synthetic import geometry as g

    rest = g.rest_points()
    goal = rest[ibug_68_in_478()]
    inner = np.arange(17, 68)  # the outline slides along the cheek
    scale, turn, shift = _similarity(neutral[marks[inner]], goal[inner])
    neutral = scale * neutral @ turn.T + shift
    move = (scale * turn.T).astype(np.float32)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    ranges = {"face": FACE, "head": HEAD, "socket": SOCKET, "gums": GUMS, "teeth": TEETH, "eye 0": EYES[0],
              "eye 1": EYES[1]}  # fmt: skip
    pieces = {name: triangles[((triangles >= low) & (triangles < high)).all(1)] for name, (low, high) in ranges.items()}
    skin = triangles[(triangles < HEAD[1]).all(1)]
    pieces["head"] = skin[~(skin < FACE[1]).all(1)]
    warped = RBFInterpolator(neutral[marks], goal, smoothing=1e-3)(neutral[: FACE[1]])
    top = h.fine_topology()
    fine = top.matrix @ rest[:468]
    far, near = cKDTree(fine).query(warped, k=4)
    share = 1 / (far + 1e-3) ** 2
    uv = (top.uv[near] * share[..., None]).sum(1) / share.sum(1)[:, None]
    return Kit(
        neutral, identity.astype(np.float32) @ move, dict(zip(names.tolist(), shapes @ move, strict=True)), pieces, uv
    )


def _similarity(source: np.ndarray, goal: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Scale, rotation and shift of the best fit (Umeyama 1991)."""
    a, b = source - source.mean(0), goal - goal.mean(0)
    u, s, vt = np.linalg.svd(b.T @ a)
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    turn = u @ flip @ vt
    scale = float((s * np.diag(flip)).sum() / (a**2).sum())
    return scale, turn, goal.mean(0) - scale * turn @ source.mean(0)


def identity_of(generator: np.random.Generator) -> np.ndarray:
    """Coefficients of one made-up person, shape (40,), cut at two standard deviations."""
    return np.clip(generator.normal(size=len(kit().identity)), -2, 2) * SPREAD


def head_of(identity: np.ndarray, strength: dict[str, float], appearance: Appearance, hair: bool) -> list[h.Part]:
    """Pieces of a head with these muscles at work; ``strength`` by the kit's names of shapes."""
    model = kit()
    points = model.neutral + np.tensordot(identity, model.identity, 1)
    for name, amount in strength.items():
        points = points + amount * model.shapes[name]
    turned = normals(points, np.concatenate([model.pieces["face"], model.pieces["head"]]))
    skin = np.array(appearance.skin)
    colour = np.broadcast_to(skin * np.array([1.0, 0.93, 0.91]), points.shape).copy()
    if hair:
        above = model.neutral[:, 1] > 7.4 - 0.5 * np.clip(1.0 - model.neutral[:, 2], 0, 14)
        colour[above] = np.array(appearance.hair) * 1.3
    detail = colour.copy()
    detail[: len(model.uv), :2], detail[: len(model.uv), 2] = model.uv, 0
    painted = (model.neutral[: len(model.uv), 1] < 7.9) if hair else np.ones(len(model.uv), bool)
    on_face = painted[model.pieces["face"]].all(1)
    found = [
        h.Part(points, model.pieces["face"][on_face], h.FACE, detail, turned),
        h.Part(points, np.concatenate([model.pieces["head"], model.pieces["face"][~on_face]]), h.SKIN, colour, turned),
    ]
    for name, tint in (("socket", [0.09, 0.03, 0.03]), ("gums", [0.25, 0.09, 0.09]), ("teeth", [0.5, 0.46, 0.4])):
        found.append(_piece(points, model.pieces[name], h.MOUTH, np.array(tint)))
    for name, (low, high) in zip(("eye 0", "eye 1"), EYES, strict=True):
        ball = points[low:high]
        centre = (ball.max(0) + ball.min(0)) / 2
        away = points - centre
        away /= np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-6)
        found.append(h.Part(points, model.pieces[name], h.EYE, away, away))
    return found


def _piece(points: np.ndarray, triangles: np.ndarray, material: int, colour: np.ndarray) -> h.Part:
    used, where = np.unique(triangles, return_inverse=True)
    return h.part(points[used], where.reshape(triangles.shape), material, colour)
