"""Alterations of training crops against what each of them is."""

import numpy as np
import torch
from scipy.ndimage import shift as moved

from mien.models.fitting.alterations import Alteration, batches_of_epoch


def crops() -> torch.Tensor:
    rows = torch.linspace(0.1, 0.9, 20)
    return (rows[:, None] * 0.5 + rows[None, :] * 0.5).expand(4, 3, 20, 20).contiguous()


def test_nothing_asked_is_nothing_done_and_a_mirror_image_is_one() -> None:
    x, rng = crops(), np.random.default_rng(0)
    torch.testing.assert_close(Alteration()(x, np.zeros(4), rng), x, atol=1e-6, rtol=0)
    sides = np.array([0, 1, 0, 1])
    seen = Alteration()(x, sides, rng)
    torch.testing.assert_close(seen[1::2], x[1::2].flip(3), atol=1e-6, rtol=0)
    torch.testing.assert_close(seen[::2], x[::2], atol=1e-6, rtol=0)


def test_a_shift_is_at_most_the_share_of_the_side() -> None:
    """A linear ramp moved by d pixels is brighter or darker by d times its slope, inside."""
    x = crops()
    seen = Alteration(shift=0.1)(x, np.zeros(4), np.random.default_rng(1))
    inside = (seen - x)[:, :, 4:-4, 4:-4]
    slope = float(x[0, 0, 1, 0] - x[0, 0, 0, 0])
    assert float(inside.abs().max()) <= 2 * 0.1 * 20 * slope + 1e-6 and float(inside.std(dim=(1, 2, 3)).max()) < 1e-5
    steps = np.random.default_rng(1)
    for _ in range(2):
        steps.uniform(-1, 1, 4)  # turn and zoom come first
    right, down = steps.uniform(-0.1, 0.1, 4) * 20, steps.uniform(-0.1, 0.1, 4) * 20
    expected = moved(x[0, 0].numpy().astype(float), (-down[0], -right[0]), order=1, mode="nearest")
    np.testing.assert_allclose(seen[0, 0].numpy()[4:-4, 4:-4], expected[4:-4, 4:-4], atol=1e-5)


def test_light_and_hidden_rectangles_change_values_only_within_bounds() -> None:
    x, rng = crops(), np.random.default_rng(2)
    lit = Alteration(light=0.3)(x, np.zeros(4), rng)
    assert float(lit.min()) >= 0 and float(lit.max()) <= 1 and float((lit - x).abs().max()) > 0.02
    hidden = Alteration(hide=1.0)(x, np.zeros(4), rng)
    changed = ((hidden - x).abs() > 1e-6).any(1)
    for mask, whole in zip(changed, hidden, strict=True):
        rows, columns = torch.where(mask)
        inner = whole[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        # One rectangle of one grey.
        assert float((inner - inner[:, :1, :1]).abs().max()) < 1e-6 and 0 < len(rows) <= 7 * 7


def test_every_row_is_seen_once_an_epoch() -> None:
    parts = batches_of_epoch(np.random.default_rng(0), 23, 5)
    assert sorted(np.concatenate(parts)) == list(range(23)) and min(map(len, parts)) >= 5
    assert [len(p) for p in batches_of_epoch(np.random.default_rng(0), 3, 5)] == [3]
