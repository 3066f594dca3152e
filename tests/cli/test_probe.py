"""``mien probe``: from a folder of activations to a table of layers, files that Python reads, and sentences."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

pytest.importorskip("torch")

import mien
from mien.cli.main import app

RUN = CliRunner()


def study(folder: Path) -> Path:
    """Twelve bright and twelve dark pictures, answered by an untrained network."""
    rng, lines = np.random.default_rng(0), ["path,source,category"]
    for number in range(24):
        bright = number % 2
        pixels = rng.integers(0, 90, (32, 32, 3)) + 150 * bright
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,s{number},{'bright' if bright else 'dark'}")
    (folder / "samples.csv").write_text("\n".join(lines) + "\n")
    out = folder / "study/activations/untrained"
    words = ["activations", "songnet", folder / "samples.csv", "-o", out, "--weights", "random", "--size", 32,
             "--depth", 2, "--columns", "subject=source"]  # fmt: skip
    done = RUN.invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    return out


def asked(*words: object) -> tuple[int, str, str]:
    done = RUN.invoke(app, ["probe", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_layers_sets_and_bodies_beside_by_the_command_line(tmp_path: Path) -> None:
    activations, out = study(tmp_path), tmp_path / "study/probes/bright"
    options = ("--faces", "bright", "--beside", "low-level", "--apply", activations, "-o", out, "--n-permutations", 99)
    code, said, problems = asked(activations, *options)
    assert code == 0, problems
    assert "songnet (random, seed 0): it has never seen a face." in said
    assert "Every layer tells them apart by more than chance." in said and "low-level statistics" in said
    assert "AUC by sources of faces" in said and "untrained*" not in said
    found = mien.load_probe(out)
    assert found.own[-1].auc.value == 1 and found.against == ("dark",)
    assert {row.set for row in found.called} == {"", "untrained"}
    steps = json.loads((tmp_path / "study/provenance.json").read_text())
    assert steps["probe bright"]["faces"] == ["bright"]
    code, said, _ = asked(activations, *options, "--json", "--no-curve")
    assert code == 0 and json.loads(said)["best"] == found.best


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    activations = study(tmp_path)
    code, _, problems = asked(activations, "--faces", "brite", "-o", tmp_path / "out")
    assert code == 2 and "Did you mean 'bright'?" in problems
    code, _, problems = asked(tmp_path / "nothing", "--faces", "bright", "-o", tmp_path / "out")
    assert code == 2 and "run 'mien activations' first" in problems
    code, _, problems = asked(activations, "--faces", "bright", "--layers", "conv9", "-o", tmp_path / "out")
    assert code == 2 and "There are: " in problems and not (tmp_path / "out").exists()
