"""Promise: the report shows a probe with what faces each body has seen, and no names of people."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("jinja2")

import mien
from mien.report.draw.probes import layer_plot
from mien.responses.body_card import BodyCard
from tests.responses.probes.test_probe import made_up
from tests.responses.probes.test_sets import pareidolia


def test_the_page_shows_curve_tables_effects_and_exposure(tmp_path: Path) -> None:
    given = made_up(80)
    other = replace(made_up(80, effects=(0.0, 0.0), seed=5), body=BodyCard("toy", "faces", "", "trained on faces", 32))
    noted = replace(given, samples=replace(given.samples, notes=("'Ann' and 'Anne' may be one person.",)))
    found = mien.probe(
        noted, faces="face", apply=[pareidolia(2.0, 12)], beside=[other], output=tmp_path / "probes/faces"
    )
    mien.report(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Faces told from everything else by a network’s layers" in page and "Ann" not in page
    assert "it has never seen a face" in page and "toy (faces): it was trained on pictures of faces." in page
    assert f"{found.score('layer1').auc.value:.3f} ({found.score('layer1').auc.low:.3f} to" in page
    assert "(made-up pareidolia - scrambled parts), upright - inverted" in page and "Sources of faces" in page
    assert page.count("<svg") and page.count("toy (faces)") >= 3
    assert "may be one person" in found.notes[0]


def test_a_body_with_one_layer_is_a_dashed_line_with_its_band() -> None:
    given = made_up(60)
    one = replace(given, body=BodyCard("flat", "x", "", "none", 32), values={"only": given.layer("layer0")})
    drawn = layer_plot(mien.probe(given, faces="face", beside=[one], curve=False))
    assert 'stroke-dasharray="7 4"' in drawn and "flat (x)" in drawn and drawn.count("<circle") == 2


def test_a_damaged_probe_is_a_problem_and_the_page_is_written(tmp_path: Path) -> None:
    mien.probe(made_up(), faces="face", curve=False, output=tmp_path / "probes/faces")
    (tmp_path / "probes/faces/weights.safetensors").write_bytes(b"")
    mien.report(tmp_path)
    assert "is not the file that probe.json names" in (tmp_path / "report.html").read_text(encoding="utf-8")
