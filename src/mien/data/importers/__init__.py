"""Output of other tools as ``Faces``: OpenFace 2, MediaPipe, py-feat."""

from mien.data.importers.mediapipe import read_mediapipe
from mien.data.importers.openface import read_openface
from mien.data.importers.pyfeat import read_pyfeat

__all__ = ["read_mediapipe", "read_openface", "read_pyfeat"]
