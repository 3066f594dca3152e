"""Does the sign of a method's values say for and against? Two planted causes whose share in the output is known.

python -m benchmarks.signs [--only METHOD ...]
"""

import argparse

import numpy as np
import torch
from torch import nn

from benchmarks.common import arguments
from mien.core.evidence import Evidence
from mien.explain.explain import explain
from mien.explain.methods import BASELINES, METHODS

SIDE, PICTURES, SCALE = 16, 40, 40.0
# Where the two causes lie: a patch that is more or less red, and one that is more or less green.
PLACES = (slice(2, 8), slice(2, 8)), (slice(9, 14), slice(8, 15))
# Red speaks for the output and its opposite against it; green against it and its opposite for it.
SPEAKS = np.array([1.0, -1.0, -1.0, 1.0], np.float32)
KERNELS = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]], np.float32)
THRESHOLD = 0.2
# A sign is one of direction where evidence follows the share and has its sign in nearly all pictures.
LEAST_CORRELATION, LEAST_AGREEMENT = 0.5, 0.9
SETTINGS = {
    "leave-one-region-out": {"segments": np.arange(SIDE * SIDE).reshape(SIDE, SIDE) // 4 // 4},
    "smoothed-sign": {"noise": 0.05},
    "rise": {"n_samples": 1000},
}


class Colours(nn.Module):
    """A layer that sees each colour and its opposite above a threshold, their means, and one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.see, self.relu, self.add = nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Linear(4, 1, bias=False)
        with torch.no_grad():
            self.see.weight.copy_(torch.from_numpy(KERNELS)[:, :, None, None])
            self.see.bias.fill_(-THRESHOLD)
            self.add.weight.copy_(torch.from_numpy(SPEAKS)[None] * SCALE)

    def maps(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention, the same everywhere, and what each place says; both (rows, 1, height, width)."""
        said = torch.einsum("nchw,oc->nohw", self.relu(self.see(x)), self.add.weight)
        return torch.full_like(said, 1 / SIDE**2), said

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores, (rows, 1)."""
        return self.add(self.relu(self.see(x)).mean((2, 3)))


def pictures(count: int = PICTURES, seed: int = 0) -> np.ndarray:
    """Grey (0) with a little noise; the two patches have amounts of their own, from -1 to 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.02, size=(count, 3, SIDE, SIDE)).astype(np.float32)
    for channel, place in enumerate(PLACES):
        amount = rng.uniform(0.3, 1, size=count) * rng.choice([-1, 1], size=count)
        x[(slice(None), channel, *place)] += amount[:, None, None]
    return x


def shares(x: np.ndarray) -> np.ndarray:
    """What each patch adds to the output, exactly; shape (pictures, 2)."""
    seen = np.maximum(np.einsum("nchw,kc->nkhw", x, KERNELS) - THRESHOLD, 0)
    said = SCALE / SIDE**2 * np.einsum("nkhw,k->nhw", seen, SPEAKS)
    return np.stack([said[(slice(None), *place)].sum((1, 2)) for place in PLACES], axis=1)


def evidence_of(method: str) -> Evidence:
    """The method's evidence for the pictures, with default settings where there are any."""
    row = METHODS[method]
    grey = {"baselines": np.zeros((1, 3, SIDE, SIDE), np.float32)} if row.needs_baselines({}) else {}
    more = grey if BASELINES in row.needs else {}
    return explain(Colours(), pictures(), method=method, target=0, **more, **SETTINGS.get(method, {}))


def told(method: str) -> tuple[float, float]:
    """Correlation over pictures of a patch's summed evidence with its share, and how often both have one sign.

    Of the two patches the worse one; nothing in a patch counts as no sign.
    """
    values, share = evidence_of(method).values.sum(1), shares(pictures())
    worst = []
    for patch, place in enumerate(PLACES):
        found = values[(slice(None), *place)].sum((1, 2))
        spread = found.std() > 1e-6 * np.abs(values).max()
        r = float(np.corrcoef(found, share[:, patch])[0, 1]) if spread else 0.0
        worst.append((r, float((np.sign(found) == np.sign(share[:, patch])).mean())))
    return min(r for r, _ in worst), min(agreement for _, agreement in worst)


def is_direction(correlation: float, agreement: float) -> bool:
    """Whether such numbers are those of a sign that says for and against."""
    return correlation >= LEAST_CORRELATION and agreement >= LEAST_AGREEMENT


def methods() -> list[str]:
    """Those that can be asked about a network of pictures."""
    return [name for name, row in METHODS.items() if not {"trees", "rules"} & set(row.needs)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=())
    only = arguments(parser, only=["saliency", "occlusion", "grad-cam", "deeplift"]).only
    print("| method | correlation with the share | same sign | declared |\n|---|---:|---:|---|")
    for name in only or methods():
        r, agreement = told(name)
        declared = "for and against" if METHODS[name].signed_attribution else "amount"
        wrong = "" if is_direction(r, agreement) == METHODS[name].signed_attribution else " (not so here)"
        print(f"| {name} | {r:+.2f} | {100 * agreement:.0f} % | {declared}{wrong} |")
