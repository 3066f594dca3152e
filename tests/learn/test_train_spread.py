"""Folds that are spread over workers give what one process gives, digit by digit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.learn.evaluation import Evaluation
from mien.learn.fold_work import FoldOfClasses
from mien.learn.train import train
from mien.learn.train_all import train_all
from mien.learn.train_part import train_part
from tests.handed_over import hand_over

pytest.importorskip("torch")

# What is spread is folds, however much is learnt in them.
LIGHT = {"landmark-net": {"epochs": 2}, "trees": {"n_trees": 20}}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("people") / "people"
    mien.synthesize(str(place), subjects=6, expressions=("neutral", "smile"), frames=8)
    return place


@pytest.mark.parametrize("model", ["expression", "trees", "landmark-net"])
def test_workers_change_nothing(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """Of classes measured, trees and a network; the first by processes, the others handed over as to processes."""
    handed = hand_over(monkeypatch) if model != "expression" else None
    asked = {"target": "expression", "model": model, "n_folds": 3, "settings": LIGHT.get(model)}
    told: list[tuple[float, int]] = []
    train(people, output=tmp_path / "one", **asked)
    train(people, output=tmp_path / "two", workers=2, progress=lambda *what: told.append(what), **asked)
    for name in ("predictions.parquet", "weights.safetensors"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert told[-1] == (4, 4) and all(np.diff([done for done, _ in told]) >= 0)
    assert handed is None or handed.done == 3


def test_another_number_of_workers_is_no_reason_to_train_again(people: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "model": ["landmark-rvfl"], "n_folds": 2, "output": tmp_path}
    train_all(people, **asked)
    assert train_all(people, workers=2, **asked).kept == ("landmark-rvfl",)


@pytest.mark.parametrize(
    "model, more", [("trees", {"noise_check": True}), ("landmark-rvfl", {"beside": "age", "scheme": "grouped"})]
)
def test_parts_come_together_as_one_run(people: Path, tmp_path: Path, model: str, more: dict[str, Any]) -> None:
    samples = mien.read_samples(people)
    if "beside" in more:
        age = np.random.default_rng(0).normal(size=6).repeat(2)
        samples = replace(samples, ratings={**samples.ratings, "age": age})
    asked = {"target": "expression", "model": model, "n_folds": 3, **more}
    train(samples, output=tmp_path / "whole", **asked)
    jobs = [train_part(samples, part=f"{job}/2", output=tmp_path / "parts", **asked) for job in (2, 1)]
    assert jobs[-1].here == jobs[-1].total == 6 and 0 < jobs[0].here < 6
    assert not (tmp_path / "parts" / "model.json").exists()
    kept = sorted((tmp_path / "parts" / "folds").iterdir())
    assert len(kept) == 6
    train(samples, output=tmp_path / "parts", **asked)
    for name in ("predictions.parquet", "weights.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()
    whole, parts = (Evaluation.read(tmp_path / name).to_json() for name in ("whole", "parts"))
    assert {**whole, "cost": {}} == {**parts, "cost": {}}
    assert not (tmp_path / "parts" / "folds").exists()


def test_the_last_run_reads_what_parts_have_fitted_and_computes_the_rest(
    people: Path, tmp_path: Path, monkeypatch
) -> None:
    asked = {"target": "expression", "model": "expression", "n_folds": 3}
    train(people, output=tmp_path / "whole", **asked)
    train_part(people, part="1/1", output=tmp_path / "parts", **asked)
    kept = sorted((tmp_path / "parts" / "folds").iterdir())
    kept[0].write_bytes(kept[0].read_bytes()[:-20])
    fits = []
    real = FoldOfClasses.do
    monkeypatch.setattr(FoldOfClasses, "do", lambda *given: fits.append(1) or real(*given))
    train(people, output=tmp_path / "parts", **asked)
    assert len(fits) == 1
    name = "predictions.parquet"
    assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()


def test_kept_folds_of_other_settings_are_not_taken(people: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "model": "trees", "n_folds": 3, "output": tmp_path / "parts"}
    train_part(people, part="1/1", **asked)
    other = train_part(people, part="1/2", **asked, settings={"leaves": 3})
    assert other.here < 3
    assert train_part(people, part="1/2", **asked).here == 3


def test_a_part_needs_folds_and_a_known_argument(people: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "output": tmp_path / "parts"}
    with pytest.raises(InputError, match="leave evaluate=False away"):
        train_part(people, part="1/2", evaluate=False, **asked)
    with pytest.raises(InputError, match="'3/40'"):
        train_part(people, part="", **asked)
    with pytest.raises(InputError, match="n_folds=3"):
        train_part(people, part="1/2", folds=3, **asked)
    with pytest.raises(TypeError, match="fold"):
        train_part(people, part="1/2", fold=3, **asked)
