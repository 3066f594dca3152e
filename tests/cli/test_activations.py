"""``mien activations``: a table of layers, the exposure beside it, files that Python reads, bad pictures by name."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

import mien
from mien.cli.main import app
from tests.responses.test_compute import pictures

RUN = CliRunner()


def written(folder: Path, count: int = 4) -> Path:
    samples = pictures(folder, count)
    lines = ["path,source,category"] + [
        f"{path},{who},{what}"
        for path, who, what in zip(samples.path, samples.subject, samples.labels["category"], strict=True)
    ]
    (folder / "samples.csv").write_text("\n".join(lines) + "\n")
    return folder / "samples.csv"


def asked(*words: object) -> tuple[int, str, str]:
    done = RUN.invoke(app, ["activations", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_a_table_of_layers_with_the_exposure_and_a_folder_that_python_reads(tmp_path: Path) -> None:
    table, out = written(tmp_path / "p"), tmp_path / "study" / "activations" / "random"
    options = ("--weights", "random", "--size", 32, "--depth", 2)
    code, said, _ = asked("songnet", table, "-o", out, *options)
    assert code == 0 and "songnet (random, seed 0): it has never seen a face." in said
    found = mien.load_activations(out)
    assert all(layer in said for layer in found.layers) and len(found.layers) == 2
    assert found.samples.labels["category"].tolist() == ["cup", "face", "cup", "face"]
    assert found.samples.subject.tolist() == ["s0", "s0", "s1", "s1"]
    steps = json.loads((tmp_path / "study" / "provenance.json").read_text())
    assert steps["activations random"]["card"]["exposure"] == "none"
    code, said, _ = asked("songnet", table, "-o", out, *options, "--json")
    assert code == 0 and json.loads(said)["answered"] == 4


def test_a_bad_picture_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    table = written(tmp_path / "p")
    (tmp_path / "p" / "2.png").write_text("no picture")
    options = ("--weights", "random", "--size", 32, "--depth", 2)
    code, _, problems = asked("songnet", table, "-o", tmp_path / "out", *options)
    assert code == 1 and "2.png: unreadable" in problems
    assert mien.load_activations(tmp_path / "out").ok.tolist() == [True, True, False, True]


def test_a_layer_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    table = written(tmp_path / "p")
    options = ("--weights", "random", "--size", 32, "--layers", "stage.4")
    code, _, problems = asked("songnet", table, "-o", tmp_path / "out", *options)
    assert code == 2 and "has no layer 'stage.4'" in problems and "features.1" in problems
