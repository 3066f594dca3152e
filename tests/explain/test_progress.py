"""A slow network says how far it is while it is at its first sample, and never goes back."""

import numpy as np
import pytest
import torch

import mien


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("rise", {"n_samples": 64}),
        ("rise", {"n_samples": 4000, "tolerance": 0.9}),
        ("lime", {"n_samples": 128, "segments": "grid"}),
        ("kernel-shap", {"n_samples": 256, "segments": "grid"}),
        ("occlusion", {}),
        ("integrated-gradients", {"n_steps": 64, "baselines": "mean"}),
    ],
)
def test_progress_within_a_sample(method: str, settings: dict) -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 5), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.LazyLinear(2))
    pictures = np.random.default_rng(0).random((3, 3, 32, 32)).astype("f4")
    network(torch.from_numpy(pictures))
    ticks: list[float] = []
    mien.explain(
        network.eval(), pictures, method=method, classes=("a", "b"), target="a", batch_size=16,
        progress=lambda done, total: ticks.append(done / total), **settings,
    )  # fmt: skip
    assert ticks[0] == 0 and ticks[-1] == 1 and ticks == sorted(ticks)
    assert sum(0 < tick < 0.99 / 3 for tick in ticks) > 2
