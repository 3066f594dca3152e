"""``mien units`` on pictures and on activations that lie on the disk."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from tests.responses.units.test_lesions import Colours, pictures

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("study")
    mien.activations(Colours(False), pictures(place), place / "activations/colours", layers=["eyes.1", "mix"], size=16)
    return place


def test_units_and_lesions_are_shown_and_stored(folder: Path) -> None:
    words = [
        "units", f"{folder}/activations/colours", "--faces", "face", "--lesions", "all", "--n-permutations", "999",
        "--doses", "0.25", "--beside", f"{folder}/activations/colours", "-o", f"{folder}/units/colours",
    ]  # fmt: skip
    done = RUNNER.invoke(app, words, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    shown = " ".join(done.output.split())
    assert "whether faces were in its training pictures is not known" in shown and "respond more to 'face'" in shown
    assert "silenced: units that respond more, or less, to faces" in shown and "recognis" not in shown
    assert mien.load_units(folder / "units/colours").settings["doses"] == [0.25]
    done = RUNNER.invoke(app, [*words, "--json"])
    assert json.loads(done.stdout)["faces"] == ["face"]


def test_wrong_use_is_one_sentence(folder: Path) -> None:
    done = RUNNER.invoke(app, ["units", str(folder), "--faces", "face", "-o", f"{folder}/units/x"])
    assert done.exit_code == 2 and "holds no activations.json" in done.output
    words = ["units", f"{folder}/activations/colours", "--faces", "fase", "-o", f"{folder}/units/x"]
    done = RUNNER.invoke(app, words)
    assert done.exit_code == 2 and "Did you mean 'face'?" in done.output and "Traceback" not in done.output
