"""Evidence of series over time: the moment that a model goes by, its interval over people, its drawings."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from mien.atlas.summary import over_time, summarise
from mien.core.evidence import Evidence
from mien.core.features import SERIES
from mien.core.target import Target
from mien.report.draw.evidence import plots, save_plots
from mien.report.draw.over_time import amounts

NAMES = ("smile", "brow", "present")


def evidence(people: int = 12, steps: int = 40, seed: int = 0, scale: float = 0.1, **more: Any) -> Evidence:
    """Noise everywhere, and in steps 10 to 14 of the first channel evidence for the target."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, scale, (people, steps, 3)).astype(np.float32)
    values[:, 10:15, 0] += 1
    ids = np.array([f"p{i}" for i in range(people)], dtype=object)
    given: dict[str, Any] = {"settings": {"recipe": {"per_second": 2.0}}, "subject": ids, **more}
    return Evidence(
        values=values, space=SERIES, names=NAMES, target=Target("high"), method="integrated-gradients",
        sample=ids, label=np.full(people, "", dtype=object), output=np.zeros(people), gap=np.full(people, np.nan),
        status=np.full(people, "ok", dtype=object), **given,
    )  # fmt: skip


def test_the_planted_moment_has_the_most_evidence() -> None:
    summary = summarise(evidence())
    mean, half = amounts(summary)
    assert set(np.argsort(-mean)[:5]) == {10, 11, 12, 13, 14} and (half > 0).all()
    names, values = over_time(summary)
    assert names == NAMES and values.shape == (3, 40)
    assert np.unravel_index(np.abs(values).argmax(), values.shape)[0] == 0


def test_intervals_hold_the_mean_of_many_people_as_often_as_they_say() -> None:
    truth, _ = amounts(summarise(evidence(people=4000)))
    held = []
    for seed in range(1, 60):
        mean, half = amounts(summarise(evidence(people=8, seed=seed)))
        held += (np.abs(mean - truth) <= half).tolist()
    assert 0.93 < np.mean(held) < 0.97


def test_drawings_say_channels_and_seconds(tmp_path: Path) -> None:
    summary = summarise(evidence())
    assert [path.name for path in save_plots(summary, tmp_path)] == ["amount.svg", "time.svg"]
    for path in tmp_path.iterdir():
        ElementTree.parse(path)
        assert "20 s" in path.read_text(encoding="utf-8")
    assert "over 12 people" in plots(summary)[0].caption


@pytest.mark.parametrize("people, subject", [(3, ["", "", ""]), (1, ["p0"])])
def test_without_several_known_people_there_is_no_interval(people: int, subject: list[str]) -> None:
    summary = summarise(evidence(people, subject=np.array(subject, dtype=object), settings={}))
    assert np.isnan(amounts(summary)[1]).all() and "interval" not in plots(summary)[0].caption
    assert "step 40" in plots(summary)[0].svg
