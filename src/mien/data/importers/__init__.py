"""Output of other tools as ``Faces``: OpenFace 2, MediaPipe, py-feat, arrays of points, tables of named numbers."""

from mien.data.importers.mediapipe import read_mediapipe
from mien.data.importers.named import read_named_features
from mien.data.importers.openface import read_openface
from mien.data.importers.points import read_points
from mien.data.importers.pyfeat import read_pyfeat

__all__ = ["read_mediapipe", "read_named_features", "read_openface", "read_points", "read_pyfeat"]
