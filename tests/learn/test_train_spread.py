"""Folds that are spread over workers give what one process gives, digit by digit."""

from pathlib import Path

import numpy as np
import pytest

import mien
from mien.learn.train import train
from mien.learn.train_all import train_all

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("people") / "people"
    mien.synthesize(str(place), subjects=6, expressions=("neutral", "smile"), frames=8)
    return place


@pytest.mark.parametrize("model", ["expression", "trees", "landmark-net"])
def test_workers_change_nothing(people: Path, tmp_path: Path, model: str) -> None:
    asked = {"target": "expression", "model": model, "n_folds": 3}
    told: list[tuple[float, int]] = []
    train(people, output=tmp_path / "one", **asked)
    train(people, output=tmp_path / "two", workers=2, progress=lambda *what: told.append(what), **asked)
    for name in ("predictions.parquet", "weights.safetensors"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert told[-1] == (4, 4) and all(np.diff([done for done, _ in told]) >= 0)


def test_another_number_of_workers_is_no_reason_to_train_again(people: Path, tmp_path: Path) -> None:
    asked = {"target": "expression", "model": ["landmark-rvfl"], "n_folds": 2, "output": tmp_path}
    train_all(people, **asked)
    assert train_all(people, workers=2, **asked).kept == ("landmark-rvfl",)
