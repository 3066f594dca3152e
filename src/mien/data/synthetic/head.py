"""The whole head around the 478 points: a finer face, eyeballs, teeth, ears, hair, neck and shoulders."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse

from mien.core.topology import MEDIAPIPE_478, topology
from mien.data.canonical import canonical_mesh
from mien.data.synthetic import geometry as g
from mien.data.synthetic.mesh import grid_triangles, normals, refine
from mien.data.synthetic.paint import Appearance

FACE, SKIN, EYE, MOUTH, TEETH, HAIR, CLOTH = range(7)
COLUMNS = 96  # of the hair, round the head
LEVELS = 1  # of subdivision of the landmarker's mesh


@dataclass(frozen=True, eq=False)
class Part:
    """One piece of the head.

    Attributes
    ----------
    points : ndarray, shape (points, 3)
        In cm, in the frame of the head (or of the body, for neck and shoulders).
    triangles : ndarray of int, shape (triangles, 3)
    material : int
    detail : ndarray, shape (points, 3)
        What the material's shader needs: place in the texture, direction from the eye's centre, colour.
    normals : ndarray, shape (points, 3)
    """

    points: np.ndarray
    triangles: np.ndarray
    material: int
    detail: np.ndarray
    normals: np.ndarray


def part(points: np.ndarray, triangles: np.ndarray, material: int, detail: np.ndarray) -> Part:
    """A piece with normals from its own triangles."""
    return Part(points, triangles, material, np.broadcast_to(detail, points.shape), normals(points, triangles))


@dataclass(frozen=True, eq=False)
class FineTopology:
    """Triangles of the refined face, how its points follow from the 468, and the rims of its openings."""

    matrix: sparse.csr_matrix
    triangles: np.ndarray
    uv: np.ndarray
    oval: np.ndarray
    eyes: tuple[np.ndarray, np.ndarray]
    mouth: np.ndarray


@cache
def fine_topology() -> FineTopology:
    """The refined face without what the canonical mesh stretches over eyes and mouth."""
    mesh = canonical_mesh()
    right = [33, *g.UPPER_LID, 133, *g.LOWER_LID]
    rings = [right, [int(topology(MEDIAPIPE_478).mirror[i]) for i in right], [*g.UPPER_LIP[3], *g.LOWER_LIP[3]]]
    inside = np.any([np.isin(mesh.triangles, ring).all(1) for ring in rings], axis=0)
    triangles = mesh.triangles[~inside]
    matrix = sparse.identity(len(mesh.vertices_cm), format="csr")
    for _ in range(LEVELS):
        step, triangles = refine(triangles, matrix.shape[0])
        matrix = (step @ matrix).tocsr()
    loops = _loops(triangles)
    named = [next(loop for loop in loops if point in loop) for point in (10, 159, 386, 13)]
    return FineTopology(matrix, triangles, matrix @ mesh.uv, named[0], (named[1], named[2]), named[3])


def _loops(triangles: np.ndarray) -> list[np.ndarray]:
    """Rims of the mesh in order, against the direction in which its triangles run."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    known = {(int(a), int(b)) for a, b in edges}
    follow = {b: a for a, b in known if (b, a) not in known}
    loops = []
    while follow:
        start = point = next(iter(follow))
        loop = []
        while point in follow:
            loop.append(point)
            point = follow.pop(point)
        assert point == start
        loops.append(np.array(loop))
    return loops


def head_parts(points_cm: np.ndarray, rest_cm: np.ndarray, appearance: Appearance) -> list[Part]:
    """All pieces that turn with the head, for moved and resting points, each of shape (478, 3)."""
    top = fine_topology()
    fine = top.matrix @ points_cm[:468]
    face = part(fine, top.triangles, FACE, np.pad(top.uv, ((0, 0), (0, 1))))
    skin = np.array(appearance.skin)
    pieces = [face]
    eyes = g.eyes_of(rest_cm)
    for side, loop in enumerate(top.eyes):
        pieces.append(_eyeball(eyes.centre_cm[side], float(eyes.radius_cm[side])))
        pieces.append(_rim(fine[loop], eyes.centre_cm[side], 0.16, 0.26, skin * np.array([0.5, 0.36, 0.34])))
    heart = fine[top.mouth].mean(0) - np.array([0, 0, 1.2])
    pieces.append(_rim(fine[top.mouth], heart, 0.10, 0.8, skin * np.array([0.55, 0.24, 0.24])))
    pieces += _mouth(points_cm, rest_cm, fine[top.mouth])
    pieces.append(_under_jaw(fine[top.oval], skin))
    pieces += _ears(rest_cm, skin)
    pieces += _hair(rest_cm, appearance)
    return pieces


def _rim(loop: np.ndarray, goal: np.ndarray, inward: float, back: float, colour: np.ndarray) -> Part:
    """The thickness of lids and lips: a strip from their edge inward."""
    inner = loop + inward * (goal - loop) * np.array([1, 1, 0]) - np.array([0, 0, back])
    points = np.concatenate([loop, inner])
    return part(points, grid_triangles(2, len(loop), closed=True), MOUTH, colour)


@cache
def _patch() -> tuple[np.ndarray, np.ndarray]:
    """Directions of the front of a sphere, and their triangles."""
    across = np.deg2rad(np.linspace(-78, 78, 17))
    up, side = np.meshgrid(across, across, indexing="ij")
    directions = np.stack([np.sin(side) * np.cos(up), np.sin(up), np.cos(side) * np.cos(up)], -1).reshape(-1, 3)
    return directions, grid_triangles(17, 17)[:, ::-1]


def _eyeball(centre: np.ndarray, radius: float) -> Part:
    directions, triangles = _patch()
    return Part(centre + radius * directions, triangles, EYE, directions, directions)


def _mouth(points: np.ndarray, rest: np.ndarray, loop: np.ndarray) -> list[Part]:
    """A dark cavity, upper teeth that stay with the skull and lower ones that go with the jaw."""
    cavity = loop.copy()
    cavity[:, 2] = loop[:, 2].min() - 1.2
    cavity[:, :2] = cavity[:, :2].mean(0) + 1.3 * (cavity[:, :2] - cavity[:, :2].mean(0))
    fan = np.stack(
        [np.zeros(len(loop), dtype=int), *(1 + np.stack([np.roll(range(len(loop)), -k) for k in (0, 1)]))], -1
    )
    dark = part(np.concatenate([cavity.mean(0)[None], cavity]), fan, MOUTH, np.array([0.035, 0.009, 0.008]))
    dark = Part(dark.points, np.concatenate([fan, fan[:, ::-1]]), MOUTH, dark.detail, dark.normals)
    line = 0.5 * (rest[13] + rest[14])
    drop = points[152] - rest[152]
    light = float(np.clip((points[13, 1] - points[14, 1] - 0.06) / 0.3, 0, 1))  # little enters between closed lips
    upper = _arch(line + np.array([0, 0.0, -0.75]), top=0.75, bottom=-0.3, light=light)
    lower = _arch(line + drop * np.array([1, 0.8, 0.5]) + np.array([0, 0, -0.95]), top=-0.36, bottom=-0.95, light=light)
    return [dark, upper, lower]


def _arch(front: np.ndarray, *, top: float, bottom: float, light: float) -> Part:
    across = np.linspace(-2.05, 2.05, 21)
    edge = bottom if bottom > -0.5 else top
    rows = []
    for up in (top, bottom):
        wave = 0.03 * np.abs(np.cos(np.pi * across / 0.78)) if up == edge else 0 * across
        rows.append(np.stack([across, np.full(21, up) + wave * np.sign(edge), -0.32 * across**2], -1))
    points = front + np.concatenate(rows)
    detail = np.tile(np.stack([across, np.full(21, light), 0 * across], -1), (2, 1))
    return part(points, grid_triangles(2, 21), TEETH, detail)


def _under_jaw(oval: np.ndarray, skin: np.ndarray) -> Part:
    """From the rim of the face backward: the underside of the jaw, and the sides of the skull below the hair."""
    rings = [oval]
    low = np.clip((1.0 - oval[:, 1:2]) / 8, 0, 1)
    for far in (0.35, 0.7, 1.0):
        pulled = oval * np.array([1 - 0.45 * far, 1, 1]) - np.array([0, 0, 1.0]) * far * (2 + 4.5 * low)
        pulled[:, 1:2] += far * (1.6 * low - 0.4 * np.clip(oval[:, 1:2] - 4, 0, None))
        rings.append(pulled)
    triangles = grid_triangles(len(rings), len(oval), closed=True)
    return part(np.concatenate(rings), triangles, SKIN, skin * np.array([0.97, 0.93, 0.92]))


def _ears(rest: np.ndarray, skin: np.ndarray) -> list[Part]:
    directions, triangles = _patch()
    pieces = []
    for sign, root in ((-1, 234), (1, 454)):
        # A flat shell that faces forward and outward, hollow in the middle.
        rim = np.hypot(directions[:, 0] / 0.98, directions[:, 1] / 0.98)
        shell = directions * np.array([1.15, 2.75, 0.5])
        shell[:, 1] += 0.25
        shell[:, 2] -= 0.75 * np.clip(1 - (rim / 0.72) ** 2, 0, 1)
        shell[:, 0] *= 1 + 0.28 * shell[:, 1] / 2.75
        turn = np.deg2rad(42.0) * sign
        outward = np.stack([np.cos(turn) * shell[:, 0] * sign + np.sin(turn) * shell[:, 2], shell[:, 1],
                            -np.sin(turn) * shell[:, 0] * sign + np.cos(turn) * shell[:, 2]], -1)  # fmt: skip
        place = rest[root] + np.array([0.28 * sign, 0.7, -0.9])
        hollow = np.clip(1 - (rim / 0.72) ** 2, 0, 1)[:, None]
        colour = skin * np.array([1.0, 0.86, 0.84]) * (1 - 0.5 * hollow)
        order = triangles if sign > 0 else triangles[:, ::-1]
        pieces.append(part(place + outward, order, SKIN, colour))
    return pieces


def _hair(rest: np.ndarray, appearance: Appearance) -> list[Part]:
    """A shell of hair from the crown to the hairline, and curtains at the sides when it is long."""
    front = rest[[127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356]]
    behind = np.array([[8.0, 3.2, -4.6], [7.9, -0.5, -6.0], [6.6, -4.0, -8.0], [3.5, -6.0, -9.6], [0.0, -6.4, -10.0]])
    wide = np.abs(rest[[127, 356], 0]).mean() / 7.74
    behind = behind * np.array([wide, 1, 1])
    ends = np.concatenate([front, behind, behind[-2::-1] * np.array([-1, 1, 1])])
    brow_side = np.r_[np.minimum(np.arange(15), np.arange(15)[::-1]).clip(0, 4) / 4, np.zeros(9)]
    bare = np.tile(_closed_curve(brow_side[:, None], COLUMNS), (14, 1))
    ends = _closed_curve(ends, COLUMNS)
    centre = np.array([0.0, 2.6, -2.2])
    draw = np.random.default_rng(appearance.seed + 2)
    reach = ends - centre
    far = np.linalg.norm(reach, axis=-1, keepdims=True)
    reach = reach / far
    crown = np.array([0.0, 0.97, -0.24])
    angle = np.arccos(np.clip(reach @ crown, -1, 1))[:, None]
    height = rest[10, 1] - 8.26
    axes = np.array([7.75 * wide, 8.3 + 0.7 * height, 8.9]) + appearance.hair_volume_cm * np.array([0.55, 1.0, 0.6])
    rows = []
    steps = np.append(np.linspace(0, 1, 13), 1.05)  # the last row lies under the face
    lump = _closed_curve(draw.normal(size=(16, 1)), COLUMNS)
    for t in steps:
        direction = (np.sin((1 - t) * angle) * crown + np.sin(t * angle) * reach) / np.sin(angle)
        shell = 1 / np.linalg.norm(direction / axes, axis=-1, keepdims=True)
        edge = np.clip((t - 0.78) / 0.22, 0, 1) ** 3
        radius = shell * (1 - edge) + (far + 0.02 - 2.4 * max(t - 1, 0)) * edge
        radius += appearance.hair_volume_cm * 0.1 * lump * np.sin(np.pi * t)
        rows.append(centre + direction * radius)
    place = np.stack(np.meshgrid(steps, np.arange(COLUMNS) / COLUMNS, indexing="ij"), -1).reshape(-1, 2)
    detail = np.concatenate([place, bare], -1)
    pieces = [part(np.concatenate(rows), grid_triangles(14, COLUMNS, closed=True), HAIR, detail)]
    if appearance.hair_length_cm > 0:
        pieces += _curtains(rows, appearance)
    return pieces


def _curtains(rows: list[np.ndarray], appearance: Appearance) -> list[Part]:
    """Hair that falls from the temples, over the ears, round the back."""
    hang = _falling(rows[-1])
    start = rows[9][hang]
    pieces = []
    down = np.linspace(0, 1, 9)
    layers = []
    outside = np.sign(start[:, :1]) * np.array([1.0, 0, 0])
    for t in down:
        y = start[:, 1] + t * (-4.0 - appearance.hair_length_cm - start[:, 1])
        layer = start + outside * (0.9 * np.sin(np.pi * min(t * 1.3, 1)) + 0.25 * np.sin(6 * t + start[:, 2:3]))
        layer[:, 1] = y
        layer[:, 2] -= 0.6 * t
        layers.append(layer)
    place = np.stack(np.meshgrid(0.7 + 1.2 * down, hang / COLUMNS, indexing="ij"), -1).reshape(-1, 2)
    pieces.append(part(np.concatenate(layers), grid_triangles(9, len(hang)), HAIR, np.pad(place, ((0, 0), (0, 1)))))
    return pieces


def _falling(ends: np.ndarray) -> np.ndarray:
    """Columns behind the temples, in order round the back."""
    behind = np.flatnonzero((ends[:, 1] < 3.6) & (ends[:, 2] < 1.0))
    jump = int(np.argmax(np.diff(behind) > 1)) + 1 if (np.diff(behind) > 1).any() else 0
    return np.roll(behind, -jump)


def _closed_curve(places: np.ndarray, count: int) -> np.ndarray:
    """Points along a closed Catmull-Rom curve through the places."""
    at = np.arange(count) * len(places) / count
    base, t = at.astype(int), (at % 1)[:, None]
    p0, p1, p2, p3 = (places[(base + k) % len(places)] for k in (-1, 0, 1, 2))
    return 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)


def body_parts(appearance: Appearance) -> list[Part]:
    """Neck and shoulders, which turn less than the head does."""
    skin = np.array(appearance.skin)
    neck = _tube(
        [(-3.0, 4.9, 5.0, -3.8), (-8.0, 4.6, 4.6, -3.8), (-10.0, 4.65, 4.6, -3.7), (-12.0, 4.8, 4.6, -3.6),
         (-15.0, 6.6, 5.4, -3.4)]
    )  # fmt: skip
    shoulders = _tube(
        [(-13.2, 6.4, 5.9, -3.2), (-14.6, 9.5, 6.6, -3.4), (-16.2, 14.5, 7.4, -3.6), (-18.5, 18.5, 8.2, -3.6),
         (-23.0, 20.5, 8.8, -3.6), (-45.0, 21.0, 9.0, -3.6)]
    )  # fmt: skip
    dim = np.clip((-9.0 - neck[:, 1]) / 7, 0.0, 1)[:, None]  # the head throws a shadow on the neck
    neck_colour = skin * np.array([0.95, 0.9, 0.88]) * (0.16 + 0.62 * dim)
    return [
        part(neck, grid_triangles(5, 48, closed=True), SKIN, neck_colour),
        part(shoulders, grid_triangles(6, 48, closed=True), CLOTH, np.array(appearance.shirt)),
    ]


def _tube(rings: list[tuple[float, float, float, float]]) -> np.ndarray:
    """Rings (height, half width, half depth, middle in z) of an upright tube."""
    around = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return np.concatenate(
        [np.stack([w * np.sin(around), np.full(48, y), z + d * np.cos(around)], -1) for y, w, d, z in rings]
    )
