"""Ask a region: shares here, in a person, in everybody; the interval is over people and covers what it should."""

import numpy as np
import pytest

pytest.importorskip("torch")

from mien.app.local_page.why.region_shares import region_shares
from mien.core.evidence import Evidence
from mien.core.features import NAMED
from mien.core.target import Target


def evidence(values: np.ndarray, subject: np.ndarray) -> Evidence:
    count = len(values)
    return Evidence(
        values=values, space=NAMED, names=tuple(f"measure {i}" for i in range(values.shape[1])), target=Target("smile"),
        method="input-x-gradient", settings={}, sample=np.array([f"{i}.png" for i in range(count)]), subject=subject,
        label=np.array(["smile"] * count), output=np.zeros(count), gap=np.full(count, np.nan),
        status=np.array(["ok"] * count),
    )  # fmt: skip


def test_shares_of_a_face_its_person_and_everybody() -> None:
    values = np.float32([[3, -1], [1, 1], [1, 3], [1, 3]])
    found = {one.name: one for one in region_shares(evidence(values, np.array(["a", "a", "b", "b"])), "0.png")}
    first = found["measure 0"]
    assert (first.here, first.person, first.person_faces) == (0.75, 0.625, 2)
    # Each person weighs the same.
    assert first.everybody.value == pytest.approx((0.625 + 0.25) / 2) and first.everybody.subjects == 2
    assert first.even == 0.5 and first.density == pytest.approx(first.everybody.value / 0.5)


def test_without_people_there_is_no_interval() -> None:
    first = region_shares(evidence(np.float32([[3, 1], [1, 1]]), np.array(["", "a"])), "0.png")[0]
    assert np.isnan([first.person, first.everybody.low, first.everybody.high]).all() and first.everybody.subjects == 0


def test_intervals_over_people_cover_the_mean_share() -> None:
    rng, hits, runs, people, faces = np.random.default_rng(0), 0, 200, 8, 5
    subject = np.repeat([f"p{i}" for i in range(people)], faces)
    for _ in range(runs):
        # People differ, and so do faces of one person; the mean share is 0.4.
        own = np.repeat(0.4 + rng.uniform(-0.2, 0.2, people), faces) + rng.uniform(-0.1, 0.1, people * faces)
        values = np.stack([own, 1 - own], axis=1).astype(np.float32)
        found = next(one for one in region_shares(evidence(values, subject), "0.png") if one.name == "measure 0")
        hits += found.everybody.low <= 0.4 <= found.everybody.high
    assert 0.91 <= hits / runs <= 0.99
