"""How evidence is summed up per landmark."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from mien.reduce.importance import Asking, importance


class Weighted(torch.nn.Module):
    """Two classes; the first is the weighted sum of all numbers of a clip, the second its opposite."""

    classes = ("one", "other")

    def __init__(self, weights: np.ndarray) -> None:
        super().__init__()
        self.weights = torch.from_numpy(weights.astype(np.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        score = (x * self.weights).sum((1, 2, 3))
        return torch.stack([score, -score], 1)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        # Point 0 swings to and fro, point 1 goes one way, point 2 goes one way in half of the people and the other
        # way in the other half, point 3 does nothing.
        ("absolute", [4, 4, 4, 0]),
        ("net", [0, 4, 4, 0]),
        ("signed", [0, 4, 0, 0]),
    ],
)
def test_what_cancels_in_a_clip_and_over_people(amount, expected):
    clips = np.zeros((4, 4, 4, 1), np.float32)
    clips[:, :, 0, 0] = [1, -1, 1, -1]
    clips[:, :, 1, 0] = 1
    clips[:2, :, 2, 0], clips[2:, :, 2, 0] = 1, -1
    y, people = np.array(["one"] * 4), np.array(["a", "a", "b", "b"])
    asking = Asking(baselines="zero", amount=amount, settings={"n_steps": 4})
    found = importance(Weighted(np.ones((4, 4, 1))), clips, y, people, asking)[0]
    np.testing.assert_allclose(found, np.array(expected) / np.sum(expected), atol=1e-6)
