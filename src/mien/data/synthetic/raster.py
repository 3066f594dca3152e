"""A small z-buffer rasteriser in NumPy: which triangle is seen in every pixel, and where in it."""

import numpy as np


def visible(points_px: np.ndarray, triangles: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Index of the nearest triangle that covers each pixel's centre, -1 where there is none.

    Parameters
    ----------
    points_px : ndarray, shape (points, 3)
        x right, y down, z greater toward the camera.
    triangles : ndarray of int, shape (triangles, 3)
    size : (height, width)

    Returns
    -------
    ndarray of int32, shape (height, width)
    """
    height, width = size
    corners = points_px[triangles].astype(np.float32)
    rows_of, row = _rows(corners[..., 1], height)
    left, right = _spans(corners[rows_of], row)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int64)
    last = np.clip(np.ceil(right - 0.5), 0, width).astype(np.int64)  # half open, so that neighbours do not overlap
    count = np.maximum(last - first, 0)
    keep = count > 0
    rows_of, row, first, count = rows_of[keep], row[keep], first[keep], count[keep]
    plane = planes(corners, corners[..., 2:])[:, :, 0]  # depth = plane . (x, y, 1)
    slope = plane[rows_of, 0]
    start = slope * (first + 0.5) + plane[rows_of, 1] * (row + 0.5) + plane[rows_of, 2]
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    pixel = np.repeat(row * width + first, count) + step
    depth = np.repeat(start.astype(np.float32), count) + np.repeat(slope, count) * step.astype(np.float32)
    nearest = np.full(height * width, -np.inf, dtype=np.float32)
    np.maximum.at(nearest, pixel, depth)
    won = depth == nearest[pixel]
    result = np.full(height * width, -1, dtype=np.int32)
    result[pixel[won]] = np.repeat(rows_of, count)[won]
    return result.reshape(height, width)


def planes(corners: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Linear functions of the picture that take given values at the corners of each triangle.

    Parameters
    ----------
    corners : ndarray, shape (triangles, 3, 2 or more)
    values : ndarray, shape (triangles, 3, k)

    Returns
    -------
    ndarray of float32, shape (triangles, 3, k)
        Coefficients of x, y and 1; zero slopes for triangles without area.
    """
    a, b, c = (corners[:, k, :2].astype(np.float64) for k in range(3))
    one, two = b - a, c - a
    area = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    inverse = np.where(np.abs(area) > 1e-9, 1 / np.where(area == 0, 1, area), 0)[:, None]
    rise_one, rise_two = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    x = (rise_one * two[:, 1:] - rise_two * one[:, 1:]) * inverse
    y = (rise_two * one[:, :1] - rise_one * two[:, :1]) * inverse
    return np.stack([x, y, values[:, 0] - x * a[:, :1] - y * a[:, 1:]], 1).astype(np.float32)


def _rows(y: np.ndarray, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Every (triangle, pixel row) pair whose row centre the triangle reaches."""
    first = np.clip(np.ceil(y.min(1) - 0.5), 0, height).astype(np.int64)
    last = np.clip(np.ceil(y.max(1) - 0.5), 0, height).astype(np.int64)
    count = last - first
    triangle = np.repeat(np.arange(len(y)), count)
    return triangle, np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[triangle]


def _spans(corners: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each triangle enters and leaves the centre line of a row."""
    middle = row.astype(np.float32) + np.float32(0.5)
    left, right = np.full(len(row), np.inf, np.float32), np.full(len(row), -np.inf, np.float32)
    for one, two in ((0, 1), (1, 2), (2, 0)):
        (x0, y0), (x1, y1) = corners[:, one, :2].T, corners[:, two, :2].T
        crosses = (y0 <= middle) != (y1 <= middle)
        rise = np.where(crosses, y1 - y0, 1)
        x = x0 + (middle - y0) / rise * (x1 - x0)
        left = np.where(crosses, np.minimum(left, x), left)
        right = np.where(crosses, np.maximum(right, x), right)
    return left, right
