"""``mien rsa``: a row per layer, the exposure beside it, files that Python reads, sentences for what does not fit."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")
pytest.importorskip("rsatoolbox")

import mien
from mien.cli.main import app
from tests.responses.test_compute import pictures

RUN = CliRunner()


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    samples = pictures(folder / "p", 8)
    mien.activations("songnet", samples, folder / "activations" / "net", weights="random", size=32, depth=2)
    return folder


def asked(*words: object) -> tuple[int, str, str]:
    done = RUN.invoke(app, ["rsa", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_layers_beside_a_model_with_the_low_level_held_constant(study: Path) -> None:
    out = study / "rsa" / "category"
    code, said, _ = asked(
        study / "activations" / "net", "--models", "category", "--given", "low-level", "--n-permutations", 99, "-o", out
    )
    assert code == 0, said
    assert "it has never seen a face" in said and "partial" in said and "does not show that they" in said
    found = mien.load_rsa(out)
    assert len(found.rows) == 2 and np.isfinite([row.partial for row in found.rows]).all()
    steps = json.loads((study / "provenance.json").read_text())
    assert steps["rsa category"]["references"] == ["category"]
    code, said, _ = asked(study / "activations" / "net", "--models", "category", "--n-permutations", 99, "--json")
    assert code == 0 and json.loads(said)["rows"][0]["reference"] == "category"


def test_what_does_not_fit_is_a_sentence(study: Path) -> None:
    table = study / "m.csv"
    table.write_text(",x,y,z,w\nx,0,1,2,3\ny,1,0,1,2\nz,2,1,0,1\nw,3,2,1,0\n")
    code, _, problem = asked(study / "activations" / "net", "--matrix", table)
    assert code == 2 and "4 of 4 rows match no picture" in " ".join(problem.split())
    code, _, problem = asked(study / "nowhere")
    assert code == 2 and "is no folder of activations" in " ".join(problem.split())
