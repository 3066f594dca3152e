"""Few recordings of a person: a planted deviation is learnt, without one the curve is flat, and nothing leaks."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.learn.adapt import adapt
from mien.learn.adaptation import Adaptation, curve
from mien.learn.adapting import split
from mien.models.adapts import HEAD, REFIT
from mien.models.catalogue import MODELS, trainable

CLASSES = ("calm", "smile")
EXPRESSION = {"model": "expression", "settings": {"strengths": (10.0,)}, "weight": 20}


def people(deviation: float, *, subjects: int = 12, takes: int = 6, seed: int = 0, signal: float = 1.0) -> Samples:
    """Two classes: the signal shows them in everybody alike, the deviation in each person up or down."""
    rng = np.random.default_rng(seed)
    rows, subject, label = [], [], []
    for person in range(subjects):
        own = (-1) ** person * deviation
        for j, name in enumerate(CLASSES):
            for _ in range(takes):
                rows.append(rng.normal(size=4) * 0.5 + np.array([signal, own, 0, 0]) * (2 * j - 1))
                subject.append(f"p{person}")
                label.append(name)
    values = np.array(rows)
    return Samples(
        path=np.array([f"row{i}" for i in range(len(rows))], dtype=object), subject=np.array(subject, dtype=object),
        labels={"class": np.array(label, dtype=object)}, ratings={f"n{i}": column for i, column in enumerate(values.T)},
    )  # fmt: skip


def adapted(samples: Samples, **more: object) -> Adaptation:
    asked: dict[str, object] = {
        "k": (1, 2, 4),
        "repeats": 2,
        "features": "n*",
        "recordings": "path",
        **EXPRESSION,
        **more,
    }
    return adapt(samples, target="class", **asked)  # type: ignore[arg-type]


def test_a_persons_deviation_is_learnt_from_few_recordings() -> None:
    found = adapted(people(1.5, signal=0.3))
    first, last = found.points[0], found.points[-1]
    assert first.value < 0.75 and last.difference > 0.12 and last.p_corrected < 0.05
    assert last.difference_low > 0
    assert [row.k for row in found.points] == [0, 1, 2, 4]


def test_the_curve_is_flat_where_nobody_deviates() -> None:
    found = adapted(people(0.0, signal=0.7))
    assert all(row.difference < 0.05 and row.p_corrected > 0.05 for row in found.points[1:])


def test_noise_stays_at_chance_whatever_is_known_of_the_person() -> None:
    found = adapted(people(0.0, signal=0.0), k=(4,))
    assert all(abs(row.value - 0.5) < 0.15 for row in found.points)
    assert found.points[-1].p > 0.05


def test_the_same_recordings_are_tested_for_every_k_and_none_is_in_both() -> None:
    y = np.repeat(["x", "y"], 12)
    recordings = np.array([f"{name}{i // 2 % 6}" for i, name in enumerate(y)], dtype=object)
    own, test = split(recordings, y, (0, 1, 2, 4), np.random.default_rng(0))
    assert [len(rows) for rows in own] == [0, 4, 8, 16] and len(test) == 8
    assert all(set(own[j]) <= set(own[j + 1]) for j in range(3))
    assert all(not set(recordings[rows]) & set(recordings[test]) for rows in own)


def test_sessions_with_several_classes_are_drawn_whole() -> None:
    y, sessions = np.tile(["x", "y"], 6), np.repeat([f"s{i}" for i in range(6)], 2)
    own, test = split(sessions, y, (0, 2), np.random.default_rng(0))
    assert len(own[1]) == 4 and len(test) == 8
    assert not set(sessions[own[1]]) & set(sessions[test])


def test_people_with_too_few_recordings_are_named_and_only_trained_on() -> None:
    samples = people(0.0)
    few = (samples.subject == "p3") & (np.arange(len(samples)) % 3 > 0)
    found = adapted(samples[~few], k=(4,), repeats=1)
    assert found.left_out == ("p3",) and len(found.people) == 11
    assert found.protocol["trained_on"] == len(samples) - few.sum()
    with pytest.raises(InputError, match=r"the most that somebody has is 6\. Ask for k up to 5"):
        adapted(samples, k=(1, 6))


def test_copies_of_a_recording_are_never_in_adaptation_and_test() -> None:
    samples = people(0.0, takes=3)
    copied = {name: values.copy() for name, values in samples.ratings.items()}
    for values in copied.values():
        values[1:3] = values[0]  # all recordings of the first person's first class are one
    same = Samples(path=samples.path, subject=samples.subject, labels=samples.labels, ratings=copied)
    found = adapted(same, k=(1, 2))
    assert found.left_out == ("p0",)


def test_what_was_written_is_read_and_shown(tmp_path: Path) -> None:
    found = adapted(people(1.5), k=(1,), repeats=1, output=tmp_path / "adaptation" / "mine")
    assert Adaptation.read(tmp_path / "adaptation" / "mine") == found
    (tmp_path / "study.toml").write_text('title = "Few recordings"')
    mien.report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert "Adapted to one person" in page and "say nothing about new people" in page
    assert "recordings per class of the person" in page
    assert "p11" not in page
    (tmp_path / "adaptation" / "mine" / "adaptation.json").write_text('{"format": "other"}')
    with pytest.raises(InputError, match="run it again"):
        Adaptation.read(tmp_path / "adaptation" / "mine")


def test_the_level_of_few_people_has_no_interval_but_their_difference_has() -> None:
    rng = np.random.default_rng(0)
    scores = np.clip(rng.normal([0.6, 0.7], 0.05, (6, 2)), 0, 1)
    first, second = curve((0, 3), scores, [f"p{i}" for i in range(6)])
    assert first.withheld and np.isnan(first.low)
    assert second.difference_low < second.difference < second.difference_high
    assert np.isnan(curve((0, 3), scores[:3], list("abc"))[1].p)


def test_networks_learn_by_their_last_layer_and_others_are_fitted_anew() -> None:
    ways = {name: row.run.adapts for name, row in trainable().items() if row.home}
    assert {ways[name] for name in ("expression", "trees", "picture", "texture", "landmark-rvfl")} == {REFIT}
    assert {ways[name] for name in ("efdnn", "efdnn-lite", "landmark-net", "landmark-gru", "songnet")} == {HEAD}
    assert "landmark-net" in MODELS


def test_a_network_is_adapted_by_its_last_layer_only(tmp_path: Path) -> None:
    mien.synthesize(tmp_path / "people", subjects=4, expressions=("neutral", "smile"), clips=3, frames=8)
    found = adapt(
        f"synthetic:{tmp_path / 'people'}", target="expression", model="landmark-mlp", k=(2,), repeats=1,
        settings={"epochs": 4, "members": 1},
    )  # fmt: skip
    assert "last layer" in found.who() and len(found.people) == 4
