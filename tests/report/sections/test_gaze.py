"""The section on fixations: every map beside baselines and ceiling, and nobody's face or file name unless asked for."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors")
pytest.importorskip("jinja2")

import cv2

import mien


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """A study with fixations around the middle of three photos, one of which has no map."""
    folder = tmp_path_factory.mktemp("study")
    photos = folder / "photos"
    photos.mkdir()
    rng, lines = np.random.default_rng(0), ["picture,viewer,x,y"]
    for name in ("anna", "berta", "carla"):
        cv2.imwrite(str(photos / f"{name}.png"), rng.integers(0, 255, (60, 80, 3), dtype=np.uint8))
        for viewer in ("xaver", "yves", "zoe"):
            at = rng.normal([40, 30], 5, (5, 2))
            lines += [f"{name}.png,{viewer},{x:.1f},{y:.1f}" for x, y in at]
    (folder / "looked.csv").write_text("\n".join(lines))
    maps = {f"{name}.png": rng.normal(size=(60, 80)) for name in ("anna", "berta")}
    mien.gaze(
        folder / "looked.csv", maps={"a model": maps}, pictures=photos, cells=40, output=folder / "study/gaze/mine"
    )
    return folder / "study"


def test_maps_stand_beside_baselines_and_the_ceiling(study: Path) -> None:
    text = mien.report(study).read_text(encoding="utf-8")
    section = text[text.index('<section id="gaze"') :]
    for words in ("a model (absolute)", "centre prior", "contrast and edges", "other viewers", "information gain",
                  "does not say that a model and viewers use them alike"):  # fmt: skip
        assert words in section
    assert "feel" not in section.lower().replace("feelings", "")


def test_captions_say_what_is_shown_without_the_text_around_them(study: Path) -> None:
    text = mien.report(study, show_faces=True).read_text(encoding="utf-8")
    section = text[text.index('<section id="gaze"') :]
    drawn = section[section.index("<figcaption>") : section.index("</figcaption>")]
    for words in ("Normalised scanpath saliency (NSS)", "3 viewers on", "intervals for other viewers and pictures",
                  "Filled dots: maps", "the ceiling"):  # fmt: skip
        assert words in drawn
    assert "2 of 2 pictures with the fixations of viewers (green dots)" in section
    assert section.count("3 viewers on") >= 4


def test_faces_and_names_are_shown_only_where_they_are_asked_for(study: Path) -> None:
    text = mien.report(study).read_text(encoding="utf-8")
    section = text[text.index('<section id="gaze"') : text.index("</section>", text.index('<section id="gaze"'))]
    for name in ("anna", "berta", "carla", "xaver", "yves", "zoe", "<image"):
        assert name not in section
    assert "can show faces; they are drawn with" in section and "picture 3" in section
    shown = mien.report(study, show_faces=True, show_names=True).read_text(encoding="utf-8")
    assert "<image" in shown[shown.index('<section id="gaze"') :] and "carla.png" in shown


def test_a_damaged_result_is_named_and_the_page_is_written(study: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    (copy / "gaze/mine/cells.safetensors").unlink()
    text = mien.report(copy).read_text(encoding="utf-8")
    assert "cells.safetensors is missing" in text and '<section id="gaze"' not in text
