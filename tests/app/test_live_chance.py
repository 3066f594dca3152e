"""A model that is not shown to predict says so in ``watch`` and ``serve`` too, and calls no mood an expression."""

from __future__ import annotations

import io
import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("skimage")

from PIL import Image

import mien
from mien.app.reading import LiveModel
from mien.core.evidence import DO_NOT
from mien.models.attention.estimator import EfdnnClassifier
from mien.models.attention.model import EfdnnModel
from mien.stats.scores import Score
from tests.app.conftest import Asked
from tests.media import astronaut, write_video

pytestmark = pytest.mark.usefixtures("weights")
CROP = {"name": "crop", "size": 64, "side": 1.8, "eyes_at": 0.2}


@pytest.fixture(scope="module")
def mood() -> EfdnnModel:
    """A network that was hardly trained, on a label that is no expression."""
    x = np.random.default_rng(0).uniform(size=(12, 3, 64, 64)).astype(np.float32)
    fitted = EfdnnClassifier(steps=2, batch_size=6).fit(x, np.array(["calm", "tense"] * 6))
    return fitted.model(name="noise", target="mood", recipe=CROP, feature_names=("red", "green", "blue"))


@pytest.fixture
def at_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model is scored at chance."""
    score = Score(0.48, 0.25, 0.73, 0.5, 0.55, 14)
    found = SimpleNamespace(
        each={"calm": {}, "tense": {}}, predicts="classes", protocol={}, scores={"balanced_accuracy": score}
    )
    monkeypatch.setattr(import_module("mien.app.reading"), "evaluation_beside", lambda model: found)


def test_watch_says_it_at_the_start_on_every_frame_and_in_every_line(
    mood: EfdnnModel, at_chance: None, tmp_path: Path
) -> None:
    pictures = [astronaut(), np.full_like(astronaut(), 90)]
    clip = write_video(tmp_path / "two.mp4", pictures)
    lines: list[dict[str, Any]] = []
    said: list[str] = []
    mien.watch(clip, model=mood, output=tmp_path / "frames", each=lines.append, say=said.append)
    assert said[0].startswith(DO_NOT) and "0.48 (95 % interval 0.25 to 0.73, chance 0.50)" in said[0]
    assert [line["title"] for line in lines] == ["mood", "mood"]
    # Of a frame in which nothing is said, nothing has to be kept from.
    assert lines[0]["caution"].startswith(DO_NOT) and not lines[1]["faces"] and lines[1]["caution"] == ""
    sizes = {Image.open(file).size for file in (tmp_path / "frames").glob("*.jpg")}
    mien.watch(clip, model="rules", output=tmp_path / "rules")
    (plain,) = {Image.open(file).size for file in (tmp_path / "rules").glob("*.jpg")}
    assert len(sizes) == 1 and next(iter(sizes))[1] > plain[1]


def test_serve_says_it_at_the_start_and_with_every_answer(mood: EfdnnModel, at_chance: None, ask: Asked) -> None:
    said: list[str] = []
    body = io.BytesIO()
    Image.fromarray(astronaut()).save(body, "PNG")
    with mien.serve(mood, port=0, wait=False, say=said.append) as server:
        port = int(server.url.rstrip("/").rpartition(":")[2])
        _, _, answer = ask(port, "POST", "/explain", body.getvalue(), Content_Type="image/png")
    found = json.loads(answer)
    assert said[0].startswith(DO_NOT) and found["caution"] == said[0] and found["title"] == "mood, as the model says"


def test_the_rules_and_models_without_scores_are_silent(mood: EfdnnModel) -> None:
    assert LiveModel("rules").caution() == LiveModel(mood).caution() == ""
