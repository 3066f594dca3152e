"""The whole study of a small made-up film: brain, frames' evidence, fixations during the film, link, report, texts."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.core.files import read_json
from mien.data.streams.store import read_stream
from mien.decoding.result import Decoding

pytest.importorskip("torch")
if find_spec("timm") is None:
    pytest.skip("timm is not installed", allow_module_level=True)


EMOTIONS = "e_happiness,e_fear,e_sadness,e_anger/rage"


def picture_model(folder: Path) -> None:
    """A picture model that learnt bright from dark: what matters here is that it has evidence."""
    from mien.models.picture import PictureClassifier
    from mien.models.store import save_model

    rng = np.random.default_rng(0)
    said = np.array(["bright", "dark"] * 10)
    pictures = rng.uniform(0, 0.3, (20, 3, 32, 32)) + np.where(said == "bright", 0.6, 0.1)[:, None, None, None]
    fitted = PictureClassifier(body="test_resnet", weights="random").fit(pictures.astype(np.float32), said)
    save_model(fitted.model(recipe={"name": "crop", "size": 32}), folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole")
    film, folder = root / "film", root / "study"
    mien.synthesize_film(film, viewers=2, minutes=2, runs=4, parcels=18, response=2.0, seed=2)
    picture_model(root / "model")
    mien.study.new("film", folder, target="", changed={
        "": {"film_strip": True},
        "samples": {"source": str(film / "frames.csv"), "faces": str(film), "target": EMOTIONS},
        "streams": {
            "runs": str(film / "annotations" / "fmri_segments.csv"),
            "annotations": {"emotions": str(film / "annotations" / "emotions_av_1s_events.tsv")},
            "brain": [str(film / "parcels" / "*.csv")],
        },
        "frames": {"model": f"mine={root / 'model'}", "target": "bright"},
        "gaze": {"fixations": str(film / "fixations.csv"), "film": True},
        "decoding": {"model": "lda", "sources": ["brain", "faces"]}, "comparison": {"permutations": 99},
    })  # fmt: skip
    said: list[str] = []
    return film, folder, mien.study.run(folder, say=said.append).read_text(encoding="utf-8"), said


def test_every_part_is_there_and_nothing_is_left_out(study):
    _, folder, _, said = study
    assert not [sentence for sentence in said if "left out" in sentence and "samples" not in sentence]
    for part in ("decoding/portrayed", "brain/portrayed", "gaze/film", "link/emotions-brain", "link/gaze-brain",
                 "link/viewers", "evidence/mine"):  # fmt: skip
        assert (folder / part).is_dir(), part


def test_what_was_planted_is_found_and_evidence_stands_beside_fixations(study):
    film, folder, _, _ = study
    assert Decoding.read(folder / "decoding" / "portrayed").score("brain").p <= 0.05
    planted = read_json(film / "truth.json")["planted"]
    best = mien.load_link(folder / "link" / "emotions-brain").ordered()[0]
    assert best.second in planted[best.first.removeprefix("e_").partition("/")[0]]
    gaze = read_stream(folder / "streams" / "gaze.parquet")
    assert any("mine" in name and name.endswith(" NSS") for name in gaze.columns)
    assert np.isfinite(gaze.column("on faces")).any()
    assert any("mine" in row.first for row in mien.load_link(folder / "link" / "gaze-brain").rows)


def test_the_page_shows_the_strip_as_it_was_asked_for_and_texts_say_all_parts(study, tmp_path):
    _, folder, shown, _ = study
    assert shown.count("data:image/jpeg") >= 40
    assert "data:image/jpeg" not in mien.report(folder).read_text(encoding="utf-8")
    text = mien.methods_text(folder)
    parts = {"Evidence of the brain's decoders", "Streams over time", "Fixations"}
    assert {"Decoding"} | parts <= {heading for heading, _ in text.results}
    assert parts <= {heading for heading, _ in text.methods} and "brain-evidence" not in text.not_worded
    assert "data:image/jpeg" not in mien.figure(folder, "film*", tmp_path / "film.svg").svg
