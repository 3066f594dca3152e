"""What the explainable fast network learns from: crops and, with a teacher, what a larger body sees in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.estimator import refuse_gaps
from mien.nets.bodies import Body
from mien.nets.body_cache import body_features

# The teacher: a frozen body, what of it is learnt, and the side in pixels of the crops it looks at.
TEACHER = Body("efficientnet-lite0", (4, 5), (3, 3))
TEACHER_SIDE = 160
# Cells per side of the student's map that the teacher's view is read from.
CELLS = 3


@dataclass(frozen=True, eq=False)
class Lesson:
    """Crops, (samples, 3, size, size), and what the teacher sees in them and in their mirror images.

    ``seen``: (samples, 2, features); no features without a teacher. Rows are chosen as of an array.
    """

    crops: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        return len(self.crops)

    def __getitem__(self, rows: Any) -> Lesson:
        return Lesson(self.crops[rows], self.seen[rows])


def lesson_of(values: np.ndarray, teacher: str, progress: Any = None) -> Lesson:
    """Crops with what the teacher sees in them; it is frozen and knows no labels, so this is done once.

    Raises
    ------
    InputError
        For other shapes, values that are not finite, or an unknown teacher.
    """
    values = np.asarray(values, dtype=np.float32)
    if values.ndim != 4 or values.shape[1] != 3:
        raise InputError(f"The model 'efdnn' needs crops (samples, 3, height, width), but got {values.shape}.")
    refuse_gaps(values)
    if teacher not in ("", "picture"):
        raise InputError(f"The teacher is 'picture' or none (''), but got '{teacher}'.")
    if not teacher:
        return Lesson(values, np.zeros((len(values), 2, 0), np.float32))
    side = (TEACHER_SIDE, TEACHER_SIDE)
    parts = [
        functional.interpolate(torch.from_numpy(values[i : i + 64]), side, mode="bilinear", align_corners=False)
        for i in range(0, len(values), 64)
    ]
    return Lesson(values, body_features(torch.cat(parts).numpy(), TEACHER, progress=progress))


class View(nn.Module):
    """How far the student's map is from telling what the teacher sees; not part of the trained network.

    Parameters
    ----------
    seen : ndarray, shape (samples, 2, features)
        The teacher's features of the training crops and their mirror images.
    components : int
        Principal components of the standardised features that are learnt, weighed by their spread.
    channels : int
        Of the student's map.
    """

    def __init__(self, seen: np.ndarray, components: int, channels: int) -> None:
        super().__init__()
        rows = seen.reshape(-1, seen.shape[2]).astype(np.float64)
        rows = (rows - rows.mean(0)) / (rows.std(0) + 1e-2)
        left, spread, _ = np.linalg.svd(rows, full_matrices=False)
        wanted = (left[:, :components] * np.sqrt(len(rows))).astype(np.float32)
        self.wanted = torch.from_numpy(wanted).reshape(len(seen), 2, -1)
        self.weight = torch.from_numpy((spread[:components] / spread[:components].mean()).astype(np.float32))
        self.tell = nn.Linear(channels * CELLS**2, wanted.shape[1])

    def forward(self, found: torch.Tensor, rows: np.ndarray, sides: np.ndarray) -> torch.Tensor:
        """Weighted mean squared error."""
        told = self.tell(functional.adaptive_avg_pool2d(found, CELLS).flatten(1))
        error: torch.Tensor = ((told - self.wanted[rows, sides]) ** 2 * self.weight).mean()
        return error
