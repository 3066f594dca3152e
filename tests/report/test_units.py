"""Promise: the report shows units beside both nulls, lesions, and pictures only where they may be shown."""

import dataclasses
from pathlib import Path

import pytest

pytest.importorskip("jinja2")

import numpy as np
from PIL import Image

import mien
from tests.responses.units.test_units import QUICK, answers


def page_of(folder: Path, *, synthetic: bool, **asked) -> str:
    given = answers()
    for path in given.samples.path:
        Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(folder / str(path))
    samples = dataclasses.replace(
        given.samples, root=folder, synthetic=synthetic, name="made up", licence="CC0", credit="nobody"
    )
    given = dataclasses.replace(given, samples=samples)
    mien.units(given, folder / "units/toy", faces="face", beside=answers(0.0), lesions="conv", **QUICK)
    mien.report(folder, **asked)
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_shows_shares_lesions_exposure_and_pictures_of_nobody_with_their_licence(tmp_path: Path) -> None:
    page = page_of(tmp_path, synthetic=True)
    assert "Units that respond more to faces" in page and "it has never seen a face" in page
    assert (
        "Without units of conv" in page and "categories shuffled" in page and "Pictures: made up, CC0, nobody." in page
    )
    assert "data:image/jpeg" in page and page.count("AUC against the share of silent units") == 2
    assert "recognis" not in page.split('id="units"')[1].split("</section>")[0]


def test_pictures_that_may_show_people_are_shown_where_that_is_asked_for(tmp_path: Path) -> None:
    hidden = page_of(tmp_path, synthetic=False)
    assert "data:image/jpeg" not in hidden and "Pictures may show people" in hidden and "face 1.jpg" not in hidden
    mien.report(tmp_path, show_faces=True)
    assert "data:image/jpeg" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_damaged_result_is_a_problem_and_the_page_is_written(tmp_path: Path) -> None:
    mien.units(answers(), tmp_path / "units/toy", faces="face", **QUICK)
    (tmp_path / "units/toy/units.parquet").write_bytes(b"")
    mien.report(tmp_path)
    assert "is not the file that units.json names" in (tmp_path / "report.html").read_text(encoding="utf-8")
