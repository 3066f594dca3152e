"""Triangle meshes: a smooth finer mesh through given points, and normals."""

import numpy as np
from scipy import sparse


def refine(triangles: np.ndarray, n_points: int) -> tuple[sparse.csr_matrix, np.ndarray]:
    """One level of butterfly subdivision (Dyn, Levin & Gregory 1990): a finer mesh that passes through the points.

    Returns
    -------
    matrix : sparse matrix, shape (finer points, n_points)
        Gives the finer points from the given ones, which stay the first rows.
    triangles : ndarray of int, shape (4 * triangles, 3)
    """
    opposite: dict[tuple[int, int], list[int]] = {}
    for a, b, c in triangles.tolist():
        for one, two, far in ((a, b, c), (b, c, a), (c, a, b)):
            opposite.setdefault((min(one, two), max(one, two)), []).append(far)
    along: dict[int, list[int]] = {}
    for (a, b), far in opposite.items():
        if len(far) == 1:
            along.setdefault(a, []).append(b)
            along.setdefault(b, []).append(a)
    middle = {edge: n_points + row for row, edge in enumerate(opposite)}
    rows, columns, weights = list(range(n_points)), list(range(n_points)), [1.0] * n_points

    def put(row: int, column: int, weight: float) -> None:
        rows.append(row)
        columns.append(column)
        weights.append(weight)

    for (a, b), far in opposite.items():
        row = middle[a, b]
        if len(far) == 1:  # a rim: cubic through four points of it
            outer = [[n for n in along[one] if n != other] for one, other in ((a, b), (b, a))]
            cubic = all(len(ends) == 1 for ends in outer)
            for end, ends in zip((a, b), outer, strict=True):
                put(row, end, 9 / 16 if cubic else 1 / 2)
                if cubic:
                    put(row, ends[0], -1 / 16)
            continue
        wings = [(set(opposite[min(end, tip), max(end, tip)]) - {a, b}) for end in (a, b) for tip in far]
        inner = all(len(wing) == 1 for wing in wings)
        for end in (a, b):
            put(row, end, 1 / 2)
        if inner:
            for tip in far:
                put(row, tip, 1 / 8)
            for wing in wings:
                put(row, wing.pop(), -1 / 16)
    finer = []
    for a, b, c in triangles.tolist():
        ab, bc, ca = (middle[min(p, q), max(p, q)] for p, q in ((a, b), (b, c), (c, a)))
        finer += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    shape = (n_points + len(middle), n_points)
    return sparse.csr_matrix((weights, (rows, columns)), shape), np.array(finer)


def grid_triangles(rows: int, columns: int, *, closed: bool = False) -> np.ndarray:
    """Triangles of a grid of points in row-major order; ``closed`` joins the last column to the first."""
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(columns - (not closed)), indexing="ij")
    here, right = row * columns + column, row * columns + (column + 1) % columns
    below, across = here + columns, right + columns
    return np.concatenate(
        [np.stack([here, below, right], -1).reshape(-1, 3), np.stack([right, below, across], -1).reshape(-1, 3)]
    )


def normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals of the points, weighted by area, shape (points, 3)."""
    a, b, c = points[triangles[:, 0]], points[triangles[:, 1]], points[triangles[:, 2]]
    across = np.cross(b - a, c - a)
    total = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(across[:, axis], 3), len(points)) for axis in range(3)], -1
    )
    return total / np.maximum(np.linalg.norm(total, axis=-1, keepdims=True), 1e-12)
