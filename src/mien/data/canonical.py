"""The canonical face: the mean mesh that comes with the landmarker."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from mien.core.errors import WeightsError
from mien.data.weights import member_bytes


@dataclass(frozen=True, eq=False)
class CanonicalMesh:
    """Mean face of the landmarker.

    Attributes
    ----------
    vertices_cm : ndarray of float64, shape (468, 3)
        x toward the person's left (right in a picture), y up, z toward the camera; centimetres.
    uv : ndarray of float64, shape (468, 2)
        Place of each vertex in the flattened face, 0 to 1.
    triangles : ndarray of int, shape (898, 3)
    basis_points : ndarray of int, shape (33,)
        Points that head pose is fitted to.
    basis_weights : ndarray of float64, shape (33,)
    """

    vertices_cm: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    basis_points: np.ndarray
    basis_weights: np.ndarray


@cache
def canonical_mesh() -> CanonicalMesh:
    """Read the canonical mesh out of the pulled landmarker bundle.

    Raises
    ------
    WeightsError
        If the weights were not pulled.
    """
    # mediapipe/tasks/cc/vision/face_geometry/proto: GeometryPipelineMetadata {1: mesh, 2: basis*};
    # Mesh3d {3: vertex floats x y z u v, 4: triangle indices}; basis {1: point, 2: weight}.
    mesh, basis = None, []
    for number, value in _fields(member_bytes("canonical-mesh")):
        if number == 1 and isinstance(value, bytes):
            mesh = list(_fields(value))
        elif number == 2 and isinstance(value, bytes):
            basis.append(dict(_fields(value)))
    if mesh is None or not basis:
        raise WeightsError("The canonical mesh in face_landmarker.task is not laid out as expected.")
    floats = np.frombuffer(b"".join(v for n, v in mesh if n == 3 and isinstance(v, bytes)), "<f4")
    vertices = floats.reshape(-1, 5).astype(np.float64)
    triangles = np.array([v for n, v in mesh if n == 4], dtype=np.int64).reshape(-1, 3)
    points = np.array([entry.get(1, 0) for entry in basis], dtype=np.int64)
    weights = np.array([np.frombuffer(bytes(entry[2]), "<f4")[0] for entry in basis], dtype=np.float64)
    for array in (vertices, triangles, points, weights):
        array.flags.writeable = False
    return CanonicalMesh(vertices[:, :3], vertices[:, 3:], triangles, points, weights)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protocol-buffer message as (number, value); enough of the wire format for this one file."""
    position = 0

    def varint() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, message[position : position + size]
        position += size
